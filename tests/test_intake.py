"""Person rows in, kinds out: every code of the quarantine, every shape of file, and no row lost."""

import datetime as dt
import hashlib
import os
import random
import time
from dataclasses import replace

import polars as pl
import pytest

import suiren as sr
from oracle import Run
from people_files import COUNTY, HERE, HOME, LAW, csv_text, invented, kinds_of, lawful, person, write_csv, write_parquet
from samples import FACTS, cells, people
from suiren.engines import duck
from suiren.errors import SuirenError
from suiren.laws import law, reform_from_text
from suiren.ledger.run import settle_records
from suiren.ledger.write import write_tables
from suiren.people import identity
from suiren.people.intake import Reading, intake
from suiren.people.records import MESSAGES

NOW = law(2021)
HEAD = "person_id,hukou_place,enrolment_place,age,months\n"
GOOD = "A1,330100,330100,30,12\n"


def under(scheme):
    return NOW | reform_from_text(scheme)


def told(found):
    """The quarantine as a list of (row, column, code)."""
    return list(found.quarantine.select("row", "column", "code").iter_rows())


def write(path, text):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def adds_up(found):
    assert found.rows_in == found.rows_settled + found.rows_quarantined
    for entry in found.files:
        assert entry["rows"] == entry["settled"] + entry["quarantined"]
    told_rows = found.quarantine.select("file", "row").unique().height
    assert told_rows == found.rows_quarantined
    assert found.people.persons == found.rows_settled
    return found


def number_of(area, born, order):
    """An invented identity number of no area that exists."""
    digits = f"{area}{born}{order}"
    return digits + identity.check_character(digits)


# --- each code ---

FAULTS = [
    ("Q-person-id", "person_id", {"person_id": ""}),
    ("Q-person-id", "person_id", {"person_id": "  "}),
    ("Q-digits", "person_id", {"person_id": "3.30100199001010E+17"}),
    ("Q-place", "hukou_place", {"hukou_place": ""}),
    ("Q-place", "hukou_place", {"hukou_place": "33010"}),
    ("Q-place", "enrolment_place", {"enrolment_place": "999999"}),
    ("Q-place", "residence_place", {"residence_place": "杭州"}),
    ("Q-place-level", "enrolment_place", {"enrolment_place": "330000"}),
    ("Q-place-level", "hukou_place", {"hukou_place": "139903"}),
    ("Q-sex", "sex", {"sex": "x"}),
    ("Q-age", "age", {"age": "121"}),
    ("Q-age", "age", {"age": "-1"}),
    ("Q-age", "age", {"age": "30.5"}),
    ("Q-birth-date", "birth_date", {"birth_date": "1990-02-30"}),
    ("Q-birth-date", "birth_date", {"birth_date": "2022-01-01"}),
    ("Q-birth-date", "birth_date", {"birth_date": "infinity"}),
    ("Q-birth-date", "birth_date", {"birth_date": "epoch"}),
    ("Q-age-birth", "age", {"age": "30", "birth_date": "1980-05-05"}),
    ("Q-class", "person_class", {"person_class": "king"}),
    ("Q-class-age", "person_class", {"person_class": "elderly", "age": "30"}),
    ("Q-fact", "has_permit", {"has_permit": "maybe"}),
    ("Q-months", "months", {"months": "0"}),
    ("Q-months", "months", {"months": "13"}),
    ("Q-months", "months", {"months": "6.5"}),
    ("Q-cost", "cost_fen", {"cost_fen": "-1"}),
    ("Q-cost", "cost_fen", {"cost_fen": "99999999999999999999"}),
    ("Q-duplicate", "person_id", {"person_id": "PERSON-TWICE"}),
    ("Q-tier", "contribution_tier", {"contribution_tier": "tier_9"}),
    ("Q-aid", "aid_group", {"aid_group": "gold"}),
    ("Q-employee", "employee_cover", {"employee_cover": "yes"}),
    ("Q-shut-out", "enrolment_place", {"hukou_place": HOME, "has_permit": "no"}),
    ("Q-id", "id_document_number", {"id_document_number": "99000019900101"}),
    ("Q-id-checksum", "id_document_number", {"id_document_number": "990000199001010019"}),
    ("Q-id-date", "id_document_number", {"id_document_number": number_of("990000", "19900230", "001")}),
    ("Q-id-birth", "id_document_number", {"id_document_number": number_of("990000", "19900101", "003"), "age": "40"}),
    ("Q-id-sex", "id_document_number", {"id_document_number": number_of("990000", "19900101", "005"), "sex": "f"}),
    ("Q-scheme", "scheme_code", {"scheme_code": "310"}),
    ("Q-category", "person_category", {"person_category": "1101", "scheme_code": "390"}),
    ("Q-status", "enrolment_status", {"enrolment_status": "2"}),
    ("Q-status", "reversal_flag", {"reversal_flag": "F"}),
    ("Q-pool", "pooling_area_code", {"pooling_area_code": "310000"}),
    ("Q-pool", "enrolment_place_name", {"enrolment_place_name": "上海市"}),
    ("Q-month", "coverage_from", {"coverage_from": "202113", "months": ""}),
    ("Q-month", "coverage_to", {"coverage_from": "202205", "coverage_to": "202204", "months": ""}),
    ("Q-coverage", "coverage_from", {"coverage_from": "201901", "coverage_to": "201912", "months": ""}),
    ("Q-months-range", "months", {"coverage_from": "202201", "coverage_to": "202206", "months": "7"}),
    ("Q-overlap", "person_id", {"person_id": "PERSON-AGAIN", "enrolment_place": COUNTY, "months": "12"}),
    ("Q-two-numbers", "person_id", {"id_document_number": number_of("990000", "19900101", "007"), "months": "12"}),
]


