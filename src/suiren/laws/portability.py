"""Rules of the schemes on kinds of people: who pays for someone of one place enrolled in another, fen a head and year.

Inputs with `origin_` speak of the hukou place, the others of the enrolment place. `follows` marks the people to whom
a reform's own money applies: enrolled away from their hukou pool and not shut out by a kept regime.
Each rule runs on one case (integers) and on a column of kinds (expressions).
"""

from __future__ import annotations

from typing import Any

from suiren.money import greatest, half_up, least, where

# --- portable: the money follows the person (paper B, section 5(2), basic form) ---


def portable_undivided(follows: Any, origin_central_known: Any, standard_fen: Any, undivided_part: Any) -> Any:
    """Where even the origin's central part is not known (the east before 2019), the whole subsidy is undivided."""
    return where(follows, where(origin_central_known, 0, standard_fen), undivided_part)


def central_floor_fen(central_floor: Any, central_known: Any, central_part: Any) -> Any:
    """The centre's own part for the place of residence, where the option sets it as a floor."""
    return where(central_known, central_part, 0) if central_floor == "residence" else 0 * central_part


def following_centre(origin_central_part: Any, origin_central_known: Any, central_floor_fen: Any) -> Any:
    """The centre pays at the enrolment place what it pays at the place of hukou."""
    return where(origin_central_known, greatest(origin_central_part, central_floor_fen), 0)


def following_province(
    origin_province_part: Any,
    origin_central_part: Any,
    origin_central_known: Any,
    base_fen: Any,
    municipality: Any,
    planned_city: Any,
    province: Any,
    uniform_fen: Any,
) -> Any:
    """The province of the enrolment place pays what the origin's pays, at most the base less the central part."""
    as_origin = least(origin_province_part, base_fen - origin_central_part)
    paid = uniform_fen if province == "uniform" else as_origin
    return where(origin_central_known, where(municipality, 0, where(planned_city, 0, paid)), 0)


def above_standard(following_centre: Any, following_province: Any, standard_fen: Any) -> Any:
    """Upper-level money above the enrolment place's standard."""
    return greatest(following_centre + following_province - standard_fen, 0)


def province_after_cap(following_province: Any, above_standard: Any, surplus: Any) -> Any:
    """What the province pays: all, or with surplus=cap less what exceeds the standard."""
    return greatest(following_province - above_standard, 0) if surplus == "cap" else following_province


def centre_after_cap(following_centre: Any, following_province: Any, above_standard: Any, surplus: Any) -> Any:
    """What the centre pays: all, or with surplus=cap less what the province's cut did not cover."""
    return following_centre - greatest(above_standard - following_province, 0) if surplus == "cap" else following_centre


def portable_rest(standard_fen: Any, centre_after_cap: Any, province_after_cap: Any, origin_central_known: Any) -> Any:
    """What is left of the enrolment place's standard is its city's and county's, never below 0."""
    left = greatest(standard_fen - centre_after_cap - province_after_cap, 0)
    return where(origin_central_known, left, 0)


def own_weight(municipality: Any, province_part: Any) -> Any:
    """A municipality is province and city in one: it shares in the rest by its own part."""
    return where(municipality, province_part, 0)


def all_weights(own_weight: Any, city_part: Any, county_part: Any, city_and_county_part: Any) -> Any:
    """The sum of the enrolment place's own payers, in whose proportions the rest is shared."""
    return own_weight + city_part + county_part + city_and_county_part


def rest_of_province(portable_rest: Any, own_weight: Any, all_weights: Any) -> Any:
    """The municipality's share of the rest, half up."""
    return half_up(portable_rest * own_weight, greatest(all_weights, 1))


def rest_of_city(portable_rest: Any, city_part: Any, all_weights: Any) -> Any:
    """The city's share of the rest, half up."""
    return half_up(portable_rest * city_part, greatest(all_weights, 1))


def rest_of_county(
    portable_rest: Any,
    rest_of_province: Any,
    rest_of_city: Any,
    county_part: Any,
    city_and_county_part: Any,
    all_weights: Any,
) -> Any:
    """The county's share of the rest; as the last payer it takes the difference."""
    share = half_up(portable_rest * county_part, greatest(all_weights, 1))
    last = where(city_and_county_part > 0, share, portable_rest - rest_of_province - rest_of_city)
    return where(county_part > 0, last, 0)


def rest_of_city_and_county(portable_rest: Any, rest_of_province: Any, rest_of_city: Any, rest_of_county: Any) -> Any:
    """What no source splits between city and county is theirs together, and so is any difference."""
    return portable_rest - rest_of_province - rest_of_city - rest_of_county


FOLLOWING = (
    portable_undivided,
    central_floor_fen,
    following_centre,
    following_province,
    above_standard,
    province_after_cap,
    centre_after_cap,
    portable_rest,
    own_weight,
    all_weights,
    rest_of_province,
    rest_of_city,
    rest_of_county,
    rest_of_city_and_county,
)
"""What the portable scheme computes for those whom the money follows."""

# --- what each payer pays in the end ---


def pays_medical_aid(contribution_fen: Any, aid_num: Any, aid_den: Any, aid_fen: Any) -> Any:
    """Medical aid pays a share or an amount of the contribution, never more than it."""
    return least(half_up(contribution_fen * aid_num, aid_den) + aid_fen, contribution_fen)


def pays_individual(contribution_fen: Any, pays_medical_aid: Any, full_cost: Any, standard_fen: Any) -> Any:
    """The person pays the contribution; at full cost the whole subsidy too, and governments pay nothing."""
    return contribution_fen - pays_medical_aid + where(full_cost, standard_fen, 0)


def current_centre(full_cost: Any, central_part: Any) -> Any:
    """Under today's law the centre pays its part for the place of enrolment."""
    return where(full_cost, 0, central_part)


def current_province(full_cost: Any, province_part: Any) -> Any:
    """Under today's law the province pays its part for the place of enrolment."""
    return where(full_cost, 0, province_part)


def current_city(full_cost: Any, city_part: Any) -> Any:
    """Under today's law the city pays its part for the place of enrolment."""
    return where(full_cost, 0, city_part)


def current_county(full_cost: Any, county_part: Any) -> Any:
    """Under today's law the county pays its part for the place of enrolment."""
    return where(full_cost, 0, county_part)


def current_city_and_county(full_cost: Any, city_and_county_part: Any) -> Any:
    """Under today's law city and county together pay what no source splits between them."""
    return where(full_cost, 0, city_and_county_part)


def current_undivided(full_cost: Any, undivided_part: Any) -> Any:
    """Where no source says who pays, today's subsidy has one undivided payer."""
    return where(full_cost, 0, undivided_part)


CONTRIBUTION = (pays_medical_aid, pays_individual)
CURRENT = (
    current_centre,
    current_province,
    current_city,
    current_county,
    current_city_and_county,
    current_undivided,
)
