"""Paper B: its numbers reproduce, its contradictions are shown with both values, its models run."""

import json
from fractions import Fraction

import polars as pl
import pytest

from people_files import suiren
from suiren.studies import residence, residence_nation, residence_survey
from suiren.studies.residence_mix import REGIMES, rules
from suiren.studies.residence_tools import YEARS, implied_share, mean_share, needed_new_rural
from suiren.studies.study import Study, Table, rounded

ROWS = {"D": 2, "F": 5, "T": 4, "R": 9, "M": 10}
INVENTORY = {f"B-{kind}{number}" for kind, count in ROWS.items() for number in range(1, count + 1)}
DISAGREE = {
    "B-D2.here_2017",
    "B-F5.losing",
    "B-F5.poor",
    "B-F5.rich",
    "B-R1.nine",
    "B-R1.vs_paper_a.nine",
    "B-T1.text.rural_falls",
    *(f"B-T2.{year}.overall" for year in YEARS),
    "B-T2.text.employee_85.2016",
    "B-T2.text.employee_85.2017",
    "B-T2.text.overall_40.2016",
    "B-T2.text.resident_40.2017",
    "B-T3.text.guangxi",
    "B-T3.vs_paper_a.pooled",
    "B-T3.vs_table_1.sample",
    "B-T3.vs_table_2.resident",
}
FOUND = {
    "B-F2.employee_share_2022": "26.93",
    "B-T4.622900.migrants": "18.37",
    "B-T4.140900.migrants": "33.01",
    "B-T4.310000.migrants": "42.14",
    "B-T4.shanghai_central": "0.976 %",
    "B-F3.622900": "10.6",
    "B-F3.140900": "116",
    "B-F3.310000": "5882",
    "B-M2.pull": "569.4",
    "B-M4.linxia_hangzhou": "464",
    "B-M4.shanghai_linxia": "58",
    "B-M5.linxia_hangzhou": "105.4",
    "B-M5.rest": "830.6",
    "B-M7.value": "7",
    "B-M7.newborn": "1050",
    "B-M7.mean_points": "50.8",
    "B-M7.mean_yuan": "356",
    "B-R8.highest": "11.43",
    "B-R8.aged_60": "10.24",
    "B-R2.jinhua.tier_1": "1700",
    "B-R2.jinhua.tier_2": "1000",
    "B-R2.changzhou.subsidy": "750",
    "B-R2.left_over": "100",
    "B-T3.mean": "28.90",
    "B-T3.sample": "95511",
    "B-T3.vs_table_2.both": "11.19",
    "B-T3.vs_table_1.sample": "95511",
    "B-F4.central_change": "0",
    "B-M8.neutral": "0",
    "B-M9.neutral": "0",
}


