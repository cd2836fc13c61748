"""Files of sums: found, read back, and held against themselves before anything is estimated from them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from suiren import places
from suiren.errors import Problem, SuirenError, fail, raise_all
from suiren.laws.schema import OLDEST
from suiren.people.scan import MOST_COST
from suiren.risk.estimate.sums_table import (
    COUNTS,
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

FILE = "sums.parquet"
CSV_FILE = "sums.csv"
MARK = "suiren.sums"
"""Key of the Parquet footer, and the first words of a CSV file, by which sums are known; it holds their making."""
WHY = "Sums are written by `suiren risk sums`; edited by hand they may be wrong."
ANEW = "Make them anew with `suiren risk sums`."
WHOLE = r"-?[0-9]{1,39}"
MOST_SHOWN = 60
TEXTS = ("origin", "risk_group")
MADE = {"notice_year": int, "coverage_year": int, "base": str, "invented": bool}
"""What a file says of its making, besides its bands and its digest."""


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
        SuirenError: a file that holds no sums, or sums that contradict themselves or each other; all files at once.
    """
    problems: list[Problem] = []
    parts: list[Sums] = []
    for path in files_of(inputs):
        mark = _mark(path)
        try:
            if mark is None:
                raise fail("E-sums", "These are no sums.", WHY, ANEW)
            parts.append(_read(path, mark))
        except SuirenError as error:
            problems += [Problem(one.code, one.what, one.why, one.do, path.name) for one in error.problems]
    raise_all(problems)
    return union(parts)


def _read(path: Path, mark: dict[str, Any]) -> Sums:
    """Return the sums of a file with a mark."""
    problems = [Problem("E-sums", what, WHY, ANEW) for what in _faults_of_mark(mark)]
    frame = _frame(path)
    missing = [column for column in TYPES if column not in frame.columns]
    if missing:
        problems.append(Problem("E-sums", f"The column {', '.join(missing)} is missing.", WHY, ANEW))
    raise_all(problems)
    typed, found = _typed(frame)
    found = found or list(_faults(typed, mark["ages"]))
    raise_all(Problem("E-sums", what, WHY, ANEW) for what in found)
    made = sums_from(typed, mark["ages"], Made(**{key: mark[key] for key in MADE}))
    if mark.get("sha256", made.digest) != made.digest:
        what = "The rows are not those that the file says it was written with (SHA-256)."
        raise fail("E-sums-changed", what, "They were edited or damaged since.", ANEW)
    return made


def files_of(inputs: Sequence[str | Path]) -> list[Path]:
    """Return the files that are meant: of a folder `sums.parquet`, else all Parquet files of sums, else `sums.csv`."""
    found: list[Path] = []
    for path in map(Path, inputs):
        whole = [path / name for name in (FILE, CSV_FILE) if (path / name).is_file()]
        inside = sorted(path.glob("*.parquet")) if path.is_dir() and path / FILE not in whole else []
        found += [file for file in inside if _mark(file) is not None] or whole[:1] or [path]
    return found


def _mark(path: Path) -> dict[str, Any] | None:
    """Return what a file of sums says of its making, empty where that is damaged; `None` where it is something else."""
    try:
        if path.suffix == ".parquet":
            said = pl.read_parquet_metadata(path).get(MARK)
        else:
            with path.open("rb") as file:
                first = file.readline(1 << 20).decode("utf-8-sig", "replace").strip()
            start = first.find(MARK)
            said = first[start + len(MARK) :] if 0 <= start <= len('"# ') else None
    except (OSError, pl.exceptions.PolarsError):
        return None
    if said is None:
        return None
    try:
        held = json.loads(said)
    except ValueError:
        return {}
    return held if isinstance(held, dict) else {}


