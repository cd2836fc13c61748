"""The frame of a study: exact rounding, shipped tables, what is written, what the commands print."""

import json
import os
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import altair as alt
import openpyxl
import polars as pl
import pytest
from hatchling.builders.wheel import WheelBuilder
from hypothesis import given
from hypothesis import strategies as st

from people_files import suiren
from suiren.errors import SuirenError
from suiren.show.style import finished
from suiren.studies import build, catalog, printed, shown, write
from suiren.studies.study import Figure, Item, Study, Table, agrees, decimals_of, found, held, missing, rounded

SOURCES = Path(os.environ.get("SUIREN_SOURCES", Path(__file__).parents[2] / "shared" / "data")) / "seed"
PROJECT = Path(__file__).parents[1]
SHIPPED = Path(build.__file__).parent / "printed"


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (Fraction(1, 8), 2, "0.13"),
        (Fraction(-1, 8), 2, "-0.13"),
        (Decimal("2.675"), 2, "2.68"),
        (Fraction(-1, 1000), 2, "0.00"),
        (7, 0, "7"),
        (Fraction(5, 2), 0, "3"),
        (10**30, 1, "1" + "0" * 30 + ".0"),
    ],
)
def test_rounding_is_half_up_and_exact(value, decimals, text):
    assert rounded(value, decimals) == text


@given(st.integers(-(10**12), 10**12), st.integers(0, 6))
def test_what_is_printed_agrees_with_itself(units, decimals):
    value = Fraction(units, 10**decimals)
    text = rounded(value, decimals)
    assert Fraction(text) == value
    assert decimals_of(text) == decimals
    assert agrees(text, value)
    assert not agrees(text, value + Fraction(1, 10**decimals))


def test_items_say_what_they_are():
    one, other = held("A", "1,300", 1300), held("B", "41.82", Fraction(319, 10))
    assert (one.agrees, one.computed) == (True, "1300")
    assert (other.agrees, other.computed, other.printed) == (False, "31.90", "41.82")
    told = [item.verdict for item in (one, other, found("C", "3"), missing("D", "4", "why", "为何"))]
    assert told == ["agrees", "disagrees", "found", "none"]
    assert Item("E", None, None, None, en="only").note("zh") == "only"


def study(lang: str = "en", *more: Item) -> Study:
    frame = pl.DataFrame({"city": ["杭州", None], "share": [Decimal("1.50"), None], "persons": [1234567, 5]})
    bars = alt.Chart(frame.cast({"share": pl.Float64})).mark_bar().encode(x="persons:Q", y="city:N")
    return Study(
        "invented",
        "An invented paper",
        "虚构论文",
        (held("X-1", "7", 7), held("X-2", "7", 8, "why not", "为何不"), missing("X-3", None, "none", "没有"), *more),
        (Table("t1", "First", "第一", frame, "a note", "说明"),),
        (Figure("f1", "Bars", "条形", finished(bars, lang, "Bars 条形")),),
    )


def test_an_item_taken_from_the_paper_is_no_agreement():
    one = held("A", "7", 7, "why", "为何", from_paper=True)
    other = held("B", "7", 8, "why", "为何", from_paper=True)
    assert (one.verdict, other.verdict) == ("input", "disagrees")
    assert one.note("en").endswith(" why")
    assert one.note("en") != "why" == other.note("en")
    assert study("en", one, other).counts() == {"agrees": 1, "disagrees": 2, "input": 1, "found": 0, "none": 1}


CHINESE, WORD = re.compile("[\u4e00-\u9fff]"), re.compile("[A-Za-z]{3,}")
NAMES = ("explain", "china", "portable", "survey", "mapping", "province", "permit", "https", "tables", "csv", "central")


