"""Measures of fit of payments to costs, of persons and of places; and what a pool for dear cases does to both.

R² and payment-system fit follow from sums; the mean absolute error and what lies above the pool's line need one pass
over the records. All weigh persons by months. None of them measures an incentive to select people: the tables of
over- and under-payment do.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import polars as pl

from suiren.money import MONTHS_PER_YEAR, exact_sum
from suiren.risk.estimate.sums_table import SQUARES
from suiren.risk.evaluate.terms import Payment

PLACES = 6
"""Decimals of a measure."""
SUMMED = ("person_months", "cost_fen", SQUARES, "above_fen", "above_sq", "above_cost")


def measures(frame: pl.DataFrame, payment: Payment) -> dict[str, Any]:
    """Return `r_squared` of the points alone and `payment_system_fit` of all money, exact until rounded."""
    cells = frame.group_by("points", "months").agg(exact_sum(column).alias(column) for column in SUMMED)
    rows = cells.sort("points", "months").to_dicts()
    months = sum(int(row["person_months"]) for row in rows)
    cost = sum(int(row["cost_fen"]) for row in rows)
    squares = sum((Fraction(MONTHS_PER_YEAR * int(row[SQUARES]), row["months"]) for row in rows), Fraction(0))
    about_mean = squares - Fraction(MONTHS_PER_YEAR * cost * cost, months)
    plain = sum((_left(row, row["points"] * payment.plain_value, Fraction(0)) for row in rows), Fraction(0))
    levy, share = MONTHS_PER_YEAR * payment.levy, payment.terms.share
    paid = sum((_left(row, payment.rate(row["points"]) - levy, share) for row in rows), Fraction(0))
    return {
        "r_squared": _share(1 - plain / about_mean) if about_mean else None,
        "payment_system_fit": _share(1 - paid / about_mean) if about_mean else None,
    }


def _left(row: dict[str, Any], a_year: Fraction, share: Fraction) -> Fraction:
    """Return the month-weighted squared differences of annual cost and annual payment, what the pool bears paid too."""
    own = int(row[SQUARES]) - 2 * share * int(row["above_cost"]) + share * share * int(row["above_sq"])
    net = int(row["cost_fen"]) - share * int(row["above_fen"])
    years = Fraction(int(row["person_months"]), MONTHS_PER_YEAR)
    return MONTHS_PER_YEAR * Fraction(own) / row["months"] - 2 * a_year * net + a_year * a_year * years


def place_measures(frame: pl.DataFrame, payment: Payment, far_bp: int) -> dict[str, Any]:
    """Return for counties and for funds: how many, R² of their mean cost, and how many are paid far off their cost."""
    return {name: _places(frame, column, payment, far_bp) for name, column in _PLACES.items()}


_PLACES = {"counties": "county_code", "funds": "fund_code"}


def _places(frame: pl.DataFrame, column: str, payment: Payment, far_bp: int) -> dict[str, Any]:
    counts = ("person_months", "point_months", "cost_fen", "above_fen")
    rows = frame.group_by(column).agg(exact_sum(name).alias(name) for name in counts).sort(column).to_dicts()
    whole = {name: sum(int(row[name]) for row in rows) for name in counts}
    mean = Fraction(whole["cost_fen"], whole["person_months"])
    left = spread = Fraction(0)
    far = far_months = 0
    for row in rows:
        months, cost = int(row["person_months"]), int(row["cost_fen"])
        paid = payment.of(row)
        left += (cost - paid) ** 2 / months
        spread += (cost - mean * months) ** 2 / months
        if 10_000 * abs(paid - cost) >= far_bp * cost:
            far, far_months = far + 1, far_months + months
    return {
        "many": len(rows),
        "r_squared": _share(1 - left / spread) if spread else None,
        "off_by_a_tenth": far,
        "off_by_a_tenth_share": _share(Fraction(far_months, whole["person_months"])),
    }


def _share(value: Fraction) -> float:
    return round(float(value), PLACES)


__all__ = ["measures", "place_measures"]
