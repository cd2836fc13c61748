"""Paper A, section 6: the active provincial capital as a rule, its band, and how far it holds beyond the 23 cities."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb

import polars as pl

from suiren import places
from suiren.laws import law
from suiren.laws.book import chain
from suiren.laws.eligibility import decide_from_elsewhere
from suiren.studies.permits_people import Pool, pools
from suiren.studies.permits_rules import ALONE
from suiren.studies.permits_structure import City, cities, decimals
from suiren.studies.study import Item, Table, found, held, rounded

OPEN, CLOSED, BETWEEN, UNKNOWN = "open", "closed", "between", "unknown"
KNOWN_YEARS = (2021, 2025)
ON_PAGE = (
    *("pool", "residents", "nonlocal_2020_pct", "ratio_2020", "predicted"),
    *(f"{name}_{year}" for year in KNOWN_YEARS for name in ("answer", "result")),
)
"""Columns of the tables of pools that the page has room for."""
NOT_CAPITALS = frozenset({"110000", "120000", "310000", "500000"})
FEATURES: tuple[tuple[str, Callable[[City], Fraction]], ...] = (
    ("ratio", lambda city: city.ratio),
    ("nonlocal_share", lambda city: Fraction(city.nonlocal_pct)),
    ("out_of_province_share", lambda city: Fraction(city.out_pct)),
)
"""The conditions (1) to (3) of the paper, each tried alone."""


@dataclass(frozen=True, slots=True)
class Band:
    """The gap between two groups: the largest value of those that open, the smallest of those that do not."""

    low: Fraction
    high: Fraction

    @property
    def separates(self) -> bool:
        """Whether a cut exists that makes no error."""
        return self.low < self.high

    @property
    def middle(self) -> Fraction:
        """The cut half-way."""
        return (self.low + self.high) / 2

    def side(self, value: Fraction) -> str:
        """open, closed, or between where the band itself decides nothing."""
        return OPEN if value <= self.low else CLOSED if value >= self.high else BETWEEN


def band(chosen: Sequence[City], of: Callable[[City], Fraction] = FEATURES[0][1]) -> Band:
    """The band between the capitals that open and the nine that do not, for one feature."""
    opened = [of(city) for city in chosen if city.group == "capital14"]
    shut = [of(city) for city in chosen if city.group == "big9"]
    return Band(max(opened), min(shut))


@functools.cache
def left_out() -> tuple[tuple[City, Band, bool, Fraction], ...]:
    """Each city judged by the other 22: their band, whether its middle is right, and what part of its cuts is."""
    made: list[tuple[City, Band, bool, Fraction]] = []
    for city in cities():
        without = band([each for each in cities() if each != city])
        right = (city.ratio < without.middle) is (city.group == "capital14")
        wrong = max(city.ratio - without.low, 0) if city.group == "capital14" else max(without.high - city.ratio, 0)
        made.append((city, without, right, 1 - min(wrong / (without.high - without.low), Fraction(1))))
    return tuple(made)


def items() -> list[Item]:
    """A-M2: the band, its errors, leave-one-out, other features, and the census of 2020."""
    whole = band(cities())
    errors = sum((city.ratio < whole.middle) is not (city.group == "capital14") for city in cities())
    loo = sum(right for _, _, right, _ in left_out())
    weakest = min(left_out(), key=lambda each: each[3])
    factor = whole.high / whole.low
    near = f"{weakest[0].en}: {rounded(100 * weakest[3], 0)} %"
    near_zh = f"{weakest[0].zh}：{rounded(100 * weakest[3], 0)}%"
    made = [
        held(
            "A-M2.band.low", "8.7", whole.low, "Kunming, the largest ratio of those that open.", "昆明，开放者最大值。"
        ),
        held(
            "A-M2.band.high",
            "20.2",
            whole.high,
            "Hangzhou, the smallest of those that do not.",
            "杭州，未开放者最小值。",
        ),
        held("A-M2.errors", "0", errors, "Cities on the wrong side of the middle of the band.", "判错的城市数。"),
        found(
            "A-M2.width",
            rounded(factor, 2),
            f"The upper end over the lower, a factor: the gap runs from {rounded(whole.low, 1)} to "
            f"{rounded(whole.high, 1)}, {rounded(whole.high - whole.low, 1)} per 100 wide. The rounding "
            "of the printed shares does not close the gap.",
            f"上限为下限的倍数；空隙为{rounded(whole.low, 1)}至{rounded(whole.high, 1)}，"
            f"相差{rounded(whole.high - whole.low, 1)}；各表的舍入不影响分界。",
        ),
        found(
            "A-M2.leave_one_out",
            f"{loo} / {len(left_out())}",
            f"Right when each city is judged by the middle of the others' band. Not every cut in it would be: {near}.",
            f"逐一留出、按其余城市分界中点判定正确的城市数；并非任一分界都正确：{near_zh}。",
        ),
        _little_proof(),
        _capital_rank(),
    ]
    return [*made, *_census_items()]


def _little_proof() -> Item:
    separating = [name for name, of in FEATURES if band(cities(), of).separates]
    en = (
        f"Of the paper's three conditions so many separate 9 from 14 alone ({', '.join(separating)}): the data cannot "
        f"tell them apart. 23 points prove little: the groups were seen before the rule, and a feature unrelated to "
        f"them separates them by chance in 2 of {comb(23, 9):,} orders, but only if it had been named beforehand."
    )
    zh = (
        f"论文三个条件中能单独区分9与14者有{len(separating)}个，数据无法分辨哪一个起作用。23个点证明力有限：规则是在看到分组之后提出的；"
        f"事先指定的无关指标恰好完全分开的机会为2/{comb(23, 9):,}。"
    )
    return found("A-M2.single_features", f"{len(separating)} / {len(FEATURES)}", en, zh)


def _capital_rank() -> Item:
    capitals = [city for city in cities() if city.capital]
    opened = sum(city.group == "capital14" for city in capitals)
    en = "Capitals of the 23 cities that open, of all capitals: rank alone misses Guangzhou, Nanjing and Hangzhou."
    return found(
        "A-M2.rank_alone", f"{opened} / {len(capitals)}", en, "省会中开放者；仅凭省会地位会误判广州、南京、杭州。"
    )


def _census_items() -> list[Item]:
    whole = band(cities())
    sides = {city: pools()[int(city.code)].ratio for city in cities()}
    opened = max(sides[city] for city in cities() if city.group == "capital14")
    shut = min(sides[city] for city in cities() if city.group == "big9")
    wrong = [city for city in cities() if whole.side(sides[city]) != (OPEN if city.group == "capital14" else CLOSED)]
    en = (
        f"The same ratio from the census of 2020: capitals up to {rounded(opened, 1)}, the nine from "
        f"{rounded(shut, 1)} per 100. It counts all people from elsewhere, the paper only the net. Not on their side "
        f"of the band of 2016: "
        f"{', '.join(city.en for city in wrong) or 'none'}."
    )
    zh = (
        f"用2020年普查计算的同一比值：14个省会至多{rounded(opened, 1)}，9大都市至少{rounded(shut, 1)}。"
        "普查为全部外来人口，论文为净值。"
        f"不在2016年分界正确一侧者：{'、'.join(city.zh for city in wrong) or '无'}。"
    )
    made = [found("A-M2.census_2020", f"{len(cities()) - len(wrong)} / {len(cities())}", en, zh)]
    for year in KNOWN_YEARS:
        judged = [row for row in predictions() if row["own_rule"] and row[f"result_{year}"] != "undecided"]
        hits = sum(row[f"result_{year}"] == "hit" for row in judged)
        opened = sum(row[f"answer_{year}"] == OPEN for row in judged)
        en = (
            f"Pools with a rule of their own known in {year} and a ratio outside the band that are predicted rightly; "
            f"the misses are in the table. Open are {opened} of them: so many would be right by always saying open."
        )
        zh = (
            f"{year}年有本地规定且比值不在分界之间的统筹地区中预测正确者；不符者见表。"
            f"其中已开放{opened}个，一律预测“开放”也能判对这么多。"
        )
        made.append(found(f"A-M2.pools_{year}", f"{hits} / {len(judged)}", en, zh))
    return made


def answer(code: int, year: int) -> str:
    """What an adult permit holder of another province meets: open, closed (or at full price) or unknown."""
    facts = {**ALONE, "has_permit": True}
    decision = decide_from_elsewhere(law(year).book, code, "adult", None, facts, same_province=False, year=year)
    if decision.eligible == "undetermined":
        return UNKNOWN
    return OPEN if decision.eligible == "yes" and decision.terms == "local_terms" else CLOSED


def _own_rule(code: int) -> bool:
    doors = law(KNOWN_YEARS[-1]).book.doors
    province = chain(code)[-1]
    return bool(doors.get(code)) and (code != province or str(code) in NOT_CAPITALS)


@functools.cache
def predictions() -> tuple[dict[str, object], ...]:
    """Each of the 367 pools: structure in 2020, the class that its ratio predicts, the known rule, hit or miss."""
    whole = band(cities())
    return tuple(_prediction(pool, whole) for pool in pools().values())


def _prediction(pool: Pool, whole: Band) -> dict[str, object]:
    predicted = whole.side(pool.ratio)
    row: dict[str, object] = {"code": str(pool.code), "predicted": predicted, "own_rule": _own_rule(pool.code)}
    for year in KNOWN_YEARS:
        known = answer(pool.code, year)
        row[f"answer_{year}"] = known
        decided = predicted != BETWEEN and known != UNKNOWN
        row[f"result_{year}"] = ("hit" if known == predicted else "miss") if decided else "undecided"
    return row


def pools_table(lang: str) -> Table:
    """All 367 pools: structure in 2020, predicted class, known rules, hits and misses."""
    all_ = list(pools().values())
    named = pl.DataFrame({"pool": [places.get(pool.code).name(lang) for pool in all_]})
    numbers = pl.DataFrame(
        {
            "residents": [pool.residents for pool in all_],
            "nonlocal_2020_pct": decimals([pool.nonlocal_pct for pool in all_], 1),
            "ratio_2020": decimals([pool.ratio for pool in all_], 1),
        }
    )
    frame = pl.concat([named, pl.DataFrame(list(predictions())).select("code"), numbers], how="horizontal")
    frame = frame.hstack(pl.DataFrame(list(predictions())).drop("code"))
    return Table(
        "pools_2020",
        "Beyond the paper: structure of 367 pools in 2020, the class its ratio predicts, and the rules that are known",
        "论文之外：2020年367个统筹地区的结构、按比值的预测与已知规定",
        frame,
        "People of other provinces are census counts, those from elsewhere in the province modelled. The known rule is "
        "the law tables' answer to an adult permit holder of another province; a pool without a rule of its own takes "
        "its province's. The paper speaks of big cities; applying it to all pools is ours.",
        "外省户籍人口为普查数，省内跨市人口为模型推算。已知规定为法规表对外省户籍、持居住证成年人的回答；没有本地规定的随所在省份。"
        "论文只讨论大城市，推广到全部统筹地区是本研究所为。",
        ON_PAGE,
    )


def judged_tables(lang: str) -> tuple[Table, Table]:
    """Pools with a rule of their own: those the ratio predicts wrongly in one of the years, and the other judged."""
    own = pools_table(lang).frame.filter("own_rule")
    wrong, right = (
        pl.any_horizontal(pl.col(f"result_{year}") == result for year in KNOWN_YEARS) for result in ("miss", "hit")
    )
    return (
        Table(
            "misses",
            "Misses: pools with a rule of their own that the ratio predicts wrongly in 2021 or 2025",
            "不符：有本地规定而按比值预测不符的统筹地区（2021年或2025年）",
            own.filter(wrong),
            page=ON_PAGE,
        ),
        Table(
            "hits",
            "Hits: pools with a rule of their own that the ratio predicts rightly wherever it is known",
            "符合：有本地规定且已知各年均按比值预测正确的统筹地区",
            own.filter(right & ~wrong),
            page=ON_PAGE,
        ),
    )


def left_out_table(lang: str) -> Table:
    """Leave-one-out: for each city the band of the other 22 and whether it is judged rightly."""
    frame = pl.DataFrame(
        {
            "city": [city.name(lang) for city, *_ in left_out()],
            "ratio_2016": decimals([city.ratio for city, *_ in left_out()], 1),
            "cut_from": decimals([each.low for _, each, _, _ in left_out()], 1),
            "cut_to": decimals([each.high for _, each, _, _ in left_out()], 1),
            "result": ["hit" if right else "miss" for _, _, right, _ in left_out()],
            "cut_would_be_right_pct": decimals([100 * part for *_, part in left_out()], 0),
        }
    )
    en, zh = "Leave-one-out: each city judged by the band of the other 22", "逐一留出：按其余22个城市的分界判定"
    low, high = (rounded(end, 1) for end in (band(cities()).low, band(cities()).high))
    return Table(
        "leave_one_out",
        en,
        zh,
        frame,
        f"With all 23 cities the gap runs from {low} to {high} per 100: any cut in it splits 9 from 14 without error. "
        "23 points prove little: the groups were seen before the rule, and each of the paper's three conditions "
        "splits them alone.",
        f"用全部23个城市，空隙为{low}至{high}（:100），其间任一分界都可无误区分9与14。"
        "23个点证明力有限：规则是在看到分组之后提出的，且论文三个条件各自都能单独区分。",
    )
