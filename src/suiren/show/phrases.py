"""Sentences made from a summary, used by terminal, report and workbook."""

from __future__ import annotations

import polars as pl

from suiren.laws.schema import EVIDENCE
from suiren.money import yuan
from suiren.show.amounts import percent, share_bp
from suiren.show.summary import Summary
from suiren.show.sums import REGIONS
from suiren.show.texts import known, population_name, province_name, scheme_name, scheme_phrase, t
from suiren.show.units import Units


def head(summary: Summary, lang: str) -> str:
    """Return one line: year, population, how many are insured."""
    units = summary.units(lang)
    return t(
        lang,
        "head_terminal",
        year=summary.year,
        population=population_name(summary.population, lang),
        persons=units.count(summary.persons),
        unit=units.persons_name,
    )


def level_lines(summary: Summary, population: str, lang: str) -> list[str]:
    """Return the name of an enrolment level, and how many are insured away from home at it."""
    row = summary.headlines.filter((pl.col("population") == population) & (pl.col("scheme") == summary.first))
    names = {"china-2020": "level_table3", "china-2020 (table2)": "level_table2"}
    name = t(lang, names[population]) if population in names else population
    return [name, t(lang, "level_elsewhere", count=summary.units(lang).counted(int(row["elsewhere"][0])))]


def enrolment(summary: Summary, scheme: str, lang: str) -> str:
    """Return where people are taken to enrol under a scheme."""
    return t(lang, f"enrol_{summary.counts.filter(pl.col('scheme') == scheme)['enrol'][0]}")


def kept_out(summary: Summary, lang: str) -> list[str]:
    """Return for each scheme with today's doors how many were shut out, paid in full, or were not decided."""
    counted = summary.units(lang).counted
    told: list[str] = []
    for row in summary.counts.filter("doors_in_force").iter_rows(named=True):
        names = [name for name in ("kept_out", "full_cost", "facts_missing", "no_source") if row[name]]
        parts = t(lang, "semicolon").join(t(lang, f"line_{name}", count=counted(row[name])) for name in names)
        if parts:
            told.append(f"{scheme_name(row['scheme'], lang)}{t(lang, 'colon')}{parts}{t(lang, 'stop').rstrip()}")
    return told


def foot(summary: Summary, lang: str) -> list[str]:
    """Return the closing lines: the centre's neutrality where it holds, conservation, what the population is."""
    lines = [same_centre(summary, lang), conserved(summary, lang)]
    if summary.modelled and summary.settled:
        lines.append(evidence(summary, lang)[1])
    return [line for line in lines if line]


def same_centre(summary: Summary, lang: str) -> str:
    """Return that two portable schemes that enrol differently cost the centre the same fen; else an empty text."""
    portable = [scheme for scheme in summary.schemes if summary.settled and scheme.partition(":")[0] == "portable"]
    for one in portable:
        for other in portable[portable.index(one) + 1 :]:
            same = summary.amount(one, "centre") == summary.amount(other, "centre")
            if same and enrolment(summary, one, lang) != enrolment(summary, other, lang):
                return t(
                    lang,
                    "line_same_centre",
                    one=scheme_name(one, lang),
                    other=scheme_name(other, lang),
                    amount=yuan(summary.amount(one, "centre")),
                    unit=t(lang, "unit_yuan"),
                )
    return ""


def conserved(summary: Summary, lang: str) -> str:
    """Return the sums of the first scheme that were held against each other."""
    rows = summary.checks.filter(pl.col("scheme") == summary.first)
    value = {name: int(number) for name, number in rows.select("name", "value").iter_rows()}
    return t(
        lang,
        "line_conserved",
        schemes=len(summary.schemes),
        scheme=scheme_name(summary.first, lang),
        persons=f"{value['persons_in']:,}",
        settled=f"{value['persons_settled']:,}",
        covered=f"{value['persons_employee_covered']:,}",
        contribution=yuan(value["contribution_fen"]),
        subsidy=yuan(value["subsidy_fen"]),
    )


def share(part: int, whole: int) -> str:
    """Return part / whole as a percentage."""
    return percent(share_bp(part, whole))


def check_name(name: str, lang: str) -> str:
    """Return the name of a sum that a run checks, with its unit."""
    unit = "unit_yuan" if name.endswith("_fen") else "unit_heads"
    return t(lang, "bracket", what=known(lang, f"check_{name}", name), inner=t(lang, unit))


def check_value(name: str, value: int) -> str:
    """Return the value of a sum that a run checks: yuan with two decimals, or persons."""
    return yuan(value) if name.endswith("_fen") else f"{value:,}"


def evidence(summary: Summary, lang: str) -> list[str]:
    """Return on what the subsidy of the first scheme rests: the law's figures, then people too."""
    first = summary.first
    figures = {grade: percent(summary.share_of(first, "subsidy", grade, figures=True)) for grade in EVIDENCE}
    del figures["modelled"]
    whole = {
        "assumed": percent(summary.share_of(first, "subsidy", "assumed")),
        "modelled": percent(summary.share_of(first, "subsidy", "modelled")),
        "better": percent(summary.share_of(first, "subsidy", *EVIDENCE[:3])),
    }
    name = scheme_phrase(first, lang)
    return [t(lang, "p_evidence", scheme=name, **figures), t(lang, "p_evidence_people", **whole)]


