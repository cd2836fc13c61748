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
    """Return exact cells whose evidence is no better than that of the head counts they are made of."""
    graded = cells.with_columns(evidence=pl.max_horizontal("evidence", pl.lit(people_evidence, pl.Int8)))
    return graded.group_by(CELL).agg(
        pl.col("persons", "person_months").cast(pl.Int128).sum().cast(pl.Int64), pl.col("exact").sum()
    )


def rests_on(cells: pl.DataFrame) -> pl.DataFrame:
    """Return the money of exact cells by item and evidence: item, evidence, amount_fen (rounded half up)."""
    grades = dict(enumerate(EVIDENCE))
    summed = cells.group_by("item", "evidence").agg(pl.col("exact").sum()).sort("item", "evidence")
    fen = half_up(pl.col("exact"), MONTHS_PER_YEAR).cast(pl.Int64)
    grade = pl.col("evidence").replace_strict(grades, return_dtype=pl.String)
    return summed.select(pl.col("item").cast(pl.String), evidence=grade, amount_fen=fen)


def _cells(paid: pl.DataFrame, level: str, basis: str) -> pl.DataFrame:
    amount = pl.col(f"pays_{level}").cast(pl.Int128)
    contribution = level in {"individual", "medical_aid"}
    if contribution:
        exact = amount * pl.col("first_persons") * MONTHS_PER_YEAR
    elif basis == "per_head":
        exact = amount * pl.col("persons") * MONTHS_PER_YEAR
    else:
        exact = amount * pl.col("person_months")
    return (
        paid.lazy()
        .filter(pl.col(f"pays_{level}") > 0)
        .select(
            item=pl.lit("contribution" if contribution else "subsidy", ITEM),
            payer_level=pl.lit(level, LEVEL),
            payer_code=_payer_code(level),
            fund_code=pl.col("enrolment_pool"),
            hukou_pool_code=pl.col("hukou_pool"),
            evidence=pl.col(f"evidence_{level}"),
            persons=pl.col("persons"),
            person_months=pl.col("person_months"),
            exact=exact,
        )
        .group_by(CELL)
        .agg(pl.col("persons", "person_months").cast(pl.Int128).sum().cast(pl.Int64), pl.col("exact").sum())
        .collect()
    )


def _payer_code(level: str) -> pl.Expr:
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
