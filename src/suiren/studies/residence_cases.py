"""The cases of paper B through `explain`: table 4's three places, Hangzhou, and what their governments pay."""

from __future__ import annotations

import functools
from fractions import Fraction

from suiren.case import Explanation, explain
from suiren.laws import Reform, law
from suiren.laws.payers import GOVERNMENTS
from suiren.money import FEN_PER_YUAN
from suiren.studies import printed

LINXIA, XINZHOU, SHANGHAI, HANGZHOU = "622900", "140900", "310000", "330100"
TABLE_4 = ((LINXIA, 30), (XINZHOU, 30), (SHANGHAI, 65))
"""The places of table 4, and an age for which its amounts hold (Shanghai: 60 to 69)."""

LEVELS_PRINTED = {
    "central": ("centre",),
    "province": ("province",),
    "municipality": ("province",),
    "city_and_county": ("city", "county", "city_and_county"),
    "district": ("county",),
}
"""The printed payers of table 4 and Suiren's."""

YEAR_T4 = 2021
"""Notice year of table 4: the paper prints the coverage year 2022."""


@functools.cache
def case(
    hukou: str, enrol_at: str, age: int, year: int = YEAR_T4, tier: str | None = None, permit: bool | None = None
) -> Explanation:
    """The case under today's law, kept for the next asker."""
    return explain(law(year), hukou, enrol_at, age=age, tier=tier, permit=permit)


def yuan(fen: int) -> Fraction:
    """Exact yuan of `fen`."""
    return Fraction(fen, FEN_PER_YUAN)


def local_fen(code: str, age: int) -> int:
    """What city and county pay for a local, fen a head and year; of Shanghai, municipality and district."""
    made = case(code, code, age)
    levels = [level for level in GOVERNMENTS if level != "centre" and (level != "province" or code == SHANGHAI)]
    return sum(made.fen(level) for level in levels)


def reformed(reform: Reform, hukou: str, enrol_at: str, age: int = 30, tier: str | None = None) -> Explanation:
    """The case of a permit holder under today's law with a reform."""
    return explain(law(YEAR_T4) | reform, hukou, enrol_at, age=age, tier=tier, permit=True)


def fact(fact_id: str) -> str:
    """The printed value of a named fact of the paper."""
    return printed.cell("city_policy_facts", "value", fact_id=fact_id)
