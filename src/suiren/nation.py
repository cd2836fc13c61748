"""What one case needs of the whole nation: the value of a point, the uniform provincial amounts. From `china-2020`."""

from __future__ import annotations

import functools
from fractions import Fraction
from typing import Any

import polars as pl

from suiren.errors import fail
from suiren.laws import Law
from suiren.laws.split import central_share
from suiren.laws.uniform import REGION, pool_floors, province_floors, region_means
from suiren.ledger.enrol import enrol
from suiren.ledger.pay import pay
from suiren.ledger.points import total
from suiren.ledger.settle import settle
from suiren.money import half_up
from suiren.people.kinds import People
from suiren.places import Place
from suiren.risk.weights import load

SAYS_POINT = "a person's points times the value of a point: the central budget divided by all points of china-2020"


@functools.cache
def china() -> People:
    """Return the built-in modelled population."""
    from suiren.people import population

    return population("china-2020")


def uniform_fen(law: Law, place: Place, person_class: str, origin: dict[str, Any]) -> int:
    """Return the uniform provincial amount for a person of this origin, fen; 0 without the option."""
    if law.scheme["province"] != "uniform":
        return 0
    means, floors = _uniform(law)
    here = int(place.pool if law.scheme["floor"] == "place" else place.province)
    return max(means.get(min(origin["central_tier"], 3), 0), floors.get((here, person_class), 0))


@functools.lru_cache(maxsize=16)
def _uniform(law: Law) -> tuple[dict[int, int], dict[tuple[int, str], int]]:
    frame = pay(enrol(china(), law, None).kinds, law).with_columns(_region=REGION)
    means = dict(region_means(frame).iter_rows())
    by_place = law.scheme["floor"] == "place"
    table = pool_floors(law) if by_place else province_floors(law)
    rows = table.select("enrolment_pool" if by_place else "enrolment_province", "person_class", "floor_fen").iter_rows()
    return means, {(place, name): fen for place, name, fen in rows}


def share_by_points(
    law: Law, place: Place, age: int | None, sex: int | None, elsewhere: bool, values: dict[str, Any]
) -> dict[str, Any]:
    """Return the payments of one person with the central (and provincial) money given by points, fen a year.

    Raises:
        SuirenError: no age or no sex.
    """
    if age is None or sex is None:
        raise fail("E-points-missing", "Points are given by sex and age.", do="Name both: --age and --sex.")
    points = _points(law, age, sex)
    uplift = Fraction(law.scheme["uplift"])
    scaled = points * (uplift.denominator + (uplift.numerator if elsewhere else 0))
    value = _value(law, "centre", place)
    centre = half_up(scaled * 12 * value.numerator, value.denominator)
    province = values["pays_province"]
    if law.scheme["province"] == "yes" and not values["planned_city"]:
        provincial = _value(law, "province", place)
        province = half_up(scaled * 12 * provincial.numerator, provincial.denominator)
    lacks = max(values["standard_fen"] - centre - province - values["pays_undivided"], 0)
    local = {name: values[f"pays_{name}"] for name in ("city", "county", "city_and_county")}
    whole = sum(local.values())
    shares = {name: lacks * fen // whole if whole else 0 for name, fen in local.items()}
    last = next((name for name in reversed(local) if local[name]), "city_and_county")
    shares[last] += lacks - sum(shares.values())
    yuan_a_point = Fraction(value * 12 * uplift.denominator, 100)
    said = {
        "points": (points, "points a year", "points by sex and age", f"weights: {law.scheme['weights']}", "assumed"),
        "value_of_a_point": (
            round_text(yuan_a_point),
            "yuan a point and year",
            SAYS_POINT,
            "population china-2020 (modelled)",
            "modelled",
        ),
    }
    paid = {f"pays_{name}": fen for name, fen in shares.items()}
    return {**values, **paid, "pays_centre": centre, "pays_province": province, "said": said}


def round_text(value: Fraction) -> str:
    """Return a fraction with four decimals, half up, as text."""
    scaled = half_up(value.numerator * 10_000, value.denominator)
    return f"{scaled // 10_000}.{scaled % 10_000:04d}"


def _points(law: Law, age: int, sex: int) -> int:
    weights = load(law.scheme["weights"])
    cell = weights.cells.filter((pl.col("sex") == sex) & (pl.col("age") == age) & (pl.col("risk_group") == ""))
    return int(cell["points"][0])


@functools.lru_cache(maxsize=64)
def _value(law: Law, level: str, place: Place) -> Fraction:
    """Return fen for one point-month (uplift scale included) in the pool of money that a place belongs to."""
    result = _run(law)
    points = result.points
    if points is None:
        raise fail("E-points-none", "This scheme has no points.")
    if level == "province":
        points = points.filter((pl.col("province") == int(place.province)) & ~pl.col("planned_city"))
    elif law.scheme["pool"] == "tier":
        tiers = {
            int(code): central_share(law.book, int(code), law.year).tier.value for code in points["fund_code"].unique()
        }
        same = [code for code, tier in tiers.items() if tier == tiers.get(int(place.pool))]
        points = points.filter(pl.col("fund_code").is_in(same))
    funds = [str(code) for code in points["fund_code"].unique()]
    money = total(result.ledger.filter((pl.col("payer_level") == level) & pl.col("fund_code").is_in(funds)))
    months = int(points["point_months"].sum())
    return Fraction(money, months) if months else Fraction(0)


@functools.lru_cache(maxsize=8)
def _run(law: Law) -> Any:
    return settle(china(), law)
