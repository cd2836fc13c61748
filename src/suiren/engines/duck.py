"""DuckDB: opens a private, bounded database and reads files of person rows as columns of text."""

from __future__ import annotations

import contextlib
import csv
import os
import re
import shutil
import tempfile
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from suiren.engines.lines import header_line, tidy
from suiren.errors import fail
from suiren.leftovers import sweep

MEMORY_LIMIT = "4GB"
DELIMITERS = ",\t;|"
NUMBERS = ("age", "months", "cost_fen", "sex", "hukou_place", "enrolment_place", "residence_place")
"""Columns whose cells may come as 30.0, as spreadsheets and data frames write whole numbers."""


@dataclass(frozen=True, slots=True)
class Source:
    """One input file: its path, and the columns of ours that it has (lower case)."""

    path: Path
    columns: tuple[str, ...]
    others: tuple[str, ...]
    """Its other columns; never shown where they may hold data instead of names."""


@contextlib.contextmanager
def database(memory: str = MEMORY_LIMIT) -> Generator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """Yield a connection to a database in a private temporary folder, and the folder; both are removed afterwards.

    Raises:
        SuirenError: the engine cannot go on (disk full, memory, unreadable pages of a file).
    """
    sweep(Path(tempfile.gettempdir()), "suiren-")
    folder = Path(tempfile.mkdtemp(prefix=f"suiren-{os.getpid()}-"))
    try:
        with duckdb.connect(folder / "work.duckdb") as connection:
            connection.execute("SET memory_limit = ?", [memory])
            connection.execute("SET temp_directory = ?", [str(folder / "spill")])
            connection.execute("SET enable_progress_bar = false")
            connection.execute("SET TimeZone = 'Asia/Shanghai'")
            yield connection, folder
    except duckdb.Error as error:
        what = f"The engine stopped: {type(error).__name__}."
        why = "A file may be damaged, or disk or memory may be full."
        raise fail(
            "E-engine", what, why, "Check the files and the free space; --debug shows the engine's words."
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def text(value: str) -> str:
    """Return a value as an SQL text."""
    return "'" + value.replace("'", "''") + "'"


def name(value: str) -> str:
    """Return a name as a quoted SQL name."""
    return '"' + value.replace('"', '""') + '"'


def count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    """Return the one whole number that a query gives, 0 for nothing."""
    row = connection.execute(query).fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def read(connection: duckdb.DuckDBPyConnection, folder: Path, path: Path, number: int, wanted: Sequence[str]) -> Source:
    """Make the tables `raw_<number>` and `rejected_<number>` of a CSV or Parquet file; return what columns it has.

    `raw` holds `_row` (from 1; header and blank lines are not counted) and a text `t_<column>` for each of `wanted`
    that the file has; `rejected` the rows that cannot be split into cells: `_row`, `_error`.

    Raises:
        SuirenError: not a file that can be read.
    """
    try:
        if path.suffix.lower() == ".parquet":
            return _parquet(connection, path, number, wanted)
        return _csv(connection, tidy(path, folder), path, number, wanted)
    except duckdb.Error as error:
        raise fail(
            "E-file-unreadable",
            f"{path.name} cannot be read ({type(error).__name__}).",
            do="Is it a whole CSV or Parquet file?",
        ) from error


def _parquet(connection: duckdb.DuckDBPyConnection, path: Path, number: int, wanted: Sequence[str]) -> Source:
    source = f"read_parquet({text(str(path))})"
    kinds = {row[0]: row[1] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    found = _known(path, tuple(kinds), wanted)
    if kinds.get(found.get("person_id", ""), "") in {"DOUBLE", "FLOAT"}:
        raise fail(
            "E-column-type",
            f"person_id of {path.name} is a floating-point number.",
            "Long person numbers lose digits in it, and different people become one.",
            "Save the column as text or as a whole number.",
        )
    listed = ", ".join(f"{_as_text(column, cell, kinds)} AS {name(f't_{column}')}" for column, cell in found.items())
    connection.execute(f"CREATE TABLE raw_{number} AS SELECT row_number() OVER () AS _row, {listed} FROM {source}")
    connection.execute(f"CREATE TABLE rejected_{number} (_row BIGINT, _error VARCHAR)")
    return Source(path, tuple(found), tuple(set(kinds) - set(found.values())))


def _csv(connection: duckdb.DuckDBPyConnection, tidied: Path, path: Path, number: int, wanted: Sequence[str]) -> Source:
    line = header_line(tidied, path.name)
    delimiter = max(DELIMITERS, key=line.count)
    columns = tuple(cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), []))
    found = _known(path, columns, wanted)
    places = {column: f"c{columns.index(original)}" for column, original in found.items()}
    types = "{" + ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(columns))) + "}"
    connection.execute(
        f"CREATE TABLE read_{number} AS SELECT *, row_number() OVER () AS _read FROM read_csv({text(str(tidied))}, "
        f"auto_detect = false, header = true, delim = {text(delimiter)}, quote = '\"', escape = '\"', "
        f"columns = {types}, store_rejects = true, rejects_table = 'errors_{number}', "
        f"rejects_scan = 'scans_{number}', rejects_limit = 0, max_line_size = 10000000)"
    )
    unclosed = count(
        connection, f"SELECT min(line) FROM errors_{number} WHERE contains(trim(csv_line, chr(10)), chr(10))"
    )
    if unclosed:
        raise fail(
            "E-file-quote",
            f"A quotation mark opened in line {unclosed} of {path.name} is not closed where it should be.",
            "The rows behind it cannot be told apart.",
            "Close or remove it.",
        )
    connection.execute(
        f"CREATE TABLE rejected_{number} AS SELECT line - 1 AS _row, min(error_type::VARCHAR) AS _error "
        f"FROM errors_{number} GROUP BY line"
    )
    listed = ", ".join(f"{_trimmed(column, name(cell))} AS {name(f't_{column}')}" for column, cell in places.items())
    row, numbered = "_read", f"read_{number}"
    if count(connection, f"SELECT count(*) FROM rejected_{number}"):
        ranked = f"SELECT _row, row_number() OVER (ORDER BY _row) AS above FROM rejected_{number}"
        before = f"SELECT _row - above AS before, max(above) AS above FROM ({ranked}) GROUP BY ALL"
        row, numbered = "_read + coalesce(above, 0)", f"read_{number} ASOF LEFT JOIN ({before}) ON _read > before"
    connection.execute(f"CREATE TABLE raw_{number} AS SELECT {row} AS _row, {listed} FROM {numbered}")
    connection.execute(f"DROP TABLE read_{number}")
    return Source(path, tuple(found), tuple(set(columns) - set(found.values())))


