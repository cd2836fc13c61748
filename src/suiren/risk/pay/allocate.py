"""Shares a budget out by points, within floors, caps and a pace of change: always the whole budget, to the fen.

Each fund's points are worth `v` times themselves, held within its bounds; `v` is the one number at which all amounts
together are the budget. It is found exactly: the sum is a broken line in `v`, so the break points are walked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from suiren.errors import ConservationError, Problem, raise_all
from suiren.money import MONTHS_PER_YEAR, to_int64, yuan
from suiren.risk.pay.bounds import Rules
from suiren.risk.pay.counted import NATION, Counted, MoneyPool, exact, shared_by_points


@dataclass(frozen=True, slots=True, eq=False)
class Allocation:
    """What each fund receives: `frame` as CONTRACT has it and more, and the pools of money it comes from."""

    frame: pl.DataFrame
    pools: tuple[MoneyPool, ...]
    counted: Counted

    @property
    def budget_fen(self) -> int:
        """The whole budget."""
        return sum(pool.budget_fen for pool in self.pools)

    @property
    def amounts(self) -> dict[int, int]:
        """Fen by fund."""
        return {int(code): int(fen) for code, fen in self.frame.select("fund_code", "amount_fen").iter_rows()}


def pay(counted: Counted, pools: Sequence[MoneyPool], rules: Rules) -> Allocation:
    """Return what each fund receives of the budget of its pool of money.

    Raises:
        SuirenError: bounds that no sharing can meet, with their sums; money that meets no points; all pools at once.
        ConservationError: the amounts are not the budget.
    """
    points = counted.scaled
    months = {int(code): int(each) for code, each in counted.funds.select("fund_code", "person_months").iter_rows()}
    bounds = {code: rules.bounds(code, months[code]) for code in months}
    problems = [problem for pool in pools for problem in _impossible(pool, points, bounds)]
    raise_all(problems)
    amounts: dict[int, int] = {}
    targets: dict[int, int] = {}
    bound: dict[int, str] = {}
    paid: list[MoneyPool] = []
    for pool in pools:
        own = {code: points[code] for code in pool.funds}
        targets |= shared_by_points(own, pool.budget_fen) if any(own.values()) else dict.fromkeys(own, 0)
        value = clearing_value(own, bounds, pool.budget_fen)
        bound |= {code: _bound(value * own[code], *bounds[code]) for code in own}
        amounts |= _within(own, bounds, bound, pool.budget_fen)
        yearly = value * MONTHS_PER_YEAR * 10**counted.places
        paid.append(MoneyPool(pool.name, pool.funds, pool.budget_fen, yearly))
        _hold(pool, amounts, bounds)
    names = {code: pool.name for pool in pools for code in pool.funds}
    frame = _frame(counted, rules, amounts, targets, bound, names)
    return Allocation(frame, tuple(paid), counted)


def _impossible(
    pool: MoneyPool, points: Mapping[int, int], bounds: Mapping[int, tuple[int, int | None]]
) -> list[Problem]:
    """Return why no sharing of a pool's budget can meet its bounds, with the sums."""
    problems: list[Problem] = []
    for code in pool.funds:
        low, high = bounds[code]
        if high is not None and low > high:
            what = f"Fund {code}: at least {yuan(low)} and at most {yuan(high)} yuan are asked for."
            do = "Lower the floor, raise the cap, or widen the pace."
            problems.append(Problem("E-bounds-fund", what, "No amount is both.", do))
    if problems:
        return problems
    where = f"Money of {pool.name}: " if pool.name != NATION else ""
    low = sum(bounds[code][0] for code in pool.funds)
    if low > pool.budget_fen:
        what = f"{where}the floors add up to {yuan(low)} yuan, the budget is {yuan(pool.budget_fen)} yuan."
        do = f"Lower floors, widen the pace downwards, or add {yuan(low - pool.budget_fen)} yuan."
        return [Problem("E-bounds-floors", what[0].upper() + what[1:], "Not all can be kept.", do)]
    tops = [bounds[code][1] if points[code] else _resting(bounds[code]) for code in pool.funds]
    if all(top is not None for top in tops):
        most = sum(top for top in tops if top is not None)
        if most < pool.budget_fen and any(points[code] for code in pool.funds):
            what = f"{where}the caps add up to {yuan(most)} yuan, the budget is {yuan(pool.budget_fen)} yuan."
            do = f"Raise caps, widen the pace upwards, or take {yuan(pool.budget_fen - most)} yuan off."
            return [Problem("E-bounds-caps", what[0].upper() + what[1:], "Money would be left over.", do)]
        if most < pool.budget_fen:
            what = f"{where}a budget of {yuan(pool.budget_fen)} yuan meets no points at all."
            do = "Give points above 0 in the weights table, or a budget of 0."
            return [Problem("E-points-none", what[0].upper() + what[1:], "Nobody could receive it.", do)]
    return []


