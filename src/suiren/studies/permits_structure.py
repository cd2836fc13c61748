"""Paper A, sections 2, 3 and 5: who lives in 23 big cities, and how many of other provinces to 100 with hukou."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import altair as alt
import polars as pl

from suiren.show.style import PAYER_COLOURS, WIDTH, chart_of, finished, room_for
from suiren.studies.printed import read
from suiren.studies.study import Figure, Item, Table, found, held, missing, rounded

Group = Literal["big9", "capital14"]
CAPITALS_AMONG_NINE = ("440100", "320100", "330100")
"""Guangzhou, Nanjing and Hangzhou: capitals of provinces that the paper puts among the nine (section 6)."""


@dataclass(frozen=True, slots=True)
class City:
    """One of the 23 cities as the paper prints it: shares in percent, exact as printed."""

    code: str
    zh: str
    en: str
    group: Group
    nonlocal_pct: Decimal
    out_pct: Decimal
    """Of the people from elsewhere, the part from other provinces."""

    @property
    def key(self) -> str:
        """The city's part of an item's id."""
        return self.en.lower().replace("'", "")

    def name(self, lang: str) -> str:
        """The city's name in `lang`."""
        return self.zh if lang == "zh" else self.en

    @property
    def capital(self) -> bool:
        """Whether it is the capital of a province; the municipalities are provinces themselves."""
        return self.group == "capital14" or self.code in CAPITALS_AMONG_NINE

    @property
    def hukou(self) -> Fraction:
        """Residents with local hukou, percent of all residents."""
        return 100 - Fraction(self.nonlocal_pct)

    @property
    def other_province(self) -> Fraction:
        """Residents of other provinces, percent of all residents."""
        return Fraction(self.nonlocal_pct) * Fraction(self.out_pct) / 100

    @property
    def same_province(self) -> Fraction:
        """Residents from elsewhere in the province, percent of all residents."""
        return 100 - self.hukou - self.other_province

    @property
    def ratio(self) -> Fraction:
        """People of other provinces to 100 with local hukou."""
        return 100 * self.other_province / self.hukou

    def ratio_between(self) -> tuple[Fraction, Fraction]:
        """Smallest and largest ratio that the printed shares, known to half a tenth, allow."""
        half = Fraction(1, 20)
        ends = [(Fraction(self.nonlocal_pct) + sign * half, Fraction(self.out_pct) + sign * half) for sign in (-1, 1)]
        low, high = (nonlocal_pct * min(out, Fraction(100)) / (100 - nonlocal_pct) for nonlocal_pct, out in ends)
        return low, high


@functools.cache
def cities() -> tuple[City, ...]:
    """The 23 cities in the order of tables 1 and 3: the nine, then the fourteen capitals."""
    out = {row["city_code_gb2260"]: row["out_of_province_share_of_nonlocal_pct"] for row in read("t5_outprov_share")}
    tables: tuple[tuple[str, Group], ...] = (
        ("t1_nonlocal_share", "big9"),
        ("t3_nonlocal_share_capitals14", "capital14"),
    )
    return tuple(
        City(
            row["city_code_gb2260"],
            row["name_zh"],
            row["name_en"],
            group,
            Decimal(row["nonlocal_share_of_residents_pct"]),
            Decimal(out[row["city_code_gb2260"]]),
        )
        for name, group in tables
        for row in read(name)
    )


def of_group(group: Group) -> list[City]:
    """The cities of one group."""
    return [city for city in cities() if city.group == group]


def decimals(values: list[Fraction], places: int) -> pl.Series:
    """Exact numbers as a column of decimals, rounded half up."""
    return pl.Series([Decimal(rounded(value, places)) for value in values], dtype=pl.Decimal(38, places))


