"""What a user sees: texts in both languages, sums that agree with the ledger, pages and books that open anywhere."""

import re
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from rich.cells import cell_len

import suiren as sr
from samples import printed
from suiren.errors import SuirenError
from suiren.laws.payers import GOVERNMENTS, LEVELS
from suiren.laws.scheme import parse
from suiren.people.kinds import people_of
from suiren.show import amounts, charts, terminal
from suiren.show.burden import local_burden
from suiren.show.gallery import gallery
from suiren.show.report import report
from suiren.show.sheets import EXACT_BELOW, exact_text
from suiren.show.summary import Summary, summary
from suiren.show.texts import LANGS, scheme_name, t
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
