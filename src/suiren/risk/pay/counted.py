"""Points counted: of each fund, of whom, and which money they share. Kinds of people suffice, no person is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import polars as pl

from suiren import places
from suiren.errors import Problem, fail, raise_all
from suiren.laws import Law, Scheme
from suiren.laws.eligibility import FULL_COST
from suiren.laws.split import central_share
from suiren.ledger.enrol import enrol
from suiren.ledger.settle import settle
from suiren.money import exact_sum, to_int64, yuan
from suiren.people.kinds import People
from suiren.risk.pay.bounds import Last, read_last, read_point_months
from suiren.risk.pay.used import Used, used
from suiren.risk.weights import allocate, load

POOLS = ("nation", "province", "tier")
MOST_PLACES = 6
"""Decimals that an uplift may have, so that points with it can be written exactly."""
NATION = "nation"


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """The points of each fund, and whom they are of; those at full cost and those a door shuts out have none there."""

    funds: pl.DataFrame
    """fund_code, province (Int32), persons, person_months, base and elsewhere (point-months before uplift, Int128)."""
    uplift: Fraction
    used: Used
    full_cost: tuple[int, int]
    """Persons and person-months at full cost."""
    kept_out: int
    """Persons whom a kept door shuts out: they count at their hukou place."""
    employee_covered: int

    @property
    def places(self) -> int:
        """How many decimals the uplift has."""
        return decimals(self.uplift)

    @property
    def scaled(self) -> dict[int, int]:
        """Each fund's point-months with uplift, in units of 10 to the minus `places`."""
        scale = 10**self.places
        more = int(self.uplift * scale)
        rows = self.funds.select("fund_code", "base", "elsewhere").iter_rows()
        return {int(code): int(base) * scale + int(elsewhere) * more for code, base, elsewhere in rows}

    @property
    def share(self) -> Fraction:
        """The share of people from elsewhere in all points before uplift."""
        base = sum(map(int, self.funds["base"].to_list()))
        return Fraction(sum(map(int, self.funds["elsewhere"].to_list())), base) if base else Fraction(0)


@dataclass(frozen=True, slots=True)
class MoneyPool:
    """Funds that share one budget: its name, their codes, the budget in fen, and what a point is worth."""

    name: str
    funds: tuple[int, ...]
    budget_fen: int
    value: Fraction = Fraction(0)
    """Fen for a point and year, at which unbound funds are paid."""


def decimals(uplift: Fraction) -> int:
    """Return how many decimals an uplift has.

    Raises:
        SuirenError: more than `MOST_PLACES`, as 1/3 has.
    """
    for count in range(MOST_PLACES + 1):
        if (uplift * 10**count).denominator == 1:
            return count
    raise fail(
        "E-uplift",
        f"The uplift {uplift} has more than {MOST_PLACES} decimals.",
        "Points with it could not be written exactly.",
        "Write it as a decimal number such as 0.333333.",
    )


def count(people: People, law: Law, budget_fen: int | None = None) -> Counted:
    """Return the points of each fund under `law`, a risk-adjusted scheme: weights, uplift, regime.

    Raises:
        SuirenError: people without sex or age, or in health groups that the weights do not know; all at once.
    """
    weights = load(law.scheme["weights"])
    decimals(law.scheme["uplift"])
    met = used(people.kinds, weights, budget_fen)
    enrolled = enrol(people, law, weights)
    at_full_cost = pl.col("terms") == FULL_COST
    points = pl.col("point_months")
    funds = (
        enrolled.kinds.filter(~at_full_cost)
        .group_by(fund_code="enrolment_pool", province="enrolment_province")
        .agg(
            exact_sum("persons").alias("persons"),
            exact_sum("person_months").alias("person_months"),
            points.sum().alias("base"),
            points.filter(~pl.col("local")).sum().alias("elsewhere"),
        )
        .sort("fund_code")
    )
    apart = enrolled.kinds.filter(at_full_cost).select(exact_sum("persons"), exact_sum("person_months")).row(0)
    return Counted(
        funds,
        Fraction(law.scheme["uplift"]),
        met,
        (int(apart[0] or 0), int(apart[1] or 0)),
        enrolled.counts["kept_out"],
        enrolled.counts["employee_covered"],
    )


