"""Writes a study into a folder: items, tables as CSV, Markdown and Excel, figures, a short page, the manifest last."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from suiren.ledger.write import MANIFEST, replaced, write_manifest
from suiren.show import charts, page
from suiren.show.sheets import FORMATS
from suiren.studies.shown import (
    ITEM_COLUMNS,
    as_number,
    cell,
    columns,
    item_heads,
    item_rows,
    note,
    page_table,
    sheet_names,
    title,
)
from suiren.studies.study import Item, Study
from suiren.studies.words import word

CREATED = datetime(2020, 1, 1, tzinfo=UTC)
"""The date inside the workbook: no clock enters a result."""

WIDEST = 60
SHEET_NAME = 31
"""Characters that Excel allows in the name of a sheet."""

A4 = 9
"""The number of the paper size."""

GROUPED = 10_000
"""From here on whole numbers stand in groups of three."""

WIDE_FROM = 0x2E7F
"""Letters after this one are as wide as two others."""


def write(target: Path, study: Study, lang: str, english: Callable[[], Study], facts: dict[str, Any]) -> bool:
    """Write the study into `target`, whole or not at all; return whether the pictures show Chinese characters.

    Without a Chinese font the PNG pictures are those of `english`, whose place names are romanised.

    Raises:
        SuirenError: `target` may not be replaced.
    """
    with replaced(target) as folder:
        items_table(study, lang).write_csv(folder / "items.csv")
        (folder / "tables").mkdir()
        for table in study.tables:
            table.frame.write_csv(folder / "tables" / f"{table.id}.csv")
        readable = _write_figures(folder / "figures", study, lang, english)
        notes = [] if readable else [word(lang, "no_font")]
        (folder / "study.md").write_text(markdown(study, lang, notes), encoding="utf-8")
        _workbook(folder / "study.xlsx", study, lang)
        (folder / "report.html").write_text(report(study, lang, notes), encoding="utf-8")
        write_manifest(folder, facts, [])
    return readable


def outputs(target: Path) -> list[str]:
    """Names of the files that the manifest in `target` lists."""
    return list(json.loads((target / MANIFEST).read_text(encoding="utf-8"))["outputs"])


def document(study: Study, lang: str) -> dict[str, Any]:
    """The items as one JSON document: id, printed, computed, agrees, note."""
    return {
        "items": [
            {
                "id": item.id,
                "printed": item.printed,
                "computed": item.computed,
                "agrees": item.agrees,
                "note": item.note(lang),
            }
            for item in study.items
        ]
    }


def items_table(study: Study, lang: str) -> pl.DataFrame:
    """All items as a frame for scripts: numbers and codes as they are, result and note in `lang`."""
    rows = [
        (item.id, item.printed or "", item.computed or "", word(lang, item.verdict), item.note(lang))
        for item in study.items
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(ITEM_COLUMNS, pl.String), orient="row")


def headline(study: Study, lang: str) -> str:
    """One sentence: how many items agree, disagree, stand alone, cannot be computed."""
    return word(lang, "headline", **study.counts())


def disagreeing(study: Study) -> list[Item]:
    """Items whose computed number is not the printed one."""
    return [item for item in study.items if item.agrees is False]


def _write_figures(folder: Path, study: Study, lang: str, english: Callable[[], Study]) -> bool:
    folder.mkdir()
    readable = True
    for figure in study.figures:
        (folder / f"{figure.id}.svg").write_text(charts.svg(figure.chart), encoding="utf-8")
        readable = charts.png(figure.chart, folder / f"{figure.id}.png") and readable
    if not readable and lang == "zh":
        for figure in english().figures:
            charts.png(figure.chart, folder / f"{figure.id}.png")
    return readable or lang == "en"


def markdown(study: Study, lang: str, notes: Sequence[str] = ()) -> str:
    """The whole study as Markdown: headline, items, tables, links to the figures."""
    parts = [f"# {title(study, lang)}", headline(study, lang), *notes, f"## {word(lang, 'items')}"]
    parts.append(_grid(item_heads(lang), item_rows(study.items, lang)))
    parts += [f"![{title(figure, lang)}](figures/{figure.id}.svg)" for figure in study.figures]
    for table in study.tables:
        heads, rows, _, note_ = page_table(table, lang)
        parts += [f"## {title(table, lang)}", _grid(heads, rows), *([note_] if note_ else [])]
    return "\n\n".join(parts) + "\n"


def _grid(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

    return "\n".join([line(heads), line(["---"] * len(heads)), *map(line, rows)])


def report(study: Study, lang: str, notes: Sequence[str] = ()) -> str:
    """The study as one self-contained page: headline, disagreements, figures, tables, items."""
    body = [page.element("h1", title(study, lang)), page.paragraphs([headline(study, lang), *notes], "lead")]
    wrong = item_rows(disagreeing(study), lang)
    heads = item_heads(lang)
    if wrong:
        without = [[*row[:3], row[4]] for row in wrong]
        body.append(page.table(word(lang, "wrong"), [*heads[:3], heads[4]], without, words=4))
    body.append(page.element("h2", word(lang, "figures")))
    for figure in study.figures:
        drawing, caption, told = charts.drawn(figure.chart, lang)
        body.append(page.figure(drawing, caption, told))
    body.append(page.element("h2", word(lang, "tables")))
    for table in study.tables:
        names, rows, words, told = page_table(table, lang)
        body.append(page.table(title(table, lang), names, rows, words=words))
        body.append(page.paragraphs([told], "small"))
    body.append(page.element("h2", word(lang, "items")))
    body.append(page.table(headline(study, lang), heads, item_rows(study.items, lang), words=len(heads)))
    return page.page(lang, title(study, lang), body)


def _workbook(path: Path, study: Study, lang: str) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"title": title(study, lang), "created": CREATED.replace(tzinfo=None)})
        forms = {name: book.add_format(FORMATS[name]) for name in ("title", "note", "head", "count")}
        sheet = _sheet(book, word(lang, "items")[:SHEET_NAME], word(lang, "items"), headline(study, lang), forms)
        rows = item_rows(study.items, lang)
        for at, name in enumerate(item_heads(lang)):
            _column(sheet, at, name, [(row[at], row[at]) for row in rows], forms)
        for name, table in zip(sheet_names(study.tables, lang, SHEET_NAME), study.tables, strict=True):
            sheet = _sheet(book, name, title(table, lang), note(table, lang), forms)
            for at, (column, top) in enumerate(columns(table, lang)):
                told = [(as_number(column, each), cell(column, each, lang)) for each in table.frame[column]]
                _column(sheet, at, top, told, forms)


def _sheet(book: Any, name: str, top: str, told: str, forms: dict[str, Any]) -> Any:
    sheet = book.add_worksheet(name)
    sheet.write_string(0, 0, top, forms["title"])
    sheet.write_string(1, 0, told, forms["note"])
    sheet.freeze_panes(4, 1)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(3)
    return sheet


def _column(sheet: Any, at: int, name: str, cells: Sequence[tuple[object, str]], forms: dict[str, Any]) -> None:
    """Write one column: a number where the first of a pair is one, else the second as text."""
    sheet.write_string(3, at, name, forms["head"])
    widest = max(_width(text) for text in (name, *(text for _, text in cells)))
    sheet.set_column(at, at, min(widest + 3, WIDEST))
    for row, (number, text) in enumerate(cells, 4):
        if isinstance(number, int | Decimal):
            whole = abs(number) >= GROUPED and number == int(number)
            sheet.write_number(row, at, number, *([forms["count"]] if whole else []))
        elif text:
            sheet.write_string(row, at, text)


def _width(text: str) -> int:
    """Columns that a text takes: two for a Chinese character."""
    return sum(2 if ord(letter) > WIDE_FROM else 1 for letter in text)
