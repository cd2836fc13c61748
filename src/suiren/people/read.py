"""Person rows of a file as people: the short way for notebooks."""

from __future__ import annotations

from pathlib import Path

from suiren.laws import Law, law
from suiren.people.intake import Reading, intake
from suiren.people.kinds import People


def read(*inputs: str | Path, under: Law | None = None, strict: bool = False) -> People:
    """Return the people of files of person rows or of kinds, checked under a law (default: that of 2021).

    Rows that cannot be settled are left out; `people.inputs` counts them (`rows_in`, `rows_quarantined`). Use
    `suiren.people.intake.intake` for the quarantine itself.

    Raises:
        SuirenError: a file that cannot be read, a required column that is missing.
    """
    found = intake(inputs, under or law(), Reading(strict=strict))
    counts = {"rows_in": found.rows_in, "rows_quarantined": found.rows_quarantined, "files": found.files}
    people = found.people
    return People(people.name, people.kinds, people.facts, people.modelled, counts)
