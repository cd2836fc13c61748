"""Seats: what the law says of one place, class, tier and age in a year, looked up once for all who share it."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from suiren import places
from suiren.laws import standard, subsidy
from suiren.laws.book import Book, base_standard, chain, in_set
from suiren.laws.cited import Cited, worst
from suiren.laws.graph import RuleSet, columns_needed, rule_set
from suiren.laws.schema import CLASSES
from suiren.laws.split import CentralShare, Split, central_share, split

SeatKey = tuple[int, str, str | None, int | None]
"""Place, class, tier (`None`: the cheapest), age (`None` where no rule there reads it)."""

KEY = ("place", "person_class", "tier", "age")


_FLAGS = ("central_known", "undivided", "split_above_base", "municipality", "planned_city")
_GRADES = ("contribution_evidence", "central_evidence", "province_evidence", "local_evidence", "standard_evidence")
_NUMBERS = (
    "base_fen",
    "standard_fen",
    "contribution_fen",
    "central_first_fen",
    "central_first_bp",
    "central_rest_bp",
    "central_tier",
    "province_num",
    "province_den",
    "province_of",
    "city_weight",
    "county_weight",
)
SCHEMA: dict[str, Any] = {
    "place": pl.Int32,
    "person_class": pl.Enum(CLASSES),
    "tier": pl.String,
    "age": pl.Int16,
    **dict.fromkeys(_NUMBERS, pl.Int64),
    **dict.fromkeys(_FLAGS, pl.Boolean),
    **dict.fromkeys(_GRADES, pl.Int8),
}
"""The columns of a frame of seats before its rules have run."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Reforms of the seat's own figures: a cap on the standard (fen), a contribution as a rate of income."""

    standard_cap_fen: int | None = None
    contribution_rate: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Seat:
    """All the law says of a seat before any rule has run; the figures with their sources."""

    tier: str | None
    base: Cited
    standard: Cited
    contribution: Cited
    central: CentralShare
    split: Split
    municipality: bool
    planned_city: bool

    def facts(self) -> dict[str, Any]:
        """Return the inputs of the seat's rules."""
        return {
            "base_fen": self.base.value,
            "standard_fen": self.standard.value,
            "contribution_fen": self.contribution.value,
            "central_known": self.central.known,
            "central_first_fen": self.central.first_fen,
            "central_first_bp": self.central.first_bp,
            "central_rest_bp": self.central.rest_bp,
            "central_tier": self.central.tier.value,
            "undivided": self.split.undivided,
            "province_num": self.split.province_num,
            "province_den": self.split.province_den,
            "province_of": self.split.province_of,
            "city_weight": self.split.city_weight,
            "county_weight": self.split.county_weight,
            "split_above_base": self.split.above,
            "municipality": self.municipality,
            "planned_city": self.planned_city,
        } | self.grades()

    def grades(self) -> dict[str, int]:
        """Return the evidence of each kind of money, as ranks."""
        centre = worst(self.base.evidence, self.central.tier.evidence, self.central.source.evidence)
        printed = not (self.central.known or self.split.undivided)
        province = self.split.cited.evidence if printed else worst(centre, self.split.cited.evidence)
        local = worst(province, self.standard.evidence)
        return {
            "contribution_evidence": self.contribution.evidence,
            "central_evidence": centre,
            "province_evidence": province,
            "local_evidence": local,
            "standard_evidence": self.standard.evidence,
        }


@functools.cache
def rules() -> RuleSet:
    """Return the rules of a seat in order."""
    return rule_set(subsidy.RULES, columns_needed(subsidy.RULES))


@functools.lru_cache(maxsize=200_000)
def seat(known: Book, key: SeatKey, year: int, terms: Terms) -> Seat:
    """Return what the law says of a seat in a notice year.

    Raises:
        SuirenError: an unknown tier, a cap below the national base, an income that is not known.
    """
    place, person_class, wanted, age = key
    tier = standard.choose_tier(known, place, person_class, wanted, age, year)
    found = standard.amount(known, "subsidy", place, person_class, tier, age, year)
    contribution = standard.amount(known, "contribution", place, person_class, tier, age, year)
    base = base_standard(known, year)
    cap = terms.standard_cap_fen
    if cap is not None and found.value > max(cap, base.value):
        found = Cited(max(cap, base.value), found.evidence, found.source, "cut to the cap of the reform")
    if terms.contribution_rate is not None:
        contribution = standard.income_linked(known, place, terms.contribution_rate, year)
    return Seat(
        tier,
        base,
        found,
        contribution,
        central_share(known, place, year),
        split(known, place, person_class, age, year),
        in_set(known, "municipality", place, year),
        in_set(known, "planned_city", place, year),
    )


def reads_age(known: Book, place: int) -> bool:
    """Return whether a rule of the place reads the age in years, not only the class."""
    return any(code in known.aged for code in chain(place))


@functools.lru_cache(maxsize=8)
def aged_places(known: Book) -> tuple[int, ...]:
    """Return the codes of all places where a rule reads the age in years."""
    codes = (int(place.code) for place in places.all_places() if place.level != "zone")
    return tuple(sorted(code for code in codes if reads_age(known, code)))


def seat_frame(known: Book, keys: Iterable[SeatKey], year: int, terms: Terms) -> pl.DataFrame:
    """Return one row for each seat: its key, the inputs and the results of its rules."""
    return _seat_frame(known, tuple(keys), year, terms)


@functools.lru_cache(maxsize=32)
def _seat_frame(known: Book, keys: tuple[SeatKey, ...], year: int, terms: Terms) -> pl.DataFrame:
    rows = [dict(zip(KEY, key, strict=True)) | seat(known, key, year, terms).facts() for key in keys]
    return rules().run(pl.DataFrame(rows, schema=SCHEMA), {})
