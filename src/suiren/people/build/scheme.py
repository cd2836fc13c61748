"""Members of the resident scheme and their place of enrolment, whole persons a row, inside the published totals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from suiren.errors import fail
from suiren.people.build.employees import Employees, National
from suiren.people.build.parameters import Parameters
from suiren.people.build.rounding import Counts, Reals, controlled, largest_remainder, spread
from suiren.people.build.rows import STUDENT, Rows
from suiren.people.build.sources import Census


@dataclass(frozen=True, slots=True)
class Members:
    """Of each row's persons: members of the resident scheme, and those enrolled where they live at both levels."""

    resident: Counts
    here_table3: Counts
    here_table2: Counts
    coverage: Reals
    """provinces of enrolment x (child, grown): members over people outside the employee scheme, before rounding"""
    target: Counts
    """members by province of enrolment that the margins ask for, students included"""


@dataclass(frozen=True, slots=True)
class _Groups:
    """Rows sorted by (class group, residence province, hukou province), students left out."""

    order: Counts
    starts: Counts
    keys: Counts


def modelled_members(
    census: Census, national: National, rows: Rows, employees: Employees, parameters: Parameters
) -> Members:
    """Members of each row: province of enrolment and class meet the published totals exactly at the level of table 3.

    A person would enrol where they live with the share of table 3, else at home. Among people outside the employee
    scheme the coverage is a product of a class factor and a factor of the province of enrolment.
    """
    many = len(census.provinces)
    here, home = census.province[rows.residence], census.province[rows.hukou]
    student = rows.person_class == STUDENT
    group = (rows.age >= parameters.child_class_below_age.value).astype(np.int64)
    key = (group * many + here) * many + home
    outside = rows.persons * (1.0 - employees.rate)
    shape = (2, many, many)
    size = 2 * many * many
    weights = np.where(student, 0.0, outside)
    people = np.bincount(key, weights=weights, minlength=size).reshape(shape).astype(np.float64)
    caps = np.bincount(key, weights=np.where(student, 0, rows.persons), minlength=size).reshape(shape)
    caps = parameters.member_cap.value * caps.astype(np.float64)
    students = np.bincount(here[student], weights=rows.persons[student], minlength=many).astype(np.int64)
    target = _by_province(national, employees)
    wanted = target - students
    classes = np.array([national.children, national.grown], dtype=np.int64)
    coverage, members = _covered(people, caps, national.share_here, wanted.astype(np.float64), classes)
    stay, back = _whole(members, national.share_here, wanted, classes)
    groups = _grouped(key, student)
    resident = np.where(student, rows.persons, 0)
    table3 = resident.copy()
    _fill(groups, outside, rows.persons, (stay + back).reshape(-1), resident)
    across = stay.copy()
    across[:, np.arange(many), np.arange(many)] = 0
    _fill(groups, resident.astype(np.float64), resident, across.reshape(-1), table3)
    moved = (here == home) & (rows.residence != rows.hukou) & ~student
    _stay_inside(moved, here, resident, national.share_here, table3)
    local = rows.residence == rows.hukou
    table3[local] = resident[local]
    return Members(resident, table3, _scaled_down(rows, here, resident, table3, national), coverage, target)


def _by_province(national: National, employees: Employees) -> Counts:
    """Members of the resident scheme by province of enrolment, summing to the published total."""
    return largest_remainder(national.both_schemes - employees.by_province, national.residents)


