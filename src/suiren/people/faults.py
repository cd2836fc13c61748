"""Faults put into an invented registry: what real exports get wrong, each with the code it must meet in quarantine.

A fault of one row changes cells of that row. A fault of two rows takes the row half a registry further on and writes
into it a second row of the first one's person. Which rows are struck is read off a hash of their place and the seed.
A fault with no code is none: an odd way of writing, or a move, that must settle.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import polars as pl

from suiren.people.sample_rows import Array, Registry, Rows, mixed
from suiren.people.sample_shapes import ROLES, check_character

Changes = dict[str, pl.Series]
Edit = Callable[[pl.DataFrame, Mapping[str, str], int], Changes]

OLD_CODES = {
    110103: 110101,
    110104: 110102,
    310103: 310101,
    310108: 310106,
    310119: 310115,
    320103: 320104,
    320107: 320106,
    320502: 320508,
    330125: 330110,
    371202: 370116,
    422100: 421100,
    352200: 350900,
}
"""Codes of earlier divisions -> the place of 2020 that they became (GB/T 2260 and its yearly changes)."""
PAIRED = Fraction(3, 10)
"""Share of the struck rows that stand in faults of two rows."""
SALT = 11


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong: its name, the code of each row that must leave, the columns it changes.

    `also`: codes that its rows may meet besides, as a code that is no place contradicts every pooling area too.
    """

    name: str
    codes: tuple[str, ...]
    says: str
    roles: tuple[str, ...]
    rows: int = 1
    also: tuple[str, ...] = ()

    def fits(self, format_: str) -> bool:
        """True where a shape has the columns that the fault changes."""
        return set(self.roles) <= set(ROLES[format_])


SINGLE = (
    Fault("no_person_number", ("Q-person-id",), "the person number is empty", ("person",), also=("Q-place",)),
    Fault(
        "letter_in_code",
        ("Q-place",),
        "a letter O in the code of the enrolment place",
        ("enrolment",),
        also=("Q-pool",),
    ),
    Fault("unknown_place", ("Q-place",), "an enrolment place that never was", ("enrolment",), also=("Q-pool",)),
    Fault("province_code", ("Q-place-level",), "a province as enrolment place", ("enrolment",), also=("Q-pool",)),
    Fault("month_13", ("Q-months",), "13 months in a year", ("months",)),
    Fault("month_13", ("Q-month",), "cover until the thirteenth month", ("until",)),
    Fault("age_130", ("Q-age",), "130 years of age", ("age",)),
    Fault("age_130", ("Q-birth-date",), "born 130 years ago, without an identity number", ("birth", "identity")),
    Fault("class_against_age", ("Q-class-age",), "an elderly child or a newborn adult", ("class",)),
    Fault("wrong_check_character", ("Q-id-checksum",), "the identity number's check character is wrong", ("identity",)),
    Fault("id_too_short", ("Q-id",), "an identity number of 17 characters", ("identity",)),
    Fault("id_no_date", ("Q-id-date",), "an identity number born in the thirteenth month", ("identity",)),
    Fault("id_against_sex", ("Q-id-sex",), "the other sex than the identity number's", ("identity", "sex")),
    Fault("id_against_birth", ("Q-id-birth",), "another day of birth than the identity number's", ("birth",)),
    Fault("employee_cover", ("Q-employee",), "covered by the employee scheme", ("employee",)),
    Fault("retired_employee", ("Q-category",), "a retired employee in the resident scheme", ("scheme",)),
    Fault("stopped", ("Q-status",), "the enrolment has ended", ("status",)),
    Fault("unpaid", ("Q-status",), "the contribution was not paid", ("paid",)),
    Fault("other_pool", ("Q-pool",), "a pooling area that is not the enrolment place's", ("pool",)),
    Fault("old_code", (), "a place of hukou by its code of earlier divisions", ("hukou",)),
    Fault("padded", (), "blanks around the code of the enrolment place", ("enrolment",)),
    Fault("chinese", (), "sex in Chinese", ("sex",)),
)
PAIRS = (
    Fault("duplicate", ("Q-duplicate",), "a row that is there twice", ("person",), 2),
    Fault("overlap", ("Q-overlap",), "cover of the whole year in two pools", ("person",), 2),
    Fault("two_numbers", ("Q-two-numbers",), "one identity number under two person numbers", ("identity",), 2),
    Fault("employee_row", ("Q-employee", "Q-scheme"), "a resident row beside an employee row", ("scheme",), 2),
    Fault("move", (), "two half years in two pools", ("person",), 2),
)


