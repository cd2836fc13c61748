"""Paper B against itself and against paper A: the consistency report. Both values are shown, none is altered."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from suiren import places
from suiren.studies import printed
from suiren.studies.residence_tools import (
    RESTRICTED,
    YEARS,
    claim,
    implied_resident,
    implied_share,
    mean_share,
    needed_new_rural,
    table_1,
    table_2,
    table_3,
)
from suiren.studies.study import Item, Table, agrees, found, rounded

POOLED = {"460000": "海南", "630000": "青海", "640000": "宁夏"}
"""Provinces that paper A calls open to everyone of the province (provincial pooling)."""

IN_ENGLISH = {
    "A 三": "A, section 3",
    "A 表2": "A, table 2",
    "A 表4": "A, table 4",
    "B 三": "B, section 3",
    "B 二, 四": "B, sections 2 and 4",
    "B 表1": "B, table 1",
    "B 表2": "B, table 2",
    "B 表3": "B, table 3",
    "B 表1 × 表2": "B, table 1 × table 2",
}
"""Where a value stands, as the paper counts its sections and tables, and in English."""


@dataclass(frozen=True, slots=True)
class Check:
    """Two values of one thing, where each stands, and whether they can both be."""

    item: Item
    first: str
    second: str
    first_value: str | None = None
    """The first value, where it is computed and not printed."""


def checks() -> tuple[Check, ...]:
    """All checks, in the order of the paper."""
    return (*_overall(), *_words(), *_table_3(), *_papers())


def items() -> list[Item]:
    """The items of the consistency report."""
    return [check.item for check in checks()]


def table() -> Table:
    """The consistency report: what stands where, both values, and whether they agree."""
    rows = [
        {
            "id": check.item.id,
            "first_place": IN_ENGLISH[check.first],
            "first_place_zh": check.first,
            "first_value": check.first_value or check.item.printed,
            "first_value_zh": check.first_value or check.item.printed_zh or check.item.printed,
            "second_place": IN_ENGLISH[check.second],
            "second_place_zh": check.second,
            "second_value": check.item.computed,
            "second_value_zh": check.item.computed_zh or check.item.computed,
            "agrees": check.item.agrees,
            "note_en": check.item.en,
            "note_zh": check.item.zh,
        }
        for check in checks()
    ]
    return Table(
        "consistency",
        "Where paper B agrees with itself and with paper A",
        "论文B前后及其与论文A是否一致",
        pl.DataFrame(rows),
        "Both values are as printed or computed from printed ones; none is altered.",
        "两个数值均为原文所印或由原文数字算出，未作改动。",
        tuple(name for name in rows[0] if not name.startswith("note")),
    )


def _overall() -> list[Check]:
    told: list[Check] = []
    for year in YEARS:
        overall = printed.cell("cmds_t2", "value_pct", year=year, indicator_id="residence_share_of_insured_pct")
        implied = implied_share(year)
        needed = rounded(needed_new_rural(year), 1)
        en = (
            f"Tables 1 and 2 imply {rounded(implied, 1)} %; double cover could only lower it. To reach the printed "
            f"share, {needed} % of new-rural members would have to be insured here."
        )
        zh = (
            f"由表1、表2推得{rounded(implied, 1)}%，重复参保只会更低；"
            f"要得到所印数值，新农合在常住地参保比例须为{needed}%。"
        )
        item = Item(f"B-T2.{year}.overall", overall, rounded(implied, 2), agrees(overall, implied), en, zh)
        told.append(Check(item, "B 表2", "B 表1 × 表2"))
        rural = printed.cell("cmds_t2", "value_pct", year=year, indicator_id="residence_share_new_rural_pct")
        lacking = found(
            f"B-T2.{year}.needed_new_rural",
            rounded(needed_new_rural(year), 2),
            f"What the printed overall share would need; printed for the new rural scheme: {rural}.",
            f"要使所印总比例成立，新农合所需的数值；所印为{rural}。",
        )
        told.append(Check(lacking, "B 表2", "B 表1 × 表2", rural))
    return told


def _words() -> list[Check]:
    """The text's round words against table 2, each year."""
    about = (
        ("employee_85", "residence_share_employee_pct", ">= 85", lambda value: value >= 85),
        ("resident_40", "residence_share_urban_rural_resident_pct", "< 40", lambda value: value < 40),
        ("new_rural_4", "residence_share_new_rural_pct", "< 4", lambda value: value < 4),
        ("overall_40", "residence_share_of_insured_pct", "~ 40", lambda value: 35 <= value < 45),
    )
    told: list[Check] = []
    for name, indicator, said, holds in about:
        for year in YEARS:
            value = table_2(year, indicator)
            note = (
                ("'About 40' is taken as from 35 to below 45.", "“大约40%”按35至45（不含）理解。")
                if said == "~ 40"
                else ("", "")
            )
            item = claim(f"B-T2.text.{name}.{year}", said, rounded(value, 2), holds(value), *note)
            told.append(Check(item, "B 二, 四", "B 表2"))
    return told


