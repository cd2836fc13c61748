"""The invented registry: it follows china-2020, is the same each time, says what it is, and its faults are counted."""

import json
from collections import Counter
from datetime import date

import polars as pl
import pytest

from people_files import files, suiren
from suiren import places
from suiren.errors import SuirenError
from suiren.old_codes import today
from suiren.people import china2020, sample_maker, sample_shapes
from suiren.people.faults import OLD_CODES, PAIRS, SINGLE
from suiren.people.kinds import class_of
from suiren.people.sample import sample

FORMATS = ("plain", "nhsa", "nhsa-ledger")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ROWS = 3000


def read(folder, format_="plain"):
    """All rows of a sample's folder as written."""
    if format_ == "nhsa-ledger":
        lines = [line for path in sorted(folder.glob("*.txt")) for line in path.read_text("utf-8").splitlines()[1:]]
        return pl.DataFrame([line.split("~") for line in lines], schema=list(sample_shapes.LEDGER), orient="row")
    return pl.concat([pl.read_parquet(path) for path in sorted(folder.glob("*.parquet"))])


def pool_of(column):
    known = places.frame().filter(pl.col("pool_code").is_not_null())
    return pl.col(column).replace_strict(known["code"], known["pool_code"])


def is_sound(number):
    """A whole identity number, by plain arithmetic."""
    if number is None or len(number) != 18:
        return False
    rest = sum(int(digit) * weight for digit, weight in zip(number, WEIGHTS, strict=False)) % 11
    return number[17] == "10X98765432"[rest]


def of(told, name):
    """What the report says of one fault."""
    return next(fault for fault in told["faults"] if fault["fault"] == name)


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    """A clean registry in many small blocks, and its folder."""
    folder = tmp_path_factory.mktemp("clean") / "rows"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sample_maker, "BLOCK", 4096)
        sample(100_001, folder)
    return read(folder), folder


def test_each_pool_has_its_share_to_within_one_row(registry):
    rows = registry[0]
    people = china2020.enrolment()
    persons = people["persons"].sum()
    wanted = dict(people.group_by("enrolment_place").agg(pl.col("persons").sum()).iter_rows())
    found = Counter(rows.select(pool_of("enrolment_place")).to_series().to_list())
    assert sum(found.values()) == rows.height == 100_001
    for pool, many in wanted.items():
        assert abs(found[pool] * persons - many * rows.height) < persons, pool


def province(column):
    return pool_of(column) // 10_000


def band(column):
    years = range(100)
    firsts = sorted(china2020.enrolment()["age"].unique().to_list())
    return pl.col(column).replace_strict(years, [max(first for first in firsts if first <= year) for year in years])


def stated(column):
    by_age = pl.col("age").replace_strict(range(100), [class_of(age) for age in range(100)])
    return pl.coalesce(pl.col(column).cast(pl.String), by_age)


def letter(column):
    return pl.col(column).cast(pl.String).replace({"1": "m", "2": "f"})


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("hukou_place", province),
        ("residence_place", province),
        ("sex", letter),
        ("age", band),
        ("person_class", stated),
    ],
)
def test_the_other_margins_are_near(registry, column, cell):
    rows, people = registry[0], china2020.enrolment()
    found = dict(rows.group_by(cell(column).alias("cell")).len().iter_rows())
    wanted = dict(people.group_by(cell(column).alias("cell")).agg(pl.col("persons").sum()).iter_rows())
    whole = sum(wanted.values())
    assert set(found) <= set(wanted)
    for key, many in wanted.items():
        assert abs(found.get(key, 0) / 100_001 - many / whole) < 0.004, key


