"""The workbook: who pays what, by province and fund, the statement of each government, doors, evidence, notes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from suiren import places
from suiren.errors import fail
from suiren.laws.payers import LEVELS
from suiren.laws.schema import EVIDENCE
from suiren.ledger.settle import Result
from suiren.show import phrases
from suiren.show.sheets import Book, Column, Value
from suiren.show.summary import Summary
from suiren.show.texts import fact_text, government, known, population_name, province_name, scheme_about, scheme_name, t

CREATED = datetime(2020, 1, 1, tzinfo=UTC)
"""The date inside the file: fixed, so that the same results give the same bytes."""

MOST_ROWS = 1_000_000


def workbook(path: str | Path, results: Sequence[Result], summary: Summary, lang: str) -> None:
    """Write the workbook of a comparison; amounts in yuan, with the exact fen beside them.

    Raises:
        SuirenError: the statement has more rows than a sheet can hold.
    """
    if summary.statement.height > MOST_ROWS:
        raise fail(
            "E-workbook-rows",
            f"The statement has {summary.statement.height:,} rows.",
            f"A sheet holds {MOST_ROWS:,}.",
            "Settle fewer schemes at once; the ledger as Parquet holds them all.",
        )
    with Book(Path(path), lang, CREATED) as book:
        _overview(book, summary, lang)
        _payers(book, summary, lang)
        _provinces(book, summary, lang)
        _funds(book, summary, lang)
        _statement(book, summary, lang)
        _doors(book, results, summary, lang)
        _evidence(book, summary, lang)
        _notes(book, summary, lang)


def _schemes(summary: Summary, lang: str) -> dict[str, str]:
    return {scheme: scheme_name(scheme, lang) for scheme in summary.schemes}


def _overview(book: Book, summary: Summary, lang: str) -> None:
    names = _schemes(summary, lang)
    told = [phrases.head(summary, lang), *phrases.headline(summary, lang), *phrases.foot(summary, lang)]
    columns = [
        Column(t(lang, "col_population"), 34),
        Column(t(lang, "col_scheme"), 26),
        Column(t(lang, "col_elsewhere"), 16, "count"),
        *(
            Column(t(lang, "col_change_of", what=t(lang, f"level_{level}")), 22, "yuan", fen=False)
            for level in ("centre", "province", "local", "undivided", "governments", "individual")
        ),
    ]
    rows: list[list[Value]] = [
        [
            population_name(row["population"], lang),
            names[row["scheme"]],
            row["elsewhere"],
            *(
                row[f"{level}_fen"]
                for level in ("centre", "province", "local", "undivided", "governments", "individual")
            ),
        ]
        for row in summary.headlines.iter_rows(named=True)
    ]
    book.sheet("overview", columns, rows, told)


def _payers(book: Book, summary: Summary, lang: str) -> None:
    columns = [Column(t(lang, "col_payer"), 20)]
    for scheme, name in _schemes(summary, lang).items():
        columns.append(Column(name, 22, "yuan"))
        if scheme != summary.first:
            columns.append(Column(t(lang, "col_change_of", what=name), 22, "yuan"))
    rows: list[list[Value]] = []
    for level in (*LEVELS, "governments", "total"):
        row: list[Value] = [t(lang, f"level_{level}")]
        for scheme in summary.schemes:
            row.append(summary.amount(scheme, level))
            if scheme != summary.first:
                row.append(summary.change(scheme, level))
        rows.append(row)
    book.sheet("payers", columns, rows)


def _provinces(book: Book, summary: Summary, lang: str) -> None:
    names = _schemes(summary, lang)
    columns = [
        Column(t(lang, "col_scheme"), 26),
        Column(t(lang, "col_code"), 10),
        Column(t(lang, "col_province"), 16),
        Column(t(lang, "col_enrolled"), 15, "count"),
        Column(t(lang, "col_paid"), 22, "yuan"),
        Column(t(lang, "col_change_governments"), 24, "yuan"),
        Column(t(lang, "col_per_head"), 20, "yuan", fen=False),
        Column(t(lang, "level_centre"), 22, "yuan", fen=False),
        Column(t(lang, "col_change_of", what=t(lang, "level_centre")), 22, "yuan", fen=False),
        Column(t(lang, "col_received"), 22, "yuan", fen=False),
        Column(t(lang, "col_receipts"), 22, "yuan", fen=False),
    ]
    fields = (
        "persons",
        "governments_fen",
        "change_fen",
        "per_head_fen",
        "centre_fen",
        "centre_change_fen",
        "received_fen",
        "received_change_fen",
    )
    rows: list[list[Value]] = [
        [
            names[row["scheme"]],
            row["province_code"],
            province_name(row["province_code"], lang),
            *(row[field] for field in fields),
        ]
        for row in summary.provinces.iter_rows(named=True)
    ]
    book.sheet("provinces", columns, rows)


def _funds(book: Book, summary: Summary, lang: str) -> None:
    paying = [level for level in LEVELS if summary.funds[level].cast(pl.Int128).sum()]
    columns = [
        Column(t(lang, "col_fund_code"), 11),
        Column(t(lang, "col_fund"), 24),
        Column(t(lang, "col_province"), 14),
    ]
    by_scheme: dict[str, dict[str, dict[str, int]]] = {}
    for scheme, name in _schemes(summary, lang).items():
        columns += [Column(f"{name} · {t(lang, f'level_{level}')}", 20, "yuan", fen=False) for level in paying]
        columns.append(Column(f"{name} · {t(lang, 'level_total')}", 22, "yuan"))
        if scheme != summary.first:
            columns.append(Column(f"{name} · {t(lang, 'col_change')}", 22, "yuan"))
        found = summary.funds.filter(pl.col("scheme") == scheme)
        by_scheme[scheme] = {row["fund_code"]: row for row in found.iter_rows(named=True)}
    rows: list[list[Value]] = []
    for code in by_scheme[summary.first]:
        place = places.get(code)
        row: list[Value] = [code, place.name(lang), province_name(place.province, lang)]
        for scheme in summary.schemes:
            fen = by_scheme[scheme][code]
            row += [*(fen[level] for level in paying), fen["total_fen"]]
            row += [fen["change_fen"]] if scheme != summary.first else []
        rows.append(row)
    book.sheet("funds", columns, rows, frozen_columns=2)


def _statement(book: Book, summary: Summary, lang: str) -> None:
    names = _schemes(summary, lang)
    columns = [
        Column(t(lang, "col_scheme"), 26),
        Column(t(lang, "col_level"), 16),
        Column(t(lang, "col_government_code"), 14),
        Column(t(lang, "col_government"), 30),
        Column(t(lang, "col_fund_code"), 12),
        Column(t(lang, "col_fund"), 26),
        Column(t(lang, "col_amount"), 22, "yuan"),
    ]
    rows: list[list[Value]] = [
        [
            names[scheme],
            t(lang, f"one_{level}"),
            payer,
            government(level, payer, lang),
            fund,
            places.name(fund, lang),
            fen,
        ]
        for scheme, level, payer, fund, fen in summary.statement.iter_rows()
    ]
    book.sheet("statement", columns, rows)


def _doors(book: Book, results: Sequence[Result], summary: Summary, lang: str) -> None:
    names = _schemes(summary, lang)
    law = results[0].law
    columns = [
        Column(t(lang, "col_scheme"), 26),
        Column(t(lang, "col_answer"), 14),
        Column(t(lang, "col_door"), 18),
        Column(t(lang, "col_missing"), 70),
        Column(t(lang, "col_persons"), 14, "count"),
    ]
    rows: list[list[Value]] = [
        [
            names[row["scheme"]],
            t(lang, f"eligible_{row['eligible']}"),
            known(lang, f"regime_{row['regime'] or 'none'}", str(row["regime"])),
            t(lang, "semicolon").join(fact_text(law, name, lang) for name in row["missing"].split(";") if name),
            row["persons"],
        ]
        for row in summary.answers.iter_rows(named=True)
    ]
    book.sheet("doors", columns, rows, phrases.kept_out(summary, lang))


def _evidence(book: Book, summary: Summary, lang: str) -> None:
    names = _schemes(summary, lang)
    columns = [
        Column(t(lang, "col_scheme"), 26),
        Column(t(lang, "col_item"), 14),
        Column(t(lang, "col_evidence"), 14),
        Column(t(lang, "col_amount"), 22, "yuan"),
        Column(t(lang, "col_share"), 10, "share"),
    ]
    rows: list[list[Value]] = [
        [
            names[row["scheme"]],
            t(lang, f"item_{row['item']}"),
            t(lang, f"grade_{row['evidence']}"),
            row["amount_fen"],
            row["share_bp"],
        ]
        for row in summary.evidence.iter_rows(named=True)
    ]
    book.sheet("evidence", columns, rows)


def _notes(book: Book, summary: Summary, lang: str) -> None:
    keys = ("note_unit", "note_text", "note_change", "note_statement", "note_undivided", "p_doors", "p_assumed")
    schemes = _schemes(summary, lang)
    told = [
        (t(lang, "bracket", what=name, inner=scheme), scheme_about(scheme, lang)) for scheme, name in schemes.items()
    ]
    told += [(t(lang, "col_note"), t(lang, key)) for key in (*keys, "p_limits")]
    told += [(t(lang, f"grade_{grade}"), t(lang, f"grade_says_{grade}")) for grade in EVIDENCE]
    told += [
        (f"{phrases.check_name(name, lang)} · {schemes[scheme]}", phrases.check_value(name, value))
        for scheme, name, value in summary.checks.iter_rows()
    ]
    columns = [Column(t(lang, "col_item"), 38), Column(t(lang, "col_note"), 110)]
    book.sheet("notes", columns, told)


__all__ = ["CREATED", "workbook"]
