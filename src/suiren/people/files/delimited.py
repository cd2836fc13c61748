"""CSV and its relatives: one pass from a text file to Parquet; rows that cannot be split into cells are set aside."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from suiren.engines.engine import count, name, text
from suiren.errors import SuirenError, fail
from suiren.people.files.lines import Text, header_text, text_of
from suiren.people.files.source import Copied, Draft, none_rejected, private
from suiren.people.shapes import LEDGER, LEDGER_CODES, Remark, Shape, ledger_header, looks_like_data, recognise

DELIMITERS = ",\t;|"
LEDGER_DELIMITER = "~"
LONGEST_ROW = 8 << 20
"""Bytes of a row beyond which it is refused."""
BUFFER = 16 << 20
"""Bytes of a file that DuckDB holds at a time; its default, 16 times the longest row, does not fit a small memory."""
QUICK = "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
"""How private copies are written: the quickest of what DuckDB offers."""
REJECTS = (
    "CASE error_type::VARCHAR WHEN 'INVALID ENCODING' THEN 'Q-encoding' "
    "WHEN 'UNQUOTED VALUE' THEN 'Q-quote' ELSE 'Q-row' END"
)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text file is split: delimiter, whether quotation marks quote, and the heads of its columns."""

    delimiter: str
    quotes: bool
    headed: bool
    columns: tuple[str, ...]


def draft_text(
    connection: duckdb.DuckDBPyConnection, folder: Path, path: Path, format_: str, wanted: tuple[str, ...]
) -> Draft:
    """Return what a text file is, by its encoding and its header.

    Raises:
        SuirenError: it cannot be read, or its columns cannot be what they are taken for.
    """
    content = text_of(path, folder)
    layout, shape = _layout(content, path.name, format_, wanted)
    others = tuple(sorted(set(layout.columns) - set(shape.columns.values()))) if layout.headed else ()

    def copy() -> Copied:
        return _Reading(connection, folder, path.name, content, layout, shape).copied()

    return Draft(path, "", shape, others, content.encoding, content.remarks, copy)


def _layout(content: Text, shown: str, format_: str, wanted: tuple[str, ...]) -> tuple[Layout, Shape]:
    head = header_text(content, shown)
    first = head.readline().rstrip("\r\n")
    tildes = first.count(LEDGER_DELIMITER)
    if format_ == "nhsa-ledger" or (format_ == "auto" and tildes == len(LEDGER) - 1):
        return _ledger_layout(first, format_, wanted, shown)
    delimiter = max(DELIMITERS, key=first.count)
    head.seek(0)
    try:
        columns = tuple(cell.strip() for cell in next(csv.reader(head, delimiter=delimiter), []))
    except csv.Error:
        raise _unclosed(1, shown) from None
    return Layout(delimiter, True, True, columns), recognise(columns, format_, wanted, shown)


def _unclosed(line: int, shown: str) -> SuirenError:
    return fail(
        "E-file-quote",
        f"A quotation mark opened in line {line} of {shown} is not closed where it should be.",
        "The rows behind it cannot be told apart.",
        "Close or remove it.",
    )


def _ledger_layout(first: str, format_: str, wanted: tuple[str, ...], shown: str) -> tuple[Layout, Shape]:
    cells = tuple(cell.strip() for cell in first.split(LEDGER_DELIMITER))
    if ledger_header(cells):
        return Layout(LEDGER_DELIMITER, False, True, cells), recognise(cells, "nhsa-ledger", wanted, shown)
    if len(cells) != len(LEDGER):
        raise fail(
            "E-format",
            f"The first line of {shown} has {len(cells)} cells between {LEDGER_DELIMITER}; a ledger file has 16.",
            "Its columns are known by their place.",
            "Leave out --format, and it is recognised.",
        )
    if not looks_like_data(cells):
        return Layout(LEDGER_DELIMITER, False, True, cells), recognise(cells, format_, wanted, shown)
    remark: Remark = (
        "no header: the 16 columns of the ledger file in their order",
        "无表头：按台账文件的 16 列顺序读取",
    )
    taken = {ours: code for code, ours, _ in LEDGER if ours in wanted}
    return Layout(LEDGER_DELIMITER, False, False, LEDGER_CODES), Shape("nhsa-ledger", taken, (remark,))


