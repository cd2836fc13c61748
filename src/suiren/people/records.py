"""The schema of person rows, and the checks of a row: each a stable code and a sentence."""

from __future__ import annotations

REQUIRED = ("person_id", "hukou_place", "enrolment_place")
PLACES = ("hukou_place", "enrolment_place", "residence_place")
OPTIONAL = (
    "residence_place",
    "sex",
    "age",
    "birth_date",
    "person_class",
    "contribution_tier",
    "aid_group",
    "months",
    "risk_group",
    "cost_fen",
)

MESSAGES: dict[str, tuple[str, str]] = {
    "Q-row": ("The row has more or fewer cells than the header.", "这一行的单元格数与表头不符。"),
    "Q-quote": ("A quotation mark of the row is not where it should be.", "这一行的引号不配对。"),
    "Q-encoding": ("The row is not UTF-8.", "这一行不是 UTF-8 编码。"),
    "Q-person-id": ("person_id is empty.", "person_id 为空。"),
    "Q-place": (
        "{column} {value} is no place code of the 2020 divisions.",
        "{column} {value} 不是 2020 年的行政区划代码。",
    ),
    "Q-place-level": (
        "{column} {value} is a province; a prefecture or county is needed.",
        "{column} {value} 是省级代码，需要地级或县级代码。",
    ),
    "Q-sex": ("sex {value} is none of m, f, 1, 2, 男, 女.", "sex {value} 不是 m、f、1、2、男、女之一。"),
    "Q-age": ("age {value} is not a whole number from 0 to 120.", "age {value} 不是 0 到 120 的整数。"),
    "Q-birth-date": (
        "birth_date {value} is no date such as 1990-01-31 up to the end of the year.",
        "birth_date {value} 不是当年年底以前的日期（如 1990-01-31）。",
    ),
    "Q-age-birth": ("age {value} contradicts birth_date.", "age {value} 与 birth_date 矛盾。"),
    "Q-class": ("person_class {value} is no class of persons.", "person_class {value} 不是人员类别。"),
    "Q-class-age": ("person_class {value} contradicts the age.", "person_class {value} 与年龄矛盾。"),
    "Q-fact": ("{column} {value} is neither true, false nor empty.", "{column} {value} 不是真、假或空。"),
    "Q-months": ("months {value} is not a whole number from 1 to 12.", "months {value} 不是 1 到 12 的整数。"),
    "Q-cost": ("cost_fen {value} is not a whole number of fen, 0 or more.", "cost_fen {value} 不是非负整数（分）。"),
    "Q-duplicate": (
        "Another row of the same person_id was kept: the two are alike, or exceed 12 months together.",
        "同一 person_id 已保留另一行：两行相同，或合计超过 12 个月。",
    ),
    "Q-tier": ("The enrolment place has no contribution tier {value}.", "参保地没有缴费档次 {value}。"),
    "Q-aid": ("The law knows no aid group {value}.", "法规表没有救助类别 {value}。"),
    "Q-employee": (
        "The person is covered by the employee scheme: one basic scheme at a time.",
        "该人已参加职工医保：不得重复参保。",
    ),
    "Q-shut-out": (
        "By the enrolment place's rule this person may not enrol there ({value}).",
        "按参保地规定，此人不得在当地参保（{value}）。",
    ),
    "Q-class-unknown": (
        "Neither age, birth date nor class is given, so the class is not known.",
        "未填年龄、出生日期或人员类别，无法确定类别。",
    ),
    "Q-fact-missing": ("The rule needs a fact that is empty ({value}).", "规定所需的事实为空（{value}）。"),
    "Q-points": ("Sex and age are needed to give points.", "风险调整需要性别和年龄。"),
}
"""What is said of a quarantined row, in English and Chinese; `value` is masked."""


def message(code: str, column: str, value: str, lang: str = "en") -> str:
    """Return the sentence of a quarantined row."""
    return MESSAGES[code][lang == "zh"].format(column=column, value=value or "''")
