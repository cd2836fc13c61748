"""What a user sees: texts in both languages, sums that agree with the ledger, pages and books that open anywhere."""

import io
import re
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from rich.cells import cell_len
from rich.console import Console

import suiren as sr
from suiren.errors import SuirenError
from suiren.laws import portability, split, subsidy
from suiren.laws.payers import GOVERNMENTS, LEVELS
from suiren.laws.schema import CLASSES, EVIDENCE, REGIMES
from suiren.laws.scheme import parse
from suiren.people.kinds import people_of
from suiren.show import amounts, charts, phrases, terminal
from suiren.show.burden import local_burden
from suiren.show.case_words import RULES_ZH, SAYS_ZH, says_in
from suiren.show.doors import DOORS
from suiren.show.gallery import gallery
from suiren.show.lines import wrapped
from suiren.show.report import report
from suiren.show.sheets import EXACT_BELOW, exact_text
from suiren.show.summary import Summary, summary
from suiren.show.texts import ALL, LANGS, placeholders, scheme_about, scheme_name, t
from suiren.show.units import units_for
from suiren.show.workbook import workbook

SCHEMES = ("current", "portable", "portable:enrol=residence", "risk-adjusted")


def few_people(name, factor=1):
    rows = [
        ("622900", "330100", "330100", "adult", 30, 1, 70_000),
        ("140900", "310000", "310000", "elderly", 65, 2, 30_000),
        ("622900", "610100", "610100", "adult", 40, 1, 50_000),
        ("622900", "622900", "440100", "adult", 25, 2, 90_000),
        ("440300", "622900", "622900", "pupil", 9, 1, 1_000),
        ("110000", "110000", "110000", "adult", 50, 2, 400_000),
        ("140900", "140900", "140900", "pupil", 10, 1, 800_000),
    ]
    names = ("hukou_place", "enrolment_place", "residence_place", "person_class", "age", "sex", "persons")
    frame = pl.DataFrame(rows, schema=names, orient="row")
    whole = frame.with_columns(pl.col("hukou_place", "enrolment_place", "residence_place").cast(pl.Int32))
    return people_of(name, whole.with_columns(persons=pl.col("persons") * factor), modelled=True)


def settled(name, factor=1, schemes=SCHEMES):
    law = sr.law(2021)
    people = few_people(name, factor)
    return [sr.settle(people, law | parse(scheme)) for scheme in schemes]


@pytest.fixture(scope="module")
def results():
    return settled("china-2020")


@pytest.fixture(scope="module")
def told(results) -> Summary:
    return summary(results, settled("china-2020 (table2)", 2))


def printed(lang, show):
    buffer = io.StringIO()
    show(Console(file=buffer, width=100, color_system=None), lang)
    return buffer.getvalue()


# --- texts ---


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


def test_payers_add_up_to_the_ledger(results, told):
    for result in results:
        for level in LEVELS:
            assert told.amount(result.scheme, level) == result.total(level)
        assert told.amount(result.scheme, "governments") == result.total()
        assert told.amount(result.scheme, "total") == int(result.ledger["amount_fen"].sum())
        assert told.change(result.scheme, "centre") == result.total("centre") - results[0].total("centre")


def test_every_cut_holds_the_same_money(results, told):
    for result in results:
        mine = pl.col("scheme") == result.scheme
        whole = int(result.ledger["amount_fen"].sum())
        assert int(told.funds.filter(mine)["total_fen"].sum()) == whole
        assert int(told.flows.filter(mine)["amount_fen"].sum()) == whole
        assert int(told.statement.filter(mine)["amount_fen"].sum()) == result.total()
        own = told.provinces.filter(mine)
        assert int(own["governments_fen"].sum() + own["centre_fen"].sum()) == result.total()
        assert int(own["received_fen"].sum()) == whole


