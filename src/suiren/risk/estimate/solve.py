"""Least squares under promises as a quadratic programme: min 1/2 b'Hb - g'b, R b = or >= d, b >= 0.

Without inequalities and where no coefficient is negative it is one linear system. Else Clarabel solves it, scaled;
then the system of the constraints it found binding is solved once more, to the last digits, and kept where it is a
solution. The distance to the conditions of Karush, Kuhn and Tucker is part of the result.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from suiren.errors import SuirenError, fail

TOLERANCE = 1e-9
"""How far a scaled solution may be from the conditions to count as refined."""
WORST = 1e-6
"""How far it may be from them at all."""


@dataclass(frozen=True, slots=True, eq=False)
class Quadratic:
    """A programme; the first row is the budget and always an equality."""

    h: np.ndarray
    g: np.ndarray
    rows: np.ndarray
    wanted: np.ndarray
    equal: tuple[bool, ...]
    labels: tuple[str, ...]
    """What each row is called when rows contradict each other."""

    def only(self, kept: Sequence[int]) -> Quadratic:
        """Return the programme with these rows alone."""
        chosen = list(kept)
        return Quadratic(
            self.h,
            self.g,
            self.rows[chosen],
            self.wanted[chosen],
            tuple(self.equal[place] for place in chosen),
            tuple(self.labels[place] for place in chosen),
        )

    def moved(self, wanted: np.ndarray) -> Quadratic:
        """Return the programme with other right-hand sides."""
        return Quadratic(self.h, self.g, self.rows, wanted, self.equal, self.labels)


@dataclass(frozen=True, slots=True, eq=False)
class Scaled:
    """A programme in numbers near 1, and what they stand for."""

    h: np.ndarray
    g: np.ndarray
    rows: np.ndarray
    wanted: np.ndarray
    unit: np.ndarray
    """A coefficient is its scaled value times this."""
    price: np.ndarray
    """A row's multiplier is its scaled value times this."""


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Coefficients, multipliers of rows and of b >= 0, and how it was found."""

    values: np.ndarray
    prices: np.ndarray
    """One for each row: how much 1/2 of the squared error grows for one more unit on its right-hand side."""
    at_zero: tuple[int, ...]
    """Coefficients that would be negative if they might."""
    solver: str
    status: str
    residuals: dict[str, float] = field(default_factory=dict)


def scale(problem: Quadratic, size: float, unit: float) -> Scaled:
    """Return the programme with coefficients in `unit` fen and weights in `size` person-years, diagonal 1."""
    side = np.sqrt(np.maximum(np.diag(problem.h), 1e-300) / size)
    rows = problem.rows / side
    norm = np.maximum(np.linalg.norm(rows, axis=1), 1e-300)
    return Scaled(
        problem.h / (size * np.outer(side, side)),
        problem.g / (size * unit * side),
        rows / norm[:, None],
        problem.wanted / (unit * norm),
        unit / side,
        size * unit / norm,
    )


def solve(problem: Quadratic, size: float, unit: float) -> Solution:
    """Return the solution.

    Raises:
        SuirenError: rows that contradict each other, by their labels; a programme that needs the extra `risk`.
    """
    scaled = scale(problem, size, unit)
    plain = all(problem.equal)
    if plain:
        values, prices = _system(scaled, np.arange(len(problem.equal)), np.ones(len(scaled.g), dtype=bool))
        found = Found(values, prices, np.zeros_like(values))
        if float(values.min()) >= -TOLERANCE and max(_residuals(scaled, problem.equal, found).values()) < TOLERANCE:
            return _solution(problem, scaled, found, "linear system", "solved")
    found, status = _clarabel(problem, scaled)
    polished = _polished(problem, scaled, found)
    if polished is not None:
        return _solution(problem, scaled, polished, "clarabel", f"{status}, refined")
    if max(_residuals(scaled, problem.equal, found).values()) > WORST:
        raise _impossible(status)
    return _solution(problem, scaled, found, "clarabel", status)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A scaled solution: values, multipliers of the rows, multipliers of values >= 0."""

    values: np.ndarray
    prices: np.ndarray
    bounds: np.ndarray


def _solution(problem: Quadratic, scaled: Scaled, found: Found, solver: str, status: str) -> Solution:
    return Solution(
        np.maximum(found.values, 0.0) * scaled.unit,
        found.prices * scaled.price,
        tuple(int(place) for place in np.flatnonzero(found.bounds > TOLERANCE)),
        solver,
        status,
        _residuals(scaled, problem.equal, found),
    )


def _residuals(scaled: Scaled, equal: tuple[bool, ...], found: Found) -> dict[str, float]:
    """Return how far a scaled solution is from the conditions: 0 is a solution."""
    slack = scaled.rows @ found.values - scaled.wanted
    free = np.array([not one for one in equal])
    gradient = scaled.h @ found.values - scaled.g - scaled.rows.T @ found.prices - found.bounds
    broken = np.concatenate([np.abs(slack[~free]), -slack[free], -found.values, [0.0]])
    negative = np.concatenate([-found.prices[free], -found.bounds, [0.0]])
    both = np.concatenate([slack[free] * found.prices[free], found.values * found.bounds, [0.0]])
    return {
        "stationarity": float(np.abs(gradient).max()),
        "primal": float(broken.max()),
        "dual": float(negative.max()),
        "complementarity": float(np.abs(both).max()),
    }


