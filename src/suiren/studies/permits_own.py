"""A user's own counts of permit holders, city by city, in place of the study's assumptions.

The table is CSV in UTF-8 with the columns `place`, `permit_holders` and, where known, `in_employee_scheme`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from suiren import places
from suiren.errors import Problem, SuirenError, fail, raise_all
from suiren.studies.permits_structure import cities

NEEDED = ("place", "permit_holders")
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
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        told = "is not text in UTF-8" if isinstance(error, UnicodeDecodeError) else "cannot be read"
        raise fail("E-permits-file", f"{path.name} {told}.", do="Save the table as CSV in UTF-8.") from None
    reader = csv.DictReader(lines)
    lacking = [column for column in NEEDED if column not in (reader.fieldnames or ())]
    if lacking:
        what = f"{path.name} has no column {', '.join(lacking)}."
        raise fail("E-permits-column", what, do="Its columns are place, permit_holders, in_employee_scheme.")
    found: dict[str, Holders] = {}
    problems: list[Problem] = []
    for number, row in enumerate(reader, 2):
        where = f"{path.name}, line {number}"
        try:
            code, holders = _row(row, where)
        except SuirenError as error:
            problems += error.problems
            continue
        if code in found:
            problems.append(Problem("E-permits-twice", "The city stands twice.", do="Keep one row.", where=where))
        found[code] = holders
    raise_all(problems)
    return found


def _row(row: Mapping[str, str | None], where: str) -> tuple[str, Holders]:
    code = places.find(row["place"] or "").code
    if code not in {city.code for city in cities()}:
        what = f"{row['place']} is none of the 23 cities of the study."
        raise fail("E-permits-city", what, "Its threshold is not coded.", "Leave the row out.", where)
    permits = _whole(row["permit_holders"], where)
    text = row.get("in_employee_scheme")
    employees = _whole(text, where) if text and text.strip() else None
    if employees is not None and employees > permits:
        raise fail("E-permits-sum", "More people are in the employee scheme than hold a permit.", where=where)
    return code, Holders(permits, employees)


def _whole(text: str | None, where: str) -> int:
    plain = (text or "").strip().replace(",", "")
    if not (plain.isascii() and plain.isdecimal() and int(plain) <= MOST_PERSONS):
        raise fail("E-permits-number", f"{text!r} is no number of persons up to {MOST_PERSONS:,}.", where=where)
    return int(plain)