NUMBERS = {
    "B-D1": {f"B-D1.{name}": None for name in ("migrants", "resident_urban", "hukou_urban", "insured_2022")},
    "B-D2": {"B-D2.beijing": None, "B-D2.at_hukou_2017": None, "B-D2.here_2017": "39.44"},
    "B-F1": {f"B-F1.{year}": None for year in YEARS},
    "B-T1": {f"B-T1.{year}.rate": rate for year, rate in zip(YEARS, ["92.92", "88.54", "92.38", "93.71"], strict=True)},
    "B-T2": {
        f"B-T2.{year}.overall": share for year, share in zip(YEARS, ["23.48", "23.63", "29.81", "31.90"], strict=True)
    },
    "B-F2": {"B-F2.employee_share_2022": "26.93", "B-F2.employee_share_2011": None},
    "B-R1": {"B-R1.cities": None, "B-R1.share": "19.2 %"},
    "B-R2": {"B-R2.jinhua.tier_1": "1700", "B-R2.changzhou.away": "1300", "B-R2.changzhou.local": "550"},
    "B-R3": {"B-R3.cities": None, "B-R3.share": "45.2 %"},
    "B-T3": {"B-T3.110000": None, "B-T3.220000": None, "B-T3.text.most": "57.97", "B-T3.mean": "28.90"},
    "B-M1": {"B-M1.contrast": "84.71 > 41.81"},
    "B-R4": {"B-R4.away": "13.78"},
    "B-R5": {"B-R5.gansu": "80", "B-R5.shanxi": "60", "B-R5.shanghai": "10"},
    "B-R6": {"B-R6.poorer_more": "98.2 %, 80.0 %, 1.0 %"},
    "B-T4": {"B-T4.622900.sum": "580", "B-T4.140900.sum": "580", "B-T4.310000.sum": "5940"},
    "B-F3": {"B-F3.622900": "10.6", "B-F3.140900": "116", "B-F3.310000": "5882"},
    "B-M2": {"B-M2.pull": "569.4"},
    "B-M3": {"B-M3.hidden_tools": None},
    "B-R7": {"B-R7.reform": None, "B-R7.best_choice": "1226"},
    "B-M4": {"B-M4.linxia_hangzhou": "464", "B-M4.shanghai_linxia": "58"},
    "B-M5": {"B-M5.linxia_hangzhou": "105.4", "B-M5.payer": "Zhejiang"},
    "B-M6": {"B-M6.amount": "203.00"},
    "B-F4": {"B-F4.central_change": "0"},
    "B-F5": {"B-F5.rich": "4 pay more"},
    "B-M7": {"B-M7.value": "7", "B-M7.newborn": "1050", "B-M7.mean_points": "50.8", "B-M7.mean_yuan": "356"},
    "B-M8": {"B-M8.neutral": "0"},
    "B-M9": {"B-M9.neutral": "0"},
    "B-R8": {"B-R8.highest": "11.43", "B-R8.aged_60": "10.24"},
    "B-R9": {"B-R9.rate": None},
    "B-M10": {"B-M10.deficit": None},
}
"""What the inventory asks of each row: items with what is computed, None where the note says why nothing can be."""

FROM_PAPER = {
    *(f"B-T4.622900.{part}" for part in ("province", "city_and_county", "sum")),
    *(f"B-T4.310000.{part}" for part in ("central", "municipality", "district", "sum")),
    "B-R5.shanghai",
    *("B-F3.622900", "B-M5.linxia_hangzhou", "B-M7.points"),
    *("B-R2.changzhou.away", "B-R2.changzhou.local", "B-R2.qingyuan", "B-R2.shaoguan", "B-R3.same_terms"),
}
"""Items that give back what was taken from the paper."""


@pytest.fixture(scope="module")
def study() -> Study:
    return residence.study("en")


def frame(study: Study, name: str) -> pl.DataFrame:
    return next(each.frame for each in study.tables if each.id == name)


def test_every_row_of_the_inventory_is_met(study):
    met = {item.id.split(".")[0] for item in study.items}
    assert met == INVENTORY
    assert [item.id for item in study.items if not (item.en and item.zh)] == []
    assert all(item.computed is not None or item.agrees is None for item in study.items)


def test_disagreements_are_the_known_ones(study):
    assert {item.id for item in study.items if item.agrees is False} == DISAGREE


def test_numbers_are_those_of_the_inventory(study):
    computed = {item.id: item.computed for item in study.items}
    assert {name: computed[name] for name in FOUND} == FOUND


def test_every_number_of_the_inventory_has_its_item(study):
    assert set(NUMBERS) == INVENTORY
    by_id = {item.id: item for item in study.items}
    for row, numbers in NUMBERS.items():
        for name, computed in numbers.items():
            assert name.startswith(row + ".")
            assert by_id[name].computed == computed, name
            assert computed is not None or (by_id[name].en and by_id[name].zh), name
    overall = [by_id[f"B-T2.{year}.overall"].printed for year in YEARS]
    assert overall == ["37.04", "33.97", "39.44", "41.82"]


def test_what_comes_from_the_paper_says_so_and_is_not_counted_as_agreeing(study):
    marked = {item.id: item for item in study.items if item.verdict == "input"}
    assert set(marked) == FROM_PAPER
    for item in marked.values():
        assert item.note("en").startswith("Taken from the paper")
        assert item.note("zh").startswith("取自论文")
    assert study.counts()["input"] == len(FROM_PAPER)
    assert study.counts()["agrees"] == sum(item.agrees is True for item in study.items) - len(FROM_PAPER)