def both_effects(summary: Summary, lang: str) -> str:
    """Return that changes hold open doors too, where the first scheme keeps today's doors and shuts people out."""
    kept = summary.count(summary.first, "kept_out")
    closed = set(summary.counts.filter("doors_in_force")["scheme"].to_list())
    if not kept or not any(scheme not in closed for scheme in summary.others):
        return ""
    return t(
        lang,
        "p_doors_closed",
        scheme=scheme_name(summary.first, lang),
        kept=summary.units(lang).counted(kept),
    )


def central_flows(summary: Summary, lang: str) -> str:
    """Return for each reform how much central money the funds of each region gain or lose; empty without a reform."""
    centre = summary.flows.filter(pl.col("payer_level") == "centre")
    fen = {(scheme, region): amount for scheme, _, region, amount in centre.iter_rows()}
    units = summary.units(lang)
    told = [
        t(
            lang,
            "p_central_flows",
            scheme=scheme_name(scheme, lang),
            **{r: units.amount(fen[scheme, r] - fen[summary.first, r], signed=True) for r in REGIONS},
        )
        for scheme in summary.others
    ]
    return joined([t(lang, "p_central_flows_head", unit=units.money_name), *told], lang) if told else ""


def ends(summary: Summary, lang: str) -> str:
    """Return for each further reform the province whose governments save most, and the one that pays most more."""
    told: list[str] = []
    for scheme in summary.others[1:]:
        sides = {side: movers_told(summary, scheme, side, lang) for side in ("less", "more")}
        if all(sides.values()):
            values = {side: parts[0] for side, parts in sides.items()}
            told.append(t(lang, "p_provinces_scheme", scheme=scheme_name(scheme, lang), **values))
    return joined([t(lang, "p_provinces_head", unit=summary.units(lang).money_name), *told], lang) if told else ""


def movers_told(summary: Summary, scheme: str, side: str, lang: str) -> list[str]:
    """Return the provinces on one side with their amounts: "上海 −2.80", "福建 −1.62"."""
    rows = summary.movers.filter((pl.col("scheme") == scheme) & (pl.col("side") == side))
    units = summary.units(lang)
    return [
        f"{province_name(code, lang)} {units.amount(fen, signed=True)}"
        for code, fen in rows.select("province_code", "change_fen").iter_rows()
    ]


def joined(sentences: list[str], lang: str) -> str:
    """Return sentences as one paragraph."""
    return gap(lang).join(sentences)


def gap(lang: str) -> str:
    """Return what stands between two sentences."""
    return "" if lang == "zh" else " "


def more_less(fen: int, units: Units) -> str:
    """Return "多付9.70亿元", "0.97 bn yuan more", that the change is too small to tell, or that there is none."""
    if not fen:
        return t(units.lang, "same")
    amount = units.amount(abs(fen))
    if any(digit in amount for digit in "123456789"):
        return t(units.lang, "more" if fen > 0 else "less", amount=amount, unit=units.money_name)
    return t(units.lang, "hardly", unit=units.money_name)


def headline(summary: Summary, lang: str) -> list[str]:
    """Return the sentences that sum up the comparison: the first reform at each enrolment level, then the others."""
    if not summary.settled:
        return [t(lang, "nothing_settled")]
    if not summary.others:
        return [_headline_of_one(summary, lang)]
    units = summary.units(lang)
    first, main = (scheme_phrase(scheme, lang) for scheme in summary.schemes[:2])
    parts: list[str] = []
    rows = summary.headlines.filter(pl.col("scheme") == summary.others[0])
    for number, row in enumerate(rows.iter_rows(named=True)):
        values = {name: more_less(row[f"{name}_fen"], units) for name in ("centre", "province", "local")}
        level = _level_at(row["population"], units.counted(row["elsewhere"]), lang)
        key = "headline_level" if number else "headline"
        parts.append(t(lang, key, level=level, first=first, scheme=main, **values))
    stop = t(lang, "stop").rstrip()
    others = [_headline_of_other(summary, scheme, lang) + stop for scheme in summary.others[1:]]
    return [*(part + stop for part in parts), *([joined(others, lang)] if others else [])]


def _headline_of_one(summary: Summary, lang: str) -> str:
    units = summary.units(lang)
    amounts = {name: units.amount(summary.amount(summary.first, name)) for name in ("centre", "province", "local")}
    return (
        t(
            lang,
            "headline_one",
            scheme=scheme_phrase(summary.first, lang),
            amount=units.amount(summary.amount(summary.first, "governments")),
            unit=units.money_name,
            **amounts,
        )
        + t(lang, "stop").rstrip()
    )


def _headline_of_other(summary: Summary, scheme: str, lang: str) -> str:
    rows = summary.headlines.filter(pl.col("scheme") == scheme)["governments_fen"].to_list()
    units = summary.units(lang)
    changes = more_less(rows[0], units)
    changes += "".join(t(lang, "headline_low", change=more_less(fen, units)) for fen in rows[1:])
    return t(lang, "headline_other", scheme=scheme_phrase(scheme, lang), changes=changes)


def _level_at(population: str, count: str, lang: str) -> str:
    keys = {"china-2020": "level_at_table3", "china-2020 (table2)": "level_at_table2"}
    return t(lang, keys.get(population, "level_at_other"), name=population, count=count)


__all__ = [
    "conserved",
    "enrolment",
    "foot",
    "head",
    "headline",
    "kept_out",
    "level_lines",
    "more_less",
    "same_centre",
]
