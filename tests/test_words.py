"""Texts in both languages, units, and one person's page."""

import re

import pytest
from rich.cells import cell_len

import suiren as sr
from samples import printed
from suiren.laws import portability, split, subsidy
from suiren.laws.payers import LEVELS
from suiren.laws.schema import CLASSES, EVIDENCE, REGIMES
from suiren.laws.scheme import parse
from suiren.show import amounts, phrases, terminal
from suiren.show.case_words import RULES_ZH, SAYS_ZH, says_in
from suiren.show.doors import DOORS
from suiren.show.lines import wrapped
from suiren.show.texts import ALL, LANGS, placeholders, scheme_about, scheme_name, t
from suiren.show.units import units_for


def test_every_text_has_both_languages_and_the_same_placeholders():
    for key, texts in ALL.items():
        assert len(texts) == len(LANGS), key
        assert all(text.strip() or text == ", " for text in texts), key
        assert placeholders(texts[0]) == placeholders(texts[1]), key


def test_english_texts_hold_no_chinese_but_names_of_documents():
    for key, (_, english) in ALL.items():
        rest = re.sub(r"国办发〔2018〕67号|张展新", "", english)
        assert not re.search(r"[\u4e00-\u9fff]", rest), key


def test_everything_that_is_named_has_words():
    keys = [f"level_{name}" for name in (*LEVELS, "governments", "total", "local")]
    keys += [f"one_{name}" for name in LEVELS] + [f"grade_{name}" for name in EVIDENCE]
    keys += [f"class_{name}" for name in CLASSES] + [f"regime_{name}" for name in REGIMES]
    keys += [f"door_{name}" for name in DOORS]
    assert not [key for key in keys if key not in ALL]


def test_schemes_are_named_with_their_options():
    assert scheme_name("portable:enrol=residence", "zh") == "钱随人走·常住地参保"
    assert scheme_name("portable:enrol=residence", "en") == "Portable, all at residence"
    assert "budget=5" in scheme_name("risk-adjusted:budget=5", "en")
    assert "everyone is enrolled where they live" in scheme_about("portable:enrol=residence", "en")
    assert scheme_about("portable:enrol=residence", "en", ["portable"]).startswith("As the portable scheme")


def test_what_the_law_says_is_told_in_chinese():
    assert says_in("zh", "610.00 of 2022 less the national rise 30.00") == "2022年的610.00元减国家标准的增幅30.00元"
    assert says_in("zh", "class by age; (18, 59)") == "按年龄归类（18–59岁）"
    assert says_in("en", "class by age; (18, 59)") == "class by age, 18–59"
    rules = {rule.__name__ for rule in (*subsidy.RULES, *portability.FOLLOWING)}
    assert set(RULES_ZH) <= rules | {f"pays_{level}" for level in LEVELS}
    assert says_in("zh", "may enrol (residence_permit)", "eligible") == "可以参保（居住证）"
    assert {split.HALF, split.PLANNED, split.UNDIVIDED} <= set(SAYS_ZH)


CHINESE_PAGES = [
    ("portable", 2021, ("临夏", "杭州", 30)),
    ("portable", 2021, ("忻州", "上海", 65)),
    ("portable:surplus=cap", 2021, ("忻州", "沈阳", 3)),
    ("current", 2021, ("忻州", "宁波", 40)),
    ("current", 2019, ("临夏", "西安", 30)),
    ("current", 2018, ("临夏", "北京", 30)),
    ("current", 2016, ("临夏", "金华", 30)),
    ("current:contribution_rate=0.01", 2021, ("临夏", "临夏", 30)),
    ("current:standard_cap=60000", 2021, ("忻州", "上海", 30)),
    ("upper-funded", 2021, ("临夏", "海口", 10)),
]


@pytest.mark.parametrize(("scheme", "year", "case"), CHINESE_PAGES)
def test_a_chinese_page_says_no_english_sentence(scheme, year, case):
    hukou, enrol_at, age = case
    made = sr.explain(sr.law(year) | parse(scheme), hukou, enrol_at, age=age, sex="f")
    text = printed("zh", lambda console, lang: terminal.explanation(console, made, lang))
    rest = re.sub(r"\w+\.csv:\d+|规则\S+|china-2020|\w+[:=]\S+", "", text)
    assert not re.findall(r"[A-Za-z]{3,}", rest)


@pytest.mark.parametrize(
    ("fen", "lang", "text"),
    [
        (353_095_777_920_00, "zh", "+3,530.96"),
        (353_095_777_920_00, "en", "+353.10"),
        (-50_000_000, "zh", "−0.01"),
        (49_999_999, "zh", "0.00"),
        (50_000_000, "zh", "+0.01"),
        (0, "en", "0.00"),
    ],
)
def test_large_amounts_are_rounded_half_up(fen, lang, text):
    assert units_for(10**14, 10**9, lang).amount(fen, signed=True) == text


