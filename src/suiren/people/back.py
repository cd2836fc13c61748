"""The way back from groups to rows: every settled row, with what was found for the group that it is of."""

from __future__ import annotations

from collections.abc import Sequence

from suiren.engines.engine import name
from suiren.people.intake import Rows
from suiren.people.scan import same_cells


def attach(rows: Rows, table: str, columns: Sequence[str]) -> str:
    """Return the engine's SQL of every settled row: `_person, _file, _row, _cost, _later` and `columns` of its group.

    `table` is a local table with `_layout`, `_cell` and `columns`; rows of groups that it lacks are left out. `_later`:
    the person has an earlier row, where the contribution is charged.
    """
    local, engine = rows.engine.local, rows.engine
    local.execute(
        "CREATE TABLE IF NOT EXISTS apart AS SELECT _file, _row, true AS gone FROM left_rows UNION ALL "
        "SELECT _file, _row, false AS gone FROM later"
    )
    engine.send("apart")
    parts: list[str] = []
    for layout in rows.layouts:
        found = f"{table}_of_{layout.number}"
        keys = ", ".join(f"c.{name(key)}" for key in layout.keys)
        brought = ", ".join(f"t.{name(column)}" for column in columns)
        local.execute(
            f"CREATE TABLE {found} AS SELECT {keys}, {brought} FROM {table} t "
            f"JOIN cells_{layout.number} c ON c.rowid = t._cell WHERE t._layout = {layout.number}"
        )
        engine.send(found)
        taken = ", ".join(f"o.{name(column)}" for column in columns)
        parts.append(
            f"SELECT r._person, r._file, r._row, r._cost, a.gone IS NOT NULL AS _later, {taken} "
            f"FROM {layout.rows} AS r JOIN {found} AS o ON {same_cells(layout, 'r', 'o')} "
            "LEFT JOIN apart AS a ON r._file = a._file AND r._row = a._row WHERE a.gone IS NULL OR NOT a.gone"
        )
    return " UNION ALL ".join(parts)
