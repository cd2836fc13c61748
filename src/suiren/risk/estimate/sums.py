"""Sums that an estimate needs: whole numbers by place, origin, sex, age band, health group and months; additive.

They are what a province sends instead of person rows. The cross-products of month-weighted least squares follow from
them exactly, and sums of several files are the sums of their people, in any order and however the people were split.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from suiren import places
from suiren.engines.engine import name, text
from suiren.errors import fail
from suiren.people.files import Source
from suiren.people.intake import Rows
from suiren.risk.estimate.sums_file import CSV_FILE, FILE, MARK, are_sums, files_of, read_sums
from suiren.risk.estimate.sums_table import (
    AGES,
    COUNTS,
    FEW,
    KEYS,
    ORIGINS,
    SQUARES,
    TYPES,
    Made,
    Sums,
    bands,
    check_ages,
    sums_from,
    union,
)
from suiren.risk.weights import UNPRINTABLE

NAMED = 5
"""How many health groups an error names."""

__all__ = [
    "AGES",
    "COUNTS",
    "FEW",
    "FILE",
    "KEYS",
    "ORIGINS",
    "SQUARES",
    "TYPES",
    "Made",
    "Sums",
    "are_sums",
    "bands",
    "check_ages",
    "files_of",
    "read_sums",
    "sums_from",
    "sums_of",
    "union",
    "write_sums",
]


def sums_of(rows: Rows, ages: Sequence[int] = AGES, base: str = "", year: int = 0) -> Sums:
    """Return the sums of checked rows that were read with `Reading(costs=True)`.

    Raises:
        SuirenError: kinds written before (they have no squares of costs); rows without a sex or an age.
    """
    if not rows.layouts:
        raise fail(
            "E-sums-kinds",
            "The inputs are kinds of people.",
            "They hold neither months of each person nor squares of costs, without which no spread can be known.",
            "Give the person rows, or sums that `suiren risk sums` made of them.",
        )
    local, path = rows.engine.local, rows.engine.folder / "sums-of-rows.parquet"
    kept = ("enrolment_place", "sex", "age", "risk_group", "months")
    origin = "CASE WHEN local THEN 'here' WHEN same_province THEN 'same_province' ELSE 'other_province' END"
    summed = ", ".join(f"sum({column})::BIGINT AS {column}" for column in ("persons", "costed", "cost_fen"))
    local.execute(
        f"COPY (SELECT {', '.join(map(name, kept))}, {origin} AS origin, {summed}, "
        f"sum({SQUARES})::HUGEINT::VARCHAR AS {SQUARES} FROM settling WHERE persons > 0 GROUP BY ALL) "
        f"TO {text(str(path))} (FORMAT parquet)"
    )
    frame = pl.read_parquet(path)
    _need_sex_and_age(frame)
    _need_printable(frame)
    made = Made(year, rows.found.coverage_year, base, any(map(_invented, rows.found.sources)))
    return sums_from(_banded(frame, check_ages(ages)), ages, made)


def _need_sex_and_age(frame: pl.DataFrame) -> None:
    unknown = frame.filter(pl.col("sex").is_null() | pl.col("age").is_null())
    if unknown.height:
        raise fail(
            "E-points-missing",
            f"{int(unknown['persons'].sum()):,} persons have no sex or no age.",
            "Costs are estimated by sex and age; without them these persons would be left out.",
            "Fill both columns.",
        )


def _need_printable(frame: pl.DataFrame) -> None:
    """Raise an error that names health groups with characters that no table, picture or page can show."""
    sums = frame.group_by("risk_group").agg(pl.col("persons").sum()).drop_nulls().sort("risk_group").iter_rows()
    strange = [(group, persons) for group, persons in sums if UNPRINTABLE.search(group)]
    if strange:
        named = ", ".join(f"{group!r} ({persons:,} persons)" for group, persons in strange[:NAMED])
        more = f" and {len(strange) - NAMED:,} more" if len(strange) > NAMED else ""
        what = f"Health groups hold characters that cannot be printed: {named}{more}."
        raise fail("E-risk-group", what, "No table could name them.", "Write these groups anew in the records.")


def _banded(frame: pl.DataFrame, ages: tuple[int, ...]) -> pl.DataFrame:
    """Return rows by year of age as rows by band, with fund and person-months."""
    known = [(age, low, high) for low, high in bands(ages) for age in range(low, high + 1)]
    schema = {"age": pl.Int16, "age_from": pl.Int16, "age_to": pl.Int16}
    pools = places.frame().select(county_code="code", fund_code="pool_code")
    return (
        frame.rename({"enrolment_place": "county_code"})
        .join(pl.DataFrame(known, schema=schema, orient="row"), on="age", how="left")
        .join(pools, on="county_code", how="left")
        .with_columns(
            pl.col("risk_group").cast(pl.String).fill_null(""),
            person_months=pl.col("persons") * pl.col("months"),
        )
    )


def write_sums(sums: Sums, folder: Path, csv: bool = False, file: str = FILE) -> list[str]:
    """Write `sums.parquet`, or another `file`, and where asked for `sums.csv` into a folder; return their names."""
    about = _about(sums)
    frame = sums.frame.with_columns(pl.col(SQUARES).cast(pl.String))
    frame.write_parquet(folder / file, compression="zstd", metadata={MARK: about})
    if not csv:
        return [file]
    with (folder / CSV_FILE).open("wb") as out:
        out.write(f"# {MARK} {about}\n".encode())
        frame.write_csv(out)
    return [file, CSV_FILE]


def _about(sums: Sums) -> str:
    """Return the making of sums as one line of JSON."""
    made = sums.made
    return json.dumps(
        {
            "ages": list(sums.ages),
            "notice_year": made.notice_year,
            "coverage_year": made.coverage_year,
            "base": made.base,
            "invented": made.invented,
            "cells": sums.frame.height,
            f"cells_below_{FEW}_persons": sums.few.height,
            "sha256": sums.digest,
        },
        ensure_ascii=False,
    )


def _invented(source: Source) -> bool:
    """Return whether a file of rows, or what is written beside it, says that it is invented."""
    path = source.path
    if source.table:
        return False
    try:
        if path.suffix == ".parquet" and pl.read_parquet_metadata(path).get("suiren") == "invented":
            return True
        beside = [path.with_name("manifest.json"), path.with_suffix(".json")]
        return any(bool(json.loads(file.read_text("utf-8")).get("invented")) for file in beside if file.is_file())
    except (OSError, ValueError, AttributeError, pl.exceptions.PolarsError):
        return False
