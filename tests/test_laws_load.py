"""The strict loader: one thing broken in the tables, an error with file, line and hint; all faults told at once."""

import csv
import shutil

import pytest

from suiren.errors import SuirenError
from suiren.laws import law
from suiren.laws.load import load, shipped
from suiren.laws.schema import TABLES
from suiren.laws.standard import amount


@pytest.fixture
def folder(tables, tmp_path):
    """A copy of the shipped tables that a test may break."""
    return shutil.copytree(tables, tmp_path / "law")


def refused(folder):
    """The problems that keep a folder of tables from loading."""
    with pytest.raises(SuirenError) as caught:
        load(folder)
    return caught.value.problems


def rows_of(folder, table):
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(folder, table, rows, header=None):
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header or list(rows[0]), lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def change(folder, table, line, **cells):
    """Change cells of the row that stands in a line of a table."""
    rows = rows_of(folder, table)
    rows[line - 2] |= cells
    write(folder, table, rows)


def line_of(folder, table, **cells):
    """The line of the first row with these cells."""
    for number, row in enumerate(rows_of(folder, table), start=2):
        if cells.items() <= row.items():
            return number
    raise AssertionError(f"no row with {cells}")


def test_shipped_tables_load_and_a_copy_is_the_same(folder):
    assert load(folder).digest == shipped().digest
    assert set(load(folder).rows) == {table.name for table in TABLES}
    assert law(2021, folder).tables.folder == folder
    write(folder, "national", rows_of(folder, "national"))
    (folder / "national.csv").write_text(
        "\ufeff" + (folder / "national.csv").read_text(encoding="utf-8"), encoding="utf-8"
    )
    assert len(load(folder)["national"]) == len(shipped()["national"])


def test_rows_know_where_they_stand(folder):
    for table in TABLES:
        for row, cells in zip(load(folder)[table.name], rows_of(folder, table.name), strict=True):
            name = table.key[0]
            assert row.where.startswith(f"{table.name}.csv:")
            assert (cells[name] == "") == (row[name] is None)


BROKEN = [
    ("doors", {"place_code": "999999"}, "E-law-cell", "No place has the code 999999", ""),
    ("doors", {"place_code": "330199"}, "E-law-cell", "No place has the code 330199", "Did you mean"),
    ("doors", {"place_code": "3301"}, "E-law-cell", "not a place code of six digits", ""),
    ("doors", {"place_code": "140100-Z01"}, "E-law-cell", "not a place code", ""),
    ("doors", {"place_code": ""}, "E-law-empty", "place_code is empty", ""),
    ("doors", {"regime": "residence_permits"}, "E-law-cell", "'residence_permits'", "Did you mean residence_permit?"),
    ("doors", {"person_class": "adult;eldery"}, "E-law-cell", "'eldery'", "Did you mean elderly?"),
    ("doors", {"needs": "has_permit"}, "E-law-cell", "not a condition", ""),
    ("doors", {"needs": "has_permit=maybe"}, "E-law-cell", "not a condition", ""),
    ("doors", {"needs": "has_permitt=yes"}, "E-law-fact", "'has_permitt'", "Did you mean has_permit"),
    ("doors", {"document": ""}, "E-law-empty", "document is empty", "without a source"),
    ("doors", {"evidence": ""}, "E-law-empty", "evidence is empty", "without a source"),
    ("doors", {"evidence": "secondry"}, "E-law-cell", "'secondry'", "Did you mean secondary?"),
    ("doors", {"notice_year": "2021-13-01"}, "E-law-cell", "not a year", ""),
    ("doors", {"notice_year": "21"}, "E-law-cell", "not a year", ""),
    ("doors", {"notice_year": "20211"}, "E-law-cell", "not a year", ""),
    ("doors", {"notice_year": ""}, "E-law-empty", "notice_year is empty", ""),
    ("doors", {"notice_year": "2021", "coverage_year": "2023"}, "E-law-date", "2023 does not go with", ""),
    ("doors", {"notice_year": "2021", "coverage_year": "2020"}, "E-law-date", "2020 does not go with", ""),
    ("amounts", {"amount_yuan": "-5"}, "E-law-cell", "-5 is negative", "two decimals"),
    ("amounts", {"amount_yuan": "320.005"}, "E-law-cell", "fraction of a fen", "two decimals"),
    ("amounts", {"amount_yuan": "3,20"}, "E-law-cell", "not an amount", ""),
    ("amounts", {"amount_yuan": "99999999"}, "E-law-cell", "above", ""),
    ("amounts", {"amount_yuan": ""}, "E-law-empty", "amount_yuan is empty", ""),
    ("amounts", {"tier": "first"}, "E-law-cell", "'first' is not a tier", ""),
    ("amounts", {"item": "subsidies"}, "E-law-cell", "'subsidies'", "Did you mean subsidy?"),
    ("amounts", {"at_least": "yes"}, "E-law-cell", "neither true nor false", ""),
    ("amounts", {"age_from": "60", "age_to": "59"}, "E-law-date", "age_to 59 lies before age_from 60", ""),
    ("amounts", {"age_from": "121"}, "E-law-cell", "not an age", ""),
    ("central_tiers", {"tier": "6"}, "E-law-cell", "not a central tier", ""),
    ("central_shares", {"share_of_rest": "1.2"}, "E-law-cell", "not between 0 and 1", ""),
    ("central_shares", {"share_of_rest": "-0.1"}, "E-law-cell", "not between 0 and 1", ""),
    ("central_shares", {"notice_year_to": "2013"}, "E-law-date", "2013 lies before", ""),
    ("place_sets", {"set": "planed_city"}, "E-law-cell", "'planed_city'", "Did you mean planned_city?"),
    ("splits", {"value": "-1"}, "E-law-cell", "-1 is negative", ""),
    ("splits", {"value": "half"}, "E-law-cell", "'half' is not a number", ""),
    ("splits", {"value": "57.605"}, "E-law-split", "fraction of a fen", ""),
    ("splits", {"payer": "town"}, "E-law-cell", "'town'", ""),
    ("splits", {"basis": "yuans"}, "E-law-cell", "'yuans'", "Did you mean yuan?"),
    ("splits", {"notice_year": "2016", "coverage_year": ""}, "E-law-split", "two values of notice_year", ""),
    ("national", {"amount_yuan": "-320"}, "E-law-cell", "-320 is negative", ""),
    ("incomes", {"disposable_income_yuan": "1.234"}, "E-law-cell", "fraction of a fen", ""),
    ("aid", {"value": "-0.5"}, "E-law-cell", "-0.5 is negative", ""),
    ("doubts", {"topic": "regimes"}, "E-law-cell", "'regimes'", "Did you mean regime?"),
]