def _known(path: Path, columns: Sequence[str], wanted: Sequence[str]) -> dict[str, str]:
    """Return our columns -> the file's own spelling (case and surrounding blanks do not count)."""
    folded = [column.strip().lower() for column in columns]
    if not set(folded) & set(wanted) and any(re.search(r"\d{6}", column) for column in columns):
        raise fail(
            "E-file-header",
            f"The first line of {path.name} looks like data, not like column names.",
            "Without names nobody knows which column is what.",
            "Put a header line first: person_id, hukou_place, enrolment_place, ...",
        )
    twice = sorted({column for column in folded if column and folded.count(column) > 1})
    if twice:
        raise fail("E-column-twice", f"{path.name} has the column {twice[0]!r} twice.", "Which one counts?")
    return {column: columns[folded.index(column)] for column in wanted if column in folded}


def _as_text(column: str, original: str, kinds: dict[str, str]) -> str:
    """Return the SQL that makes a Parquet column a text, whatever its type."""
    cell = name(original)
    if kinds[original] in {"DOUBLE", "FLOAT"}:
        whole = f"{cell} = trunc({cell}) AND abs({cell}) < 9e15"
        return f"CASE WHEN isnan({cell}) THEN NULL WHEN {whole} THEN {cell}::BIGINT::VARCHAR ELSE {cell}::VARCHAR END"
    return _trimmed(column, f"{cell}::VARCHAR")


def _trimmed(column: str, cell: str) -> str:
    """Return the SQL of a cell without blanks around it (full-width ones too), NULL where nothing is left."""
    blanks = "' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(12288) || chr(65279)"
    bare = f"nullif(trim({cell}, {blanks}), '')"
    return f"regexp_replace({bare}, '^([0-9]+)[.]0+$', '\\1')" if column in NUMBERS else bare
