"""A run's folder: whole or absent, never a stranger's, and the same bytes again."""

import hashlib
import json
import os
import time

import polars as pl
import pytest

from kills import whole
from people_files import files, invented, person, suiren, texts, write_csv
from suiren.errors import SuirenError
from suiren.ledger import write
from suiren.show import workbook

ROWS = [*invented(150, seed=3), person(990, age="300"), person(991, months="0")]
SETTLED = {"ledger.parquet", "balances.parquet", "statement.xlsx", "quarantine.csv", "manifest.json"}


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    return write_csv(tmp_path_factory.mktemp("records") / "r.csv", ROWS)


def settle(records, folder, *more):
    ran = suiren("settle", records, "-o", folder, *more)
    assert (ran.code, ran.err) == (0, "")
    return files(folder)


def test_a_new_an_empty_and_an_earlier_folder_are_written(tmp_path, records):
    first = settle(records, tmp_path / "a" / "b" / "new", "--bills")
    assert set(first) == SETTLED | {"bills.parquet"}
    (tmp_path / "empty").mkdir()
    second = settle(records, tmp_path / "empty", "--bills")
    assert second == first
    third = settle(records, tmp_path / "empty", "--scheme", "portable")
    assert set(third) == SETTLED
    assert third["ledger.parquet"] != first["ledger.parquet"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "empty"]


