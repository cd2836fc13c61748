"""The census by row: residence pool, hukou pool, sex, age band and class, whole persons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from suiren.people.build.ages import AGES, Profiles, pool_cells
from suiren.people.build.origins import Origins, origins_of_pool
from suiren.people.build.rounding import Counts, controlled, spread
from suiren.people.build.sources import Census

CLASSES = ("newborn", "preschool", "pupil", "student", "adult", "elderly")
PersonClass = pl.Enum(CLASSES)
CELLS = 2 * len(AGES)
NEWBORN, PRESCHOOL, PUPIL, STUDENT, ADULT, ELDERLY = range(len(CLASSES))
STUDENTS_BELOW = 25
"""Age under which students are."""


@dataclass(frozen=True, slots=True)
class Rows:
    """One array a column, all of the same length; places as indices into `Census.pools`."""

    residence: Counts
    hukou: Counts
    sex: Counts
    age: Counts
    person_class: Counts
    persons: Counts

    def at(self, index: Counts) -> Rows:
        """The rows at `index`, in that order."""
        return Rows(
            self.residence[index],
            self.hukou[index],
            self.sex[index],
            self.age[index],
            self.person_class[index],
            self.persons[index],
        )


def class_of_age(age: Counts) -> Counts:
    """Class by age: under 1, 1-5, 6-17, 18-59, 60 and over."""
    classes = np.array([NEWBORN, PRESCHOOL, PUPIL, ADULT, ELDERLY])
    return classes[np.searchsorted(np.array([1, 6, 18, 60]), age, side="right")]


def expanded(
    census: Census, origins: Origins, profiles: Profiles, bands: Counts, totals: Counts
) -> tuple[Rows, Counts]:
    """Rows of all residents before students are told apart, and the cells, pools x 42 x 3 streams."""
    parts: list[tuple[Counts, Counts, Counts, Counts]] = []
    cells = np.zeros((len(census.pools), CELLS, 3), dtype=np.int64)
    for pool in range(len(census.pools)):
        cells[pool] = pool_cells(profiles, bands[pool], totals[pool])
        table = np.zeros((len(census.pools), CELLS), dtype=np.int64)
        table[pool] = cells[pool, :, 0]
        for stream in (1, 2):
            total = int(totals[pool, stream])
            if total:
                by_origin = origins_of_pool(census, origins, pool, total, same_province=stream == 1)
                table += _product(by_origin.astype(np.int64), cells[pool, :, stream], total)
        hukou, cell = np.nonzero(table)
        parts.append((np.full(len(hukou), pool), hukou, cell, table[hukou, cell]))
    residence, hukou, cell, persons = (np.concatenate(column) for column in zip(*parts, strict=True))
    age = np.array(AGES)[cell % len(AGES)]
    return Rows(residence, hukou, 1 + cell // len(AGES), age, class_of_age(age), persons), cells


def _product(by_origin: Counts, by_cell: Counts, total: int) -> Counts:
    """Whole persons, pools x 42 cells: the product of both margins, kept exactly."""
    present = np.flatnonzero(by_origin)
    filled = np.flatnonzero(by_cell)
    table = np.outer(by_origin[present], by_cell[filled]) / total
    result = np.zeros((len(by_origin), len(by_cell)), dtype=np.int64)
    result[np.ix_(present, filled)] = controlled(table, by_origin[present], by_cell[filled])
    return result


def with_students(census: Census, rows: Rows, students: int, age_from: float) -> Rows:
    """`rows` with students split off the bands from `age_from` to 24, by the urban share of the residence pool."""
    young = np.flatnonzero((rows.age >= age_from) & (rows.age < STUDENTS_BELOW))
    taken = np.zeros(len(rows.persons), dtype=np.int64)
    weights = rows.persons[young] * census.urban_share[rows.residence[young]]
    taken[young] = spread(weights, rows.persons[young], students)
    left = rows.persons - taken
    kept, split = np.flatnonzero(left), np.flatnonzero(taken)
    both = rows.at(np.concatenate([kept, split]))
    both.person_class[len(kept) :] = STUDENT
    both.persons[:] = np.concatenate([left[kept], taken[split]])
    return both.at(np.lexsort((both.person_class, both.age, both.sex, both.hukou, both.residence)))
