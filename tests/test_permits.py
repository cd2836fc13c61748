"""Paper A: its numbers reproduce, every row of the inventory is met, the model's claims are no larger than they are."""

import json
import re
from fractions import Fraction

import polars as pl
import pytest

from people_files import suiren
from suiren.errors import SuirenError
from suiren.people import china2020
from suiren.studies import permits, permits_model, permits_opening, permits_own
from suiren.studies.permits_people import pools
from suiren.studies.permits_structure import cities
from suiren.studies.study import Study

ROWS = {"R": 7, "F": 3, "T": 5, "C": 1, "G": 1, "M": 2}
INVENTORY = {f"A-{kind}{number}" for kind, count in ROWS.items() for number in range(1, count + 1)}
DISAGREE = {"A-R5.hohhot", "A-T4.chengdu.in_2020"}
RATIOS = {"hangzhou": "20.2", "dongguan": "249.5", "hefei": "0.4", "kunming": "8.7", "fuzhou": "5.9", "shenyang": "6.8"}


NUMBERS = {
    "A-R1": {"A-R1.composition": None, "A-R1.no_double_cover": "no"},
    "A-R2": {"A-R2": None},
    "A-R3": {"A-R3": "14"},
    "A-R4": {"A-R4": None},
    "A-R5": {"A-R5.open_capitals": "21", "A-R5.hohhot": "yes", "A-R5.lhasa": None, "A-R5.urumqi": None},
    "A-R6": {"A-R6.high": "4", "A-R6.low": "2", "A-R6.standard": "3"},
    "A-R7": {"A-R7.beijing": "10", "A-R7.shanghai": "10", "A-R7.shenzhen": "30", "A-R7.ningbo": "30"},
    "A-F1": {"A-F1": None},
    "A-F2": {"A-F2": "23"},
    "A-F3": {f"A-F3.{city}": ratio for city, ratio in RATIOS.items()},
    "A-T1": {"A-T1.largest": "75.7", "A-T1.smallest": "19.9"},
    "A-T2": {"A-T2.shanghai": "no", "A-T2.shanghai.child": "yes", "A-T2.nanjing": "no", "A-T2.nanjing.child": "yes"},
    "A-T3": {"A-T3.largest": "17.2", "A-T3.smallest": "4.6"},
    "A-T4": {"A-T4.jinan": "yes", "A-T4.changsha.insured_at_home": "no", "A-T4.lanzhou.child": "yes"},
    "A-T5": {"A-T5.largest": "100.0", "A-T5.smallest": "5.2"},
    "A-C1": {"A-C1": None},
    "A-G1": {"A-G1": "23"},
    "A-M1": {"A-M1.shenzhen": "0"},
    "A-M2": {"A-M2.band.low": "8.7", "A-M2.band.high": "20.2", "A-M2.errors": "0"},
}
"""What the inventory asks of each row: items with what is computed, None where the note says why nothing can be."""


@pytest.fixture(scope="module")
def study() -> Study:
    return permits.study("en")


def table(study: Study, name: str) -> pl.DataFrame:
    return next(each.frame for each in study.tables if each.id == name)


def test_every_row_of_the_inventory_is_met(study):
    met = {item.id.split(".")[0] for item in study.items}
    assert met == INVENTORY
    assert all(item.en and item.zh for item in study.items)
    assert all(item.computed is not None or item.agrees is None for item in study.items)


def test_every_number_of_the_inventory_has_its_item(study):
    assert set(NUMBERS) == INVENTORY
    by_id = {item.id: item for item in study.items}
    for row, numbers in NUMBERS.items():
        for name, computed in numbers.items():
            assert name.split(".")[0] == row
            assert by_id[name].computed == computed, name
    assert sum(item.computed == "yes" for item in study.items if re.fullmatch(r"A-T4\.[a-z\']+", item.id)) == 14
    assert sum(item.computed == "no" for item in study.items if re.fullmatch(r"A-T2\.[a-z]+", item.id)) == 9


def test_what_comes_from_the_paper_says_so_and_is_not_counted_as_agreeing(study):
    marked = {item.id for item in study.items if item.verdict == "input"}
    assert {"A-T1.largest", "A-T2.beijing", "A-T4.hefei", "A-R3", "A-R6.low", "A-R1.no_double_cover"} <= marked
    assert not {"A-F3.hangzhou", "A-M2.errors", "A-R7.beijing", "A-T4.kunming", "A-T5.above_half"} & marked
    assert all(item.note("en").startswith("Taken from the paper") for item in study.items if item.id in marked)
    assert study.counts()["agrees"] == sum(item.agrees is True for item in study.items) - len(marked)


def test_the_gap_and_how_little_it_proves_are_told(study):
    left_out = next(each for each in study.tables if each.id == "leave_one_out")
    for note, little in ((left_out.note_en, "prove little"), (left_out.note_zh, "证明力有限")):
        assert "8.7" in note
        assert "20.2" in note
        assert little in note
    judged = pl.concat([table(study, "misses"), table(study, "hits")])
    assert judged.height == judged["code"].n_unique()
    own = table(study, "pools_2020").filter("own_rule")
    assert judged.height == own.filter(pl.any_horizontal(pl.col("^result_.*$") != "undecided")).height


def test_disagreements_are_the_known_ones(study):
    assert {item.id for item in study.items if item.agrees is False} == DISAGREE


def test_all_six_printed_ratios_reproduce(study):
    by_id = {item.id: item for item in study.items}
    for key, printed in RATIOS.items():
        item = by_id[f"A-F3.{key}"]
        assert (item.printed, item.computed, item.agrees) == (printed, printed, True)


