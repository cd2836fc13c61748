"""`suiren law`: list, show, check, export, and reading edited tables back."""

import csv
import json
import shutil

import pytest

from people_files import HERE, files, person, suiren, write_csv
from suiren.laws.schema import EVIDENCE, TABLES

CASE = ("explain", "--hukou", "杭州", "--enrol-at", "杭州", "--age", "30", "--json")
AWAY = ("explain", "--hukou", "临夏", "--enrol-at", "上海", "--age", "30", "--permit", "--json")


@pytest.fixture
def exported(tmp_path):
    folder = tmp_path / "law"
    ran = suiren("law", "export", folder)
    assert (ran.code, ran.err) == (0, "")
    return folder


def edit(folder, table, chosen, column, value):
    """Change one cell of the rows that `chosen` picks; return how many there were."""
    path = folder / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    picked = [row for row in rows if chosen(row)]
    for row in picked:
        row[column] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, reader.fieldnames, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return len(picked)


def said(*arguments):
    ran = suiren(*arguments)
    assert (ran.code, ran.err) == (0, "")
    return json.loads(ran.out)


def test_export_is_the_shipped_tables_byte_for_byte(exported, tables):
    shipped = {path.name: path.read_bytes() for path in tables.glob("*.csv")}
    assert files(exported) == shipped
    assert set(shipped) == {f"{table.name}.csv" for table in TABLES}
    again = exported.parent / "again"
    assert suiren("law", "export", again, "--law", exported).code == 0
    assert files(again) == shipped


def test_export_overwrites_nothing(exported, tmp_path, monkeypatch):
    before = files(exported)
    (tmp_path / "file").write_text("x")
    monkeypatch.chdir(tmp_path)
    for target in (exported, tmp_path / "file", tmp_path / "file" / "sub", "."):
        ran = suiren("law", "export", target)
        assert ran.code == 1
        assert "Traceback" not in ran.err
    assert files(exported) == before
    (tmp_path / "empty").mkdir()
    assert suiren("law", "export", tmp_path / "empty").code == 0
    assert files(tmp_path / "empty") == before


def test_an_edited_amount_changes_that_answer_and_nothing_else(exported):
    before, away = said(*CASE), said(*AWAY)
    assert said(*CASE, "--law", exported) == before

    def hangzhou(row):
        chosen = row["place_code"] == HERE and row["item"] == "contribution"
        return chosen and float(row["amount_yuan"]) * 100 == before["pays_fen"]["individual"]

    assert before["pays_fen"]["individual"]
    assert edit(exported, "amounts", hangzhou, "amount_yuan", "601.50")
    after = said(*CASE, "--law", exported)
    assert after["pays_fen"]["individual"] == 60150
    assert after["subsidy_fen"] == before["subsidy_fen"]
    same = {level: fen for level, fen in after["pays_fen"].items() if level != "individual"}
    assert same == {level: fen for level, fen in before["pays_fen"].items() if level != "individual"}
    assert said(*AWAY, "--law", exported) == away
    assert said(*CASE) == before


def test_an_edited_law_is_named_in_the_manifest(exported, tmp_path):
    records = write_csv(tmp_path / "r.csv", [person(1, age="30")])
    digests = []
    for number in range(2):
        if number:
            assert edit(exported, "doubts", lambda row: row["place_code"] == "150100", "what", "changed")
        assert suiren("settle", records, "-o", tmp_path / "out", "--law", exported).code == 0
        digests.append(json.loads((tmp_path / "out" / "manifest.json").read_text())["law"]["sha256"])
    assert digests[0] != digests[1]


def broken(folder):
    """A law folder with five faults in as many tables."""
    edit(folder, "amounts", lambda row: row["fact_id"] == "LC0002", "amount_yuan", "-750")
    edit(folder, "doors", lambda row: row["fact_id"] == "LC0008", "regime", "hukou_onyl")
    edit(folder, "central_tiers", lambda row: row["place_code"] == "110000", "evidence", "sorced")
    (folder / "aid.csv").unlink()
    (folder / "amount.csv").write_text("x")


