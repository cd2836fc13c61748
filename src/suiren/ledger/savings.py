"""`portable:savings=return`: what the origin's province saves goes to its own pools by their enrolled."""

from __future__ import annotations

import polars as pl

from suiren.ledger.cells import CELL, ITEM, LEVEL
from suiren.money import MONTHS_PER_YEAR, apportion, half_up


def returned_savings(paid: pl.DataFrame, basis: str) -> pl.DataFrame:
    """Return ledger cells of what each province saves on people enrolled in another province, shared among its pools.

    The saving of a province is what it pays for a local of the hukou place, for the months enrolled elsewhere; its
    pools receive it in proportion to the person-months of their enrolled, by largest remainder.
    """
    months = pl.col("persons") * MONTHS_PER_YEAR if basis == "per_head" else pl.col("person_months")
    away = paid.filter(pl.col("follows") & (pl.col("hukou_province") != pl.col("enrolment_province")))
    saved = (
        away.group_by("hukou_province")
        .agg(
            saved=(pl.col("origin_province_part").cast(pl.Int128) * months).sum(),
            grade=pl.max_horizontal("origin_province_evidence", "door_evidence").max(),
        )
        .sort("hukou_province")
    )
    enrolled = (
        paid.group_by("enrolment_province", "enrolment_pool")
        .agg(months=pl.col("person_months").cast(pl.Int128).sum())
        .sort("enrolment_province", "enrolment_pool")
    )
    rows: list[tuple[object, ...]] = []
    for province, exact, grade in saved.iter_rows():
        pools = enrolled.filter(pl.col("enrolment_province") == province)
        if pools.is_empty():
            continue
        parts = apportion(half_up(int(exact), MONTHS_PER_YEAR), [int(months) for months in pools["months"].to_list()])
        rows += [
            ("subsidy", "province", province, pool, pool, grade, 0, 0, fen)
            for pool, fen in zip(pools["enrolment_pool"], parts, strict=True)
        ]
    schema = {
        "item": ITEM,
        "payer_level": LEVEL,
        "payer_code": pl.Int32,
        "fund_code": pl.Int32,
        "hukou_pool_code": pl.Int32,
        "evidence": pl.Int8,
        "persons": pl.Int64,
        "person_months": pl.Int64,
        "amount_fen": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row").select(*CELL, "persons", "person_months", "amount_fen")