def _covered(people: Reals, caps: Reals, share: Reals, wanted: Reals, classes: Counts) -> tuple[Reals, Reals]:
    """Coverage (provinces x 2) and members (2 x residence x hukou), both margins met by scaling in turn."""
    many = len(wanted)
    stays = np.where(np.eye(many, dtype=bool), 1.0, share[:, None])
    level, factor = np.ones(2), np.ones(many)

    def at_present() -> Reals:
        """Members, 2 x residence x hukou province, at the present level and factor."""
        coverage = level[:, None] * factor[None, :]
        return np.minimum(people * (stays * coverage[:, :, None] + (1 - stays) * coverage[:, None, :]), caps)

    miss = np.inf
    for _ in range(2000):
        members = at_present()
        enrolled = (stays * members).sum(axis=(0, 2)) + ((1 - stays) * members).sum(axis=(0, 1))
        by_class = members.sum(axis=(1, 2))
        miss = max(np.abs(enrolled - wanted).max(), np.abs(by_class - classes).max())
        if miss < 1e-4:
            return (level[:, None] * factor[None, :]).T, members
        factor *= wanted / enrolled
        level *= classes / at_present().sum(axis=(1, 2))
    raise fail(
        "population-enrolment",
        "The published members by province do not fit the people there are.",
        f"The largest miss is {miss:.0f} persons.",
        "Check basic_medical_insurance_enrolment_10k, or raise member_cap.",
    )


def _whole(members: Reals, share: Reals, wanted: Counts, classes: Counts) -> tuple[Counts, Counts]:
    """Whole members enrolled where they live and at home, each 2 x residence x hukou province."""
    many = len(wanted)
    same = np.eye(many, dtype=bool)
    stays = np.where(same, members, share[:, None] * members)
    back = members - stays
    table = np.stack([stays[c].sum(axis=1) + back[c].sum(axis=0) for c in range(2)], axis=1)
    table *= classes / table.sum(axis=0)
    by_class = controlled(table, wanted, classes)
    here, home = np.zeros(members.shape, dtype=np.int64), np.zeros(members.shape, dtype=np.int64)
    for c in range(2):
        for province in range(many):
            parts = largest_remainder(
                np.concatenate([stays[c, province], back[c, :, province]]), int(by_class[province, c])
            )
            here[c, province], home[c, :, province] = parts[:many], parts[many:]
    return here, home


def _grouped(key: Counts, student: NDArray[np.bool_]) -> _Groups:
    """Rows of each (class group, residence province, hukou province) together, in their own order."""
    rows = np.flatnonzero(~student)
    order = rows[np.argsort(key[rows], kind="stable")]
    keys, starts = np.unique(key[order], return_index=True)
    return _Groups(order, np.append(starts, len(order)), keys)


def _fill(groups: _Groups, weights: Reals, caps: Counts, totals: Counts, into: Counts) -> None:
    """Write into `into` the whole persons of each group, spread over its rows."""
    filled = [
        spread(weights[at], caps[at], int(totals[key]))
        for key, at in zip(groups.keys, np.split(groups.order, groups.starts[1:-1]), strict=True)
    ]
    into[groups.order] = np.concatenate(filled)


def _stay_inside(moved: NDArray[np.bool_], province: Counts, resident: Counts, share: Reals, into: Counts) -> None:
    """Write into `into` the movers inside each province who enrol where they live."""
    for index in range(len(share)):
        at = np.flatnonzero(moved & (province == index))
        members = resident[at]
        total = int(np.floor(share[index] * members.sum() + 0.5))
        into[at] = spread(members.astype(np.float64), members, total)


def _scaled_down(rows: Rows, province: Counts, resident: Counts, table3: Counts, national: National) -> Counts:
    """Persons enrolled where they live at the level of tables 1 and 2: those of table 3, scaled by one factor."""
    counted = (rows.residence != rows.hukou) & (rows.person_class != STUDENT)
    result = table3.copy()
    many = len(national.share_here)
    stay = np.bincount(province[counted], weights=table3[counted], minlength=many).astype(np.float64)
    total = int(np.floor(national.resident_migrants_here_table2 * resident[counted].sum() + 0.5))
    for index, part in enumerate(largest_remainder(stay, min(total, int(stay.sum())))):
        at = np.flatnonzero(counted & (province == index))
        result[at] = spread(table3[at].astype(np.float64), table3[at], int(part))
    return result
