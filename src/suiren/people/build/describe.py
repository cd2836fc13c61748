"""What the built population is: margins held against the published ones, the fit, the comparison, as plain data."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from suiren.people.build.ages import AGES, STREAMS
from suiren.people.build.checks import checks
from suiren.people.build.margins import Built, count, enrolled_by_province, margins
from suiren.people.build.parameters import Parameters, listed
from suiren.people.build.rows import CLASSES, STUDENT
from suiren.people.build.sources import COLUMNS, GROUPS

AGE_SPANS = (("20-44", 20, 45), ("65+", 65, 200))


def metadata(built: Built, tables: Mapping[str, pl.DataFrame], source: Path, parameters: Parameters) -> dict[str, Any]:
    """The JSON that is shipped beside the table."""
    rows = built.rows
    return {
        "name": "china-2020",
        "says_en": "A modelled population: no public file says who is enrolled where. Census margins are exact; "
        "origins, schemes and places of enrolment are modelled.",
        "says_zh": "模型人口：没有公开资料说明谁在哪里参保。普查各项合计准确，来源地、险种与参保地为模型推算。",
        "rows": len(rows.persons),
        "persons": int(rows.persons.sum()),
        "resident_scheme": int(built.members.resident.sum()),
        "margins": margins(built),
        "parameters": listed(parameters),
        "crossing": {
            "nearness": round(built.crossing.nearness, 6),
            "same_city_movers": int(parameters.same_city_movers.value),
            "in_the_same_district": built.crossing.same_district,
            "between_districts_of_one_city": built.crossing.across_districts,
            "other_county_same_province": int(built.census.other_county.sum()),
            "crossed_a_pool_border": int(built.crossing.persons.sum()),
        },
        "origins": {"provinces_at_the_floor": [int(code) for code in built.origins.at_floor]},
        "profile": _profile(built),
        "enrolment": _enrolment(built),
        "provinces": _provinces(built),
        "checks": checks(tables, built),
        "sources": {name: hashlib.sha256((source / name).read_bytes()).hexdigest() for name in COLUMNS},
    }


def _profile(built: Built) -> dict[str, Any]:
    """Fit of the migrant age profile: least squares, then after raking to the pools."""
    fitted = built.profiles.shares.reshape(3, 2, len(GROUPS))
    total = built.cells.sum(axis=0).reshape(2, len(AGES), 3).sum(axis=0)
    ages = np.array(AGES)
    lower = np.array([0, 1, *range(5, 90, 5)])
    raked = total / total.sum(axis=0)
    return {
        "counties_r_squared": round(built.profiles.r_squared, 4),
        "age_groups": list(GROUPS),
        "r_squared_by_group": {
            sex: [round(float(v), 3) for v in built.profiles.r_squared_by_cell.reshape(2, -1)[index]]
            for index, sex in enumerate(("male", "female"))
        },
        "residual_share_by_group": {
            sex: [round(float(v), 5) for v in built.profiles.residual.reshape(2, -1)[index]]
            for index, sex in enumerate(("male", "female"))
        },
        "fitted_share_by_group": {
            stream: [round(float(v), 5) for v in fitted[index].sum(axis=0)] for index, stream in enumerate(STREAMS)
        },
        "spans": [
            {
                "ages": name,
                "stream": stream,
                "fitted": round(float(fitted[index].sum(axis=0)[(lower >= low) & (lower < high)].sum()), 4),
                "raked": round(float(raked[(ages >= low) & (ages < high), index].sum()), 4),
            }
            for name, low, high in AGE_SPANS
            for index, stream in enumerate(STREAMS)
        ],
    }


def _enrolment(built: Built) -> dict[str, Any]:
    """Migrants in the resident scheme and where they are enrolled, and what the published totals imply."""
    rows, members = built.rows, built.members
    migrant = (rows.residence != rows.hukou) & (rows.person_class != STUDENT)
    resident = int(members.resident[migrant].sum())
    outside = rows.persons * (1 - built.employees.rate)
    grown = rows.age >= 18
    adult_15 = (rows.age >= 15) & (rows.person_class != STUDENT)
    return {
        "employee_scheme": round(built.national.employees),
        "employee_scheme_in_rows": round(float((rows.persons * built.employees.rate).sum())),
        "migrants": int(rows.persons[rows.residence != rows.hukou].sum()),
        "migrants_in_resident_scheme_without_students": resident,
        "enrolled_here_table3": int(members.here_table3[migrant].sum()),
        "enrolled_here_table2": int(members.here_table2[migrant].sum()),
        "share_here_table3": round(int(members.here_table3[migrant].sum()) / resident, 5),
        "share_here_table2": round(int(members.here_table2[migrant].sum()) / resident, 5),
        "printed_mean_table3": round(built.national.share_here_mean, 5),
        "printed_mean_tables_1_and_2": round(built.national.resident_migrants_here_table2, 5),
        "people_under_15": int(rows.persons[rows.age < 15].sum()),
        "grown_coverage_15": round(built.national.grown / float(outside[adult_15].sum()), 5),
        "people_under_18": int(rows.persons[~grown].sum()),
        "members_under_18": int(members.resident[~grown].sum()),
        "grown_outside_employee_scheme": round(float(outside[grown].sum())),
        "grown_members_with_students": int(members.resident[grown].sum()),
    }


def _provinces(built: Built) -> list[dict[str, Any]]:
    """One record a province: people, migrants, both schemes as published and as modelled, coverage, share here."""
    census, rows, members = built.census, built.rows, built.members
    many = len(census.provinces)
    here, home = census.province[rows.residence], census.province[rows.hukou]
    away = here != home
    moved = ~away & (rows.residence != rows.hukou)
    columns = {
        "residents": count(here, rows.persons, many),
        "registered": count(home, rows.persons, many),
        "from_other_provinces": count(here[away], rows.persons[away], many),
        "in_other_provinces": count(home[away], rows.persons[away], many),
        "from_other_pools": count(here[moved], rows.persons[moved], many),
        "both_schemes_published": built.national.both_schemes.astype(np.int64),
        "employee_scheme_modelled": built.employees.by_province.round().astype(np.int64),
        "employee_scheme_before_cap": built.employees.uncapped.round().astype(np.int64),
        "resident_scheme_table3": enrolled_by_province(built, members.here_table3),
        "resident_scheme_table2": enrolled_by_province(built, members.here_table2),
    }
    return [
        {"province": int(code), **{name: int(values[index]) for name, values in columns.items()}}
        | {
            "share_here": round(float(built.national.share_here[index]), 5),
            "coverage_children": round(float(members.coverage[index, 0]), 4),
            "coverage_grown": round(float(members.coverage[index, 1]), 4),
        }
        for index, code in enumerate(census.provinces)
    ]


def frame(built: Built) -> pl.DataFrame:
    """The shipped table, one row for residence pool, hukou pool, sex, age band and class, sorted."""
    codes = np.array([int(code) for code in built.census.pools], dtype=np.int32)
    rows, members = built.rows, built.members
    kind = pl.Series(np.array(CLASSES)[rows.person_class], dtype=pl.String).cast(pl.Enum(CLASSES))
    columns: Mapping[str, pl.Series] = {
        "residence_pool": pl.Series(codes[rows.residence]),
        "hukou_pool": pl.Series(codes[rows.hukou]),
        "sex": pl.Series(rows.sex.astype(np.int8)),
        "age_from": pl.Series(rows.age.astype(np.uint8)),
        "person_class": kind,
        "persons": pl.Series(rows.persons.astype(np.int32)),
        "resident_scheme": pl.Series(members.resident.astype(np.int32)),
        "here_table3": pl.Series(members.here_table3.astype(np.int32)),
        "here_table2": pl.Series(members.here_table2.astype(np.int32)),
    }
    return pl.DataFrame(dict(columns))
