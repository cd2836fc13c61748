"""Weighted shares with 95 % intervals: a ratio's exact value, its variance by Taylor linearisation.

The variance of the ratio R = Y / X is that of the linearised values z = w (y - R x) / X, summed within clusters:
the sum over strata of n / (n - 1) times the squared distances of the cluster sums from their stratum's mean
(Woodruff, 1971). All clusters of the sample count, also those without a person in the group. A stratum with one
cluster is measured from the mean of all clusters. The interval is built on the logit, so it stays between 0 and 1,
with Student's t; its degrees of freedom are clusters less strata, of those strata alone in which somebody is in the
group, as two clusters in one province say little about that province however many there are elsewhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Z = 1.959963984540054
"""The 97.5 % point of the normal distribution."""
SMALL_T = {1: 12.706204736432095, 2: 4.302652729911275, 3: 3.182446305284263, 4: 2.776445105197799}
LOW_BITS = 20
LEAST_ERROR = 1e-12
"""An error below it is that of clusters that are all alike, which say nothing about others."""
LARGEST_LOGIT = 700.0
"""Beyond it the exponential overflows."""


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """The sample of one year: weight of each person (whole numbers), number of cluster; stratum of each cluster."""

    weight: NDArray[np.int64]
    cluster: NDArray[np.int64]
    stratum: NDArray[np.int64]

    def freedom(self, group: NDArray[np.bool_]) -> int:
        """Degrees of freedom: clusters less strata, of the strata in which somebody is in `group`."""
        mine = np.zeros(self.stratum.max() + 1, bool)
        mine[self.stratum[self.cluster[group]]] = True
        return int(mine[self.stratum].sum() - mine.sum())

    @property
    def lone(self) -> int:
        """Strata with one cluster."""
        return int((np.bincount(self.stratum) == 1).sum())


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share: persons in its group, exact value, standard error and 95 % interval; None where there is none."""

    persons: int
    share: Fraction | None
    error: float | None
    low: float | None
    high: float | None


def design(weight: NDArray[np.int64], stratum: NDArray[np.int64], cluster: NDArray[np.int64]) -> Design:
    """The design of persons with these weights, strata and clusters; no cluster lies in two strata."""
    _, first, numbered = np.unique(cluster, return_index=True, return_inverse=True)
    return Design(weight, numbered, np.unique(stratum[first], return_inverse=True)[1])


def share(sample: Design, part: NDArray[np.bool_], group: NDArray[np.bool_]) -> Estimate:
    """The weighted share of `part` among `group` (both True or False for each person; part lies in group)."""
    persons = int(group.sum())
    whole = _total(sample.weight[group])
    if not whole:
        return Estimate(persons, None, None, None, None)
    exact = Fraction(_total(sample.weight[part]), whole)
    freedom = sample.freedom(group)
    if freedom < 1 or float(exact) in {0.0, 1.0}:
        return Estimate(persons, exact, None, None, None)
    error = math.sqrt(_variance(sample, part, group, float(exact), float(whole)))
    if error < LEAST_ERROR:
        return Estimate(persons, exact, None, None, None)
    low, high = _interval(float(exact), error, freedom)
    return Estimate(persons, exact, error, low, high)


def _total(weights: NDArray[np.int64]) -> int:
    """The exact sum, in two parts so that it cannot overflow."""
    return (int((weights >> LOW_BITS).sum()) << LOW_BITS) + int((weights & ((1 << LOW_BITS) - 1)).sum())


def _variance(sample: Design, part: NDArray[np.bool_], group: NDArray[np.bool_], ratio: float, whole: float) -> float:
    """The variance of the ratio, from the sums of the linearised values in each cluster."""
    at = np.flatnonzero(group)
    values = sample.weight[at] * (part[at] - ratio) / whole
    sums = np.bincount(sample.cluster[at], values, minlength=len(sample.stratum))
    clusters = np.bincount(sample.stratum)
    means = np.bincount(sample.stratum, sums) / clusters
    means[clusters == 1] = sums.mean()
    squares = np.bincount(sample.stratum, (sums - means[sample.stratum]) ** 2)
    factor = np.where(clusters > 1, clusters / np.maximum(clusters - 1, 1), 1.0)
    return float((factor * squares).sum())


def _interval(ratio: float, error: float, freedom: int) -> tuple[float, float]:
    middle = math.log(ratio / (1 - ratio))
    reach = student(freedom) * error / (ratio * (1 - ratio))
    return _logistic(middle - reach), _logistic(middle + reach)


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-max(-LARGEST_LOGIT, min(LARGEST_LOGIT, value))))


def student(freedom: int) -> float:
    """The 97.5 % point of Student's t, by its expansion around the normal one; within 0.003 from 5 degrees on."""
    if freedom in SMALL_T:
        return SMALL_T[freedom]
    first = (Z**3 + Z) / 4
    second = (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96
    third = (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / 384
    return Z + first / freedom + second / freedom**2 + third / freedom**3
