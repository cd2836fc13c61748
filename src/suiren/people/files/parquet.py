"""Parquet files: read where they are; copied only where a column has a type that not every engine reads."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from suiren.engines.engine import count, name, text
from suiren.errors import fail
from suiren.people.files.source import Copied, Draft, none_rejected, private
from suiren.people.shapes import Shape, recognise

FLOATS = ("DOUBLE", "FLOAT")
NUMBERS = ("person_id", "id_document_number")
"""Columns whose digits all count."""
READ_ANYWHERE = re.compile(
    r"VARCHAR|BOOLEAN|U?(TINY|SMALL|BIG)?INT(EGER)?|DOUBLE|FLOAT|DATE|DECIMAL\(.*\)|TIMESTAMP( WITH TIME ZONE)?"
)
LOCAL_DAY = "CAST(timezone('Asia/Shanghai', timezone('UTC', {})) AS DATE)"
"""SQL of the day in China of a moment without zone that is meant in UTC."""
NESTED = re.compile(r"STRUCT|MAP|UNION|.*\]$")
KINDS = ("hukou_place", "enrolment_place", "persons", "person_months", "first_persons")
"""Columns by which a file of kinds is known."""


def draft_parquet(
    connection: duckdb.DuckDBPyConnection, folder: Path, path: Path, format_: str, wanted: tuple[str, ...]
) -> Draft:
    """Return what a Parquet file is, by its schema alone.

    Raises:
        SuirenError: its columns cannot be what they are taken for.
    """
    source = f"read_parquet({text(str(path))}, binary_as_string = true)"
    types = {row[0]: row[1] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    _check_twice(connection, path, tuple(types))
    shape = shape_of(tuple(types), format_, wanted, path.name)
    check_types({ours: types[theirs] for ours, theirs in shape.columns.items()}, path.name)
    others = tuple(sorted(set(types) - set(shape.columns.values())))

    def copy() -> Copied:
        return _copied(connection, folder, path, shape, types)

    return Draft(path, "", shape, others, "", (), copy)


def _check_twice(connection: duckdb.DuckDBPyConnection, path: Path, columns: tuple[str, ...]) -> None:
    """Raise an error where names differ in letter case alone: the engine gives the later ones a number of its own."""
    stored = {row[0] for row in connection.execute(f"SELECT name FROM parquet_schema({text(str(path))})").fetchall()}
    renamed = [re.sub(r"_\d+$", "", column).lower() for column in columns if column not in stored]
    if renamed:
        raise fail("E-column-twice", f"{path.name} has the column {renamed[0]!r} twice.", "Which one counts?")


def shape_of(columns: tuple[str, ...], format_: str, wanted: tuple[str, ...], shown: str) -> Shape:
    """Return the shape of a table of typed columns: kinds, or one of person rows."""
    folded = {column.strip().lower() for column in columns}
    if "person_id" not in folded and folded.issuperset(KINDS):
        return Shape("kinds", {column: column for column in columns})
    return recognise(columns, format_, wanted, shown)


def check_types(types: dict[str, str], shown: str) -> None:
    """Raise an error where a column of ours has a type that loses digits or holds no single value."""
    for column, kind in types.items():
        if column in NUMBERS and kind in FLOATS:
            raise fail(
                "E-column-type",
                f"{column} of {shown} is a floating-point number.",
                "Long person numbers lose digits in it, and different people become one.",
                "Save the column as text or as a whole number.",
            )
        if NESTED.match(kind):
            raise fail("E-column-type", f"{column} of {shown} holds lists or structures.", do="Give one value a row.")


def _copied(
    connection: duckdb.DuckDBPyConnection, folder: Path, path: Path, shape: Shape, types: dict[str, str]
) -> Copied:
    own = {ours: types[theirs] for ours, theirs in shape.columns.items()}
    plain = f"read_parquet({text(str(path))})"
    stored = {row[0]: row[1] for row in connection.execute(f"DESCRIBE SELECT * FROM {plain}").fetchall()}
    rows = count(connection, f"SELECT sum(num_rows) FROM parquet_file_metadata({text(str(path))})")
    days = _zoned(connection, path) & set(shape.columns.values())
    if not days and all(READ_ANYWHERE.fullmatch(stored[theirs]) for theirs in shape.columns.values()):
        return Copied(path, shape.columns, own, False, rows, none_rejected())
    source = f"read_parquet({text(str(path))}, binary_as_string = true)"
    if days:
        in_china = ", ".join(f"{LOCAL_DAY.format(name(column))} AS {name(column)}" for column in sorted(days))
        source = f"(SELECT * REPLACE ({in_china}) FROM {source})"
    return copy_typed(connection, folder, source, shape.columns, {**types, **dict.fromkeys(days, "DATE")})


def _zoned(connection: duckdb.DuckDBPyConnection, path: Path) -> set[str]:
    """Return the columns that hold moments as Hive and Spark write them (INT96), which count from midnight in UTC."""
    schema = f"SELECT name FROM parquet_schema({text(str(path))}) WHERE type = 'INT96'"
    return {row[0] for row in connection.execute(schema).fetchall()}


def copy_typed(
    connection: duckdb.DuckDBPyConnection, folder: Path, source: str, columns: dict[str, str], types: dict[str, str]
) -> Copied:
    """Return a private copy of a relation with typed columns; types that not every engine reads become texts."""
    parquet = private(folder)
    safe = {
        ours: types[theirs] if READ_ANYWHERE.fullmatch(types[theirs]) else "VARCHAR" for ours, theirs in columns.items()
    }
    cells = ", ".join(f"{name(theirs)}::{safe[ours]} AS {name(ours)}" for ours, theirs in columns.items())
    connection.execute(
        f"COPY (SELECT row_number() OVER () AS _row, {cells} FROM {source}) TO {text(str(parquet))} "
        "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
    )
    rows = count(connection, f"SELECT sum(num_rows) FROM parquet_file_metadata({text(str(parquet))})")
    return Copied(parquet, {ours: ours for ours in columns}, safe, True, rows, none_rejected())
