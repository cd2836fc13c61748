"""The quarantine: each row that cannot be settled, with column, code and sentence; no person number in clear."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from suiren.engines.engine import Engine, count, name, text
from suiren.people.cells import columns_of, read_sql
from suiren.people.checks import Check, month_checks
from suiren.people.files import Source
from suiren.people.records import message
from suiren.people.scan import Layout, same_cells

OWN_WORDS = ("Q-shut-out", "Q-fact-missing")
"""Codes whose value is a word of ours, not a cell of the input."""
NEVER_SHOWN = ("person_id", "id_document_number")
SHOWN = 6
"""The longest value of a cell that is shown whole: a place code, never an identity number."""
QUARANTINE: dict[str, Any] = {
    "file": pl.String,
    "row": pl.Int64,
    "column": pl.String,
    "code": pl.String,
    "message": pl.String,
    "value": pl.String,
    "at_stake_fen": pl.Int64,
}
"""Columns of the quarantine; `at_stake_fen` is empty where a row is not well formed."""


def find_held(engine: Engine, layouts: Sequence[Layout]) -> None:
    """Make the table `held_rows`: the rows of groups that are faulty or refused, with the text of their cost."""
    local = engine.local
    local.execute(
        "CREATE TABLE held_rows (_layout INTEGER, _cell BIGINT, _file INTEGER, _row BIGINT, cost_text VARCHAR)"
    )
    for layout in layouts:
        which = f"_layout = {layout.number}"
        local.execute(
            f"CREATE TABLE marked_{layout.number} AS SELECT rowid AS _cell, {', '.join(map(name, layout.keys))} "
            f"FROM cells_{layout.number} WHERE rowid IN (SELECT _cell FROM typed WHERE _bad AND {which} "
            f"UNION ALL SELECT _cell FROM refused_cells WHERE {which})"
        )
        if not count(local, f"SELECT count(*) FROM marked_{layout.number}"):
            continue
        engine.send(f"marked_{layout.number}")
        cost = "r._cost_bad" if "cost_fen" in layout.columns else "CAST(NULL AS STRING)"
        engine.collect(
            f"found_{layout.number}",
            f"SELECT m._cell, r._file, r._row, {cost} AS cost_text FROM {layout.rows} AS r "
            f"JOIN marked_{layout.number} AS m ON {same_cells(layout, 'r', 'm')}",
        )
        local.execute(f"INSERT INTO held_rows SELECT {layout.number}, * FROM found_{layout.number}")


def write_quarantine(
    local: duckdb.DuckDBPyConnection,
    folder: Path,
    sources: Sequence[Source],
    layouts: Sequence[Layout],
    conditions: Sequence[Check],
    facts: tuple[str, ...],
    year: int,
    lang: str,
) -> Path:
    """Write the quarantine as Parquet, a line for each problem in file order, and return its path.

    Columns: those of `QUARANTINE`, and `_file`, the number of the file, and `place`, that of enrolment where known.
    """
    _problems(local, layouts, (*conditions, *month_checks()), facts, year)
    _rejected(local, folder, sources)
    given = "CASE WHEN p.code = 'Q-cost' THEN h.cost_text ELSE p.value END"
    own = ", ".join(text(code) for code in OWN_WORDS)
    hidden = ", ".join(text(column) for column in NEVER_SHOWN)
    masked = (
        f"CASE WHEN value IS NULL OR col IN ({hidden}) THEN '' WHEN code IN ({own}) OR length(value) <= {SHOWN} "
        "THEN value ELSE substr(value, 1, 2) || '***' END"
    )
    local.execute(
        f"CREATE TABLE told AS SELECT _file, _row, col, code, {masked} AS value, at_stake_fen, place FROM ("
        f"SELECT h._file, h._row, p.col, p.code, {given} AS value, s.at_stake_fen, t.enrolment_place AS place "
        "FROM held_rows h JOIN problems p USING (_layout, _cell) JOIN typed t USING (_layout, _cell) "
        "LEFT JOIN stakes s USING (_layout, _cell) "
        "UNION ALL SELECT l._file, l._row, 'person_id', l.code, NULL, s.at_stake_fen, t.enrolment_place "
        "FROM left_rows l JOIN typed t USING (_layout, _cell) LEFT JOIN stakes s USING (_layout, _cell) "
        "UNION ALL SELECT _file, _row, col, code, NULL, NULL, NULL FROM rejected)"
    )
    path = folder / "told.parquet"
    local.execute(f"COPY (SELECT DISTINCT col, code, value FROM told) TO {text(str(path))} (FORMAT parquet)")
    kinds = pl.read_parquet(path)
    said = [message(code, column, value, lang) for column, code, value in kinds.iter_rows()]
    kinds.with_columns(message=pl.Series(said, dtype=pl.String)).write_parquet(path)
    names = pl.DataFrame({"file": [source.shown for source in sources]}, schema={"file": pl.String})
    names.with_row_index("_file").write_parquet(folder / "names.parquet")
    target = folder / "quarantine.parquet"
    local.execute(
        'COPY (SELECT n.file, t._row AS row, t.col AS "column", t.code, m.message, t.value, t.at_stake_fen, '
        f"t._file, t.place FROM told t JOIN read_parquet({text(str(path))}) m USING (col, code, value) "
        f"JOIN read_parquet({text(str(folder / 'names.parquet'))}) n ON t._file = n._file "
        f"ORDER BY t._file, t._row, t.code, t.col, t.value) TO {text(str(target))} (FORMAT parquet)"
    )
    return target


def _problems(
    local: duckdb.DuckDBPyConnection,
    layouts: Sequence[Layout],
    conditions: Sequence[Check],
    facts: tuple[str, ...],
    year: int,
) -> None:
    """Make the table `problems`: for each faulty or refused group its columns, codes and values."""
    local.execute("CREATE TABLE problems (_layout INTEGER, _cell BIGINT, col VARCHAR, code VARCHAR, value VARCHAR)")
    texts = {*columns_of(facts), "birth_date", "person_id", "id_document_number", "cost_fen"}
    for layout in layouts:
        number = layout.number
        if not count(local, f"SELECT count(*) FROM marked_{number}"):
            continue
        told = read_sql(layout, facts, year, f"marked_{number}")
        local.execute(
            f"CREATE TABLE read_{number} AS SELECT r.*, t.months, t.first_month FROM ({told}) r "
            f"JOIN typed t ON t._layout = {number} AND r._cell = t._cell"
        )
        marks: list[str] = []
        for check in conditions:
            value = name(f"t_{check.column}") if check.column in texts else "NULL::VARCHAR"
            told = f"{{'col': {text(check.column)}, 'code': {text(check.code)}, 'value': {value}}}"
            marks.append(f"CASE WHEN {check.fails} THEN {told} END")
        local.execute(
            f"INSERT INTO problems SELECT {number}, _cell, told.col, told.code, told.value "
            f"FROM (SELECT _cell, unnest([{', '.join(marks)}]) AS told FROM read_{number}) WHERE told IS NOT NULL"
        )
    local.execute('INSERT INTO problems SELECT _layout, _cell, "column", code, value FROM refusals')


def _rejected(local: duckdb.DuckDBPyConnection, folder: Path, sources: Sequence[Source]) -> None:
    """Make the table `rejected`: the rows that could not be split into cells."""
    frames = [
        source.rejected.select(
            pl.lit(number, pl.Int32).alias("_file"),
            pl.col("_row").cast(pl.Int64),
            pl.lit("").alias("col"),
            pl.col("_code").alias("code"),
        )
        for number, source in enumerate(sources)
    ]
    path = folder / "rejected.parquet"
    pl.concat(frames).write_parquet(path)
    local.execute(f"CREATE TABLE rejected AS SELECT * FROM read_parquet({text(str(path))})")


def counted(local: duckdb.DuckDBPyConnection, folder: Path, quarantine: Path) -> pl.DataFrame:
    """Return how many rows are held by code and place of enrolment: code, place, rows, at_stake_fen."""
    path = folder / "counted.parquet"
    local.execute(
        "COPY (SELECT code, place, count(*) AS rows, CAST(coalesce(sum(at_stake_fen), 0) AS BIGINT) AS at_stake_fen "
        f"FROM (SELECT DISTINCT _file, row, code, place, at_stake_fen FROM read_parquet({text(str(quarantine))})) "
        f"GROUP BY code, place ORDER BY code, place) TO {text(str(path))} (FORMAT parquet)"
    )
    return pl.read_parquet(path)
