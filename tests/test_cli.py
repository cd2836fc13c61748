"""The command line: exit codes, sentences on standard error, JSON alone on standard output, files as agreed."""

import json
import subprocess
import sys

import duckdb
import polars as pl
import pytest

from people_files import HERE, HOME, csv_text, invented, person, suiren, write_csv, write_parquet

CASE = ("explain", "--hukou", "临夏", "--enrol-at", "杭州")
SUIREN = [sys.executable, "-c", "from suiren.cli import main; main()"]
ROWS = [*invented(120, seed=5), person(990, age="300")]
LEDGER = {
    **dict.fromkeys(("scheme", "item", "payer_level", "payer_code", "fund_code", "hukou_pool_code", "evidence"), str),
    **dict.fromkeys(("year", "persons", "person_months", "amount_fen"), int),
}


def refused(ran, *words):
    """A bad value: exit 1, nothing on standard output, a sentence without traceback that holds these words."""
    assert ran.code == 1, ran
    assert ran.out == ""
    assert ran.err.startswith("suiren: ")
    assert "Traceback" not in ran.err
    for word in words:
        assert word in ran.err, ran.err
    assert ".?." not in ran.err.replace("?.", ".?.")
    return ran


VALUES = [
    (("--hukou", "临厦"), ("临夏回族自治州", "Did you mean")),
    (("--hukou", "linxa"), ("622900",)),
    (("--hukou", "鼓楼"), ("320106", "350102", "Write the code")),
    (("--hukou", "浙江"), ("province", "杭州市")),
    (("--hukou", "999999"), ("999999",)),
    (("--hukou", ""), ("No place",)),
    (("--year", "1900"), ("1900", "2014 to 2025")),
    (("--year", "2030"), ("2030",)),
    (("--year", "20x1"), ("whole number",)),
    (("--year", ""), ("whole number",)),
    (("--scheme", "portible"), ("Did you mean portable?",)),
    (("--scheme", ":enrol=hukou"), ("no scheme",)),
    (("--scheme", "portable:provnce=uniform"), ("Did you mean province?",)),
    (("--scheme", "portable:province=unifrom"), ("unifrom", "uniform")),
    (("--scheme", "portable:province"), ("OPTION=VALUE",)),
    (("--scheme", "portable:province=uniform,province=origin"), ("uniform", "origin")),
    (("--scheme", "portable:floor=place"), ("contradicts",)),
    (("--scheme", "risk-adjusted:budget=5,pool=tier"), ("contradicts",)),
    (("--scheme", "risk-adjusted:budget=1.5"), ("whole number of fen",)),
    (("--scheme", "risk-adjusted:budget=-5"), ("whole number of fen",)),
    (("--scheme", "risk-adjusted:uplift=-1"), ("between 0 and 10",)),
    (("--scheme", "risk-adjusted:uplift=1/0"), ("number",)),
    (("--scheme", "risk-adjusted"), ("--age", "--sex")),
    (("--months", "0"), ("1 to 12",)),
    (("--months", "13"), ("1 to 12",)),
    (("--months", "6.5"), ("whole number",)),
    (("--age", "121"), ("0 to 120",)),
    (("--age", "-1"), ("-1",)),
    (("--age", "9" * 5000), ()),
    (("--sex", "z"), ("m or f",)),
    (("--class", "adlt"), ("Did you mean adult?",)),
    (("--class", "elderly", "--age", "20"), ("45 to 120",)),
    (("--fact", "has_permt=yes"), ("Did you mean has_permit",)),
    (("--fact", "has_permit"), ("NAME=yes",)),
    (("--fact", "has_permit=yes", "--no-permit"), ("twice",)),
    (("--tier", "tier_9"), ("tier_1", "tier_2")),
    (("--lang", "fr"), ("zh or en",)),
    (("--law", "no-such-folder"), ("law export",)),
]


@pytest.mark.parametrize(("options", "words"), VALUES)
def test_a_bad_value_is_one_sentence_and_exit_1(options, words):
    refused(suiren(*CASE, *options), *words)


