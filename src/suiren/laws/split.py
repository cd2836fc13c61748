"""Who pays the subsidy of a place's own people: the central share and the list of payers below the centre."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from suiren.laws.book import Book, chain, in_set
from suiren.laws.cited import ASSUMED, DERIVED, SOURCED, Cited, cite, rank
from suiren.laws.load import Row

FIRST_YEAR_OF_TIERS = 2019
"""From this notice year on the centre pays a share of the whole base (国办发〔2018〕67号)."""

BP = 10_000

OF_BASE, OF_TOTAL, OF_NONCENTRAL, OF_TOTAL_WITH_CENTRE = range(4)
"""What a province's share is a share of: the base less the central part; the whole standard; the standard less the
central part; the whole standard, with the central part inside (printed parts of a municipality)."""


@dataclass(frozen=True, slots=True)
class CentralShare:
    """The central share of the base standard: of its first fen, and of the rest, in basis points."""

    known: bool
    first_fen: int
    first_bp: int
    rest_bp: int
    tier: Cited
    source: Cited

    def of(self, base_fen: int) -> Fraction:
        """Return the exact central part of a base standard, fen."""
        first = min(self.first_fen, base_fen)
        return Fraction(first * self.first_bp + (base_fen - first) * self.rest_bp, BP)


@dataclass(frozen=True, slots=True)
class Split:
    """How what is not the centre's is shared: the province's share of something, weights of city and county.

    Both weights 0: one `city_and_county` payer. `above`: the weights also hold for money above the base.
    """

    province_num: int
    province_den: int
    province_of: int
    city_weight: int
    county_weight: int
    above: bool
    undivided: bool
    cited: Cited


UNDIVIDED = "no source says who pays in the east before 2019: one undivided payer"
HALF = "no source: the province pays half of the base less the central part, city and county the rest"
PLANNED = "a planned city settles with the centre: no provincial part"


@functools.lru_cache(maxsize=100_000)
def central_share(known: Book, place: int, year: int) -> CentralShare:
    """Return the centre's share for a place; unknown for the east before 2019."""
    row = _tier_row(known, place, year)
    tier = cite(row["tier"], row)
    for share in known.shares.get(row["tier"], ()):
        if share["notice_year_from"] <= year and (share["notice_year_to"] is None or year <= share["notice_year_to"]):
            first_bp, rest_bp = (int(share[name] * BP) for name in ("share_of_first", "share_of_rest"))
            return CentralShare(True, share["first_yuan"], first_bp, rest_bp, tier, cite(rest_bp, share))
    return CentralShare(False, 0, 0, 0, tier, Cited(0, ASSUMED, "", UNDIVIDED))


def _tier_row(known: Book, place: int, year: int) -> Row:
    for code in chain(place):
        rows = [row for row in known.tiers.get(code, ()) if row["notice_year_from"] <= year]
        if rows:
            return max(rows, key=lambda row: row["notice_year_from"])
    earliest = [row for code in chain(place) for row in known.tiers.get(code, ())]
    return min(earliest, key=lambda row: row["notice_year_from"])


def split(known: Book, place: int, person_class: str, age: int | None, year: int) -> Split:
    """Return how the subsidy of a place's own people is split in a notice year.

    A split of 2019 or later holds, as shares, until replaced and back to 2019 (`derived`); an earlier one holds up
    to 2018. Nearest place first, then the year itself, then the nearest.
    """
    rule, membership = _rule(known, place, person_class, age, year)
    share = central_share(known, place, year)
    if rule is not None:
        found = _normal(known, place, rule, membership, year)
        if found is not None and (share.known or found.province_of == OF_TOTAL_WITH_CENTRE):
            return _for_planned_city(known, place, year, found)
    if not share.known:
        return Split(0, 1, OF_BASE, 0, 0, False, True, Cited(0, ASSUMED, "", UNDIVIDED))
    return _for_planned_city(known, place, year, Split(1, 2, OF_BASE, 0, 0, False, False, Cited(0, ASSUMED, "", HALF)))


def _for_planned_city(known: Book, place: int, year: int, found: Split) -> Split:
    if not in_set(known, "planned_city", place, year):
        return found
    cited = Cited(0, max(found.cited.evidence, ASSUMED), found.cited.source, PLANNED)
    return Split(0, 1, OF_BASE, found.city_weight, found.county_weight, found.above, found.undivided, cited)


