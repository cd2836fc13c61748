"""May a person from elsewhere enrol here? A place has several doors at once; the answer names the door gone through.

Yes, no, or undetermined with the missing facts. Conditions are three-valued: yes, no, not known.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from suiren import places
from suiren.laws.book import Book, chain, in_set
from suiren.laws.cited import ASSUMED, DERIVED, SOURCED, rank
from suiren.laws.load import Row
from suiren.laws.standard import choose_tier

TWO_SCHEMES = "paper A, sections 1 and 4: nobody is in two basic schemes at once"
Facts = Mapping[str, bool | None]

LOCAL, LOCAL_TERMS, FULL_COST, CLOSED = "local", "local_terms", "full_cost", "closed"
"""On whose terms a person is insured: as a local, through a door with local terms, at full cost, or not at all."""


@dataclass(frozen=True, slots=True)
class Door:
    """One way in: the regime, the conditions that must all hold, and where it is written."""

    regime: str
    needs: tuple[tuple[str, bool], ...]
    notice_year: int
    evidence: int
    source: str

    @property
    def full_cost(self) -> bool:
        """Whether the person who comes this way pays contribution and subsidy."""
        return self.regime == "full_cost"

    def unknown(self, facts: Facts) -> tuple[str, ...]:
        """Return the facts this door asks for that are not known."""
        return tuple(name for name, _ in self.needs if facts.get(name) is None)

    def shut(self, facts: Facts) -> bool:
        """Return whether a known fact closes this door."""
        return any(facts.get(name) is not None and facts.get(name) is not wanted for name, wanted in self.needs)


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer: `eligible` yes, no or undetermined, on whose `terms`, through which regime, what is missing.

    For undetermined, `terms` and `regime` are those taken when a record must be settled all the same: local terms
    where a door with them may be open (`assumed`).
    """

    eligible: str
    terms: str
    regime: str | None
    missing: tuple[str, ...]
    evidence: int
    source: str
    doors: tuple[Door, ...] = ()


def is_local(known: Book, hukou: int, enrol: int, year: int) -> bool:
    """Return whether someone of one place is a local of another: same pool, or one pool for the whole province."""
    home, here = places.get(hukou), places.get(enrol)
    if home.pool == here.pool:
        return True
    return home.province == here.province and in_set(known, "province_pooled", int(here.province), year)


def decide(
    known: Book, hukou: int, enrol: int, person_class: str, tier: str | None, facts: Facts, year: int
) -> Decision:
    """Return whether a person may enrol at a place in a notice year, and on whose terms."""
    if facts.get("employee_cover"):
        return Decision("no", CLOSED, "employee_cover", (), SOURCED, TWO_SCHEMES)
    if is_local(known, hukou, enrol, year):
        return Decision("yes", LOCAL, None, (), SOURCED, "local hukou")
    same_province = chain(hukou)[-1] == chain(enrol)[-1]
    return decide_from_elsewhere(known, enrol, person_class, tier, facts, same_province, year)


def decide_from_elsewhere(
    known: Book, enrol: int, person_class: str, tier: str | None, facts: Facts, same_province: bool, year: int
) -> Decision:
    """Return what the doors of a place answer to someone who is no local there; no tier: the cheapest."""
    doors = doors_of(known, enrol, person_class, choose_tier(known, enrol, person_class, tier, None, year), year)
    return _through(doors, {**facts, "same_province_hukou": same_province})


def _through(doors: tuple[Door, ...], facts: Facts) -> Decision:
    if not doors:
        return Decision("undetermined", LOCAL_TERMS, None, ("regime",), ASSUMED, "no source speaks", doors)
    real = [door for door in doors if door.regime != "hukou_only"]
    open_doors = [door for door in real if not door.shut(facts)]
    certain = [door for door in open_doors if not door.unknown(facts)]
    local_terms = [door for door in open_doors if not door.full_cost]
    for door in certain:
        if not door.full_cost:
            return Decision("yes", LOCAL_TERMS, door.regime, (), door.evidence, door.source, doors)
    if certain and not local_terms:
        door = certain[0]
        return Decision("yes", FULL_COST, door.regime, (), door.evidence, door.source, doors)
    if open_doors:
        taken = (local_terms or open_doors)[0]
        unknown = tuple(dict.fromkeys(name for door in open_doors for name in door.unknown(facts)))
        terms = FULL_COST if taken.full_cost else LOCAL_TERMS
        return Decision("undetermined", terms, taken.regime, unknown, ASSUMED, taken.source, doors)
    closing = next((door for door in doors if door.regime == "hukou_only"), doors[0])
    return Decision("no", CLOSED, "hukou_only", (), closing.evidence, closing.source, doors)


@functools.lru_cache(maxsize=100_000)
def doors_of(known: Book, place: int, person_class: str, tier: str | None, year: int) -> tuple[Door, ...]:
    """Return the doors of a place for a class and tier in a notice year; empty where no source speaks.

    The newest rule up to the year holds; a county's own rule replaces its pool's, a pool's own its province's, each
    only for the classes it names.
    """
    for code in chain(place):
        rows = [
            row
            for row in known.doors.get(code, ())
            if person_class in row["person_class"]
            and row["notice_year"] <= year
            and (row["tier"] is None or tier is None or row["tier"] == tier)
        ]
        if rows:
            newest = max(row["notice_year"] for row in rows)
            return tuple(_door(row, year) for row in _ordered(rows, newest))
    return ()


def _ordered(rows: list[Row], newest: int) -> list[Row]:
    return sorted((row for row in rows if row["notice_year"] == newest), key=lambda row: (rank(row), row.line))


def _door(row: Row, year: int) -> Door:
    evidence = rank(row) if row["notice_year"] == year else max(rank(row), DERIVED)
    return Door(row["regime"], row["needs"] or (), row["notice_year"], evidence, row.source)