@pytest.mark.parametrize("name", ["permits", "residence"])
def test_heads_and_codes_are_in_the_language_asked_for(name):
    """Items and tables of both papers as a reader sees them; documents keep their Chinese titles in English too."""
    for lang in ("zh", "en"):
        made = catalog.run(name, lang)
        for table in made.tables:
            heads, rows, _, _ = shown.page_table(table, lang)
            heads += [head for _, head in shown.columns(table, lang)]
            assert not [
                head for head in heads if (CHINESE if lang == "en" else re.compile("[a-z]_|_[a-z]")).search(head)
            ]
            assert not [head for head in heads if lang == "zh" and not CHINESE.search(head) and not head.isdecimal()]
            if lang == "en" and table.id != "rules":
                assert not [row for row in rows if any(CHINESE.search(cell) for cell in row)], table.id
        for item_id, *cells, note in shown.item_rows(made.items, lang):
            wrong = CHINESE if lang == "en" else WORD
            told = re.sub("|".join(NAMES), "", " ".join(cells))
            assert not wrong.search(told), (item_id, told)
            assert CHINESE.search(note) or lang == "en", item_id


def test_sheets_have_heads_numbers_and_names_of_the_language(tmp_path):
    write.write(tmp_path / "out", study("zh"), "zh", study, {})
    book = openpyxl.load_workbook(tmp_path / "out" / "study.xlsx")
    assert book.sheetnames == ["逐项核对", "第一"]
    rows = list(book["第一"].iter_rows(min_row=4, values_only=True))
    assert rows == [("城市", "share", "人数"), ("杭州", 1.5, 1234567), (None, None, 5)]


def test_cells_read_as_a_reader_writes_them():
    assert shown.cell("x", True, "zh") == "是"
    assert shown.cell("code", "330100", "zh") == "330100"
    assert shown.cell("x", "200725", "en") == "200,725"
    assert shown.cell("x", 95.5, "en") == "95.50"
    assert shown.cell("x", 200725.0, "en") == "200,725"
    assert shown.cell("x", "hukou_only", "en") == "hukou only"
    assert shown.cell("x", "big9", "en") == "9 metropolises"
    frame = pl.DataFrame({"name_en": ["a"], "name_zh": ["甲"], "rows": [5]})
    both = Table("t", "T", "题", frame, page=("name_en", "name_zh"))
    assert shown.page_table(both, "zh")[:2] == (["名称"], [["甲"]])
    assert shown.columns(both, "en") == [("name_en", "name"), ("rows", "rows")]


def test_ids_are_unique():
    with pytest.raises(ValueError, match="X-1"):
        study("en", held("X-1", "7", 7))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_study_is_written_whole_and_the_same_again(tmp_path, lang):
    target = tmp_path / "out"
    for _ in range(2):
        write.write(target, study(lang), lang, study, {"settings": {}})
    names = set(write.outputs(target))
    parts = {"items.csv", "study.md", "study.xlsx", "report.html", "tables/t1.csv", "figures/f1.svg", "figures/f1.png"}
    assert names == parts
    first = (target / "manifest.json").read_bytes()
    write.write(target, study(lang), lang, study, {"settings": {}})
    assert (target / "manifest.json").read_bytes() == first
    assert "1.50" in (target / "tables" / "t1.csv").read_text(encoding="utf-8")
    page = (target / "report.html").read_text(encoding="utf-8")
    assert "http" not in page.replace("http://www.w3.org", "")
    assert ("为何不" if lang == "zh" else "why not") in page


def test_without_a_chinese_font_the_pictures_are_romanised_and_it_is_said(tmp_path, monkeypatch):
    asked = []

    def english() -> Study:
        asked.append(1)
        return study("en")

    write.write(tmp_path / "plain", study("en"), "en", english, {})
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "Latin.ttf").write_bytes(b"")
    monkeypatch.setattr("suiren.show.charts.FONT_FOLDERS", (str(tmp_path / "fonts"), str(tmp_path / "none")))
    assert write.write(tmp_path / "out", study("zh"), "zh", english, {}) is False
    assert asked
    for name in ("report.html", "study.md"):
        assert "没有中文字体" in (tmp_path / "out" / name).read_text(encoding="utf-8")
    drawn = [(tmp_path / folder / "figures" / "f1.png").read_bytes() for folder in ("plain", "out")]
    assert drawn[0] == drawn[1]
    ran = suiren("study", "run", "permits", "--lang", "zh", "-o", tmp_path / "permits")
    assert (ran.code, "没有中文字体" in ran.out) == (0, True)


