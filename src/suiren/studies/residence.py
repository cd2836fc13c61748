"""Paper B as a study: enrolment at the place of residence, the split of the subsidy, money that follows the person."""

from __future__ import annotations

import functools

import polars as pl

from suiren.studies import (
    printed,
    residence_cases,
    residence_checks,
    residence_mix,
    residence_models,
    residence_nation,
    residence_rules,
    residence_split,
    residence_tables,
    residence_totals,
)
from suiren.studies.catalog import TITLES
from suiren.studies.residence_survey import cells
from suiren.studies.residence_tools import SCHEMES, YEARS, implied_share
from suiren.studies.study import Item, Study, Table, decimals_of, rounded
from suiren.studies.survey import Survey
from suiren.studies.survey import tables as survey_tables
from suiren.studies.survey_tables import NAMES

NAME = "residence"
EN, ZH = TITLES[NAME]


def study(lang: str = "en", survey: Survey | None = None) -> Study:
    """Paper B computed: items held against the printed ones, tables, figures labelled in `lang`.

    With a survey the cells of tables 1 to 3 are held against it, and its own tables stand after the paper's; without
    one those items say that the microdata are needed.
    """
    from suiren.studies.residence_figures import figures

    made = survey_tables(survey) if survey is not None else ()
    items = (*residence_tables.items(cells(made) if survey is not None else None), *_rest())
    return Study(NAME, EN, ZH, _in_order(items), (*tables(), *made), figures(lang))


@functools.cache
def _rest() -> tuple[Item, ...]:
    """The items that no survey changes, computed once."""
    return (
        *residence_rules.items(),
        *residence_split.items(),
        *residence_models.items(),
        *residence_totals.items(),
        *residence_checks.items(),
    )


def _in_order(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Items of one inventory row together, rows in the order in which the study first meets them."""
    rows = list(dict.fromkeys(item.id.partition(".")[0] for item in items))
    return tuple(sorted(items, key=lambda item: rows.index(item.id.partition(".")[0])))


@functools.cache
def tables() -> tuple[Table, ...]:
    """The paper's four tables, the consistency report, the mix of rules and the provinces' money."""
    return (
        _by_year("table_1", "cmds_t1", "value", "Insurance of adult migrants (table 1)", "表1 成年流动人口参保状况"),
        _by_year(
            "table_2", "cmds_t2", "value_pct", "Insured where they live (table 2)", "表2 在常住地参加基本医保情况"
        ),
        _implied(),
        residence_mix.table(),
        _table_4(),
        residence_checks.table(),
        residence_nation.table(),
    )


def _by_year(table_id: str, name: str, column: str, en: str, zh: str) -> Table:
    rows = printed.read(name)
    frame = pl.DataFrame(
        [
            {"indicator": indicator, "name_en": NAMES[indicator][0], "name_zh": label}
            | {year: printed.cell(name, column, year=year, indicator_id=indicator) for year in YEARS}
            for indicator, label in dict.fromkeys((row["indicator_id"], row["name_zh"]) for row in rows)
        ]
    )
    return Table(table_id, en, zh, frame, "As printed.", "照原文。", ("name_en", "name_zh", *YEARS))


def _implied() -> Table:
    overall = "residence_share_of_insured_pct"
    frame = pl.DataFrame(
        [
            {
                "year": year,
                "printed_pct": printed.cell("cmds_t2", "value_pct", year=year, indicator_id=overall),
                "implied_pct": rounded(implied_share(year), 2),
                **{
                    f"{name}_of_surveyed_pct": printed.cell("cmds_t1", "value", year=year, indicator_id=one)
                    for name, (one, _) in SCHEMES.items()
                },
            }
            for year in YEARS
        ]
    )
    return Table(
        "implied",
        "Overall share insured where they live: printed, and implied by tables 1 and 2",
        "常住地参保总比例：原文与推算",
        frame,
        "Implied: each scheme's share of the surveyed times its share insured here, summed, over the insured rate.",
        "推算：各险种占调查人数之比乘以其常住地参保比例，求和后除以参保率。",
    )


def _table_4() -> Table:
    rows = []
    for row in printed.read("subsidy_t4"):
        code, level = row["place_code_gb2260"], row["payer_level"]
        age = dict(residence_cases.TABLE_4)[code]
        made = residence_cases.case(code, code, age)
        fen = sum(made.fen(payer) for payer in residence_cases.LEVELS_PRINTED[level])
        rows.append(
            {
                "place_zh": row["name_zh"],
                "place_en": row["name_en"],
                "place_code": code,
                "payer": level,
                "printed_yuan": row["subsidy_yuan_per_head"],
                "computed_yuan": rounded(residence_cases.yuan(fen), decimals_of(row["subsidy_yuan_per_head"])),
            }
        )
    return Table(
        "table_4",
        "Who pays the subsidy in three places (table 4)",
        "表4 三个典型城市的央地财政补助标准",
        pl.DataFrame(rows),
        "Merged cells are read as one payer. Coverage year 2022, notice year 2021; Shanghai: ages 60 to 69. The "
        "central parts of Linxia and Xinzhou are computed from the national rules, the split of Xinzhou from its "
        "province's notice; the rest comes from this table.",
        "合并单元格按一个出资方理解；2022参保年度即2021文件年度；上海为60至69岁。"
        "临夏、忻州的中央部分由全国规则算出，忻州的分担见山西省通知，其余取自本表。",
    )
