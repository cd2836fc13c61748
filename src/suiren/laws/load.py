"""Reads the law's tables strictly: every problem with its file, line and nearest valid name, all at once."""

from __future__ import annotations

import csv
import functools
import hashlib
import io
import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from suiren.errors import Problem, did_you_mean, fail, raise_all
from suiren.laws.schema import TABLES, CellError, Table

SHIPPED = Path(__file__).parent / "tables"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: its cells by column name, and where it stands."""

    table: str
    line: int
    cells: Mapping[str, Any]

    def __getitem__(self, column: str) -> Any:
        """Return the cell of a column, `None` where it is empty."""
        return self.cells[column]

    @property
    def where(self) -> str:
        """File and line, as errors and steps print them."""
        return f"{self.table}.csv:{self.line}"

    @property
    def source(self) -> str:
        """The document the row rests on, and the row itself."""
        return f"{self.cells['document']} ({self.where})"


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """All law tables, checked; immutable. `digest` is the SHA-256 of their bytes."""

    rows: Mapping[str, tuple[Row, ...]]
    digest: str
    folder: Path

    def __getitem__(self, table: str) -> tuple[Row, ...]:
        """Return the rows of a table in file order."""
        return self.rows[table]


@functools.cache
def shipped() -> Tables:
    """Return the tables that come with the package."""
    return load(SHIPPED)


def load(folder: Path) -> Tables:
    """Return the checked tables of `folder`.

    Raises:
        SuirenError: all problems of all tables, each with file and line.
    """
    if not folder.is_dir():
        raise fail(
            "E-law-folder",
            f"There is no folder {str(folder)!r} with law tables.",
            do="Write one with `suiren law export DIR`, edit it, and name it with --law DIR.",
        )
    problems: list[Problem] = []
    rows: dict[str, tuple[Row, ...]] = {}
    digest = hashlib.sha256()
    _check_names(folder, problems)
    for table in TABLES:
        path = folder / f"{table.name}.csv"
        if not path.is_file():
            rows[table.name] = ()
            problems.append(
                Problem(
                    "E-law-missing", f"{path.name} is missing.", "Without it the law has a hole.", where=str(folder)
                )
            )
            continue
        data = path.read_bytes()
        digest.update(table.name.encode() + b"\0" + data)
        rows[table.name] = tuple(_read(table, data, problems))
    _check_across(rows, problems)
    raise_all(problems)
    return Tables(rows, digest.hexdigest(), folder)


def _check_names(folder: Path, problems: list[Problem]) -> None:
    known = [f"{table.name}.csv" for table in TABLES]
    for path in sorted(folder.glob("*.csv")):
        if path.name not in known:
            hint = did_you_mean(path.name, known)
            problems.append(Problem("E-law-file", f"{path.name} is no law table.", "It would be ignored.", hint))


def _read(table: Table, data: bytes, problems: list[Problem]) -> Iterator[Row]:
    name = f"{table.name}.csv"
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = f"Byte {error.start + 1} is not UTF-8."
        problems.append(Problem("E-law-encoding", what, do="Save the file as UTF-8.", where=name))
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, list[str]())
        if not _header_fits(table, header, problems):
            return
        seen: dict[tuple[Any, ...], int] = {}
        for cells in reader:
            row = _row(
                table, reader.line_num, dict(zip(header, cells, strict=False)), len(cells), len(header), problems
            )
            if row is None:
                continue
            key = tuple(row[column] for column in table.key)
            if key in seen:
                what = f"This row repeats line {seen[key]}: the same {', '.join(table.key)}."
                problems.append(Problem("E-law-overlap", what, "Only one of them can hold.", where=row.where))
            seen.setdefault(key, row.line)
            yield row
    except csv.Error as error:
        problems.append(Problem("E-law-csv", f"The line cannot be read: {error}.", where=f"{name}:{reader.line_num}"))


def _header_fits(table: Table, header: list[str], problems: list[Problem]) -> bool:
    where = f"{table.name}.csv:1"
    before = len(problems)
    for column in header:
        if column not in table.columns:
            hint = did_you_mean(column, table.columns)
            problems.append(Problem("E-law-column", f"Unknown column {column!r}.", "It would be ignored.", hint, where))
    missing = [column for column in table.columns if column not in header]
    problems += [Problem("E-law-column", f"Column {column!r} is missing.", where=where) for column in missing]
    twice = sorted({column for column in header if header.count(column) > 1})
    problems += [Problem("E-law-column", f"Column {column!r} stands twice.", where=where) for column in twice]
    return len(problems) == before


def _row(
    table: Table, line: int, cells: dict[str, str], width: int, header_width: int, problems: list[Problem]
) -> Row | None:
    where = f"{table.name}.csv:{line}"
    if width != header_width:
        what = f"The line has {width} cells, the header {header_width}."
        problems.append(Problem("E-law-cells", what, "A comma inside a text must stand in quotes.", where=where))
        return None
    values: dict[str, Any] = {}
    before = len(problems)
    for name, column in table.columns.items():
        cell = cells[name].strip()
        if cell:
            try:
                values[name] = column.read(cell)
            except CellError as error:
                hint = did_you_mean(error.word, error.known) if error.word else ""
                problems.append(Problem("E-law-cell", f"{name}: {error}", do=hint, where=where))
        elif column.required:
            why = "A fact without a source is not loaded." if name in {"document", "evidence"} else ""
            problems.append(Problem("E-law-empty", f"{name} is empty.", why, where=where))
        else:
            values[name] = None
    if len(problems) > before:
        return None
    row = Row(table.name, line, values)
    _check_dates(row, problems)
    return row


def _check_dates(row: Row, problems: list[Problem]) -> None:
    cells = row.cells
    for first, last in (("notice_year_from", "notice_year_to"), ("age_from", "age_to")):
        if cells.get(first) is not None and cells.get(last) is not None and cells[last] < cells[first]:
            what = f"{last} {cells[last]} lies before {first} {cells[first]}."
            problems.append(Problem("E-law-date", what, where=row.where))
    notice, coverage = cells.get("notice_year"), cells.get("coverage_year")
    if notice is not None and coverage is not None and not notice <= coverage <= notice + 1:
        what = f"Coverage year {coverage} does not go with notice year {notice}: it is the same year or the next."
        problems.append(Problem("E-law-date", what, where=row.where))


def _check_across(rows: Mapping[str, tuple[Row, ...]], problems: list[Problem]) -> None:
    facts = {row["name"] for row in rows["facts"]}
    for row in rows["doors"] if facts else ():
        for name, _ in row["needs"] or ():
            if name not in facts:
                hint = did_you_mean(name, facts)
                problems.append(
                    Problem("E-law-fact", f"facts.csv does not know the fact {name!r}.", "", hint, row.where)
                )
    rules: dict[str, list[Row]] = defaultdict(list)
    for row in rows["splits"]:
        rules[row["rule_id"]].append(row)
    for rule in rules.values():
        _check_split(rule, problems)
    _check_twin_rules([rule[0] for rule in rules.values()], problems)
    _check_spans(rows["central_shares"], ("tier",), problems)
    _check_spans(rows["place_classes"], ("place_code", "class_id"), problems)
    _check_spans(rows["place_sets"], ("place_code", "set"), problems)
    _check_national(rows["national"], problems)


def _check_split(rule: list[Row], problems: list[Problem]) -> None:
    first = rule[0]
    same = ("place_code", "class_id", "person_class", "notice_year", "age_from", "age_to")
    for row in rule[1:]:
        for column in same:
            if row[column] != first[column]:
                what = f"Rule {first['rule_id']!r} has two values of {column}: {first[column]} and {row[column]}."
                problems.append(Problem("E-law-split", what, where=row.where))
    local = {"city", "county", "city_and_county"}
    for basis in ("share_of_total", "share_of_noncentral"):
        parts = [
            row for row in rule if row["basis"] == basis and (basis == "share_of_total" or row["payer"] != "centre")
        ]
        total = sum((row["value"] for row in parts), Fraction(0))
        complete = any(row["payer"] in local for row in parts)
        if total > 1 or (complete and total != 1):
            what = f"The shares of rule {first['rule_id']!r} add up to {float(total):g}, not 1."
            problems.append(Problem("E-law-split", what, "Money would be lost or paid twice.", where=first.where))
    for row in rule:
        if row["basis"] == "yuan" and (row["value"] * 100).denominator != 1:
            problems.append(Problem("E-law-split", f"{row['value']} yuan holds a fraction of a fen.", where=row.where))
        if row["basis"] != "yuan" and row["value"] > 1:
            problems.append(Problem("E-law-split", f"The share {row['value']} is above 1.", where=row.where))


def _check_twin_rules(rules: list[Row], problems: list[Problem]) -> None:
    """Find rules that speak for the same place, class, persons, ages and year: only one of them could hold."""
    seen: dict[tuple[Any, ...], Row] = {}
    for rule in rules:
        key = tuple(
            rule[name] for name in ("place_code", "class_id", "person_class", "notice_year", "age_from", "age_to")
        )
        other = seen.setdefault(key, rule)
        if other is not rule:
            what = f"Rule {rule['rule_id']!r} speaks for the same people and year as line {other.line}."
            problems.append(Problem("E-law-overlap", what, "Only one of them can hold.", where=rule.where))


def _check_spans(rows: tuple[Row, ...], key: tuple[str, ...], problems: list[Problem]) -> None:
    spans: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        spans[tuple(row[column] for column in key)].append(row)
    for group in spans.values():
        ordered = sorted(group, key=lambda row: row["notice_year_from"])
        for one, other in itertools.pairwise(ordered):
            if one["notice_year_to"] is None or one["notice_year_to"] >= other["notice_year_from"]:
                what = f"This span overlaps the one that begins in {other['notice_year_from']} (line {other.line})."
                problems.append(Problem("E-law-overlap", what, where=one.where))


def _check_national(rows: tuple[Row, ...], problems: list[Problem]) -> None:
    for item in ("base_standard", "minimum_contribution"):
        years = sorted(row["notice_year"] for row in rows if row["item"] == item)
        holes = [year for year in range(years[0], years[-1] + 1) if year not in years] if years else []
        if holes and item == "base_standard":
            what = f"{item} has no row for {', '.join(map(str, holes))}."
            problems.append(Problem("E-law-hole", what, where="national.csv"))
