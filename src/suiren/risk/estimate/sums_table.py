"""The cross table of sums: its columns, its bands of age, the union of several, and the digest of its rows."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from suiren.errors import Problem, fail, raise_all
from suiren.laws.schema import OLDEST
from suiren.money import exact_sum, to_int64

ORIGINS = ("here", "same_province", "other_province")
KEYS: dict[str, Any] = {
    "county_code": pl.Int32,
    "fund_code": pl.Int32,
    "origin": pl.String,
    "sex": pl.Int8,
    "age_from": pl.Int16,
    "age_to": pl.Int16,
    "risk_group": pl.String,
    "months": pl.Int8,
}
COUNTS: dict[str, Any] = {
    "persons": pl.Int64,
    "person_months": pl.Int64,
    "costed": pl.Int64,
    "cost_fen": pl.Int64,
}
SQUARES = "cost_sq"
"""Sum of squared costs, fen squared: 128 bits in memory, a text of digits in files."""
TYPES: dict[str, Any] = {**KEYS, **COUNTS, SQUARES: pl.Int128}
AGES = (0, 1, *range(5, 81, 5))
"""First ages of the bands: 0, 1-4, 5-9, ... 75-79, 80 and over."""
FEW = 3
"""A cell with fewer persons shows what one of them cost."""
PIECE = 1 << 18
MOST_SQUARES = 1e32
"""So that sums of 12·C²/months, in parts of their least common multiple, stay below 2**127."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a file of sums says of its making; 0 and "" where nothing is said."""

    notice_year: int = 0
    coverage_year: int = 0
    base: str = ""
    invented: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """The cross table, sorted by all keys, a row for each combination that has persons, and what is said of it."""

    frame: pl.DataFrame
    """Columns of `TYPES`; no row twice, no value missing; `risk_group` "" where no history is known."""
    ages: tuple[int, ...]
    made: Made
    digest: str
    """SHA-256 of the rows as CSV text, squares as digits."""

    def total(self, column: str) -> int:
        """Return the exact sum of a column of counts."""
        return int(self.frame.select(exact_sum(column)).item() or 0)

    @property
    def few(self) -> pl.DataFrame:
        """The cells with fewer than `FEW` persons."""
        return self.frame.filter(pl.col("persons") < FEW)


def bands(ages: Sequence[int]) -> list[tuple[int, int]]:
    """Return the bands, both ends included, of their first ages."""
    return list(zip(ages, [*(age - 1 for age in ages[1:]), OLDEST], strict=True))


def check_ages(ages: Sequence[int]) -> tuple[int, ...]:
    """Return first ages of bands that cover 0 to `OLDEST`, each once.

    Raises:
        SuirenError: they do not begin with 0, do not rise, or pass `OLDEST`.
    """
    rises = all(low < high for low, high in itertools.pairwise(ages))
    if not ages or ages[0] != 0 or not rises or ages[-1] > OLDEST:
        raise fail(
            "E-ages",
            f"The first ages of bands {', '.join(map(str, ages))} do not rise from 0 to at most {OLDEST}.",
            "Somebody would have no band, or two.",
            "Write them like 0,1,5,10,15.",
        )
    return tuple(ages)


def sums_from(frame: pl.DataFrame, ages: Sequence[int] = AGES, made: Made | None = None) -> Sums:
    """Return the sums of a frame with the columns of `TYPES`, equal keys put together; squares may be digits.

    Raises:
        SuirenError: squares of costs that do not fit in 128 bits.
    """
    typed = frame.select(pl.col(column).cast(kind) for column, kind in TYPES.items())
    sums = [exact_sum(column).alias(column) for column in (*COUNTS, SQUARES)]
    if float(typed[SQUARES].cast(pl.Float64).sum()) > MOST_SQUARES:
        raise fail("E-sums-large", "Costs are too large for exact sums of their squares.", do="Are they in fen?")
    whole = to_int64(typed.group_by(list(KEYS)).agg(sums), *COUNTS).filter(pl.col("persons") > 0).sort(list(KEYS))
    return Sums(whole, tuple(ages), made or Made(), _digest(whole))


def _digest(frame: pl.DataFrame) -> str:
    found = hashlib.sha256()
    for start in range(0, max(frame.height, 1), PIECE):
        found.update(frame.slice(start, PIECE).write_csv(include_header=start == 0).encode())
    return found.hexdigest()


def union(parts: Sequence[Sums]) -> Sums:
    """Return the sums of all parts together.

    Raises:
        SuirenError: parts with other age bands, years or base populations, or a part that is given twice.
    """
    made = [part.made for part in parts]
    asked = {
        "age bands": {part.ages for part in parts},
        "notice years": {one.notice_year for one in made} - {0},
        "coverage years": {one.coverage_year for one in made} - {0},
    }
    problems = [
        Problem(
            "E-sums-unlike",
            f"The sums have several {what}: {' and '.join(map(_list, sorted(found)))}.",
            "They cannot be added up.",
            "Make all of them with the same options of `suiren risk sums`.",
        )
        for what, found in asked.items()
        if len(found) > 1
    ]
    if len({part.digest for part in parts}) < len(parts):
        what = "Two of the sums are the same."
        problems.append(Problem("E-sums-twice", what, "Their people would count twice.", "Give each file once."))
    raise_all(problems)
    bases = {one.base for one in made}
    together = Made(
        max(one.notice_year for one in made),
        max(one.coverage_year for one in made),
        bases.pop() if len(bases) == 1 else "",
        any(one.invented for one in made),
    )
    if len(parts) == 1:
        return parts[0]
    return sums_from(pl.concat([part.frame for part in parts]), parts[0].ages, together)


def _list(value: int | tuple[int, ...]) -> str:
    """Return a year, or the first ages of bands, as text."""
    return f"{value}" if isinstance(value, int) else ",".join(map(str, value))
