"""The estimate: month-weighted least squares, errors by county, credibility, the budget, nothing negative."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl

from suiren.money import MONTHS_PER_YEAR
from suiren.risk.estimate.credibility import Spread, believed, between, pooled
from suiren.risk.estimate.design import CELL, HEALTHY, Column, Design, cells_of, design_of
from suiren.risk.estimate.solve import Quadratic, Solution, solve
from suiren.risk.estimate.sums_table import Sums

LEVEL = 0.975
"""Two-sided 95 %."""
FIXED = 1e6
"""A coefficient of an additive model that is not believed at all: its prior has so many times its own exposure."""
LEAST_PERSONS = 30
MEAN_POINTS = 1000
BUDGET = "the budget"


@dataclass(frozen=True, slots=True)
class Settings:
    """Every choice of an estimate."""

    method: str = "linear"
    reference: str = HEALTHY
    mean_points: int = MEAN_POINTS
    least_persons: int = LEAST_PERSONS
    """A coefficient that rests on fewer persons is credibility-weighted, whatever the method."""


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """Standard errors by county and 95 % intervals of the plain estimate; NaN where there is one county only."""

    se: np.ndarray
    low: np.ndarray
    high: np.ndarray
    counties: int


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """An estimate before promises: coefficients in fen for a year."""

    sums: Sums
    settings: Settings
    design: Design
    estimate: np.ndarray
    """Least squares or cell means, nothing else done."""
    errors: Errors
    prior: np.ndarray
    """What a coefficient is drawn to; NaN where it stands by itself."""
    credibility: np.ndarray
    s2: float
    spreads: dict[str, Spread]
    problem: Quadratic
    baseline: Solution
    size: float
    unit: float

    @property
    def total(self) -> int:
        """The cost of all persons who have one, in fen: the budget that any coefficients spend on them."""
        return sum(self.design.cells["cost_fen"].to_list())

    def solved(self, problem: Quadratic) -> Solution:
        """Return the solution of a programme of this estimate."""
        return solve(problem, self.size, self.unit)


def fit(sums: Sums, settings: Settings | None = None) -> Fit:
    """Return the estimate from sums.

    Raises:
        SuirenError: no cost, no reference group; a negative coefficient without the extra `risk`.
    """
    chosen = settings or Settings()
    design = design_of(sums, chosen.method, chosen.reference)
    estimate = least_squares(design)
    s2 = pooled(design)
    prior, credibility, spreads = _priors(design, estimate, s2, chosen.least_persons)
    size, unit = float(design.years.sum()), float(design.cost.sum() / design.years.sum())
    problem = _programme(design, _credible(design, estimate, prior, credibility))
    errors = clustered(sums, design, estimate)
    baseline = solve(problem, size, unit)
    return Fit(sums, chosen, design, estimate, errors, prior, credibility, s2, spreads, problem, baseline, size, unit)


def least_squares(design: Design) -> np.ndarray:
    """Return the coefficients of month-weighted least squares, fen for a year.

    Cells carry all that X'WX and X'C hold, so the fit of their means with their person-years is that of the persons.
    """
    root = np.sqrt(design.years)
    x, y = design.x * root[:, None], design.cost / root
    values = np.linalg.lstsq(x, y, rcond=None)[0]
    return values + np.linalg.lstsq(x, y - x @ values, rcond=None)[0]


def clustered(sums: Sums, design: Design, estimate: np.ndarray) -> Errors:
    """Return errors that let the persons of a county depend on each other (sandwich, t with counties - 1)."""
    number = design.cells.select(CELL).with_row_index("_cell")
    rows = cells_of(sums.frame.filter(pl.col("costed") > 0), "county_code").join(number, on=list(CELL), how="inner")
    counties = rows["county_code"].unique().sort()
    place = counties.search_sorted(rows["county_code"]).to_numpy()
    cell = rows["_cell"].to_numpy()
    expected = (design.x @ estimate)[cell] * rows["costed_months"].to_numpy() / MONTHS_PER_YEAR
    rest = np.zeros((len(counties), design.cells.height))
    rest[place, cell] = rows["cost_fen"].to_numpy() - expected
    scores = rest @ design.x
    persons, size, columns = sum(design.cells["costed"].to_list()), len(counties), len(estimate)
    if size < 2 or persons <= columns:
        nothing = np.full(columns, math.nan)
        return Errors(nothing, nothing, nothing, size)
    bread = np.linalg.inv(design.xwx / MONTHS_PER_YEAR)
    middle = bread @ (scores.T @ scores) @ bread
    se = np.sqrt(np.maximum(np.diag(middle), 0) * size / (size - 1) * (persons - 1) / (persons - columns))
    reach = student(LEVEL, size - 1) * se
    return Errors(se, estimate - reach, estimate + reach, size)


def student(level: float, degrees: int) -> float:
    """Return the quantile (level > 1/2) of Student's t.

    With t = sqrt(n)·tan(a) the distribution is an integral of cos^(n-1), taken by Simpson's rule.
    """
    norm = math.exp(math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)) / math.sqrt(math.pi)

    def below(angle: float) -> float:
        points = np.linspace(0.0, angle, 2001)
        values = np.cos(points) ** (degrees - 1)
        inner = values[0] + values[-1] + 4 * values[1:-1:2].sum() + 2 * values[2:-1:2].sum()
        return 0.5 + norm * float(inner) * angle / 6000

    low, high = 0.0, min(math.pi / 2, math.atan(30 / math.sqrt(degrees))) if degrees > 3 else math.pi / 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) < level else (low, middle)
    return math.sqrt(degrees) * math.tan(low)


def _priors(
    design: Design, estimate: np.ndarray, s2: float, least: int
) -> tuple[np.ndarray, np.ndarray, dict[str, Spread]]:
    """Return prior and credibility of each column, and the variance between cells by family."""
    prior, credibility = np.full(len(estimate), math.nan), np.ones(len(estimate))
    spreads: dict[str, Spread] = {}
    persons, years = np.array(design.by_column("costed")), np.array(design.by_column("costed_months")) / 12
    means_of_all = means_by_age(design)
    for family, block, newborn, kind in _families(design):
        places = [
            place
            for place, column in enumerate(design.columns)
            if (column.block, column.newborn, column.kind) == (block, newborn, kind)
        ]
        weights, means = years[places], estimate[places]
        columns = [design.columns[place] for place in places]
        mu, fitted = _expected(design, columns, weights, means, means_of_all)
        spread = between(weights, means, mu, fitted, s2)
        spreads[family] = spread
        thin = np.array([kind == "cell" or persons[place] < least for place in places])
        trusted = believed(weights, s2, spread.tau2)
        if kind != "cell":
            mu = _neighbours(columns, weights * ~thin, means) if kind == "age" else mu
        for place, value, trust, small in zip(places, mu, trusted, thin, strict=True):
            if small:
                prior[place], credibility[place] = value, trust
    return prior, credibility, spreads


def _families(design: Design) -> list[tuple[str, str, bool, str]]:
    """Return the families of columns whose true values are taken to spread alike, newborns always apart."""
    names = {"age": "ages", "group": "groups", "cell": "cells"}
    found = dict.fromkeys((column.block, column.newborn, column.kind) for column in design.columns)
    return [
        (
            f"{'no history, ' if block == 'none' else ''}{'newborn ' if newborn else ''}{names[kind]}",
            block,
            newborn,
            kind,
        )
        for block, newborn, kind in found
    ]


def means_by_age(design: Design) -> dict[tuple[int, int], float]:
    """Return the cost of a year by sex and first age of the band, of everybody with a cost."""
    keys = ["sex", "age_from"]
    summed = design.cells.group_by(keys).agg(pl.col("costed_months", "cost_fen").sum())
    return {(sex, age): cost * MONTHS_PER_YEAR / months for sex, age, months, cost in summed.sort(keys).iter_rows()}


def _expected(
    design: Design, columns: list[Column], weights: np.ndarray, means: np.ndarray, of_all: dict[tuple[int, int], float]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean to which cells are drawn and the design by which it was fitted.

    People without history are drawn to everybody of their age and sex, at their own level.
    """
    ones = np.ones((len(columns), 1))
    if columns[0].block == "none":
        shape = np.array([of_all[column.sex, column.age_from] for column in columns])
        level = float((weights * shape) @ means / max((weights * shape) @ shape, 1e-300))
        return level * shape, shape[:, None]
    if columns[0].kind != "cell":
        return np.full(len(columns), float(weights @ means / weights.sum())), ones
    fitted = additive(columns, design.reference)
    root = np.sqrt(weights)
    values = np.linalg.lstsq(fitted * root[:, None], means * root, rcond=None)[0]
    return fitted @ values, fitted