@pytest.mark.parametrize("command", [("law", "check"), ("law", "list"), ("law", "show", "杭州"), CASE])
def test_all_faults_of_a_law_folder_are_told_at_once_with_file_and_line(exported, command):
    broken(exported)
    ran = suiren(*command, "--law", exported)
    assert (ran.code, ran.out) == (1, "")
    assert "Traceback" not in ran.err
    for word in ("amounts.csv:2", "-750", "doors.csv:2", "hukou_only", "central_tiers.csv:2", "sourced", "aid.csv"):
        assert word in ran.err
    assert "amount.csv" in ran.err
    assert "Did you mean amounts.csv" in ran.err


def test_a_broken_or_missing_law_leaves_no_result(exported, tmp_path):
    records = write_csv(tmp_path / "r.csv", [person(1, age="30")])
    broken(exported)
    for folder in (exported, tmp_path / "none", records):
        for command in ("settle", "compare", "check"):
            ran = suiren(command, records, "-o", tmp_path / "out", "--law", folder)
            assert ran.code == 1
            assert "Traceback" not in ran.err
    assert not (tmp_path / "out").exists()


def test_a_cut_off_table_is_an_error(exported):
    path = exported / "splits.csv"
    data = path.read_bytes()
    for size in (0, 100, len(data) // 2 - 7):
        path.write_bytes(data[:size])
        ran = suiren("law", "list", "--law", exported)
        assert ran.code == 1, size
        assert "splits.csv" in ran.err
    shutil.rmtree(exported)
    assert suiren("law", "list", "--law", exported).code == 1


def test_list_counts_rows_by_evidence(exported):
    listed = {entry["table"]: entry for entry in said("law", "list", "--json")}
    assert set(listed) == {table.name for table in TABLES}
    for name, entry in listed.items():
        with (exported / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert entry["rows"] == len(rows)
        if "evidence" in rows[0]:
            assert sum(entry[grade] for grade in EVIDENCE) == len(rows)
    ran = suiren("law", "list")
    assert all(name in ran.out for name in listed)


def test_show_tells_amounts_payers_and_doors_with_sources():
    shown = said("law", "show", "杭州", "--json")
    assert (shown["place"], shown["year"]) == (HERE, 2021)
    adults = [entry for entry in shown["classes"] if entry["person_class"] == "adult"]
    assert {entry["tier"] for entry in adults} == {"tier_1", "tier_2"}
    for entry in shown["classes"]:
        parts = ("central_part", "province_part", "city_part", "county_part", "city_and_county_part", "undivided_part")
        assert sum(entry[part]["fen"] for part in parts) == entry["standard"]["fen"]
        assert all(entry[part]["evidence"] in EVIDENCE for part in (*parts, "contribution", "standard"))
    for lang in ("en", "zh"):
        ran = suiren("law", "show", "杭州", "--lang", lang)
        assert ran.code == 0
        assert ("杭州市 330100" in ran.out) == (lang == "zh")
    for place, word in (("浙江", "province"), ("鼓楼", "320106"), ("杭洲", "杭州")):
        ran = suiren("law", "show", place)
        assert (ran.code, ran.out) == (1, "")
        assert word in ran.err


def test_check_lists_what_contradicts_and_what_is_assumed():
    found = said("law", "check", "--json")
    places = {str(entry["place"]) for entry in found["contradictions"]}
    assert {"150100", "330700"} <= places
    for topic in ("standard", "contribution", "split", "regime"):
        rows = [entry for entry in found["coverage"] if entry["topic"] == topic]
        assert {entry["evidence"] for entry in rows} == set(EVIDENCE)
        assert sum(entry["pools"] for entry in rows) == 367
        assert sum(entry["persons"] for entry in rows) == 1_409_778_724
    ran = suiren("law", "check")
    assert ran.code == 0
    assert "呼和浩特" in ran.out
    assert "金华" in ran.out