SIZES = [
    (10**12, 10**6, ("亿元", "万人", "100.00", "100.0"), ("bn yuan", "million persons", "10.00", "1.00")),
    (
        10**12 - 1,
        10**6 - 1,
        ("万元", "人", "1,000,000.00", "999,999"),
        ("million yuan", "persons", "10,000.00", "999,999"),
    ),
    (10**9, 282, ("万元", "人", "1,000.00", "282"), ("million yuan", "persons", "10.00", "282")),
    (10**9 - 1, 1, ("元", "人", "9,999,999.99", "1"), ("yuan", "persons", "9,999,999.99", "1")),
    (0, 0, ("元", "人", "0.00", "0"), ("yuan", "persons", "0.00", "0")),
]


@pytest.mark.parametrize(("fen", "persons", "zh", "en"), SIZES)
def test_units_follow_the_size_of_the_comparison(fen, persons, zh, en):
    for lang, told in (("zh", zh), ("en", en)):
        units = units_for(fen, persons, lang)
        assert (units.money_name, units.persons_name, units.amount(fen), units.count(persons)) == told


def test_few_persons_among_many_are_not_told_as_none():
    zh, en = (units_for(10**14, 10**9, lang) for lang in LANGS)
    assert (zh.count(499), zh.count(500), zh.count(0)) == ("<0.1", "0.1", "0.0")
    assert (en.count(4_999), en.count(5_000)) == ("<0.01", "0.01")
    assert (zh.counted(9_999), en.counted(99_999)) == ("9,999", "99,999")
    assert (zh.counted(5_217_500), en.counted(5_217_500)) == ("521.8万", "5.22 million")


def test_a_change_too_small_for_its_unit_is_not_told_as_none():
    units = units_for(10**14, 10**9, "en")
    assert phrases.more_less(0, units) == "as much as before"
    assert "less than 0.01 bn yuan" in phrases.more_less(-5, units)
    assert phrases.more_less(-5 * 10**8, units) == "0.01 bn yuan less"


def test_small_numbers_keep_their_meaning():
    assert amounts.yuan(-1, signed=True) == "−0.01"
    assert amounts.percent(4) == "<0.1%"
    assert amounts.percent(0) == "0.0%"
    assert amounts.per_head(-3, 2) == -2
    assert amounts.per_head(5, 0) == 0


def test_lines_break_after_punctuation_and_never_inside_a_number():
    lines = wrapped("共有一千零二十四个人参加，其中有十二个人缺少情况，合计2,426.3万人，缴费3,346.24亿元。", 30)
    assert all(cell_len(line) <= 30 for line in lines)
    assert any("2,426.3万人" in line for line in lines)
    assert "".join(wrapped("一" * 90, 30)) == "一" * 90


# --- summary ---


CASES = [
    ("current", {"hukou": "临夏", "enrol_at": "杭州", "age": 30}, "answer_no"),
    ("current", {"hukou": "临夏", "enrol_at": "西安", "age": 30}, "answer_undetermined"),
    ("current", {"hukou": "临夏", "enrol_at": "西安", "age": 30, "permit": True}, "answer_yes"),
    ("current", {"hukou": "忻州", "enrol_at": "忻州", "age": 70}, "answer_yes"),
    ("current", {"hukou": "忻州", "enrol_at": "上海", "age": 30, "facts": {"employee_cover": True}}, "answer_no"),
    ("portable", {"hukou": "忻州", "enrol_at": "上海", "age": 65}, "answer_yes"),
    ("upper-funded", {"hukou": "临夏", "enrol_at": "杭州", "age": 30, "months": 7}, "answer_yes"),
]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(("scheme", "case", "answer"), CASES)
def test_one_person_gets_one_page(lang, scheme, case, answer):
    made = sr.explain(sr.law(2021) | parse(scheme), **case)
    text = printed(lang, lambda console, lang: terminal.explanation(console, made, lang))
    assert t(lang, "case_may", answer=t(lang, answer)) in text
    assert max(map(cell_len, text.splitlines())) <= 100
    assert t(lang, "case_sources") in text
    if made.total_fen:
        assert amounts.yuan(made.fen("individual")) in text
        assert amounts.yuan(made.subsidy_fen) in text
    if scheme == "portable":
        assert "+290.00" in text
        assert "2,768.43" in text


def test_full_cost_and_missing_facts_are_told():
    full = sr.explain(sr.law(2016), "临夏", "金华", age=30, tier="tier_1")
    assert "1,700.00" in printed("zh", lambda console, lang: terminal.explanation(console, full, lang))
    open_ = sr.explain(sr.law(2021), "临夏", "西安", age=30)
    text = printed("en", lambda console, lang: terminal.explanation(console, open_, lang))
    assert "holds a valid residence permit issued in this place" in text
    assert "320.00" in text


# --- pictures ---