class Plan:
    """Which row has which fault: for any place in the registry, without looking at another."""

    def __init__(self, rows: int, share: Fraction, seed: int, format_: str) -> None:
        """Fix the thresholds in 2^32 parts."""
        self.half = rows // 2
        self.format = format_
        self.singles = tuple(fault for fault in SINGLE if fault.fits(format_))
        self.pairs = tuple(fault for fault in PAIRS if fault.fits(format_))
        self._salt = seed * 31 + SALT
        paired = share * PAIRED
        self._paired = int(paired * 2**32)
        self._struck = int((share - paired) / (1 - paired) * 2**32)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All faults that this shape can have; a row's fault is an index into them, -1 for none."""
        return (*self.singles, *self.pairs)

    def at(self, place: Array) -> tuple[Array, Array]:
        """Return the fault of each row (index or -1) and whether it is the second row of a fault of two."""
        second = (place >= self.half) & (place < 2 * self.half)
        slot = np.where(second, place - self.half, place)
        pair_hash = mixed(slot.astype(np.uint64), self._salt)
        in_pair = ((pair_hash >> np.uint64(32)).astype(np.int64) < self._paired) & (slot < self.half)
        pair = len(self.singles) + (pair_hash & np.uint64(0xFFFF)).astype(np.int64) % len(self.pairs)
        own = mixed(place.astype(np.uint64), self._salt + 1)
        struck = (own >> np.uint64(32)).astype(np.int64) < self._struck
        single = np.where(struck, (own & np.uint64(0xFFFF)).astype(np.int64) % len(self.singles), -1)
        return np.where(in_pair, pair, single), in_pair & second


def edit(frame: pl.DataFrame, plan: Plan, fault: Array, year: int) -> pl.DataFrame:
    """Return `frame` with the faults of one row written into it; columns that may hold a fault become text."""
    columns = ROLES[plan.format]
    if "employee" in columns:
        frame = frame.with_columns(pl.lit(None, pl.String).alias(columns["employee"]))
    frame = frame.with_columns(pl.col(name).cast(pl.String) for name in columns.values())
    for index, kind in enumerate(plan.singles):
        rows = np.flatnonzero(fault == index)
        if len(rows):
            part = frame[rows]
            made = _EDITS[kind.name](part, columns, year)
            frame = frame.with_columns(
                frame[name].scatter(rows, values.cast(pl.String)) for name, values in made.items()
            )
    return frame


def tally(plan: Plan, found: Counter[int]) -> list[dict[str, Any]]:
    """Return for each fault its name, the codes its rows must meet, its rows and how many of them must leave."""
    listed: list[dict[str, Any]] = []
    for index, fault in enumerate(plan.faults):
        events = found[index] // fault.rows
        listed.append(
            {
                "fault": fault.name,
                "says": fault.says,
                "codes": list(fault.codes),
                "also": list(fault.also),
                "rows": found[index],
                "quarantined": events * len(fault.codes),
            }
        )
    return listed


def pair(rows: Rows, plan: Plan, fault: Array, second: Array, registry: Registry, own: Array) -> Rows:
    """Return `rows` with the faults of two rows; `second` rows hold their first row's person, `own` is their rank."""
    names = np.array([kind.name for kind in plan.faults] + [""])[fault]
    whole = np.isin(names, ("overlap", "two_numbers", "employee_row"))
    move = names == "move"
    elsewhere = np.flatnonzero(second & (move | np.isin(names, ("overlap", "two_numbers"))))
    months = np.where(whole, 12, np.where(move, 6, rows.months))
    first_month = np.where(whole, 1, np.where(move, np.where(second, 7, 1), rows.first_month))
    pool, enrolment, number = rows.pool.copy(), rows.enrolment.copy(), rows.number.copy()
    step = 1 + own[elsewhere].astype(np.int64) % (len(registry.pools) - 1)
    place = np.searchsorted(registry.pools, pool[elsewhere]) + step
    pool[elsewhere] = enrolment[elsewhere] = registry.pools[place % len(registry.pools)]
    other = np.flatnonzero(second & (names == "two_numbers"))
    number[other] = registry.number(own[other], registry.code_pool[rows.hukou[other]])
    return replace(
        rows,
        pool=pool,
        enrolment=enrolment,
        number=number,
        months=months,
        first_month=first_month,
        tier=rows.tier & ~(second & (names != "duplicate")),
        employee=second & (names == "employee_row"),
        repeats=second & (names != "two_numbers"),
    )


