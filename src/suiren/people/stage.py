"""Stages of the intake, as tables of one database: typed, good and bad, refused by the law, spells of one person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from suiren import places
from suiren.engines.duck import Source, name, text
from suiren.errors import SuirenError
from suiren.laws import Law
from suiren.laws.aid import aid_row
from suiren.laws.eligibility import decide
from suiren.laws.standard import choose_tier
from suiren.people.checks import Check, typed
from suiren.people.records import OPTIONAL, REQUIRED

CONTENT = (
    "hukou_place",
    "enrolment_place",
    "residence_place",
    "sex",
    "age",
    "person_class",
    "tier",
    "aid_group",
    "risk_group",
    "months",
    "cost_fen",
)


def type_rows(
    connection: duckdb.DuckDBPyConnection, folder: Path, sources: list[Source], facts: tuple[str, ...], year: int
) -> None:
    """Make the table `typed`: a row for each readable input row, texts and typed columns side by side."""
    levels = places.frame().select("code", "level")
    levels.write_parquet(folder / "places.parquet")
    connection.execute(f"CREATE TABLE places AS SELECT * FROM read_parquet({text(str(folder / 'places.parquet'))})")
    wanted = (*dict.fromkeys((*REQUIRED, *OPTIONAL, *facts)),)
    texts = " UNION ALL ".join(_texts(connection, source, number, wanted) for number, source in enumerate(sources))
    columns = typed(facts, year)
    first = ["age"]
    rest = [column for column in columns if column not in first]
    joins = " ".join(
        f"LEFT JOIN places p_{side} ON p_{side}.code = CASE WHEN regexp_full_match(t_{side}, '[0-9]{{6}}') "
        f"THEN t_{side}::INTEGER END"
        for side in ("hukou_place", "enrolment_place", "residence_place")
    )
    sides = ", ".join(
        f"p_{side}.level AS {side}_level" for side in ("hukou_place", "enrolment_place", "residence_place")
    )
    aged = f"SELECT *, {columns['age']} AS age FROM ({texts})"
    made = ", ".join(f"{columns[column]} AS {name(column)}" for column in rest)
    connection.execute(f"CREATE TABLE typed AS SELECT *, {made} FROM (SELECT a.*, {sides} FROM ({aged}) a {joins})")


def _texts(connection: duckdb.DuckDBPyConnection, source: Source, number: int, wanted: tuple[str, ...]) -> str:
    kinds = {row[0]: row[1] for row in connection.execute(f"DESCRIBE {source.table}").fetchall()}
    listed = ", ".join(f"{_as_text(column, kinds.get(column))} AS {name(f't_{column}')}" for column in wanted)
    return f"SELECT {number} AS _file, _row, {listed} FROM {source.table}"


def _as_text(column: str, kind: str | None) -> str:
    if kind is None:
        return "NULL::VARCHAR"
    cell = name(column)
    if kind in {"DOUBLE", "FLOAT"}:
        whole = f"{cell} = trunc({cell}) AND abs({cell}) < 9e15"
        shown = f"CASE WHEN {whole} THEN {cell}::BIGINT::VARCHAR ELSE {cell}::VARCHAR END"
        return f"CASE WHEN isnan({cell}) THEN NULL ELSE {shown} END"
    return f"nullif(trim({cell}::VARCHAR), '')"


def mark_rows(connection: duckdb.DuckDBPyConnection, conditions: list[Check]) -> None:
    """Split `typed` into `good` and `bad`."""
    fails = " OR ".join(f"coalesce({check.fails}, false)" for check in conditions)
    connection.execute(f"CREATE TABLE bad AS SELECT * FROM typed WHERE {fails}")
    connection.execute(f"CREATE TABLE good AS SELECT * FROM typed WHERE NOT ({fails})")


def refuse_rows(
    connection: duckdb.DuckDBPyConnection, folder: Path, law: Law, facts: tuple[str, ...], strict: bool, doors: bool
) -> None:
    """Make the table `refused`: rows which the law itself shows to be unlawful or, when strict, undecided."""
    asked = ("hukou_place", "enrolment_place", "person_class", "tier", "aid_group", *facts)
    listed = ", ".join(name(column) for column in asked)
    path = folder / "asked.parquet"
    connection.execute(f"COPY (SELECT DISTINCT {listed} FROM good) TO {text(str(path))} (FORMAT parquet)")
    cases = pl.read_parquet(path)
    answers: list[tuple[str | None, str | None]] = [
        _refusal(law, case, facts, strict, doors) for case in cases.iter_rows(named=True)
    ]
    marked = cases.with_columns(
        _code=pl.Series([code for code, _ in answers], dtype=pl.String),
        _value=pl.Series([value for _, value in answers], dtype=pl.String),
    ).filter(pl.col("_code").is_not_null())
    marked.write_parquet(folder / "refused.parquet")
    same = " AND ".join(f"g.{name(column)} IS NOT DISTINCT FROM r.{name(column)}" for column in asked)
    connection.execute(
        f"CREATE TABLE refused AS SELECT g._file, g._row, r._code, r._value FROM good g "
        f"JOIN read_parquet({text(str(folder / 'refused.parquet'))}) r ON {same}"
    )


def _refusal(
    law: Law, case: dict[str, Any], facts: tuple[str, ...], strict: bool, doors: bool
) -> tuple[str | None, str | None]:
    """Return code and value of what refuses a case, or a pair of `None`."""
    aid, tier, place = case["aid_group"], case["tier"], case["enrolment_place"]
    if aid is not None and aid_row(law.book, aid, place, law.year) is None:
        return "Q-aid", aid
    if tier is not None and not _offers(law, place, case["person_class"], tier):
        return "Q-tier", tier
    known = {fact: case[fact] for fact in facts}
    decision = decide(
        law.book, case["hukou_place"], case["enrolment_place"], case["person_class"], case["tier"], known, law.year
    )
    if decision.regime == "employee_cover":
        return "Q-employee", ""
    keeps_doors = law.scheme.name == "current" or law.scheme["regime"] == "keep"
    unasked = not (doors and keeps_doors) or law.scheme["enrol"] != "observed"
    if unasked:
        return None, None
    if decision.eligible == "no":
        return "Q-shut-out", decision.regime or ""
    unsure = strict and decision.eligible == "undetermined"
    return ("Q-fact-missing", ";".join(decision.missing)) if unsure else (None, None)


def _offers(law: Law, place: int, person_class: str, tier: str) -> bool:
    try:
        choose_tier(law.book, place, person_class, tier, None, law.year)
    except SuirenError:
        return False
    return True


def spell_rows(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `settled` (with `first`: the contribution is charged here) and `duplicate`: no person beyond 12 months."""
    content = ", ".join(name(column) for column in CONTENT)
    connection.execute(
        "CREATE TABLE lawful AS SELECT g.* FROM good g ANTI JOIN refused r ON g._file = r._file AND g._row = r._row"
    )
    connection.execute("CREATE TABLE repeated AS SELECT person_id FROM lawful GROUP BY person_id HAVING count(*) > 1")
    connection.execute(
        "CREATE TABLE spells AS SELECT l._file, l._row, "
        "sum(l.months) OVER w AS until, row_number() OVER w AS place "
        "FROM lawful l SEMI JOIN repeated USING (person_id) "
        f"WINDOW w AS (PARTITION BY person_id ORDER BY {content}, _file, _row ROWS UNBOUNDED PRECEDING)"
    )
    connection.execute("CREATE TABLE duplicate AS SELECT _file, _row FROM spells WHERE until > 12")
    connection.execute(
        "CREATE TABLE settled AS SELECT l.*, coalesce(s.place, 1) = 1 AS first FROM lawful l "
        "LEFT JOIN spells s ON l._file = s._file AND l._row = s._row WHERE coalesce(s.until, 0) <= 12"
    )
