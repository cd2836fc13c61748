"""A table of points: read, checked for holes and overlaps, and given to kinds of people."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from suiren.errors import Problem, did_you_mean, fail, raise_all
from suiren.laws.schema import EVIDENCE, OLDEST
from suiren.money import apportion, to_int64

ILLUSTRATIVE = Path(__file__).parent / "illustrative.csv"
COLUMNS = ("sex", "age_from", "age_to", "risk_group", "points", "evidence")
NO_CSV = "It is a CSV file with the columns " + ", ".join(COLUMNS) + "."
SEXES = {"m": (1,), "1": (1,), "男": (1,), "f": (2,), "2": (2,), "女": (2,), "": (1, 2)}
MOST_POINTS = 10**6
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]")
"""What no name of a health group or of a promise may hold: pictures and pages could not show it."""


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Points a person and year by sex (1, 2), age and health group; group "" holds where no other row does."""

    name: str
    digest: str
    cells: pl.DataFrame
    """One row for each sex, age and health group: sex Int8, age Int16, risk_group String, points, rank of evidence.

    `line` is the line of the table that the points are from.
    """

    def __eq__(self, other: object) -> bool:
        """Return whether both tables hold the same bytes under the same name."""
        return isinstance(other, Weights) and (self.name, self.digest) == (other.name, other.digest)

    def __hash__(self) -> int:
        """Return a hash of name and digest."""
        return hash((self.name, self.digest))


def load(name: str) -> Weights:
    """Return the checked table of a file, or the built-in one for "illustrative".

    Raises:
        SuirenError: unreadable, an unknown column, a hole, an overlap, points that are no whole number; all at once.
    """
    path = ILLUSTRATIVE if name == "illustrative" else Path(name)
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        what = f"The weights file {path.name!r} cannot be read: it is not UTF-8."
        raise fail("E-weights-file", what, do="Save it as UTF-8.") from None
    except OSError as error:
        near = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() and not path.exists() else []
        what = f"The weights file {path.name!r} cannot be read: {str(error.strerror).lower()}."
        raise fail("E-weights-file", what, do=did_you_mean(path.name, near) or NO_CSV) from None
    problems: list[Problem] = []
    try:
        rows = list(_rows(path.name, text, problems))
    except csv.Error as error:
        raise fail("E-weights-file", f"The weights file {path.name!r} is no CSV: {error}.", do=NO_CSV) from None
    raise_all(problems)
    cells = _spread(path.name, rows, problems)
    raise_all(problems)
    return Weights(path.name if name != "illustrative" else name, hashlib.sha256(data).hexdigest(), cells)


@dataclass(frozen=True, slots=True)
class _Cell:
    line: int
    sexes: tuple[int, ...]
    age_from: int
    age_to: int
    risk_group: str
    points: int
    evidence: int


def _rows(name: str, text: str, problems: list[Problem]) -> Iterator[_Cell]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    header = reader.fieldnames or []
    for column in sorted({*COLUMNS} ^ {*header}):
        wrong = "is missing" if column in COLUMNS else "is unknown"
        hint = did_you_mean(column, {*COLUMNS, *header} - {column}) or f"The columns are {', '.join(COLUMNS)}."
        problems.append(Problem("E-weights-column", f"Column {column!r} {wrong}.", do=hint, where=f"{name}:1"))
    for column in sorted(set(COLUMNS) & {one for one in header if header.count(one) > 1}):
        what = f"Column {column!r} stands here {header.count(column)} times."
        problems.append(Problem("E-weights-column", what, "Only one can hold.", "Leave one.", f"{name}:1"))
    if problems:
        return
    for row in reader:
        where = f"{name}:{reader.line_num}"
        cells = {column: (row[column] or "").strip() for column in COLUMNS}
        found = list(_faults(cells, None in row))
        problems += [Problem("E-weights-cell", what, do=hint, where=where) for what, hint in found]
        if not found:
            yield _Cell(
                reader.line_num,
                SEXES[cells["sex"]],
                int(cells["age_from"] or 0),
                int(cells["age_to"] or OLDEST),
                cells["risk_group"],
                int(cells["points"]),
                EVIDENCE.index(cells["evidence"]),
            )