def test_a_row_is_believable(registry):
    rows = registry[0]
    assert rows["person_id"].str.contains(r"^X\d{19}$").all()
    assert rows["person_id"].n_unique() == rows.height
    county = rows.select(pool_of("enrolment_place") != pl.col("enrolment_place")).to_series().mean()
    assert 0.65 < county < 0.72
    assert 0.94 < (rows["months"] == 12).mean() < 0.96
    assert rows["age"].is_between(0, 99).all()
    students = rows.filter(pl.col("person_class") == "student")["age"]
    assert students.is_between(18, 22).all()
    here = rows.select(pool_of("hukou_place") == pool_of("enrolment_place")).to_series()
    assert rows.filter(here)["has_permit"].null_count() == here.sum()
    away = rows.filter(~here)["has_permit"]
    assert 0.3 < away.mean() < 0.7
    neighbours = rows["enrolment_place"] == rows["enrolment_place"].shift(1)
    assert neighbours.mean() < 0.05


def test_a_clean_registry_settles_whole_where_everybody_is_let_in(registry, tmp_path):
    ran = suiren("settle", registry[1], "-o", tmp_path / "out", "--scheme", "portable", "--lang", "en")
    assert ran.code == 0, ran.err
    told = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert (told["rows_in"], told["rows_settled"], told["rows_quarantined"]) == (100_001, 100_001, 0)


@pytest.mark.parametrize("format_", FORMATS)
def test_the_same_order_gives_the_same_bytes_and_another_seed_others(tmp_path, format_):
    for name, seed in (("one", 4), ("two", 4), ("three", 5)):
        sample(ROWS, tmp_path / name, format_, "0.1", seed, 2, permits=True)
    first, second, third = (files(tmp_path / name) for name in ("one", "two", "three"))
    assert first == second
    rows = [name for name in first if name.startswith("invented-")]
    assert len(rows) == 2
    assert all(first[name] != third[name] for name in rows)
    assert (tmp_path / "one-permits.parquet").read_bytes() == (tmp_path / "two-permits.parquet").read_bytes()


def test_the_number_of_files_changes_no_row(tmp_path, monkeypatch):
    monkeypatch.setattr(sample_maker, "BLOCK", 256)
    told = sample(ROWS, tmp_path / "seven", faults="0.2", files=7)
    sample(ROWS, tmp_path / "one.parquet", faults="0.2")
    assert len(told["files"]) == 7
    assert read(tmp_path / "seven").equals(pl.read_parquet(tmp_path / "one.parquet"))
    beside = json.loads((tmp_path / "one-faults.json").read_text("utf-8"))
    assert (
        beside["faults"] == told["faults"] == json.loads((tmp_path / "seven/faults.json").read_text("utf-8"))["faults"]
    )


@pytest.mark.parametrize("rows", [1, 2, 3, 50])
@pytest.mark.parametrize("share", ["0", "1"])
def test_any_number_of_rows(tmp_path, rows, share):
    told = sample(rows, tmp_path / "few", "nhsa", share)
    assert read(tmp_path / "few").height == rows == told["rows"]
    assert (tmp_path / "few" / "faults.json").exists() == (share == "1")
    assert sum(fault["rows"] for fault in told["faults"]) == (rows if share == "1" else 0)


@pytest.mark.parametrize("format_", FORMATS)
def test_files_say_that_they_are_invented(tmp_path, format_):
    sample(20, tmp_path / "rows", format_, permits=True)
    person = sample_shapes.ROLES[format_]["person"]
    assert read(tmp_path / "rows", format_)[person].str.starts_with("X").all()
    assert json.loads((tmp_path / "rows" / "manifest.json").read_text("utf-8"))["invented"] is True
    for path in [*(tmp_path / "rows").glob("*.parquet"), tmp_path / "rows-permits.parquet"]:
        assert pl.read_parquet_metadata(path)["suiren"] == "invented"


@pytest.mark.parametrize("format_", ["nhsa", "nhsa-ledger"])
def test_identity_numbers_are_sound_and_of_no_place(tmp_path, format_):
    sample(ROWS, tmp_path / "rows", format_)
    rows = read(tmp_path / "rows", format_)
    numbers = rows[sample_shapes.ROLES[format_]["identity"]]
    assert numbers.n_unique() == ROWS
    assert all(is_sound(number) and number.startswith("99") for number in numbers)
    born = [date.fromisoformat(f"{text[6:10]}-{text[10:12]}-{text[12:14]}") for text in numbers]
    assert max(born).year == 2021
    if format_ == "nhsa":
        assert [str(day) for day in born] == rows["brdy"].to_list()
        assert ["12"[int(text[16]) % 2 == 0] for text in numbers] == rows["gend"].to_list()


