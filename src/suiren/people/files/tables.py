"""Tables of a DuckDB database: attached read-only, copied to Parquet with their types."""

from __future__ import annotations

from pathlib import Path

import duckdb

from suiren.engines.engine import name, text
from suiren.errors import did_you_mean, fail
from suiren.people.files.parquet import check_types, copy_typed, shape_of
from suiren.people.files.source import Copied, Draft

DATABASES = (".duckdb", ".ddb")
ATTACHED = "_user"
"""The name under which the user's database is attached."""


def draft_table(
    connection: duckdb.DuckDBPyConnection, folder: Path, path: Path, table: str, format_: str, wanted: tuple[str, ...]
) -> Draft:
    """Return what a table (or view) of a database is; without a name, its only one.

    Raises:
        SuirenError: no such table, several and none named, or columns that cannot be what they are taken for.
    """
    with _Attached(connection, path):
        tables = _tables(connection)
        chosen = table or (next(iter(tables)) if len(tables) == 1 else "")
        if chosen not in tables:
            what = f"{path.name} holds no table {table!r}." if table else f"{path.name} holds {len(tables)} tables."
            listed = ", ".join(sorted(tables)) or "none"
            do = did_you_mean(table, tables) or f"Name one of its tables as {path.name}:TABLE ({listed})."
            raise fail("E-input", what, do=do)
        relation = tables[chosen]
        types = {row[0]: row[1] for row in connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()}
    part = chosen if table else ""
    shape = shape_of(tuple(types), format_, wanted, f"{path.name}:{chosen}")
    check_types({ours: types[theirs] for ours, theirs in shape.columns.items()}, f"{path.name}:{chosen}")
    others = tuple(sorted(set(types) - set(shape.columns.values())))

    def copy() -> Copied:
        with _Attached(connection, path):
            return copy_typed(connection, folder, relation, shape.columns, types)

    return Draft(path, part, shape, others, "", (), copy)


def _tables(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the tables and views of the attached database: shown name -> SQL name; `main` is not shown."""
    rows = connection.execute(
        f"SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = {text(ATTACHED)}"
    ).fetchall()
    return {
        table if schema == "main" else f"{schema}.{table}": f"{ATTACHED}.{name(schema)}.{name(table)}"
        for schema, table in rows
    }


class _Attached:
    """The user's database, attached read-only for as long as the block runs."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self.connection, self.path = connection, path

    def __enter__(self) -> None:
        self.connection.execute(f"ATTACH {text(str(self.path))} AS {ATTACHED} (READ_ONLY)")

    def __exit__(self, *_: object) -> None:
        self.connection.execute(f"DETACH {ATTACHED}")