def structure_table(lang: str) -> Table:
    """Table of the 23 cities: printed shares, structure of residents, ratio to 100 with hukou."""
    all_ = list(cities())
    frame = pl.DataFrame(
        {
            "city": [city.name(lang) for city in all_],
            "code": [city.code for city in all_],
            "group": [city.group for city in all_],
            "capital": [city.capital for city in all_],
            "nonlocal_pct": decimals([Fraction(city.nonlocal_pct) for city in all_], 1),
            "out_of_province_of_nonlocal_pct": decimals([Fraction(city.out_pct) for city in all_], 1),
            "hukou_pct": decimals([city.hukou for city in all_], 1),
            "same_province_pct": decimals([city.same_province for city in all_], 1),
            "other_province_pct": decimals([city.other_province for city in all_], 1),
            "out_per_100_hukou": decimals([city.ratio for city in all_], 1),
        }
    )
    return Table(
        "structure",
        "Structure of residents in 2016, 23 cities (tables 1, 3 and 5, figure 1)",
        "2016年23个城市常住人口结构（表1、表3、表5与图1）",
        frame,
        "People from elsewhere are a net figure, residents less registered people, and so no count of migrants. "
        "In Beijing and Shanghai all of them are of other provinces by definition.",
        "外来人口为常住人口减户籍人口的净值，并非流动人口数。北京、上海的外来人口按定义全部为非本市户籍。",
    )


def printed_table(lang: str, table: Literal[1, 3, 5]) -> Table:
    """Table 1, 3 or 5 as the paper prints it."""
    chosen = {1: of_group("big9"), 3: of_group("capital14"), 5: list(cities())}[table]
    column = "out_of_province_of_nonlocal_pct" if table == 5 else "nonlocal_pct"
    values = [Fraction(city.out_pct if table == 5 else city.nonlocal_pct) for city in chosen]
    frame = pl.DataFrame({"city": [city.name(lang) for city in chosen], column: decimals(values, 1)})
    what = ("people of other provinces among those from elsewhere", "非本省（市）户籍人口占外来常住人口比重")
    if table != 5:
        what = ("people from elsewhere among residents", "外来人口占常住人口比重")
    return Table(f"table{table}", f"Table {table}: {what[0]}, 2016, percent", f"表{table}：2016年{what[1]}（%）", frame)


def figure(lang: str) -> Figure:
    """Figure 1: stacked bars of the residents of 23 cities, largest ratio at the top."""
    ordered = sorted(cities(), key=lambda city: -city.ratio)
    parts = {
        "zh": ("本地户籍", "本省外来", "非本省（市）外来"),
        "en": ("local hukou", "elsewhere in the province", "other provinces"),
    }[lang]
    rows: list[dict[str, Any]] = []
    for city in ordered:
        shares = (city.hukou, city.same_province, city.other_province)
        rows += [
            {"city": city.name(lang), "part": part, "share": rounded(share, 2), "order": at}
            for at, (part, share) in enumerate(zip(parts, shares, strict=True))
        ]
    names = [city.name(lang) for city in ordered]
    colours = [PAYER_COLOURS[level] for level in ("centre", "local", "individual")]
    chart = (
        chart_of(rows)
        .transform_calculate(value="toNumber(datum.share)")
        .mark_bar(height=15)
        .encode(
            y=alt.Y("city:N", sort=names, title=None, axis=alt.Axis(ticks=False, domain=False, labelPadding=6)),
            x=alt.X("value:Q", title="%", scale=alt.Scale(domain=[0, 100]), axis=alt.Axis(tickCount=5)),
            color=alt.Color("part:N", sort=list(parts), scale=alt.Scale(domain=list(parts), range=colours)),
            order=alt.Order("order:Q"),
        )
        .properties(width=WIDTH - room_for(names), height=20 * len(names))
    )
    title = {
        "zh": "9大都市每100名户籍人口有20.2至249.5名非本省外来人口，14个省会只有0.4至8.7名",
        "en": "In the nine cities 20.2 to 249.5 people of other provinces live for every 100 with local hukou, "
        "in the fourteen capitals 0.4 to 8.7",
    }[lang]
    note = {"zh": "2016年，据论文表1、表3、表5计算", "en": "2016, computed from tables 1, 3 and 5 of the paper"}[lang]
    en, zh = "Figure 1: structure of residents, 23 cities, 2016", "图1：2016年23个城市常住人口构成"
    return Figure("figure1", en, zh, finished(chart, lang, title, note))


