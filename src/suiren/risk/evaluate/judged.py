"""How a table of weights would pay the people of some records: who gets too much, who too little, and how far it fits.

First what each group of people and each fund gets above or below its cost, fen a person-year, with an interval; then
predictive ratios; then measures of fit, which are no measure of incentives. Payment is a contribution a head and
points, together exactly the cost of these people, so that over- and under-payment sum to nothing. Sums are whole
numbers; floats stand in intervals and in shares only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from suiren.errors import ConservationError, fail
from suiren.laws.schema import OLDEST
from suiren.money import MONTHS_PER_YEAR, exact_sum
from suiren.risk.estimate.sums_table import Sums
from suiren.risk.evaluate import fit as evaluate_fit
from suiren.risk.evaluate.groups import Group, of_places
from suiren.risk.evaluate.spread import DRAWS, Spread, spread_of
from suiren.risk.evaluate.terms import Payment, Terms, payment_of
from suiren.risk.weights import Weights, with_points

CELL = ("sex", "age_from", "age_to", "risk_group")
COUNTS = ("persons", "person_months", "point_months", "cost_fen", "above_fen")
FAR_BP = 1000
"""A place whose payment is this far from its cost, basis points, is counted as off by a tenth."""

RESULT: dict[str, Any] = {
    "persons": pl.Int64,
    "person_months": pl.Int64,
    "counties": pl.Int64,
    "share_bp": pl.Int64,
    "cost_fen": pl.Int64,
    "payment_fen": pl.Int64,
    "over_fen": pl.Int64,
    "over_a_year_fen": pl.Int64,
    "low_fen": pl.Int64,
    "high_fen": pl.Int64,
    "ratio_bp": pl.Int64,
    "interval": pl.String,
    "weak": pl.Boolean,
}
"""Columns of groups and of funds: `over_fen` in all, `over_a_year_fen` a person-year with its 95 % interval."""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """What was found: two tables of over- and under-payment, the measures of fit, and what they rest on."""

    groups: pl.DataFrame
    """`kind`, `name`, and the columns of `RESULT`."""
    funds: pl.DataFrame
    """`fund_code`, and the columns of `RESULT`; payments add up to the cost exactly."""
    measures: dict[str, Any]
    payment: Payment
    totals: dict[str, int]


def prepared(sums: Sums, weights: Weights, terms: Terms) -> pl.DataFrame:
    """Return the rows of sums of people with a cost, with `points` a person-year, `point_months` and `above_*` of 0.

    Persons and person-months are those whose cost is given; points are times the denominator of the uplift.

    Raises:
        SuirenError: nobody has a cost; a band of ages with several points; a health group that the weights lack.
    """
    frame = sums.frame.filter(pl.col("costed") > 0).with_columns(
        persons="costed", person_months=pl.col("costed") * pl.col("months")
    )
    if not int(frame.select(exact_sum("cost_fen")).item() or 0):
        raise fail(
            "E-evaluate-cost",
            f"The {sums.total('persons'):,} persons have no cost at all.",
            "Payment cannot be held against a cost that is not known.",
            "Fill the column cost_fen.",
        )
    frame = frame.join(_points(frame, weights), on=list(CELL), how="left", maintain_order="left")
    base, more = terms.uplift.denominator, terms.uplift.numerator
    scaled = pl.col("points") * pl.when(pl.col("origin") == "here").then(base).otherwise(base + more)
    return frame.with_columns(points=scaled).with_columns(
        point_months=pl.col("points").cast(pl.Int128) * pl.col("person_months"),
        above_fen=pl.lit(0, pl.Int128),
        above_sq=pl.lit(0, pl.Int128),
        above_cost=pl.lit(0, pl.Int128),
    )


def _points(frame: pl.DataFrame, weights: Weights) -> pl.DataFrame:
    """Return the points of each cell of people."""
    cells = frame.group_by(CELL).agg(pl.col("persons").sum()).sort(CELL)
    ages = cells.with_columns(age=pl.int_ranges("age_from", pl.min_horizontal("age_to", pl.lit(OLDEST)) + 1)).explode(
        "age"
    )
    once = pl.when(pl.col("age") == pl.col("age_from")).then("persons").otherwise(0)
    found = with_points(ages.with_columns(pl.col("age").cast(pl.Int16), persons=once), weights)
    made = found.group_by(CELL).agg(points=pl.col("points").min(), most=pl.col("points").max()).sort(CELL)
    torn = made.filter(pl.col("points") != pl.col("most")).select("age_from", "age_to").unique().sort("age_from")
    if torn.height:
        bands = ", ".join(f"{low}-{high}" for low, high in torn.iter_rows())
        raise fail(
            "E-evaluate-ages",
            f"Inside the ages {bands} the weights give several numbers of points.",
            "The sums do not say how the people are spread over them.",
            "Make sums with the bands of the weights (--ages).",
        )
    return made.drop("most")


def evaluated(
    frame: pl.DataFrame, groups: Sequence[Group], terms: Terms, seed: int = 1, draws: int = DRAWS
) -> Evaluation:
    """Return the evaluation of a prepared frame; its `above_*` are filled where there is a pool."""
    totals = totals_of(frame)
    payment = payment_of(totals, terms)
    known = [group for group in groups if frame.filter(group.where).height]
    parts = [_summed(frame, group.where) for group in known]
    spread = spread_of(frame, [group.where for group in known], payment, seed, draws)
    told = pl.DataFrame({"kind": [group.kind for group in known], "name": [group.name for group in known]})
    funds = frame["fund_code"].unique().sort().to_list()
    fund_parts = _by_fund(frame, funds)
    fund_spread = spread_of(frame, of_places(funds), payment, seed, draws)
    paid = _shared(fund_parts, totals, payment)
    codes = pl.DataFrame({"fund_code": pl.Series(funds, dtype=pl.Int32).cast(pl.String)})
    measures = evaluate_fit.measures(frame, payment)
    measures["places"] = evaluate_fit.place_measures(frame, payment, FAR_BP)
    return Evaluation(
        told.hstack(_table(parts, totals, payment, spread)),
        codes.hstack(_table(fund_parts, totals, payment, fund_spread, paid)),
        measures,
        payment,
        totals,
    )


def _shared(parts: Sequence[dict[str, int]], totals: dict[str, int], payment: Payment) -> list[int]:
    """Return the payments of funds in whole fen, adding up to the cost exactly: largest remainder, then fund code.

    A levy may be more than a fund is paid, so that it gives on balance.

    Raises:
        ConservationError: what the funds are due is not the cost.
    """
    due = [payment.of(part) for part in parts]
    if sum(due) != totals["cost_fen"]:
        raise ConservationError(f"funds are due {sum(due)} fen, not {totals['cost_fen']}")
    whole = [math.floor(each) for each in due]
    first = sorted(range(len(due)), key=lambda at: (whole[at] - due[at], at))
    for at in first[: totals["cost_fen"] - sum(whole)]:
        whole[at] += 1
    return whole


def totals_of(frame: pl.DataFrame) -> dict[str, int]:
    """Return persons, person-months, point-months, cost, and what lies above the pool's line, of a prepared frame."""
    row = frame.select(exact_sum(column).alias(column) for column in COUNTS).row(0, named=True)
    return {column: int(value or 0) for column, value in row.items()}


