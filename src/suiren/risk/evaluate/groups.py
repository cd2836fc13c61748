"""Groups of people that an evaluation tells apart: ages, origins, health groups, no history, part-year, provinces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from suiren.laws.schema import OLDEST
from suiren.risk.estimate.sums_table import ORIGINS

LIFE = (1, 18, 60, 80)
"""First ages of the stages of life, after the newborn; the nearest first age of a band of the sums is taken."""
PROVINCE = 10_000
"""A place's code divided by this is that of its province without its zeros."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Some of the people: a kind, a name, and the condition on rows of sums."""

    kind: str
    """`age`, `origin`, `health`, `history`, `months`, `province` or `promise`."""
    name: str
    where: pl.Expr


def default_groups(frame: pl.DataFrame, ages: Sequence[int]) -> list[Group]:
    """Return the groups of people that are always told: each stage of life, origin, health group, and so on."""
    groups = [Group("age", name, where) for name, where in _stages(ages)]
    groups += [Group("origin", origin, pl.col("origin") == origin) for origin in ORIGINS]
    known = sorted(set(frame["risk_group"].to_list()) - {""})
    if known:
        groups.append(Group("history", "no_history", pl.col("risk_group") == ""))
    groups += [Group("health", group, pl.col("risk_group") == group) for group in known]
    groups.append(Group("months", "part_year", pl.col("months") < 12))
    found = sorted({int(code) // PROVINCE for code in frame["fund_code"].unique().to_list()})
    groups += [Group("province", str(code * PROVINCE), pl.col("fund_code") // PROVINCE == code) for code in found]
    return groups


def _stages(ages: Sequence[int]) -> list[tuple[str, pl.Expr]]:
    """Return the stages of life that bands beginning at `ages` can tell, named by their first and last age."""
    firsts = sorted({0, *(min(ages, key=lambda age, wanted=wanted: (abs(age - wanted), age)) for wanted in LIFE)})
    lasts = [*(first - 1 for first in firsts[1:]), OLDEST]
    return [
        (f"{low}-{high}", (pl.col("age_from") >= low) & (pl.col("age_to") <= high))
        for low, high in zip(firsts, lasts, strict=True)
    ]


def of_places(funds: Sequence[int]) -> list[pl.Expr]:
    """Return the condition of each fund."""
    return [pl.col("fund_code") == fund for fund in funds]


__all__ = ["Group", "default_groups", "of_places"]