@dataclass(frozen=True, slots=True)
class _Reading:
    """One text file on its way to Parquet."""

    connection: duckdb.DuckDBPyConnection
    folder: Path
    shown: str
    content: Text
    layout: Layout
    shape: Shape

    def copied(self) -> Copied:
        """Return the private copy: our columns as texts, raw; `_row` only where rows had to be set aside."""
        every = self.content.broken
        cells = {f"c{self.layout.columns.index(theirs)}": ours for ours, theirs in self.shape.columns.items()}
        read = [f"c{place}" for place in range(len(self.layout.columns))] if every else list(cells)
        listed = ", ".join(f"{cell} AS {name(cells.get(cell, cell))}" for cell in read)
        parquet = private(self.folder)
        with _rejects(self.connection):
            self.connection.execute(f"COPY (SELECT {listed} FROM {self._scan()}) TO {text(str(parquet))} {QUICK}")
            self._check_quotes()
            rejected = self._rejected()
        numbered = not rejected.is_empty()
        if numbered or every:
            parquet = self._numbered(parquet, list(cells.values()), rejected)
        rows = count(self.connection, f"SELECT sum(num_rows) FROM parquet_file_metadata({text(str(parquet))})")
        same = {ours: ours for ours in self.shape.columns}
        return Copied(parquet, same, dict.fromkeys(same, "VARCHAR"), numbered or every, rows, rejected)

    def _scan(self) -> str:
        types = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(self.layout.columns)))
        mark = "'\"'" if self.layout.quotes else "''"
        return (
            f"read_csv({text(str(self.content.path))}, auto_detect = false, header = {self.layout.headed}, "
            f"delim = {text(self.layout.delimiter)}, quote = {mark}, escape = {mark}, columns = {{{types}}}, "
            f"store_rejects = true, rejects_table = '_errors', rejects_scan = '_scans', rejects_limit = 0, "
            f"max_line_size = {LONGEST_ROW}, buffer_size = {BUFFER})"
        )

    def _check_quotes(self) -> None:
        """Raise an error where a quotation mark has swallowed rows."""
        torn = "SELECT min(line_byte_position) FROM _errors WHERE contains(trim(csv_line, chr(10)), chr(10))"
        found = self.connection.execute(torn).fetchone()
        if found and found[0] is not None:
            with self.content.path.open("rb") as file:
                line = _feeds(file.read, found[0]) + 1
            raise _unclosed(line, self.shown)

    def _rejected(self) -> pl.DataFrame:
        """Return the rows that could not be split; DuckDB counts records, the header too."""
        above = int(self.layout.headed)
        rows = self.connection.execute(
            f"SELECT (line - {above})::BIGINT, min({REJECTS}) FROM _errors GROUP BY line ORDER BY line"
        ).fetchall()
        if not rows:
            return none_rejected()
        return pl.DataFrame(rows, schema={"_row": pl.Int64, "_code": pl.String}, orient="row")

    def _numbered(self, parquet: Path, columns: list[str], rejected: pl.DataFrame) -> Path:
        """Return a copy with `_row`, the numbers of rejected rows left out."""
        listed = ", ".join(map(name, columns))
        ranked = rejected.select(
            before=pl.col("_row") - pl.int_range(1, pl.len() + 1), above=pl.int_range(1, pl.len() + 1)
        )
        steps = private(self.folder)
        ranked.group_by("before").agg(pl.col("above").max()).cast(pl.Int64).write_parquet(steps)
        read = f"(SELECT *, row_number() OVER () AS _read FROM read_parquet({text(str(parquet))}))"
        joined = f"{read} ASOF LEFT JOIN read_parquet({text(str(steps))}) ON _read > before"
        target = private(self.folder)
        self.connection.execute(
            f"COPY (SELECT _read + coalesce(above, 0) AS _row, {listed} FROM {joined}) TO {text(str(target))} {QUICK}"
        )
        parquet.unlink()
        return target


@contextlib.contextmanager
def _rejects(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Leave none of the tables behind in which DuckDB stores what it could not split."""
    try:
        yield
    finally:
        for table in ("_errors", "_scans"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")


def _feeds(read: Callable[[int], bytes], most: int) -> int:
    """Return how many lines end in the first `most` bytes."""
    feeds = 0
    while most > 0 and (block := read(min(most, 1 << 22))):
        feeds += block.count(b"\n")
        most -= len(block)
    return feeds