def test_a_strangers_folder_is_left_alone(tmp_path):
    (tmp_path / "own.txt").write_text("precious", encoding="utf-8")
    with pytest.raises(SuirenError, match=r"own\.txt"):
        write.write(tmp_path, study(), "en", study, {})
    assert [path.name for path in tmp_path.iterdir()] == ["own.txt"]


def test_every_shipped_table_names_its_paper_and_section():
    for name, (paper, section) in printed.TABLES.items():
        for row in printed.read(name):
            assert row["paper"] in {"A", "B"}
            assert row["section"]
            assert paper in {"", row["paper"]}
            assert section in {"", row["section"]}
    assert printed.cell("fig1_ratios", "ratio_printed", city_code_gb2260="330100") == "20.2"
    with pytest.raises(LookupError):
        printed.cell("cmds_t1", "value", year="1999")


INVENTORY = SOURCES.parents[1] / "docs" / "DOMAIN.md"

if INVENTORY.is_file():

    def test_every_row_of_the_written_inventory_has_items():
        rows = set(re.findall(r"^\| ([AB]-[A-Z]\d+) \|", INVENTORY.read_text(encoding="utf-8"), re.MULTILINE))
        items = [item for name in catalog.names() for item in catalog.run(name, "en").items]
        assert rows == {item.id.partition(".")[0] for item in items}


def test_the_wheel_holds_every_table_that_is_read():
    """What hatch would pack, without building it."""
    builder = WheelBuilder(str(PROJECT))
    packed = {file.distribution_path for file in builder.recurse_included_files()}
    source = PROJECT / "src"
    there = {path.relative_to(source).as_posix() for path in (source / "suiren").rglob("*") if path.is_file()}
    kept = {name for name in there if "__pycache__" not in name}
    assert kept <= packed
    for name in ("engines/log4j2.properties", "data/china-2020.parquet", "data/places.csv", "data/published.csv"):
        assert f"suiren/{name}" in packed
    for folder, ending in (("studies/printed", ".csv"), ("laws/tables", ".csv"), ("risk", ".csv")):
        assert any(name.startswith(f"suiren/{folder}/") and name.endswith(ending) for name in packed), folder
    assert {f"suiren/studies/printed/{name}.csv" for name in printed.TABLES} <= packed


if SOURCES.is_dir():

    def test_shipped_tables_are_built_byte_for_byte():
        made = build.build(SOURCES)
        assert {f"{name}.csv" for name in made} == {path.name for path in SHIPPED.glob("*.csv")}
        for name, data in made.items():
            assert (SHIPPED / f"{name}.csv").read_bytes() == data


def test_missing_tables_are_told_at_once(tmp_path, capsys):
    (tmp_path / "cmds_t1.csv").write_text("year\n2015\n", encoding="utf-8")
    assert build.main([str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert told.count("E-study-file") == len(printed.TABLES) - 1
    assert told.count("E-study-column") == 1


def test_commands_tell_what_is_wrong():
    unknown = suiren("study", "run", "permit")
    assert (unknown.code, "permits" in unknown.err) == (1, True)
    alone = suiren("study", "run", "residence", "--survey", "x.csv")
    assert (alone.code, "--mapping" in alone.err) == (1, True)
    wrong = suiren("study", "run", "permits", "--survey", "x.csv", "--mapping", "m.csv")
    assert (wrong.code, "E-study-input" in wrong.err) == (1, True)


def test_studies_are_listed():
    listed = json.loads(suiren("study", "list", "--json").out)["studies"]
    assert [each["name"] for each in listed] == list(catalog.names())
    assert all(each["title"] for each in listed)