def _texts(part: pl.DataFrame, column: str, change: Callable[[str], str | None]) -> pl.Series:
    return pl.Series(column, [change(text) for text in part[column].to_list()], dtype=pl.String)


def _one(role: str, change: Callable[[str], str | None] | str | None) -> Edit:
    """Return the edit that changes the column of one role, or puts a fixed text there."""

    def made(part: pl.DataFrame, columns: Mapping[str, str], year: int) -> Changes:
        del year
        name = columns[role]
        if callable(change):
            return {name: _texts(part, name, change)}
        return {name: pl.repeat(change, part.height, dtype=pl.String, eager=True).alias(name)}

    return made


def _no_month(part: pl.DataFrame, columns: Mapping[str, str], year: int) -> Changes:
    if "months" in columns:
        return _one("months", "13")(part, columns, year)
    return _one("until", lambda month: month[:4] + "13")(part, columns, year)


def _too_old(part: pl.DataFrame, columns: Mapping[str, str], year: int) -> Changes:
    if "age" in columns:
        return _one("age", "130")(part, columns, year)
    born = _one("birth", lambda date: f"{year - 130}{date[4:]}")(part, columns, year)
    return born | _one("identity", None)(part, columns, year)


def _other_class(part: pl.DataFrame, columns: Mapping[str, str], year: int) -> Changes:
    if "age" in columns:
        ages, classes = part[columns["age"]].cast(pl.Int64), ("elderly", "newborn")
    else:
        ages, classes = year - part[columns["birth"]].str.slice(0, 4).cast(pl.Int64), ("16", "1401")
    return {columns["class"]: pl.Series([classes[age >= 45] for age in ages])}


def _retired(part: pl.DataFrame, columns: Mapping[str, str], year: int) -> Changes:
    return _one("category" if "category" in columns else "class", "12")(part, columns, year)


def _other_pool(part: pl.DataFrame, columns: Mapping[str, str], year: int) -> Changes:
    return _one("pool", lambda code: "330100" if code == "110000" else "110000")(part, columns, year)


def _old(part: pl.DataFrame, columns: Mapping[str, str], year: int) -> Changes:
    codes = sorted(OLD_CODES)
    return _one("hukou", lambda code: str(codes[int(code) % len(codes)]))(part, columns, year)


def _no_date(number: str) -> str:
    digits = number[:10] + "13" + number[12:17]
    return digits + check_character(int(digits))


_EDITS: Mapping[str, Edit] = {
    "no_person_number": _one("person", None),
    "letter_in_code": _one("enrolment", lambda code: f"{code[:2]}O{code[3:]}"),
    "unknown_place": _one("enrolment", "998877"),
    "province_code": _one("enrolment", "130000"),
    "month_13": _no_month,
    "age_130": _too_old,
    "class_against_age": _other_class,
    "wrong_check_character": _one("identity", lambda number: number[:17] + ("1" if number[17] != "1" else "2")),
    "id_too_short": _one("identity", lambda number: number[:17]),
    "id_no_date": _one("identity", _no_date),
    "id_against_sex": _one("sex", lambda sex: "2" if sex == "1" else "1"),
    "id_against_birth": _one("birth", lambda date: date[:8] + ("27" if date[8:] == "28" else "28")),
    "employee_cover": _one("employee", "true"),
    "retired_employee": _retired,
    "stopped": _one("status", "2"),
    "unpaid": _one("paid", "0"),
    "other_pool": _other_pool,
    "old_code": _old,
    "padded": _one("enrolment", lambda code: f"　{code} "),
    "chinese": _one("sex", lambda sex: "男" if sex in {"m", "1"} else "女"),
}
"""What each fault of one row writes: the changed columns of the struck rows."""