def test_all_bad_values_of_a_case_are_told_at_once():
    more = ("--age", "200", "--months", "99", "--fact", "x=yes", "--class", "king", "--sex", "q", "--hukou", "无此地")
    ran = refused(suiren(*CASE, *more))
    assert len(ran.err.splitlines()) == 6


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        (*CASE, "--nonsense"),
        ("explain", "--hukou", "临夏"),
        ("settle", "r.csv"),
        ("settle", "-o", "x"),
        ("law", "show"),
        ("law", "nonsense"),
        (*CASE, "--permit=yes"),
        (*CASE, "--age"),
    ],
)
def test_unknown_commands_flags_and_missing_arguments_are_exit_2(arguments):
    ran = suiren(*arguments)
    assert ran.code == 2
    assert ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_explain_speaks_both_languages(lang):
    ran = suiren(*CASE, "--age", "30", "--permit", "--scheme", "portable", "--lang", lang)
    assert (ran.code, ran.err) == (0, "")
    assert "464.00" in ran.out
    assert "105.40" in ran.out
    assert ("能否参保" in ran.out) == (lang == "zh")


def test_explain_prints_the_agreed_json_and_nothing_else():
    for options in (("--permit",), ("--scheme", "portable"), ("--no-permit",), ("--months", "5", "--permit")):
        ran = suiren(*CASE, "--age", "30", "--json", *options)
        said = json.loads(ran.out)
        keys = {"year", "scheme", "eligible", "regime", "missing", "pays_fen", "subsidy_fen", "total_fen", "steps"}
        assert keys <= set(said)
        assert said["eligible"] in {"yes", "no", "undetermined"}
        pays = said["pays_fen"]
        levels = {"individual", "centre", "province", "city", "county", "city_and_county", "undivided"}
        assert levels <= set(pays)
        assert all(type(fen) is int for fen in pays.values())
        assert sum(pays[level] for level in levels - {"individual"}) == said["subsidy_fen"]
        assert said["subsidy_fen"] + pays["individual"] == said["total_fen"]
        assert all({"name", "value", "unit", "says", "source", "evidence"} <= set(step) for step in said["steps"])
    unsure = json.loads(suiren("explain", "--hukou", "临夏", "--enrol-at", "中山", "--age", "30", "--json").out)
    assert unsure["eligible"] == "undetermined"
    assert "has_permit" in unsure["missing"]


JSON = [
    ("law", "list"),
    ("law", "show", "杭州"),
    ("law", "show", "杭州", "--lang", "zh"),
    ("law", "check"),
    ("population", "describe"),
]


@pytest.mark.parametrize("command", JSON)
def test_json_is_one_document(command):
    ran = suiren(*command, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out)


def test_json_stays_empty_where_there_is_an_error():
    refused(suiren(*CASE, "--json", "--year", "1900"))
    refused(suiren("law", "show", "无此地", "--json"))