def _resting(bound: tuple[int, int | None]) -> int:
    """Return what a fund without points receives: its floor."""
    return bound[0]


def clearing_value(
    points: Mapping[int, int], bounds: Mapping[int, tuple[int, int | None]], budget_fen: int
) -> Fraction:
    """Return the least v >= 0 at which the sum of all v x points, each within its bounds, is the budget; exact.

    The bounds must allow it.
    """
    steps: list[tuple[Fraction, int]] = []
    for code, own in points.items():
        low, high = bounds[code]
        if own:
            steps.append((Fraction(low, own), own))
            steps += [(Fraction(high, own), -own)] if high is not None else []
    value, slope, reached = Fraction(0), 0, Fraction(sum(bounds[code][0] for code in points))
    for step, change in sorted(steps):
        beyond = reached + slope * (step - value)
        if beyond >= budget_fen:
            break
        value, slope, reached = step, slope + change, beyond
    return value + (budget_fen - reached) / slope if reached < budget_fen else value


def _bound(worth: Fraction, low: int, high: int | None) -> str:
    if worth < low:
        return "floor"
    return "cap" if high is not None and worth > high else ""


def _within(
    points: Mapping[int, int],
    bounds: Mapping[int, tuple[int, int | None]],
    bound: Mapping[int, str],
    budget_fen: int,
) -> dict[int, int]:
    """Return each fund's fen: its bound, or its part by points of what the bound ones leave."""
    fixed = {
        code: bounds[code][0] if bound[code] == "floor" else bounds[code][1] or 0 for code in points if bound[code]
    }
    free = {code: own for code, own in points.items() if not bound[code]}
    rest = budget_fen - sum(fixed.values())
    return fixed | (shared_by_points(free, rest) if rest or any(free.values()) else dict.fromkeys(free, 0))


def _hold(pool: MoneyPool, amounts: Mapping[int, int], bounds: Mapping[int, tuple[int, int | None]]) -> None:
    found = sum(amounts[code] for code in pool.funds)
    if found != pool.budget_fen:
        raise ConservationError(f"money of {pool.name}: {found} fen allocated, the budget is {pool.budget_fen} fen")
    for code in pool.funds:
        low, high = bounds[code]
        if not low <= amounts[code] <= (amounts[code] if high is None else high):
            raise ConservationError(f"fund {code}: {amounts[code]} fen are outside {low} to {high}")


def _frame(
    counted: Counted,
    rules: Rules,
    amounts: Mapping[int, int],
    targets: Mapping[int, int],
    bound: Mapping[int, str],
    names: Mapping[int, str],
) -> pl.DataFrame:
    """Return the table of funds; a fund that received money last time and has no people now is in it too."""
    own = {row["fund_code"]: row for row in counted.funds.iter_rows(named=True)}
    points = counted.scaled
    codes = sorted({*own, *(code for code, last in rules.last.items() if last.amount_fen)})
    nobody: dict[str, Any] = {"persons": 0, "person_months": 0, "elsewhere": 0}
    last = [rules.last[code].amount_fen if code in rules.last else 0 for code in codes]
    paid = [amounts.get(code, 0) for code in codes]
    frame = pl.DataFrame(
        {
            "fund_code": [f"{code:06d}" for code in codes],
            "persons": [int(own.get(code, nobody)["persons"]) for code in codes],
            "person_months": [int(own.get(code, nobody)["person_months"]) for code in codes],
            "point_months": exact([points.get(code, 0) for code in codes], counted.places),
            "amount_fen": pl.Series(paid, dtype=pl.Int128),
            "target_fen": pl.Series([targets.get(code, 0) for code in codes], dtype=pl.Int128),
            "last_fen": pl.Series(last if rules.last else [None] * len(codes), dtype=pl.Int64),
            "bound": pl.Series([bound.get(code, "") for code in codes], dtype=pl.String),
            "elsewhere_point_months": pl.Series(
                [int(own.get(code, nobody)["elsewhere"]) for code in codes], dtype=pl.Int128
            ),
            "money_pool": pl.Series([names.get(code, "") for code in codes], dtype=pl.String),
        }
    )
    frame = to_int64(frame, "amount_fen", "target_fen", "elsewhere_point_months")
    change = (pl.col("amount_fen") - pl.col("last_fen")).alias("change_fen")
    columns = ["fund_code", "persons", "person_months", "point_months", "amount_fen", "target_fen", "last_fen"]
    return frame.with_columns(change).select(*columns, "change_fen", "bound", "elsewhere_point_months", "money_pool")
