"""What Spark reads: Parquet files through numbered links, tables it knows; each row with its file and its number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from suiren.engines.engine import text

DIGITS = 9
"""Digits of the number of a file in the name of the link through which it is read."""
OURS = frozenset({"_file", "_row", "_none"})
NONE = "`_none` string"
"""Stands for the columns of a file of which Spark can read none: a frame has at least one."""
SAME = {
    "VARCHAR": "string",
    "JSON": "string",
    "BLOB": "binary",
    "BOOLEAN": "boolean",
    "TINYINT": "tinyint",
    "SMALLINT": "smallint",
    "INTEGER": "int",
    "BIGINT": "bigint",
    "FLOAT": "float",
    "DOUBLE": "double",
    "DATE": "date",
    "TIMESTAMP": "timestamp_ntz",
    "TIMESTAMP WITH TIME ZONE": "timestamp",
}
"""DuckDB's type -> Spark's type of the same values."""
WIDER = {
    "UTINYINT": "smallint",
    "USMALLINT": "int",
    "UINTEGER": "bigint",
    "UBIGINT": "decimal(20,0)",
    "TIMESTAMP_NS": "bigint",
    '"NULL"': "int",
}
"""DuckDB's type -> the type as which Spark reads it from Parquet."""
UTC_DAY = "TIMESTAMP_NTZ '1970-01-01 00:00:00'"


def spark_type(kind: str) -> str | None:
    """Return Spark's name of a type that DuckDB finds in a Parquet file; None for a type that Spark cannot read."""
    if kind.startswith("DECIMAL("):
        return kind.lower()
    return SAME.get(kind) or WIDER.get(kind)


def duck_type(kind: str) -> str:
    """Return DuckDB's name of a type of Spark; nested ones in Spark's own words, upper case."""
    if re.match(r"(var)?char\(", kind):
        return "VARCHAR"
    known = {spark: duck for duck, spark in reversed(SAME.items())}
    return known.get(kind, kind.upper())


def unreadable(local: duckdb.DuckDBPyConnection, path: Path) -> tuple[str, ...]:
    """Return the columns of a Parquet file that Spark cannot read; a relation leaves them out.

    They are of the types TIME, UUID, INTERVAL or nested, or have names that differ in letter case alone.
    """
    readable = _schema(local, path)
    described = local.execute(f"DESCRIBE SELECT * FROM read_parquet({text(str(path))})").fetchall()
    return tuple(row[0] for row in described if row[0] not in readable)


def frame_of_files(
    spark: Any,
    local: duckdb.DuckDBPyConnection,
    links: Path,
    paths: Sequence[Path],
    files: Sequence[int],
    numbered: bool,
) -> Any:
    """Return a frame of the rows of Parquet files of one layout: `_file` (from `files`), `_row` (from 1), columns.

    Files are read through links in the folder `links` that are named by their number: so no path is taken for a pattern
    or for a hidden file, and each row tells its file.
    """
    links.mkdir(parents=True)
    for number, path in zip(files, paths, strict=True):
        (links / f"{number:0{DIGITS}}.parquet").symlink_to(path.resolve())
    frame = frame_of(spark, local, links, paths[0])
    place = frame.metadataColumn("_metadata")
    file = place["file_name"].substr(1, DIGITS).cast("int")
    row = frame["_row"].cast("bigint") if numbered else place["row_index"] + 1
    return frame.select(file.alias("_file"), row.alias("_row"), *_others(frame, OURS))


def frame_of(spark: Any, local: duckdb.DuckDBPyConnection, folder: Path, example: Path) -> Any:
    """Return a frame of the Parquet files of a folder, typed as DuckDB types the file `example`.

    Spark is told the columns: left to itself, one column of a type that it does not know would spoil the file.
    """
    from pyspark.sql import functions as f

    kinds = _schema(local, example)
    schema = ", ".join(f"{_back(column)} {kind[0]}" for column, kind in kinds.items())
    frame = spark.read.schema(schema or NONE).parquet(str(folder))
    nanos = {
        column: f.expr(f"timestampadd(MICROSECOND, {_back(column)} DIV 1000, {UTC_DAY})")
        for column, kind in kinds.items()
        if kind[1] == "TIMESTAMP_NS"
    }
    return frame.withColumns(nanos) if nanos else frame


