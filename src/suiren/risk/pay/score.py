"""Scores: each person row's points and money, joined back to the rows; the rows of a fund add up to its allocation.

Money is worked out once for each kind of row in a fund. A row's fen are the floor of its part; the fen that a fund
still lacks go to the largest remainders, and among equal ones to the first rows by `person_id`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from suiren.engines.engine import name, text
from suiren.errors import ConservationError, fail
from suiren.laws import Law
from suiren.laws.eligibility import FULL_COST
from suiren.ledger.enrol import enrol
from suiren.money import MONTHS_PER_YEAR, half_up, shared_parts
from suiren.people.back import attach
from suiren.people.intake import Rows, reads_age
from suiren.risk.pay.counted import Counted
from suiren.risk.weights import Weights, load, with_points

POINTS = ("age_sex_points", "health_points", "uplift_points", "points", "point_months")
SCORED = ("fund_code", "months", *POINTS, "amount_fen")
OPEN_KEYS = {
    "pool": "enrolment_pool",
    "local": "local",
    "sex": "sex",
    "age": "age",
    "risk_group": "risk_group",
    '"months"': "months",
}
"""What the score of a row reads: SQL -> name; more where a door decides about points."""
MOST_VALUE = 10**11
"""The most fen a point may be worth, so that a row's amount fits its column."""


@dataclass(frozen=True, slots=True)
class Scores:
    """What was written: rows, the fen of all, and the rows of funds that have money and not one point."""

    rows: int
    amount_fen: int | None
    pointless_funds: tuple[str, ...]


def write_scores(
    rows: Rows, law: Law, counted: Counted, money: Mapping[int, int] | Fraction | None, target: Path
) -> Scores:
    """Write scores.parquet: person_id, fund, months, points by part, point-months and fen; ordered by person_id.

    `money` is what each fund receives, fen (its rows add up to it), or fen for a point and year (each row rounded half
    up), or nothing. One Parquet file, or a folder of parts where the engine is distributed.

    Raises:
        SuirenError: kinds, which hold no persons; money for a fund without people; a value beyond `MOST_VALUE`.
        ConservationError: rows are lost, or do not add up.
    """
    if not rows.layouts:
        raise fail("E-score-kinds", "Kinds hold no persons, so nobody can be scored.", do="Score the person rows.")
    if isinstance(money, Fraction) and money > MOST_VALUE:
        raise fail("E-value", f"A point cannot be worth more than {MOST_VALUE} fen.", do="Is the value in fen?")
    local, folder = rows.engine.local, rows.engine.folder
    groups = _priced(_with_parts(_groups(rows, law), law, counted), counted, money)
    pointless = groups.filter(pl.col("by_months"))["fund"].unique().sort().to_list()
    order = ["fund", "months", "total", *POINTS, "amount", "class", "partial"]
    scores = groups.select(order).unique().sort(order, nulls_last=True).with_row_index("score")
    numbered = groups.join(scores, on=order, how="left", nulls_equal=True).select("grouped", "score")
    scores.write_parquet(folder / "scores.parquet")
    numbered.write_parquet(folder / "numbered.parquet")
    for table in ("scores", "numbered"):
        path = text(str(folder / f"{table}.parquet"))
        local.execute(f"CREATE TABLE {table} AS SELECT * FROM read_parquet({path})")
    for table, which in (("scored_alike", "= 0"), ("scored_ranked", "> 0")):
        local.execute(
            f"CREATE TABLE {table} AS SELECT g._layout, g._cell, n.score FROM score_cells g JOIN numbered n "
            f"USING (grouped) JOIN scores s USING (score) WHERE s.partial {which}"
        )
    rows.engine.send("scores")
    alike, ranked = (attach(rows, table, ["score"]) for table in ("scored_alike", "scored_ranked"))
    rows.engine.write(_sql(alike, ranked), target)
    return _add_up(rows, target, money, tuple(f"{code:06d}" for code in pointless))


