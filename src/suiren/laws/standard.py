"""How much is paid a head: the subsidy standard and the personal contribution of a place, class and tier."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from suiren import money
from suiren.errors import did_you_mean, fail
from suiren.laws.book import Book, base_standard, chain, minimum_contribution
from suiren.laws.cited import ASSUMED, DERIVED, Cited, cite, rank
from suiren.laws.load import Row
from suiren.places import name as place_name


def amount(
    known: Book, item: str, place: int, person_class: str, tier: str | None, age: int | None, year: int
) -> Cited:
    """Return the contribution or subsidy of a place, fen a head and year.

    The amount of the year; without one the nearest earlier amount of the same place plus the rise of the national
    figure since, else the nearest later one less that rise (both `derived`); only then the national figure, `assumed`.
    A standard is never below the national base.
    """
    levels = [_fitting(known, item, code, person_class, tier, age) for code in chain(place)]
    for rows in levels:
        best = _best([row for row in rows if row["notice_year"] == year], tier)
        if best is not None:
            return _at_least_base(known, item, year, cite(best["amount_yuan"], best, "the amount of the year"))
    for rows in levels:
        carried = _carry(known, item, rows, tier, year)
        if carried is not None:
            return carried
    national = _national(known, item, year)
    return Cited(national.value, ASSUMED, national.source, "no amount of the place is known: the national figure")


def tiers(known: Book, place: int, person_class: str, age: int | None) -> dict[str, str]:
    """Return the contribution tiers of a place for a class: tier -> its local name, dearest first."""
    for code in chain(place):
        found = {
            row["tier"]: row["tier_name"] or row["tier"]
            for row in known.amounts.get(("contribution", code), ())
            if row["tier"] and person_class in row["person_class"] and _age_fits(row, age)
        }
        if found:
            return dict(sorted(found.items()))
    return {}


@functools.lru_cache(maxsize=100_000)
def choose_tier(
    known: Book, place: int, person_class: str, wanted: str | None, age: int | None, year: int
) -> str | None:
    """Return the tier a person is in: the one wanted (tier_1 or its local name), else the cheapest, or `None`.

    Raises:
        SuirenError: the place has no such tier.
    """
    offered = tiers(known, place, person_class, age)
    if wanted:
        for tier, local_name in offered.items():
            if wanted in {tier, local_name}:
                return tier
        here = place_name(place, "zh")
        listed = ", ".join(f"{tier} ({name})" for tier, name in offered.items()) or "no tiers are known"
        raise fail(
            "E-tier",
            f"{here} has no contribution tier {wanted!r} for {person_class}.",
            f"Known there: {listed}.",
            did_you_mean(wanted, [*offered, *offered.values()]) or ("" if offered else "Leave the tier out."),
        )
    if not offered:
        return None
    prices = {tier: amount(known, "contribution", place, person_class, tier, age, year).value for tier in offered}
    return min(prices, key=lambda tier: (prices[tier], tier))


def income_linked(known: Book, place: int, rate: tuple[int, int], year: int) -> Cited:
    """Return the contribution as a rate of the province's disposable income of the year before the notice, in fen.

    The rate is a numerator and a denominator; the result is rounded half up.

    Raises:
        SuirenError: no income is known for the province and year.
    """
    province = chain(place)[-1]
    row = known.incomes.get((province, year - 1))
    if row is None:
        raise fail(
            "E-income",
            f"No disposable income of {place_name(province, 'zh')} is known for {year - 1}.",
            "A contribution as a rate of income needs it.",
            "Add it to incomes.csv (`suiren law export`, then --law DIR).",
        )
    fen = money.half_up(row["disposable_income_yuan"] * rate[0], rate[1])
    return cite(fen, row, f"{rate[0]}/{rate[1]} of the disposable income of {year - 1}", at_best=ASSUMED)


def _fitting(known: Book, item: str, code: int, person_class: str, tier: str | None, age: int | None) -> list[Row]:
    return [
        row
        for row in known.amounts.get((item, code), ())
        if person_class in row["person_class"] and row["tier"] in {tier, None} and _age_fits(row, age)
    ]


def _age_fits(row: Row, age: int | None) -> bool:
    if row["age_from"] is None or age is None:
        return True
    return row["age_from"] <= age <= (row["age_to"] if row["age_to"] is not None else age)


def _best(rows: Iterable[Row], tier: str | None) -> Row | None:
    """Return the row that speaks most precisely: of this tier, this age, fewest classes, then the best evidence."""
    return min(
        rows,
        key=lambda row: (row["tier"] != tier, row["age_from"] is None, len(row["person_class"]), rank(row), row.line),
        default=None,
    )


def _carry(known: Book, item: str, rows: list[Row], tier: str | None, year: int) -> Cited | None:
    usable = [row for row in rows if row["notice_year"] in _series(known, item)]
    same_tier = [row for row in usable if row["tier"] == tier] or usable
    earlier = max((row["notice_year"] for row in same_tier if row["notice_year"] < year), default=None)
    later = min((row["notice_year"] for row in same_tier if row["notice_year"] > year), default=None)
    seen = earlier if earlier is not None else later
    if seen is None:
        return None
    best = _best([row for row in same_tier if row["notice_year"] == seen], tier)
    if best is None:
        return None
    rise = _national(known, item, year).value - _national(known, item, seen).value
    floor = min(_national(known, item, year).value, best["amount_yuan"])
    how = f"{money.yuan(best['amount_yuan'])} of {seen} {'plus' if rise >= 0 else 'less'} the national rise"
    carried = cite(max(best["amount_yuan"] + rise, floor), best, f"{how} {money.yuan(abs(rise))}", at_best=DERIVED)
    return _at_least_base(known, item, year, carried)


def _series(known: Book, item: str) -> dict[int, Row]:
    return dict(known.base if item == "subsidy" else known.minimum)


def _national(known: Book, item: str, year: int) -> Cited:
    return base_standard(known, year) if item == "subsidy" else minimum_contribution(known, year)


def _at_least_base(known: Book, item: str, year: int, found: Cited) -> Cited:
    base = base_standard(known, year)
    if item != "subsidy" or found.value >= base.value:
        return found
    how = f"{found.how}; raised to the national base"
    return Cited(base.value, max(found.evidence, base.evidence, DERIVED), f"{found.source}; {base.source}", how)
