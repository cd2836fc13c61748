"""DuckDB, inside by default: a private, bounded database, and the engine of person rows on one machine."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Generator, Sequence
from pathlib import Path

import duckdb

from suiren.engines.engine import name as quoted
from suiren.engines.engine import text as literal
from suiren.engines.tell import SILENT, Tell
from suiren.errors import SuirenError, fail
from suiren.leftovers import sweep

MEMORY_LIMIT = "2GB"
"""What the engine may hold before it spills to disk; the law's own tables come on top."""
LEAST_MEGABYTES = 200
ROWS_PER_MEGABYTE = 50_000
"""How many rows a grouping with many groups takes for each megabyte before it may fail instead of spilling."""
POLL_SECONDS = 0.3


@contextlib.contextmanager
def database(
    memory: str = MEMORY_LIMIT, work: Path | None = None, threads: int | None = None
) -> Generator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """Yield a connection to a database in a private temporary folder, and the folder; both are removed afterwards.

    `work` is the folder for it, by default that of the system.

    Raises:
        SuirenError: the engine cannot go on (disk full, memory, unreadable pages of a file).
    """
    above = work or Path(tempfile.gettempdir())
    sweep(above, "suiren-")
    folder = Path(tempfile.mkdtemp(prefix=f"suiren-{os.getpid()}-", dir=above))
    try:
        with duckdb.connect(folder / "work.duckdb") as connection:
            connection.execute("SET memory_limit = ?", [memory])
            connection.execute("SET temp_directory = ?", [str(folder / "spill")])
            connection.execute("SET enable_progress_bar = false")
            connection.execute("SET TimeZone = 'Asia/Shanghai'")
            if threads is not None:
                connection.execute("SET threads = ?", [threads])
            yield connection, folder
    except duckdb.Error as error:
        what = f"The engine stopped: {type(error).__name__}."
        why = "A file may be damaged, or disk or memory may be full."
        raise fail(
            "E-engine", what, why, "Check the files and the free space; --debug shows the engine's words."
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class DuckEngine:
    """DuckDB as the engine: its relations are views of the local database itself."""

    name = "duckdb"

    def __init__(
        self, local: duckdb.DuckDBPyConnection, folder: Path, tell: Tell = SILENT, memory: str = MEMORY_LIMIT
    ) -> None:
        """Work in `local`, which may hold `memory`; `tell` hears how far a query is."""
        self.most_rows: int | None = ROWS_PER_MEGABYTE * int(memory_of(memory).removesuffix("MB"))
        self.local = local
        self.folder = folder
        self._tell = tell
        local.execute("SET preserve_insertion_order = false")

    def relation(self, name: str, paths: Sequence[Path], files: Sequence[int], numbered: bool) -> None:
        """Make `name` the rows of Parquet files: `_file`, `_row`, and their columns."""
        numbers = ", ".join(str(file) for file in files)
        listed = ", ".join(literal(str(path)) for path in paths)
        row = "_row" if numbered else "(file_row_number + 1)::BIGINT"
        columns = "* EXCLUDE (_row)" if numbered else "*"
        self.view(
            name,
            f"SELECT ([{numbers}])[(file_index + 1)::BIGINT]::INTEGER AS _file, {row} AS _row, {columns} "
            f"FROM read_parquet([{listed}])",
        )

    def relation_of_table(self, name: str, table: str, file: int) -> str:  # noqa: ARG002 - as the protocol has it
        """Raise an error: tables of this engine are files (`file.duckdb:table`)."""
        raise _no_catalog(table)

    def types_of_table(self, table: str) -> dict[str, str]:
        """Raise an error: tables of this engine are files (`file.duckdb:table`)."""
        raise _no_catalog(table)

    def view(self, name: str, sql: str) -> None:
        """Make `name` stand for a query."""
        self.local.execute(f"CREATE VIEW {quoted(name)} AS {sql}")

    def collect(self, name: str, sql: str) -> None:
        """Run a query; its rows become a table."""
        self._run(f"CREATE TABLE {quoted(name)} AS {sql}")

    def send(self, name: str) -> None:
        """Do nothing: local tables are at hand."""

    def write(self, sql: str, target: Path) -> None:
        """Write the rows of a query as one Parquet file, in the order that the query gives."""
        self.local.execute("SET preserve_insertion_order = true")
        self._run(f"COPY ({sql}) TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd)")
        self.local.execute("SET preserve_insertion_order = false")

    def hash64(self, text: str) -> str:
        """Return the SQL of a 64-bit hash."""
        return f"hash({text})"

    def full_match(self, text: str, pattern: str) -> str:
        """Return the SQL that tells whether a regular expression fits the whole of a text."""
        return f"regexp_full_match({text}, {literal(pattern)})"

    def _run(self, sql: str) -> None:
        if not self._tell.heard:
            self.local.execute(sql)
            return
        done = threading.Event()

        def poll() -> None:
            while not done.wait(POLL_SECONDS):
                with contextlib.suppress(duckdb.Error):
                    self._tell.part(self.local.query_progress() / 100)

        watcher = threading.Thread(target=poll, daemon=True)
        watcher.start()
        try:
            self.local.execute(sql)
        finally:
            done.set()
            watcher.join()


def _no_catalog(table: str) -> SuirenError:
    what = f"The table {table!r} is one of Spark's catalog."
    return fail("E-engine-table", what, do="Add --engine spark, or name a DuckDB table as file.duckdb:table.")


def memory_of(said: str) -> str:
    """Return an amount of memory such as 2GB as the engine reads it.

    Raises:
        SuirenError: no amount, or less than the engine needs to work at all.
    """
    found = re.fullmatch(r"\s*(\d{1,7})\s*([MG])i?B?\s*", said, re.IGNORECASE)
    if found is None:
        raise fail("E-memory", f"--memory {said!r} is no amount of memory.", do="Write it as 2GB or 800MB.")
    size = int(found[1]) * (1000 if found[2].upper() == "G" else 1)
    if size < LEAST_MEGABYTES:
        raise fail("E-memory", f"--memory {said} is too little.", do=f"At least {LEAST_MEGABYTES}MB are needed.")
    return f"{size}MB"
