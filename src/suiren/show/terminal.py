"""A comparison on a terminal: at most some sixty lines of a hundred columns, readable without colours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from suiren.laws.payers import LEVELS
from suiren.laws.schema import EVIDENCE
from suiren.show import phrases
from suiren.show.amounts import large, percent, persons
from suiren.show.doors import DOORS
from suiren.show.explanation import explanation
from suiren.show.lines import add_row, fitting, grid, say
from suiren.show.summary import Summary
from suiren.show.texts import scheme_name, t

SCHEMES_A_TABLE = 3
"""How many schemes stand beside the first in one table of a hundred columns."""


def comparison(console: Console, summary: Summary, lang: str, where: str = "") -> None:
    """Print who pays what under each scheme and what changes; `where` says where the files are."""
    unit = t(lang, "unit_large")
    say(console, phrases.head(summary, lang), style="bold")
    if summary.others:
        for number, block in enumerate(_blocks(summary.others)):
            title = t(lang, "head_payers", unit=unit, first=scheme_name(summary.first, lang))
            console.print(_payers(summary, (summary.first, *block), lang, title if not number else ""))
        console.print()
        console.print(_headlines(summary, lang))
        console.print()
        console.print(_movers(summary, lang, console.width))
    else:
        title = t(lang, "bracket", what=t(lang, "h_payers"), inner=unit)
        console.print(_payers(summary, summary.schemes, lang, title))
    if summary.door_schemes():
        console.print()
        console.print(_doors(summary, lang))
    console.print()
    console.print(_evidence(summary, lang))
    console.print()
    for sentence in (*phrases.kept_out(summary, lang), *phrases.foot(summary, lang)):
        say(console, sentence)
    if where:
        say(console, t(lang, "line_files", where=where))


def _blocks(schemes: Sequence[str]) -> Iterable[tuple[str, ...]]:
    for start in range(0, len(schemes), SCHEMES_A_TABLE):
        yield tuple(schemes[start : start + SCHEMES_A_TABLE])


def _payers(summary: Summary, schemes: Sequence[str], lang: str, title: str) -> Table:
    heads = [t(lang, "col_payer")]
    for scheme in schemes:
        heads.append(scheme_name(scheme, lang))
        if scheme != summary.first:
            heads.append(t(lang, "col_change"))
    table = grid(title, heads)
    paying = [level for level in LEVELS if any(summary.amount(scheme, level) for scheme in summary.schemes)]
    for level in (*paying, "governments", "total"):
        cells = [t(lang, f"level_{level}")]
        for scheme in schemes:
            cells.append(large(summary.amount(scheme, level), lang))
            if scheme != summary.first:
                cells.append(large(summary.change(scheme, level), lang, signed=True))
        add_row(
            table, *cells, end_section=[level] == paying[-1:], style="bold" if level in {"governments", "total"} else ""
        )
    return table


def _headlines(summary: Summary, lang: str) -> Table:
    levels = ("centre", "province", "local", "governments", "individual")
    heads = [t(lang, "col_population"), t(lang, "col_scheme"), *(t(lang, f"head_{level}") for level in levels)]
    table = grid(t(lang, "head_headlines", unit=t(lang, "unit_large")), heads, left=2)
    for population in summary.headlines["population"].unique(maintain_order=True):
        rows = summary.headlines.filter((pl.col("scheme") != summary.first) & (pl.col("population") == population))
        left = phrases.level_lines(summary, population, lang)
        for number, row in enumerate(rows.iter_rows(named=True)):
            changes = [large(row[f"{level}_fen"], lang, signed=True) for level in levels]
            name = left[number] if number < len(left) else ""
            add_row(table, name, scheme_name(row["scheme"], lang), *changes)
    return table


def _movers(summary: Summary, lang: str, width: int) -> Table:
    table = grid(t(lang, "head_movers", unit=t(lang, "unit_large")), ["", "", ""], left=3)
    table.show_header = False
    names = [scheme_name(scheme, lang) for scheme in summary.others]
    room = width - max(map(cell_len, names)) - cell_len(t(lang, "pays_more")) - 6
    for scheme, name in zip(summary.others, names, strict=True):
        for side in ("less", "more"):
            told = fitting(phrases.movers_told(summary, scheme, side, lang), room) or t(lang, "nobody")
            add_row(table, name if side == "less" else "", t(lang, f"pays_{side}"), told)
    return table


def _doors(summary: Summary, lang: str) -> Table:
    schemes = summary.door_schemes()
    heads = [t(lang, "col_door"), *(phrases.enrolment(summary, scheme, lang) for scheme in schemes)]
    table = grid(t(lang, "head_doors", unit=t(lang, "unit_persons")), heads)
    found = {(scheme, door): count for scheme, door, count in summary.doors.iter_rows()}
    for door in DOORS:
        if any(found[scheme, door] for scheme in schemes):
            add_row(table, t(lang, f"door_{door}"), *(persons(found[scheme, door], lang) for scheme in schemes))
    return table


def _evidence(summary: Summary, lang: str) -> Table:
    heads = [t(lang, "col_scheme"), *(t(lang, f"grade_{grade}") for grade in EVIDENCE)]
    table = grid(t(lang, "head_evidence"), heads)
    for scheme in summary.schemes:
        shares = [percent(summary.share_of(scheme, "subsidy", grade, figures=True)) for grade in EVIDENCE]
        add_row(table, scheme_name(scheme, lang), *shares)
    return table


__all__ = ["comparison", "explanation"]