def _rule(known: Book, place: int, person_class: str, age: int | None, year: int) -> tuple[tuple[Row, ...] | None, int]:
    """Return the rule that speaks for a place and class, and the evidence of the place's membership in its class."""
    memberships = _memberships(known, place, year)
    best: tuple[tuple[int, int, int, int, int, str], tuple[Row, ...], int] | None = None
    for distance, code in enumerate(chain(place)):
        for rule in known.splits.get(code, ()):
            first = rule[0]
            if person_class not in first["person_class"] or not _age_fits(first, age) or not _complete(rule):
                continue
            if first["class_id"] is not None and first["class_id"] not in memberships:
                continue
            nearness = _year_distance(first["notice_year"], year)
            if nearness is None:
                continue
            member_distance, evidence = memberships.get(first["class_id"], (0, SOURCED))
            order = (distance, *nearness, member_distance, len(first["person_class"]), first["rule_id"])
            if best is None or order < best[0]:
                best = (order, rule, evidence)
        if best is not None:
            break
    return (best[1], best[2]) if best else (None, SOURCED)


def _memberships(known: Book, place: int, year: int) -> dict[str | None, tuple[int, int]]:
    """Return the classes of a place: class -> how far up it was found, and how good the evidence is."""
    found: dict[str | None, tuple[int, int]] = {}
    for distance, code in enumerate(chain(place)):
        for row in known.classes.get(code, ()):
            if row["notice_year_to"] is not None and row["notice_year_to"] < year:
                continue
            seen = rank(row) if row["notice_year_from"] <= year else max(rank(row), DERIVED)
            found.setdefault(row["class_id"], (distance, seen))
    return found


def _year_distance(seen: int, year: int) -> tuple[int, int] | None:
    """Return how near a rule's year is (same year, earlier, later), or `None` where it does not reach."""
    if (seen >= FIRST_YEAR_OF_TIERS) != (year >= FIRST_YEAR_OF_TIERS):
        return None
    if seen == year:
        return 0, 0
    if seen < year:
        return 1, year - seen
    return (2, seen - year) if year >= FIRST_YEAR_OF_TIERS else None


def _age_fits(row: Row, age: int | None) -> bool:
    if row["age_from"] is None:
        return True
    return age is not None and row["age_from"] <= age <= (row["age_to"] if row["age_to"] is not None else age)


def _complete(rule: Sequence[Row]) -> bool:
    return any(row["payer"] == "province" for row in rule)


def _normal(known: Book, place: int, rule: tuple[Row, ...], membership: int, year: int) -> Split | None:
    """Return a printed rule as shares, or `None` where it says too little to be carried."""
    seen = rule[0]["notice_year"]
    parts = {row["payer"]: row["value"] for row in rule}
    bases = {row["payer"]: row["basis"] for row in rule}
    municipal = in_set(known, "municipality", place, year)
    province, province_of, above = _province_share(known, place, seen, parts, bases, municipal)
    if province is None:
        return None
    city, county = _weights(parts)
    grade = max(DERIVED if seen != year else SOURCED, membership)
    grade = max(grade, *(rank(row) for row in rule))
    cited = cite(seen, rule[0], f"rule {rule[0]['rule_id']} of {seen}", at_best=grade)
    return Split(province.numerator, province.denominator, province_of, city, county, above, False, cited)


def _province_share(
    known: Book, place: int, seen: int, parts: dict[str, Fraction], bases: dict[str, str], municipal: bool
) -> tuple[Fraction | None, int, bool]:
    province = parts["province"]
    if bases["province"] == "share_of_noncentral":
        return province, OF_BASE, False
    if bases["province"] == "share_of_total":
        return province, OF_TOTAL, True
    total = sum(parts.values(), Fraction(0))
    if municipal:
        below = total - parts.get("centre", Fraction(0))
        return province / below, OF_NONCENTRAL if "centre" in parts else OF_TOTAL_WITH_CENTRE, True
    share = central_share(known, place, seen)
    local = any(payer in parts for payer in ("city", "county", "city_and_county"))
    if not share.known:
        return (province / total, OF_TOTAL_WITH_CENTRE, True) if local else (None, OF_BASE, False)
    base_fen = known.base[seen]["amount_yuan"]
    rest = Fraction(base_fen) - share.of(base_fen)
    above = local and total * 100 > base_fen
    if province * 100 > rest:
        noncentral = total * 100 - share.of(base_fen)
        return min(province * 100 / noncentral, Fraction(1)), OF_NONCENTRAL, above
    return province * 100 / rest, OF_BASE, above


def _weights(parts: dict[str, Fraction]) -> tuple[int, int]:
    """Return whole weights of city and county; both 0 where the source names them together or only one is known."""
    city, county = parts.get("city", Fraction(0)), parts.get("county", Fraction(0))
    if "city_and_county" in parts or not ("city" in parts or "county" in parts):
        return 0, 0
    scale = (city.denominator * county.denominator) if city or county else 1
    return int(city * scale), int(county * scale)
