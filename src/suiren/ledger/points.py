"""Risk adjustment on the ledger: a budget shared out by points, then city and county pay what a fund still lacks."""

from __future__ import annotations

from fractions import Fraction

import polars as pl

from suiren.laws import Law
from suiren.laws.cited import ASSUMED
from suiren.laws.eligibility import FULL_COST
from suiren.laws.payers import LOCAL_LEVELS
from suiren.laws.split import central_share
from suiren.ledger.cells import CENTRE_CODE, ITEM, LEVEL, rounded
from suiren.money import MONTHS_PER_YEAR, apportion, exact_sum, to_int64
from suiren.risk.weights import allocate

CELL_OF_POINTS = ("fund_code", "hukou_pool_code")


def point_cells(paid: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Return point-months (Int128, uplift included) by fund and hukou pool; those at full cost have none."""
    counted = paid.filter(pl.col("terms") != FULL_COST)
    return (
        counted.select(
            fund_code=pl.col("enrolment_pool"),
            hukou_pool_code=pl.col("hukou_pool"),
            province=pl.col("enrolment_province"),
            planned_city=pl.col("planned_city"),
            undivided=pl.col("undivided"),
            persons=pl.col("persons"),
            person_months=pl.col("person_months"),
            point_months=pl.col("point_months") * uplift_factor(law),
        )
        .group_by("fund_code", "hukou_pool_code", "province", "planned_city", "undivided")
        .agg(pl.col("persons", "person_months").sum(), pl.col("point_months").sum())
        .sort("fund_code", "hukou_pool_code")
    )


def uplift_factor(law: Law) -> pl.Expr:
    """Return what points are multiplied with (Int128): more for people from elsewhere, in whole numbers."""
    uplift = Fraction(law.scheme["uplift"])
    factor = pl.when("local").then(uplift.denominator).otherwise(uplift.denominator + uplift.numerator)
    return factor.cast(pl.Int128)


def share_out(cells: pl.DataFrame, current: pl.DataFrame, points: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Return the ledger cells under `risk-adjusted`, with `amount_fen`.

    `cells` are the exact cells as if all were locals, `current` the rounded cells of today's law on the same
    enrolment: its central money is the budget.
    """
    budget = law.scheme["budget"]
    pooled = points.filter(~pl.col("undivided"))
    if law.scheme["pool"] == "tier":
        centre = _by_tier(current, pooled, law)
    else:
        fen = total(current.filter(pl.col("payer_level") == "centre")) if budget is None else int(budget)
        centre = _by_points(pooled, fen)
    centre = centre.with_columns(
        item=pl.lit("subsidy", ITEM),
        payer_level=pl.lit("centre", LEVEL),
        payer_code=pl.lit(CENTRE_CODE, pl.Int32),
        evidence=pl.lit(ASSUMED, pl.Int8),
    )
    fixed = rounded(cells.filter(pl.col("payer_level").is_in(["individual", "medical_aid", "province", "undivided"])))
    if law.scheme["province"] == "yes":
        fixed = _pool_provinces(fixed, current, pooled)
    columns = [
        "item",
        "payer_level",
        "payer_code",
        *CELL_OF_POINTS,
        "evidence",
        "persons",
        "person_months",
        "amount_fen",
    ]
    upper = pl.concat([fixed.select(columns), centre.select(columns)], how="vertical_relaxed")
    local = _local(cells, upper)
    return pl.concat([upper, local.select(columns)], how="vertical_relaxed")


def total(cells: pl.DataFrame, column: str = "amount_fen") -> int:
    """Return the exact sum of an integer column, a Python integer."""
    return int(cells.select(exact_sum(column)).item() or 0)


def _by_points(points: pl.DataFrame, budget_fen: int) -> pl.DataFrame:
    """Return the cells with their points' worth: first each fund, then inside the fund, by largest remainder."""
    funds = allocate(points.group_by("fund_code").agg(pl.col("point_months").sum()), ["fund_code"], budget_fen)
    parts = dict(funds.select("fund_code", "amount_fen").iter_rows())
    cells = points.group_by(CELL_OF_POINTS).agg(
        pl.col("point_months").sum(), pl.col("persons").sum(), pl.col("person_months").sum()
    )
    return _inside(cells.sort(CELL_OF_POINTS), "point_months", parts)


def _inside(cells: pl.DataFrame, weight: str, totals: dict[int, int]) -> pl.DataFrame:
    """Return `cells` (sorted) with `amount_fen`: each fund's total shared by `weight`, largest remainder, exact."""
    key = "fund_code"
    whole_fund = pl.col(key).replace_strict(totals, default=0, return_dtype=pl.Int128)
    frame = cells.with_columns(_total=whole_fund, _all=pl.col(weight).cast(pl.Int128).sum().over(key))
    low, high = (int(str(frame[name].max() or 0)) for name in ("_total", "_all"))
    if low * high >= 2**126:
        parts: list[int] = []
        for part in frame.partition_by(key, maintain_order=True):
            parts += apportion(int(part["_total"][0]), [int(value) for value in part[weight].to_list()])
        shared = frame.with_columns(amount_fen=pl.Series(parts, dtype=pl.Int128))
    else:
        product = pl.col("_total") * pl.col(weight)
        whole = pl.max_horizontal("_all", pl.lit(1, pl.Int128))
        frame = frame.with_columns(_part=product // whole, _rest=product % whole, _place=pl.int_range(pl.len()))
        frame = frame.sort(key, "_rest", "_place", descending=[False, True, False])
        rank = pl.int_range(pl.len(), dtype=pl.Int64).over(key)
        missing = pl.col("_total") - pl.col("_part").sum().over(key)
        shared = frame.with_columns(amount_fen=pl.col("_part") + (rank < missing).cast(pl.Int128)).sort("_place")
    return to_int64(shared, "amount_fen").drop("_total", "_all", "_part", "_rest", "_place", strict=False)


def _by_tier(current: pl.DataFrame, points: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Return the cells paid from one central budget for each central tier of the funds' pools."""
    central = current.filter(pl.col("payer_level") == "centre")
    funds = {int(code) for frame in (central, points) for code in frame["fund_code"].unique()}
    tiers = {code: central_share(law.book, code, law.year).tier.value for code in sorted(funds)}
    tier = pl.col("fund_code").replace_strict(tiers, return_dtype=pl.Int64)
    parts = [
        _by_points(points.filter(tier == number), total(central.filter(tier == number)))
        for number in sorted(set(tiers.values()))
    ]
    return pl.concat(parts, how="vertical")


def _pool_provinces(fixed: pl.DataFrame, current: pl.DataFrame, points: pl.DataFrame) -> pl.DataFrame:
    """Return the cells with each province's money of today's law shared out by points among its own funds."""
    budgets = current.filter(pl.col("payer_level") == "province").group_by("payer_code").agg(exact_sum("amount_fen"))
    ours = points.filter(~pl.col("planned_city"))
    parts = [fixed.filter(pl.col("payer_level") != "province")]
    for code, budget in sorted(budgets.iter_rows()):
        inside = ours.filter(pl.col("province") == code)
        shared = _by_points(inside, int(budget)).with_columns(
            item=pl.lit("subsidy", ITEM),
            payer_level=pl.lit("province", LEVEL),
            payer_code=pl.lit(code, pl.Int32),
            evidence=pl.lit(ASSUMED, pl.Int8),
        )
        parts.append(shared.select(column for column in fixed.columns if column in shared.columns))
    return pl.concat(parts, how="diagonal_relaxed")


def _local(cells: pl.DataFrame, upper: pl.DataFrame) -> pl.DataFrame:
    """Return what city and county pay: what upper money leaves open of each fund's standards, shared as today."""
    subsidy = pl.col("item") == "subsidy"
    standards = cells.filter(subsidy).group_by("fund_code").agg(standard=pl.col("exact").sum())
    receipts = upper.filter(subsidy).group_by("fund_code").agg(received=pl.col("amount_fen").cast(pl.Int128).sum())
    lacking = standards.join(receipts, on="fund_code", how="left").with_columns(
        lacks=pl.max_horizontal(
            (2 * (pl.col("standard") - pl.col("received").fill_null(0) * MONTHS_PER_YEAR) + MONTHS_PER_YEAR)
            // (2 * MONTHS_PER_YEAR),
            pl.lit(0, pl.Int128),
        )
    )
    local = cells.filter(pl.col("payer_level").is_in(LOCAL_LEVELS))
    bare = lacking.join(local.select("fund_code").unique(), on="fund_code", how="anti").filter(pl.col("lacks") > 0)
    local = pl.concat([local, _stand_ins(bare, cells)], how="vertical_relaxed")
    totals = {int(code): int(fen) for code, fen in lacking.select("fund_code", "lacks").iter_rows()}
    ordered = local.sort("fund_code", "payer_level", "payer_code", "hukou_pool_code", "evidence")
    return _inside(ordered, "exact", totals).with_columns(evidence=pl.lit(ASSUMED, pl.Int8))


def _stand_ins(bare: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Return cells for funds whose city and county pay nothing today, weighted by all of their subsidy."""
    inside = cells.filter((pl.col("item") == "subsidy") & (pl.col("payer_level") == "centre"))
    return inside.join(bare.select("fund_code"), on="fund_code", how="semi").with_columns(
        payer_level=pl.lit("city_and_county", LEVEL), payer_code=pl.col("fund_code")
    )
