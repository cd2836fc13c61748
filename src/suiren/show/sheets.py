"""Sheets of a workbook: titles, notes above, one real table each, exact amounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import xlsxwriter

from suiren.show.texts import t

Value = str | int

EXACT_BELOW = 10**15
"""Excel shows 15 digits and holds whole numbers up to 2^53: larger amounts are written as text."""

FORMATS: dict[str, dict[str, Any]] = {
    "yuan": {"num_format": "#,##0.00;[Red]-#,##0.00"},
    "fen": {"num_format": "#,##0;[Red]-#,##0"},
    "count": {"num_format": "#,##0"},
    "share": {"num_format": "0.0%"},
    "text": {"valign": "top", "text_wrap": True},
    "digits": {"align": "right"},
    "title": {"bold": True, "font_size": 14, "font_color": "#16425B"},
    "note": {"font_color": "#5D6B79"},
    "head": {
        "bold": True,
        "text_wrap": True,
        "valign": "vcenter",
        "font_color": "white",
        "bg_color": "#16425B",
        "border": 1,
        "border_color": "#FFFFFF",
    },
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet: head, width in characters, kind; amounts get a second column with the whole fen."""

    head: str
    width: int
    kind: str = "text"
    fen: bool = True


class Book:
    """A workbook that is written when its `with` block ends."""

    def __init__(self, path: Path, lang: str, created: datetime) -> None:
        """Open a workbook at `path`; `created` is the date inside the file."""
        self.lang = lang
        self.book = xlsxwriter.Workbook(str(path), {"constant_memory": False})
        self.book.set_properties({"title": t(lang, "report_title"), "created": created.replace(tzinfo=None)})
        self.formats = {name: self.book.add_format(settings) for name, settings in FORMATS.items()}

    def __enter__(self) -> Self:
        """Return the open workbook."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the file; after an error nothing is written."""
        if kind is None:
            self.book.close()

    def sheet(
        self,
        name: str,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Value]],
        notes: Sequence[str] = (),
        frozen_columns: int = 1,
    ) -> None:
        """Add a sheet: its title, notes, and a table with one line of heads; amounts are given in fen."""
        sheet = self.book.add_worksheet(t(self.lang, f"sheet_{name}"))
        sheet.hide_gridlines(2)
        sheet.write_string(0, 0, t(self.lang, f"sheet_{name}"), self.formats["title"])
        for number, note in enumerate(notes, 1):
            sheet.write_string(number, 0, note, self.formats["note"])
        top = len(notes) + 2
        wide = list(_widened(columns, self.lang))
        for at, (head, width, kind, _) in enumerate(wide):
            sheet.set_column(at, at, width, None if kind == "text" else self.formats[kind])
            sheet.write_string(top, at, head, self.formats["head"])
        for number, row in enumerate(rows, top + 1):
            for at, (_, _, kind, source) in enumerate(wide):
                self._cell(sheet, number, at, kind, row[source])
        self._table(sheet, name, top, wide, len(rows))
        sheet.set_row(top, 32)
        sheet.freeze_panes(top + 1, frozen_columns)
        self._print_setup(sheet, top)

    def _table(self, sheet: Any, name: str, top: int, wide: list[tuple[str, int, str, int]], rows: int) -> None:
        heads = [{"header": head, "header_format": self.formats["head"]} for head, *_ in wide]
        options = {
            "name": f"t_{name}",
            "columns": heads,
            "style": "Table Style Light 1",
            "autofilter": True,
        }
        sheet.add_table(top, 0, top + max(rows, 1), len(wide) - 1, options)

    def _print_setup(self, sheet: Any, top: int) -> None:
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(top)

    def _cell(self, sheet: Any, row: int, at: int, kind: str, value: Value) -> None:
        form = self.formats[kind]
        if isinstance(value, str):
            sheet.write_string(row, at, value, form)
        elif kind == "share":
            sheet.write_number(row, at, Decimal(value).scaleb(-4), form)
        elif abs(value) >= EXACT_BELOW:
            sheet.write_string(row, at, exact_text(kind, value), self.formats["digits"])
        elif kind == "yuan":
            sheet.write_number(row, at, Decimal(value).scaleb(-2), form)
        else:
            sheet.write_number(row, at, value, form)


def exact_text(kind: str, value: int) -> str:
    """Return an amount that a cell cannot hold as a number: fen, or yuan with two decimals."""
    if kind != "yuan":
        return f"{value:,}"
    return f"{Decimal(value).scaleb(-2):,.2f}"


def _widened(columns: Sequence[Column], lang: str) -> list[tuple[str, int, str, int]]:
    """Return (head, width, kind, index of the value): amounts in yuan, and where wanted the same in fen."""
    wide: list[tuple[str, int, str, int]] = []
    for index, column in enumerate(columns):
        if column.kind != "yuan":
            wide.append((column.head, column.width, column.kind, index))
            continue
        head = column.head if t(lang, "unit_yuan") in column.head else t(lang, "col_yuan_of", what=column.head)
        wide.append((head, column.width, "yuan", index))
        if column.fen:
            wide.append((t(lang, "col_fen_of", what=column.head), column.width, "fen", index))
    return wide


__all__ = ["EXACT_BELOW", "Book", "Column", "Value", "exact_text"]
