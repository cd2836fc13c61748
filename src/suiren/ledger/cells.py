"""Ledger cells: exact money summed over kinds, then rounded once for each payer."""

from __future__ import annotations

import polars as pl

from suiren.laws import Law
from suiren.laws.payers import LEVELS
from suiren.laws.schema import EVIDENCE
from suiren.money import MONTHS_PER_YEAR, apportion_cells, half_up

CENTRE_CODE = 100000
CELL = ("item", "payer_level", "payer_code", "fund_code", "hukou_pool_code", "evidence")
PAYER = ("item", "payer_level", "payer_code")
ORDER = ("fund_code", "hukou_pool_code", "evidence")

ITEM = pl.Enum(["contribution", "subsidy"])
LEVEL = pl.Enum(LEVELS)

SCHEMA = pl.Schema(
    {
        "scheme": pl.String,
        "year": pl.Int32,
        "item": pl.String,
        "payer_level": pl.String,
        "payer_code": pl.String,
        "fund_code": pl.String,
        "hukou_pool_code": pl.String,
        "evidence": pl.String,
        "persons": pl.Int64,
        "person_months": pl.Int64,
        "amount_fen": pl.Int64,
    }
)
"""The columns of `ledger.parquet`."""


def exact_cells(paid: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Return one row for each payer, item, fund, hukou pool and evidence, with `exact` money in twelfths of a fen."""
    return pl.concat([_cells(paid, level, law.scheme["basis"]) for level in LEVELS], how="vertical")


def of_people(cells: pl.DataFrame, people_evidence: int) -> pl.DataFrame:
    """Return exact cells with evidence no better than that of the head counts their money is multiplied with."""
    at_best = pl.max_horizontal("evidence", pl.lit(people_evidence, pl.Int8))
    return cells.with_columns(evidence=at_best).group_by(CELL).agg(pl.col("persons", "person_months", "exact").sum())


def rests_on(cells: pl.DataFrame) -> pl.DataFrame:
    """Return the money of exact cells by item and evidence: item, evidence, amount_fen (Int128, half up)."""
    summed = cells.group_by("item", "evidence").agg(pl.col("exact").sum()).filter(pl.col("exact") > 0)
    return summed.sort("item", "evidence").select(
        item=pl.col("item").cast(pl.String),
        evidence=pl.col("evidence").replace_strict(dict(enumerate(EVIDENCE)), return_dtype=pl.String),
        amount_fen=half_up(pl.col("exact"), MONTHS_PER_YEAR),
    )


def _item(level: str) -> str:
    return "contribution" if level in {"individual", "medical_aid"} else "subsidy"


def _exact(level: str, basis: str) -> pl.Expr:
    """Return the exact money of a payer for each kind, in twelfths of a fen (Int128)."""
    amount = pl.col(f"pays_{level}").cast(pl.Int128)
    if _item(level) == "contribution":
        return amount * pl.col("first_persons") * MONTHS_PER_YEAR
    if basis == "per_head":
        return amount * pl.col("persons") * MONTHS_PER_YEAR
    return amount * pl.col("person_months")


def _cells(paid: pl.DataFrame, level: str, basis: str) -> pl.DataFrame:
    return (
        paid.lazy()
        .filter(pl.col(f"pays_{level}") > 0)
        .select(
            item=pl.lit(_item(level), ITEM),
            payer_level=pl.lit(level, LEVEL),
            payer_code=payer_code(level),
            fund_code=pl.col("enrolment_pool"),
            hukou_pool_code=pl.col("hukou_pool"),
            evidence=pl.col(f"evidence_{level}"),
            persons=pl.col("persons"),
            person_months=pl.col("person_months"),
            exact=_exact(level, basis),
        )
        .group_by(CELL)
        .agg(pl.col("persons", "person_months").cast(pl.Int128).sum().cast(pl.Int64), pl.col("exact").sum())
        .collect(engine="streaming")
    )


def payer_code(level: str) -> pl.Expr:
    """Return the code of a payer of placed kinds: the centre's, or that of province, county or pool of enrolment."""
    if level == "centre":
        return pl.lit(CENTRE_CODE, pl.Int32)
    if level == "province":
        return pl.col("enrolment_province")
    if level == "county":
        return pl.col("enrolment_place")
    return pl.col("enrolment_pool")


def rounded(cells: pl.DataFrame) -> pl.DataFrame:
    """Return the cells with `amount_fen`: each payer's total half up once, its cells by largest remainder."""
    return apportion_cells(cells, PAYER, ORDER, MONTHS_PER_YEAR)


def ledger(cells: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Return the ledger of a run as CONTRACT has it, sorted; cells without money are left out."""
    grades = dict(enumerate(EVIDENCE))
    codes = ("payer_code", "fund_code", "hukou_pool_code")
    return (
        cells.filter(pl.col("amount_fen") != 0)
        .sort("item", "payer_level", *codes, "evidence")
        .with_columns(
            scheme=pl.lit(law.scheme.label),
            year=pl.lit(law.year, pl.Int32),
            evidence=pl.col("evidence").replace_strict(grades, return_dtype=pl.String),
            **{code: pl.col(code).cast(pl.String) for code in codes},
        )
        .select(SCHEMA.names())
        .cast(SCHEMA)  # pyright: ignore[reportArgumentType]
    )