def items() -> list[Item]:
    """Items of tables 1, 3 and 5, of figure 1 and of the six printed ratios."""
    nine, capitals = of_group("big9"), of_group("capital14")
    made = [
        missing(
            "A-F1",
            None,
            "The paper prints the shares of table 1 and 3 but not the registered and resident counts behind them, so "
            "they are taken as printed. Registered people of the 2016 yearbook stand against residents of 2016.",
            "论文只给出表1、表3的比重，未给出户籍与常住人口数，故按所载使用；户籍取自2016年年鉴，常住为2016年末。",
        ),
        missing(
            "A-C1",
            None,
            "The size classes rest on urban residents of the 2019 urban construction yearbook, which is not among the "
            "data; the classes are kept as printed.",
            "城市规模分级依据2019年城市建设统计年鉴的城区人口，现有资料没有该数据，按论文所载保留。",
        ),
    ]
    whole = sum(city.hukou + city.same_province + city.other_province == 100 for city in cities())
    en, zh = "Cities whose three shares add up to 100 exactly.", "三类人口占比之和恰为100的城市数。"
    made += [found("A-F2", str(whole), en, zh), found("A-G1", str(len(cities())), "Bars drawn.", "所绘城市数。")]
    for item_id, printed, chosen in (("A-T1", "75.7 19.9 9", nine), ("A-T3", "17.2 4.6 14", capitals)):
        shares = [Fraction(city.nonlocal_pct) for city in chosen]
        most, least, count = printed.split()
        made += [
            held(
                f"{item_id}.largest", most, max(shares), "Largest share of the table.", "表中最大值。", from_paper=True
            ),
            held(
                f"{item_id}.smallest",
                least,
                min(shares),
                "Smallest share of the table.",
                "表中最小值。",
                from_paper=True,
            ),
            held(f"{item_id}.cities", count, len(shares), "Cities of the table.", "表中城市数。", from_paper=True),
        ]
    return made + _out_of_province(nine, capitals) + _ratios(nine, capitals)


def _out_of_province(nine: list[City], capitals: list[City]) -> list[Item]:
    outside = [Fraction(city.out_pct) for city in capitals]
    above = sum(share > 50 for share in outside)
    largest = max(Fraction(city.out_pct) for city in cities())
    least = min(Fraction(city.out_pct) for city in nine)
    return [
        held("A-T5.largest", "100.0", largest, "Largest share.", "最大值。", from_paper=True),
        held("A-T5.smallest", "5.2", min(outside), "Smallest share.", "最小值。", from_paper=True),
        held("A-T5.above_half", "2", above, "Capitals above one half: Fuzhou, Shenyang.", "超过一半：福州、沈阳。"),
        held(
            "A-T5.least_of_nine",
            "61.0",
            least,
            "Guangzhou; all 14 are below.",
            "广州；14个省会均低于此。",
            from_paper=True,
        ),
        held("A-F2.same_province", "12", 14 - above, "Capitals with more from the province.", "以本省外来为主的省会。"),
    ]


def _ratios(nine: list[City], capitals: list[City]) -> list[Item]:
    by_code = {city.code: city for city in cities()}
    made: list[Item] = []
    for row in read("fig1_ratios"):
        city = by_code[row["city_code_gb2260"]]
        low, high = (rounded(end, 2) for end in city.ratio_between())
        en = f"{city.en}: tables 1, 3 and 5 give {rounded(city.ratio, 3)}; with their rounding {low} to {high}."
        zh = f"{city.zh}：据表1、表3、表5为{rounded(city.ratio, 3)}；计入各表舍入为{low}至{high}。"
        made.append(held(f"A-F3.{city.key}", row["ratio_printed"], city.ratio, en, zh))
    ends = (
        ("nine.smallest", "20.2", min(nine, key=lambda c: c.ratio)),
        ("nine.largest", "249.5", max(nine, key=lambda c: c.ratio)),
    )
    ends += (
        ("capitals.smallest", "0.4", min(capitals, key=lambda c: c.ratio)),
        ("capitals.largest", "8.7", max(capitals, key=lambda c: c.ratio)),
    )
    made += [held(f"A-F3.{name}", printed, city.ratio, city.en, city.zh) for name, printed, city in ends]
    return made
