"""A comparison on a terminal: at most some sixty lines of a hundred columns, readable without colours."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from suiren.laws.payers import LEVELS
from suiren.show import phrases
from suiren.show.amounts import percent
from suiren.show.doors import DOORS
from suiren.show.explanation import explanation
from suiren.show.lines import add_row, fits, fitting, grid, say, wrapped
from suiren.show.summary import Summary
from suiren.show.texts import scheme_name, t

HEAD_COLUMNS = 14
"""Columns of a scheme's name above its figures; a longer one takes more lines."""


def comparison(console: Console, summary: Summary, lang: str, where: str = "") -> None:
    """Print who pays what under each scheme and what changes; `where` says where the files are."""
    say(console, phrases.head(summary, lang), style="bold")
    if summary.settled:
        _settled(console, summary, lang)
    else:
        say(console, t(lang, "nothing_settled"))
    console.print()
    for sentence in (*phrases.kept_out(summary, lang), *phrases.foot(summary, lang)):
        say(console, sentence)
    if where:
        say(console, t(lang, "line_files", where=where))


def _settled(console: Console, summary: Summary, lang: str) -> None:
    for table in _payers_tables(console, summary, lang):
        console.print(table)
        console.print()
    if summary.others:
        console.print(_headlines(summary, lang))
        console.print()
        console.print(_movers(summary, lang, console.width))
        console.print()
    if summary.door_schemes():
        console.print(_doors(summary, lang))
        console.print()
    console.print(_evidence(summary, lang))


def _payers_tables(console: Console, summary: Summary, lang: str) -> list[Table]:
    """Return the payers beside the first scheme and as many others as fit; the rest in further tables."""
    unit = summary.units(lang).money_name
    if not summary.others:
        return [_payers(summary, summary.schemes, lang, t(lang, "bracket", what=t(lang, "h_payers"), inner=unit))]
    made: list[Table] = []
    rest = summary.others
    while rest:
        title = "" if made else t(lang, "head_payers", unit=unit, first=scheme_name(summary.first, lang))
        sizes = range(len(rest), 0, -1)
        tables = ((size, _payers(summary, (summary.first, *rest[:size]), lang, title)) for size in sizes)
        size, table = next(pair for pair in tables if pair[0] == 1 or fits(console, pair[1]))
        made.append(table)
        rest = rest[size:]
    return made


def _payers(summary: Summary, schemes: Sequence[str], lang: str, title: str) -> Table:
    units = summary.units(lang)
    heads = [t(lang, "col_payer")]
    for scheme in schemes:
        heads.append("\n".join(wrapped(scheme_name(scheme, lang), HEAD_COLUMNS)))
        if scheme != summary.first:
            heads.append(t(lang, "col_change"))
    table = grid(title, heads)
    paying = [level for level in LEVELS if any(summary.amount(scheme, level) for scheme in summary.schemes)]
    for level in (*paying, "governments", "total"):
        cells = [t(lang, f"level_{level}")]
        for scheme in schemes:
            cells.append(units.amount(summary.amount(scheme, level)))
            if scheme != summary.first:
                cells.append(units.amount(summary.change(scheme, level), signed=True))
        add_row(
            table, *cells, end_section=[level] == paying[-1:], style="bold" if level in {"governments", "total"} else ""
        )
    return table


def _headlines(summary: Summary, lang: str) -> Table:
    units = summary.units(lang)
    levels = ("centre", "province", "local", "governments", "individual")
    several = summary.headlines["population"].n_unique() > 1
    first = t(lang, "col_population" if several else "col_people")
    heads = [first, t(lang, "col_scheme"), *(t(lang, f"head_{level}") for level in levels)]
    title = t(lang, "head_headlines" if several else "head_changes", unit=units.money_name)
    table = grid(title, heads, left=2)
    for population in summary.headlines["population"].unique(maintain_order=True):
        rows = summary.headlines.filter((pl.col("scheme") != summary.first) & (pl.col("population") == population))
        left = phrases.level_lines(summary, population, lang)
        for number, row in enumerate(rows.iter_rows(named=True)):
            changes = [units.amount(row[f"{level}_fen"], signed=True) for level in levels]
            name = left[number] if number < len(left) else ""
            add_row(table, name, scheme_name(row["scheme"], lang), *changes)
    return table


def _movers(summary: Summary, lang: str, width: int) -> Table:
    table = grid(t(lang, "head_movers", unit=summary.units(lang).money_name), ["", "", ""], left=3)
    table.show_header = False
    names = [scheme_name(scheme, lang) for scheme in summary.others]
    room = width - max(map(cell_len, names)) - cell_len(t(lang, "pays_more")) - 6
    for scheme, name in zip(summary.others, names, strict=True):
        for side in ("less", "more"):
            told = fitting(phrases.movers_told(summary, scheme, side, lang), room) or t(lang, "nobody")
            add_row(table, name if side == "less" else "", t(lang, f"pays_{side}"), told)
    return table


def _doors(summary: Summary, lang: str) -> Table:
    units = summary.units(lang)
    schemes = summary.door_schemes()
    heads = [t(lang, "col_door"), *(phrases.enrolment(summary, scheme, lang) for scheme in schemes)]
    table = grid(t(lang, "head_doors", unit=units.persons_name), heads)
    found = {(scheme, door): count for scheme, door, count in summary.doors.iter_rows()}
    for door in DOORS:
        if any(found[scheme, door] for scheme in schemes):
            add_row(table, t(lang, f"door_{door}"), *(units.count(found[scheme, door]) for scheme in schemes))
    return table


def _evidence(summary: Summary, lang: str) -> Table:
    grades = summary.grades()
    heads = [t(lang, "col_scheme"), *(t(lang, f"grade_{grade}") for grade in grades)]
    table = grid(t(lang, "head_evidence"), heads)
    for scheme in summary.schemes:
        shares = [percent(summary.share_of(scheme, "subsidy", grade, figures=True)) for grade in grades]
        add_row(table, scheme_name(scheme, lang), *shares)
    return table


__all__ = ["comparison", "explanation"]
