"""A user's own counts of permit holders, city by city, in place of the study's assumptions.

The table is CSV in UTF-8 or GB18030 with the columns `place`, `permit_holders` and, where known,
`in_employee_scheme`; a `note` is not read.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from suiren import places
from suiren.encodings import decoded
from suiren.errors import Problem, SuirenError, did_you_mean, fail, raise_all
from suiren.studies.permits_structure import cities

NEEDED = ("place", "permit_holders")
COLUMNS = (*NEEDED, "in_employee_scheme", "note")
NUMBER = re.compile(r"0|[1-9][0-9]*")
"""A whole number; one that begins with 0 is what a comma inside a number leaves behind."""
MOST_PERSONS = 100_000_000


@dataclass(frozen=True, slots=True)
class Holders:
    """Permit holders from elsewhere in one city, and those of them in the employee scheme (None: not known)."""

    permits: int
    employees: int | None

    def gaining(self, employee_scheme_required: bool) -> int:
        """Persons who could gain: nobody in the employee scheme, and nobody where a permit asks for it."""
        if self.employees is None:
            return 0 if employee_scheme_required else self.permits
        return self.permits - self.employees


Own = Mapping[str, Holders]
"""Holders by the code of the city."""


def read(path: Path) -> Own:
    """The user's counts by city code.

    Raises:
        SuirenError: a file that cannot be read, unknown places or numbers that are none; all told at once.
    """
    lines = list(enumerate(csv.reader(io.StringIO(_text(path)), delimiter=","), 1))
    filled = [(number, row) for number, row in lines if any(cell.strip() for cell in row)]
    heads = [cell.strip().lower() for cell in filled[0][1]] if filled else []
    problems = _of_heads(heads, path.name)
    found: dict[str, Holders] = {}
    for number, row in filled[1:]:
        where = f"{path.name}, line {number}"
        if len(row) != len(heads):
            what = f"The line has {len(row)} cells, the header {len(heads)}."
            do = "Write numbers without commas, or in quotation marks."
            problems.append(Problem("E-permits-cells", what, "Numbers would move to other columns.", do, where))
            continue
        code, holders, wrong = _row(dict(zip(heads, row, strict=True)), where)
        problems += wrong
        if code and code in found:
            why = "Which count is right?"
            problems.append(Problem("E-permits-twice", "The city stands twice.", why, "Keep one row.", where))
        found[code] = holders
    raise_all(problems)
    if not found:
        do = "Write a row for each city you have counts of."
        raise fail("E-permits-empty", f"{path.name} has no row below its header.", "Nothing would change.", do)
    return found


def _text(path: Path) -> str:
    """The text of a CSV file in UTF-8, GB18030 or, with its mark, UTF-16."""
    if not path.is_file():
        raise fail("E-permits-file", f"There is no file {path.name!r}.", do="Name a CSV file with --permits.")
    text = decoded(path.read_bytes())
    if text is not None:
        return text
    what = f"{path.name} is no text in UTF-8 or GB18030."
    raise fail("E-permits-file", what, "Its rows cannot be told apart.", "Save the table as CSV UTF-8.")


def _of_heads(heads: list[str], shown: str) -> list[Problem]:
    """What is wrong with the columns of the table; an error at once where a needed one is lacking."""
    lacking = [column for column in NEEDED if column not in heads]
    if lacking:
        what = f"{shown} has no column {', '.join(lacking)}."
        do = f"Its columns are {', '.join(COLUMNS)}, with commas between them."
        raise fail("E-permits-column", what, "Its rows cannot be read.", do)
    unknown = [
        Problem(
            "E-permits-column",
            f"There is no column {head[:40]!r}.",
            "It would be ignored.",
            did_you_mean(head, COLUMNS) or f"Columns are {', '.join(COLUMNS)}.",
            shown,
        )
        for head in heads
        if head not in COLUMNS
    ]
    return unknown + [
        Problem("E-permits-column", f"The column {name!r} stands twice.", "Which one counts?", "Keep one.", shown)
        for name in COLUMNS
        if heads.count(name) > 1
    ]


def _row(row: Mapping[str, str], where: str) -> tuple[str, Holders, list[Problem]]:
    """The city's code, empty where it is not known, its counts, and all that is wrong with the row."""
    problems: list[Problem] = []
    code = ""
    try:
        code = places.find(row["place"]).code
        if code not in {city.code for city in cities()}:
            what = f"{row['place']} is none of the 23 cities of the study."
            problems.append(Problem("E-permits-city", what, "Its threshold is not coded.", "Leave the row out.", where))
    except SuirenError as error:
        problems += [replace(problem, where=where) for problem in error.problems]
    permits = _whole(row["permit_holders"], where, problems)
    text = row.get("in_employee_scheme", "")
    employees = _whole(text, where, problems) if text.strip() else None
    if employees is not None and not problems and employees > permits:
        what = "More people are in the employee scheme than hold a permit."
        why = "Those who could gain would be fewer than nobody."
        problems.append(Problem("E-permits-sum", what, why, "Count only permit holders in both columns.", where))
    return code, Holders(permits, employees), problems


def _whole(text: str, where: str, problems: list[Problem]) -> int:
    plain = text.strip().replace(",", "")
    if NUMBER.fullmatch(plain) and int(plain) <= MOST_PERSONS:
        return int(plain)
    what = f"{text.strip()[:20]!r} is no number of persons up to {MOST_PERSONS:,}."
    problems.append(Problem("E-permits-number", what, "Persons are counted whole.", "Write digits only.", where))
    return 0