def test_the_command_prints_the_items(tmp_path):
    ran = suiren("study", "run", "residence", "--json", "--lang", "zh", "-o", tmp_path / "b")
    assert (ran.code, ran.err) == (0, "")
    told = json.loads(ran.out)
    assert set(told) == {"items"}
    assert len(told["items"]) == len({item["id"] for item in told["items"]})
    for item in told["items"]:
        assert list(item) == ["id", "printed", "computed", "agrees", "note"]
        assert item["agrees"] in (True, False, None)
        assert all(item[name] is None or isinstance(item[name], str) for name in ("printed", "computed"))
        assert isinstance(item["note"], str)
        assert item["agrees"] is None or None not in (item["printed"], item["computed"])
    names = {path.name for path in (tmp_path / "b").iterdir()}
    assert names >= {"items.csv", "report.html", "study.md", "study.xlsx", "manifest.json"}


def test_tables_1_and_2_imply_less_than_is_printed():
    assert [rounded(implied_share(year), 1) for year in YEARS] == ["23.5", "23.6", "29.8", "31.9"]
    assert [rounded(needed_new_rural(year), 1) for year in YEARS] == ["21.8", "17.9", "17.9", "19.5"]
    assert mean_share({"110000"}) == Fraction("4.43")


def test_both_values_of_each_check_are_shown(study):
    report = frame(study, "consistency")
    overall = report.filter(pl.col("id").str.ends_with(".overall"))
    assert overall["first_value"].to_list() == ["37.04", "33.97", "39.44", "41.82"]
    assert overall["second_value"].to_list() == ["23.48", "23.63", "29.81", "31.90"]
    assert set(report["id"]) <= {item.id for item in study.items}


def test_the_centre_pays_the_same_and_provinces_as_the_table_says(study):
    made = residence_nation.nation()
    assert made.centre_home == made.centre_moved
    assert made.centre_today == made.centre_points
    assert sum(made.net_members.values()) == 0
    table = frame(study, "provinces")
    assert table.height == 31
    assert residence_nation.at_home().persons == residence_nation.china().persons


def test_an_uplift_moves_money_from_locals_to_migrants():
    local, migrant, before, after = residence_nation.uplifted()
    assert before == after
    assert round(migrant / local, 3) == Fraction(11, 10)


def test_rules_are_counted_once_for_each_pool(study):
    known = rules(2021)
    assert known["310000"] == "relative"
    assert set(known.values()) <= set(REGIMES)
    mix = frame(study, "rule_mix")
    counted = mix.select(pl.sum_horizontal(*(f"{name}_2021" for name in REGIMES), "unknown_2021")).to_series()
    assert counted.to_list() == mix["pools"].to_list()


def test_figures_are_drawn_in_both_languages(study):
    chinese = residence.study("zh")
    assert [figure.id for figure in chinese.figures] == [figure.id for figure in study.figures]
    for figure in (*study.figures, *chinese.figures):
        figure.chart.to_dict()
    assert "临夏" in str(chinese.figures[2].chart.to_dict())
    assert "Linxia" in str(study.figures[2].chart.to_dict())


def test_a_survey_stands_for_the_cells_that_need_microdata():
    shape = {"year": [2018], "value": [25.04]}
    tables = (
        Table("survey-1", "", "", pl.DataFrame({**shape, "indicator_id": ["employee_scheme_share_pct"]})),
        Table("survey-2", "", "", pl.DataFrame({**shape, "indicator_id": ["residence_share_of_insured_pct"]})),
        Table("survey-3", "", "", pl.DataFrame({**shape, "province_code": ["110000"]})),
    )
    exact = Fraction("25.04")
    assert residence_survey.cells(tables) == {"B-T1.2018.employee": exact, "B-F1.2018": exact, "B-T3.110000": exact}
