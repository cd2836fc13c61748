"""What the pipeline asks of an engine: relations of Parquet files, the same SQL text, and the few words that differ."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import duckdb

BLANKS = " \t\n\r\xa0\u3000\ufeff"
"""What is trimmed off a cell: blanks, the full-width one and the mark at the start of a file too."""


class Engine(Protocol):
    """A place where person rows are read, collapsed and joined; small results go to the local database.

    SQL texts use what DuckDB and Spark read alike: quoted names, CASE, joins, integer sums, GROUP BY, row_number.
    """

    name: str
    local: duckdb.DuckDBPyConnection
    """The local database, where everything but person rows is worked on."""
    folder: Path
    """The run's private folder."""
    most_rows: int | None
    """How many rows one grouping takes at most within the memory given; `None`: the engine sees to that itself."""

    def relation(self, name: str, paths: Sequence[Path], files: Sequence[int], numbered: bool) -> None:
        """Make `name` the rows of Parquet files of one layout: `_file` (as in `files`), `_row` (from 1), columns.

        Where `numbered`, `_row` is a column of the files; else it is the position in the file.
        """
        ...

    def relation_of_table(self, name: str, table: str, file: int) -> str:
        """Make `name` the rows of a table of the engine's own catalog, its `_file` given; return what `_row` counts."""
        ...

    def types_of_table(self, table: str) -> dict[str, str]:
        """Return the columns of a table of the engine's own catalog -> DuckDB's names of their types."""
        ...

    def view(self, name: str, sql: str) -> None:
        """Make `name` stand for a query."""
        ...

    def collect(self, name: str, sql: str) -> None:
        """Run a query; its rows become the table `name` of the local database."""
        ...

    def send(self, name: str) -> None:
        """Make the local table `name` readable in the engine's queries."""
        ...

    def write(self, sql: str, target: Path) -> None:
        """Write the rows of a query as Parquet: one file, or a folder of parts where the engine is distributed."""
        ...

    def hash64(self, text: str) -> str:
        """Return the SQL of a 64-bit hash of a text; engines differ in its value, so it only narrows a search."""
        ...

    def full_match(self, text: str, pattern: str) -> str:
        """Return the SQL that tells whether a regular expression fits the whole of a text."""
        ...


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
