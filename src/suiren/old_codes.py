"""Codes of divisions of any year from 1980 to 2025, read as places of the 2020 census.

Records carry the code that was in force when they were made. `data/old_codes.csv` names the place of 2020 for each code
that the census does not have; `suiren.people.build.old_codes` says how it was found and from which packages. A code
that stands for all counties a province runs itself (429000) lies in no one place and is not there.
"""

from __future__ import annotations

import csv
import functools
from importlib import resources
from typing import TYPE_CHECKING

from suiren import places

if TYPE_CHECKING:
    import polars as pl


@functools.cache
def old() -> dict[int, int]:
    """Return {code that is none of the 2020 census: code of the place of 2020}."""
    text = resources.files("suiren").joinpath("data/old_codes.csv").read_text(encoding="utf-8")
    return {int(code): int(place) for code, _, _, place, _ in csv.reader(text.splitlines()[1:])}


@functools.cache
def _all() -> dict[int, int]:
    """Return {code of any year: code of the place of 2020}, places themselves first, old codes after them."""
    return {int(place.code): int(place.code) for place in places.all_places() if place.level != "zone"} | old()


def today(code: int) -> int | None:
    """Return the code of the place of 2020 that a code of any year stands for, itself where it is one, else None."""
    return _all().get(code)


@functools.cache
def frame() -> pl.DataFrame:
    """Return code, place_code (Int32) and the level of that place, a row for each code of any year, by code."""
    import polars as pl  # the rest of this module does without

    level = {int(place.code): place.level for place in places.all_places() if place.level != "zone"}
    codes = sorted(_all().items())
    return pl.DataFrame(
        {
            "code": [code for code, _ in codes],
            "place_code": [place for _, place in codes],
            "level": [level[place] for _, place in codes],
        },
        schema={"code": pl.Int32, "place_code": pl.Int32, "level": pl.String},
    )
