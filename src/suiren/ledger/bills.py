"""Bills: each person row's own part of every ledger cell, joined back to the rows; no division in the engine.

A bill is the floor of what the row owes exactly; the fen that a cell still lacks go to its first rows by `person_id`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from suiren.engines.engine import name, text
from suiren.errors import ConservationError
from suiren.laws.payers import LEVELS
from suiren.laws.schema import EVIDENCE
from suiren.ledger.enrol import PLACED, WHERE
from suiren.ledger.points import uplift_factor
from suiren.ledger.savings import returned_savings
from suiren.ledger.settle import Result
from suiren.money import MONTHS_PER_YEAR
from suiren.people.back import attach
from suiren.people.intake import Rows, reads_age
from suiren.people.kinds import People
from suiren.risk.weights import load, with_points

ROW = ("months", "first", "sex", "age_in_years", "risk_group")
"""What two rows of one kind may differ in that money reads."""


def write_bills(rows: Rows, target: Path, result: Result) -> None:
    """Write bills: person_id, enrolment_place, months, and fen of each payer; rows ordered by person_id.

    One Parquet file, or a folder of parts where the engine is distributed.

    Raises:
        ConservationError: the bills of a cell do not add up to it.
    """
    local, folder = rows.engine.local, rows.engine.folder
    _groups(rows, result)
    local.execute(f"COPY owing TO {text(str(folder / 'groups.parquet'))} (FORMAT parquet)")
    groups = _amounts(pl.read_parquet(folder / "groups.parquet"), rows.people, result)
    order = ("enrolment_place", "months", *_columns())
    ranked = groups.select("owing", *order).sort(order, nulls_last=True).with_row_index("rank")
    ranked.write_parquet(folder / "amounts.parquet")
    local.execute(f"CREATE TABLE amounts AS SELECT * FROM read_parquet({text(str(folder / 'amounts.parquet'))})")
    _join_back(rows, target)
    _add_up(local, target, result)


def _columns() -> list[str]:
    return [f"{what}_{level}" for level in LEVELS for what in ("floor", "cell", "lacks")]


def _groups(rows: Rows, result: Result) -> None:
    """Make the tables `owing`, a row for each group of rows that owe alike, and `owes`, which group a cell is of."""
    place = WHERE[result.law.scheme["enrol"]]
    facts = [fact for fact in rows.facts if fact != "employee_cover"]
    local = rows.engine.local
    parts = {
        "hukou_place": "hukou_place",
        "asked_place": place,
        "person_class": "person_class::VARCHAR",
        "asked_tier": f"CASE WHEN {place} = enrolment_place THEN tier END",
        "aid_group": "aid_group",
        "age": f"CASE WHEN {reads_age(result.law)} THEN age END",
        **{fact: name(fact) for fact in facts},
        "months": "months",
        "sex": "sex",
        "age_in_years": "age",
        "risk_group": "risk_group",
    }
    listed = ", ".join(f"{sql} AS {name(column)}" for column, sql in parts.items())
    keys = ", ".join(name(column) for column in parts)
    local.execute(f"CREATE VIEW billed AS SELECT _layout, _cell, persons, first_persons, {listed} FROM settling")
    local.execute(
        f"CREATE TABLE owing AS SELECT *, row_number() OVER () AS owing FROM ("
        f"SELECT {keys}, true AS first, sum(first_persons)::BIGINT AS rows FROM billed GROUP BY {keys} "
        f"HAVING sum(first_persons) > 0 UNION ALL "
        f"SELECT {keys}, false AS first, sum(persons - first_persons)::BIGINT AS rows FROM billed GROUP BY {keys} "
        "HAVING sum(persons - first_persons) > 0)"
    )
    same = " AND ".join(f"b.{name(key)} IS NOT DISTINCT FROM o.{name(key)}" for key in parts)
    local.execute(
        "CREATE TABLE owes AS SELECT b._layout, b._cell, max(CASE WHEN o.first THEN o.owing END) AS owing, "
        f"max(CASE WHEN NOT o.first THEN o.owing END) AS owing_later FROM billed b JOIN owing o ON {same} GROUP BY ALL"
    )


def _amounts(groups: pl.DataFrame, people: People, result: Result) -> pl.DataFrame:
    """Return for each group of equal rows the floor that each payer owes a row, and the cell it belongs to."""
    facts = [fact for fact in people.facts if fact != "employee_cover"]
    placed = result.placed.with_columns(pl.col("person_class").cast(pl.String))
    keys = ["hukou_place", "asked_place", "person_class", "asked_tier", "aid_group", "age", *facts]
    pays = [f"pays_{level}" for level in LEVELS]
    grades = [f"evidence_{level}" for level in LEVELS]
    paid = result.paid.select(*PLACED, *pays, *grades).with_columns(pl.col("person_class").cast(pl.String))
    kinds = (
        placed.select(*dict.fromkeys((*keys, *PLACED)))
        .unique()
        .join(paid, on=list(PLACED), how="left", nulls_equal=True)
    )
    frame = groups.with_columns(pl.col("age").cast(pl.Int16)).join(
        kinds, on=keys, how="left", nulls_equal=True, suffix="_kind"
    )
    if frame["terms"].null_count():
        raise ConservationError(f"{frame['terms'].null_count()} groups of rows found no kind")
    frame = frame.with_columns(enrolment_place=pl.coalesce("enrolment_place", "asked_place"))
    months = pl.lit(MONTHS_PER_YEAR) if result.law.scheme["basis"] == "per_head" else pl.col("months")
    for level in LEVELS:
        due = pl.col("first").cast(pl.Int64) * MONTHS_PER_YEAR if level in LEVELS[:2] else months
        frame = frame.with_columns((pl.col(f"pays_{level}").cast(pl.Int128) * due).alias(f"exact_{level}"))
    shared = _shared_levels(result)
    if "centre" in shared:
        frame = _point_months(frame, result)
    cells = own_cells(result)
    for level in LEVELS:
        frame = _cell(frame, level, cells, level in shared)
    return frame


def _shared_levels(result: Result) -> frozenset[str]:
    """Return the payers whose cells are shares of a budget, not sums of what single rows owe."""
    if result.law.scheme.name != "risk-adjusted":
        return frozenset()
    pooled = ("province",) if result.law.scheme["province"] == "yes" else ()
    return frozenset(("centre", "city", "county", "city_and_county", *pooled))


def _point_months(frame: pl.DataFrame, result: Result) -> pl.DataFrame:
    people = frame.with_columns(age=pl.col("age_in_years").cast(pl.Int16), persons=pl.col("rows"))
    points = with_points(people.with_columns(pl.col("sex").cast(pl.Int8)), load(result.law.scheme["weights"]))
    scaled = points["points"].cast(pl.Int128) * frame["months"].cast(pl.Int128)
    counted = pl.when(pl.col("terms") == "full_cost").then(0).otherwise(scaled * uplift_factor(result.law))
    own = [level for level in ("centre", "province") if level in _shared_levels(result)]
    return frame.with_columns(counted.alias(f"exact_{level}") for level in own)


def own_cells(result: Result) -> pl.DataFrame:
    """Return the ledger without what provinces return to their pools (`savings=return`): nobody is billed for that."""
    if result.law.scheme["savings"] != "return":
        return result.ledger
    grades = dict(enumerate(EVIDENCE))
    keys = ["item", "payer_level", "payer_code", "fund_code", "hukou_pool_code", "evidence"]
    returned = returned_savings(result.paid, result.law.scheme["basis"]).select(
        pl.col("item", "payer_level", "payer_code", "fund_code", "hukou_pool_code").cast(pl.String),
        pl.col("evidence").replace_strict(grades, return_dtype=pl.String),
        _returned="amount_fen",
    )
    own = result.ledger.join(returned, on=keys, how="left", maintain_order="left")
    return own.with_columns(pl.col("amount_fen") - pl.col("_returned").fill_null(0)).filter(pl.col("amount_fen") > 0)


def _cell(frame: pl.DataFrame, level: str, cells: pl.DataFrame, shared: bool) -> pl.DataFrame:
    """Return `frame` with `floor_<level>`, `cell_<level>` and `lacks_<level>`, the fen its cell still has to give."""
    codes = {
        "centre": pl.lit("100000"),
        "province": pl.col("enrolment_province").cast(pl.String),
        "county": pl.col("enrolment_place").cast(pl.String),
    }
    entries = cells.filter(pl.col("payer_level") == level)
    on = ["_payer", "_fund", "_hukou", "_grade"]
    grades = dict(enumerate(EVIDENCE))
    grade = pl.lit("assumed") if shared else pl.col(f"evidence_{level}").replace_strict(grades, return_dtype=pl.String)
    frame = frame.with_columns(
        _payer=codes.get(level, pl.col("enrolment_pool").cast(pl.String)),
        _fund=pl.col("enrolment_pool").cast(pl.String),
        _hukou=pl.col("hukou_pool").cast(pl.String),
        _grade=grade,
    )
    numbered = entries.select(
        _payer="payer_code", _fund="fund_code", _hukou="hukou_pool_code", _grade="evidence", _cell_fen="amount_fen"
    ).with_row_index(f"cell_{level}")
    frame = frame.join(numbered, on=on, how="left", maintain_order="left")
    exact, rows = pl.col(f"exact_{level}"), pl.col("rows").cast(pl.Int128)
    owes = exact > 0
    if shared:
        whole = pl.max_horizontal((exact * rows).sum().over(f"cell_{level}"), pl.lit(1, pl.Int128))
        floor = exact * pl.col("_cell_fen").fill_null(0) // whole
    else:
        floor = exact // MONTHS_PER_YEAR
    frame = frame.with_columns(
        pl.when(owes).then(floor).otherwise(0).cast(pl.Int64).alias(f"floor_{level}"),
        pl.when(owes).then(pl.col(f"cell_{level}")).alias(f"cell_{level}"),
    )
    given = (pl.col(f"floor_{level}").cast(pl.Int128) * rows).sum().over(f"cell_{level}")
    lacks = pl.when(pl.col(f"cell_{level}").is_null()).then(0).otherwise(pl.col("_cell_fen") - given)
    return frame.with_columns(lacks.cast(pl.Int64).alias(f"lacks_{level}")).drop(*on, "_cell_fen")


def _join_back(rows: Rows, target: Path) -> None:
    """Write the bills: each settled row finds its group by its cells, its amounts by its group.

    The fen that are left go by person number, then by `rank`, which follows from place, months and amounts: where
    a row stands decides only between rows that owe alike.
    """
    engine = rows.engine
    engine.send("amounts")
    owing = attach(rows, "owes", ("owing", "owing_later"))
    amounts = ", ".join(
        f"CAST(a.floor_{level} + CASE WHEN a.lacks_{level} > 0 AND row_number() OVER (PARTITION BY a.cell_{level} "
        f"ORDER BY r._person, a.rank, r._file, r._row) <= a.lacks_{level} THEN 1 ELSE 0 END "
        f"AS BIGINT) AS {level}_fen"
        for level in LEVELS
    )
    engine.write(
        f"SELECT r._person AS person_id, CAST(a.enrolment_place AS STRING) AS enrolment_place, a.months, {amounts} "
        f"FROM ({owing}) AS r JOIN amounts AS a ON CASE WHEN r._later THEN r.owing_later ELSE r.owing END = a.owing "
        "ORDER BY person_id, a.rank",
        target,
    )


def _add_up(local: duckdb.DuckDBPyConnection, target: Path, result: Result) -> None:
    files = f"{target}/*.parquet" if target.is_dir() else str(target)
    sums = ", ".join(f"sum({level}_fen::HUGEINT)::VARCHAR" for level in LEVELS)
    row: Any = local.execute(f"SELECT {sums} FROM read_parquet({text(files)})").fetchone()
    entries = own_cells(result)
    for level, billed in zip(LEVELS, row, strict=True):
        owed = sum(entries.filter(pl.col("payer_level") == level)["amount_fen"].to_list())
        if int(billed or 0) != owed:
            raise ConservationError(f"bills of {level}: {billed} fen billed, {owed} fen in the ledger")
