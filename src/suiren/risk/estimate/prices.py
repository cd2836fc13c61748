"""What promises cost: who gains, who pays, a head and in total, the fit that is lost, each promise's price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl

from suiren.money import MONTHS_PER_YEAR, apportion
from suiren.risk.estimate.bind import Bound, Group, Payments, Step, bind, estimated, explained, group_of, sweep
from suiren.risk.estimate.design import CELL, cells_of
from suiren.risk.estimate.fit import Fit
from suiren.risk.estimate.sums_table import ORIGINS
from suiren.risk.estimate.table import Table, table

NO_HISTORY = "no history"
PRICES: dict[str, Any] = {
    "kind": pl.String,
    "group": pl.String,
    "persons": pl.Int64,
    "person_months": pl.Int64,
    "costed_months": pl.Int64,
    "cost_fen": pl.Int64,
    "before_fen": pl.Int64,
    "after_fen": pl.Int64,
    "change_fen": pl.Int64,
    "over_before_fen_per_year": pl.Int64,
    "over_after_fen_per_year": pl.Int64,
    "change_fen_per_year": pl.Int64,
    "who": pl.String,
    "estimate_before_fen": pl.Int64,
    "estimate_after_fen": pl.Int64,
    "binding": pl.String,
    "repair": pl.String,
    "target_fen": pl.Int64,
    "short_on_points_fen": pl.Int64,
    "shadow_price_fen": pl.Float64,
    "r2_lost": pl.Float64,
    "uplift_instead": pl.Float64,
}
"""Columns of prices.csv. Payments are those of the whole points, from a budget equal to the cost of all; `over` is
payment less cost, so minus is under-paid; `who` gains or pays. Only people with a known cost count in money."""
SWEEP: dict[str, Any] = {
    "repair_percent": pl.Int64,
    "promise": pl.String,
    "status": pl.String,
    "target_fen": pl.Int64,
    "estimate_fen": pl.Int64,
    "points_fen": pl.Int64,
    "over_fen_per_year": pl.Int64,
    "shadow_price_fen": pl.Float64,
    "r2": pl.Float64,
    "r2_points": pl.Float64,
    "r2_lost": pl.Float64,
}


@dataclass(frozen=True, slots=True, eq=False)
class Paid:
    """What the cells of the model get for a year: by the estimate, and by whole points from the same budget."""

    estimate: Payments
    points: Payments


def paid(fit: Fit, values: np.ndarray, published: Table) -> Paid:
    """Return what cells get from these coefficients and from the table made of them."""
    points = published.points
    shares = [points[sex, age, group] for sex, age, _, group in fit.design.cells.select(CELL).iter_rows()]
    months = fit.design.cells["costed_months"].to_list()
    whole = sum(share * count for share, count in zip(shares, months, strict=True))
    return Paid(estimated(fit, values), Payments(shares, Fraction(MONTHS_PER_YEAR * fit.total, whole)))


def nearest(amount: Fraction) -> int:
    """Return the nearest whole number, halves away from 0."""
    whole = int(abs(amount) + Fraction(1, 2))
    return -whole if amount < 0 else whole


def rounded(value: float, digits: int = 9) -> float:
    """Return a number with at most `digits` significant digits."""
    return float(f"{value:.{digits}g}")


def small(value: float) -> float:
    """Return a number that may be nothing but the rounding of others, with nine digits and nine decimals at most."""
    return rounded(round(float(value), 9)) + 0.0


def price_table(bound: Bound, before: Paid, after: Paid) -> pl.DataFrame:
    """Return the price table, columns `PRICES`: everybody, promises, then ages, origins, health groups, sexes."""
    fit = bound.fit
    rows: list[dict[str, Any]] = []
    everybody = group_of(fit, "everybody", pl.lit(value=True))
    lost = explained(fit, before.estimate) - explained(fit, after.estimate)
    rows += _family(bound, "everybody", [everybody], before, after)
    rows[0]["r2_lost"] = small(lost)
    for place, promise in enumerate(bound.promises):
        group = bound.groups[place]
        row = _row(
            "promise", group, before, after, nearest(group.paid(before.points)), nearest(group.paid(after.points))
        )
        target = bound.targets[place]
        short = Fraction(target) - group.paid(after.points)
        if promise.binding == "not_under":
            short = max(Fraction(0), short)
        rows.append(
            row
            | {
                "binding": promise.binding,
                "repair": f"{float(promise.repair):.6g}",
                "target_fen": nearest(Fraction(target)),
                "short_on_points_fen": nearest(short),
                "shadow_price_fen": small(bound.solution.prices[place + 1]),
                "r2_lost": small(explained(fit, before.estimate) - _alone(bound, place)),
                "uplift_instead": uplift_instead(group, group.paid(before.points), fit.total),
            }
        )
    for kind, groups in families(fit):
        rows += _family(bound, kind, groups, before, after)
    return pl.DataFrame(rows, schema=PRICES)


def _alone(bound: Bound, place: int) -> float:
    """Return the R² with this promise alone."""
    if len(bound.promises) == 1:
        return explained(bound.fit, estimated(bound.fit, bound.solution.values))
    alone = bind(bound.fit, [bound.promises[place]], [bound.groups[place]])
    return explained(bound.fit, estimated(bound.fit, alone.solution.values))


def uplift_instead(group: Group, paid_fen: Fraction, total: int) -> float | None:
    """Return the uplift of a group's points that pays it its cost with the weights as they were.

    With the uplift u a group that got P of B gets P(1 + u)/(1 + uP/B); solved for its cost.
    """
    if not 0 < paid_fen < total or group.cost_fen >= total:
        return None
    return rounded(float((group.cost_fen - paid_fen) / (paid_fen * (1 - Fraction(group.cost_fen, total)))))


def families(fit: Fit) -> list[tuple[str, list[Group]]]:
    """Return the standard groups, each family a division of everybody; groups without persons are left out."""
    frame = cells_of(fit.sums.frame, "origin")
    ages = frame.select("age_from", "age_to").unique().sort("age_from").rows()
    named = sorted(frame["risk_group"].unique().to_list())
    asked: list[tuple[str, list[tuple[str, pl.Expr]]]] = [
        ("ages", [(f"{low}-{high}", pl.col("age_from") == low) for low, high in ages]),
        ("origin", [(origin, pl.col("origin") == origin) for origin in ORIGINS]),
        ("risk_group", [(group or NO_HISTORY, pl.col("risk_group") == group) for group in named]),
        ("sex", [("m", pl.col("sex") == 1), ("f", pl.col("sex") == 2)]),
    ]
    made = [(kind, [group_of(fit, name, condition, frame) for name, condition in groups]) for kind, groups in asked]
    return [(kind, [group for group in groups if group.persons]) for kind, groups in made]


def _family(bound: Bound, kind: str, groups: Sequence[Group], before: Paid, after: Paid) -> list[dict[str, Any]]:
    """Return the rows of a division of everybody; its payments add up to the budget, to the fen."""
    total = bound.fit.total
    shares = [apportion(total, [group.units(side.points) for group in groups]) for side in (before, after)]
    return [_row(kind, group, before, after, *pair) for group, *pair in zip(groups, *shares, strict=True)]


def _row(kind: str, group: Group, before: Paid, after: Paid, was: int, now: int) -> dict[str, Any]:
    months = group.costed_months
    a_year = [
        nearest(Fraction(amount * MONTHS_PER_YEAR, months)) if months else None
        for amount in (was - group.cost_fen, now - group.cost_fen, now - was)
    ]
    return {
        **dict.fromkeys(PRICES),
        "kind": kind,
        "group": group.name,
        "persons": group.persons,
        "person_months": group.person_months,
        "costed_months": months,
        "cost_fen": group.cost_fen,
        "before_fen": was,
        "after_fen": now,
        "change_fen": now - was,
        "over_before_fen_per_year": a_year[0],
        "over_after_fen_per_year": a_year[1],
        "change_fen_per_year": a_year[2],
        "who": "gains" if now > was else "pays" if now < was else "",
        "estimate_before_fen": nearest(group.paid(before.estimate)),
        "estimate_after_fen": nearest(group.paid(after.estimate)),
    }


def sweep_table(bound: Bound, before: Paid) -> pl.DataFrame:
    """Return the sweep, columns `SWEEP`: for each share of repair a row for each promise."""
    fit, rows = bound.fit, list[dict[str, Any]]()
    base = explained(fit, before.estimate)
    for step in sweep(bound):
        rows += _step(bound, step, base)
    return pl.DataFrame(rows, schema=SWEEP)


def _step(bound: Bound, step: Step, base: float) -> list[dict[str, Any]]:
    fit = bound.fit
    about = {"repair_percent": int(step.repair * 100)}
    named = [group.name for group in bound.groups]
    targets = [nearest(Fraction(target)) for target in step.targets]
    if step.solution is None:
        return [
            {**dict.fromkeys(SWEEP), **about, "promise": name, "status": "contradiction", "target_fen": target}
            for name, target in zip(named, targets, strict=True)
        ]
    got = paid(fit, step.solution.values, table(fit, step.solution.values))
    r2, on_points = explained(fit, got.estimate), explained(fit, got.points)
    about |= {"r2": rounded(r2), "r2_points": rounded(on_points), "r2_lost": small(base - r2)}
    return [
        about
        | {
            "promise": group.name,
            "status": "kept",
            "target_fen": target,
            "estimate_fen": nearest(group.paid(got.estimate)),
            "points_fen": nearest(group.paid(got.points)),
            "over_fen_per_year": nearest(
                (group.paid(got.points) - group.cost_fen) * MONTHS_PER_YEAR / group.costed_months
            ),
            "shadow_price_fen": small(float(price)),
        }
        for group, target, price in zip(bound.groups, targets, step.solution.prices[1:], strict=True)
    ]