@pytest.mark.parametrize(("table", "cells", "code", "what", "hint"), BROKEN)
def test_a_broken_cell_is_told_with_file_line_and_hint(folder, table, cells, code, what, hint):
    line = 3 if len(rows_of(folder, table)) > 1 else 2
    change(folder, table, line, **cells)
    problem = next(problem for problem in refused(folder) if problem.code == code)
    assert problem.where == f"{table}.csv:{line}" or (code == "E-law-split" and problem.where.startswith("splits.csv:"))
    assert what in problem.what
    assert hint in str(problem)


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_an_unknown_a_missing_and_a_double_column(folder, table):
    rows = rows_of(folder, table)
    name = list(rows[0])[-1]
    misspelt = [*list(rows[0])[:-1], name + "x"]
    write(folder, table, [row | {name + "x": row[name]} for row in rows], misspelt)
    told = [problem for problem in refused(folder) if problem.where == f"{table}.csv:1"]
    assert [problem.code for problem in told] == ["E-law-column", "E-law-column"]
    assert f"Did you mean {name}?" in str(told[0])
    assert f"{name!r} is missing" in told[1].what
    text = (folder / f"{table}.csv").read_text(encoding="utf-8").replace(name + "x", next(iter(rows[0])), 1)
    (folder / f"{table}.csv").write_text(text, encoding="utf-8")
    assert any("stands twice" in problem.what for problem in refused(folder))


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_a_repeated_row_overlaps(folder, table):
    rows = rows_of(folder, table)
    write(folder, table, [*rows, rows[0]])
    told = refused(folder)
    assert {problem.code for problem in told} == {"E-law-overlap"}
    assert told[0].where == f"{table}.csv:{len(rows) + 2}"
    assert "repeats line 2" in told[0].what


def test_overlapping_spans(folder):
    change(
        folder, "central_shares", line_of(folder, "central_shares", tier="2", notice_year_to="2018"), notice_year_to=""
    )
    told = refused(folder)
    assert [problem.code for problem in told] == ["E-law-overlap"]
    assert told[0].where == "central_shares.csv:3"
    assert "begins in 2019 (line 5)" in told[0].what


def test_overlapping_memberships(folder):
    line = line_of(folder, "place_classes", place_code="410102", notice_year_from="2019")
    change(folder, "place_classes", line, notice_year_to="2023")
    told = refused(folder)
    assert [problem.code for problem in told] == ["E-law-overlap"]
    assert told[0].where == f"place_classes.csv:{line}"


def test_two_split_rules_for_the_same_people(folder):
    rows = rows_of(folder, "splits")
    again = [row | {"rule_id": "ZZ-again"} for row in rows if row["rule_id"] == "GS-2021-linxia"]
    write(folder, "splits", [*rows, *again])
    told = refused(folder)
    assert [problem.code for problem in told] == ["E-law-overlap"]
    assert told[0].where == f"splits.csv:{len(rows) + 2}"
    assert f"line {line_of(folder, 'splits', rule_id='GS-2021-linxia')}" in told[0].what