def _groups(rows: Rows, law: Law) -> pl.DataFrame:
    """Return the groups of rows whose scores are alike, each with how many rows it has; makes `score_cells`."""
    keys = dict(OPEN_KEYS)
    if law.keeps_doors:
        facts = [fact for fact in rows.facts if fact != "employee_cover"]
        keys |= {column: column for column in ("hukou_place", "enrolment_place", "tier", "aid_group")}
        keys |= {"person_class::VARCHAR": "person_class", f"CASE WHEN {reads_age(law)} THEN age END": "age_read"}
        keys |= {name(fact): fact for fact in facts}
    local, folder = rows.engine.local, rows.engine.folder
    listed = ", ".join(f"{sql} AS {name(column)}" for sql, column in keys.items())
    same = " AND ".join(f"c.{name(column)} IS NOT DISTINCT FROM g.{name(column)}" for column in keys.values())
    local.execute(
        f"CREATE VIEW scoring AS SELECT _layout, _cell, persons, {listed} FROM settling JOIN "
        "(SELECT DISTINCT place_code, pool FROM known_places) ON enrolment_place = place_code WHERE persons > 0"
    )
    by = ", ".join(name(column) for column in keys.values())
    local.execute(
        "CREATE TABLE score_groups AS SELECT *, row_number() OVER () AS grouped FROM "
        f"(SELECT {by}, sum(persons)::BIGINT AS persons FROM scoring GROUP BY {by})"
    )
    local.execute(
        f"CREATE TABLE score_cells AS SELECT c._layout, c._cell, g.grouped FROM scoring c JOIN score_groups g ON {same}"
    )
    path = folder / "score_groups.parquet"
    local.execute(f"COPY score_groups TO {text(str(path))} (FORMAT parquet)")
    frame = pl.read_parquet(path).with_columns(pl.col("sex").cast(pl.Int8), pl.col("age").cast(pl.Int16))
    return _with_terms(frame, rows, law, load(law.scheme["weights"])) if law.keeps_doors else frame


def _with_terms(groups: pl.DataFrame, rows: Rows, law: Law, weights: Weights) -> pl.DataFrame:
    """Return `groups` with `full_cost`: whether they pay everything themselves, as the ledger decides it."""
    facts = [fact for fact in rows.people.facts if fact != "employee_cover"]
    asked = ["hukou_place", "asked_place", "person_class", "asked_tier", "aid_group", "age", *facts]
    placed = enrol(rows.people, law, weights).placed.with_columns(pl.col("person_class").cast(pl.String))
    found = placed.select(*asked, "terms").unique()
    keys = ["hukou_place", "enrolment_place", "person_class", "tier", "aid_group", "age_read", *facts]
    groups = groups.with_columns(pl.col("age_read").cast(pl.Int16))
    joined = groups.join(found, left_on=keys, right_on=asked, how="left", nulls_equal=True)
    if joined["terms"].null_count() or joined.height != groups.height:
        raise ConservationError(f"{joined['terms'].null_count()} groups of rows found no kind")
    return joined.with_columns(full_cost=pl.col("terms") == FULL_COST)


def _with_parts(groups: pl.DataFrame, law: Law, counted: Counted) -> pl.DataFrame:
    """Return `groups` with the parts of their points; `total` is points with uplift in units of the uplift's decimals.

    Raises:
        ConservationError: the point-months of a fund are not those that were counted for it.
    """
    weights = load(law.scheme["weights"])
    scale = 10**counted.places
    more = int(counted.uplift * scale)
    plain = weights.cells.filter(pl.col("risk_group") == "").select("sex", "age", _plain="points")
    frame = with_points(groups, weights).join(plain, on=["sex", "age"], how="left", maintain_order="left")
    counts = ~pl.col("full_cost") if "full_cost" in frame.columns else pl.lit(value=True)
    own, base = (pl.when(counts).then(pl.col(column)).otherwise(0) for column in ("points", "_plain"))
    frame = frame.with_columns(age_sex_points=base, health_points=own - base).with_columns(
        _uplift=pl.when("local").then(0).otherwise((pl.col("age_sex_points") + pl.col("health_points")) * more)
    )
    frame = frame.with_columns(total=(pl.col("age_sex_points") + pl.col("health_points")) * scale + pl.col("_uplift"))
    frame = frame.with_columns(weight=pl.col("total").cast(pl.Int128) * pl.col("months"), fund=pl.col("enrolment_pool"))
    sums = frame.group_by("fund").agg((pl.col("weight") * pl.col("persons")).sum())
    found = {int(code): int(points) for code, points in sums.iter_rows()}
    expected = {code: points for code, points in counted.scaled.items() if points}
    if {code: points for code, points in found.items() if points} != expected:
        raise ConservationError("the points of the rows are not those of the funds")
    return frame.with_columns(
        uplift_points=_exact("_uplift", counted.places),
        points=_exact("total", counted.places),
        point_months=_exact("weight", counted.places),
    )


def _exact(column: str, places: int) -> pl.Expr:
    """Return a column of units of 10 to the minus `places` as Int64, or as Decimal where `places` > 0."""
    if places == 0:
        return pl.col(column).cast(pl.Int64)
    unit = pl.lit(str(Decimal(1).scaleb(-places))).str.to_decimal(scale=places)
    return pl.col(column).cast(pl.Decimal(38, places)) * unit