def test_shapes_of_the_platform(tmp_path):
    sample(ROWS, tmp_path / "rows", "nhsa", year=2019)
    rows = read(tmp_path / "rows")
    assert rows["accrym_begn"].str.contains(r"^2020(0[1-9]|1[0-2])$").all()
    assert (rows["accrym_begn"] <= rows["accrym_end"]).all()
    assert rows["insutype"].unique().to_list() == ["390"]
    sample(ROWS, tmp_path / "text", "nhsa-ledger")
    lines = (tmp_path / "text" / "invented-000.txt").read_text("utf-8").splitlines()
    assert lines[0].split("~") == list(sample_shapes.LEDGER)
    assert {line.count("~") for line in lines} == {15}
    for line in lines[1:200]:
        name, code, pool = line.split("~")[:3]
        assert places.find(name).code == pool == places.get(code).pool
    permits = pl.read_parquet(tmp_path / "text-permits.parquet")
    assert permits.columns == ["person_id", "hukou_place", "has_permit"]
    assert permits["person_id"].to_list() == [line.split("~")[3] for line in lines[1:]]


def test_csv(tmp_path):
    sample(50, tmp_path / "rows", kind="csv")
    sample(50, tmp_path / "same")
    text = pl.read_csv(tmp_path / "rows" / "invented-000.csv", schema=read(tmp_path / "same").schema)
    assert text.equals(read(tmp_path / "same"))


def test_faults_of_one_row_are_counted(tmp_path):
    told = sample(ROWS, tmp_path / "rows", "nhsa", "0.5")
    rows = read(tmp_path / "rows")
    codes = {str(code) for code in places.frame()["code"]}
    at = {name: of(told, name)["rows"] for name in (fault.name for fault in (*SINGLE, *PAIRS) if fault.fits("nhsa"))}
    assert min(at.values()) > 0
    assert 0.4 < sum(at.values()) / ROWS < 0.6
    assert rows["psn_no"].null_count() == at["no_person_number"]
    assert rows["insuplc_admdvs"].str.contains("O").sum() == at["letter_in_code"]
    assert rows["insuplc_admdvs"].str.contains("^ *　").sum() == at["padded"]
    assert (rows["insuplc_admdvs"] == "998877").sum() == at["unknown_place"]
    assert rows["accrym_end"].str.ends_with("13").sum() == at["month_13"]
    assert (rows["certno"].str.len_chars() == 17).sum() == at["id_too_short"]
    wrong = [number for number in rows["certno"] if number and len(number) == 18 and not is_sound(number)]
    assert len(wrong) == at["wrong_check_character"]
    assert (~rows["resd_loc_admdvs"].is_in(codes)).sum() == at["old_code"]
    assert (rows["psn_insu_stas"] != "1").sum() == at["stopped"]
    assert rows["gend"].is_in(["男", "女"]).sum() == at["chinese"]
    assert (rows["insutype"] == "310").sum() == at["employee_row"] / 2
    assert (rows["psn_type"] == "12").sum() == at["retired_employee"]


def test_faults_of_two_rows_are_counted(tmp_path):
    told = sample(ROWS, tmp_path / "rows", "nhsa", "0.5")
    rows = read(tmp_path / "rows").filter(pl.col("psn_no").is_not_null())
    same = rows.group_by("psn_no").agg(pl.all())
    pairs = same.filter(pl.col("certno").list.len() > 1)
    assert pairs["certno"].list.len().max() == 2
    kinds = Counter()
    for pair in pairs.iter_rows(named=True):
        alike = all(cell[0] == cell[1] for name, cell in pair.items() if name != "psn_no")
        second = "duplicate" if alike else "employee_row" if "310" in pair["insutype"] else "overlap"
        kinds["move" if pair["accrym_begn"][0] != pair["accrym_begn"][1] else second] += 1
    for name in ("duplicate", "employee_row", "overlap", "move"):
        assert kinds[name] == of(told, name)["rows"] / 2
    shared = rows.group_by("certno").agg(pl.col("psn_no").n_unique()).filter(pl.col("certno").is_not_null())
    assert (shared["psn_no"] > 1).sum() == of(told, "two_numbers")["rows"] / 2


