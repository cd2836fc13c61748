"""Sums that an estimate needs: whole numbers by place, origin, sex, age band, health group and months; additive.

They are what a province sends instead of person rows. The cross-products of month-weighted least squares follow from
them exactly, and sums of several files are the sums of their people, in any order and however the people were split.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from suiren import places
from suiren.engines.engine import name, text
from suiren.errors import Problem, fail, raise_all
from suiren.laws.schema import OLDEST
from suiren.people.files import Source
from suiren.people.intake import Rows
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

FILE = "sums.parquet"
MARK = "suiren.sums"
"""Key of the Parquet footer, and the first words of a CSV file, by which sums are known; it holds their making."""
WHY = "Sums are written by `suiren risk sums`; edited by hand they may be wrong."

__all__ = [
    "AGES",
    "COUNTS",
    "FEW",
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
    with (folder / "sums.csv").open("wb") as out:
        out.write(f"# {MARK} {about}\n".encode())
        frame.write_csv(out)
    return [file, "sums.csv"]


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


def are_sums(inputs: Sequence[str | Path]) -> bool:
    """Return whether the inputs are sums, not person rows; a folder is where it holds files of sums.

    Raises:
        SuirenError: some are, some are not.
    """
    marks = [_mark(path) is not None for path in files_of(inputs)]
    if any(marks) and not all(marks):
        raise fail(
            "E-sums-mixed",
            "Some inputs are sums, others are person rows.",
            "Whoever is in both could not be seen.",
            "Make sums of the rows first (`suiren risk sums ROWS -o DIR`).",
        )
    return any(marks)


def read_sums(inputs: Sequence[str | Path]) -> Sums:
    """Return the sums of all files or folders together.

    Raises:
        SuirenError: a file that holds no sums, or sums that contradict themselves or each other.
    """
    problems: list[Problem] = []
    parts: list[Sums] = []
    for path in files_of(inputs):
        mark = _mark(path)
        if mark is None:
            problems.append(Problem("E-sums", "These are no sums.", WHY, where=path.name))
            continue
        frame = _frame(path)
        found = list(_faults(frame, mark))
        problems += [Problem("E-sums", what, WHY, where=path.name) for what in found]
        if not found:
            made = Made(mark["notice_year"], mark["coverage_year"], mark["base"], mark["invented"])
            parts.append(sums_from(frame, tuple(mark["ages"]), made))
    raise_all(problems)
    return union(parts)


def files_of(inputs: Sequence[str | Path]) -> list[Path]:
    """Return the files that are meant: of a folder its `sums.parquet`, else all files of sums in it."""
    found: list[Path] = []
    for path in map(Path, inputs):
        whole = path / FILE
        inside = sorted(path.glob("*.parquet")) if path.is_dir() and not whole.is_file() else []
        found += [file for file in inside if _mark(file) is not None] or [whole if whole.is_file() else path]
    return found


def _mark(path: Path) -> dict[str, Any] | None:
    """Return what a file of sums says of its making; `None` where it is something else."""
    try:
        if path.suffix == ".parquet":
            said = pl.read_parquet_metadata(path).get(MARK)
        else:
            with path.open("rb") as file:
                said = file.readline().decode().removeprefix("# ").strip()
            said = said.removeprefix(MARK) if said.startswith(MARK) else None
        return json.loads(said) if said else None
    except (OSError, ValueError, pl.exceptions.PolarsError):
        return None


def _frame(path: Path) -> pl.DataFrame:
    if path.suffix == ".parquet":
        return pl.read_parquet(path)
    text_ = path.read_bytes().split(b"\n", 1)[1]
    texts = {"risk_group": pl.String, SQUARES: pl.String}
    return pl.read_csv(io.BytesIO(text_), schema_overrides=texts).with_columns(pl.col("risk_group").fill_null(""))


def _faults(frame: pl.DataFrame, mark: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a file of sums."""
    missing = [column for column in TYPES if column not in frame.columns]
    if missing:
        yield f"The column {', '.join(missing)} is missing."
        return
    try:
        typed = frame.select(pl.col(column).cast(kind) for column, kind in TYPES.items())
    except pl.exceptions.PolarsError as error:
        yield f"A value is no whole number or too large ({str(error).splitlines()[0]})."
        return
    listed = [low * (OLDEST + 1) + high for low, high in bands(mark["ages"])]
    band = pl.col("age_from").cast(pl.Int32) * (OLDEST + 1) + pl.col("age_to")
    pools = places.frame().select(county_code="code", _pool="pool_code")
    typed = typed.join(pools, on="county_code", how="left")
    wrong = {
        "A value is missing.": pl.any_horizontal(pl.col(*TYPES).is_null()),
        "A place of enrolment is no pool or county, or lies in another fund.": ~pl.col("fund_code").eq_missing(
            pl.col("_pool")
        ),
        f"An origin is none of {', '.join(ORIGINS)}.": ~pl.col("origin").is_in(ORIGINS),
        "A sex is neither 1 nor 2.": ~pl.col("sex").is_in([1, 2]),
        "An age band is none of those that the file names.": ~band.is_in(listed),
        "Months are not 1 to 12.": ~pl.col("months").is_between(1, 12),
        "A count is negative.": pl.any_horizontal(pl.col(*COUNTS, SQUARES) < 0),
        "Person-months are not persons times months.": pl.col("person_months") != pl.col("persons") * pl.col("months"),
        "More persons have a cost than there are.": pl.col("costed") > pl.col("persons"),
        "There is a cost without a person who has one.": (pl.col("costed") == 0)
        & ((pl.col("cost_fen") > 0) | (pl.col(SQUARES) > 0)),
        "Squares of costs are less than their mean allows.": pl.col(SQUARES) * pl.col("costed").cast(pl.Int128)
        < pl.col("cost_fen").cast(pl.Int128).pow(2),
    }
    for what, condition in wrong.items():
        count = typed.filter(condition.fill_null(value=False)).height
        if count:
            yield f"{what} ({count:,} rows)"


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