@pytest.mark.parametrize("manifest", [None, "{}", '{"name": "my app"}', "not json", '{"suiren": 1}', "[]"])
def test_a_strangers_folder_is_left_alone(tmp_path, records, manifest):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "app.js").write_text("precious")
    if manifest is not None:
        (folder / "manifest.json").write_text(manifest)
    before = files(folder)
    ran = suiren("settle", records, "-o", folder)
    assert ran.code == 1
    assert "E-out" in ran.err
    assert files(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_what_the_user_put_beside_a_result_is_not_lost(tmp_path, records):
    settle(records, tmp_path / "out")
    mine = write_csv(tmp_path / "out" / "mine.csv", ROWS)
    ran = suiren("settle", mine, "-o", tmp_path / "out")
    assert ran.code == 1
    assert "mine.csv" in ran.err
    assert mine.exists()


def test_a_result_is_not_replaced_by_a_run_that_reads_it(tmp_path, records):
    settle(records, tmp_path / "out", "--bills")
    before = files(tmp_path / "out")
    ran = suiren("settle", tmp_path / "out" / "bills.parquet", "-o", tmp_path / "out")
    assert ran.code == 1
    assert files(tmp_path / "out") == before


def test_files_and_places_that_cannot_be_folders(tmp_path, records, monkeypatch):
    (tmp_path / "afile").write_text("x")
    for target in (tmp_path / "afile", tmp_path / "afile" / "sub", "/proc/none/such"):
        ran = suiren("settle", records, "-o", target)
        assert ran.code == 1
        assert "File exists" not in ran.err
    assert (tmp_path / "afile").read_text() == "x"
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    ran = suiren("settle", records, "-o", ".")
    assert ran.code in {0, 1}
    assert "busy" not in ran.err


def test_a_failure_in_the_middle_leaves_the_old_result(tmp_path, records, monkeypatch):
    before = settle(records, tmp_path / "old")

    def broken(*_):
        raise OSError(28, "No space left on device")

    for module, name in ((workbook, "workbook"), (write, "write_manifest"), (write, "balances")):
        with monkeypatch.context() as patched:
            patched.setattr(module, name, broken)
            for target in ("old", "new"):
                ran = suiren("settle", records, "-o", tmp_path / target)
                assert ran.code == 1
                assert "No space left" in ran.err
    assert files(tmp_path) == {f"old/{name}": data for name, data in before.items()}


def test_an_error_inside_leaves_nothing(tmp_path):
    def half():
        with write.replaced(tmp_path / "out") as folder:
            (folder / "ledger.parquet").write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half()
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("x")
    with pytest.raises(SuirenError):
        write.check_target(tmp_path / "file")


def test_leftovers_of_a_killed_run_do_not_disturb(tmp_path, records):
    first = settle(records, tmp_path / "out")
    for name in (f".out.{os.getpid()}.part", f".out.{os.getpid()}.old", ".out.1.part"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "ledger.parquet").write_bytes(b"half")
    assert settle(records, tmp_path / "out") == first


def test_the_manifest_says_what_went_in_and_came_out(tmp_path, records):
    settle(records, tmp_path / "out", "--bills", "--strict", "--lang", "zh", "--max-quarantined", "0.9")
    manifest = json.loads(whole(tmp_path / "out")["manifest.json"])
    counts = [manifest[name] for name in ("rows_in", "rows_settled", "rows_quarantined")]
    assert counts[0] == counts[1] + counts[2] == len(ROWS)
    data = records.read_bytes()
    entry = manifest["inputs"][0]
    assert (entry["name"], entry["bytes"], entry["sha256"]) == ("r.csv", len(data), hashlib.sha256(data).hexdigest())
    assert manifest["suiren"]
    assert {"polars", "duckdb"} <= set(manifest["libraries"])
    assert manifest["law"]["year"] == 2021
    assert len(manifest["law"]["sha256"]) == 64
    settings = manifest["settings"]
    assert [settings[name] for name in ("scheme", "strict", "bills")] == ["current", True, True]
    ledger = pl.read_parquet(tmp_path / "out" / "ledger.parquet")
    sums = manifest["schemes"][0]["conserved"]
    for item in ("contribution", "subsidy"):
        assert ledger.filter(pl.col("item") == item)["amount_fen"].sum() == sums[f"{item}_fen"]


@pytest.mark.parametrize("lang", ["zh"])
def test_the_same_run_gives_the_same_bytes_without_clock_or_path(tmp_path, records, monkeypatch, lang):
    first, second = tmp_path / "first", tmp_path / "elsewhere" / "second"
    schemes = ["--scheme", "current", "--scheme", "portable", "--lang", lang]
    ran = suiren("compare", records, "-o", first, *schemes)
    assert (ran.code, ran.err) == (0, "")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.chdir(records.parent)
    copy = tmp_path / "r.csv"
    copy.write_bytes(records.read_bytes())
    ran = suiren("compare", copy, "-o", second, *schemes)
    assert ran.code == 0
    assert set(whole(first)) == SETTLED | {"report.html"}
    assert files(first) == files(second)
    year = time.strftime("%Y-")
    for name, said in texts(first).items():
        assert str(tmp_path.parent) not in said, name
        assert "/tmp/" not in said, name  # noqa: S108 - looked for, not used
        assert year not in said, name


def test_the_weights_file_is_in_the_manifest_by_content(tmp_path, records):
    head = "sex,age_from,age_to,risk_group,points,evidence\n"
    weights = tmp_path / "w.csv"
    weights.write_text(head + ",0,120,,100,assumed\n")
    settle(records, tmp_path / "out", "--scheme", f"risk-adjusted:weights={weights}")
    manifest = (tmp_path / "out" / "manifest.json").read_text()
    assert hashlib.sha256(weights.read_bytes()).hexdigest() in manifest
    assert str(tmp_path) not in manifest
    ledger = pl.read_parquet(tmp_path / "out" / "ledger.parquet")
    assert set(ledger["scheme"]) == {"risk-adjusted:weights=w.csv"}


def test_no_output_holds_a_person_number(tmp_path):
    rows = [row | {"person_id": f"QXIDENTITY{number:08d}"} for number, row in enumerate(ROWS)]
    rows += [rows[0] | {"sex": "QXIDENTITY00000000", "age": "QXIDENTITY00000000", "hukou_place": "QXIDENTITY00000000"}]
    path = write_csv(tmp_path / "r.csv", rows)
    for command, more in (("settle", ["--bills"]), ("compare", ["--scheme", "current"]), ("check", [])):
        ran = suiren(command, path, "-o", tmp_path / command, *more)
        assert ran.code == 0
        said = texts(tmp_path / command) | {"out": ran.out, "err": ran.err}
        holding = {name for name, text in said.items() if "QXIDENTITY" in text}
        assert holding == ({"bills.parquet"} if command == "settle" else set())
