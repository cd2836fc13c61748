"""DuckDB: opens a private, bounded database and reads files of person rows as columns of text."""

from __future__ import annotations

import contextlib
import csv
import shutil
import tempfile
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from suiren.errors import fail

MEMORY_LIMIT = "4GB"
DELIMITERS = ",\t;|"


@dataclass(frozen=True, slots=True)
class Source:
    """One input file: its path, its columns, how many rows it has, and how many could not be split into cells."""

    path: Path
    columns: tuple[str, ...]
    table: str


@contextlib.contextmanager
def database(memory: str = MEMORY_LIMIT) -> Generator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """Yield a connection to a database in a private temporary folder, and the folder; both are removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="suiren-"))
    try:
        with duckdb.connect(folder / "work.duckdb") as connection:
            connection.execute("SET memory_limit = ?", [memory])
            connection.execute("SET temp_directory = ?", [str(folder / "spill")])
            connection.execute("SET enable_progress_bar = false")
            yield connection, folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def text(value: str) -> str:
    """Return a value as an SQL text."""
    return "'" + value.replace("'", "''") + "'"


def name(value: str) -> str:
    """Return a name as a quoted SQL name."""
    return '"' + value.replace('"', '""') + '"'


def header(path: Path) -> tuple[tuple[str, ...], str]:
    """Return the columns of a CSV file and its delimiter.

    Raises:
        SuirenError: not UTF-8, or no header at all.
    """
    with path.open("rb") as file:
        first = file.readline(1 << 20)
    try:
        line = first.decode("utf-8-sig")
    except UnicodeDecodeError:
        what = f"{path.name} is not UTF-8."
        raise fail(
            "E-file-encoding", what, "Its text cannot be read.", "Save it as UTF-8 (in Excel: CSV UTF-8)."
        ) from None
    delimiter = max(DELIMITERS, key=line.count)
    cells = next(csv.reader([line], delimiter=delimiter), [])
    columns = tuple(cell.strip() for cell in cells)
    if not any(columns):
        raise fail("E-file-empty", f"{path.name} is empty: it has no header line.", do="Name a file with person rows.")
    return columns, delimiter


def read(connection: duckdb.DuckDBPyConnection, path: Path, number: int) -> Source:
    """Return the file as a table `raw_<number>`: its columns, and `_row` from 1 (the header is not counted).

    Rows of a CSV that cannot be split into its columns stand in `rejected_<number>` (`_row`, `_column`, `_error`).

    Raises:
        SuirenError: not a CSV or Parquet file that can be read.
    """
    table = f"raw_{number}"
    try:
        if path.suffix.lower() == ".parquet":
            columns = _parquet(connection, path, table)
        else:
            columns = _csv(connection, path, table, number)
    except duckdb.Error as error:
        first = str(error).splitlines()[0]
        what = f"{path.name} cannot be read: {first[:200]}"
        raise fail("E-file-unreadable", what, do="Is it a whole CSV or Parquet file?") from None
    return Source(path, columns, table)


def _parquet(connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> tuple[str, ...]:
    number = table.rpartition("_")[2]
    source = f"read_parquet({text(str(path))}, file_row_number = true)"
    connection.execute(
        f"CREATE VIEW {table} AS SELECT * EXCLUDE (file_row_number), file_row_number + 1 AS _row FROM {source}"
    )
    connection.execute(f"CREATE TABLE rejected_{number} (_row BIGINT, _column VARCHAR, _error VARCHAR)")
    described = connection.execute(f"DESCRIBE {table}").fetchall()
    return tuple(row[0] for row in described if row[0] != "_row")


def _csv(connection: duckdb.DuckDBPyConnection, path: Path, table: str, number: int) -> tuple[str, ...]:
    columns, delimiter = header(path)
    twice = sorted({column for column in columns if column and columns.count(column) > 1})
    if twice:
        raise fail("E-column-twice", f"{path.name} has the column {twice[0]!r} twice.", "Which one counts?")
    named = [column or f"_unnamed_{place}" for place, column in enumerate(columns)]
    types = "{" + ", ".join(f"{text(column)}: 'VARCHAR'" for column in named) + "}"
    connection.execute(
        f"CREATE TABLE {table}_read AS SELECT *, row_number() OVER () AS _read FROM read_csv({text(str(path))}, "
        f"auto_detect = false, header = true, delim = {text(delimiter)}, quote = '\"', escape = '\"', "
        f"columns = {types}, "
        f"store_rejects = true, rejects_table = 'errors_{number}', rejects_scan = 'scans_{number}', "
        "rejects_limit = 0, max_line_size = 10000000)"
    )
    connection.execute(
        f"CREATE TABLE rejected_{number} AS SELECT line - 1 AS _row, min(column_name) AS _column, "
        f"min(error_type::VARCHAR) AS _error FROM errors_{number} GROUP BY line"
    )
    connection.execute(
        f"CREATE VIEW {table} AS SELECT r.* EXCLUDE (_read), _read + (SELECT count(*) FROM "
        f"(SELECT _row - row_number() OVER (ORDER BY _row) AS before FROM rejected_{number}) WHERE before < _read) "
        f"AS _row "
        f"FROM {table}_read r"
        if _count(connection, f"rejected_{number}")
        else f"CREATE VIEW {table} AS SELECT * EXCLUDE (_read), _read AS _row FROM {table}_read"
    )
    return tuple(named)


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


def count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    """Return how many rows a table has."""
    return _count(connection, table)