def _priced(groups: pl.DataFrame, counted: Counted, money: Mapping[int, int] | Fraction | None) -> pl.DataFrame:
    """Return `groups` with `amount` (fen of a row), and `class` and `partial`: how many of a class get one fen more."""
    nothing: dict[str, Any] = {"by_months": pl.lit(value=False), "class": pl.lit(None, pl.Int64)}
    if money is None:
        return groups.with_columns(**nothing, amount=pl.lit(None, pl.Int64), partial=pl.lit(0, pl.Int64))
    if isinstance(money, Fraction):
        divisor = money.denominator * MONTHS_PER_YEAR * 10**counted.places
        worth = half_up(pl.col("weight") * pl.lit(money.numerator, pl.Int128), pl.lit(divisor, pl.Int128)).cast(
            pl.Int64
        )
        return groups.with_columns(**nothing, amount=worth, partial=pl.lit(0, pl.Int64))
    return _shared(groups, money)


def _shared(groups: pl.DataFrame, money: Mapping[int, int]) -> pl.DataFrame:
    """Return `groups` with each fund's money on its rows: floors, then the largest remainders, class by class."""
    here = set(groups["fund"].unique().to_list())
    stray = sorted(code for code, fen in money.items() if fen and code not in here)
    if stray:
        what = f"The allocation gives money to funds without people here: {', '.join(map(str, stray[:5]))}."
        raise fail("E-score-funds", what, "It could be on no row.", "Score the records that were allocated for.")
    sums = groups.group_by("fund").agg(
        _points=(pl.col("weight") * pl.col("persons")).sum(),
        _months=(pl.col("months").cast(pl.Int128) * pl.col("persons")).sum(),
    )
    totals = pl.DataFrame(
        {"fund": list(money), "_money": list(money.values())}, schema={"fund": pl.Int32, "_money": pl.Int128}
    )
    frame = groups.join(sums, on="fund", how="left", maintain_order="left").join(
        totals, on="fund", how="left", maintain_order="left"
    )
    missing = frame.filter(pl.col("_money").is_null() & (pl.col("_points") > 0))["fund"].unique().sort().to_list()
    if missing:
        what = f"The allocation has no row for {', '.join(map(str, missing[:5]))}, where people of these records are."
        raise fail("E-score-funds", what, "They would be paid nothing, silently.", "Allocate for these records first.")
    frame = frame.with_columns(pl.col("_money").fill_null(0)).with_columns(
        by_months=(pl.col("_points") == 0) & (pl.col("_money") > 0)
    )
    by_months = pl.col("by_months")
    own = pl.when(by_months).then(pl.col("months").cast(pl.Int128)).otherwise(pl.col("weight"))
    whole = pl.when(by_months).then(pl.col("_months")).otherwise(pl.max_horizontal("_points", pl.lit(1, pl.Int128)))
    parts = shared_parts(
        frame.select(cell="fund", money="_money", rows="persons", product=pl.col("_money") * own, whole=whole)
    )
    return pl.concat([frame, parts.rename({"fen": "amount"})], how="horizontal")


def _sql(alike: str, ranked: str) -> str:
    """Return the SQL of all scores in order; only rows of a class in which some get one fen more are ranked."""
    parts = ", ".join(f"s.{column}" for column in POINTS)
    said = f"r._person AS person_id, lpad(CAST(s.fund AS STRING), 6, '0') AS fund_code, s.months, {parts}, s.score"
    rank = "row_number() OVER (PARTITION BY s.class ORDER BY r._person, s.score, r._file, r._row)"
    listed = ", ".join(name(column) for column in ("person_id", *SCORED))
    return (
        f"SELECT {listed} FROM (SELECT {said}, s.amount AS amount_fen FROM ({alike}) AS r "
        f"JOIN scores AS s ON r.score = s.score UNION ALL "
        f"SELECT {said}, s.amount + CASE WHEN {rank} <= s.partial THEN 1 ELSE 0 END AS amount_fen FROM ({ranked}) AS r "
        "JOIN scores AS s ON r.score = s.score) AS scored ORDER BY person_id, score, amount_fen DESC"
    )


def _add_up(rows: Rows, target: Path, money: Mapping[int, int] | Fraction | None, pointless: tuple[str, ...]) -> Scores:
    """Return how many rows were scored and their fen, held against the rows that settled and the funds' money."""
    files = f"{target}/*.parquet" if target.is_dir() else str(target)
    read = f"read_parquet({text(files)})"
    sums: list[Any] = rows.engine.local.execute(
        f"SELECT fund_code, count(*), sum(amount_fen::HUGEINT)::VARCHAR FROM {read} GROUP BY fund_code"
    ).fetchall()
    scored = sum(int(count) for _, count, _ in sums)
    if scored != rows.found.rows_settled:
        raise ConservationError(f"{rows.found.rows_settled} rows settled, {scored} scored")
    if money is None:
        return Scores(scored, None, pointless)
    found = {int(code): int(fen) for code, _, fen in sums}
    if isinstance(money, Mapping):
        for code in {*found, *money}:
            if found.get(code, 0) != money.get(code, 0):
                what = f"fund {code}: scores add up to {found.get(code, 0)} fen, allocated are {money.get(code, 0)} fen"
                raise ConservationError(what)
    return Scores(scored, sum(found.values()), pointless)