def _table_3() -> list[Check]:
    mean, both = mean_share(), implied_resident("2018")
    resident = printed.cell(
        "cmds_t2", "value_pct", year="2018", indicator_id="residence_share_urban_rural_resident_pct"
    )
    sample = sum(number for *_, number in table_3())
    urban = table_1("2018", "urban_rural_resident_scheme_share_pct") * table_1("2018", "surveyed_n") / 100
    codes = [code for code, *_ in table_3()]
    shares = {code: share for code, share, _ in table_3()}
    above = [code for code in codes if code not in RESTRICTED and shares[code] < shares["450000"]]
    ranks = ", ".join(f"{places.name(code, 'en')} {codes.index(code) + 1}" for code in POOLED)
    ranks_zh = "、".join(f"{name}第{codes.index(code) + 1}" for code, name in POOLED.items())
    return [
        Check(
            Item(
                "B-T3.vs_table_2.resident",
                resident,
                rounded(mean, 2),
                agrees(resident, mean),
                "Table 3's weighted mean against table 2's urban and urban-rural scheme, 2018.",
                "表3加权均值与表2（2018年城镇（乡）居民医保）比较。",
            ),
            "B 表2",
            "B 表3",
        ),
        Check(
            found(
                "B-T3.vs_table_2.both",
                rounded(both, 2),
                f"Both resident schemes together by tables 1 and 2, 2018; the weighted mean of table 3 is "
                f"{rounded(mean, 2)}. The two cannot both be. Neither is printed.",
                f"由表1、表2算得的两类居民保险合计；表3加权均值为{rounded(mean, 2)}，两者不能同真。均非原文所印。",
            ),
            "B 表3",
            "B 表1 × 表2",
            rounded(mean, 2),
        ),
        Check(
            claim(
                "B-T3.vs_table_1.sample",
                f"<= {rounded(urban, 0)}",
                str(sample),
                sample <= urban,
                "Table 3's sample exceeds the members of the urban scheme in table 1: new-rural members must be in it.",
                "表3样本量超过表1中城镇（乡）居民医保的人数，必含新农合参保者。",
            ),
            "B 表1",
            "B 表3",
        ),
        Check(
            claim(
                "B-T3.text.guangxi",
                "lower (hukou limits)",
                f"{rounded(shares['450000'], 2)}: {len(above)} provinces not named lie below",
                not above,
                "Guangxi has five or more cities with a hukou limit, yet provinces named for none lie below it.",
                "广西有5个及以上地市设户籍限制，却高于若干未点名的省份。",
                words_zh=("应较低（限户籍）", f"{rounded(shares['450000'], 2)}，低于它的未点名省份有{len(above)}个"),
            ),
            "B 三",
            "B 表3",
        ),
        Check(
            claim(
                "B-T3.vs_paper_a.pooled",
                "open to the province",
                ranks,
                all(codes.index(code) >= len(codes) // 2 for code in POOLED),
                "Paper A: residents from the same province are locals there; table 3 ranks them (1 = lowest) low.",
                "论文A称这三地本省居民等同本地人，表3中其排名（1为最低）却靠前。",
                words_zh=("对本省居民开放", ranks_zh),
            ),
            "A 三",
            "B 表3",
        ),
    ]


def _papers() -> list[Check]:
    rules = printed.read("t2_eligibility_big9")
    closed = [row for row in rules if row["rule_kind"] == "none"]
    capitals = len(printed.read("t4_eligibility_capitals14"))
    return [
        Check(
            claim(
                "B-R1.vs_paper_a.nine",
                "9",
                str(len(closed)),
                len(closed) == 9,
                "Paper B: all nine big cities shut outsiders out. Paper A: seven have no permit rule, two take kin.",
                "论文B称9个城市全部设户籍限制；论文A为7个无居住证规定、2个允许亲属参保。",
            ),
            "B 三",
            "A 表2",
        ),
        Check(
            claim("B-R3.vs_paper_a.capitals", "14", str(capitals), capitals == 14, "Both count 14.", "两文均为14个。"),
            "B 三",
            "A 表4",
        ),
    ]


def largest_gap() -> Fraction:
    """The largest gap between printed and implied overall share, in percentage points."""
    return max(table_2(year, "residence_share_of_insured_pct") - implied_share(year) for year in YEARS)
