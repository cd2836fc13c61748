"""Residents of 367 pools in 2020: with local hukou, from the same province, from other provinces, and who may gain.

People of other provinces are the census's own counts for each pool; people from elsewhere in the province are
modelled (see `suiren population describe`), and so are the members of each scheme.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from suiren.people import china2020


@dataclass(frozen=True, slots=True)
class Pool:
    """Residents of one pool in 2020, persons."""

    code: int
    residents: int
    same_province: int
    other_province: int

    @property
    def hukou(self) -> int:
        """Residents whose hukou is in this pool."""
        return self.residents - self.same_province - self.other_province

    @property
    def ratio(self) -> Fraction:
        """Residents of other provinces to 100 residents with local hukou."""
        return Fraction(100 * self.other_province, self.hukou)

    @property
    def nonlocal_pct(self) -> Fraction:
        """Residents from elsewhere, percent of all residents; a gross figure, unlike the paper's."""
        return Fraction(100 * (self.same_province + self.other_province), self.residents)


@functools.cache
def _table() -> pl.DataFrame:
    columns = ("persons", "resident_scheme", "here_table3", "residence_pool", "hukou_pool")
    return china2020.load().with_columns(pl.col(name).cast(pl.Int64) for name in columns)


@functools.cache
def pools() -> dict[int, Pool]:
    """Each of the 367 pools by code."""
    away = pl.col("residence_pool") != pl.col("hukou_pool")
    outside = pl.col("residence_pool") // 10_000 != pl.col("hukou_pool") // 10_000
    persons = pl.col("persons")
    frame = (
        _table()
        .group_by("residence_pool")
        .agg(
            persons.sum().alias("all"),
            persons.filter(away & ~outside).sum().alias("same"),
            persons.filter(outside).sum().alias("other"),
        )
        .sort("residence_pool")
    )
    return {row[0]: Pool(*row) for row in frame.iter_rows()}


@functools.cache
def insured_at_home(pool: int) -> pl.DataFrame:
    """People from elsewhere in a pool who are in the resident scheme but at home: class, age, other province, persons.

    University students are left out: they may join where they study anyway.
    """
    return (
        _table()
        .filter(
            pl.col("residence_pool") == pool,
            pl.col("hukou_pool") != pool,
            pl.col("person_class").cast(pl.String) != "student",
        )
        .group_by(
            pl.col("person_class").cast(pl.String),
            pl.col("age_from").cast(pl.Int64).alias("age"),
            (pl.col("hukou_pool") // 10_000 != pool // 10_000).alias("outside"),
        )
        .agg((pl.col("resident_scheme") - pl.col("here_table3")).sum().alias("persons"))
        .filter(pl.col("persons") > 0)
        .sort("person_class", "age", "outside")
    )
