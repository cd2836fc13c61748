"""Paper B's tables 1 to 3 from a user's survey: shares in percent with sample sizes and 95 % intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from suiren import places
from suiren.studies.study import Table, rounded
from suiren.studies.survey import Survey
from suiren.studies.survey_estimate import Design, Estimate, design, share

NAMES = {
    "surveyed_n": ("persons surveyed", "调查总人数(人)"),
    "insured_n": ("persons insured", "基本医保参保总人数(人)"),
    "insured_rate_pct": ("insured, % of surveyed", "基本医保参保率(%)"),
    "employee_scheme_share_pct": ("employee scheme, % of surveyed", "职工医保参保人数占比(%)"),
    "urban_rural_resident_scheme_share_pct": ("resident scheme, % of surveyed", "城乡(镇)居民医保参保人数占比(%)"),
    "new_rural_scheme_share_pct": ("new rural scheme, % of surveyed", "新农合参保人数占比(%)"),
    "residence_share_of_insured_pct": ("insured where they live, % of insured", "参保者在常住地参保的比例(%)"),
    "residence_share_employee_pct": ("the same, employee scheme", "职工医保参保者在常住地参保的比例(%)"),
    "residence_share_urban_rural_resident_pct": ("the same, resident scheme", "居民医保参保者在常住地参保的比例(%)"),
    "residence_share_new_rural_pct": ("the same, new rural scheme", "新农合参保者在常住地参保的比例(%)"),
}
"""Ids of the rows, those of the paper's tables as data, in English and Chinese."""

ON_PAGE = ("year", "name_en", "name_zh", "value", "low", "high", "sample_n")
IN_WORDS = ("en", "zh", "rows", "left_out")
"""Columns that a page shows of the indicators, and of what was counted."""

LONG = {"employee": "employee", "resident": "urban_rural_resident", "new_rural": "new_rural"}
RESIDENT = ("resident", "new_rural")
"""The schemes of table 3: both resident ones."""
DECIMALS = 2

NARROW = (
    "The mapping names no clusters: people are taken as drawn one by one, and the intervals are too narrow.",
    "映射未指明群：同一地点的人按逐人独立抽取处理，区间偏窄。",
)
CLUSTERED = (
    "95 % intervals by Taylor linearisation over strata and clusters.",
    "95% 区间按层和群以泰勒线性化计算。",
)
UNSTRATIFIED = ("No strata are named: the whole sample is one.", "未指明层：全样本作一层。")
UNWEIGHTED = ("No weights are named: each person counts once.", "未指明权重：每人计一次。")


