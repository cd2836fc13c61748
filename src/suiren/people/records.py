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
    "id_document_number",
    "id_document_type",
    "scheme_code",
    "person_category",
    "coverage_from",
    "coverage_to",
    "enrolment_status",
    "payment_status",
    "paid_flag",
    "payment_type",
    "reversal_flag",
    "survival_status",
    "valid_flag",
    "pooling_area_code",
    "enrolment_place_name",
)

MESSAGES: dict[str, tuple[str, str]] = {
    "Q-row": ("The row has more or fewer cells than the header.", "这一行的单元格数与表头不符。"),
    "Q-quote": ("A quotation mark of the row is not where it should be.", "这一行的引号不配对。"),
    "Q-encoding": ("The row is not in the encoding of the file.", "这一行的编码与文件不符。"),
    "Q-digits": (
        "{column} was stored as a number and has lost digits; store it as text.",
        "{column} 按数值保存，已丢失位数；请按文本保存。",
    ),
    "Q-person-id": ("person_id is empty.", "person_id 为空。"),
    "Q-place": (
        "{column} {value} is no place code of the divisions of any year.",
        "{column} {value} 不是任何年份的行政区划代码。",
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
    "Q-cost": (
        "cost_fen {value} is not a whole number of fen from 0 to 10^15.",
        "cost_fen {value} 不是 0 到 10^15 的整数（分）。",
    ),
    "Q-id": (
        "id_document_number is no identity number: 18 characters or 15 digits are needed.",
        "id_document_number 不是居民身份证号码（应为 18 位或 15 位）。",
    ),
    "Q-id-checksum": (
        "The check character of id_document_number is wrong (GB 11643).",
        "id_document_number 的校验码不正确（GB 11643）。",
    ),
    "Q-id-date": ("The birth date in id_document_number is no date.", "id_document_number 中的出生日期不存在。"),
    "Q-id-birth": (
        "id_document_number contradicts the birth date or age.",
        "id_document_number 与出生日期或年龄矛盾。",
    ),
    "Q-id-sex": ("id_document_number contradicts sex.", "id_document_number 与性别矛盾。"),
    "Q-scheme": (
        "scheme_code {value} is not the resident scheme, which alone settles here.",
        "scheme_code {value} 不是城乡居民基本医疗保险，这里只结算居民医保。",
    ),
    "Q-category": (
        "person_category {value} is one of employees or retirees, not of residents.",
        "person_category {value} 是职工或退休人员，不是居民。",
    ),
    "Q-status": ("{column} {value}: the cover is not in force.", "{column} {value}：参保关系未生效。"),
    "Q-pool": ("{column} {value} contradicts the enrolment place.", "{column} {value} 与参保地不符。"),
    "Q-month": (
        "{column} {value} is no month such as 202201, or ends before it begins.",
        "{column} {value} 不是年月（如 202201），或止月早于起月。",
    ),
    "Q-coverage": ("No month of the row lies in the year of coverage.", "这一行没有落在参保年度内的月份。"),
    "Q-months-range": (
        "months {value} contradicts coverage_from and coverage_to.",
        "months {value} 与费款所属期不符。",
    ),
    "Q-duplicate": (
        "Another row that says the same of this person was kept.",
        "同一人内容相同的另一行已保留。",
    ),
    "Q-overlap": (
        "The person is covered elsewhere in the same months, or for more than 12 months together; that row was kept.",
        "该人在相同月份另有参保，或合计超过 12 个月；已保留另一行。",
    ),
    "Q-two-numbers": (
        "The same identity has another person number with cover in the same months; that row was kept.",
        "同一证件号码另有人员编号且参保月份重复；已保留另一行。",
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
