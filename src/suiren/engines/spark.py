"""Spark: person rows where one machine is outgrown; the same SQL as on DuckDB, results by way of Parquet files."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import duckdb

from suiren.engines.engine import name as quoted
from suiren.engines.engine import text as quoted_text
from suiren.engines.spark_read import frame_of, frame_of_files, frame_of_table, types_of_table
from suiren.engines.spark_start import MASTER, is_local, session
from suiren.engines.tell import SILENT, Tell
from suiren.errors import SuirenError, fail
from suiren.leftovers import sweep

LOOK_EVERY = 0.5
"""Seconds between two looks at how far a query is."""
GROUP = "suiren"


class SparkEngine:
    """The engine over one Spark session; see `suiren.engines.engine.Engine`."""

    name = "spark"
    most_rows: int | None = None

    def __init__(
        self, spark: Any, local: duckdb.DuckDBPyConnection, folder: Path, shared: Path, tell: Tell = SILENT
    ) -> None:
        """Use a session, the local database, the run's private folder, and a folder that all nodes see."""
        self.local = local
        self.folder = folder
        self._spark = spark
        self._shared = shared
        self._at_home = is_local(str(spark.sparkContext.master))
        self._tell = tell
        self._made = 0

    def relation(self, name: str, paths: Sequence[Path], files: Sequence[int], numbered: bool) -> None:
        """Make `name` the rows of Parquet files of one layout: `_file` (as in `files`), `_row` (from 1), columns.

        Columns of types that Spark cannot read are left out.
        """
        with _guarded():
            links = self._new("links")
            frame = frame_of_files(self._spark, self.local, links, paths, files, numbered)
            frame.createOrReplaceTempView(name)

    def relation_of_table(self, name: str, table: str, file: int) -> str:
        """Make `name` the rows of a table that Spark knows, with `_file` and `_row`; return what `_row` counts."""
        with _guarded():
            frame, said = frame_of_table(self._spark, table, file, self._new("table"))
            frame.createOrReplaceTempView(name)
        return said

    def types_of_table(self, table: str) -> dict[str, str]:
        """Return the columns of a table that Spark knows -> DuckDB's names of their types."""
        with _guarded():
            return types_of_table(self._spark, table)

    def view(self, name: str, sql: str) -> None:
        """Make `name` stand for a query."""
        with _guarded():
            self._spark.sql(sql).createOrReplaceTempView(name)

    def collect(self, name: str, sql: str) -> None:
        """Run a query; its rows become the table `name` of the local database."""
        target = self._new("collected")
        with _guarded(), self._watched():
            self._spark.sql(sql).write.parquet(str(target))
        files = quoted_text(f"{target}/*.parquet")
        self.local.execute(f"CREATE OR REPLACE TABLE {quoted(name)} AS SELECT * FROM read_parquet({files})")
        shutil.rmtree(target, ignore_errors=True)

    def send(self, name: str) -> None:
        """Make the local table `name` readable in the engine's queries; whole numbers of 128 bits become decimals."""
        target = self._new("sent")
        target.mkdir()
        described = self.local.execute(f"DESCRIBE {quoted(name)}").fetchall()
        wide = [f"{quoted(row[0])}::DECIMAL(38, 0) AS {quoted(row[0])}" for row in described if "HUGEINT" in row[1]]
        replaced = f" REPLACE ({', '.join(wide)})" if wide else ""
        file = target / "table.parquet"
        rows = f"SELECT *{replaced} FROM {quoted(name)}"
        self.local.execute(f"COPY ({rows}) TO {quoted_text(str(file))} (FORMAT parquet)")
        with _guarded():
            frame_of(self._spark, self.local, target, file).createOrReplaceTempView(name)

    def write(self, sql: str, target: Path) -> None:
        """Write the rows of a query as a folder of Parquet parts, part-00000.parquet and on; it must not exist yet."""
        there = target if self._at_home else self._new("written")
        try:
            with _guarded(), self._watched():
                self._spark.sql(sql).write.parquet(str(there.resolve()))
        except SuirenError:
            shutil.rmtree(there, ignore_errors=True)
            raise
        target.mkdir(exist_ok=True)
        for number, part in enumerate(sorted(there.glob("part-*.parquet"))):
            shutil.move(part, target / f"part-{number:05}.parquet")
        for mark in (*there.glob(".*.crc"), *there.glob("_SUCCESS")):
            mark.unlink()

    def literal(self, value: str) -> str:
        """Return a value as an SQL text: in Spark's a backslash is written twice."""
        return quoted_text(value.replace("\\", "\\\\"))

    def hash64(self, text: str) -> str:
        """Return the SQL of a 64-bit hash of a text; engines differ in its value, so it only narrows a search."""
        return f"xxhash64({text})"

    def full_match(self, text: str, pattern: str) -> str:
        """Return the SQL that tells whether a regular expression fits the whole of a text."""
        whole = self.literal(rf"\A(?:{pattern})\z")
        return f"({text} RLIKE {whole})"

    def _new(self, what: str) -> Path:
        """Return a path that does not exist yet, in the folder that all nodes see."""
        self._made += 1
        return self._shared / f"{what}-{self._made}"

    @contextlib.contextmanager
    def _watched(self) -> Generator[None]:
        """Tell meanwhile which part of the tasks seen so far is done, if anybody listens."""
        if not self._tell.heard:
            yield
            return
        context = self._spark.sparkContext
        group = f"{GROUP}-{self._made}"
        context.setJobGroup(group, GROUP)
        over = threading.Event()
        watch = threading.Thread(target=self._watch, args=(context.statusTracker(), group, over), daemon=True)
        watch.start()
        try:
            yield
        finally:
            over.set()
            watch.join()

    def _watch(self, tracker: Any, group: str, over: threading.Event) -> None:
        furthest = 0.0
        while not over.wait(LOOK_EVERY):
            done = part_done(tracker, group)
            if done > furthest:
                furthest = done
                self._tell.part(done)


