"""Facts of persons in a file of their own, such as residence permits: joined to the rows by person number."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from suiren.engines.engine import name, text
from suiren.errors import fail
from suiren.people.files import sources_of
from suiren.people.values import bare

BROUGHT = ("hukou_place", "residence_place", "contribution_tier", "aid_group", "person_class")
"""Columns that such a file may bring besides facts."""


def read_permits(local: duckdb.DuckDBPyConnection, folder: Path, path: str, facts: Sequence[str]) -> tuple[str, ...]:
    """Make the table `permits` (`_person`, a text for each column brought) and return the columns.

    A person who stands there several times has what all the rows agree on; where they contradict each other the cell
    is empty, which means not known.

    Raises:
        SuirenError: a file that cannot be read, without person numbers, or without any fact.
    """
    wanted = ("person_id", *BROUGHT, *facts)
    sources = sources_of(local, folder, [path], "auto", wanted, facts, required=("person_id",))
    brought = tuple(column for column in wanted[1:] if any(column in source.columns for source in sources))
    if not brought:
        raise fail(
            "E-permits",
            f"{Path(path).name} holds no fact of a person.",
            "It has to say something that the rows do not, such as has_permit.",
            f"Its columns may be {', '.join((*BROUGHT, *facts))}.",
        )
    parts: list[str] = []
    for source in sources:
        cells = {
            column: bare(name(source.columns[column]), source.types[column], column)
            if column in source.columns
            else "NULL::VARCHAR"
            for column in ("person_id", *brought)
        }
        listed = ", ".join(f"{sql} AS {name(column)}" for column, sql in cells.items())
        parts.append(f"SELECT {listed} FROM read_parquet({text(str(source.parquet))})")
    agreed = ", ".join(
        f"CASE WHEN min({name(column)}) = max({name(column)}) THEN min({name(column)}) END AS {name(column)}"
        for column in brought
    )
    local.execute(
        f"CREATE TABLE permits AS SELECT person_id AS _person, {agreed} FROM ({' UNION ALL '.join(parts)}) "
        "WHERE person_id IS NOT NULL GROUP BY person_id"
    )
    return brought
