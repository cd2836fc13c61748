"""What the parts of paper B's study share: how a claim in words becomes an item, and exact numbers of its tables."""

from __future__ import annotations

import functools
from collections.abc import Container, Mapping
from fractions import Fraction

from suiren.studies import printed
from suiren.studies.study import Item, held, missing

YEARS = ("2015", "2016", "2017", "2018")
SCHEMES = {
    "employee": ("employee_scheme_share_pct", "residence_share_employee_pct"),
    "resident": ("urban_rural_resident_scheme_share_pct", "residence_share_urban_rural_resident_pct"),
    "new_rural": ("new_rural_scheme_share_pct", "residence_share_new_rural_pct"),
}
"""The three schemes: their indicator in table 1 (share of all surveyed) and in table 2 (share insured here)."""

SURVEY_EN = "The number needs the survey's microdata, which are not public: give a file with --survey and --mapping."
SURVEY_ZH = "需要不公开的调查微观数据：请用 --survey 与 --mapping 给出文件。"

Cells = Mapping[str, Fraction]
"""What a survey file gives, by item id: the exact value of a printed cell of tables 1 to 3."""


def claim(
    item_id: str,
    said: str,
    shown: str,
    holds: bool,
    en: str = "",
    zh: str = "",
    *,
    words_zh: tuple[str, str] = ("", ""),
    from_paper: bool = False,
) -> Item:
    """An item for a claim in words: `said` is the claim in short, `shown` what is found; `words_zh` both in Chinese."""
    own = ("The paper's words against its own numbers.", "原文文字与其自身数字核对。")
    return Item(item_id, said, shown, holds, en or own[0], zh or own[1], from_paper, *words_zh)


def surveyed(item_id: str, cell: str, survey: Cells | None) -> Item:
    """An item for a cell that only the microdata can give: held against the survey where one is given."""
    if survey is None or item_id not in survey:
        return missing(item_id, cell, SURVEY_EN, SURVEY_ZH)
    return held(item_id, cell, survey[item_id], "From the survey file.", "由调查文件算出。")


@functools.cache
def table_1(year: str, indicator: str) -> Fraction:
    """The printed value of table 1: persons, or percent of all surveyed."""
    return Fraction(printed.cell("cmds_t1", "value", year=year, indicator_id=indicator))


@functools.cache
def table_2(year: str, indicator: str) -> Fraction:
    """The printed value of table 2, percent."""
    return Fraction(printed.cell("cmds_t2", "value_pct", year=year, indicator_id=indicator))


def implied_share(year: str) -> Fraction:
    """Percent of the insured who are insured where they live, as tables 1 and 2 together imply it.

    The three schemes' shares of all surveyed, each times its share insured here, over the insured rate. Where people
    hold two schemes the true value can only be lower.
    """
    here = sum(table_1(year, one) * table_2(year, two) for one, two in SCHEMES.values())
    return Fraction(here) / table_1(year, "insured_rate_pct")


def implied_resident(year: str) -> Fraction:
    """Percent insured where they live among members of both resident schemes together, from tables 1 and 2."""
    both = [SCHEMES["resident"], SCHEMES["new_rural"]]
    members = sum(table_1(year, one) for one, _ in both)
    return Fraction(sum(table_1(year, one) * table_2(year, two) for one, two in both)) / members


def needed_new_rural(year: str) -> Fraction:
    """Percent of new-rural members who would have to be insured here for the printed overall share to come out."""
    whole = table_2(year, "residence_share_of_insured_pct") * table_1(year, "insured_rate_pct")
    others = sum(table_1(year, one) * table_2(year, two) for name, (one, two) in SCHEMES.items() if name != "new_rural")
    return (whole - others) / table_1(year, SCHEMES["new_rural"][0])


@functools.cache
def table_3() -> tuple[tuple[str, Fraction, int], ...]:
    """Province code, printed percent and printed sample of table 3, from the lowest share to the highest."""
    rows = printed.read("cmds_t3")
    return tuple(
        (row["province_code_gb2260"], Fraction(row["residence_share_pct"]), int(row["sample_n"])) for row in rows
    )


def mean_share(codes: Container[str] | None = None) -> Fraction:
    """Percent of table 3 weighted with its samples, over `codes` or all 30 provinces."""
    rows = [row for row in table_3() if codes is None or row[0] in codes]
    return Fraction(sum(share * sample for _, share, sample in rows)) / sum(sample for *_, sample in rows)


RESTRICTED = ("110000", "310000", "320000", "330000", "440000", "350000", "450000")
"""Provinces of which section 3 says that they, or five and more of their cities, have a hukou limit."""

FULL_PRICE = ("320000", "330000", "440000")
"""Provinces where section 3 finds the full price mainly."""