def money_pools(counted: Counted, law: Law, by: str, budget: int | Mapping[int, int]) -> tuple[MoneyPool, ...]:
    """Return the pools of money: one of the nation, one of each province, or one of each central tier.

    One budget for several pools is shared among them by points first. Budgets by code name provinces, and pools that
    stand apart from theirs (planned cities), or tiers.

    Raises:
        SuirenError: nobody; people without a budget, or a budget without people, all at once.
    """
    codes = [int(code) for code in counted.funds["fund_code"].to_list()]
    if not codes:
        raise fail("E-allocate-nobody", "There is nobody to allocate for.", do="Give records of people with points.")
    provinces = dict(counted.funds.select("fund_code", "province").iter_rows())
    given = budget if isinstance(budget, Mapping) else {}
    members: dict[int, list[int]] = {}
    for code in codes:
        of = 0 if by == NATION else int(provinces[code]) if by == "province" else _tier(law, code)
        members.setdefault(code if by == "province" and code in given else of, []).append(code)
    names = {key: NATION if by == NATION else f"tier {key}" if by == "tier" else f"{key:06d}" for key in members}
    if isinstance(budget, Mapping):
        raise_all(_unmatched(counted, members, budget, by))
        return tuple(MoneyPool(names[key], tuple(members[key]), budget[key]) for key in sorted(members))
    points = counted.scaled
    sums = {key: sum(points[code] for code in funds) for key, funds in members.items()}
    shares = shared_by_points(sums, budget)
    return tuple(MoneyPool(names[key], tuple(members[key]), shares[key]) for key in sorted(members))


def _tier(law: Law, fund: int) -> int:
    return central_share(law.book, fund, law.year).tier.value


def _unmatched(counted: Counted, members: dict[int, list[int]], budget: Mapping[int, int], by: str) -> list[Problem]:
    """Return what is wrong where budgets and people do not meet."""
    what = "tier" if by == "tier" else "place"
    persons = dict(counted.funds.select("fund_code", "persons").iter_rows())
    problems: list[Problem] = []
    for key in sorted(set(members) - set(budget)):
        people = sum(int(persons[code]) for code in members[key])
        why = f"{people:,} persons in {len(members[key])} funds would receive nothing, silently."
        problems.append(Problem("E-budget-missing", f"No budget is given for {what} {key}.", why, "Add a row, or 0."))
    for key in sorted(set(budget) - set(members)):
        if budget[key]:
            why = f"{yuan(budget[key])} yuan would be nobody's."
            problems.append(
                Problem("E-budget-nobody", f"A budget is given for {what} {key}, and nobody is enrolled there.", why)
            )
    return problems


def shared_by_points(points: Mapping[int, int], budget_fen: int) -> dict[int, int]:
    """Return a budget shared by points, fen by code: largest remainder, ties by code."""
    frame = pl.DataFrame(
        {"code": list(points), "point_months": list(points.values())},
        schema={"code": pl.Int64, "point_months": pl.Int128},
    )
    return dict(allocate(frame, ["code"], budget_fen).select("code", "amount_fen").iter_rows())


def last_of_current(people: People, law: Law) -> dict[int, Last]:
    """Return what the centre pays each fund today on the same enrolment, fen, and for how many person-months."""
    today = settle(people, replace(law, scheme=Scheme("current")), by_hukou=False)
    paid = today.ledger.filter(pl.col("payer_level") == "centre").group_by("fund_code").agg(exact_sum("amount_fen"))
    months = today.paid.group_by("enrolment_pool").agg(exact_sum("person_months"))
    sums = {int(code): int(own) for code, own in months.iter_rows()}
    return {int(code): Last(int(fen), sums.get(int(code))) for code, fen in paid.sort("fund_code").iter_rows()}


def check_allocated(counted: Counted, name: str) -> dict[int, int]:
    """Return fen by fund of an allocation written before, whose points must be those counted here.

    Raises:
        SuirenError: unreadable, or made for other points.
    """
    amounts = {code: last.amount_fen for code, last in read_last(name).items()}
    said = read_point_months(name)
    here = {code: Fraction(points, 10**counted.places) for code, points in counted.scaled.items()}
    wrong = sorted(code for code in {*said, *here} if said.get(code, 0) != here.get(code, 0))
    if said and wrong:
        raise fail(
            "E-allocation-other",
            f"The allocation was made for other points in {len(wrong)} funds, such as {wrong[0]}.",
            "Rows would be paid what others earned.",
            "Give the same records, weights, uplift and regime as to `suiren risk allocate`.",
        )
    return amounts


def exact(scaled: Sequence[int], count: int) -> pl.Series:
    """Return whole numbers in units of 10 to the minus `count` as they are: Int64, or Decimal where `count` > 0."""
    if count == 0:
        return to_int64(pl.DataFrame({"x": pl.Series(scaled, dtype=pl.Int128)}), "x")["x"]
    made = [Decimal((int(value < 0), tuple(map(int, str(abs(value)))), -count)) for value in scaled]
    return pl.Series(made, dtype=pl.Decimal(38, count))


def money_pool_name(pool: MoneyPool, lang: str) -> str:
    """Return the name of a pool of money in a language."""
    if pool.name == NATION:
        return "全国" if lang == "zh" else "the nation"
    if pool.name.startswith("tier"):
        return pool.name.replace("tier ", "第") + "档" if lang == "zh" else f"central {pool.name}"
    return places.name(int(pool.name), lang)