@pytest.mark.parametrize("format_", FORMATS)
def test_the_quarantine_holds_the_faults_and_nothing_else(tmp_path, format_):
    told = sample(20_000, tmp_path / "rows", format_, "0.1", permits=True)
    records = (tmp_path / "rows", "--permits", tmp_path / "rows-permits.parquet", "--format", format_)
    ran = suiren("check", *records, "-o", tmp_path / "out", "--scheme", "portable", "--lang", "en")
    assert ran.code == 0, ran.err
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert manifest["rows_quarantined"] == told["quarantined"] == sum(told["codes"].values())
    held = pl.read_csv(tmp_path / "out" / "quarantine.csv", infer_schema=False)
    found = dict(held.group_by("code").agg(pl.struct("file", "row").n_unique()).iter_rows())
    assert set(found) == set(told["codes"])
    for code, rows in told["codes"].items():
        besides = sum(fault["rows"] for fault in told["faults"] if code in fault["also"])
        assert rows <= found[code] <= rows + besides, code


@pytest.mark.parametrize("format_", ["nhsa", "nhsa-ledger"])
def test_clean_shapes_of_the_platform_settle_whole(tmp_path, format_):
    sample(5000, tmp_path / "rows", format_, permits=True)
    records = (tmp_path / "rows", "--permits", tmp_path / "rows-permits.parquet")
    ran = suiren("settle", *records, "-o", tmp_path / "out", "--scheme", "portable", "--lang", "en")
    assert ran.code == 0, ran.err
    told = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    assert (told["rows_in"], told["rows_settled"]) == (5000, 5000)


def test_old_codes_are_those_of_the_table():
    for code, place in OLD_CODES.items():
        assert today(code) == place


def test_an_order_that_cannot_be_is_told_at_once(tmp_path):
    with pytest.raises(SuirenError) as caught:
        sample(0, tmp_path / "x.txt", "nsha", "2", -1, 5, kind="parquet")
    assert len(caught.value.problems) == 6
    assert "nhsa" in str(caught.value)
    for wrong in ({"format_": "nhsa-ledger", "kind": "parquet"}, {"faults": "many"}, {"files": 0}, {"year": 1900}):
        with pytest.raises(SuirenError):
            sample(10, tmp_path / "x", **wrong)
    assert list(tmp_path.iterdir()) == []


def test_nothing_that_is_not_ours_is_overwritten(tmp_path):
    mine = tmp_path / "mine.parquet"
    pl.DataFrame({"a": [1]}).write_parquet(mine)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "notes.txt").write_text("mine")
    before = files(tmp_path)
    for target in (mine, tmp_path / "folder"):
        with pytest.raises(SuirenError, match="would be lost"):
            sample(10, target)
    assert files(tmp_path) == before
    for _ in range(2):
        sample(10, tmp_path / "ours", permits=True, faults="0.5")
        sample(10, tmp_path / "ours.parquet", faults="0.5")
    assert not [path for path in tmp_path.rglob("*") if ".part" in path.name]


def test_the_command(tmp_path):
    out = tmp_path / "rows"
    done = suiren("population", "sample", "--rows", "1_000", "-o", out, "--faults", "0.1", "--permits", "--files", "2")
    assert done.code == 0, done.err
    assert "1,000 invented rows" in done.out
    assert {path.name for path in out.iterdir()} == {
        "invented-000.parquet",
        "invented-001.parquet",
        "faults.json",
        "manifest.json",
    }
    for wrong in (("--rows", "many"), ("--rows", "0"), ("--rows", "9" * 11), ("--rows", "5", "--faults", "x")):
        bad = suiren("population", "sample", "-o", tmp_path / "bad", *wrong)
        assert bad.code == 1
        assert bad.err.startswith("suiren: ")
    assert not (tmp_path / "bad").exists()
