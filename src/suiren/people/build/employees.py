"""Shares of people who are members of the employee scheme only: modelled, by pool and stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from suiren.errors import fail
from suiren.people.build.parameters import Parameters
from suiren.people.build.rounding import Counts, Reals
from suiren.people.build.rows import ELDERLY, STUDENT, Rows
from suiren.people.build.sources import Census, by_province

YEAR = 2021
ENROLMENT = "province_medical_enrolment_health_spending.csv"
INCOME = "province_income_revenue_balance.csv"
TIANJIN_CODE = "120000"
TIANJIN = "tianjin_medical_insurance_by_scheme.csv"
BULLETIN = "nhsa_national_2018_2022.csv"


@dataclass(frozen=True, slots=True)
class National:
    """Published persons of 2021 and the shares of migrants of 2018."""

    both_schemes: Reals
    """by province"""
    tianjin_employees: float
    retired: float
    children: int
    students: int
    grown: int
    migrants_in_employee_scheme: float
    employee_migrants_here: float
    resident_migrants_here_table2: float
    share_here: Reals
    """by province of residence, table 3"""
    share_here_mean: float
    """mean weighted by sample"""

    @property
    def residents(self) -> int:
        """Members of the resident scheme."""
        return self.children + self.students + self.grown

    @property
    def employees(self) -> float:
        """Members of the employee scheme: both schemes by province less the resident scheme."""
        return float(self.both_schemes.sum()) - self.residents


@dataclass(frozen=True, slots=True)
class Employees:
    """The employee scheme as modelled."""

    by_province: Reals
    """members by province of enrolment"""
    uncapped: Reals
    """the same before Tianjin's published number and the cap"""
    rate: Reals
    """of each row, the share of its persons in the employee scheme"""


def published(tables: Mapping[str, pl.DataFrame], census: Census, parameters: Parameters) -> National:
    """The published figures of both schemes and of paper B's tables 1 to 3."""

    def figure(indicator: str) -> int:
        """Persons of one indicator of the 2021 bulletin."""
        name, value = "nhsa_annual_bulletin", "value"
        return round(10_000 * _one(tables, BULLETIN, value, series=name, year=YEAR, indicator=indicator))

    def survey(table: str, column: str, indicator: str) -> float:
        """Share of one indicator of 2018."""
        return _one(tables, f"seed/{table}.csv", column, year=2018, indicator_id=indicator) / 100

    new_rural = survey("cmds_t1", "value", "new_rural_scheme_share_pct")
    urban_rural = survey("cmds_t1", "value", "urban_rural_resident_scheme_share_pct")
    here = new_rural * survey("cmds_t2", "value_pct", "residence_share_new_rural_pct")
    here += urban_rural * survey("cmds_t2", "value_pct", "residence_share_urban_rural_resident_pct")
    table3 = tables["seed/cmds_t3.csv"]
    shares = dict(zip(table3["province_code_gb2260"], table3["residence_share_pct"] / 100, strict=True))
    total = tables[ENROLMENT].filter(pl.col("year") == YEAR)
    return National(
        both_schemes=np.round(
            10_000
            * by_province(total, "province_code", "basic_medical_insurance_enrolment_10k", census.provinces, ENROLMENT)
        ),
        tianjin_employees=10_000
        * _one(tables, TIANJIN, "value", province_code=TIANJIN_CODE, year=YEAR, indicator="employee_enrolment"),
        retired=figure("employee_retired_enrolment"),
        children=figure("resident_enrolment_pupils_children"),
        students=figure("resident_enrolment_university"),
        grown=figure("resident_enrolment_adult"),
        migrants_in_employee_scheme=survey("cmds_t1", "value", "employee_scheme_share_pct"),
        employee_migrants_here=survey("cmds_t2", "value_pct", "residence_share_employee_pct"),
        resident_migrants_here_table2=here / (new_rural + urban_rural),
        share_here=np.array([shares.get(code, parameters.tibet_share_here.value) for code in census.provinces]),
        share_here_mean=float(np.average(table3["residence_share_pct"], weights=table3["sample_n"])) / 100,
    )


