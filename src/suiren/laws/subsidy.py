"""Rules of a seat: what a place, class and tier costs each government for one of its own people, fen a head and year.

Each rule runs on one case (integers) and on a column of seats (expressions).
"""

from __future__ import annotations

from typing import Any

from suiren.laws.split import BP, OF_BASE, OF_NONCENTRAL, OF_TOTAL_WITH_CENTRE
from suiren.money import greatest, half_up, least, where


def central_part(base_fen: Any, central_first_fen: Any, central_first_bp: Any, central_rest_bp: Any) -> Any:
    """The centre pays its share of the national base only (国办发〔2018〕67号; to 2018 from a first 120 yuan)."""
    first = least(central_first_fen, base_fen)
    return half_up(first * central_first_bp + (base_fen - first) * central_rest_bp, BP)


def undivided_part(standard_fen: Any, undivided: Any) -> Any:
    """Where no source says who pays, the whole subsidy is one undivided payer's."""
    return where(undivided, standard_fen, 0)


def province_part(
    standard_fen: Any,
    base_fen: Any,
    central_part: Any,
    undivided: Any,
    province_num: Any,
    province_den: Any,
    province_of: Any,
) -> Any:
    """The province pays its share, as a rule of the base less the central part."""
    shared = where(
        province_of == OF_BASE,
        base_fen - central_part,
        where(province_of == OF_NONCENTRAL, standard_fen - central_part, standard_fen),
    )
    part = half_up(shared * province_num, province_den)
    own = greatest(part - where(province_of == OF_TOTAL_WITH_CENTRE, central_part, 0), 0)
    return where(undivided, 0, least(own, standard_fen - central_part))


def local_part(standard_fen: Any, central_part: Any, province_part: Any, undivided_part: Any) -> Any:
    """City and county pay what is left of the standard."""
    return standard_fen - central_part - province_part - undivided_part


def split_local_part(local_part: Any, standard_fen: Any, base_fen: Any, split_above_base: Any) -> Any:
    """Where the rule was printed for the base, money above the base stays with city and county together."""
    within = greatest(local_part - (standard_fen - base_fen), 0)
    return where(split_above_base, local_part, within)


def city_part(split_local_part: Any, city_weight: Any, county_weight: Any) -> Any:
    """The city pays its share of the local part, half up."""
    return half_up(split_local_part * city_weight, greatest(city_weight + county_weight, 1))


def county_part(split_local_part: Any, city_part: Any, county_weight: Any) -> Any:
    """The county pays the rest of what city and county share, where a source splits it."""
    return where(county_weight > 0, split_local_part - city_part, 0)


def city_and_county_part(local_part: Any, city_part: Any, county_part: Any) -> Any:
    """What no source splits between city and county is theirs together."""
    return local_part - city_part - county_part


PARTS = ("central_part", "province_part", "city_part", "county_part", "city_and_county_part", "undivided_part")
"""The rules that say what each payer pays; together they are the standard."""

RULES = (
    central_part,
    undivided_part,
    province_part,
    local_part,
    split_local_part,
    city_part,
    county_part,
    city_and_county_part,
)
