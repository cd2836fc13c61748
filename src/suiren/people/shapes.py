"""Shapes of person rows: which columns a file has, and what each is taken for (our names, NHSA's, Chinese ones)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from suiren.errors import did_you_mean, fail

FORMATS = ("auto", "plain", "nhsa", "nhsa-ledger")
Remark = tuple[str, str]
"""A sentence for the user, in English and Chinese."""

NHSA: dict[str, tuple[str, ...]] = {
    "person_id": ("psn_no",),
    "id_document_number": ("certno", "cert_no"),
    "id_document_type": ("psn_cert_type", "cert_type"),
    "scheme_code": ("insutype", "insu_type"),
    "person_category": ("psn_type",),
    "enrolment_place": ("insuplc_admdvs", "insu_admdvs"),
    "hukou_place": ("resd_loc_admdvs",),
    "residence_place": ("live_admdvs",),
    "enrolment_status": ("psn_insu_stas", "insu_stas"),
    "payment_status": ("psn_clct_stas",),
    "coverage_from": ("accrym_begn", "begn_ym"),
    "coverage_to": ("accrym_end", "expi_ym"),
    "sex": ("gend",),
    "birth_date": ("brdy",),
    "pooling_area_code": ("poolarea_no",),
    "paid_flag": ("clct_flag",),
    "payment_type": ("clct_type",),
    "reversal_flag": ("revs_flag",),
    "survival_status": ("surv_stas",),
    "valid_flag": ("vali_flag",),
}
"""Our column -> names in NHSA's tables and interfaces, the preferred one first."""

LEDGER: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("ADMDVS", "enrolment_place_name", ("参保地医保区划名称",)),
    ("INSU_POOLAREA", "enrolment_place", ("参保地医保区划编码", "参保地医保区划")),
    ("POOLAREA", "pooling_area_code", ("统筹区编码", "统筹区编号", "统筹区")),
    ("PSN_NO", "person_id", ("人员编号", "个人编号")),
    ("CERT_TYPE", "id_document_type", ("证件类型", "人员证件类型")),
    ("CERT_NO", "id_document_number", ("证件号码",)),
    ("NAME", "", ("姓名",)),
    ("PSN_CLCT_STAS", "payment_status", ("个人缴费状态",)),
    ("INSU_STAS", "enrolment_status", ("参保状态", "人员参保状态")),
    ("PSN_TYPE", "person_category", ("参保身份", "人员类别")),
    ("INSU_TYPE", "scheme_code", ("险种类型", "险种")),
    ("BEGN_YM", "coverage_from", ("缴费起始年月",)),
    ("EXPI_YM", "coverage_to", ("缴费截止年月", "缴费终止年月")),
    ("EMP_NO", "", ("单位编号",)),
    ("EMP_NAME", "", ("单位名称",)),
    ("CIS_REA", "", ("参保状态变更原因",)),
)
"""The ledger exchange file: English code, our column (empty: not read), Chinese heads, in the order of the file."""
LEDGER_CODES = tuple(code for code, _, _ in LEDGER)

