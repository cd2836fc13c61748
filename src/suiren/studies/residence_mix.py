"""The rules for outsiders in the law tables, province by province, beside paper B's table 3."""

from __future__ import annotations

import functools
from collections import Counter

import polars as pl

from suiren import places
from suiren.laws import law
from suiren.laws.eligibility import decide_from_elsewhere, doors_of
from suiren.studies import printed
from suiren.studies.residence_tools import FULL_PRICE, RESTRICTED, table_3
from suiren.studies.study import Table, rounded

SHOWN = ("province_en", "province_zh", "named_for_hukou_limit", "share_printed_pct", "pools")
"""Columns of the table that its page has room for, besides the rules of one year."""

REGIMES = ("hukou_only", "full_cost", "relative", "residence_permit", "open")
"""From the most closed to the most open; the rule of a place is that of its most open door for an adult."""


@functools.cache
def rules(year: int) -> dict[str, str]:
    """The rule for an adult from elsewhere in each pool of which a source speaks, by pool code, in a notice year."""
    book = law(year).book
    known: dict[str, str] = {}
    for pool in places.pools():
        met = {door.regime for door in doors_of(book, int(pool.code), "adult", None, year)}
        if met:
            known[pool.code] = max(met, key=REGIMES.index)
    return known


def reach(year: int) -> tuple[int, int, int]:
    """Pools whose rule is known in a notice year, those with hukou only, and those by residence permit."""
    met = Counter(rules(year).values())
    return sum(met.values()), met["hukou_only"], met["residence_permit"]


def nine_cities(year: int = 2018) -> tuple[list[str], list[str]]:
    """Of paper A's nine big cities, those that refuse an adult with a permit in a notice year; and all nine."""
    asked = [row["city_code_gb2260"] for row in printed.read("t2_eligibility_big9")]
    facts = {"has_permit": True, "employee_cover": False}
    shut = [
        code
        for code in asked
        if decide_from_elsewhere(law(year).book, int(code), "adult", None, facts, False, year).eligible == "no"
    ]
    return shut, asked


def table() -> Table:
    """Each province of table 3 with its printed share, what the paper says of its rules, and the law tables' rules."""
    now, then = rules(2021), rules(2017)
    rows: list[dict[str, object]] = []
    for rank, (code, share, sample) in enumerate(table_3(), 1):
        mine = [pool.code for pool in places.pools() if pool.province == code]
        met = {year: Counter(known[pool] for pool in mine if pool in known) for year, known in _years(then, now)}
        rows.append(
            {
                "province_zh": places.name(code),
                "province_en": places.name(code, "en"),
                "province_code": code,
                "named_for_hukou_limit": code in RESTRICTED,
                "rank": rank,
                "share_printed_pct": rounded(share, 2),
                "sample_printed": sample,
                "named_for_full_price": code in FULL_PRICE,
                "pools": len(mine),
                **{f"{name}_{year}": met[year][name] for year in met for name in REGIMES},
                **{f"unknown_{year}": len(mine) - sum(met[year].values()) for year in met},
            }
        )
    return Table(
        "rule_mix",
        "Table 3 beside the rules for outsiders in the law tables",
        "表3与规则表中外地户籍者参保规则对照",
        pl.DataFrame(rows),
        "Rules are counted by pool: the most open door for an adult, in notice years 2017 (coverage 2018) and 2021. "
        "For most pools no source speaks of 2017: the table shows what is known and rebuilds no count of the paper.",
        "按统筹地区计，取成年人最宽的规则，文件年度2017和2021；多数地区2017年无来源，只列已知。",
        (*SHOWN, *(f"{name}_2017" for name in (*REGIMES, "unknown"))),
    )


def _years(then: dict[str, str], now: dict[str, str]) -> tuple[tuple[int, dict[str, str]], ...]:
    return ((2017, then), (2021, now))
