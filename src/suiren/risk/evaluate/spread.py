"""How sure an over- or under-payment is: intervals by drawing counties anew, or persons where the counties are few.

The sums of each county are drawn again and again, as many counties as there are, with a fixed seed; in each draw the
value of a point is that of the draw, so that payment is its cost. A group that lives in fewer than `FEW_COUNTIES`
counties cannot be judged so: its interval is then from the spread between its persons, as if they were drawn alone,
and is marked weak, as what a place has in common is not in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from suiren.money import MONTHS_PER_YEAR
from suiren.risk.estimate.sums_table import SQUARES
from suiren.risk.evaluate.terms import Payment, Terms

Array = npt.NDArray[np.float64]

DRAWS = 1000
FEW_COUNTIES = 10
LOW, HIGH = 2.5, 97.5
NORMAL = 1.959964
"""Half the width of a 95 % interval in standard errors."""
COUNTS = ("person_months", "point_months", "cost_fen", "above_fen")


@dataclass(frozen=True, slots=True)
class Spread:
    """The 95 % interval of an over-payment, fen a person-year, and what it is drawn from."""

    low_fen: int | None
    high_fen: int | None
    by: str
    """`counties` or `persons`; "" where there is no interval."""
    weak: bool


def spread_of(frame: pl.DataFrame, groups: Sequence[pl.Expr], payment: Payment, seed: int, draws: int) -> list[Spread]:
    """Return the interval of each group."""
    counties = frame["county_code"].unique().sort()
    whole = _by_county(frame, counties)
    counts = drawn(len(counties), seed, draws)
    total = counts @ whole
    made: list[Spread] = []
    for where in groups:
        part = frame.filter(where)
        many = part["county_code"].n_unique()
        if many < FEW_COUNTIES:
            made.append(_by_persons(part, payment))
            continue
        over = _over(counts @ _by_county(part, counties), total, payment.terms)
        low, high = np.nanpercentile(over, [LOW, HIGH])
        made.append(Spread(round(float(low)), round(float(high)), "counties", weak=False))
    return made


def drawn(counties: int, seed: int, draws: int) -> Array:
    """Return how often each county is drawn: draws by counties, each row adding up to the number of counties."""
    taken = np.random.default_rng(seed).integers(0, counties, size=(draws, counties))
    flat = taken + np.arange(draws)[:, None] * counties
    return np.bincount(flat.ravel(), minlength=draws * counties).reshape(draws, counties).astype(np.float64)


def _by_county(frame: pl.DataFrame, counties: pl.Series) -> Array:
    """Return the counts of each county as whole numbers below 2^53 wherever a nation's are: counties by `COUNTS`."""
    sums = frame.group_by("county_code").agg(pl.col(column).cast(pl.Int128).sum() for column in COUNTS)
    lined = counties.to_frame("county_code").join(sums, on="county_code", how="left", maintain_order="left")
    return np.column_stack([lined[column].fill_null(0).cast(pl.Float64).to_numpy() for column in COUNTS])


def _over(part: Array, total: Array, terms: Terms) -> Array:
    """Return the over-payment a person-year in each draw, fen; nobody drawn gives nothing to tell."""
    months, points, cost, above = part.T
    all_months, all_points, all_cost, all_above = total.T
    with np.errstate(divide="ignore", invalid="ignore"):
        value = (MONTHS_PER_YEAR * all_cost - terms.contribution_fen * all_months) / all_points
        paid = terms.contribution_fen + value * points / months
        pool = MONTHS_PER_YEAR * float(terms.share) * (above / months - all_above / all_months)
        return paid + pool - MONTHS_PER_YEAR * cost / months


def _by_persons(part: pl.DataFrame, payment: Payment) -> Spread:
    """Return the interval from the spread between persons; none for a single one."""
    persons = int(part["persons"].sum())
    if persons <= 1:
        return Spread(None, None, "", weak=True)
    terms, share = payment.terms, float(payment.terms.share)
    a_month = (terms.contribution_fen + pl.col("points") * float(payment.value)) / MONTHS_PER_YEAR
    pays = (a_month - float(payment.levy)) * pl.col("months")
    above, both, squared = (pl.col(name).cast(pl.Float64) for name in ("above_fen", "above_cost", "above_sq"))
    net = pl.col("cost_fen").cast(pl.Float64) - share * above
    squares = pl.col(SQUARES).cast(pl.Float64) - 2 * share * both + share * share * squared
    row: Any = part.select(
        over=(pays * pl.col("persons") - net).sum(),
        squares=(pays * pays * pl.col("persons") - 2 * pays * net + squares).sum(),
        years=pl.col("person_months").sum() / MONTHS_PER_YEAR,
    ).row(0)
    over, square, years = map(float, row)
    error = float(np.sqrt(max(square - over * over / persons, 0.0) * persons / (persons - 1))) / years
    middle = over / years
    return Spread(round(middle - NORMAL * error), round(middle + NORMAL * error), "persons", weak=True)


__all__ = ["DRAWS", "FEW_COUNTIES", "Spread", "drawn", "spread_of"]