CHINESE: dict[str, tuple[str, ...]] = {
    "person_id": ("人员编号", "个人编号", "人员代码", "个人代码", "参保人编号", "人员ID"),
    "id_document_number": (
        "证件号码",
        "身份证号码",
        "身份证号",
        "公民身份号码",
        "公民身份证号码",
        "居民身份证号码",
        "身份证件号码",
        "有效身份证件号码",
        "证件号",
    ),
    "id_document_type": ("证件类型", "人员证件类型", "身份证件类型", "证件类别"),
    "hukou_place": (
        "户籍地",
        "户籍地代码",
        "户籍地编码",
        "户籍所在地",
        "户籍所在地代码",
        "户籍地区划代码",
        "户籍地行政区划",
        "户籍地行政区划代码",
        "户口所在地",
        "户口所在地代码",
        "户口所在地医保区划",
    ),
    "enrolment_place": (
        "参保地",
        "参保地代码",
        "参保地编码",
        "参保地区划",
        "参保地区划代码",
        "参保地行政区划",
        "参保地行政区划代码",
        "参保地医保区划",
        "参保地医保区划代码",
        "参保地医保区划编码",
        "参保所属医保区划",
    ),
    "residence_place": (
        "居住地",
        "居住地代码",
        "居住地编码",
        "居住地区划代码",
        "居住地行政区划",
        "居住地行政区划代码",
        "居住地医保区划",
        "常住地",
        "常住地代码",
        "常住地区划代码",
        "现居住地",
        "现居住地代码",
    ),
    "enrolment_place_name": ("参保地名称", "参保地医保区划名称"),
    "pooling_area_code": ("统筹区编码", "统筹区编号", "统筹区代码", "统筹地区代码"),
    "sex": ("性别", "性别代码"),
    "age": ("年龄", "周岁"),
    "birth_date": ("出生日期", "出生年月日"),
    "person_category": ("人员类别", "人员类别代码", "参保身份", "参保人员类别"),
    "scheme_code": ("险种类型", "险种", "险种代码", "参保险种"),
    "contribution_tier": ("缴费档次", "缴费档", "档次"),
    "aid_group": ("困难类别", "救助类别", "救助对象类别", "医疗救助对象类别", "困难人员类别"),
    "has_permit": ("居住证", "是否有居住证", "是否持有居住证", "有居住证", "持有居住证"),
    "months": ("参保月数", "月数", "缴费月数", "保障月数"),
    "coverage_from": ("缴费起始年月", "参保起始年月", "待遇开始年月", "费款所属期开始"),
    "coverage_to": ("缴费截止年月", "缴费终止年月", "参保截止年月", "参保终止年月", "待遇终止年月", "费款所属期结束"),
    "enrolment_status": ("参保状态", "人员参保状态"),
    "payment_status": ("个人缴费状态", "缴费状态"),
    "paid_flag": ("缴费标志",),
    "payment_type": ("缴费类型",),
    "reversal_flag": ("核销标志",),
    "survival_status": ("生存状态",),
    "valid_flag": ("有效标志",),
    "risk_group": ("风险组", "健康组"),
    "cost_fen": ("费用_分", "医疗费用_分", "费用(分)", "医疗费用(分)", "基金支付(分)"),
    "employee_cover": ("是否参加职工医保", "参加职工医保", "职工医保参保"),
    "relative_insured": ("近亲属参保", "近亲属是否参保"),
    "relative_has_permit": ("近亲属有居住证", "近亲属是否有居住证"),
    "student_here": ("是否在本地就读", "在本地就读"),
    "insured_at_origin": ("原籍参保", "是否在原籍参保"),
    "insured_here_before": ("曾在本地参保", "是否曾在本地参保"),
}
"""Our column -> names that people give it in Chinese, the preferred one first; money in yuan is not taken."""

CATEGORY_WORDS: dict[str, str] = {
    "新生儿": "newborn",
    "婴儿": "newborn",
    "学龄前": "preschool",
    "学龄前儿童": "preschool",
    "未入学": "preschool",
    "未入学儿童": "preschool",
    "幼儿": "preschool",
    "幼儿园儿童": "preschool",
    "中小学生": "pupil",
    "小学生": "pupil",
    "中学生": "pupil",
    "初中生": "pupil",
    "高中生": "pupil",
    "大学生": "student",
    "大中专学生": "student",
    "高校学生": "student",
    "在校大学生": "student",
    "成年": "adult",
    "成年人": "adult",
    "成年居民": "adult",
    "居民(成年)": "adult",
    "老年": "elderly",
    "老年人": "elderly",
    "老年居民": "elderly",
    "居民(老年)": "elderly",
}
"""Words in a column of person categories -> our class."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of a file, our columns with the file's own spelling of each, and what was decided on the way."""

    name: str
    columns: dict[str, str]
    remarks: tuple[Remark, ...] = ()


def fold(column: str) -> str:
    """Return a column's name without what does not count: case, blanks, quotes, width, underscores, marks."""
    return re.sub(r"[\s\"'`“”‘’_\-*:.\ufeff\u200b]", "", unicodedata.normalize("NFKC", column)).lower()


def recognise(columns: Sequence[str], format_: str, wanted: Sequence[str], shown: str) -> Shape:
    """Return the shape of a table with these columns, and what each column of `wanted` is called there.

    Raises:
        SuirenError: no header, a column twice, or columns that do not fit the format asked for.
    """
    _check_names(columns, wanted, shown)
    if format_ == "nhsa-ledger" or (format_ == "auto" and _is_ledger(columns)):
        return _ledger(columns, wanted, shown)
    names = {"plain": _plain, "nhsa": _nhsa}.get(format_, _any)
    taken: dict[str, str] = {}
    remarks: list[Remark] = []
    by_fold = _by_fold(columns)
    for ours in wanted:
        found = [column for key in dict.fromkeys(map(fold, names(ours))) for column in by_fold.get(key, ())]
        found = [column for column in found if column not in taken.values()]
        if found:
            taken[ours] = found[0]
            remarks += [_passed_over(ours, found[0], other) for other in found[1:]]
    platform = {fold(name) for names in NHSA.values() for name in names}
    from_platform = sum(fold(column) in platform for column in taken.values())
    if format_ == "nhsa" and not from_platform:
        raise _misfit(columns, "nhsa", (name for names in NHSA.values() for name in names), shown)
    if format_ == "plain" and not taken:
        raise _misfit(columns, "plain", wanted, shown)
    nhsa = format_ == "nhsa" or (format_ == "auto" and 2 * from_platform > len(taken))
    return Shape("nhsa" if nhsa else "plain", taken, tuple(remarks))


