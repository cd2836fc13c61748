"""Workbooks (.xlsx, .xls, .xlsb, .ods) as people save them: titles above the header, several sheets, typed cells."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from suiren.errors import SuirenError, fail
from suiren.people.files.error_cells import error_cells
from suiren.people.files.source import Copied, Draft, private
from suiren.people.shapes import Remark, Shape, known, recognise

if TYPE_CHECKING:
    from fastexcel import ExcelReader

BOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
XLSX = (".xlsx", ".xlsm")
BLIND: Remark = (
    "cells with an error (#N/A) count as empty in this kind of workbook; in .xlsx they are refused",
    "此类工作簿中的错误值（#N/A）按空值处理；.xlsx 中会被拒收",
)
HEADER_WITHIN = 10
"""Rows of a sheet in which its header is looked for."""
RECOGNISED = 2
"""Names of ours by which the header of one of several sheets is known."""
NUMBERS = ("person_id", "id_document_number")
"""Columns whose digits all count: a workbook keeps 15 of a number, all of a text."""
MONTHS = ("coverage_from", "coverage_to")
OLE, ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"


def is_text(path: Path) -> bool:
    """Return whether a file with the name of a workbook is a text: many systems export tables so."""
    with path.open("rb") as file:
        start = file.read(4096)
    return bool(start) and not start.startswith((OLE, ZIP, b"<", b"\xef\xbb\xbf<")) and b"\0" not in start


def draft_excel(folder: Path, path: Path, format_: str, wanted: tuple[str, ...]) -> list[Draft]:
    """Return what the sheets of a workbook are: those whose header is recognised, or the only one.

    Raises:
        SuirenError: it cannot be opened, or no sheet holds person rows.
    """
    book = _opened(path)
    sheets = {name: sheet for name in book.sheet_names if not (sheet := _cells(book, name, path)).texts.is_empty()}
    heads = {name: _header(sheet.texts, wanted) for name, sheet in sheets.items()}
    several = len(sheets) > 1
    taken = [name for name, (_, found) in heads.items() if not several or found >= RECOGNISED]
    if not taken:
        what = f"No sheet of {path.name} has a header that is recognised in its first {HEADER_WITHIN} rows."
        raise fail("E-file-header", what, "Without names nobody knows which column is what.", "Put a header row first.")
    left = [name for name in book.sheet_names if name not in taken]
    notes: tuple[Remark, ...] = ()
    if left:
        notes = ((f"sheets left out: {', '.join(left)}", f"未读取的工作表：{'、'.join(left)}"),)
    drafts: list[Draft] = []
    for name in taken:
        part = name if len(taken) > 1 else ""
        here = _Sheet(folder, path, name, part, sheets[name], heads[name][0], book)
        drafts.append(here.draft(format_, wanted, notes if name == taken[0] else ()))
    return drafts


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """The cells of a sheet as texts, and the place in the sheet of each column."""

    texts: pl.DataFrame
    places: tuple[int, ...]


class _Sheet:
    """One sheet on its way to Parquet."""

    def __init__(
        self, folder: Path, path: Path, name: str, part: str, cells: Cells, header: int, book: ExcelReader
    ) -> None:
        self.folder, self.path, self.name, self.part = folder, path, name, part
        self.texts, self.places, self.header, self.book = cells.texts, cells.places, header, book
        self.shown = f"{path.name}:{part}" if part else path.name

    def draft(self, format_: str, wanted: tuple[str, ...], notes: tuple[Remark, ...]) -> Draft:
        heads = tuple((cell or "").strip() for cell in self.texts.row(self.header))
        shape = recognise(heads, format_, wanted, self.shown)
        others = tuple(sorted({head for head in heads if head} - set(shape.columns.values())))
        if self.part or len(self.book.sheet_names) > 1:
            notes = ((f"sheet {self.name}", f"工作表 {self.name}"), *notes)
        if self.path.suffix.lower() not in XLSX:
            notes = (*notes, BLIND)
        if self.header:
            notes = (*notes, (f"header in row {self.header + 1}", f"表头在第 {self.header + 1} 行"))
        made = self._copied(shape, heads)
        return Draft(self.path, self.part, shape, others, "", notes, lambda: made)

    def _copied(self, shape: Shape, heads: tuple[str, ...]) -> Copied:
        places = {ours: heads.index(theirs) for ours, theirs in shape.columns.items()}
        names = self.texts.columns
        cells = [_cell(ours, names[place]).alias(ours) for ours, place in places.items()]
        lost = self._digits_lost(places)
        below = self.texts.with_row_index("_at").with_columns(_lost=pl.col("_at").is_in(lost)).slice(self.header + 1)
        filled = pl.any_horizontal(_bare(pl.col(name)) != "" for name in names)
        rows = below.filter(filled).with_columns(_row=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
        kept = rows.filter(~pl.col("_lost")).select("_row", *cells)
        parquet = private(self.folder)
        kept.write_parquet(parquet, compression="zstd", compression_level=1)
        rejected = rows.filter(pl.col("_lost")).select("_row", _code=pl.lit("Q-digits"))
        same = {ours: ours for ours in places}
        return Copied(parquet, same, dict.fromkeys(same, "VARCHAR"), True, kept.height, rejected)

    def _digits_lost(self, places: dict[str, int]) -> list[int]:
        """Return the rows of the sheet where a person or identity number of over 15 digits is stored as a number."""
        found: set[int] = set()
        for ours in NUMBERS:
            if ours not in places:
                continue
            cells = self.texts.to_series(places[ours])
            long = cells.str.contains(r"^\d{16,}$").fill_null(value=False)
            if long.any():
                place = self.places[places[ours]]
                typed = self.book.load_sheet(
                    self.name, header_row=None, skip_rows=0, use_columns=[place], dtypes="boolean"
                )
                stored = pl.DataFrame(typed).to_series(0).is_not_null()
                found.update((long & stored).arg_true().to_list())
        return sorted(found)


def _cell(ours: str, column: str) -> pl.Expr:
    """Return a cell as text: a date without its midnight, the month of one where months are meant."""
    midnight = r"^(\d{4})-(\d\d)-(\d\d) 00:00:00$"
    return pl.col(column).str.replace(midnight, "${1}${2}" if ours in MONTHS else "${1}-${2}-${3}")


def _bare(cell: pl.Expr) -> pl.Expr:
    return cell.fill_null("").str.strip_chars(" \t\r\n\xa0\u3000\ufeff")


def _cells(book: ExcelReader, sheet: str, path: Path) -> Cells:
    """Return all cells of a sheet as texts, from its first row on; none where it is hidden.

    A cell with an error holds the error's name.
    """
    try:
        loaded = book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
        texts = pl.DataFrame(loaded) if loaded.visible == "visible" else pl.DataFrame()
        places = tuple(column.absolute_index for column in loaded.selected_columns)
    except Exception as error:
        raise broken(path, error) from error
    for place, errors in error_cells(path, sheet).items():
        if place in places and not texts.is_empty():
            told = pl.DataFrame(errors, schema={"at": pl.UInt32, "error": pl.String}, orient="row")
            column = texts.columns[places.index(place)]
            joined = texts.with_row_index("at").join(told, on="at", how="left", maintain_order="left")
            texts = texts.with_columns(joined.select(pl.coalesce("error", column).alias(column)))
    return Cells(texts, places)


def _header(sheet: pl.DataFrame, wanted: tuple[str, ...]) -> tuple[int, int]:
    """Return the row of a sheet that is its header, and how many of its names are known."""
    heads = [tuple(cell or "" for cell in row) for row in sheet.head(HEADER_WITHIN).iter_rows()]
    scores = [known(row, wanted) for row in heads]
    if not any(scores):
        filled = [sum(bool(cell.strip()) for cell in row) for row in heads]
        return next((place for place, cells in enumerate(filled) if cells > 1), 0), 0
    return scores.index(max(scores)), max(scores)


def _opened(path: Path) -> ExcelReader:
    import fastexcel

    with path.open("rb") as file:
        start = file.read(8)
    renamed = start.startswith(OLE if path.suffix.lower() != ".xls" else ZIP)
    try:
        return fastexcel.read_excel(path.read_bytes() if renamed else path)
    except Exception as error:
        raise broken(path, error) from error


def broken(path: Path, error: Exception) -> SuirenError:
    """Return the error of a workbook that cannot be opened: protected, or damaged."""
    with path.open("rb") as file:
        start = file.read(1 << 16)
    encrypted = "EncryptedPackage".encode("utf-16-le") in start or "assword" in str(error)
    if encrypted:
        what = f"The workbook {path.name} is protected by a password."
        return fail("E-file-unreadable", what, "Its cells cannot be read.", "Save it without a password.")
    what = f"The workbook {path.name} cannot be opened."
    return fail(
        "E-file-unreadable", what, do="Open it in a spreadsheet program and save it as .xlsx, or as CSV (UTF-8)."
    )