def test_explain_answers_as_tables_2_and_4_code_it(study):
    rules = table(study, "rules")
    assert rules.height == 23
    assert (rules["paper_codes"] == rules["explain_answers"]).all()
    assert rules["paper_codes"].value_counts().sort("paper_codes").rows() == [("no", 9), ("yes", 14)]


def test_structure_adds_up():
    for city in cities():
        assert city.hukou + city.same_province + city.other_province == 100
        low, high = city.ratio_between()
        assert low <= city.ratio <= high


def test_the_band_splits_9_from_14_and_its_rounding_keeps_it():
    whole = permits_model.band(cities())
    assert (round(float(whole.low), 2), round(float(whole.high), 2)) == (8.66, 20.22)
    assert whole.separates
    ends = {
        group: [city.ratio_between() for city in cities() if city.group == group] for group in ("big9", "capital14")
    }
    assert max(high for _, high in ends["capital14"]) < min(low for low, _ in ends["big9"])
    assert all(right for _, _, right, _ in permits_model.left_out())
    parts = {city.key: part for city, _, _, part in permits_model.left_out()}
    assert {key for key, part in parts.items() if part < 1} == {"hangzhou", "kunming"}


def test_pools_hold_the_census(study):
    found = pools()
    assert len(found) == 367
    assert sum(pool.residents for pool in found.values()) == china2020.metadata()["persons"]
    assert sum(pool.other_province for pool in found.values()) == 124_837_153
    frame = table(study, "pools_2020")
    assert frame.height == 367
    assert set(frame["predicted"]) == {"open", "closed", "between"}


def test_later_openings_are_misses_and_are_listed(study):
    misses = set(table(study, "misses")["code"])
    assert {"330200", "440100", "441900"} <= misses
    answers = {row["code"]: row for row in table(study, "pools_2020").iter_rows(named=True)}
    for code, now in (("330200", "open"), ("440100", "open"), ("310000", "closed")):
        assert answers[code]["answer_2021"] == "closed"
        assert answers[code]["answer_2025"] == now
    for code in ("360100", "420100", "520100", "150100"):
        assert answers[code]["answer_2021"] == "open"


def test_what_the_model_is_worth(study):
    found = {item.id: item.computed for item in study.items if item.id.startswith("A-M2.")}
    assert found["A-M2.leave_one_out"] == "23 / 23"
    assert found["A-M2.single_features"] == "3 / 3"
    assert found["A-M2.census_2020"] == "15 / 23"
    assert (found["A-M2.pools_2021"], found["A-M2.pools_2025"]) == ("33 / 40", "47 / 59")


def test_who_must_join_the_employee_scheme_gains_nothing():
    for city in (city for city in cities() if city.group == "big9"):
        made = permits_opening.opening(city)
        if made.threshold == "high":
            assert made.gain == 0
            assert made.of("local") == 0
            assert made.local_of_all_fen > 0
        if made.threshold == "low":
            assert made.gain == made.insured_at_home


def test_cost_is_persons_times_the_local_part():
    suzhou = next(city for city in cities() if city.code == "320500")
    made = permits_opening.opening(suzhou)
    assert made.of("local") == made.local_of_all_fen
    assert Fraction(made.of("local"), made.gain) == permits_opening.parts("320500", "adult", 30)[2]
    assert sum(made.fen.values()) == sum(made.of(level) for level in permits_opening.LEVELS)


def test_own_counts_replace_the_assumptions(tmp_path):
    file = tmp_path / "permits.csv"
    file.write_text(
        "place,permit_holders,in_employee_scheme\n上海,500000,\n深圳,900000,899000\n东莞,1000000,\n", encoding="utf-8"
    )
    own = permits_own.read(file)
    gains = {city.code: permits_opening.opening(city, own).gain for city in cities()}
    assert [gains[code] for code in ("310000", "440300", "441900")] == [0, 1000, 1_000_000]
    dongguan = next(city for city in cities() if city.code == "441900")
    made = permits_opening.opening(dongguan, own)
    assert made.of("local") == 1_000_000 * permits_opening.parts("441900", "adult", 30)[2]
    ran = suiren("study", "run", "permits", "--permits", file, "--json")
    told = {item["id"]: item["computed"] for item in json.loads(ran.out)["items"]}
    assert told["A-M1.shenzhen"] == "1,000"


def test_bad_counts_are_told_at_once(tmp_path):
    file = tmp_path / "permits.csv"
    file.write_text(
        "place,permit_holders,in_employee_scheme\n临夏,5,\n上海,-1,\n深圳,5,6\nNowhere at all,5,\n东莞,1,\n东莞,1,\n",
        encoding="utf-8",
    )
    with pytest.raises(SuirenError) as caught:
        permits_own.read(file)
    codes = [problem.code for problem in caught.value.problems]
    assert codes[:3] == ["E-permits-city", "E-permits-number", "E-permits-sum"]
    assert codes[-1] == "E-permits-twice"
    assert len(codes) == 5


def test_command_prints_the_items_and_writes_the_files(tmp_path):
    ran = suiren("study", "run", "permits", "--json", "--lang", "en", "-o", tmp_path / "a")
    assert (ran.code, ran.err) == (0, "")
    told = json.loads(ran.out)
    assert set(told) == {"items"}
    assert all(set(item) == {"id", "printed", "computed", "agrees", "note"} for item in told["items"])
    assert (tmp_path / "a" / "figures" / "figure1.svg").is_file()
    shown = suiren("study", "run", "permits", "--lang", "zh")
    assert shown.code == 0
    assert all(item_id in shown.out for item_id in DISAGREE)