def test_persons_of_provinces_are_all_persons(results, told):
    for result in results:
        rows = told.provinces.filter(pl.col("scheme") == result.scheme)
        assert rows.height == 31
        assert int(rows["persons"].sum()) == result.people.persons


def test_shares_of_evidence_add_up_to_one(told):
    for frame in (told.evidence, told.figures):
        whole = frame.group_by("scheme", "item").agg(pl.col("share_bp").sum())
        assert set(whole["share_bp"]) == {10_000}


def test_doors_hold_everybody_from_elsewhere(results, told):
    for result in results:
        rows = told.doors.filter(pl.col("scheme") == result.scheme)
        assert int(rows["persons"].sum()) == result.counts["elsewhere"]
    assert told.count("current", "kept_out") == 70_000
    assert told.door_schemes() == ("current", "portable:enrol=residence")


def test_the_local_burden_is_that_of_the_papers_table(told):
    fen = {(place, side): local for place, side, local, *_ in local_burden(told.burden).iter_rows()}
    assert fen["622900", "local"] == 1060
    assert fen["140900", "local"] == 11_600
    assert fen["310000", "local"] == 588_200
    assert fen["310000", "migrant"] == 276_843 + 282_357


def test_headlines_are_told_at_both_levels(told):
    assert told.headlines["population"].unique(maintain_order=True).to_list() == ["china-2020", "china-2020 (table2)"]
    first, second = (rows for _, rows in told.headlines.group_by("population", maintain_order=True))
    assert (second["centre_fen"] - 2 * first["centre_fen"]).abs().max() <= 2


def test_what_does_not_belong_together_is_refused(results):
    with pytest.raises(SuirenError, match="no result"):
        summary([])
    with pytest.raises(SuirenError, match="twice"):
        summary([results[0], results[0]])
    with pytest.raises(SuirenError, match="different people"):
        summary([results[0], settled("others", schemes=["portable"])[0]])
    with pytest.raises(SuirenError, match="enrolment levels differ"):
        summary(results, results[:2])


# --- terminal ---


@pytest.mark.parametrize("lang", LANGS)
def test_a_comparison_fits_the_terminal(told, lang):
    text = printed(lang, lambda console, lang: terminal.comparison(console, told, lang, "out/report.html"))
    lines = text.splitlines()
    assert len(lines) <= 70
    assert max(map(cell_len, lines)) <= 100
    assert told.units(lang).amount(told.amount("current", "centre")) in text
    assert t(lang, "line_files", where="out/report.html") in text


@pytest.mark.parametrize("lang", LANGS)
def test_one_scheme_alone_is_shown_too(results, lang):
    alone = summary(results[:1])
    text = printed(lang, lambda console, lang: terminal.comparison(console, alone, lang))
    assert alone.units(lang).amount(alone.amount("current", "governments")) in text


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


