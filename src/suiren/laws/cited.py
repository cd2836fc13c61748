"""A figure of the law with its source: what it is worth, where it is written, how good the evidence is."""

from __future__ import annotations

from dataclasses import dataclass

from suiren.laws.load import Row
from suiren.laws.schema import EVIDENCE

SOURCED, SECONDARY, DERIVED, MODELLED, ASSUMED = range(len(EVIDENCE))


@dataclass(frozen=True, slots=True)
class Cited:
    """A value with its evidence (rank in `EVIDENCE`, 0 the strongest) and its source."""

    value: int
    evidence: int
    source: str
    how: str = ""


def rank(row: Row) -> int:
    """Return the rank of a row's evidence, 0 the strongest."""
    return EVIDENCE.index(row["evidence"])


def cite(value: int, row: Row, how: str = "", at_best: int = SOURCED) -> Cited:
    """Return `value` cited to a row; `at_best` lowers its evidence, where something was concluded from it."""
    return Cited(value, max(rank(row), at_best), row.source, how)


def worst(*grades: int) -> int:
    """Return the rank of the weakest evidence: what a number made of several rests on."""
    return max(grades)
