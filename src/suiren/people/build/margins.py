"""Every margin of the built population held against its source."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from suiren.people.build.ages import AGES, GROUP_OF_BAND, Profiles
from suiren.people.build.crossing import Crossing
from suiren.people.build.employees import Employees, National
from suiren.people.build.origins import Origins
from suiren.people.build.rounding import Counts, Reals
from suiren.people.build.rows import ADULT, CLASSES, ELDERLY, NEWBORN, PRESCHOOL, PUPIL, STUDENT, Rows
from suiren.people.build.scheme import Members
from suiren.people.build.sources import GROUPS, Census

TOLD_ONLY = ("members_by_province_table2",)
"""Margins that are no target: their misses are told."""

SAYS: dict[str, tuple[str, str]] = {
    "residents": ("Residents of each pool, census of 2020.", "2020年普查各统筹地区常住人口。"),
    "pool_sex_age": (
        "Residents by pool, sex and census age group.",
        "各统筹地区分性别、年龄组的常住人口。",
    ),
    "from_other_provinces": (
        "Residents of each pool whose hukou is in another province.",
        "各统筹地区户籍在外省的常住人口。",
    ),
    "from_other_pools": (
        "Residents of each pool whose hukou is in another pool of the province; the target is modelled.",
        "各统筹地区户籍在省内其他统筹地区的常住人口（目标为模型推算）。",
    ),
    "members_by_class": (
        "Resident-scheme members of 2021: pupils and children, students, adults with the elderly.",
        "2021年居民医保参保人数：中小学生儿童、大学生、成年人（含老年人）。",
    ),
    "members_by_province_table3": (
        "Resident-scheme members by province of enrolment at the level of table 3: both schemes less the modelled one.",
        "按参保省份的居民医保人数（表3水平）：公布的两制合计减去模型推算的职工医保人数。",
    ),
    "members_by_province_table2": (
        "The same at the level of tables 1 and 2: not a target, its misses are told.",
        "同上，按表1、表2水平：不作为目标，只报告偏差。",
    ),
}
"""What each margin is, in English and Chinese."""


@dataclass(frozen=True, slots=True)
class Built:
    """Everything one build made."""

    census: Census
    crossing: Crossing
    origins: Origins
    profiles: Profiles
    cells: Counts
    national: National
    employees: Employees
    rows: Rows
    members: Members


def digest(counts: Counts) -> str:
    """SHA-256 of whole numbers as little-endian int64, so that a margin can be checked without its source."""
    return hashlib.sha256(np.ascontiguousarray(counts, dtype="<i8").tobytes()).hexdigest()


def count(index: Counts, persons: Counts | Reals, size: int) -> Counts:
    """Persons by index; sums stay below 2^53, where a float sum of whole numbers is exact."""
    return np.bincount(index, weights=persons, minlength=size).astype(np.int64)


def enrolled_by_province(built: Built, here: Counts) -> Counts:
    """Resident-scheme members by province of enrolment, `here` of each row enrolled where they live."""
    rows, province = built.rows, built.census.province
    many = len(built.census.provinces)
    at_home = built.members.resident - here
    return count(province[rows.residence], here, many) + count(province[rows.hukou], at_home, many)


def margins(built: Built) -> list[dict[str, Any]]:
    """One record a margin: cells, published and modelled sum, largest miss, whether exact, digest of the counts."""
    census, rows, members = built.census, built.rows, built.members
    many = len(census.pools)
    group = np.array(GROUP_OF_BAND)[np.searchsorted(np.array(AGES), rows.age)]
    cell = (rows.residence * 2 + rows.sex - 1) * len(GROUPS) + group
    cells = count(cell, rows.persons, census.cells.size).reshape(census.cells.shape)
    away = census.province[rows.residence] != census.province[rows.hukou]
    moved = (rows.residence != rows.hukou) & ~away
    found = count(rows.person_class, members.resident, len(CLASSES))
    classes = [found[[NEWBORN, PRESCHOOL, PUPIL]].sum(), found[STUDENT], found[[ADULT, ELDERLY]].sum()]
    wanted = [built.national.children, built.national.students, built.national.grown]
    pairs = {
        "residents": (census.residents, cells.sum(axis=(1, 2))),
        "pool_sex_age": (census.cells, cells),
        "from_other_provinces": (census.other_province, count(rows.residence[away], rows.persons[away], many)),
        "from_other_pools": (built.crossing.persons, count(rows.residence[moved], rows.persons[moved], many)),
        "members_by_class": (np.array(wanted), np.array(classes)),
        "members_by_province_table3": (members.target, enrolled_by_province(built, members.here_table3)),
        "members_by_province_table2": (members.target, enrolled_by_province(built, members.here_table2)),
    }
    return [_record(name, *pair) for name, pair in pairs.items()]


def _record(name: str, published: Counts, modelled: Counts) -> dict[str, Any]:
    """One margin as plain data."""
    miss = np.abs(published - modelled)
    return {
        "name": name,
        "cells": int(published.size),
        "published": int(published.sum()),
        "modelled": int(modelled.sum()),
        "largest_miss": int(miss.max()),
        "exact": bool(miss.max() == 0),
        "sha256": digest(modelled),
        "says_en": SAYS[name][0],
        "says_zh": SAYS[name][1],
    }