def test_a_picture_is_the_same_each_time_and_can_be_kept_as_png(told, tmp_path):
    chart = charts.who_pays(told, "en")
    assert charts.svg(chart) == charts.svg(charts.who_pays(told, "en"))
    charts.png(chart, tmp_path / "payers.png")
    assert (tmp_path / "payers.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("lang", LANGS)
def test_every_picture_keeps_to_the_schema(told, lang):
    for chart in charts.charts(told, lang).values():
        assert chart.to_dict()["config"]


# --- report ---


COMMAND = {"command": "suiren compare <x> & y", "population": "china-2020"}


@pytest.fixture(scope="module", params=LANGS)
def page(request, told):
    return request.param, report(told, request.param, COMMAND)


def test_the_page_stands_alone_and_holds_the_numbers(page, told):
    lang, text = page
    assert not re.search(r"(src|href|url)\s*[=(]", text)
    assert "http" not in text
    assert "<script" not in text
    assert "suiren compare &lt;x&gt; &amp; y" in text
    assert text.count("<svg") == text.count("</svg>") == 5
    for scheme in told.schemes:
        assert told.units(lang).amount(told.amount(scheme, "governments")) in text
    for population in ("table3", "table2"):
        assert t(lang, f"level_{population}") in text


def test_titles_on_the_page_are_sentences_with_their_number(page, told):
    lang, text = page
    titles = re.findall(r"<figcaption>(.*?)(?:<small>.*?)?</figcaption>", text)
    assert len(titles) == 5
    assert all(re.search(r"\d", title.split(" ", 2)[-1]) for title in titles)
    assert told.units(lang).amount(abs(told.change("portable", "centre"))) in titles[0]
    assert "5,592.00" in titles[3]


def test_a_hostile_name_is_escaped(results):
    people = few_people("[red]<img src=x onerror=alert(1)>.csv")
    alone = summary([sr.settle(people, results[0].law)])
    assert people.name in printed("en", lambda console, lang: terminal.comparison(console, alone, lang))
    text = report(alone, "en", {"command": "suiren", "population": people.name})
    assert "<img" not in text
    assert t("en", "h_payers") in text


def test_three_lines_of_python_tell_how_to_get_there(page):
    lines = re.findall(r"<pre>(import suiren.*?)</pre>", page[1], re.DOTALL)[0].splitlines()
    assert len(lines) == 3
    assert lines[2] == "(sr.settle(people, law | sr.portable()) - sr.settle(people, law)).by(&quot;payer_level&quot;)"


# --- workbook ---


@pytest.fixture(scope="module", params=LANGS)
def book(request, results, told, tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "book.xlsx"
    workbook(path, results, told, request.param)
    again = path.with_name("again.xlsx")
    workbook(again, results, told, request.param)
    assert path.read_bytes() == again.read_bytes()
    return request.param, openpyxl.load_workbook(path)


def rows_of(book, name):
    lang, opened = book
    sheet = opened[t(lang, f"sheet_{name}")]
    (table,) = sheet.tables.values()
    cells = [[cell.value for cell in row] for row in sheet[table.ref]]
    return pl.DataFrame(cells[1:], schema=cells[0], orient="row", infer_schema_length=None)


def test_every_sheet_is_a_real_table_that_stays_in_view(book):
    lang, opened = book
    names = ("overview", "payers", "provinces", "funds", "statement", "doors", "evidence", "notes")
    assert opened.sheetnames == [t(lang, f"sheet_{name}") for name in names]
    for sheet in opened:
        assert len(sheet.tables) == 1
        assert sheet.freeze_panes
        (table,) = sheet.tables.values()
        assert table.autoFilter is not None
        assert not [cell for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("=")]


def test_the_statement_agrees_with_the_ledger(book, results):
    lang, _ = book
    rows = rows_of(book, "statement")
    amount = t(lang, "col_amount")
    fen, yuan = t(lang, "col_fen_of", what=amount), t(lang, "col_yuan_of", what=amount)
    for result in results:
        mine = rows.filter(pl.col(t(lang, "col_scheme")) == scheme_name(result.scheme, lang))
        assert sum(mine[fen].to_list()) == result.total()
    assert all(Decimal(str(one)) * 100 == two for one, two in rows.select(yuan, fen).iter_rows())


def test_funds_and_payers_agree_with_the_ledger(book, results, told):
    lang, _ = book
    funds, payers = rows_of(book, "funds"), rows_of(book, "payers")
    for result in results:
        name = scheme_name(result.scheme, lang)
        total = t(lang, "col_fen_of", what=f"{name} · {t(lang, 'level_total')}")
        assert sum(funds[total].to_list()) == int(result.ledger["amount_fen"].sum())
        column = payers[t(lang, "col_fen_of", what=name)].to_list()
        assert column[: len(LEVELS)] == [result.total(level) for level in LEVELS]
        assert column[-2] == told.amount(result.scheme, "governments")
    assert len(payers) == len(LEVELS) + 2
    assert len(GOVERNMENTS) == 6


def test_amounts_that_a_cell_cannot_hold_become_text(tmp_path):
    from suiren.show.sheets import Book, Column
    from suiren.show.workbook import CREATED

    edge = EXACT_BELOW - 1
    with Book(tmp_path / "large.xlsx", "en", CREATED) as made:
        made.sheet("funds", [Column("a", 10), Column("b", 20, "yuan")], [["x", edge], ["y", -edge], ["z", 2**53 + 1]])
    sheet = openpyxl.load_workbook(tmp_path / "large.xlsx")["Funds"]
    cells = [[cell.value for cell in row] for row in sheet["B4:C6"]]
    assert [row[1] for row in cells] == [edge, -edge, f"{2**53 + 1:,}"]
    assert Decimal(str(cells[0][0])) * 100 == edge
    assert cells[2][0] == exact_text("yuan", 2**53 + 1) == "90,071,992,547,409.93"


# --- other sizes ---


def fewer(people, divisor):
    """The same people, so many times fewer; nobody for a large divisor."""
    names = ("hukou_place", "enrolment_place", "residence_place", "person_class", "age", "sex", "persons")
    kinds = people.kinds.select(names).with_columns(pl.col("persons") // divisor)
    return people_of("r.csv", kinds.filter(pl.col("persons") > 0))


def compared(divisor):
    people = fewer(few_people("r.csv"), divisor)
    results = [sr.settle(people, sr.law(2021) | parse(scheme)) for scheme in SCHEMES]
    return results, summary(results)


@pytest.fixture(scope="module")
def office():
    return compared(1000)


@pytest.mark.parametrize("lang", LANGS)
def test_a_small_run_is_told_to_the_fen_and_person(office, lang):
    _, told = office
    text = printed(lang, lambda console, lang: terminal.comparison(console, told, lang))
    assert max(map(cell_len, text.splitlines())) <= 100
    page = report(told, lang, COMMAND)
    unit, large = (t(lang, f"unit_money_{name}") for name in ("yuan", "large"))
    for shown in (text, page):
        assert amounts.yuan(told.amount("risk-adjusted", "governments")) in shown
        assert amounts.yuan(told.change("risk-adjusted", "county"), signed=True) in shown
        assert t(lang, "head_changes", unit=unit) in shown or t(lang, "t_payers", unit=unit) in shown
        assert large not in shown
        assert t(lang, "unit_persons_many") not in shown
    assert {"zh": "参保1,441人", "en": "1,441 persons insured"}[lang] in text


@pytest.mark.parametrize("lang", LANGS)
def test_nobody_settled_still_gives_every_output_and_says_so(tmp_path, lang):
    results, told = compared(10**9)
    assert told.persons == 0
    workbook(tmp_path / "empty.xlsx", results, told, lang)
    opened = openpyxl.load_workbook(tmp_path / "empty.xlsx")[t(lang, "sheet_overview")]
    said = t(lang, "nothing_settled")
    assert said in [cell.value for (cell,) in opened["A1:A6"]]
    page = report(told, lang, COMMAND)
    assert said in page
    assert "<svg" not in page
    assert said in "".join(
        line if lang == "zh" else f"{line} "
        for line in printed(lang, lambda console, lang: terminal.comparison(console, told, lang)).splitlines()
    )
    workbook(tmp_path / "one.xlsx", results[:1], summary(results[:1]), lang)


# --- gallery ---


def test_the_gallery_is_drawn_from_a_summary_and_the_committed_one_is_complete(told, tmp_path):
    *pictures, text = gallery(tmp_path, told)
    assert len(pictures) == 10
    written = text.read_text(encoding="utf-8")
    docs = Path(__file__).parents[1] / "docs"
    committed = (docs / "GALLERY.md").read_text(encoding="utf-8")
    for picture in pictures:
        assert f"gallery/{picture.name}" in written
        assert f"gallery/{picture.name}" in committed
        assert (docs / "gallery" / picture.name).is_file()
