"""Promises bound into an estimate: their rows, the solution, who cannot be promised together, and the sweep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import polars as pl

from suiren.errors import fail
from suiren.money import MONTHS_PER_YEAR
from suiren.risk.estimate.credibility import inside_cells
from suiren.risk.estimate.design import cells_of, members
from suiren.risk.estimate.fit import BUDGET, Fit
from suiren.risk.estimate.promises import Promise
from suiren.risk.estimate.solve import ImpossibleError, Quadratic, Solution, conflict
from suiren.risk.estimate.table import MICRO, predicted

KEPT = 1e-9
"""A promise that is missed by so small a part of it is kept: coefficients have `DIGITS` digits."""
STEPS = tuple(Fraction(step, 20) for step in range(21))
"""Shares of repair of the sweep: 0, 5, ... 100 %."""


@dataclass(frozen=True, slots=True, eq=False)
class Payments:
    """What each cell of the model gets for a year: a whole number of `unit` fen."""

    cells: list[int]
    unit: Fraction


def estimated(fit: Fit, values: np.ndarray) -> Payments:
    """Return what cells would get by coefficients."""
    return Payments(predicted(fit.design, values), Fraction(1, MICRO))


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """People of whom a price is told: how many, what they cost, and their months with a cost by cell of the model."""

    name: str
    persons: int
    person_months: int
    costed: int
    cost_fen: int
    months: tuple[int, ...]

    @property
    def costed_months(self) -> int:
        """Person-months of those whose cost is known."""
        return sum(self.months)

    def units(self, payments: Payments) -> int:
        """Return what they get for their months, in units of the payments times months."""
        return sum(value * count for value, count in zip(payments.cells, self.months, strict=True) if count)

    def paid(self, payments: Payments) -> Fraction:
        """Return what they get for their months, in fen."""
        return self.units(payments) * payments.unit / MONTHS_PER_YEAR


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """An estimate with promises."""

    fit: Fit
    promises: tuple[Promise, ...]
    groups: tuple[Group, ...]
    problem: Quadratic
    solution: Solution
    targets: tuple[float, ...]


def group_of(fit: Fit, name: str, condition: pl.Expr, cells: pl.DataFrame | None = None) -> Group:
    """Return the people of the sums, or of `cells` made of them, that fit a condition."""
    chosen = cells_of(fit.sums.frame.filter(condition)) if cells is None else cells.filter(condition)
    found = members(fit.design, chosen)
    counts = (found["persons"], found["person_months"], found["costed"], found["cost_fen"])
    return Group(name, *counts, tuple(found["months"]))


def bind(fit: Fit, promises: Sequence[Promise], known: Sequence[Group] | None = None) -> Bound:
    """Return the estimate that keeps all promises at the least loss of fit; their groups may be known already.

    Raises:
        SuirenError: promises that contradict each other, by name; no extra `risk`.
    """
    groups = tuple(known or (group_of(fit, promise.name, promise.condition) for promise in promises))
    problem = _programme(fit, promises, groups)
    targets = _targets(fit, promises, groups, [promise.repair for promise in promises])
    problem = problem.moved(np.array([fit.problem.wanted[0], *targets]))
    if not promises:
        return Bound(fit, (), (), problem, fit.baseline, ())
    try:
        solution = _solved(fit, problem)
    except ImpossibleError as error:
        raise _contradiction(fit, problem, promises, groups, targets) or error from None
    return Bound(fit, tuple(promises), groups, problem, solution, tuple(targets))


def _solved(fit: Fit, problem: Quadratic) -> Solution:
    """Return the solution: the estimate without promises where it keeps them all, each then without a price."""
    over = problem.rows @ fit.baseline.values - problem.wanted
    small = KEPT * np.maximum(np.abs(problem.wanted), fit.unit)
    if all(
        abs(gap) <= near if same else gap >= -near for gap, near, same in zip(over, small, problem.equal, strict=True)
    ):
        prices = np.concatenate([fit.baseline.prices, np.zeros(len(over) - 1)])
        return replace(fit.baseline, prices=prices)
    return fit.solved(problem)


def _programme(fit: Fit, promises: Sequence[Promise], groups: Sequence[Group]) -> Quadratic:
    """Return the programme with a row for each promise: what its people get, in fen."""
    months = np.array([group.months for group in groups], dtype=np.float64).reshape(len(groups), fit.design.x.shape[0])
    rows = months / MONTHS_PER_YEAR @ fit.design.x
    return Quadratic(
        fit.problem.h,
        fit.problem.g,
        np.vstack([fit.problem.rows, rows]),
        np.zeros(len(groups) + 1),
        (True, *(promise.binding == "exact" for promise in promises)),
        (BUDGET, *(promise.name for promise in promises)),
    )


def _targets(
    fit: Fit, promises: Sequence[Promise], groups: Sequence[Group], repairs: Sequence[Fraction]
) -> list[float]:
    """Return what each group is promised, in fen: its cost less the part of the gap that is not repaired.

    Who gets more than it costs without promises is promised its cost by `not_under`, so that no other promise is
    paid by pushing it below.
    """
    before = estimated(fit, fit.baseline.values)
    targets: list[float] = []
    for promise, group, repair in zip(promises, groups, repairs, strict=True):
        gap = group.cost_fen - group.paid(before)
        if promise.binding == "not_under":
            gap = max(Fraction(0), gap)
        targets.append(float(group.cost_fen - (1 - repair) * gap))
    return targets


def _contradiction(
    fit: Fit, problem: Quadratic, promises: Sequence[Promise], groups: Sequence[Group], targets: Sequence[float]
) -> Exception | None:
    rows = [row - 1 for row in conflict(problem, fit.size, fit.unit)]
    if not rows:
        return None
    listed = "; ".join(
        f"{promises[row].name!r} ({groups[row].persons:,} persons, "
        f"{'exactly' if promises[row].binding == 'exact' else 'at least'} {targets[row] / 100:,.0f} yuan)"
        for row in rows
    )
    return fail(
        "E-promise-conflict",
        f"These promises cannot be kept together: {listed}.",
        "The budget is fixed, no coefficient may be negative, and the columns of the model cannot tell these people "
        "apart any further.",
        "Lower repair of one, use not_under instead of exact, or leave one out.",
    )


def explained(fit: Fit, payments: Payments) -> float:
    """Return the part of the variance of a year's cost that payments explain (R²), by months."""
    years, cost = fit.design.years, fit.design.cost
    own, given = cost / years, np.array(payments.cells, dtype=np.float64) * float(payments.unit)
    inside = inside_cells(fit.design)
    whole = inside + float(years @ (own - cost.sum() / years.sum()) ** 2)
    return 1 - (inside + float(years @ (own - given) ** 2)) / whole if whole else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One share of repair: its solution, `None` where the promises contradict each other."""

    repair: Fraction
    targets: tuple[float, ...]
    solution: Solution | None


def sweep(bound: Bound) -> list[Step]:
    """Return the solutions for all `STEPS`, the same share for every promise."""
    steps: list[Step] = []
    for repair in STEPS if bound.promises else ():
        targets = _targets(bound.fit, bound.promises, bound.groups, [repair] * len(bound.promises))
        problem = bound.problem.moved(np.array([bound.problem.wanted[0], *targets]))
        try:
            solution = _solved(bound.fit, problem)
        except ImpossibleError:
            solution = None
        steps.append(Step(repair, tuple(targets), solution))
    return steps
