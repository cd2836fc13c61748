"""Reading enrolment notices: place, year, doors and prices, each with the sentence it was read in."""

from __future__ import annotations

from pathlib import Path

from suiren.notices.doors import doors
from suiren.notices.found import Amount, Door, Doubt, Read
from suiren.notices.place_year import place_of, years_of
from suiren.notices.prices import prices
from suiren.notices.text import Text, load, parse

__all__ = ["Amount", "Door", "Doubt", "Read", "read", "read_text"]


def read(path: Path) -> Read:
    """Return what the notice in a .txt or .html file says.

    Raises:
        SuirenError: the file cannot be read.
    """
    return _read(load(path))


def read_text(raw: str) -> Read:
    """Return what a notice given as text says."""
    return _read(parse(raw))


def _read(text: Text) -> Read:
    place, of_place = place_of(text)
    year, cover, of_year = years_of(text)
    several = year is None and any("Several" in doubt.en for doubt in of_year)
    found, of_doors = doors(text)
    amounts, of_amounts = prices(text, (year, cover), clear=not several)
    unsure = (*of_place, *of_year, *of_doors, *of_amounts)
    return Read(place, year, cover, tuple(found), tuple(amounts), unsure, text.title, text.raw)
