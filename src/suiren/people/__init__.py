"""Who is enrolled where: person rows, kinds of people, and the built-in modelled population."""

from __future__ import annotations

from typing import Literal, cast

from suiren.errors import did_you_mean, fail
from suiren.people.kinds import People, people_of

BUILT_IN = "china-2020"
LEVELS = ("table3", "table2")


def population(name: str = BUILT_IN, level: str = "table3") -> People:
    """Return a built-in population as kinds of members of the resident scheme.

    `level` says how many people from elsewhere are taken to be enrolled where they live: as paper B's table 3 has it
    (28.9 %), or as its tables 1 and 2 together imply (11.2 %).

    Raises:
        SuirenError: no such population or level.
    """
    if name != BUILT_IN:
        hint = did_you_mean(name, [BUILT_IN]) or f"There is {BUILT_IN}; a file of records is read with read()."
        raise fail("E-population", f"There is no built-in population {name!r}.", do=hint)
    if level not in LEVELS:
        raise fail("E-level", f"There is no level {level!r}.", do=f"The levels are {' and '.join(LEVELS)}.")
    from suiren.people import china2020

    kinds = china2020.enrolment(cast("Literal['table3', 'table2']", level))
    return people_of(name if level == "table3" else f"{name} ({level})", kinds, modelled=True)