def looks_like_data(columns: Sequence[str]) -> bool:
    """Return whether cells are those of a person row rather than names: six digits in a row somewhere."""
    return any(re.search(r"\d{6}", column) for column in columns)


def known(columns: Iterable[str], wanted: Sequence[str]) -> int:
    """Return how many of these names stand for a column of `wanted`, in any shape."""
    names = {fold(name) for ours in wanted for name in _any(ours)} | {fold(code) for code in LEDGER_CODES}
    names |= {fold(head) for _, _, heads in LEDGER for head in heads}
    return len({fold(column) for column in columns} & names)


def ledger_header(cells: Sequence[str]) -> bool:
    """Return whether 16 cells are the header of a ledger file, not its first row."""
    heads = {fold(code) for code in LEDGER_CODES} | {fold(head) for _, _, heads in LEDGER for head in heads}
    return sum(fold(cell) in heads for cell in cells) >= len(LEDGER) // 2


def _check_names(columns: Sequence[str], wanted: Sequence[str], shown: str) -> None:
    if not known(columns, wanted) and looks_like_data(columns):
        raise fail(
            "E-file-header",
            f"The first line of {shown} looks like data, not like column names.",
            "Without names nobody knows which column is what.",
            "Put a header line first: person_id, hukou_place, enrolment_place, ...",
        )
    folded = [column.strip().lower() for column in columns]
    twice = sorted({column for column in folded if column and folded.count(column) > 1})
    if twice:
        raise fail("E-column-twice", f"{shown} has the column {twice[0]!r} twice.", "Which one counts?")


def _by_fold(columns: Sequence[str]) -> dict[str, list[str]]:
    """Return folded name -> the file's spellings of it."""
    found: dict[str, list[str]] = {}
    for column in columns:
        found.setdefault(fold(column), []).append(column)
    return found


def _plain(ours: str) -> tuple[str, ...]:
    return (ours, *CHINESE.get(ours, ()))


def _nhsa(ours: str) -> tuple[str, ...]:
    return (*NHSA.get(ours, ()), ours, *CHINESE.get(ours, ()))


def _any(ours: str) -> tuple[str, ...]:
    return (ours, *NHSA.get(ours, ()), *CHINESE.get(ours, ()))


def _is_ledger(columns: Sequence[str]) -> bool:
    """Return whether these are the ledger's heads: 16 cells, and those by which it differs from other tables."""
    folded = {fold(column) for column in columns}
    return len(columns) == len(LEDGER) and (
        folded.issuperset(map(fold, ("INSU_POOLAREA", "PSN_NO")))
        or folded.issuperset(("参保地医保区划编码", "参保地医保区划名称", "人员编号"))
    )


def _ledger(columns: Sequence[str], wanted: Sequence[str], shown: str) -> Shape:
    """Return the columns of a ledger file by their heads.

    Where the heads that are known stand at their places in the layout, the others are taken by theirs and told.
    """
    by_fold = _by_fold(columns)
    found: dict[str, str] = {}
    for code, _, heads in LEDGER:
        spelled = [column for key in map(fold, (code, *heads)) for column in by_fold.get(key, ())]
        if spelled:
            found[code] = spelled[0]
    if len(found) < len(LEDGER) // 2:
        raise _misfit(columns, "nhsa-ledger", LEDGER_CODES, shown)
    remarks: list[Remark] = []
    if len(columns) == len(LEDGER) and all(columns[LEDGER_CODES.index(code)] == found[code] for code in found):
        for code, theirs in zip(LEDGER_CODES, columns, strict=True):
            if code not in found:
                found[code] = theirs
                remarks.append((f"{theirs} is taken for {code} by its place", f"“{theirs}”按位置视为 {code}"))
    return Shape(
        "nhsa-ledger",
        {ours: found[code] for code, ours, _ in LEDGER if ours in wanted and code in found},
        tuple(remarks),
    )


def _passed_over(ours: str, taken: str, other: str) -> Remark:
    return (
        f"{ours} is read from {taken}; {other} could be it too and is not read",
        f"{ours} 取自“{taken}”；“{other}”也可能是它，未采用",
    )


def _misfit(columns: Sequence[str], format_: str, names: Iterable[str], shown: str) -> Exception:
    words = [column for column in columns if column.strip() and not any(char.isdigit() for char in column)]
    listed = list(names)
    hints = [hint for word in words if (hint := did_you_mean(word.strip().lower(), [n.lower() for n in listed], 1))]
    return fail(
        "E-format",
        f"{shown} has none of the columns of the format {format_}.",
        f"That format has {', '.join(listed[:4])}, ...",
        hints[0] if hints else "Leave out --format, and it is recognised.",
    )