def _one(tables: Mapping[str, pl.DataFrame], file: str, column: str, **where: str | int) -> float:
    """The one number of `column` in the row that `where` names."""
    found = tables[file].filter([pl.col(name) == value for name, value in where.items()])[column]
    if len(found) != 1 or found[0] is None:
        raise fail(
            "population-figure",
            f"Column {column} has {len(found)} rows for {where}, not one.",
            "The model needs this published figure.",
            "Give exactly one row.",
            file,
        )
    return float(found[0])


def modelled_employees(
    tables: Mapping[str, pl.DataFrame], census: Census, national: National, rows: Rows, parameters: Parameters
) -> Employees:
    """Share of each row in the employee scheme; children and students have none.

    Members by province: urban residents aged 20 to 59 times income. Migrants first, by their national share; locals
    take the rest, by the urban share of their pool. People of 60 and over are scaled by one national ratio.
    """
    grown = (rows.age >= 18) & (rows.person_class != STUDENT)
    persons = np.where(grown, rows.persons, 0).astype(np.float64)
    elderly = rows.person_class == ELDERLY
    retired = parameters.retired_share_60_plus.value * national.retired
    per_elderly = retired / persons[elderly].sum()
    per_adult = (national.employees - retired) / persons[~elderly].sum()
    weight = persons * np.where(elderly, per_elderly / per_adult, 1.0)
    here, home = census.province[rows.residence], census.province[rows.hukou]
    many = len(census.provinces)
    members, uncapped = _by_province(tables, census, national, rows, parameters)
    migrant = rows.residence != rows.hukou
    density = members / np.bincount(here, weights=weight, minlength=many)
    cap = parameters.employee_rate_cap.value
    moved = np.where(migrant, weight * density[here], 0.0)
    level = national.migrants_in_employee_scheme * persons[migrant].sum() / moved.sum()
    moved = np.minimum(moved * level, cap * persons)
    stays = national.employee_migrants_here
    of_locals = members - np.bincount(here, weights=stays * moved, minlength=many)
    of_locals -= np.bincount(home, weights=(1 - stays) * moved, minlength=many)
    urban = weight * census.urban_share[rows.residence]
    local = _locals(np.where(migrant, 0.0, urban), cap * persons, here, np.maximum(of_locals, 0.0))
    taken = np.where(migrant, moved, local)
    rate = np.divide(taken, persons, out=np.zeros_like(taken), where=persons > 0)
    return Employees(members, uncapped, rate)


def _by_province(
    tables: Mapping[str, pl.DataFrame], census: Census, national: National, rows: Rows, parameters: Parameters
) -> tuple[Reals, Reals]:
    """Members of the employee scheme by province, with Tianjin as published and the cap, and without."""
    many = len(census.provinces)
    frame = tables[INCOME].filter(pl.col("year") == YEAR)
    income = by_province(frame, "province_code", "disposable_income_all_yuan", census.provinces, INCOME)
    working = np.where((rows.age >= 20) & (rows.age < 60), rows.persons, 0) * census.urban_share[rows.residence]
    urban = np.bincount(census.province[rows.residence], weights=working, minlength=many)
    shape = urban * income**parameters.employee_income_exponent.value
    uncapped = shape * national.employees / shape.sum()
    cap = parameters.employee_cap.value * national.both_schemes
    fixed = np.full(many, np.nan)
    fixed[census.provinces.index(TIANJIN_CODE)] = national.tianjin_employees
    for _ in range(many):
        free = np.isnan(fixed)
        members = np.where(free, shape * (national.employees - np.nansum(fixed)) / shape[free].sum(), fixed)
        over = free & (members > cap)
        if not over.any():
            return members, uncapped
        fixed[over] = cap[over]
    raise fail("population-employees", "The employee scheme does not fit under its cap.", do="Raise employee_cap.")


def _locals(weight: Reals, cap: Reals, province: Counts, wanted: Reals) -> Reals:
    """Members among the locals of each row: `weight` scaled by province to `wanted`, at most `cap`."""
    taken = np.zeros_like(weight)
    scale = np.zeros(len(wanted))
    for _ in range(50):
        full = taken >= cap
        open_sum = np.bincount(province, weights=np.where(full, 0.0, weight), minlength=len(wanted))
        full_sum = np.bincount(province, weights=np.where(full & (weight > 0), cap, 0.0), minlength=len(wanted))
        scale = np.divide(wanted - full_sum, open_sum, out=scale, where=open_sum > 0)
        taken = np.minimum(weight * scale[province], cap)
    return np.where(weight > 0, taken, 0.0)