@dataclass(frozen=True, slots=True, eq=False)
class _Wave:
    """The people of one year as arrays: design, in each scheme, at home in it (-1 where not known), province."""

    year: int | None
    sample: Design
    held: dict[str, NDArray[np.bool_]]
    where: dict[str, NDArray[np.int8]]
    province: NDArray[np.int64]

    def insured(self) -> NDArray[np.bool_]:
        """Who is in any scheme."""
        return np.logical_or.reduce(list(self.held.values()))

    def placed(self, schemes: tuple[str, ...]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Who is in one of `schemes` where they live; who is in one and tells where.

        One scheme held where they live is enough; without one, each scheme held must be known to be elsewhere.
        """
        mine = [scheme for scheme in schemes if scheme in self.held]
        nobody = np.zeros(len(self.province), bool)
        here = np.logical_or.reduce([nobody, *(self.held[one] & (self.where[one] == 1) for one in mine)])
        lost = np.logical_or.reduce([nobody, *(self.held[one] & (self.where[one] == -1) for one in mine)])
        held = np.logical_or.reduce([nobody, *(self.held[one] for one in mine)])
        return here, held & (here | ~lost)


def tables(survey: Survey) -> tuple[Table, ...]:
    """Tables 1, 2 and 3 and what was counted on the way; table 3 only where the mapping names a place."""
    waves = list(_waves(survey))
    english, chinese = _notes(survey, waves)
    made = [
        Table(
            "survey-1",
            "Insured by scheme (as table 1)",
            "按险种参保情况（同表 1）",
            _indicators(waves, _table_1),
            english,
            chinese,
            ON_PAGE,
        ),
        Table(
            "survey-2",
            "Insured at the place of residence (as table 2)",
            "在常住地参保情况（同表 2）",
            _indicators(waves, _table_2),
            english,
            chinese,
            ON_PAGE,
        ),
    ]
    if survey.placed:
        which = "Both resident schemes together, by the province of the interview."
        made.append(
            Table(
                "survey-3",
                "Resident schemes: insured where they live, by province (as table 3)",
                "各省居民医保参保者在常住地参保的比例（同表 3）",
                pl.concat([_table_3(wave) for wave in waves]),
                f"{which} {english}",
                f"两种居民医保合计，按调查所在省。{chinese}",
            )
        )
    counts = pl.DataFrame(
        [(count.id, count.en, count.zh, count.rows, count.left_out) for count in survey.counts],
        schema={"id": pl.String, "en": pl.String, "zh": pl.String, "rows": pl.Int64, "left_out": pl.Boolean},
        orient="row",
    )
    return (*made, Table("survey-rows", "Rows of the survey file", "调查文件各行", counts, *_remarks(survey), IN_WORDS))


def _remarks(survey: Survey) -> tuple[str, str]:
    """What was decided on reading, in English and Chinese."""
    return "; ".join(one for one, _ in survey.remarks), "；".join(other for _, other in survey.remarks)


def _waves(survey: Survey) -> Iterator[_Wave]:
    """The waves in the order of their years."""
    for (year,), people in sorted(survey.people.group_by("year", maintain_order=True), key=lambda found: str(found[0])):
        columns = {name: people[name].to_numpy() for name in ("weight", "stratum", "cluster")}
        yield _Wave(
            None if year is None else int(str(year)),
            design(columns["weight"], columns["stratum"], columns["cluster"]),
            {scheme: people[scheme].to_numpy() == 1 for scheme in survey.schemes},
            {scheme: people[f"{scheme}_where"].fill_null(-1).to_numpy() for scheme in survey.schemes},
            people["province"].cast(pl.Int64).fill_null(0).to_numpy(),
        )


Row = tuple[str, float | None, float | None, float | None, float | None, int]


def _row(name: str, found: Estimate) -> Row:
    return (name, *_shown(found), found.persons)


def _shown(found: Estimate) -> tuple[float | None, float | None, float | None, float | None]:
    """Share, ends of the interval and standard error in percent; the share rounded exactly, half up."""
    exact = None if found.share is None else float(rounded(found.share * 100, DECIMALS))
    low, high, error = (
        None if end is None else round(end * 100, DECIMALS) for end in (found.low, found.high, found.error)
    )
    return exact, low, high, error


def _table_1(wave: _Wave) -> list[Row]:
    everyone = np.ones(len(wave.province), bool)
    insured = wave.insured()
    persons = len(everyone)
    counted: list[Row] = [
        ("surveyed_n", float(persons), None, None, None, persons),
        ("insured_n", float(insured.sum()), None, None, None, persons),
        _row("insured_rate_pct", share(wave.sample, insured, everyone)),
    ]
    shares = (_row(f"{LONG[one]}_scheme_share_pct", share(wave.sample, wave.held[one], everyone)) for one in wave.held)
    return [*counted, *shares]


def _table_2(wave: _Wave) -> list[Row]:
    everyone = np.ones(len(wave.province), bool)
    return [
        _row("insured_rate_pct", share(wave.sample, wave.insured(), everyone)),
        _row("residence_share_of_insured_pct", share(wave.sample, *wave.placed(tuple(wave.held)))),
        *(_row(f"residence_share_{LONG[one]}_pct", share(wave.sample, *wave.placed((one,)))) for one in wave.held),
    ]


def _indicators(waves: list[_Wave], rows: Callable[[_Wave], list[Row]]) -> pl.DataFrame:
    """One row for each year and indicator: value, interval, standard error, sample size."""
    listed = [(wave.year, row[0], *NAMES[row[0]], *row[1:]) for wave in waves for row in rows(wave)]
    schema = {"year": pl.Int32, "indicator_id": pl.String, "name_en": pl.String, "name_zh": pl.String}
    return pl.DataFrame(listed, schema={**schema, **NUMBERS}, orient="row")


NUMBERS = {"value": pl.Float64, "low": pl.Float64, "high": pl.Float64, "error": pl.Float64, "sample_n": pl.Int64}


def _table_3(wave: _Wave) -> pl.DataFrame:
    """One row for each province, the lowest share first; provinces without anyone insured last, without a rank."""
    here, told = wave.placed(RESIDENT)
    codes = [int(code) for code in np.unique(wave.province) if code]
    found = [
        (code, share(wave.sample, here & (wave.province == code), told & (wave.province == code))) for code in codes
    ]
    found.sort(key=lambda one: (one[1].share is None, one[1].share or 0, one[0]))
    listed = [
        (
            wave.year,
            rank if one.share is not None else None,
            str(code),
            places.name(code, "en"),
            places.name(code),
            *_row("", one)[1:],
        )
        for rank, (code, one) in enumerate(found, 1)
    ]
    schema = {
        "year": pl.Int32,
        "rank": pl.Int32,
        "province_code": pl.String,
        "name_en": pl.String,
        "name_zh": pl.String,
    }
    return pl.DataFrame(listed, schema={**schema, **NUMBERS}, orient="row")


def _notes(survey: Survey, waves: list[_Wave]) -> tuple[str, str]:
    """What is to be known of weights, intervals and strata with one cluster, in English and Chinese."""
    said: list[tuple[str, str]] = [CLUSTERED if survey.clustered else NARROW]
    if not survey.stratified:
        said.append(UNSTRATIFIED)
    if not survey.weighted:
        said.append(UNWEIGHTED)
    lone = sum(wave.sample.lone for wave in waves)
    if lone and survey.stratified:
        said.append(
            (
                f"Strata with one cluster: {lone:,}; measured from the mean of all clusters.",
                f"只有一个群的层：{lone:,} 个，按全部群的均值计。",
            )
        )
    said.append(
        (
            "Without an interval: nobody or everybody, no stratum with two clusters, or clusters that are all alike.",
            "无区间者：比例为 0 或 100%，没有两个群以上的层，或各群完全相同。",
        )
    )
    return " ".join(one for one, _ in said), "".join(other for _, other in said)
