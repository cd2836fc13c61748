"""Shapes of an invented registry's files: our own columns, the national platform's, and its ledger of 16 columns."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

import numpy as np
import polars as pl

from suiren import places
from suiren.people.sample_rows import Array, Registry, Rows

CHECKS = "10X98765432"
"""Check characters of an identity number by remainder (GB 11643, ISO 7064 MOD 11-2)."""
FIRST_YEAR, YEARS = 1880, 320

LEDGER = (
    "ADMDVS",
    "INSU_POOLAREA",
    "POOLAREA",
    "PSN_NO",
    "CERT_TYPE",
    "CERT_NO",
    "NAME",
    "PSN_CLCT_STAS",
    "INSU_STAS",
    "PSN_TYPE",
    "INSU_TYPE",
    "BEGN_YM",
    "EXPI_YM",
    "EMP_NO",
    "EMP_NAME",
    "CIS_REA",
)
ROLES: Mapping[str, Mapping[str, str]] = {
    "plain": {
        "person": "person_id",
        "hukou": "hukou_place",
        "enrolment": "enrolment_place",
        "sex": "sex",
        "age": "age",
        "class": "person_class",
        "months": "months",
        "employee": "employee_cover",
    },
    "nhsa": {
        "person": "psn_no",
        "hukou": "resd_loc_admdvs",
        "enrolment": "insuplc_admdvs",
        "pool": "poolarea_no",
        "sex": "gend",
        "birth": "brdy",
        "class": "psn_type",
        "scheme": "insutype",
        "until": "accrym_end",
        "identity": "certno",
        "status": "psn_insu_stas",
        "paid": "clct_flag",
    },
    "nhsa-ledger": {
        "person": "PSN_NO",
        "enrolment": "INSU_POOLAREA",
        "pool": "POOLAREA",
        "category": "PSN_TYPE",
        "scheme": "INSU_TYPE",
        "until": "EXPI_YM",
        "identity": "CERT_NO",
        "status": "INSU_STAS",
    },
}
"""What a column holds -> its name, for each shape."""
FORMATS = tuple(ROLES)


def frame_of(format_: str, registry: Registry, rows: Rows, year: int) -> pl.DataFrame:
    """Return rows in a shape; `year` is the notice year, cover runs in the year after it."""
    return _SHAPES[format_](registry, rows, year)


def permits_of(registry: Registry, rows: Rows) -> pl.DataFrame:
    """Return person_id, hukou_place and has_permit, a row for each person."""
    once = rows.take(np.flatnonzero(~rows.repeats))
    return pl.DataFrame(
        {
            "person_id": _person(once),
            "hukou_place": registry.codes[once.hukou],
            "has_permit": _permit(once),
        }
    )


def _plain(registry: Registry, rows: Rows, year: int) -> pl.DataFrame:
    del year
    return pl.DataFrame(
        {
            "person_id": _person(rows),
            "hukou_place": registry.codes[rows.hukou],
            "enrolment_place": registry.codes[rows.enrolment],
            "residence_place": registry.codes[rows.residence],
            "sex": _chosen(rows.sex, ("", "m", "f")),
            "age": rows.age.astype(np.int16),
            "person_class": _chosen(rows.student, (None, "student")),
            "has_permit": _permit(rows),
            "contribution_tier": _chosen(rows.tier, (None, "tier_1")),
            "aid_group": _chosen(rows.aid, (None, "full")),
            "months": rows.months.astype(np.int8),
        }
    )


def _nhsa(registry: Registry, rows: Rows, year: int) -> pl.DataFrame:
    code = _codes(registry)
    return pl.DataFrame(
        {
            "psn_no": _person(rows),
            "psn_cert_type": _all(rows, "01"),
            "certno": identity_numbers(rows, year),
            "gend": _chosen(rows.sex, ("0", "1", "2")),
            "brdy": _birth_dates().gather((year - rows.age - FIRST_YEAR) * 336 + rows.day),
            "insutype": _chosen(rows.employee, ("390", "310")),
            "psn_type": _chosen(_category(rows), ("1401", "1402", "1403", "15", "16", "1404", "11")),
            "insuplc_admdvs": code.gather(rows.enrolment),
            "poolarea_no": code.gather(rows.pool),
            "resd_loc_admdvs": code.gather(rows.hukou),
            "live_admdvs": code.gather(rows.residence),
            "psn_insu_stas": _all(rows, "1"),
            "psn_clct_stas": _all(rows, "1"),
            "accrym_begn": _month(rows.first_month, year + 1),
            "accrym_end": _month(rows.first_month + rows.months - 1, year + 1),
            "clct_flag": _all(rows, "1"),
            "clct_type": _all(rows, "10"),
            "revs_flag": _all(rows, "Z"),
        }
    )


def _ledger(registry: Registry, rows: Rows, year: int) -> pl.DataFrame:
    code = _codes(registry)
    cells = (
        _names(registry).gather(rows.pool),
        code.gather(rows.enrolment),
        code.gather(rows.pool),
        _person(rows),
        _all(rows, "01"),
        identity_numbers(rows, year),
        _all(rows, "虚构"),
        _all(rows, "1"),
        _all(rows, "1"),
        _chosen(rows.employee, ("21", "10")),
        _chosen(rows.employee, ("21", "11")),
        _month(rows.first_month, year + 1),
        _month(rows.first_month + rows.months - 1, year + 1),
        _all(rows, ""),
        _all(rows, ""),
        _all(rows, ""),
    )
    return pl.DataFrame(dict(zip(LEDGER, cells, strict=True)))


_SHAPES: dict[str, Callable[[Registry, Rows, int], pl.DataFrame]] = {
    "plain": _plain,
    "nhsa": _nhsa,
    "nhsa-ledger": _ledger,
}


def identity_numbers(rows: Rows, year: int) -> pl.Series:
    """Return an identity number for each row (text, 18 characters): area 99xxxx, day of birth, serial, check."""
    area, running = rows.serial // 500, rows.serial % 500 * 2 + rows.sex % 2
    years, days = year - rows.age, (rows.day // 28 + 1) * 100 + rows.day % 28 + 1
    digits = 99 * 10**15 + area * 10**11 + years * 10**7 + days * 1000 + running
    return pl.select(pl.concat_str(pl.lit(pl.Series(digits)).cast(pl.String), pl.lit(_checked(digits)))).to_series()


def check_character(digits: int) -> str:
    """Return the check character of seventeen digits."""
    return str(_checked(np.array([digits], dtype=np.int64))[0])


def _checked(digits: Array) -> pl.Series:
    sums = np.zeros(len(digits), dtype=np.int64)
    for first, count in ((0, 5), (5, 4), (9, 4), (13, 4)):
        sums += _weighed(first, count)[digits // 10 ** (17 - first - count) % 10**count]
    return pl.Series(list(CHECKS)).gather(sums % len(CHECKS))


@functools.cache
def _weighed(first: int, count: int) -> Array:
    """Return the weighted sum of `count` digits that stand from place `first` on, for each number they can make."""
    values = np.arange(10**count)
    digits = (values // 10 ** (count - 1 - at) % 10 * (2 ** (17 - first - at) % 11) for at in range(count))
    return np.sum(list(digits), axis=0)


@functools.cache
def _birth_dates() -> pl.Series:
    """Return the texts yyyy-MM-dd of the first 28 days of each month, 336 a year."""
    years = range(FIRST_YEAR, FIRST_YEAR + YEARS)
    return pl.Series([f"{y}-{m:02}-{d:02}" for y in years for m in range(1, 13) for d in range(1, 29)])


def _category(rows: Rows) -> Array:
    """Return the class by age from 0 newborn to 4 elderly, 5 for students, 6 for an employee."""
    by_age = np.searchsorted([1, 6, 18, 60], rows.age, side="right")
    return np.where(rows.employee, 6, np.where(rows.student, 5, by_age))


def _person(rows: Rows) -> pl.Series:
    numbers = pl.lit(pl.Series(rows.number)).cast(pl.String)
    return pl.select(pl.concat_str(pl.lit("X"), numbers)).to_series()


def _codes(registry: Registry) -> pl.Series:
    return pl.Series(registry.codes).cast(pl.String)


def _names(registry: Registry) -> pl.Series:
    return pl.Series([places.name(int(code)) for code in registry.codes])


def _permit(rows: Rows) -> pl.Series:
    return pl.Series([None, True, False], dtype=pl.Boolean).gather(rows.permit)


def _month(months: Array, year: int) -> pl.Series:
    return _chosen(months, tuple(f"{year}{month:02}" for month in range(13)))


def _chosen(index: Array, texts: tuple[str | None, ...]) -> pl.Series:
    return pl.Series(texts, dtype=pl.String).gather(index.astype(np.uint32))


def _all(rows: Rows, text: str) -> pl.Series:
    return pl.repeat(text, len(rows.rank), dtype=pl.String, eager=True)