@contextlib.contextmanager
def spark_engine(
    local: duckdb.DuckDBPyConnection,
    folder: Path,
    master: str | None = None,
    memory: str = "4GB",
    work: Path | None = None,
    tell: Tell = SILENT,
) -> Generator[SparkEngine]:
    """Yield the engine over a Spark session; what it started and wrote is gone afterwards.

    `work` is a folder that all nodes see; results and small tables travel through a private folder in it. Spark on
    this machine alone uses `folder`, the run's private one.

    Raises:
        SuirenError: PySpark or Java is missing, Spark does not start, a cluster without a common folder.
    """
    if work is None and not is_local(master or MASTER):
        raise fail(
            "E-work",
            f"The nodes of {master} need a folder that all of them see.",
            "Tables travel between them and this machine as files.",
            "Name one with --work DIR.",
        )
    inside = work is None or folder.resolve().is_relative_to(work.resolve())
    shared = folder if inside else _private(work or folder)
    try:
        with session(master, memory, folder) as spark:
            yield SparkEngine(spark, local, folder, shared, tell)
    finally:
        if not inside:
            shutil.rmtree(shared, ignore_errors=True)


def part_done(tracker: Any, group: str) -> float:
    """Return which part of the tasks of a group of jobs is done, 0 to 1, of the tasks known so far."""
    known = done = 0
    for job in tracker.getJobIdsForGroup(group):
        found = tracker.getJobInfo(job)
        for stage in found.stageIds if found else ():
            tasks = tracker.getStageInfo(stage)
            if tasks:
                known += tasks.numTasks
                done += tasks.numCompletedTasks
    return done / known if known else 0.0


def _private(work: Path) -> Path:
    """Return a new folder in `work` that only this user may enter."""
    sweep(work, "suiren-")
    try:
        return Path(tempfile.mkdtemp(prefix=f"suiren-{os.getpid()}-", dir=work))
    except OSError as error:
        raise fail("E-work", f"Nothing can be written into {str(work)!r}.", do="Name another folder.") from error


@contextlib.contextmanager
def _guarded() -> Generator[None]:
    """Turn what stops Spark into an error that says what to do; its own words may hold cells, so only --debug tells.

    Raises:
        SuirenError: Spark stopped.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import AnalysisException, PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        condition = error.getCondition() if isinstance(error, PySparkException) else None
        kind = condition or type(error).__name__
        for mark, why, do in REASONS:
            if mark in f"{kind} {error}":
                raise fail("E-engine", f"Spark stopped: {kind}.", why, do) from error
        if isinstance(error, AnalysisException):
            raise
        do = "Check the files and the free space; --debug shows Spark's words."
        raise fail(
            "E-engine", f"Spark stopped: {kind}.", "A file may be damaged, or disk or memory full.", do
        ) from error


REASONS = (
    ("No space left on device", "A disk is full.", "Free space where --work or the temporary folder is."),
    ("OutOfMemoryError", "The memory does not suffice.", "Give more with --memory."),
    ("BrotliCodec", "A file is compressed with brotli, which Spark cannot read.", "Save it with zstd or snappy."),
    ("is not a Parquet file", "A file is no Parquet file, or not a whole one.", "Check the files."),
    ("TABLE_OR_VIEW_NOT_FOUND", "There is no such table.", "Check its name, and that Spark knows its catalog."),
)
"""What Spark's words hold, why it stopped, what to do."""
