"""The public tables, read from a folder, checked by column and turned into arrays in one fixed order of places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from suiren.errors import Problem, fail, raise_all
from suiren.people.build.rounding import Counts, Reals

GROUPS = ("0", "1-4", *(f"{age}-{age + 4}" for age in range(5, 85, 5)), "85+")
"""The 19 age groups of the census."""

WHOLE = pl.Int64
REAL = pl.Float64
TEXT = pl.String

COLUMNS: Mapping[str, Mapping[str, type[pl.DataType]]] = {
    "census2020_prefecture_population.csv": {
        "unit_code": TEXT,
        "unit_type": TEXT,
        "province_code": TEXT,
        "pop_total": WHOLE,
        "pop_urban": WHOLE,
        "hukou_elsewhere_other_county_same_province": WHOLE,
        "hukou_elsewhere_other_province": WHOLE,
    },
    "census2020_prefecture_age_sex.csv": {"unit_code": TEXT, "sex": TEXT, "age_group": TEXT, "population": WHOLE},
    "census2020_county_population.csv": {
        "county_id": TEXT,
        "is_uncoded_zone": WHOLE,
        "prefecture_code": TEXT,
        "prefecture_zh": TEXT,
        "province_code": TEXT,
        "pop_total": WHOLE,
        "hukou_elsewhere_same_county": WHOLE,
        "hukou_elsewhere_other_county_same_province": WHOLE,
        "hukou_elsewhere_other_province": WHOLE,
    },
    "census2020_county_age_sex.csv": {"county_id": TEXT, "sex": TEXT, "age_group": TEXT, "population": WHOLE},
    "census2010_province_population_hukou.csv": {
        "province_code": TEXT,
        "pop_total": WHOLE,
        "hukou_population": WHOLE,
        "hukou_elsewhere_other_province": WHOLE,
    },
    "census2010_prefecture_population_hukou.csv": {
        "unit_code": TEXT,
        "pop_total": WHOLE,
        "hukou_population": WHOLE,
        "hukou_elsewhere_other_county_same_province": WHOLE,
        "hukou_elsewhere_other_province": WHOLE,
    },
    "od_interprovincial_2000_2010.csv": {
        "census_year": WHOLE,
        "origin_province_code": TEXT,
        "destination_province_code": TEXT,
        "persons_in_table": WHOLE,
    },
    "province_medical_enrolment_health_spending.csv": {
        "province_code": TEXT,
        "year": WHOLE,
        "basic_medical_insurance_enrolment_10k": REAL,
    },
    "province_income_revenue_balance.csv": {"province_code": TEXT, "year": WHOLE, "disposable_income_all_yuan": REAL},
    "tianjin_medical_insurance_by_scheme.csv": {
        "province_code": TEXT,
        "year": WHOLE,
        "indicator": TEXT,
        "value": REAL,
    },
    "nhsa_national_2018_2022.csv": {"series": TEXT, "year": WHOLE, "indicator": TEXT, "value": REAL},
    "seed/cmds_t1.csv": {"year": WHOLE, "indicator_id": TEXT, "value": REAL},
    "seed/cmds_t2.csv": {"year": WHOLE, "indicator_id": TEXT, "value_pct": REAL},
    "seed/t5_outprov_share.csv": {"city_code_gb2260": TEXT, "out_of_province_share_of_nonlocal_pct": REAL},
    "seed/cmds_t3.csv": {"province_code_gb2260": TEXT, "residence_share_pct": REAL, "sample_n": WHOLE},
}
"""The files of the source folder with the columns that are read."""


@dataclass(frozen=True, slots=True)
class Census:
    """Pools and provinces of 2020 in the order of their codes; counts are persons."""

    provinces: tuple[str, ...]
    pools: tuple[str, ...]
    kind: tuple[str, ...]
    province: Counts
    """index of the province of each pool"""
    residents: Counts
    urban_share: Reals
    other_county: Counts
    """residents whose hukou is in another county of the province, by pool"""
    other_province: Counts
    cells: Counts
    """pools x (male, female) x 19 groups"""


def read_tables(source: Path) -> dict[str, pl.DataFrame]:
    """Every file of `COLUMNS` as a frame; all missing files and columns are told at once."""
    if not source.is_dir():
        raise fail(
            "population-source",
            f"{source} is not a folder.",
            "china-2020 is built from the public tables in it.",
            "Give the folder that holds census2020_prefecture_population.csv.",
        )
    problems: list[Problem] = []
    tables = {name: _read(source / name, name, columns, problems) for name, columns in COLUMNS.items()}
    raise_all(problems)
    return tables


def _read(path: Path, name: str, columns: Mapping[str, type[pl.DataType]], problems: list[Problem]) -> pl.DataFrame:
    """The wanted columns of one file with their types, or an empty frame and a problem for each thing wrong."""
    if not path.is_file():
        problems.append(Problem("population-file", "The file is missing.", "Its margins are needed.", "Add it.", name))
        return pl.DataFrame()
    frame = pl.read_csv(path, infer_schema=False)
    typed: list[pl.Series] = []
    for column, kind in columns.items():
        if column not in frame.columns:
            problems.append(
                Problem(
                    "population-column",
                    f"Column {column} is missing.",
                    "The build reads it.",
                    f"Columns found: {', '.join(frame.columns)}.",
                    name,
                )
            )
            continue
        series = frame[column]
        read = series.cast(kind, strict=False)
        if read.null_count() > series.null_count():
            row = int((read.is_null() & series.is_not_null()).arg_max() or 0)
            problems.append(
                Problem(
                    "population-value",
                    f"Column {column}, line {row + 2}: {series[row]!r} is not a number.",
                    "Counts must be numbers.",
                    "Correct the cell.",
                    name,
                )
            )
        typed.append(read)
    return pl.DataFrame(typed)


def age_sex_cube(frame: pl.DataFrame, key: str, places: tuple[str, ...]) -> Counts:
    """Persons, shape places x 2 (male, female) x 19 groups; absent and empty cells are 0."""
    place = {code: index for index, code in enumerate(places)}
    sex = {"male": 0, "female": 1}
    group = {label: index for index, label in enumerate(GROUPS)}
    cube = np.zeros((len(places), 2, len(GROUPS)), dtype=np.int64)
    wanted = frame.filter(pl.col(key).is_in(place))
    unknown = wanted.filter(~pl.col("sex").is_in(sex) | ~pl.col("age_group").is_in(group))
    if len(unknown):
        raise fail(
            "population-age-group",
            f"Unknown sex or age group {unknown.row(0)} in the table by {key}.",
            "The model knows male and female and the 19 census groups.",
            f"Use {', '.join(GROUPS)}.",
        )
    at = (
        wanted[key].replace_strict(place, return_dtype=pl.Int64).to_numpy(),
        wanted["sex"].replace_strict(sex, return_dtype=pl.Int64).to_numpy(),
        wanted["age_group"].replace_strict(group, return_dtype=pl.Int64).to_numpy(),
    )
    np.add.at(cube, at, wanted["population"].fill_null(0).to_numpy())
    return cube


def census(tables: Mapping[str, pl.DataFrame]) -> Census:
    """The census of 2020 by pool, its age cells checked against the totals."""
    frame = tables["census2020_prefecture_population.csv"].sort("unit_code")
    pools = tuple(frame["unit_code"])
    provinces = tuple(frame["province_code"].unique().sort())
    number = {code: index for index, code in enumerate(provinces)}
    cells = age_sex_cube(tables["census2020_prefecture_age_sex.csv"], "unit_code", pools)
    residents = frame["pop_total"].to_numpy()
    wrong = np.flatnonzero(cells.sum(axis=(1, 2)) != residents)
    raise_all(
        Problem(
            "population-margin",
            f"Ages of {pools[i]} sum to {cells[i].sum()}, its residents to {residents[i]}.",
            "The population must meet both.",
            "Take both files from the same release.",
            "census2020_prefecture_age_sex.csv, population",
        )
        for i in wrong
    )
    return Census(
        provinces=provinces,
        pools=pools,
        kind=tuple(frame["unit_type"]),
        province=np.array([number[code] for code in frame["province_code"]], dtype=np.int64),
        residents=residents,
        urban_share=frame["pop_urban"].to_numpy() / residents,
        other_county=frame["hukou_elsewhere_other_county_same_province"].to_numpy(),
        other_province=frame["hukou_elsewhere_other_province"].to_numpy(),
        cells=cells,
    )


def by_province(frame: pl.DataFrame, key: str, value: str, provinces: tuple[str, ...], file: str) -> Reals:
    """`value` of each province in their order; a province without one is an error."""
    found = dict(zip(frame[key], frame[value], strict=True))
    raise_all(
        Problem(
            "population-province",
            f"No {value} for province {code}.",
            "Every province needs one.",
            "Complete the file.",
            file,
        )
        for code in provinces
        if found.get(code) is None
    )
    return np.array([found[code] for code in provinces], dtype=np.float64)
