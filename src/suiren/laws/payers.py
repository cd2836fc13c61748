"""The payers of each scheme: which rules run, and what each payer pays in the end, fen a head and year."""

from __future__ import annotations

import functools
from typing import Any

from suiren.laws import portability
from suiren.laws.graph import Rule, RuleSet, columns_needed, rule_set
from suiren.laws.scheme import Scheme
from suiren.money import where

LEVELS = ("individual", "medical_aid", "centre", "province", "city", "county", "city_and_county", "undivided")
"""All payers, in the order in which tables show them."""

GOVERNMENTS = LEVELS[2:]

LOCAL_LEVELS = ("city", "county", "city_and_county")
"""The governments below the province."""


def _as_today() -> tuple[Rule, ...]:
    def pays_centre(current_centre: Any) -> Any:
        """The centre pays as under today's law."""
        return current_centre

    def pays_province(current_province: Any) -> Any:
        """The province pays as under today's law."""
        return current_province

    def pays_city(current_city: Any) -> Any:
        """The city pays as under today's law."""
        return current_city

    def pays_county(current_county: Any) -> Any:
        """The county pays as under today's law."""
        return current_county

    def pays_city_and_county(current_city_and_county: Any) -> Any:
        """City and county together pay as under today's law."""
        return current_city_and_county

    def pays_undivided(current_undivided: Any) -> Any:
        """What no source divides stays undivided."""
        return current_undivided

    return pays_centre, pays_province, pays_city, pays_county, pays_city_and_county, pays_undivided


def _portable() -> tuple[Rule, ...]:
    def pays_centre(follows: Any, centre_after_cap: Any, current_centre: Any) -> Any:
        """The centre's money follows the person (paper B, section 5(2)); for locals as today."""
        return where(follows, centre_after_cap, current_centre)

    def pays_province(follows: Any, province_after_cap: Any, rest_of_province: Any, current_province: Any) -> Any:
        """The province of the enrolment place pays the provincial part (paper B, section 5(2)); for locals as today."""
        return where(follows, province_after_cap + rest_of_province, current_province)

    def pays_city(follows: Any, rest_of_city: Any, current_city: Any) -> Any:
        """The city pays its share of the rest; for locals as today."""
        return where(follows, rest_of_city, current_city)

    def pays_county(follows: Any, rest_of_county: Any, current_county: Any) -> Any:
        """The county pays its share of the rest; for locals as today."""
        return where(follows, rest_of_county, current_county)

    def pays_city_and_county(follows: Any, rest_of_city_and_county: Any, current_city_and_county: Any) -> Any:
        """City and county together pay what no source splits; for locals as today."""
        return where(follows, rest_of_city_and_county, current_city_and_county)

    def pays_undivided(follows: Any, portable_undivided: Any, current_undivided: Any) -> Any:
        """What no source divides stays undivided."""
        return where(follows, portable_undivided, current_undivided)

    return pays_centre, pays_province, pays_city, pays_county, pays_city_and_county, pays_undivided


def _upper_funded() -> tuple[Rule, ...]:
    as_today = {rule.__name__: rule for rule in _as_today()}

    def pays_province(
        full_cost: Any,
        planned_city: Any,
        undivided: Any,
        standard_fen: Any,
        central_part: Any,
        current_province: Any,
    ) -> Any:
        """The province of the enrolment place pays all that the centre does not (paper B: "the best choice")."""
        own = where(planned_city, current_province, where(undivided, 0, standard_fen - central_part))
        return where(full_cost, 0, own)

    def pays_city(planned_city: Any, current_city: Any) -> Any:
        """The city pays nothing; a planned city, which settles with the centre, stands for its province."""
        return where(planned_city, current_city, 0)

    def pays_county(planned_city: Any, current_county: Any) -> Any:
        """The county pays nothing, except in a planned city."""
        return where(planned_city, current_county, 0)

    def pays_city_and_county(planned_city: Any, current_city_and_county: Any) -> Any:
        """City and county pay nothing, except in a planned city."""
        return where(planned_city, current_city_and_county, 0)

    return (
        as_today["pays_centre"],
        pays_province,
        pays_city,
        pays_county,
        pays_city_and_county,
        as_today["pays_undivided"],
    )


CONSTANTS = ("central_floor", "province", "surplus")
"""Options that rules read by name."""


@functools.cache
def payer_rules(scheme: str) -> RuleSet:
    """Return the rules that say what each payer of a scheme pays for one kind, in order.

    Under `risk-adjusted` these are the payments before the central budget is shared out by points.
    """
    following = portability.FOLLOWING if scheme == "portable" else ()
    ends = {"portable": _portable, "upper-funded": _upper_funded}.get(scheme, _as_today)()
    rules = (*portability.CONTRIBUTION, *portability.CURRENT, *following, *ends)
    return rule_set(rules, columns_needed(rules))


def constants(scheme: Scheme) -> dict[str, Any]:
    """Return the options that the scheme's rules read by name."""
    return {name: scheme[name] for name in CONSTANTS} if scheme.name == "portable" else {}
