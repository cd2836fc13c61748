"""Shapes of person rows: what the columns of a file are taken for."""

import pytest

from suiren.errors import SuirenError
from suiren.laws.schema import CLASSES
from suiren.people.shapes import CATEGORY_WORDS, CHINESE, LEDGER, LEDGER_CODES, NHSA, fold, recognise

WANTED = tuple(dict.fromkeys((*CHINESE, *NHSA, *(ours for _, ours, _ in LEDGER if ours), "person_class", "_row")))
PLATFORM = [
    "psn_no",
    "psn_cert_type",
    "certno",
    "gend",
    "brdy",
    "insutype",
    "psn_type",
    "insuplc_admdvs",
    "resd_loc_admdvs",
    "live_admdvs",
    "psn_insu_stas",
    "accrym_begn",
    "accrym_end",
    "clct_flag",
    "clct_type",
    "revs_flag",
    "surv_stas",
    "vali_flag",
    "poolarea_no",
    "psn_clct_stas",
]
TAKEN = {
    "person_id": "psn_no",
    "id_document_type": "psn_cert_type",
    "id_document_number": "certno",
    "sex": "gend",
    "birth_date": "brdy",
    "scheme_code": "insutype",
    "person_category": "psn_type",
    "enrolment_place": "insuplc_admdvs",
    "hukou_place": "resd_loc_admdvs",
    "residence_place": "live_admdvs",
    "enrolment_status": "psn_insu_stas",
    "coverage_from": "accrym_begn",
    "coverage_to": "accrym_end",
    "paid_flag": "clct_flag",
    "payment_type": "clct_type",
    "reversal_flag": "revs_flag",
    "survival_status": "surv_stas",
    "valid_flag": "vali_flag",
    "pooling_area_code": "poolarea_no",
    "payment_status": "psn_clct_stas",
}


def shape(columns, format_="auto", wanted=WANTED):
    return recognise(columns, format_, wanted, "r.csv")


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


@pytest.mark.parametrize("spelled", [str, str.upper, camel, str.title, lambda name: f' "{name}" '])
def test_platform_names_in_any_spelling(spelled):
    columns = [spelled(name) for name in PLATFORM]
    found = shape(columns)
    assert found.name == "nhsa"
    assert found.columns == {ours: spelled(theirs) for ours, theirs in TAKEN.items()}
    assert found.remarks == ()


def test_our_names_in_any_spelling():
    found = shape(["Person_ID", " HUKOU_PLACE ", "enrolmentPlace", "\ufeffage", "notes", "has permit"])
    assert found.name == "plain"
    assert found.columns == {
        "person_id": "Person_ID",
        "hukou_place": " HUKOU_PLACE ",
        "enrolment_place": "enrolmentPlace",
        "age": "\ufeffage",
        "has_permit": "has permit",
    }


def test_chinese_names_and_money_in_yuan():
    heads = [
        "个人编号",
        "身份证号码",
        "户籍地代码",
        "参保地医保区划",
        "性别",
        "年龄",
        "参保月数",
        "是否有居住证*",
        "费用(元)",
        "费用（分）",
        "人员类别",
    ]
    found = shape(heads)
    assert found.name == "plain"
    assert found.columns == {
        "person_id": "个人编号",
        "id_document_number": "身份证号码",
        "hukou_place": "户籍地代码",
        "enrolment_place": "参保地医保区划",
        "sex": "性别",
        "age": "年龄",
        "months": "参保月数",
        "has_permit": "是否有居住证*",
        "cost_fen": "费用（分）",
        "person_category": "人员类别",
    }


def test_no_name_stands_for_two_columns_of_the_same_shape():
    for names in (NHSA, CHINESE):
        listed = [name for given in names.values() for name in {fold(name) for name in given}]
        assert len(listed) == len(set(listed))
    assert len(LEDGER) == 16
    assert all(word == fold(word) or "(" in word for word in CATEGORY_WORDS)
    assert set(CATEGORY_WORDS.values()) <= set(CLASSES)


def test_of_two_that_could_be_it_the_stated_one_is_taken_and_told():
    found = shape(["psn_no", "insu_admdvs", "insuplc_admdvs", "resd_loc_admdvs"])
    assert found.columns["enrolment_place"] == "insuplc_admdvs"
    assert (
        found.remarks[0][0]
        == "enrolment_place is read from insuplc_admdvs; insu_admdvs could be it too and is not read"
    )
    assert "insu_admdvs" in found.remarks[0][1]
    assert shape(["psn_no", "person_id"], "nhsa").columns["person_id"] == "psn_no"
    assert shape(["psn_no", "person_id"], "plain").columns["person_id"] == "person_id"
    assert shape(["person id", "person_id"]).columns["person_id"] == "person id"


def test_one_column_is_not_taken_twice():
    found = shape(["人员编号", "人员类别", "参保身份"])
    assert sorted(found.columns) == ["person_category", "person_id"]


@pytest.mark.parametrize("mixed", [["psn_no", "insuplc_admdvs", "resd_loc_admdvs", "has_permit"]])
def test_platform_columns_beside_ours(mixed):
    assert shape(mixed).name == "nhsa"
    assert shape(mixed).columns["has_permit"] == "has_permit"
    assert shape(["person_id", "hukou_place", "enrolment_place", "certno"]).name == "plain"


def test_ledger_heads_in_english_and_chinese():
    want = {ours: code for code, ours, _ in LEDGER if ours}
    assert (shape(LEDGER_CODES).name, shape(LEDGER_CODES).columns) == ("nhsa-ledger", want)
    heads = [names[0] for _, _, names in LEDGER]
    found = shape(heads)
    assert found.name == "nhsa-ledger"
    assert found.columns == {ours: names[0] for _, ours, names in LEDGER if ours}
    assert shape(heads[::-1]).columns == found.columns
    local = [head if place != 10 else "险别" for place, head in enumerate(heads)]
    assert shape(local).columns["scheme_code"] == "险别"
    assert shape(local).remarks[0][0] == "险别 is taken for INSU_TYPE by its place"
    assert "scheme_code" not in shape(local[::-1]).columns


def test_the_same_name_twice_and_a_first_line_of_data():
    with pytest.raises(SuirenError, match="'age' twice"):
        shape(["person_id", "age", " Age"])
    with pytest.raises(SuirenError) as caught:
        shape(["99000019900101001X", "330100", "330100"])
    assert caught.value.problems[0].code == "E-file-header"
    assert "99000019900101" not in str(caught.value)
    assert shape(["person_id", "note_202101"]).name == "plain"


def test_a_format_that_does_not_fit_is_told_with_the_nearest_name():
    with pytest.raises(SuirenError, match="psn_no") as caught:
        shape(["psnn_no", "admdvs"], "nhsa")
    assert caught.value.problems[0].code == "E-format"
    with pytest.raises(SuirenError, match="nhsa-ledger"):
        shape(["person_id", "hukou_place", "enrolment_place"], "nhsa-ledger")
    with pytest.raises(SuirenError, match="plain"):
        shape(["psn_no", "insuplc_admdvs"], "plain")
