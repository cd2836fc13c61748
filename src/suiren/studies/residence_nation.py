"""Paper B's reforms on the modelled population `china-2020`: settled once, kept for items, tables and figures."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from suiren import places
from suiren.laws import Reform, enrolled, law, portable, risk_adjusted
from suiren.laws.scheme import parse
from suiren.ledger.settle import Result, settle
from suiren.money import MONTHS_PER_YEAR
from suiren.nation import china
from suiren.people.kinds import People, people_of
from suiren.studies.study import Table, rounded

YEAR = 2021
MODEL_EN = "Modelled population china-2020, notice year 2021."
MODEL_ZH = "模型人口china-2020，2021文件年度。"
FEN_PER_100_MILLION_YUAN = 10**10

NEWBORN_HOME, PUPILS_HOME = 330100, 622900
BUDGET_FEN = 3500 * FEN_PER_100_MILLION_YUAN
POINTS = 500 * 10**8
NEWBORN_POINTS, PUPIL_POINTS = 150, 25
"""Points a year in the illustrative table of weights: a newborn's are the paper's own example."""


@dataclass(frozen=True, slots=True)
class Nation:
    """What the reforms give on china-2020, fen: the centre's totals, each province's change, value of a point."""

    centre_home: int
    centre_moved: int
    provinces: tuple[tuple[str, int, int], ...]
    """Province code, what its government pays with everyone insured at home, and where they live (portable)."""
    net_members: dict[str, int]
    """Members from other provinces who live in a province, less its own who live in others."""
    centre_today: int
    centre_points: int
    pools_today: tuple[tuple[str, int], ...]
    pools_points: tuple[tuple[str, int], ...]
    """Provincial money by province, planned cities apart, today and shared out by points."""
    yuan_a_point: Fraction


def run(reform: Reform, people: People | None = None) -> Result:
    """The modelled population settled under today's law with a reform."""
    return settle(people or china(), law(YEAR) | reform, by_hukou=False)


def at_home() -> People:
    """The modelled population taken as enrolled at the hukou place, without sex: few kinds, the same totals.

    Only here are the kinds few enough (8,441) to pay for the grouping; enrolled where they live they are 1.8 million,
    and grouping them takes longer than settling all five million.
    """
    hukou = pl.col("hukou_place")
    kinds = china().kinds.with_columns(enrolment_place=hukou, residence_place=hukou)
    keys = ["hukou_place", "enrolment_place", "residence_place", "person_class", "age"]
    return people_of("china-2020", kinds.group_by(keys).agg(pl.col("persons").sum()), modelled=True)


@functools.cache
def nation() -> Nation:
    """The four runs that paper B's reforms need, done once in a session."""
    home, moved = run(enrolled("hukou"), at_home()), run(portable(enrol="residence"))
    today, points = run(parse("current")), run(risk_adjusted(province="yes"))
    before, after = _provincial(home), _provincial(moved)
    codes = [province.code for province in places.provinces()]
    months = int(points.points["point_months"].sum()) if points.points is not None else 1
    return Nation(
        home.total("centre"),
        moved.total("centre"),
        tuple((code, before.get(code, 0), after.get(code, 0)) for code in codes),
        _net_members(codes),
        today.total("centre"),
        points.total("centre"),
        tuple(sorted(_provincial(today).items())),
        tuple(sorted(_provincial(points).items())),
        Fraction(points.total("centre") * MONTHS_PER_YEAR, 100 * months),
    )