def _system(scaled: Scaled, binding: np.ndarray, loose: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return values (0 where not `loose`) and row multipliers with the `binding` rows as equalities."""
    inner = scaled.h[np.ix_(loose, loose)]
    rows = scaled.rows[np.ix_(binding, loose)]
    values, prices = np.zeros(len(scaled.g)), np.zeros(len(scaled.wanted))
    diagonal = np.diag(inner)
    if np.count_nonzero(inner) == np.count_nonzero(diagonal) == len(diagonal):
        middle = rows / diagonal @ rows.T
        prices[binding] = solved(middle, scaled.wanted[binding] - rows @ (scaled.g[loose] / diagonal))
        values[loose] = (scaled.g[loose] + rows.T @ prices[binding]) / diagonal
        return values, prices
    count = len(binding)
    matrix = np.block([[inner, -rows.T], [rows, np.zeros((count, count))]])
    wanted = np.concatenate([scaled.g[loose], scaled.wanted[binding]])
    answer = solved(matrix, wanted)
    values[loose] = answer[: int(loose.sum())]
    prices[binding] = answer[int(loose.sum()) :]
    return values, prices


def solved(matrix: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the solution of a linear system, refined once; the shortest one where there are several."""
    with contextlib.suppress(np.linalg.LinAlgError):
        answer = np.linalg.solve(matrix, wanted)
        answer += np.linalg.solve(matrix, wanted - matrix @ answer)
        left = float(np.abs(matrix @ answer - wanted).max(initial=0.0))
        if left <= TOLERANCE * max(1.0, float(np.abs(answer).max(initial=0.0))) / 1000:
            return answer
    answer = np.linalg.lstsq(matrix, wanted, rcond=1e-14)[0]
    return answer + np.linalg.lstsq(matrix, wanted - matrix @ answer, rcond=1e-14)[0]


def _polished(problem: Quadratic, scaled: Scaled, found: Found) -> Found | None:
    """Return the solution of the constraints that `found` has binding, where it meets all conditions."""
    slack = scaled.rows @ found.values - scaled.wanted
    tight = np.array(problem.equal) | (found.prices > slack)
    loose = found.values > found.bounds
    values, prices = _system(scaled, np.flatnonzero(tight), loose)
    bounds = np.where(loose, 0.0, scaled.h @ values - scaled.g - scaled.rows.T @ prices)
    better = Found(values, prices, bounds)
    return better if max(_residuals(scaled, problem.equal, better).values()) < TOLERANCE else None


def _clarabel(problem: Quadratic, scaled: Scaled) -> tuple[Found, str]:
    """Return Clarabel's solution of the scaled programme and its status."""
    try:
        clarabel: Any = importlib.import_module("clarabel")
        sparse: Any = importlib.import_module("scipy.sparse")
    except ImportError:
        raise fail(
            "E-extra",
            "Promises, and estimates of which a coefficient would be negative, need the solver Clarabel.",
            "It is not installed.",
            "pip install 'suiren[risk]'",
        ) from None
    equal = np.array(problem.equal)
    size = len(scaled.g)
    constraints = sparse.csc_matrix(np.vstack([scaled.rows[equal], -scaled.rows[~equal], -np.eye(size)]))
    right = np.concatenate([scaled.wanted[equal], -scaled.wanted[~equal], np.zeros(size)])
    cones = [clarabel.ZeroConeT(int(equal.sum())), clarabel.NonnegativeConeT(int((~equal).sum()) + size)]
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-11
    upper = sparse.triu(sparse.csc_matrix(scaled.h), format="csc")
    answer = clarabel.DefaultSolver(upper, -scaled.g, constraints, right, cones, settings).solve()
    status = str(answer.status)
    if status not in {"Solved", "AlmostSolved", "InsufficientProgress"}:
        raise _impossible(status)
    duals = np.array(answer.z)
    prices = np.zeros(len(equal))
    prices[equal], prices[~equal] = -duals[: equal.sum()], duals[equal.sum() : len(equal)]
    return Found(np.array(answer.x), prices, duals[len(equal) :]), status


class ImpossibleError(SuirenError):
    """Rows that contradict each other, or a solver that gave up."""


def _impossible(status: str) -> ImpossibleError:
    return ImpossibleError(
        *fail(
            "E-fit-solver", f"The solver found no solution ({status}).", "No weights follow from these sums."
        ).problems
    )


def conflict(problem: Quadratic, size: float, unit: float) -> list[int]:
    """Return rows (without the budget) that cannot hold together, none of them to spare; empty where all can."""
    kept = list(range(len(problem.labels)))
    if _possible(problem, size, unit):
        return []
    for row in kept[1:]:
        without = [one for one in kept if one != row]
        if not _possible(problem.only(without), size, unit):
            kept = without
    return [row for row in kept if row]


def _possible(problem: Quadratic, size: float, unit: float) -> bool:
    try:
        solve(problem, size, unit)
    except ImpossibleError:
        return False
    return True
