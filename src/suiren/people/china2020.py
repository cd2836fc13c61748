"""The shipped population china-2020: the table, its description, and who is enrolled where."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import polars as pl

Level = Literal["table3", "table2"]


def load() -> pl.DataFrame:
    """The shipped table: residence_pool, hukou_pool, sex, age_from, person_class, persons, and scheme members.

    One row for each combination that has people; all counts are whole persons. `resident_scheme` counts members of
    the resident scheme wherever they are enrolled, `here_table3` and `here_table2` those of them who are enrolled
    where they live, at two levels of the survey; the others are enrolled at the hukou pool.
    """
    import polars as pl

    with as_file(files("suiren") / "data" / "china-2020.parquet") as path:
        return pl.read_parquet(path)


def metadata() -> dict[str, Any]:
    """What the build recorded: margins, parameters, fit, comparison, sources."""
    return json.loads((files("suiren") / "data" / "china-2020.json").read_text(encoding="utf-8"))


@cache
def enrolment(level: Level = "table3") -> pl.DataFrame:
    """Resident-scheme members as kinds: hukou_place, enrolment_place, residence_place, sex, age, person_class, persons.

    `age` is the first year of the band. Those enrolled where they live and those enrolled at home are separate rows.
    """
    import polars as pl

    table = load()
    here = pl.col(f"here_{level}")
    own = table.select(
        pl.col("hukou_pool").alias("hukou_place"),
        pl.col("residence_pool").alias("enrolment_place"),
        pl.col("residence_pool").alias("residence_place"),
        "sex",
        pl.col("age_from").cast(pl.Int16).alias("age"),
        "person_class",
        here.cast(pl.Int64).alias("persons"),
    )
    home = own.with_columns(
        enrolment_place=pl.col("hukou_place"),
        persons=table.select((pl.col("resident_scheme") - here).cast(pl.Int64)).to_series(),
    )
    return pl.concat([own, home]).filter(pl.col("persons") > 0)


def describe() -> dict[str, Any]:
    """The description in sections, from summary, margins and parameters to checks and sources."""
    about = metadata()
    summary = {name: about[name] for name in ("name", "says_en", "says_zh", "rows", "persons", "resident_scheme")}
    sections = (
        "margins",
        "parameters",
        "crossing",
        "origins",
        "profile",
        "enrolment",
        "provinces",
        "checks",
        "sources",
    )
    return {"summary": summary, **{name: about[name] for name in sections}}
