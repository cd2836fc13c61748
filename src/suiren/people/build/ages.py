"""Age and sex of locals and migrants: profiles by least squares over counties, raked to each pool's census cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl

from suiren.people.build.rounding import Counts, Reals, controlled, rake
from suiren.people.build.sources import GROUPS, age_sex_cube

AGES = (0, 1, 5, 6, 10, 15, 18, *range(20, 90, 5))
"""First age of the 21 bands: the 19 census groups, with 5-9 cut at 6 and 15-19 cut at 18."""

GROUP_OF_BAND = (0, 1, 2, 2, 3, 4, 4, *range(5, 19))
"""Census group in which each band lies."""

CUTS: tuple[tuple[int, int, float, float, int, int], ...] = ((2, 5, 2.5, 12.0, 4, 1), (4, 15, 12.0, 22.0, 5, 3))
"""Group, first age, middle ages of the groups before and after, years of the one before, years of the first part."""

STREAMS = ("local", "same_province", "other_province")


@dataclass(frozen=True, slots=True)
class Profiles:
    """Least squares of county cells on the numbers of the three streams."""

    shares: Reals
    """3 streams x 38 cells (sex, group); a row sums to 1"""
    r_squared: float
    """share of the weighted variance of county cell shares around the national ones that is explained"""
    r_squared_by_cell: Reals
    residual: Reals
    """root mean square of the residual share of each cell, in residents of a county"""


def bands(cells: Counts) -> Counts:
    """Persons, pools x 2 x 21 bands; the parts of a cut group sum to it.

    A straight line through the yearly means of the neighbouring groups gives the part of the first years.
    """
    result = cells[:, :, list(GROUP_OF_BAND)].copy()
    for group, age, before_middle, after_middle, before_years, first_years in CUTS:
        before = cells[:, :, group - 1] / before_years
        after = cells[:, :, group + 1] / 5
        years = np.arange(age, age + 5)
        at = (years - before_middle) / (after_middle - before_middle)
        line = before[..., None] + (after - before)[..., None] * at
        whole = line.sum(axis=-1)
        part = np.divide(
            line[..., :first_years].sum(axis=-1), whole, out=np.full_like(whole, first_years / 5), where=whole > 0
        )
        first = np.floor(cells[:, :, group] * part + 0.5).astype(np.int64)
        at_first = AGES.index(age)
        result[:, :, at_first] = first
        result[:, :, at_first + 1] = cells[:, :, group] - first
    return result


def fitted_profiles(tables: Mapping[str, pl.DataFrame]) -> Profiles:
    """Age-sex profiles of the three streams: coefficients not negative, counties weighted by 1/residents."""
    counties = tables["census2020_county_population.csv"].sort("county_id")
    y = age_sex_cube(tables["census2020_county_age_sex.csv"], "county_id", tuple(counties["county_id"]))
    y = y.reshape(len(y), -1).astype(np.float64)
    people = counties["pop_total"].to_numpy().astype(np.float64)
    same = counties["hukou_elsewhere_other_county_same_province"].fill_null(0).to_numpy().astype(np.float64)
    other = counties["hukou_elsewhere_other_province"].to_numpy().astype(np.float64)
    x = np.stack([people - same - other, same, other], axis=1)
    weight = 1.0 / people
    normal = x.T @ (x * weight[:, None])
    right = x.T @ (y * weight[:, None])
    shares = np.stack([_not_negative(normal, right[:, k]) for k in range(y.shape[1])], axis=1)
    shares /= shares.sum(axis=1, keepdims=True)
    residual = (y - x @ shares) * weight[:, None]
    spread = y * weight[:, None] - y.sum(axis=0) / people.sum()
    explained = 1.0 - (people[:, None] * residual**2).sum(axis=0) / (people[:, None] * spread**2).sum(axis=0)
    whole = 1.0 - float((people[:, None] * residual**2).sum() / (people[:, None] * spread**2).sum())
    rms = np.sqrt((people[:, None] * residual**2).sum(axis=0) / people.sum())
    return Profiles(shares, whole, explained, rms)


def _not_negative(normal: Reals, right: Reals) -> Reals:
    """The non-negative least-squares solution of three unknowns: the best of the eight sets that may be positive."""
    best = np.zeros(3)
    least = 0.0
    for size in (3, 2, 1):
        for active in combinations(range(3), size):
            at = list(active)
            try:
                solution = np.linalg.solve(normal[np.ix_(at, at)], right[at])
            except np.linalg.LinAlgError:
                continue
            value = -float(right[at] @ solution)
            if (solution >= 0).all() and value < least:
                best, least = np.zeros(3), value
                best[at] = solution
    return best


def pool_cells(profiles: Profiles, bands_of_pool: Counts, totals: Counts) -> Counts:
    """Whole persons of one pool, shape 42 cells (sex, band) x 3 streams, with exact census cells and stream totals."""
    flat = bands_of_pool.reshape(-1)
    groups = np.array([sex * len(GROUPS) + group for sex in range(2) for group in GROUP_OF_BAND])
    in_group = np.bincount(groups, weights=flat, minlength=2 * len(GROUPS))[groups]
    part = np.divide(flat, in_group, out=np.zeros(len(flat)), where=in_group > 0)
    seed = (profiles.shares[:, groups] * part).T * totals
    seed = np.where((flat[:, None] > 0) & (totals[None, :] > 0), np.maximum(seed, 1e-9), 0.0)
    table = rake(seed, flat.astype(np.float64), totals.astype(np.float64))
    return controlled(table, flat, totals)
