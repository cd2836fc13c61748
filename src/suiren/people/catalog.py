"""Tables of the engine's own catalog as inputs: `spark:NAME`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from suiren.engines.engine import Engine, count
from suiren.errors import Problem, raise_all
from suiren.people.files import Source
from suiren.people.files.source import none_rejected
from suiren.people.shapes import recognise

PREFIX = "spark:"


def tables_of(inputs: Sequence[str | Path]) -> list[str]:
    """Return the names of the tables among the inputs."""
    return [str(given).removeprefix(PREFIX) for given in inputs if str(given).startswith(PREFIX)]


def table_sources(
    engine: Engine, tables: Sequence[str], format_: str, wanted: Sequence[str], required: Sequence[str]
) -> list[Source]:
    """Return a source for each table, its rows counted by the engine.

    Raises:
        SuirenError: no such table, or columns that cannot be what they are taken for.
    """
    problems: list[Problem] = []
    sources: list[Source] = []
    for number, table in enumerate(tables):
        types = engine.types_of_table(table)
        shape = recognise(tuple(types), format_, wanted, table)
        needed = [column for column in required if column != "hukou_place" or shape.name != "nhsa-ledger"]
        missing = [column for column in needed if column not in shape.columns]
        problems += [
            Problem("E-column", f"The column {column} is missing.", "Nobody knows whom the row is about.", where=table)
            for column in missing
        ]
        engine.collect(f"counted_{number}", f"SELECT count(*) AS rows FROM {table}")
        rows = count(engine.local, f"SELECT rows FROM counted_{number}")
        own = {ours: types[theirs] for ours, theirs in shape.columns.items()}
        others = tuple(sorted(set(types) - set(shape.columns.values())))
        sources.append(
            Source(
                Path(f"{PREFIX}{table}"),
                shape.name,
                Path(),
                shape.columns,
                own,
                False,
                rows,
                none_rejected(),
                "",
                others,
                shape.remarks,
                spelled=shape.columns,
                table=table,
            )
        )
    raise_all(problems)
    return sources