def _net_members(codes: list[str]) -> dict[str, int]:
    sums: list[dict[int, int]] = []
    for column in ("residence_place", "hukou_place"):
        province = (pl.col(column) // 10_000 * 10_000).alias("province")
        counted = china().kinds.group_by(province).agg(pl.col("persons").sum())
        sums.append(dict(counted.iter_rows()))
    return {code: sums[0].get(int(code), 0) - sums[1].get(int(code), 0) for code in codes}


def _provincial(result: Result) -> dict[str, int]:
    paid = result.by("payer_level", "payer_code").filter(pl.col("payer_level") == "province")
    return dict(paid.select("payer_code", "amount_fen").iter_rows())


def invented(rows: list[tuple[int, int, int, str, int]]) -> People:
    """Invented people: hukou, enrolment, age, class and count of each row, all men."""
    frame = pl.DataFrame(
        [
            {
                "hukou_place": hukou,
                "enrolment_place": enrol,
                "residence_place": enrol,
                "sex": 1,
                "age": age,
                "person_class": name,
                "persons": count,
            }
            for hukou, enrol, age, name, count in rows
        ]
    )
    return people_of("invented", frame, modelled=True)


@functools.cache
def paper_example() -> tuple[Fraction, Fraction, int]:
    """Yuan a point, yuan of the newborn, and all points: the paper's example run through the ledger.

    One newborn of 150 points in Hangzhou and as many pupils of 25 points in Linxia as make 50 thousand million points,
    with 350 thousand million yuan. The people are invented: only the points and the budget are the paper's.
    """
    pupils = (POINTS - NEWBORN_POINTS) // PUPIL_POINTS
    people = invented(
        [
            (NEWBORN_HOME, NEWBORN_HOME, 0, "newborn", 1),
            (PUPILS_HOME, PUPILS_HOME, 10, "pupil", pupils),
        ]
    )
    result = settle(people, law(YEAR) | risk_adjusted(budget=BUDGET_FEN))
    paid = result.by("payer_level", "fund_code").filter(pl.col("payer_level") == "centre")
    by_fund = dict(paid.select("fund_code", "amount_fen").iter_rows())
    months = int(result.points["point_months"].sum()) if result.points is not None else 1
    value = Fraction(result.total("centre") * MONTHS_PER_YEAR, 100 * months)
    return value, Fraction(by_fund[str(NEWBORN_HOME)], 100), months // MONTHS_PER_YEAR


@functools.cache
def uplifted() -> tuple[Fraction, Fraction, int, int]:
    """A local's and a migrant's central money in yuan with an uplift of a tenth, and both totals in fen.

    Ten invented locals and ten invented people from Linxia of one age in Hangzhou's fund: without the uplift each
    receives the same.
    """
    people = invented([(NEWBORN_HOME, NEWBORN_HOME, 30, "adult", 10), (PUPILS_HOME, NEWBORN_HOME, 30, "adult", 10)])
    plain = settle(people, law(YEAR) | risk_adjusted())
    more = settle(people, law(YEAR) | risk_adjusted(uplift="0.1"))
    paid = more.by("payer_level", "hukou_pool_code").filter(pl.col("payer_level") == "centre")
    by_hukou = dict(paid.select("hukou_pool_code", "amount_fen").iter_rows())
    local, migrant = (Fraction(by_hukou[str(code)], 1000) for code in (NEWBORN_HOME, PUPILS_HOME))
    return local, migrant, plain.total("centre"), more.total("centre")


def in_100_million(fen: int, decimals: int = 1) -> str:
    """Text of `fen` in 100 million yuan."""
    return rounded(Fraction(fen, FEN_PER_100_MILLION_YUAN), decimals)


def table() -> Table:
    """What each province's government pays before and after, in 100 million yuan."""
    rows = [
        {
            "province_zh": places.name(code),
            "province_en": places.name(code, "en"),
            "province_code": code,
            "home_100m_yuan": in_100_million(before, 2),
            "portable_100m_yuan": in_100_million(after, 2),
            "change_100m_yuan": in_100_million(after - before, 2),
            "net_members": nation().net_members[code],
        }
        for code, before, after in nation().provinces
    ]
    return Table(
        "provinces",
        "Provincial money if everyone moved their insurance to where they live",
        "全部改在常住地参保后各省级财政补助",
        pl.DataFrame(rows),
        "Modelled population china-2020, notice year 2021: everyone insured at the hukou place under today's law, "
        "against everyone insured where they live under the portable subsidy. 100 million yuan a year. "
        "Net members: those from elsewhere less those away. Where no source "
        "gives a province's split, half of what the centre leaves of the base is assumed.",
        "模型人口china-2020，2021文件年度规则：全部在户籍地参保（现行）对全部在常住地参保（钱随人走），亿元/年；"
        "无来源的省级分担按中央以外部分的一半假定。",
    )