@pytest.mark.parametrize(("value", "total"), [("0.8", "1.1"), ("0.6", "0.9")])
def test_shares_of_the_rest_that_do_not_add_up(folder, value, total):
    line = line_of(folder, "splits", rule_id="NM-2021-class1", payer="city_and_county")
    change(folder, "splits", line, value=value)
    told = refused(folder)
    assert [problem.code for problem in told] == ["E-law-split"]
    assert told[0].where.startswith("splits.csv:")
    assert f"'NM-2021-class1' add up to {total}, not 1" in told[0].what
    assert "Money would be lost or paid twice" in told[0].why


@pytest.mark.parametrize(("values", "total"), [((0.5, 0.3, 0.1), "0.9"), ((0.5, 0.3, 0.3), "1.1")])
def test_shares_of_the_total_that_do_not_add_up(folder, values, total):
    rows = rows_of(folder, "splits")
    model = next(row for row in rows if row["rule_id"] == "GS-2021-linxia")
    payers = zip(("centre", "province", "city_and_county"), values, strict=True)
    added = [
        model
        | {"rule_id": "NEW", "place_code": "620100", "payer": payer, "basis": "share_of_total", "value": str(value)}
        for payer, value in payers
    ]
    write(folder, "splits", [*rows, *added])
    told = refused(folder)
    assert [problem.code for problem in told] == ["E-law-split"]
    assert told[0].where == f"splits.csv:{len(rows) + 2}"
    assert f"add up to {total}, not 1" in told[0].what


def test_a_hole_in_the_base_standards(folder):
    rows = [
        row for row in rows_of(folder, "national") if (row["item"], row["notice_year"]) != ("base_standard", "2018")
    ]
    write(folder, "national", rows)
    told = refused(folder)
    assert [problem.code for problem in told] == ["E-law-hole"]
    assert "2018" in told[0].what


def test_bad_encoding(folder):
    text = (folder / "doors.csv").read_text(encoding="utf-8")
    (folder / "doors.csv").write_bytes(text.encode("gb18030"))
    told = refused(folder)
    assert (told[0].code, told[0].where) == ("E-law-encoding", "doors.csv")
    assert "Save the file as UTF-8" in told[0].do


def test_a_missing_file(folder):
    (folder / "aid.csv").unlink()
    told = refused(folder)
    assert [problem.code for problem in told] == ["E-law-missing"]
    assert "aid.csv is missing" in told[0].what


def test_a_file_that_would_be_ignored(folder):
    shutil.copy(folder / "amounts.csv", folder / "amount.csv")
    told = refused(folder)
    assert [problem.code for problem in told] == ["E-law-file"]
    assert "amount.csv is no law table" in told[0].what
    assert "Did you mean amounts.csv" in str(told[0])


def test_no_folder(tmp_path):
    told = refused(tmp_path / "nowhere")
    assert [problem.code for problem in told] == ["E-law-folder"]
    assert "law export" in told[0].do


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_an_empty_file(folder, table):
    (folder / f"{table}.csv").write_bytes(b"")
    told = [problem for problem in refused(folder) if problem.where == f"{table}.csv:1"]
    assert told
    assert {problem.code for problem in told} == {"E-law-column"}


@pytest.mark.parametrize(
    ("tail", "code"),
    [
        ('x,"110000,adult,,open,,2021,,doc,sourced,\n', "E-law-csv"),
        ('x,"110"000,adult,,open,,2021,,doc,sourced,\n', "E-law-csv"),
        ("x,110000,adult,,open,,2021,,doc,sourced\n", "E-law-cells"),
        ("x,110000,adult,,open,,2021,,doc, with a comma,sourced,\n", "E-law-cells"),
        ("\n", "E-law-cells"),
    ],
)
def test_broken_lines(folder, tail, code):
    last = len(rows_of(folder, "doors")) + 2
    with (folder / "doors.csv").open("a", encoding="utf-8", newline="") as file:
        file.write(tail)
    told = refused(folder)
    assert [problem.code for problem in told] == [code]
    assert told[0].where == f"doors.csv:{last}"


def test_several_faults_are_all_told_at_once(folder):
    change(folder, "amounts", 5, amount_yuan="-1", evidence="")
    change(folder, "doors", 7, place_code="999999")
    change(folder, "national", 4, notice_year="12")
    (folder / "aid.csv").unlink()
    (folder / "extra.csv").write_text("a,b\n", encoding="utf-8")
    told = refused(folder)
    found = {(problem.code, problem.where) for problem in told}
    assert found >= {
        ("E-law-cell", "amounts.csv:5"),
        ("E-law-empty", "amounts.csv:5"),
        ("E-law-cell", "doors.csv:7"),
        ("E-law-cell", "national.csv:4"),
    }
    assert {"E-law-missing", "E-law-file"} <= {problem.code for problem in told}
    text = str(SuirenError(*told))
    assert all(str(problem) in text for problem in told)


def test_an_edited_amount_changes_only_its_place(folder):
    change(folder, "amounts", line_of(folder, "amounts", fact_id="SP-GS-2021-linxia"), amount_yuan="600")
    for place, yuan in ((622900, 600), (622901, 600), (620100, 580), (140900, 580)):
        edited = law(2021, folder)
        assert amount(edited.book, "subsidy", place, "adult", None, None, 2021).value == yuan * 100