def _summed(frame: pl.DataFrame, where: pl.Expr) -> dict[str, int]:
    part = frame.filter(where)
    return {**totals_of(part), "counties": part["county_code"].n_unique()}


def _by_fund(frame: pl.DataFrame, funds: Sequence[int]) -> list[dict[str, int]]:
    sums = [exact_sum(column).alias(column) for column in COUNTS]
    made = frame.group_by("fund_code").agg(*sums, counties=pl.col("county_code").n_unique())
    rows = {row["fund_code"]: row for row in made.iter_rows(named=True)}
    return [{name: int(rows[fund][name]) for name in (*COUNTS, "counties")} for fund in funds]


def _table(
    parts: Sequence[dict[str, int]],
    totals: dict[str, int],
    payment: Payment,
    spread: Sequence[Spread],
    payments: Sequence[int] | None = None,
) -> pl.DataFrame:
    rows: list[dict[str, Any]] = []
    for number, (part, found) in enumerate(zip(parts, spread, strict=True)):
        paid = payments[number] if payments is not None else _rounded(payment.of(part))
        over, months = paid - part["cost_fen"], part["person_months"]
        rows.append(
            {
                "persons": part["persons"],
                "person_months": months,
                "counties": part["counties"],
                "share_bp": _rounded(Fraction(10_000 * months, totals["person_months"])),
                "cost_fen": part["cost_fen"],
                "payment_fen": paid,
                "over_fen": over,
                "over_a_year_fen": _rounded(Fraction(MONTHS_PER_YEAR * over, months)),
                "low_fen": found.low_fen,
                "high_fen": found.high_fen,
                "ratio_bp": _rounded(Fraction(10_000 * paid, part["cost_fen"])) if part["cost_fen"] else None,
                "interval": found.by,
                "weak": found.weak,
            }
        )
    return pl.DataFrame(rows, schema=RESULT, orient="row")


def _rounded(value: Fraction) -> int:
    """Return a whole number, half away from zero."""
    size = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return -size if value < 0 else size


__all__ = ["CELL", "RESULT", "Evaluation", "evaluated", "prepared", "totals_of"]
