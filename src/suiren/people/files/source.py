"""One input as the engines read it: a Parquet file, its columns, and what was decided for the user on the way."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from suiren.people.shapes import Remark, Shape

REJECTED = {"_row": pl.Int64, "_code": pl.String}
"""Columns of the rows that could not be split into cells."""
SHAPES = {
    "plain": ("person rows", "人员记录"),
    "nhsa": ("NHSA platform table", "医保平台表"),
    "nhsa-ledger": ("NHSA ledger exchange file", "医保台账交换文件"),
    "kinds": ("kinds written by suiren", "suiren 写出的类别表"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One input: the user's file, the Parquet that is read for it, and its columns."""

    path: Path
    """The user's file."""
    shape: str
    """`plain`, `nhsa`, `nhsa-ledger` or `kinds`."""
    parquet: Path
    """What the engines read: `path` itself where it is Parquet, else a private copy."""
    columns: dict[str, str]
    """Our column -> the name of that column in `parquet`."""
    types: dict[str, str]
    """Our column -> the name of DuckDB's type of that column."""
    numbered: bool
    """Whether `parquet` has a BIGINT column `_row`; else a row's number is its position in the file, from 1."""
    rows: int
    """Rows in `parquet`."""
    rejected: pl.DataFrame
    """Rows that are not in `parquet`: `_row` and `_code` (Q-row, Q-quote, Q-encoding, Q-digits)."""
    encoding: str
    """`utf-8`, `gb18030` or `utf-16`; empty for files that are no text."""
    others: tuple[str, ...]
    """Its other columns; never shown where they may hold data instead of names."""
    remarks: tuple[Remark, ...] = ()
    """What was decided for the user, each in English and Chinese."""
    part: str = ""
    """The sheet or table, where the file has several."""
    spelled: dict[str, str] | None = None
    """Our column -> how the user's file spells it."""
    table: str = ""
    """The name of a table of the engine's own catalog; then there is no file."""

    @property
    def shown(self) -> str:
        """The name that messages and the quarantine show: the file's, with sheet or table where it has several."""
        return f"{self.path.name}:{self.part}" if self.part else self.path.name

    @property
    def notes(self) -> tuple[str, ...]:
        """What was decided for the user, in English."""
        return tuple(english for english, _ in self.remarks)


@dataclass(frozen=True, slots=True, eq=False)
class Copied:
    """What a copy to Parquet gave; the columns of a private copy have our names."""

    parquet: Path
    columns: dict[str, str]
    types: dict[str, str]
    numbered: bool
    rows: int
    rejected: pl.DataFrame
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """An input whose header was read, before its rows are."""

    path: Path
    part: str
    shape: Shape
    others: tuple[str, ...]
    encoding: str
    remarks: tuple[Remark, ...]
    copy: Callable[[], Copied]

    @property
    def shown(self) -> str:
        """The name that messages show."""
        return f"{self.path.name}:{self.part}" if self.part else self.path.name

    def source(self) -> Source:
        """Return the input with its rows read."""
        made = self.copy()
        remarks = (*self.remarks, *self.shape.remarks, *made.remarks)
        return Source(
            self.path,
            self.shape.name,
            made.parquet,
            made.columns,
            made.types,
            made.numbered,
            made.rows,
            made.rejected,
            self.encoding,
            self.others,
            remarks,
            self.part,
            self.shape.columns,
        )


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def none_rejected() -> pl.DataFrame:
    """Return an empty table of rejected rows."""
    return pl.DataFrame(schema=REJECTED)


def private(folder: Path, suffix: str = "parquet") -> Path:
    """Return a new, empty file in the run's private folder."""
    handle, path = tempfile.mkstemp(f".{suffix}", "input_", folder)
    os.close(handle)
    return Path(path)


def said(source: Source, lang: str) -> list[str]:
    """Return lines for the console: the shape, what each column was taken for where names differ, what was decided."""
    chinese = lang == "zh"
    shape = SHAPES[source.shape][chinese]
    rows = source.rows + source.rejected.height
    lines = [f"{source.shown}：{shape}，{rows:,} 行" if chinese else f"{source.shown}: {shape}, {rows:,} rows"]
    spelled = source.spelled or {}
    taken = [f"{theirs} → {ours}" for ours, theirs in spelled.items() if theirs.strip().lower() != ours]
    if taken:
        lines.append(f"  {'列' if chinese else 'columns'}: {', '.join(taken)}")
    return lines + [f"  {remark[chinese]}" for remark in source.remarks]
