"""Bills: each person row's own part of every ledger cell, joined back to the rows; no division in the engine.

A bill is the floor of what the row owes exactly; the fen that a cell still lacks go to the largest remainders, and
among equal ones to the first rows by `person_id`. Money is worked out once for each group of rows that owe alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from suiren.engines.engine import name, text
from suiren.errors import ConservationError
from suiren.laws.cited import ASSUMED
from suiren.laws.eligibility import FULL_COST
from suiren.laws.payers import LEVELS, LOCAL_LEVELS
from suiren.laws.schema import EVIDENCE
from suiren.ledger.cells import payer_code
from suiren.ledger.enrol import PLACED, WHERE
from suiren.ledger.points import uplift_factor
from suiren.ledger.savings import returned_savings
from suiren.ledger.settle import Result
from suiren.money import MONTHS_PER_YEAR, shared_parts
from suiren.people.back import attach
from suiren.people.intake import Rows, reads_age
from suiren.people.kinds import People
from suiren.risk.weights import load, with_points

TRAITS = {"sex": "sex", "age_in_years": "age", "risk_group": "risk_group"}
"""What points read of a row besides its kind: name -> column."""


def write_bills(rows: Rows, target: Path, result: Result) -> None:
    """Write bills: person_id, enrolment_place, months, and fen of each payer; rows ordered by person_id.

    One Parquet file, or a folder of parts where the engine is distributed.

    Raises:
        ConservationError: the bills of a cell do not add up to it.
    """
    _groups(rows, result)
    divided = _rank(rows, result)
    _join_back(rows, target, divided)
    _add_up(rows.engine.local, target, result)


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
        **(TRAITS if result.weights_sha256 else {}),
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
        f"CREATE TABLE owes AS SELECT b._layout, b._cell, o.first, o.owing FROM billed b JOIN owing o ON {same}"
    )


def _rank(rows: Rows, result: Result) -> list[str]:
    """Make the tables `amounts`, by `rank`, and `ranks` of the groups; return the payers with a class to be divided."""
    local, folder = rows.engine.local, rows.engine.folder
    local.execute(f"COPY owing TO {text(str(folder / 'groups.parquet'))} (FORMAT parquet)")
    groups = _amounts(pl.read_parquet(folder / "groups.parquet"), rows.people, result)
    order = [column for column in groups.columns if column != "owing"]
    amounts = groups.select(order).unique().sort(order, nulls_last=True).with_row_index("rank")
    ranks = groups.join(amounts, on=order, how="left", nulls_equal=True).select("owing", "rank")
    for table, frame in (("amounts", amounts), ("ranks", ranks)):
        path = folder / f"{table}.parquet"
        frame.write_parquet(path)
        local.execute(f"CREATE TABLE {table} AS SELECT * FROM read_parquet({text(str(path))})")
    return [level for level in LEVELS if amounts[f"partial_{level}"].max()]


def _amounts(groups: pl.DataFrame, people: People, result: Result) -> pl.DataFrame:
    """Return for each group of rows `owing`, `enrolment_place`, `months`, and of each payer what `_of_cell` says."""
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
    shared = _shared_levels(result)
    points = _point_months(frame, result) if shared else None
    cells = own_cells(result)
    codes = ("hukou_pool", "enrolment_pool", "enrolment_province")
    frame = frame.select("owing", "enrolment_place", "months", "first", "rows", *codes, *pays, *grades)
    parts = [frame.select("owing", "enrolment_place", "months")]
    for level in LEVELS:
        due = pl.col("first").cast(pl.Int64) * MONTHS_PER_YEAR if level in LEVELS[:2] else months
        own = frame.with_columns(exact=pl.col(f"pays_{level}").cast(pl.Int128) * due)
        if points is not None and level in shared and level not in LOCAL_LEVELS:
            own = own.with_columns(exact=points)
        parts.append(_of_cell(own, level, cells, level in shared))
    return pl.concat(parts, how="horizontal")


def _shared_levels(result: Result) -> frozenset[str]:
    """Return the payers whose cells are shares of a budget, not sums of what single rows owe."""
    if result.law.scheme.name != "risk-adjusted":
        return frozenset()
    pooled = ("province",) if result.law.scheme["province"] == "yes" else ()
    return frozenset(("centre", *LOCAL_LEVELS, *pooled))


def _point_months(frame: pl.DataFrame, result: Result) -> pl.Series:
    people = frame.with_columns(age=pl.col("age_in_years").cast(pl.Int16), persons=pl.col("rows"))
    points = with_points(people.with_columns(pl.col("sex").cast(pl.Int8)), load(result.law.scheme["weights"]))
    scaled = points["points"].cast(pl.Int128) * frame["months"].cast(pl.Int128)
    counted = pl.when(pl.col("terms") == FULL_COST).then(0).otherwise(scaled * uplift_factor(result.law))
    return frame.select(counted.alias("points")).to_series()


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


def _of_cell(frame: pl.DataFrame, level: str, cells: pl.DataFrame, shared: bool) -> pl.DataFrame:
    """Return `fen_<level>` of a row of each group; of its `class_<level>`, `partial_<level>` rows owe one fen more.

    `frame` has what each owes exactly (`exact`, twelfths of a fen), or, with `shared`, its weight in its cell.
    """
    grades = {grade: rank for rank, grade in enumerate(EVIDENCE)}
    numbered = cells.filter(pl.col("payer_level") == level).select(
        pl.col("payer_code", "fund_code", "hukou_pool_code").cast(pl.Int32),
        pl.col("evidence").replace_strict(grades, return_dtype=pl.Int8),
        money=pl.col("amount_fen").cast(pl.Int128),
        cell=pl.int_range(pl.len(), dtype=pl.UInt32),
    )
    own = frame.select(
        "rows",
        "exact",
        payer_code=payer_code(level),
        fund_code=pl.col("enrolment_pool"),
        hukou_pool_code=pl.col("hukou_pool"),
        evidence=pl.lit(ASSUMED, pl.Int8) if shared else pl.col(f"evidence_{level}"),
    ).join(numbered, on=["payer_code", "fund_code", "hukou_pool_code", "evidence"], how="left", maintain_order="left")
    product, whole = pl.col("exact"), pl.lit(MONTHS_PER_YEAR, pl.Int128)
    if shared:
        product = product * pl.col("money").fill_null(0)
        weights = (pl.col("exact") * pl.col("rows").cast(pl.Int128)).sum().over("cell")
        whole = pl.max_horizontal(weights, pl.lit(1, pl.Int128))
    parts = shared_parts(own.select("rows", "money", "cell", product=product, whole=whole))
    return parts.rename({column: f"{column}_{level}" for column in parts.columns})


def _join_back(rows: Rows, target: Path, divided: Sequence[str]) -> None:
    """Write the bills: each settled row finds its group by its cells, its amounts by its group.

    Only rows of a class in which some owe one fen more (at the levels `divided`) are ranked: by person number, then by
    `rank`, which follows from place, months and amounts: where a row stands decides only between rows that owe alike.
    """
    engine = rows.engine
    split = " OR ".join(f"partial_{level} > 0" for level in divided) or "false"
    engine.local.execute(
        "CREATE TABLE owed AS SELECT w._layout, w._cell, max(CASE WHEN w.first THEN k.rank END) AS rank, "
        f"max(CASE WHEN NOT w.first THEN k.rank END) AS rank_later, bool_or({split}) AS split "
        "FROM owes w JOIN ranks k USING (owing) JOIN amounts a USING (rank) GROUP BY ALL"
    )
    for table, which in (("owed_alike", "NOT split"), ("owed_ranked", "split")):
        engine.local.execute(f"CREATE TABLE {table} AS SELECT * EXCLUDE (split) FROM owed WHERE {which}")
    engine.send("amounts")

    def bills(table: str, fen: Mapping[str, str]) -> str:
        listed = ", ".join(f"{fen.get(level, f'a.fen_{level}')} AS {level}_fen" for level in LEVELS)
        return (
            "SELECT r._person AS person_id, CAST(a.enrolment_place AS STRING) AS enrolment_place, a.months, a.rank, "
            f"{listed} FROM ({attach(rows, table, ('rank', 'rank_later'))}) AS r "
            "JOIN amounts AS a ON CASE WHEN r._later THEN r.rank_later ELSE r.rank END = a.rank"
        )

    ranked = {
        level: f"a.fen_{level} + CASE WHEN row_number() OVER (PARTITION BY a.class_{level} "
        f"ORDER BY r._person, a.rank, r._file, r._row) <= a.partial_{level} THEN 1 ELSE 0 END"
        for level in divided
    }
    columns = [f"{level}_fen" for level in LEVELS]
    engine.write(
        f"SELECT person_id, enrolment_place, months, {', '.join(columns)} "
        f"FROM ({bills('owed_alike', {})} UNION ALL {bills('owed_ranked', ranked)}) AS owing "
        f"ORDER BY person_id, rank, {' + '.join(columns)} DESC",
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