def _faults(cells: dict[str, str], too_long: bool) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a row, and a hint."""
    if too_long:
        yield "The line has more cells than the header.", ""
    if cells["sex"] not in SEXES:
        yield f"{cells['sex']!r} is no sex (m, f or empty).", ""
    if UNPRINTABLE.search(cells["risk_group"]):
        yield f"risk_group {cells['risk_group']!r} holds characters that cannot be printed.", "Write the group anew."
    if not _whole(cells["points"], MOST_POINTS):
        yield f"points {cells['points']!r} is not a whole number from 0 to {MOST_POINTS}.", ""
    ages = [cells["age_from"] or "0", cells["age_to"] or str(OLDEST)]
    wrong = [age for age in ages if not _whole(age, OLDEST)]
    for age in wrong:
        yield f"{age!r} is not a whole number from 0 to {OLDEST}.", ""
    if not wrong and int(ages[0]) > int(ages[1]):
        yield f"age_from {ages[0]} lies above age_to {ages[1]}.", ""
    if cells["evidence"] not in EVIDENCE:
        yield f"{cells['evidence']!r} is no grade of evidence.", did_you_mean(cells["evidence"], EVIDENCE)


def _whole(cell: str, most: int) -> bool:
    return cell.isdecimal() and len(cell) <= len(str(most)) and int(cell) <= most


def _spread(name: str, rows: list[_Cell], problems: list[Problem]) -> pl.DataFrame:
    """Return a row for each sex, age and group; holes of the group "" and overlaps become problems."""
    found: dict[tuple[int, int, str], _Cell] = {}
    overlaps: dict[tuple[int, int], int] = {}
    for row in rows:
        for sex in row.sexes:
            for age in range(row.age_from, row.age_to + 1):
                other = found.setdefault((sex, age, row.risk_group), row)
                if other is not row:
                    overlaps.setdefault((row.line, other.line), age)
    for (line, other), age in overlaps.items():
        what = f"This row overlaps line {other} (from age {age} on)."
        problems.append(Problem("E-weights-overlap", what, "One person would have two points.", where=f"{name}:{line}"))
    for sex in (1, 2):
        holes = [age for age in range(OLDEST + 1) if (sex, age, "") not in found]
        if holes:
            what = f"No row covers sex {'mf'[sex - 1]} at ages {_spans(holes)}."
            why = "A person without points would be paid nothing, silently."
            problems.append(Problem("E-weights-hole", what, why, "Add a row with an empty risk_group.", name))
    schema = {
        "sex": pl.Int8,
        "age": pl.Int16,
        "risk_group": pl.String,
        "points": pl.Int64,
        "points_evidence": pl.Int8,
        "line": pl.Int64,
    }
    cells = [
        (sex, age, group, cell.points, cell.evidence, cell.line) for (sex, age, group), cell in sorted(found.items())
    ]
    return pl.DataFrame(cells, schema=schema, orient="row")


def _spans(ages: list[int]) -> str:
    spans: list[tuple[int, int]] = []
    for age in ages:
        if spans and spans[-1][1] == age - 1:
            spans[-1] = (spans[-1][0], age)
        else:
            spans.append((age, age))
    return ", ".join(f"{low}" if low == high else f"{low}-{high}" for low, high in spans)


def with_points(kinds: pl.DataFrame, weights: Weights) -> pl.DataFrame:
    """Return `kinds` with `points` a person and year and the rank of their evidence.

    Raises:
        SuirenError: people without sex or age, or in a health group that the table does not know; with their number.
    """
    unknown = kinds.filter(pl.col("sex").is_null() | pl.col("age").is_null())["persons"].sum()
    if unknown:
        raise fail(
            "E-points-missing",
            f"{unknown:,} persons have no sex or no age.",
            "Points are given by sex and age; without them nobody knows what a fund should receive.",
            "Fill both columns, or use another scheme.",
        )
    cells = weights.cells.drop("line")
    plain = cells.filter(pl.col("risk_group") == "").drop("risk_group")
    if kinds["risk_group"].null_count() == kinds.height:
        return kinds.join(plain, on=["sex", "age"], how="left", maintain_order="left")
    kinds = kinds.with_columns(pl.col("risk_group").fill_null(""))
    groups = set(weights.cells["risk_group"].unique())
    strange = kinds.filter(~pl.col("risk_group").is_in(sorted(groups)))
    if not strange.is_empty():
        named = sorted(strange["risk_group"].unique())
        raise fail(
            "E-points-group",
            f"The weights know no health group {', '.join(named[:5])} ({strange['persons'].sum():,} persons).",
            "They would silently count as healthy.",
            did_you_mean(named[0], groups) or "Add the group to the weights table.",
        )
    own = kinds.join(cells, on=["sex", "age", "risk_group"], how="left", maintain_order="left")
    joined = own.join(plain, on=["sex", "age"], how="left", suffix="_plain", maintain_order="left")
    return joined.with_columns(
        points=pl.coalesce("points", "points_plain"),
        points_evidence=pl.coalesce("points_evidence", "points_evidence_plain"),
    ).drop("points_plain", "points_evidence_plain")


def allocate(point_months: pl.DataFrame, group: list[str], budget_fen: int) -> pl.DataFrame:
    """Return `point_months` (columns `group` and `point_months`, Int128) with `amount_fen` adding up to the budget.

    Largest remainder, ties by `group` ascending.

    Raises:
        SuirenError: money for nobody: a budget, and not one point.
    """
    total = int(point_months["point_months"].sum() or 0)
    if total == 0:
        if budget_fen:
            raise fail(
                "E-points-none",
                f"A budget of {budget_fen} fen meets no points at all.",
                "Nobody could receive it.",
                "Give points above 0 in the weights table, or set budget=0.",
            )
        return point_months.with_columns(amount_fen=pl.lit(0, pl.Int64))
    frame = point_months.sort(group)
    parts = apportion(budget_fen, [int(points) for points in frame["point_months"].to_list()])
    return to_int64(frame.with_columns(amount_fen=pl.Series(parts, dtype=pl.Int128)), "amount_fen")