def additive(columns: list[Column], reference: str) -> np.ndarray:
    """Return for cells the indicators of sex and age and of group; without groups those of sex and of age."""
    ages = sorted({(column.sex, column.age_from) for column in columns})
    groups = sorted({column.risk_group for column in columns} - {reference})
    if not groups:
        bands = sorted({age for _, age in ages})
        both = [[column.age_from == age for age in bands] + [column.sex == 1] for column in columns]
        return np.array(both, dtype=np.float64)
    listed = [
        [(column.sex, column.age_from) == age for age in ages] + [column.risk_group == group for group in groups]
        for column in columns
    ]
    return np.array(listed, dtype=np.float64)


def _neighbours(columns: list[Column], weights: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Return for each age column the value of the nearest one with a weight: the other sex first, then other ages."""
    values: list[float] = []
    for place, column in enumerate(columns):
        others = [other for other in range(len(columns)) if other != place and weights[other] > 0]
        near = min(others, key=lambda other: far(column, columns[other]), default=place)
        values.append(float(means[near]))
    return np.array(values)


def far(one: Column, other: Column) -> tuple[int, int, int]:
    """Return how far apart two cells are: same ages first, then the same sex at the nearest ages."""
    return (abs(one.age_from - other.age_from), int(one.sex != other.sex), other.age_from)


def _credible(design: Design, estimate: np.ndarray, prior: np.ndarray, credibility: np.ndarray) -> np.ndarray:
    """Return the coefficients with credibility, their cost that of all; some may still be negative.

    A prior of a column of an additive model stands for s2/tau2 more person-years at its value. Cells by themselves
    are their credibility means, scaled to the cost of their block.
    """
    h, g = design.xwx / MONTHS_PER_YEAR, design.xc.astype(np.float64)
    own, values = np.diag(h).copy(), estimate.copy()
    for block in ("history", "none"):
        cells = [place for place in design.places_of(block) if design.columns[place].kind == "cell"]
        trust, mu = credibility[cells], np.nan_to_num(prior[cells])
        wanted = trust * estimate[cells] + (1 - trust) * mu
        spent = float(own[cells] @ wanted)
        values[cells] = wanted * (float(design.xc[cells].sum()) / spent) if spent > 0 else estimate[cells]
    added = [place for place in np.flatnonzero(~np.isnan(prior)).tolist() if design.columns[place].kind != "cell"]
    if not added:
        return values
    for place in added:
        more = own[place] * min(FIXED, 1 / max(credibility[place], 1e-300) - 1)
        h[place, place] += more
        g[place] += more * prior[place]
    linear = [place for place in design.places_of("history") if design.columns[place].kind != "cell"]
    spends = (design.years @ design.x)[linear]
    inner = np.block([[h[np.ix_(linear, linear)], spends[:, None]], [spends[None, :], np.zeros((1, 1))]])
    cost = float(sum(design.xc[place] for place in linear if design.columns[place].kind == "age"))
    values[linear] = np.linalg.lstsq(inner, np.array([*g[linear], cost]), rcond=1e-14)[0][:-1]
    return values


def _programme(design: Design, credible: np.ndarray) -> Quadratic:
    """Return the programme that leaves the estimate by as little as can be, months weighing, and the budget row.

    For least squares that is the least loss of fit; nothing is added where credibility has drawn a coefficient.
    """
    h = design.xwx / MONTHS_PER_YEAR
    total = float(sum(design.cells["cost_fen"].to_list()))
    budget = (design.years @ design.x)[None, :]
    return Quadratic(h, h @ credible, budget, np.array([total]), (True,), (BUDGET,))