def test_each_fault_is_told_once_with_its_code_and_column(tmp_path):
    rows = [person(number, age="", months="12") | cell for number, (_, _, cell) in enumerate(FAULTS)]
    rows.append(person(999, person_id="PERSON-TWICE", months="12"))
    rows.append(person(999, HOME, HOME, person_id="PERSON-AGAIN", residence_place=HOME))
    rows.append(person(0, id_document_number=number_of("990000", "19900101", "007")))
    found = adds_up(intake([write_csv(tmp_path / "r.csv", rows)], NOW))
    twice = [entry for entry in told(found) if entry[2] == "Q-duplicate"]
    assert len(twice) == 1
    rest = [entry for entry in told(found) if entry[2] != "Q-duplicate"]
    want = [(number, column, code) for number, (code, column, _) in enumerate(FAULTS, 1) if code != "Q-duplicate"]
    assert sorted(rest) == sorted(want)
    assert found.rows_settled == 3


def test_rows_that_do_not_fit_the_header_and_facts_that_are_missing(tmp_path):
    torn = write(tmp_path / "torn.csv", HEAD + GOOD + "A2,330100\nA3,330100,330100,30,12,7,8\n" + "A4,330100,1,30,12\n")
    found = adds_up(intake([torn], NOW))
    assert [(row, code) for row, _, code in told(found)] == [(2, "Q-row"), (3, "Q-row"), (4, "Q-place")]
    bare = write_csv(tmp_path / "bare.csv", [person(1), person(2, HOME, "442000", age="30"), person(3, age="30")])
    found = adds_up(intake([bare], NOW, Reading(strict=True)))
    assert [(row, code) for row, _, code in told(found)] == [(1, "Q-class-unknown"), (2, "Q-fact-missing")]
    sentences = found.quarantine["message"].to_list()
    assert "age" in sentences[0] or "class" in sentences[0]
    assert "has_permit" in sentences[1]
    assert adds_up(intake([bare], NOW)).notes["class_assumed"] == 1
    points = write_csv(tmp_path / "p.csv", [person(1, age="30"), person(2, sex="m"), person(3, sex="m", age="3")])
    found = adds_up(intake([points], under("risk-adjusted")))
    assert [(row, code) for row, _, code in told(found)] == [(1, "Q-points"), (2, "Q-points")]


def test_every_code_has_a_row_here_and_two_sentences():
    covered = {code for code, _, _ in FAULTS} | {
        "Q-row",
        "Q-quote",
        "Q-encoding",
        "Q-class-unknown",
        "Q-fact-missing",
        "Q-points",
    }
    assert covered == set(MESSAGES)
    assert all(len(pair) == 2 and all(pair) for pair in MESSAGES.values())


