"""Paper B, tables 1 to 3 and the context of sections 1 and 2, held against themselves and against the texts."""

from __future__ import annotations

import csv
from fractions import Fraction
from importlib.resources import files
from itertools import pairwise

from suiren.studies import printed
from suiren.studies.residence_tools import (
    FULL_PRICE,
    RESTRICTED,
    SCHEMES,
    YEARS,
    Cells,
    claim,
    mean_share,
    surveyed,
    table_1,
    table_2,
    table_3,
)
from suiren.studies.study import Item, found, held, missing, rounded

ASKED = {"2015": 206000, "2016": 169000, "2017": 169989, "2018": 152000}
"""Persons interviewed, as section 2 prints them; table 1 counts those who answered about their insurance."""

EMPLOYEE_2022, INSURED_2022 = 362_430_000, 1_345_920_000
"""Members of the employee scheme and of both schemes at the end of 2022, as section 2 prints them."""


def items(survey: Cells | None = None) -> list[Item]:
    """Items B-D1, B-D2, B-F1, B-T1, B-T2, B-F2 and B-T3."""
    return [*_context(survey), *_table_1(survey), *_table_2(survey), *_employee_share(), *_table_3(survey)]


def _context(survey: Cells | None) -> list[Item]:
    census_en = "Context: a figure of the census or of the national bulletin, quoted; its parts are not printed."
    census_zh = "背景数据：引自普查或全国统计公报，文中没有给出分项。"
    told = [
        missing(f"B-D1.{name}", number, census_en, census_zh)
        for name, number in (
            ("migrants", "3.76"),
            ("resident_urban", "63.89"),
            ("hukou_urban", "45.40"),
            ("insured_2022", "95.33"),
        )
    ]
    cited_en = "Another study's figure, cited only; its data are not at hand."
    cited_zh = "他人研究的数字，仅为引用，手头没有数据。"
    told += [
        missing(f"B-D2.{name}", number, cited_en, cited_zh)
        for name, number in (("beijing", "42"), ("tianjin", "27"), ("hebei", "12"), ("at_hukou_2017", "69.93"))
    ]
    own = table_2("2017", "residence_share_of_insured_pct")
    note = (
        "Same survey, same year: another study finds 23.26 % insured where they live, table 2 prints 39.44 %.",
        "同一调查、同一年份：他人研究为23.26%，本文表2为39.44%。",
    )
    told.append(held("B-D2.here_2017", "23.26", own, *note))
    overall = "residence_share_of_insured_pct"
    return [
        *told,
        *(
            surveyed(f"B-F1.{year}", printed.cell("cmds_t2", "value_pct", year=year, indicator_id=overall), survey)
            for year in YEARS
        ),
    ]


def _table_1(survey: Cells | None) -> list[Item]:
    told: list[Item] = []
    for year in YEARS:
        surveyed_n, insured_n = table_1(year, "surveyed_n"), table_1(year, "insured_n")
        rate = table_1(year, "insured_rate_pct")
        told.append(
            held(
                f"B-T1.{year}.rate",
                printed.cell("cmds_t1", "value", year=year, indicator_id="insured_rate_pct"),
                insured_n * 100 / surveyed_n,
                "Insured over surveyed.",
                "参保总人数除以调查总人数。",
            )
        )
        dropped = (ASKED[year] - surveyed_n) * 100 / ASKED[year]
        told.append(
            found(
                f"B-T1.{year}.dropped",
                rounded(dropped, 2),
                f"Percent of the {ASKED[year]} interviewed who did not answer about their insurance.",
                f"{ASKED[year]}名受访者中参保状况缺失的百分比。",
            )
        )
        whole = sum(table_1(year, one) for one, _ in SCHEMES.values())
        told.append(
            claim(
                f"B-T1.{year}.sum",
                f">= {rounded(rate, 2)}",
                rounded(whole, 2),
                whole >= rate,
                "The three schemes' shares, of all surveyed; above the insured rate where people hold two schemes.",
                "三类保险占调查人数之比的和；有人重复参保，所以不低于参保率。",
            )
        )
        told += [
            surveyed(f"B-T1.{year}.{name}", printed.cell("cmds_t1", "value", year=year, indicator_id=one), survey)
            for name, (one, _) in SCHEMES.items()
        ]
    return [*told, *_texts_on_table_1()]


def _series(indicator: str) -> tuple[list[Fraction], str]:
    values = [table_1(year, indicator) for year in YEARS]
    return values, ", ".join(rounded(value, 2) for value in values)


