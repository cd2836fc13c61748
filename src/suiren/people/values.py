"""What the cells of each column may say, as SQL over a trimmed text `t`: the value, and empty where it says nothing."""

from __future__ import annotations

from suiren.engines.engine import text
from suiren.laws.schema import CLASSES, OLDEST
from suiren.people.shapes import CATEGORY_WORDS

TRUE = ("true", "t", "yes", "y", "1", "是", "有")
FALSE = ("false", "f", "no", "n", "0", "否", "无")
SEXES = {1: ("m", "1", "男", "男性", "male"), 2: ("f", "2", "女", "女性", "female"), 0: ("0", "9", "未知", "未说明")}
"""Words for a sex; 0 stands for words that say it is not known."""
NUMBERS = (
    *("age", "months", "cost_fen", "sex", "birth_date", "hukou_place", "enrolment_place", "residence_place"),
    *("coverage_from", "coverage_to", "scheme_code", "person_category", "pooling_area_code", "id_document_type"),
    *("enrolment_status", "payment_status", "paid_flag", "payment_type", "survival_status", "valid_flag"),
)
"""Columns whose cells may come as 30.0, as spreadsheets and data frames write whole numbers."""

RESIDENT, EMPLOYEE, OTHER = "resident", "employee", "other"
SCHEMES = {RESIDENT: ("390", "21"), EMPLOYEE: ("310", "11")}
"""Codes of the two basic schemes: of the platform (with local extensions) and of the older ledger."""
SCHEME_WORDS = {
    RESIDENT: ("城乡居民", "城乡居民基本医疗保险", "居民医保", "居民"),
    EMPLOYEE: ("职工", "职工基本医疗保险", "城镇职工基本医疗保险", "职工医保"),
}

CATEGORIES = {
    "1401": "newborn",
    "1402": "preschool",
    "1403": "pupil",
    "1404": "student",
    "1405": "preschool",
    "15": "adult",
    "16": "elderly",
}
"""Person categories of the platform -> class; the longest known prefix decides."""
BY_AGE = ("14", "21", "99")
"""Categories that leave the class to the age."""
EMPLOYED = ("11", "12", "13", "10")
"""Categories of employees and retirees."""

STATUS = {
    "enrolment_status": ("1", "01", "正常", "正常参保"),
    "payment_status": ("1", "01", "参保缴费", "正常"),
    "paid_flag": ("1", "01", "是", "已缴费"),
    "payment_type": ("10",),
    "reversal_flag": ("Z", "z"),
    "survival_status": ("1", "01", "生存"),
    "valid_flag": ("1", "01", "是", "有效"),
}
"""Columns that say whether the cover is in force -> words that say it is."""


def bare(cell: str, kind: str, column: str) -> str:
    """Return the SQL of a raw cell as a trimmed text, empty where nothing is left."""
    if kind in {"DOUBLE", "FLOAT"}:
        whole = f"{cell} = trunc({cell}) AND abs({cell}) < 9e15"
        return f"CASE WHEN isnan({cell}) THEN NULL WHEN {whole} THEN {cell}::BIGINT::VARCHAR ELSE {cell}::VARCHAR END"
    blanks = "' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(12288) || chr(65279)"
    trimmed = f"nullif(trim({cell}::VARCHAR, {blanks}), '')"
    return f"regexp_replace({trimmed}, '^([0-9]+)[.]0+$', '\\1')" if column in NUMBERS else trimmed


def value(column: str) -> str:
    """Return the SQL of what a text `t` says in a column, empty where it says nothing that is known.

    A place is the number of its code; a month counts from the year 0; a category is the class it names, `by_age` where
    it leaves that to the age, `employed`; a status is whether it is the one that is in force.
    """
    if column.endswith("_place") or column == "pooling_area_code":
        return "CASE WHEN regexp_full_match(t, '[0-9]{6}') THEN t::INTEGER END"
    if column in {"coverage_from", "coverage_to"}:
        return _month()
    if column in STATUS:
        return f"t IN ({_listed(STATUS[column])})"
    known = {
        "sex": _case("lower(t)", {str(sex): words for sex, words in SEXES.items()}, "TINYINT"),
        "age": f"({whole('t', OLDEST)})::SMALLINT",
        "months": f"({whole('t', 12, 1)})::BIGINT",
        "person_class": f"CASE WHEN lower(t) IN ({_listed(CLASSES)}) THEN lower(t) END",
        "person_category": _category(),
        "scheme_code": _scheme(),
        "contribution_tier": "t",
        "aid_group": "t",
        "risk_group": "t",
        "id_document_type": "t",
        "enrolment_place_name": "t",
    }
    return known.get(column) or _case("lower(t)", {"true": TRUE, "false": FALSE}, "BOOLEAN")


def whole(cell: str, most: int, least: int = 0) -> str:
    """Return the SQL of a text as a whole number from `least` to `most`, else empty."""
    fits = f"regexp_full_match({cell}, '[0-9]{{1,{len(str(most))}}}')"
    return f"CASE WHEN {fits} AND {cell}::BIGINT BETWEEN {least} AND {most} THEN {cell}::BIGINT END"


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(text(word) for word in words)


def _case(cell: str, words: dict[str, tuple[str, ...]], kind: str) -> str:
    whens = " ".join(f"WHEN {cell} IN ({_listed(listed)}) THEN {said}" for said, listed in words.items())
    return f"(CASE {whens} END)::{kind}"


def _month() -> str:
    packed = "regexp_full_match(t, '(19|20|21)[0-9]{2}(0[1-9]|1[0-2])')"
    parted = "regexp_full_match(t, '(19|20|21)[0-9]{2}[-/](0[1-9]|1[0-2])')"
    year = "substr(t, 1, 4)::INTEGER * 12"
    return (
        f"CASE WHEN {packed} THEN {year} + substr(t, 5, 2)::INTEGER - 1 "
        f"WHEN {parted} THEN {year} + substr(t, 6, 2)::INTEGER - 1 END"
    )


def _category() -> str:
    longest = sorted(CATEGORIES, key=len, reverse=True)
    whens = [f"WHEN starts_with(t, {text(code)}) THEN {text(CATEGORIES[code])}" for code in longest]
    whens += [f"WHEN t = {text(word)} THEN {text(said)}" for word, said in CATEGORY_WORDS.items()]
    whens += [f"WHEN starts_with(t, {text(code)}) THEN 'by_age'" for code in BY_AGE]
    whens += [f"WHEN starts_with(t, {text(code)}) THEN 'employed'" for code in EMPLOYED]
    return f"CASE {' '.join(whens)} END"


def _scheme() -> str:
    whens: list[str] = []
    for scheme, codes in SCHEMES.items():
        long, short = codes
        starts = f"starts_with(t, {text(long)}) OR t = {text(short)} OR t IN ({_listed(SCHEME_WORDS[scheme])})"
        whens.append(f"WHEN {starts} THEN {text(scheme)}")
    return f"CASE {' '.join(whens)} WHEN t IS NOT NULL THEN {text(OTHER)} END"