def test_a_pipe_that_is_closed_early_is_no_traceback():
    for command in (["law", "check"], ["law", "show", "杭州", "--json"], [*CASE, "--json"]):
        run = subprocess.Popen([*SUIREN, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        run.stdout.close()
        said = run.stderr.read().decode()
        run.stderr.close()
        run.wait()
        assert "Traceback" not in said
        assert "Exception ignored" not in said


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """What `compare` prints and writes for a small file."""
    folder = tmp_path_factory.mktemp("compare")
    ran = suiren("compare", write_csv(folder / "r.csv", ROWS), "-o", folder / "out", "--lang", "en")
    assert (ran.code, ran.err) == (0, "")
    return ran, folder / "out"


def test_compare_writes_what_was_agreed(compared):
    _, out = compared
    names = {"report.html", "statement.xlsx", "ledger.parquet", "balances.parquet", "quarantine.csv", "manifest.json"}
    assert {path.name for path in out.iterdir()} == names
    manifest = json.loads((out / "manifest.json").read_text())
    assert (manifest["rows_in"], manifest["rows_settled"], manifest["rows_quarantined"]) == (121, 120, 1)
    labels = ["current", "portable", "portable:enrol=residence", "risk-adjusted"]
    assert [entry["scheme"] for entry in manifest["schemes"]] == labels
    quarantine = pl.read_csv(out / "quarantine.csv")
    assert quarantine.columns == ["file", "row", "column", "code", "message", "value", "at_stake_fen"]
    assert quarantine.row(0)[:4] == ("r.csv", 121, "age", "Q-age")


def test_the_ledger_has_the_agreed_columns_for_every_reader(compared):
    _, out = compared
    ledger = pl.read_parquet(out / "ledger.parquet")
    assert set(ledger.columns) == set(LEDGER)
    order = "scheme year item payer_level payer_code fund_code hukou_pool_code evidence persons person_months"
    assert ledger.columns == [*order.split(), "amount_fen"]
    for column, kind in LEDGER.items():
        assert ledger[column].dtype.is_integer() if kind is int else ledger[column].dtype == pl.String
    described = duckdb.sql(f"DESCRIBE SELECT * FROM '{out / 'ledger.parquet'}'").fetchall()
    kinds = {row[0]: row[1] for row in described}
    assert {kinds[column] for column in ("persons", "person_months", "amount_fen")} == {"BIGINT"}
    assert {kinds[column] for column, kind in LEDGER.items() if kind is str} == {"VARCHAR"}
    assert set(ledger["item"]) <= {"contribution", "subsidy"}
    assert set(ledger.filter(pl.col("payer_level") == "centre")["payer_code"]) == {"100000"}
    for column in ("payer_code", "fund_code", "hukou_pool_code"):
        assert ledger[column].str.len_chars().unique().to_list() == [6]
    balances = duckdb.sql(f"DESCRIBE SELECT * FROM '{out / 'balances.parquet'}'").fetchall()
    assert {row[1] for row in balances} == {"VARCHAR", "BIGINT"}


def test_balances_are_the_ledger_summed(compared):
    _, out = compared
    ledger, balances = (pl.read_parquet(out / f"{name}.parquet") for name in ("ledger", "balances"))
    for scheme in ledger["scheme"].unique():
        fen = ledger.filter(pl.col("scheme") == scheme)["amount_fen"].sum()
        own = balances.filter(pl.col("scheme") == scheme)
        assert own["paid_fen"].sum() == own["received_fen"].sum() == fen
    assert balances.filter(pl.col("scheme") == "current")["change_fen"].unique().to_list() == [0]


def test_compare_counts_a_small_file_in_persons(compared):
    ran, _ = compared
    assert "120 million" not in ran.out
    assert "120 persons" in ran.out
    assert "120 persons in = 120 settled" in ran.out


def test_compare_refuses_what_it_cannot_compare(tmp_path):
    path = write_csv(tmp_path / "r.csv", ROWS)
    target = tmp_path / "out"
    refused(suiren("compare", path, "--scheme", "current", "--scheme", "current", "-o", target), "twice")
    refused(suiren("compare", tmp_path / "q.csv", "-o", target), "q.csv")
    refused(suiren("compare", "china-2021", "-o", target), "china-2020")
    refused(suiren("compare", path, "--scheme", "portable:floor=place", "-o", target), "contradicts")
    bare = write_csv(tmp_path / "bare.csv", [person(1)])
    refused(suiren("compare", bare, "-o", target), "sex", "age")
    assert not target.exists()


WEIGHTS = {
    "hole": (",0,50,,9,assumed\n,52,120,,9,assumed\n", ("51",)),
    "overlap": (",0,60,,9,assumed\n,50,120,,9,assumed\n", ("overlaps line 2", "w.csv:3")),
    "negative": (",0,120,,-5,assumed\n", ("w.csv:2", "-5")),
    "fraction": (",0,120,,1.5,assumed\n", ("w.csv:2", "1.5")),
    "evidence": (",0,120,,5,asumed\n", ("w.csv:2", "Did you mean assumed")),
    "bounds": (",60,20,,10,assumed\n,0,120,,5,assumed\n", ("w.csv:2",)),
    "cells": (",0,120,,10,assumed,more\n", ("w.csv:2",)),
    "empty": ("", ("ages 0-120",)),
}


@pytest.mark.parametrize("case", WEIGHTS)
def test_weights_that_cannot_be_used(tmp_path, case):
    body, words = WEIGHTS[case]
    path = tmp_path / "w.csv"
    path.write_text("sex,age_from,age_to,risk_group,points,evidence\n" + body)
    records = write_csv(tmp_path / "r.csv", [person(1, sex="m", age="30")])
    scheme = f"risk-adjusted:weights={path}"
    ran = refused(suiren("settle", records, "-o", tmp_path / "out", "--scheme", scheme), *words)
    if case == "overlap":
        assert "No row covers" not in ran.err
    assert not (tmp_path / "out").exists()


def test_weights_without_a_column_or_a_file(tmp_path):
    records = write_csv(tmp_path / "r.csv", [person(1, sex="m", age="30", risk_group="rare")])
    path = tmp_path / "w.csv"
    path.write_text("sex,age_from,age_to,group,points,evidence\n,0,120,,9,assumed\n")
    scheme = "risk-adjusted:weights={}".format
    refused(suiren("settle", records, "-o", tmp_path / "o", "--scheme", scheme(path)), "Did you mean group")
    ran = refused(suiren("settle", records, "-o", tmp_path / "o", "--scheme", scheme("nofile.csv")), "nofile.csv")
    assert "FileNotFoundError" not in ran.err
    refused(suiren("settle", records, "-o", tmp_path / "o", "--scheme", "risk-adjusted"), "rare", "1 persons")


def test_too_many_quarantined_rows_are_a_failure_with_counts(tmp_path):
    path = write_csv(tmp_path / "r.csv", [person(1), person(2, age="300"), person(3, months="x")])
    target = tmp_path / "out"
    refused(suiren("settle", path, "-o", target, "--max-quarantined", "0.5"), "2 of 3", "Q-age: 1", "Q-months: 1")
    for share in ("2", "-0.1", "abc", "nan", "1/0", ""):
        refused(suiren("settle", path, "-o", target, "--max-quarantined", share), "--max-quarantined")
    assert not target.exists()
    assert suiren("settle", path, "-o", target, "--max-quarantined", "0.7").code == 0


def test_settle_with_nothing_left_still_says_why(tmp_path):
    path = write_csv(tmp_path / "r.csv", [person(1, age="300"), person(2, months="0")])
    ran = suiren("settle", path, "-o", tmp_path / "out", "--bills", "--lang", "en")
    assert (ran.code, ran.err) == (0, "")
    assert "rows in 2 = settled 0 + quarantined 2" in ran.out
    assert pl.read_csv(tmp_path / "out" / "quarantine.csv").height == 2
    assert pl.read_parquet(tmp_path / "out" / "ledger.parquet").is_empty()
    (tmp_path / "head.csv").write_text("person_id,hukou_place,enrolment_place\n")
    for command in (("settle", "--scheme", "risk-adjusted"), ("compare",), ("check",)):
        ran = suiren(command[0], tmp_path / "head.csv", *command[1:], "-o", tmp_path / f"head-{command[0]}")
        assert ran.code in {0, 1}
        assert "index" not in ran.err


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_check_counts_by_code_and_writes_only_when_asked(tmp_path, monkeypatch, lang):
    monkeypatch.chdir(tmp_path)
    path = write_parquet(tmp_path / "r.parquet", [person(1), person(2, age=300), person(3, HOME, HERE)])
    ran = suiren("check", path, "--lang", lang)
    assert (ran.code, ran.err) == (0, "")
    for word in ("Q-age", "Q-shut-out", "3", "2"):
        assert word in ran.out
    assert ("quarantined" in ran.out) == (lang == "en")
    assert [entry.name for entry in tmp_path.iterdir()] == ["r.parquet"]
    assert suiren("check", path, "-o", "out").code == 0
    assert {entry.name for entry in (tmp_path / "out").iterdir()} == {"quarantine.csv", "counts.csv", "manifest.json"}


def test_settle_names_all_the_files_it_wrote(tmp_path):
    path = write_csv(tmp_path / "r.csv", ROWS)
    ran = suiren("settle", path, "-o", tmp_path / "out", "--bills")
    assert (ran.code, ran.err) == (0, "")
    for entry in (tmp_path / "out").iterdir():
        assert entry.name in ran.out.replace("\n", "")


def test_missing_columns_reach_the_user_in_one_message(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text(csv_text([{"persn_id": "1", "hukou_place": HERE, "enrolment_palce": HERE}]))
    for command in ("settle", "check", "compare"):
        ran = refused(suiren(command, path, "-o", tmp_path / "out"), "persn_id", "enrolment_palce")
        assert len(ran.err.splitlines()) == 2
    assert not (tmp_path / "out").exists()
