"""The steps of the build in order, and the two files it writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import polars as pl

from suiren.errors import ConservationError, fail
from suiren.people.build.ages import bands, fitted_profiles
from suiren.people.build.crossing import modelled_crossing
from suiren.people.build.describe import frame, metadata
from suiren.people.build.employees import modelled_employees, published
from suiren.people.build.margins import TOLD_ONLY, Built
from suiren.people.build.origins import fitted_origins
from suiren.people.build.parameters import Parameters
from suiren.people.build.rows import expanded, with_students
from suiren.people.build.scheme import modelled_members
from suiren.people.build.sources import census, read_tables

NAME = "china-2020"
PARAMETERS = Parameters()
CLASS_AGE = 18
"""Where the law's class of pupils ends; read otherwise, the published class totals are not those of the classes."""


def built_population(
    tables: Mapping[str, pl.DataFrame], progress: Callable[[str], object] = print, parameters: Parameters = PARAMETERS
) -> Built:
    """The population with everything it was made from."""
    places = census(tables)
    progress("origins of migrants")
    crossing = modelled_crossing(tables, places, parameters)
    origins = fitted_origins(tables, places, crossing, parameters)
    progress("ages of migrants")
    profiles = fitted_profiles(tables)
    locals_left = places.residents - crossing.persons - places.other_province
    totals = np.stack([locals_left, crossing.persons, places.other_province], axis=1)
    if (totals < 0).any():
        raise fail(
            "population-streams",
            "A pool has more migrants than residents.",
            do="Check hukou_elsewhere_other_county_same_province and hukou_elsewhere_other_province.",
            where="census2020_prefecture_population.csv",
        )
    everyone, cells = expanded(places, origins, profiles, bands(places.cells), totals)
    progress("schemes and places of enrolment")
    national = published(tables, places, parameters)
    rows = with_students(places, everyone, national.students, parameters.student_age_from.value)
    employees = modelled_employees(tables, places, national, rows, parameters)
    members = modelled_members(places, national, rows, employees, parameters)
    return Built(places, crossing, origins, profiles, cells, national, employees, rows, members)


def make(
    source: Path, out: Path, progress: Callable[[str], object] = print, parameters: Parameters = PARAMETERS
) -> None:
    """Build, check the exact margins, then write the table and its description into the folder `out`."""
    progress("reading the tables")
    tables = read_tables(source)
    built = built_population(tables, progress, parameters)
    about = metadata(built, tables, source, parameters)
    told = TOLD_ONLY if parameters.child_class_below_age.value == CLASS_AGE else (*TOLD_ONLY, "members_by_class")
    broken = [margin["name"] for margin in about["margins"] if not margin["exact"] and margin["name"] not in told]
    if broken:
        raise ConservationError(f"margins not met: {', '.join(broken)}")
    out.mkdir(parents=True, exist_ok=True)
    table = out / f".{NAME}.parquet.part"
    frame(built).write_parquet(table, compression="zstd", compression_level=19, statistics=True)
    text = out / f".{NAME}.json.part"
    text.write_text(json.dumps(about, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    table.replace(out / f"{NAME}.parquet")
    text.replace(out / f"{NAME}.json")
    progress(f"{about['rows']} rows, {about['persons']} persons")
