"""The report: one page that reads like a policy brief, with pictures, tables, evidence, limits and how to reproduce."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

import polars as pl

from suiren import places
from suiren.laws.payers import GOVERNMENTS, LEVELS
from suiren.laws.schema import EVIDENCE
from suiren.show import phrases, reproduce
from suiren.show.amounts import percent, yuan
from suiren.show.burden import local_burden
from suiren.show.charts import charts, drawn
from suiren.show.page import element, figure, items, page, paragraphs, table, terms
from suiren.show.summary import Summary
from suiren.show.texts import population_name, province_name, scheme_about, scheme_name, scheme_phrase, t


def report(summary: Summary, lang: str, context: Mapping[str, str]) -> str:
    """Return the report as one HTML page; `context` has `command`, and may name `population` and `version`."""
    return page(lang, t(lang, "report_title"), _Report(summary, lang, context).parts())


class _Report:
    """The parts of one report, with figures and tables numbered as they come."""

    def __init__(self, summary: Summary, lang: str, context: Mapping[str, str]) -> None:
        self.summary = summary
        self.lang = lang
        self.context = context
        self.pictures = charts(summary, lang) if summary.settled else {}
        self.figures = count(1)
        self.tables = count(1)
        self.units = summary.units(lang)

    def parts(self) -> list[str]:
        """Return the sections in order: the brief, then how it was made, then the tables."""
        if not self.summary.settled:
            return [self.top(), self.sources(), self.section("h_tables", self.conserved_table())]
        made = [self.top(), self.payers()]
        if self.summary.others:
            made.append(self.provinces())
        made += [self.flows(), self.burden()]
        if self.summary.door_schemes():
            made.append(self.doors())
        return [*made, self.evidence(), self.method(), self.sources(), self.annex()]

    def say(self, key: str, **values: object) -> str:
        """Return a text in the report's language."""
        return t(self.lang, key, **values)

    def name(self, scheme: str) -> str:
        """Return a scheme's name in the report's language."""
        return scheme_name(scheme, self.lang)

    def section(self, key: str, *inner: str) -> str:
        """Return a section under its heading."""
        return "<section>\n" + element("h2", self.say(key)) + "\n" + "\n".join(filter(None, inner)) + "\n</section>"

    def figure(self, name: str) -> str:
        """Return a picture with its number and title as caption."""
        drawing, title, note = drawn(self.pictures[name], self.lang)
        number = self.say("fig", number=next(self.figures))
        return figure(drawing, f"{number}  {title}", note)

    def table(
        self, key: str, heads: list[str], rows: list[list[str]], words: int = 1, sums: int = 0, **values: str
    ) -> str:
        """Return a numbered table."""
        title = self.say(key, **values) if values else self.say(key)
        return table(f"{self.say('tab', number=next(self.tables))}  {title}", heads, rows, words, sums)

    def top(self) -> str:
        """Return title, headline, and the changes at both enrolment levels."""
        population = population_name(self.summary.population, self.lang)
        kicker = element("p", self.say("report_kicker", year=self.summary.year, population=population), "kicker")
        lead = f'<div class="lead">{paragraphs(phrases.headline(self.summary, self.lang))}</div>'
        parts = ["<header>", kicker, element("h1", self.say("report_title")), lead, "</header>"]
        if self.summary.others and self.summary.settled:
            parts.append(self.headlines())
        return "\n".join([*parts, self.compared()])

    def headlines(self) -> str:
        """Return the table of changes at each enrolment level."""
        levels = ("centre", "province", "local", "governments", "individual")
        several = self.summary.headlines["population"].n_unique() > 1
        people = self.say("col_population" if several else "col_people")
        heads = [people, self.say("col_scheme"), *(self.say(f"head_{level}") for level in levels)]
        rows: list[list[str]] = []
        for population in self.summary.headlines["population"].unique(maintain_order=True):
            name = " · ".join(phrases.level_lines(self.summary, population, self.lang))
            found = self.summary.headlines.filter(
                (pl.col("population") == population) & (pl.col("scheme") != self.summary.first)
            )
            for number, row in enumerate(found.iter_rows(named=True)):
                changes = [self.units.amount(row[f"{level}_fen"], signed=True) for level in levels]
                rows.append(["" if number else name, self.name(row["scheme"]), *changes])
        return self.table(
            "t_headlines", heads, rows, words=2, first=self.name(self.summary.first), unit=self.units.money_name
        )

    def compared(self) -> str:
        """Return what each scheme does."""
        pairs: list[tuple[str, str]] = []
        seen: list[str] = []
        for scheme in self.summary.schemes:
            pairs.append((self.name(scheme), scheme_about(scheme, self.lang, seen)))
            seen.append(scheme.partition(":")[0])
        return self.section("h_compared", terms(pairs))

    def payers(self) -> str:
        """Return the picture of payers by scheme."""
        summary, lang = self.summary, self.lang
        governments = summary.amount(summary.first, "governments")
        shares = {
            level: phrases.share(summary.amount(summary.first, level), governments) for level in ("centre", "province")
        }
        told = [
            self.say("p_payers", first=scheme_phrase(summary.first, lang), **shares),
            phrases.both_effects(summary, lang),
        ]
        told.append(phrases.same_centre(summary, lang))
        return self.section("h_payers", self.figure("payers"), paragraphs(told))

    def provinces(self) -> str:
        """Return the picture of provinces."""
        told = [self.say("p_provinces"), phrases.ends(self.summary, self.lang)]
        return self.section("h_provinces", self.figure("provinces"), paragraphs(told))

    def flows(self) -> str:
        """Return the heat table of payers by region of the fund."""
        told = [self.say("p_flows"), phrases.central_flows(self.summary, self.lang)]
        return self.section("h_flows", self.figure("flows"), paragraphs(told))

    def burden(self) -> str:
        """Return what one migrant costs three places."""
        return self.section("h_burden", self.figure("burden"), paragraphs([self.say("p_burden")]))

    def doors(self) -> str:
        """Return who may enrol away from home, and who was kept out."""
        told = [self.say("p_doors"), *phrases.kept_out(self.summary, self.lang)]
        return self.section("h_doors", self.figure("doors"), paragraphs(told))

    def annex(self) -> str:
        """Return the tables: payers, the three places, the sums of each run, provinces."""
        made = [self.payers_table(), self.burden_table()]
        made += [paragraphs([self.say("p_conserved")]), self.conserved_table()]
        made += [self.provinces_table()] if self.summary.others else []
        return self.section("h_tables", *made)

    def payers_table(self) -> str:
        """Return what each payer pays under each scheme, with the change."""
        summary = self.summary
        heads = [self.say("col_payer")]
        for scheme in summary.schemes:
            heads += [self.name(scheme)] if scheme == summary.first else [self.name(scheme), self.say("col_change")]
        paying = [level for level in LEVELS if any(summary.amount(scheme, level) for scheme in summary.schemes)]
        rows: list[list[str]] = []
        for level in (*paying, "governments", "total"):
            row = [self.say(f"level_{level}")]
            for scheme in summary.schemes:
                row.append(self.units.amount(summary.amount(scheme, level)))
                if scheme != summary.first:
                    row.append(self.units.amount(summary.change(scheme, level), signed=True))
            rows.append(row)
        return self.table("t_payers", heads, rows, sums=2, unit=self.units.money_name)

    def provinces_table(self) -> str:
        """Return the change of what each province's governments pay, in all and a head."""
        heads = [self.say("col_province")]
        for scheme in self.summary.others:
            heads += [self.name(scheme), self.say("col_a_head")]
        columns = ("scheme", "province_code", "change_fen", "per_head_fen")
        found = {(scheme, place): both for scheme, place, *both in self.summary.provinces.select(columns).iter_rows()}
        rows: list[list[str]] = []
        for code in self.summary.changing():
            row = [province_name(code, self.lang)]
            for scheme in self.summary.others:
                change, head = found[scheme, code]
                row += [self.units.amount(change, signed=True), yuan(head, signed=True)]
            rows.append(row)
        return self.table("t_provinces", heads, rows, unit=self.units.money_name)

    def burden_table(self) -> str:
        """Return what each government pays for one person of 65 in three places."""
        frame = self.summary.burden
        levels = [level for level in GOVERNMENTS if frame.filter(pl.col("payer_level") == level)["amount_fen"].sum()]
        names = [self.say(f"one_{level}") for level in levels]
        heads = [self.say("col_fund"), self.say("col_person"), *names, self.say("col_local_share")]
        rows: list[list[str]] = []
        for row in local_burden(frame).iter_rows(named=True):
            same = (pl.col("place_code") == row["place_code"]) & (pl.col("side") == row["side"])
            fen = dict(frame.filter(same).select("payer_level", "amount_fen").iter_rows())
            place = places.name(row["place_code"], self.lang) if row["side"] == "local" else ""
            amounts = [yuan(fen[level]) for level in levels]
            rows.append([place, self.say(f"side_{row['side']}"), *amounts, percent(row["share_bp"])])
        return self.table("t_burden", heads, rows, words=2)

    def evidence(self) -> str:
        """Return how much money rests on what, and what is assumed."""
        summary = self.summary
        told = phrases.evidence(summary, self.lang)
        told += [self.say("line_modelled")] if summary.modelled else []
        told.append(self.say("p_assumed"))
        if any(scheme.startswith("risk-adjusted") and "weights=" not in scheme for scheme in summary.schemes):
            told.append(self.say("p_points"))
        grades = summary.grades()
        heads = [self.say("col_scheme"), *(self.say(f"grade_{grade}") for grade in grades)]
        rows = [
            [
                self.name(scheme),
                *(percent(summary.share_of(scheme, "subsidy", grade, figures=True)) for grade in grades),
            ]
            for scheme in summary.schemes
        ]
        legend = self.say("semicolon").join(
            f"{self.say(f'grade_{g}')}{self.say('colon')}{self.say(f'grade_says_{g}')}" for g in EVIDENCE
        )
        return self.section(
            "h_evidence", paragraphs(told), self.table("t_evidence", heads, rows), paragraphs([legend], "small")
        )

    def method(self) -> str:
        """Return how amounts are made and what they cannot say."""
        told = [self.say("p_method", year=self.summary.year), self.say("p_limits")]
        told += [self.say("p_population")] if self.summary.population.startswith("china-2020") else []
        return self.section("h_method", items(told))

    def sources(self) -> str:
        """Return the sources, the command, and three lines of Python."""
        return self.section(
            "h_sources",
            paragraphs([self.say("p_sources", year=self.summary.year), self.say("p_reproduce")]),
            element("pre", self.context.get("command", reproduce.command(self.summary))),
            paragraphs([self.say("p_reproduce_python")]),
            element("pre", reproduce.python(self.summary, self.context.get("population", self.summary.population))),
        )

    def conserved_table(self) -> str:
        """Return the sums of each run."""
        heads = [self.say("col_check"), *(self.name(scheme) for scheme in self.summary.schemes)]
        found = {(scheme, name): int(value) for scheme, name, value in self.summary.checks.iter_rows()}
        rows: list[list[str]] = []
        for name in dict.fromkeys(self.summary.checks["name"].to_list()):
            values = (phrases.check_value(name, found.get((scheme, name), 0)) for scheme in self.summary.schemes)
            rows.append([phrases.check_name(name, self.lang), *values])
        return self.table("t_conserved", heads, rows)


__all__ = ["report"]