def frame_of_table(spark: Any, table: str, file: int, copy: Path) -> tuple[Any, str]:
    """Return a frame of the rows of a table, `_file` (`file`) and `_row` (from 1) with them, and what `_row` counts.

    A table of Parquet files is counted through its files in the order of their paths, so a row keeps its number for as
    long as the files stand. Anything else is copied once into the folder `copy` and counted there: its rows
    have no order of their own, and another run may number them otherwise.
    """
    from pyspark.sql import functions as f

    frame = spark.table(table)
    said = "_row counts through the files of the table, in the order of their paths"
    if not _has_files(spark, frame, table):
        frame.write.parquet(str(copy))
        frame = spark.read.parquet(str(copy))
        said = "_row counts through a copy of the table, in the order in which Spark wrote it; runs may differ"
    place = frame.metadataColumn("_metadata")
    path = place["file_path"].alias("_path")
    counts = sorted((row["_path"], row["count"]) for row in frame.groupBy(path).count().collect())
    before: list[tuple[str, int]] = []
    rows = 0
    for there, count in counts:
        before.append((there, rows))
        rows += count
    starts = spark.createDataFrame(before, "_path string, _before bigint").hint("broadcast")
    placed = frame.select(path, place["row_index"].alias("_index"), *_others(frame, OURS))
    joined = placed.join(starts, "_path")
    row = (joined["_before"] + joined["_index"] + 1).alias("_row")
    kept = _others(joined, frozenset({"_path", "_index", "_before"}))
    return joined.select(f.lit(file).cast("int").alias("_file"), row, *kept), said


def types_of_table(spark: Any, table: str) -> dict[str, str]:
    """Return the columns of a table that Spark knows -> DuckDB's names of their types."""
    fields = spark.table(table).schema.fields
    return {field.name: duck_type(field.dataType.simpleString()) for field in fields}


def _has_files(spark: Any, frame: Any, table: str) -> bool:
    """Return whether a table stands in Parquet files of its own, whose rows tell their place."""
    from pyspark.errors import AnalysisException

    if spark.catalog.getTable(table).tableType not in {"MANAGED", "EXTERNAL"}:
        return False
    try:
        place = frame.metadataColumn("_metadata")
        return bool(frame.select(place["file_path"], place["row_index"]).columns)
    except AnalysisException:
        return False


def _schema(local: duckdb.DuckDBPyConnection, path: Path) -> dict[str, tuple[str, str]]:
    """Return the columns of a Parquet file that Spark can read -> Spark's type and DuckDB's type.

    Of names that differ in letter case alone DuckDB gives the later ones a number, so they stand in no file.
    """
    source = text(str(path))
    described = local.execute(f"DESCRIBE SELECT * FROM read_parquet({source})").fetchall()
    stored = local.execute(f"SELECT name, type FROM parquet_schema({source})").fetchall()[1:]
    zoned = {column for column, kind in stored if kind == "INT96"}
    names = {column for column, _ in stored}
    twice = {re.sub(r"_\d+$", "", column).lower() for column, *_ in described if column not in names}
    found: dict[str, tuple[str, str]] = {}
    for column, kind, *_ in described:
        known = "timestamp" if column in zoned else spark_type(kind)
        if known is not None and column in names and column.lower() not in twice:
            found[column] = known, kind
    return found


def _others(frame: Any, left_out: frozenset[str]) -> list[Any]:
    return [frame[_back(column)] for column in frame.columns if column.lower() not in left_out]


def _back(column: str) -> str:
    return "`" + column.replace("`", "``") + "`"
