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
from suiren.studies.study import Figure, Item, Study, Table
from suiren.studies.words import head, value, word

CREATED = datetime(2020, 1, 1, tzinfo=UTC)
"""The date inside the workbook: no clock enters a result."""

MOST_ROWS = 40
"""Rows of a table that the page and the Markdown text show; the CSV file holds all."""

WIDEST = 60
SHEET_NAME = 31
"""Characters that Excel allows in the name of a sheet."""


def write(target: Path, study: Study, lang: str, english: Callable[[], Study], facts: dict[str, Any]) -> bool:
    """Write the study into `target`, whole or not at all; return whether the pictures show Chinese characters.

    Without a Chinese font the PNG pictures are those of `english`, whose place names are romanised.

    Raises:
        SuirenError: `target` may not be replaced.
    """
    with replaced(target) as folder:
        items = items_table(study, lang)
        (folder / "items.csv").write_text(items.frame.write_csv(), encoding="utf-8")
        (folder / "tables").mkdir()
        for table in study.tables:
            table.frame.write_csv(folder / "tables" / f"{table.id}.csv")
        readable = _write_figures(folder / "figures", study, lang, english)
        notes = [] if readable else [word(lang, "no_font")]
        (folder / "study.md").write_text(markdown(study, lang, notes), encoding="utf-8")
        _workbook(folder / "study.xlsx", [items, *study.tables], study, lang)
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


def items_table(study: Study, lang: str) -> Table:
    """All items as a table: item, printed, computed, result, note."""
    rows = [
        (item.id, item.printed or "", item.computed or "", word(lang, item.verdict), item.note(lang))
        for item in study.items
    ]
    names = ("item", "printed", "computed", "result", "note")
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    return Table("items", word("en", "items"), word("zh", "items"), frame)


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


def _title(part: Study | Table | Figure, lang: str) -> str:
    return part.zh if lang == "zh" else part.en


def _note(table: Table, lang: str) -> str:
    return table.note_zh if lang == "zh" else table.note_en


def _text(cell: object, lang: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return value("yes" if cell else "no", lang)
    return f"{cell:,}" if isinstance(cell, int | Decimal) else value(str(cell), lang)


def _shown(table: Table, lang: str) -> tuple[list[str], list[list[str]], str]:
    """Heads, rows as texts, and the notes of a table, cut to what a reader takes in."""
    heads = [head(column, lang) for column in table.frame.columns]
    plain = ("code", "year", "known_year")
    rows = [
        [_text(str(cell) if name in plain and cell is not None else cell, lang) for name, cell in row.items()]
        for row in table.frame.head(MOST_ROWS).iter_rows(named=True)
    ]
    file = f"tables/{table.id}.csv"
    cut = (
        word(lang, "cut", shown=MOST_ROWS, rows=table.frame.height, file=file) if table.frame.height > MOST_ROWS else ""
    )
    return heads, rows, " ".join(part for part in (_note(table, lang), cut) if part)


def markdown(study: Study, lang: str, notes: Sequence[str] = ()) -> str:
    """The whole study as Markdown: headline, items, tables, links to the figures."""
    parts = [f"# {_title(study, lang)}", headline(study, lang), *notes, f"## {word(lang, 'items')}"]
    parts.append(_grid([head(name, lang) for name in items_table(study, lang).frame.columns], _item_rows(study, lang)))
    parts += [f"![{_title(figure, lang)}](figures/{figure.id}.svg)" for figure in study.figures]
    for table in study.tables:
        heads, rows, note = _shown(table, lang)
        parts += [f"## {_title(table, lang)}", _grid(heads, rows), *([note] if note else [])]
    return "\n\n".join(parts) + "\n"


def _item_rows(study: Study, lang: str) -> list[list[str]]:
    return [list(row) for row in items_table(study, lang).frame.iter_rows()]


def _grid(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

    return "\n".join([line(heads), line(["---"] * len(heads)), *map(line, rows)])


def report(study: Study, lang: str, notes: Sequence[str] = ()) -> str:
    """The study as one self-contained page: headline, disagreements, figures, tables, items."""
    body = [page.element("h1", _title(study, lang)), page.paragraphs([headline(study, lang), *notes], "lead")]
    wrong = disagreeing(study)
    if wrong:
        body.append(page.items(f"{item.id}: {item.printed} / {item.computed}. {item.note(lang)}" for item in wrong))
    body.append(page.element("h2", word(lang, "figures")))
    for figure in study.figures:
        drawing, caption, note = charts.drawn(figure.chart, lang)
        body.append(page.figure(drawing, caption, note))
    body.append(page.element("h2", word(lang, "tables")))
    for table in study.tables:
        heads, rows, note = _shown(table, lang)
        body.append(page.table(_title(table, lang), heads, rows, words=_leading_words(table)))
        body.append(page.paragraphs([note], "small"))
    body.append(page.element("h2", word(lang, "items")))
    heads = [head(name, lang) for name in items_table(study, lang).frame.columns]
    body.append(page.table(word(lang, "items"), heads, _item_rows(study, lang), words=len(heads)))
    return page.page(lang, _title(study, lang), body)


def _leading_words(table: Table) -> int:
    """How many columns from the left hold words."""
    types = table.frame.dtypes
    return next((at for at, kind in enumerate(types) if kind != pl.String), len(types))


def _workbook(path: Path, tables: Sequence[Table], study: Study, lang: str) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"title": _title(study, lang), "created": CREATED.replace(tzinfo=None)})
        forms = {name: book.add_format(FORMATS[name]) for name in ("title", "note", "head")}
        for table in tables:
            sheet = book.add_worksheet(table.id[:SHEET_NAME])
            sheet.write_string(0, 0, _title(table, lang), forms["title"])
            sheet.write_string(1, 0, _note(table, lang), forms["note"])
            for at, column in enumerate(table.frame.columns):
                _column(sheet, at, head(column, lang), table.frame[column], forms["head"])
            sheet.freeze_panes(4, 1)


def _column(sheet: Any, at: int, name: str, values: pl.Series, form: Any) -> None:
    sheet.write_string(3, at, name, form)
    told = [cell for cell in values.to_list() if cell is not None]
    widest = max((len(str(cell)) for cell in (name, *told)), default=0)
    sheet.set_column(at, at, min(widest + 4, WIDEST))
    for row, cell in enumerate(values.to_list(), 4):
        if isinstance(cell, bool):
            sheet.write_boolean(row, at, cell)
        elif isinstance(cell, int | Decimal):
            sheet.write_number(row, at, cell)
        elif cell is not None:
            sheet.write_string(row, at, str(cell))