def test_several_problems_of_one_row_are_all_told_once_each(tmp_path):
    bad = {"hukou_place": "1", "sex": "z", "age": "200", "person_class": "king", "months": "0", "cost_fen": "x"}
    row = person(1, residence_place="330000", has_permit="?", birth_date="1999-99-99") | bad
    found = adds_up(intake([write_csv(tmp_path / "r.csv", [row])], NOW))
    codes = sorted(code for _, _, code in told(found))
    own = ("Q-age", "Q-birth-date", "Q-class", "Q-cost", "Q-fact", "Q-months", "Q-place", "Q-place-level", "Q-sex")
    assert codes == sorted(own)
    row = person(1, age="30", aid_group="gold", contribution_tier="tier_9", employee_cover="yes")
    found = adds_up(intake([write_csv(tmp_path / "law.csv", [row])], NOW))
    assert sorted(code for _, _, code in told(found)) == ["Q-aid", "Q-employee", "Q-tier"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_values_are_masked_and_person_numbers_never_told(tmp_path, lang):
    number = "QXNUMBER0123456789"
    rows = [person(1, person_id=number, **{column: number}) for column in ("sex", "age", "months", "has_permit")]
    rows += [person(1, person_id=number, contribution_tier=number), person(1, person_id=number, aid_group=number)]
    rows += [person(1, person_id=number, hukou_place=number), person(1, person_id=number), person(1, person_id=number)]
    rows += [{**person(1), "person_id": number, "birth_date": number, "risk_group": number}]
    found = adds_up(intake([write_csv(tmp_path / "r.csv", rows)], NOW, Reading(lang=lang)))
    assert found.rows_quarantined == 9
    assert number[:3] not in found.quarantine.write_csv()
    assert set(found.quarantine["value"]) == {"QX***", ""}


def test_classes_and_ages_go_by_the_end_of_the_year(tmp_path):
    rows = [person(number, birth_date=date) for number, date in enumerate(("2021-12-31", "2021-01-01", "2015-12-31"))]
    rows += [person(8, birth_date="1961-12-31"), person(9, birth_date="1962-01-01", person_class="student", age="")]
    rows += [person(10, person_class="student", age="18"), person(11, age="18", birth_date="2003-12-31")]
    found = adds_up(intake([write_csv(tmp_path / "r.csv", rows)], NOW))
    kinds = found.people.kinds.select("age", "person_class", "persons")
    got = {(age, str(name)): persons for age, name, persons in kinds.iter_rows()}
    assert got == {(0, "newborn"): 2, (6, "pupil"): 1, (60, "elderly"): 1, (18, "student"): 1, (18, "adult"): 1}
    assert told(found) == [(5, "person_class", "Q-class-age")]


# --- shapes of CSV ---

ROWS = [person(number, age=str(20 + number), months="12", note="x") for number in range(4)]
PLAIN = csv_text(ROWS)
SHAPES = {
    "bom": "\ufeff" + PLAIN,
    "semicolon": csv_text(ROWS, delimiter=";"),
    "tab": csv_text(ROWS, delimiter="\t"),
    "pipe": csv_text(ROWS, delimiter="|"),
    "crlf": csv_text(ROWS, end="\r\n"),
    "mixed ends": PLAIN.replace("x\n", "x\r\n", 2),
    "no last end": PLAIN.rstrip("\n"),
    "blank lines": PLAIN.replace("x\n", "x\n\n\n", 2),
    "quoted": "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in PLAIN.splitlines()),
    "quoted newline": PLAIN.replace(",x\n", ',"x\ny, ""z"""\n'),
    "spaces": PLAIN.replace(",", " , "),
    "other order": csv_text(ROWS, ["note", "months", "enrolment_place", "age", "hukou_place", "person_id"]),
    "more columns": csv_text([row | {"姓名": "某", "": "?", "a b": '"'} for row in ROWS]),
    "capitals": PLAIN.replace("person_id", "Person_ID").replace("hukou_place", "HUKOU_PLACE"),
    "digits in a name": PLAIN.replace("note", "note_202101"),
    "own names": csv_text([row | {"_row": "7", "_read": "7", "_file": "7", "filename": "7"} for row in ROWS]),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_rows_in_any_shape_of_csv(tmp_path, shape):
    found = adds_up(intake([write(tmp_path / "r.csv", SHAPES[shape])], NOW))
    want = intake([write(tmp_path / "plain.csv", PLAIN)], NOW)
    assert told(found) == []
    assert found.people.kinds.equals(want.people.kinds)
    assert found.rows_settled == 4


def test_old_line_ends_are_read_or_refused_in_words(tmp_path):
    path = write(tmp_path / "r.csv", csv_text(ROWS, end="\r"))
    assert adds_up(intake([path], NOW)).rows_settled == 4


def test_rows_keep_their_place_beside_blank_lines_and_quoted_ones(tmp_path):
    bad = "{},330100,330100,30,99,{}\n"
    head = HEAD.replace("months", "months,note")
    text = head + bad.format("A1", '"x\ny"') + "\n\n" + bad.format("A2", "x") + "A3,330100\n" + bad.format("A4", "x")
    found = adds_up(intake([write(tmp_path / "r.csv", text)], NOW))
    assert found.rows_in == 4
    rows = {code: found.quarantine.filter(pl.col("code") == code)["row"].to_list() for code in ("Q-months", "Q-row")}
    assert len(rows["Q-months"]) == 3
    assert rows["Q-months"][1] < rows["Q-row"][0] < rows["Q-months"][2]


def test_a_column_of_our_own_name_does_not_become_the_row(tmp_path):
    rows = [person(number, months="99", _row="7") for number in (1, 2)]
    for path in (write_csv(tmp_path / "r.csv", rows), write_parquet(tmp_path / "r.parquet", rows)):
        assert [row for row, _, _ in told(adds_up(intake([path], NOW)))] == [1, 2]
    frame = pl.DataFrame([person(1) | {"file_row_number": 5, "filename": "x"}])
    frame.write_parquet(tmp_path / "extra.parquet")
    assert adds_up(intake([tmp_path / "extra.parquet"], NOW)).rows_settled == 1


def test_an_open_quote_does_not_swallow_rows_unseen(tmp_path):
    text = HEAD + GOOD + '"A2,330100,330100,30,12\n' + "A3,330100,330100,30,12\nA4,330100,330100,30,12\n"
    path = write(tmp_path / "r.csv", text)
    with pytest.raises(SuirenError, match=r"line 3 of r\.csv"):
        intake([path], NOW)
    found = adds_up(intake([write(tmp_path / "q.csv", HEAD + '"A2"x,330100,330100,30,12\n' + GOOD)], NOW))
    assert told(found) == [(1, "", "Q-quote")]
    assert found.rows_settled == 1


def test_gb18030_is_read_as_it_is(tmp_path):
    rows = [person(1, age="30", note="x"), person(2, age="30", note="杭州"), person(3, age="30", note="y")]
    for name, listed in (("body.csv", rows), ("head.csv", [row | {"姓名": "某"} for row in rows])):
        path = write(tmp_path / name, csv_text(listed).encode("gb18030"))
        found = adds_up(intake([path], NOW))
        assert (found.rows_in, found.rows_settled) == (3, 3)
        assert found.sources[0].encoding == "gb18030"


def test_header_only_is_no_people(tmp_path):
    found = adds_up(intake([write(tmp_path / "r.csv", HEAD)], NOW))
    assert (found.rows_in, found.people.persons, found.quarantine.height) == (0, 0, 0)
    result = sr.settle(found.people, NOW)
    assert result.ledger.is_empty()


UNREADABLE = {
    "empty.csv": (b"", "E-file-empty", "empty"),
    "zip.csv": (b"PK\x03\x04\xff\xfe\x00", "E-file-encoding", "UTF-8"),
    "twice.csv": (b"person_id,hukou_place,enrolment_place,age,age\n", "E-column-twice", "'age' twice"),
    "case.csv": (b"person_id,hukou_place,enrolment_place,age,Age\nA,1,2,3,4\n", "E-column-twice", "twice"),
    "wrong.csv": (b"persn_id\nA1\n", "E-column", "persn_id"),
    "table.xlsx": (b"PK\x03\x04\x00\x00", "E-file-unreadable", "workbook"),
    "words.xlsx": (b"PK", "E-column", "person_id"),
    "table.txt": (b"x", "E-column", "person_id"),
    "zero.parquet": (b"", "E-file-unreadable", "Parquet"),
    "text.parquet": ((HEAD + GOOD).encode(), "E-file-unreadable", "Parquet"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_cannot_be_read_is_named_with_what_to_do(tmp_path, name):
    data, code, word = UNREADABLE[name]
    write(tmp_path / name, data)
    with pytest.raises(SuirenError) as caught:
        intake([tmp_path / name], NOW)
    assert {problem.code for problem in caught.value.problems} == {code}
    assert name in str(caught.value)
    assert word in str(caught.value)
    assert "struct_pack" not in str(caught.value)


def test_missing_columns_and_files_are_told_all_at_once_with_the_nearest_name(tmp_path):
    path = write(tmp_path / "w.csv", "person_id,hukou,enrolment_palce\n1,2,3\n")
    with pytest.raises(SuirenError) as caught:
        intake([path], NOW)
    assert [problem.do for problem in caught.value.problems] == [
        "Did you mean hukou?",
        "Did you mean enrolment_palce?",
    ]
    (tmp_path / "bare").mkdir()
    with pytest.raises(SuirenError) as caught:
        intake([tmp_path / "v.csv", tmp_path / "bare", tmp_path / "x.xlsx"], NOW)
    assert len(caught.value.problems) == 3
    assert "w.csv" in str(caught.value)


def test_a_file_without_header_does_not_print_a_person(tmp_path):
    path = write(tmp_path / "r.csv", "99000019900101000X,622900,330100,30\n99000019900101001X,622900,330100,30\n")
    with pytest.raises(SuirenError) as caught:
        intake([path], NOW)
    assert "99000019900101" not in str(caught.value)
    assert "header" in str(caught.value)


def test_a_folder_is_all_its_files(tmp_path):
    rows = invented(60, seed=1)
    write_csv(tmp_path / "a.csv", rows[:20])
    write_parquet(tmp_path / "b.parquet", rows[20:40])
    write_csv(tmp_path / "c.CSV", rows[40:])
    (tmp_path / "notes.txt").write_text("x")
    found = adds_up(intake([tmp_path], under("portable")))
    assert [entry["name"] for entry in found.files] == ["a.csv", "b.parquet", "c.CSV"]
    assert [entry["rows"] for entry in found.files] == [20, 20, 20]
    digest = hashlib.sha256((tmp_path / "a.csv").read_bytes()).hexdigest()
    assert found.files[0]["sha256"] == digest


# --- Parquet ---

BASE = {"person_id": ["a", "b"], "hukou_place": [330100, 330100], "enrolment_place": [330100, 330106]}
COLUMNS = {
    "integers": {"age": [30, 31], "months": [12, 1], "sex": [1, 2]},
    "pandas floats": {"age": [30.0, None], "hukou_place": [330100.0, 330100.0], "months": [float("nan"), 6.0]},
    "booleans": {"has_permit": [True, None], "employee_cover": [False, None], "student_here": [1, 0]},
    "dates": {"birth_date": [dt.date(1990, 1, 1), None]},
    "times": {"birth_date": [dt.datetime(1990, 1, 1, 5), None]},  # noqa: DTZ001 - a file may hold such a time
    "all missing": {"age": [None, None], "months": [None, None], "has_permit": [None, None], "sex": [None, None]},
    "integer numbers": {"person_id": [990000199001010011, 990000199001010012], "months": [8, 8]},
    "nested extra": {"more": [{"a": 1}, {"a": 2}], "list": [[1], [2]]},
}


@pytest.mark.parametrize("case", COLUMNS)
def test_parquet_columns_of_every_type(tmp_path, case):
    pl.DataFrame(BASE | COLUMNS[case]).write_parquet(tmp_path / "r.parquet")
    found = adds_up(intake([tmp_path / "r.parquet"], NOW))
    assert found.rows_settled == 2, told(found)


def test_person_numbers_as_floats_are_refused(tmp_path):
    numbers = [990000199001010011.0, 990000199001010012.0]
    pl.DataFrame(BASE | {"person_id": numbers, "months": [8, 8]}).write_parquet(tmp_path / "r.parquet")
    with pytest.raises(SuirenError, match="person_id"):
        intake([tmp_path / "r.parquet"], NOW)


def test_birth_dates_do_not_depend_on_the_clock_of_the_machine(tmp_path):
    frame = pl.DataFrame(BASE | {"birth_date": [dt.datetime(1991, 1, 1)] * 2})  # noqa: DTZ001 - the zone follows
    frame.with_columns(pl.col("birth_date").dt.replace_time_zone("Asia/Shanghai")).write_parquet(tmp_path / "r.parquet")
    before = os.environ.get("TZ", "UTC")
    ages = []
    try:
        for zone in ("UTC", "Asia/Shanghai"):
            os.environ["TZ"] = zone
            time.tzset()
            ages.append(intake([tmp_path / "r.parquet"], NOW).people.kinds["age"].to_list())
    finally:
        os.environ["TZ"] = before
        time.tzset()
    assert ages[0] == ages[1]


def test_a_torn_parquet_is_told_in_words(tmp_path):
    rows = [person(number, age=str(number % 90)) for number in random.Random(1).sample(range(10**6), 20_000)]
    path = write_parquet(tmp_path / "r.parquet", rows)
    data = path.read_bytes()
    hole = len(data) // 4
    for torn in (data[: len(data) // 2], data[:hole] + b"\0" * 2000 + data[hole + 2000 :]):
        path.write_bytes(torn)
        with pytest.raises(SuirenError, match=r"r\.parquet"):
            intake([path], NOW)


# --- spells of one person ---


def test_two_half_years_are_one_contribution(tmp_path):
    rows = [person(1, months="6", age="30"), person(1, enrolled=HOME, months="6", age="30")]
    found = adds_up(intake([write_csv(tmp_path / "r.csv", rows)], under("portable")))
    assert found.rows_settled == 2
    assert int(found.people.kinds["first_persons"].sum()) == 1
    assert int(found.people.kinds["person_months"].sum()) == 12
    result = sr.settle(found.people, under("portable"))
    once = {LAW.bill(place, "adult")["contribution"] for place in (HERE, HOME)}
    assert result.total("individual") in once


@pytest.mark.parametrize(
    "other",
    [{"enrolment_place": COUNTY}, {"months": "9"}, {"has_permit": "yes"}, {"sex": "f"}, {"cost_fen": "5"}],
)
def test_which_of_two_spells_stays_depends_on_content_alone(tmp_path, other):
    one = person(1, HOME, HERE, months="8", age="30", has_permit="", sex="m", cost_fen="0")
    kept = []
    for rows in ([one, one | other], [one | other, one]):
        found = adds_up(intake([write_csv(tmp_path / "r.csv", rows)], under("portable")))
        assert [(column, code) for _, column, code in told(found)] == [("person_id", "Q-overlap")]
        kept.append(found.people.kinds)
    assert kept[0].equals(kept[1])


# --- the same rows anyhow ---


def settled(inputs, scheme, folder):
    """Intake and result of a settlement, the quarantine as it was written."""
    found, result = settle_records(inputs, under(scheme), folder)
    types = pl.read_csv(folder / "quarantine.csv", infer_schema=False).schema | {"row": pl.Int64}
    written = pl.read_csv(folder / "quarantine.csv", schema_overrides=types)
    return adds_up(replace(found, quarantine=written)), result


def bytes_of(folder, inputs, scheme):
    """Ledger and balances as bytes."""
    folder.mkdir()
    _, result = settled(inputs, scheme, folder)
    write_tables(folder, [result])
    return [(folder / name).read_bytes() for name in ("ledger.parquet", "balances.parquet")]


@pytest.mark.parametrize("scheme", ["current"])
def test_the_same_rows_give_the_same_bytes(tmp_path, monkeypatch, scheme):
    rows = invented(800, seed=7)
    twice = [row | {"months": "12"} for row in rows[::20]]
    rows += twice
    shuffled = random.Random(3).sample(rows, len(rows))
    whole = write_csv(tmp_path / "whole.csv", rows)
    want = bytes_of(tmp_path / "1", [whole], scheme)
    inputs = {
        "2": [write_csv(tmp_path / "shuffled.csv", shuffled)],
        "3": [write_parquet(tmp_path / "rows.parquet", rows)],
        "4": [write_csv(tmp_path / f"{part}.csv", shuffled[part::3]) for part in (2, 0, 1)],
        "5": [write_parquet(tmp_path / "part.parquet", shuffled[:300]), write_csv(tmp_path / "9.csv", shuffled[300:])],
    }
    for name, given in inputs.items():
        assert bytes_of(tmp_path / name, given, scheme) == want, name
    opened = duck.duckdb.connect
    held = intake([whole], under(scheme)).quarantine
    for threads in ("1", "2"):
        monkeypatch.setattr(duck.duckdb, "connect", lambda path, n=threads: opened(path, config={"threads": n}))
        assert bytes_of(tmp_path / f"threads-{threads}", [whole], scheme) == want
        assert intake([whole], under(scheme)).quarantine.equals(held)


@pytest.mark.parametrize("scheme", ["current", "portable"])
def test_two_thousand_rows_are_the_kinds_collapsed_by_hand(tmp_path, scheme):
    rows = invented(2000, seed=11, spells=0 if scheme == "current" else 0.1)
    found, result = settled([write_csv(tmp_path / "r.csv", rows)], scheme, tmp_path)
    good = lawful(rows) if scheme == "current" else rows
    assert set(found.quarantine["code"]) == ({"Q-shut-out"} if scheme == "current" else set())
    assert found.rows_settled == len(good)
    kinds = kinds_of(good)
    by_hand = sr.settle(people([dict.fromkeys(FACTS) | kind | {"cost_fen": 0} for kind in kinds]), under(scheme))
    assert result.ledger.equals(by_hand.ledger)
    assert cells(result.ledger) == Run(LAW, kinds, scheme).ledger()