def _texts_on_table_1() -> list[Item]:
    rural, rural_text = _series(SCHEMES["new_rural"][0])
    resident, resident_text = _series(SCHEMES["resident"][0])
    employee, _ = _series(SCHEMES["employee"][0])
    rate, rate_text = _series("insured_rate_pct")
    over = [year for year, value in zip(YEARS, rate, strict=True) if value > 90]
    return [
        claim(
            "B-T1.text.over_90",
            "> 90 (2015, 2017, 2018)",
            rate_text,
            over == ["2015", "2017", "2018"],
            words_zh=("大于90（2015、2017、2018年）", ""),
        ),
        claim("B-T1.text.rural_half", "> 50", rural_text, min(rural) > 50),
        claim(
            "B-T1.text.resident_least",
            "smallest",
            resident_text,
            all(one < min(two, three) for one, two, three in zip(resident, employee, rural, strict=True)),
        ),
        claim(
            "B-T1.text.rural_falls",
            "falls every year",
            rural_text,
            all(one > two for one, two in pairwise(rural)),
            "The share rises from 2016 to 2017 (63.52 to 63.62).",
            "2016年到2017年由63.52升至63.62，并非持续下降。",
            words_zh=("逐年下降", ""),
        ),
        claim(
            "B-T1.text.resident_rises",
            "rises every year",
            resident_text,
            all(one < two for one, two in pairwise(resident)),
            words_zh=("逐年上升", ""),
        ),
    ]


def _table_2(survey: Cells | None) -> list[Item]:
    told: list[Item] = []
    for year in YEARS:
        rate = printed.cell("cmds_t2", "value_pct", year=year, indicator_id="insured_rate_pct")
        told.append(held(f"B-T2.{year}.rate", rate, table_1(year, "insured_rate_pct"), "As in table 1.", "与表1一致。"))
        told += [
            surveyed(f"B-T2.{year}.{name}", printed.cell("cmds_t2", "value_pct", year=year, indicator_id=two), survey)
            for name, (_, two) in SCHEMES.items()
        ]
    return told


def _employee_share() -> list[Item]:
    residents = int(_published(2022, "resident_enrolment"))
    return [
        held(
            "B-F2.employee_share_2022",
            "26.93",
            Fraction(EMPLOYEE_2022 * 100, INSURED_2022),
            "36243 of 134592 (ten thousand persons).",
            "36243万人除以134592万人。",
        ),
        held(
            "B-F2.resident_members_2022",
            "98349",
            Fraction(residents, 10_000),
            "134592 less 36243, against the published members of the resident scheme.",
            "134592减36243，与公布的居民医保参保人数核对。",
        ),
        missing(
            "B-F2.employee_share_2011",
            "19.32",
            "The yearbook's members of 2011 are in none of the tables at hand.",
            "手头的表中没有2011年的参保人数。",
        ),
    ]


def _published(year: int, item: str) -> str:
    text = (files("suiren") / "data" / "published.csv").read_text(encoding="utf-8")
    return next(
        row["value"] for row in csv.DictReader(text.splitlines()) if row["year"] == str(year) and row["item"] == item
    )


def _table_3(survey: Cells | None) -> list[Item]:
    rows = table_3()
    told = [
        surveyed(f"B-T3.{code}", printed.cell("cmds_t3", "residence_share_pct", province_code_gb2260=code), survey)
        for code, *_ in rows
    ]
    shares = [share for _, share, _ in rows]
    named, others = set(RESTRICTED), {code for code, *_ in rows} - set(RESTRICTED)
    return [
        *told,
        claim("B-T3.text.most", "< 60", rounded(max(shares), 2), max(shares) < 60),
        claim("B-T3.text.order", "ascending", "ascending", shares == sorted(shares)),
        found("B-T3.sample", str(sum(sample for *_, sample in rows)), "Sum of the samples.", "样本量之和。"),
        found("B-T3.mean", rounded(mean_share(), 2), "Mean weighted with the samples.", "按样本量加权的均值。"),
        claim(
            "B-T3.text.restricted_lower",
            "clearly lower",
            f"{rounded(mean_share(named), 2)} < {rounded(mean_share(others), 2)}",
            mean_share(named) < mean_share(others),
            "Weighted mean of the seven provinces named for hukou limits (Beijing, Shanghai, Jiangsu, Zhejiang, "
            "Guangdong, Fujian, Guangxi), against that of the other 23.",
            "文中点名有户籍限制的7个省市的加权均值，与其余23个省区市比较。",
            words_zh=("明显较低", ""),
        ),
        found(
            "B-T3.full_price_mean",
            rounded(mean_share(set(FULL_PRICE)), 2),
            "Jiangsu, Zhejiang, Guangdong: where the full price is found mainly.",
            "全额缴费制主要集中的江苏、浙江、广东。",
        ),
    ]