def _faults_of_mark(mark: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with what a file says of its making."""
    if not mark:
        yield "What the file says of its making (its first line, or the Parquet footer) cannot be read."
        return
    wrong = [key for key, kind in MADE.items() if type(mark.get(key)) is not kind]
    ages = mark.get("ages")
    if not isinstance(ages, list) or any(type(age) is not int for age in ages):
        wrong.append("ages")
    else:
        try:
            check_ages(ages)
        except SuirenError:
            wrong.append("ages")
    if wrong:
        yield f"What the file says of its making lacks {', '.join(wrong)}, or says it wrongly."


def _frame(path: Path) -> pl.DataFrame:
    """Return the table of a file as it stands; a CSV file as texts.

    Raises:
        SuirenError: not UTF-8, or no table.
    """
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        _, _, table = path.read_bytes().decode("utf-8-sig").partition("\n")
        frame = pl.read_csv(io.StringIO(table), infer_schema=False, truncate_ragged_lines=False)
    except UnicodeDecodeError:
        raise fail("E-sums", "The file is not UTF-8.", WHY, "Save it as UTF-8, or make it anew.") from None
    except pl.exceptions.PolarsError as error:
        what = f"The table cannot be read ({str(error).splitlines()[0][:MOST_SHOWN]})."
        raise fail("E-sums", what, WHY, ANEW) from None
    return frame.with_columns(pl.col(column).fill_null("") for column in TEXTS if column in frame.columns)


def _typed(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Return the columns of sums with their types, and what cannot be read as such: nothing is cut off or rounded."""
    found: list[str] = []
    made: list[pl.Series] = []
    for column, kind in TYPES.items():
        given = frame[column]
        if kind == pl.String:
            if given.dtype != pl.String:
                found.append(f"The column {column} is no text.")
            made.append(given.cast(pl.String, strict=False))
            continue
        if given.dtype == pl.String:
            fits = given.str.strip_chars().str.contains(f"^{WHOLE}$")
            given = given.str.strip_chars().str.strip_prefix("+")
        else:
            fits = pl.Series([given.dtype.is_integer()] * given.len(), dtype=pl.Boolean)
        cast = given.cast(kind, strict=False)
        wrong = int((given.is_not_null() & (~fits | cast.is_null())).sum())
        if wrong:
            found.append(f"{wrong:,} values of {column} are no whole number, or too large.")
        if given.null_count():
            found.append(f"{given.null_count():,} values of {column} are missing.")
        made.append(cast.alias(column))
    return pl.DataFrame(made), found


def _faults(typed: pl.DataFrame, ages: Sequence[int]) -> Iterator[str]:
    """Yield what is wrong with the rows of a file of sums."""
    if typed.is_empty():
        yield "The file holds no row."
        return
    listed = [low * (OLDEST + 1) + high for low, high in bands(ages)]
    band = pl.col("age_from").cast(pl.Int32) * (OLDEST + 1) + pl.col("age_to")
    pools = places.frame().select(county_code="code", _pool="pool_code")
    typed = typed.join(pools, on="county_code", how="left", maintain_order="left")
    group, costed = pl.col("risk_group"), pl.col("costed").cast(pl.Int128)
    squared = pl.col("cost_fen").cast(pl.Int128).pow(2)
    large = (pl.col("cost_fen") > costed * MOST_COST) | (pl.col(SQUARES) > costed * MOST_COST**2)
    wrong = {
        "A place of enrolment is no pool or county, or lies in another fund.": ~pl.col("fund_code").eq_missing(
            pl.col("_pool")
        ),
        f"An origin is none of {', '.join(ORIGINS)}.": ~pl.col("origin").is_in(ORIGINS),
        "A sex is neither 1 nor 2.": ~pl.col("sex").is_in([1, 2]),
        "An age band is none of those that the file names.": ~band.is_in(listed),
        "A health group begins or ends with a blank, or holds characters that cannot be printed.": (
            group != group.str.strip_chars()
        )
        | group.str.contains(UNPRINTABLE.pattern),
        "Months are not 1 to 12.": ~pl.col("months").is_between(1, 12),
        "A count is negative.": pl.any_horizontal(pl.col(*COUNTS, SQUARES) < 0),
        "Person-months are not persons times months.": pl.col("person_months") != pl.col("persons") * pl.col("months"),
        "More persons have a cost than there are.": pl.col("costed") > pl.col("persons"),
        "A cost of a person is above what records may hold.": large,
        "There is a cost without a person who has one.": (costed == 0)
        & ((pl.col("cost_fen") > 0) | (pl.col(SQUARES) > 0)),
        "Squares of costs are less than their mean allows.": ~large & (pl.col(SQUARES) * costed < squared),
        "Squares of costs are more than the costs allow.": pl.col(SQUARES) > squared,
    }
    for what, condition in wrong.items():
        count = typed.filter(condition.fill_null(value=False)).height
        if count:
            yield f"{what} ({count:,} rows)"
    if typed.select(list(KEYS)).is_duplicated().any():
        yield "Rows with the same place, people and months stand twice."
