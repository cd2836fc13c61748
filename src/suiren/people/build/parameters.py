"""Every assumption of `china-2020`, once: its name, value, evidence and a sentence in English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Parameter:
    """One named choice of the model with what it says."""

    value: float
    unit: str
    evidence: str
    says_en: str
    says_zh: str


@dataclass(frozen=True, slots=True)
class Parameters:
    """The choices of one build; replace a field to build under another assumption."""

    outflow_floor: Parameter = Parameter(
        0.05,
        "share of the birthplace count",
        "assumed",
        "In 2010 no province has fewer registered people in other provinces than 5 % of those born there who "
        "live in others.",
        "2010年各省户籍人口在外省居住的人数，不少于该省出生而居住在外省人数的5%。",
    )
    birthplace_sample_factor: Parameter = Parameter(
        10.0,
        "times",
        "assumed",
        "The 2010 birthplace table is a 10 % sample; its cells are multiplied by ten before fitting.",
        "2010年出生地表为10%抽样，拟合前各格乘以十。",
    )
    away_floor: Parameter = Parameter(
        0.01,
        "share of the registered population",
        "assumed",
        "In 2010 at least 1 % of a pool's registered people live outside it; a pool without a 2010 row takes "
        "1 % of its 2020 residents.",
        "2010年各统筹地区至少有1%的户籍人口居住在区外；没有2010年数据的地区取2020年常住人口的1%。",
    )
    same_city_movers: Parameter = Parameter(
        116_945_747,
        "persons",
        "sourced",
        "People who live in another township of the districts of their own city in 2020; the nearness factor "
        "is solved so that the model meets this number.",
        "2020年市辖区内人户分离人口；由此解出近距离系数。",
    )
    county_nearness: Parameter = Parameter(
        1.0,
        "times the nearness of a district",
        "assumed",
        "A county of the same pool counts as near as another district of the same city when the origins of "
        "in-province movers are shared out.",
        "划分省内迁移者来源时，同一统筹地区的县与同城其他市辖区的远近视为相同。",
    )
    child_class_below_age: Parameter = Parameter(
        18,
        "years",
        "assumed",
        "The published class of pupils and children is read as all members below 18.",
        "公布的“中小学生儿童”理解为18岁以下的参保人。",
    )
    retired_share_60_plus: Parameter = Parameter(
        0.8,
        "share of retired members",
        "assumed",
        "Four in five retired members of the employee scheme are 60 or over; the others are counted at 18 to 59.",
        "职工医保退休人员中五分之四为60岁及以上，其余计入18至59岁。",
    )
    employee_income_exponent: Parameter = Parameter(
        1.0,
        "exponent",
        "assumed",
        "Employee members of a province grow with its urban residents aged 20 to 59 times its disposable "
        "income a head to this power.",
        "各省职工医保人数与其20至59岁城镇常住人口乘以人均可支配收入的该次幂成正比。",
    )
    employee_cap: Parameter = Parameter(
        0.8,
        "share of both schemes",
        "assumed",
        "No province has more than 80 % of its members in the employee scheme.",
        "各省职工医保人数不超过两制合计的80%。",
    )
    employee_rate_cap: Parameter = Parameter(
        0.9,
        "share of adults",
        "assumed",
        "In no pool does the employee scheme hold more than 90 % of the adults of a group.",
        "任何统筹地区任何一类成年人中，职工医保参保比例不超过90%。",
    )
    member_cap: Parameter = Parameter(
        0.99,
        "share of people",
        "assumed",
        "In no group of people (residence province, hukou province, grown or not) are more than 99 % members "
        "of the resident scheme. Where the published totals ask for more members than there are people outside the "
        "employee scheme, the surplus is double cover.",
        "任何一类人（常住省份、户籍省份、是否成年）中参加居民医保的不超过99%。公布合计超过未参加职工医保人数之处，视为重复参保。",
    )
    tibet_share_here: Parameter = Parameter(
        0.289,
        "share",
        "assumed",
        "Tibet is not in table 3 of paper B; its migrants take the mean of the 30 provinces weighted by sample.",
        "论文表3没有西藏；西藏取30个省份按样本加权的平均值。",
    )
    student_age_from: Parameter = Parameter(
        18,
        "years",
        "assumed",
        "University students in the resident scheme are 18 to 24, shared out by the urban share of a pool's "
        "residents of that age, whatever their hukou, and enrol where they study.",
        "参加居民医保的大学生为18至24岁，按各地该年龄常住人口乘以城镇化率分配，不论户籍，在就读地参保。",
    )


STRUCTURAL: tuple[tuple[str, str, str], ...] = (
    (
        "same_origin_mix_in_a_province",
        "All pools of a province receive the same mix of origin provinces.",
        "同一省份内各统筹地区的外省来源构成相同。",
    ),
    (
        "origin_mix_of_2010",
        "The mix of origins of each destination province is that of 2010, scaled to the inflow of 2020.",
        "各流入省份的来源构成沿用2010年，按2020年流入总量缩放。",
    ),
    (
        "origin_pools_by_people_away",
        (
            "Inside an origin province people come from pools in proportion to those registered there and living "
            "elsewhere in 2010."
        ),
        "来源省份内部按2010年户籍在册而居住在外的人数分配到各统筹地区。",
    ),
    (
        "age_and_origin_independent",
        "Inside one pool and stream, age and sex do not depend on the origin.",
        "同一统筹地区同一类迁移者中，年龄性别与来源地无关。",
    ),
    (
        "ages_by_neighbouring_years",
        (
            "The census groups 5-9 and 15-19 are cut at 6 and 18 by a straight line through the yearly means of "
            "the neighbouring groups."
        ),
        "普查5至9岁、15至19岁两组按相邻年龄组年均人数的直线在6岁和18岁处切分。",
    ),
    (
        "one_national_profile",
        "The age and sex profile of a stream before raking is the same in every pool.",
        "调整前，各类人群的年龄性别构成在各统筹地区相同。",
    ),
    (
        "migrants_employee_share",
        (
            "25.04 % of migrants aged 18 and over are in the employee scheme; a province differs as its employee "
            "share differs."
        ),
        "18岁及以上流动人口中25.04%参加职工医保；各省按其职工医保比例浮动。",
    ),
    (
        "migrants_employee_place",
        "86.57 % of migrants in the employee scheme are counted where they live, the others at their hukou place.",
        "参加职工医保的流动人口中86.57%计在常住地，其余计在户籍地。",
    ),
    (
        "urban_share_decides_inside_a_province",
        "Inside a province the employee share of locals follows the urban share of the pool.",
        "省内各统筹地区本地人的职工医保比例与城镇化率成正比。",
    ),
    (
        "same_share_here_for_all_streams",
        (
            "The share enrolled at the residence is the same for movers inside and across provinces and for "
            "every age; students apart."
        ),
        "省内与跨省流动人口、各年龄在常住地参保的比例相同，大学生除外。",
    ),
    (
        "table2_keeps_the_ranking",
        "At the level of tables 1 and 2 every province's share of table 3 is scaled by one factor.",
        "按表1、表2的水平时，各省比例由表3同比缩放。",
    ),
    (
        "no_permits",
        "Nothing is known of residence permits: they are not in the table.",
        "没有居住证信息，表中不含。",
    ),
)
"""Choices of form rather than number: name, English, Chinese; all `assumed`."""


def listed(parameters: Parameters) -> list[dict[str, Any]]:
    """Every assumption as one record: name, value, unit, evidence, says_en, says_zh."""
    numbers = [
        {
            "name": field.name,
            "value": getattr(parameters, field.name).value,
            "unit": getattr(parameters, field.name).unit,
            "evidence": getattr(parameters, field.name).evidence,
            "says_en": getattr(parameters, field.name).says_en,
            "says_zh": getattr(parameters, field.name).says_zh,
        }
        for field in fields(parameters)
    ]
    forms = [
        {"name": name, "value": None, "unit": "", "evidence": "assumed", "says_en": en, "says_zh": zh}
        for name, en, zh in STRUCTURAL
    ]
    return numbers + forms
