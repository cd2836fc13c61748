"""Notices held against what a careful reader finds: precision and recall by field; single traps; the command.

`python tests/test_notices.py` prints the table of each group and every miss.
"""

import csv
import functools
import json
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import yaml

from people_files import suiren
from suiren.errors import SuirenError
from suiren.laws.schema import CLASSES, TABLES
from suiren.notices import read, read_text
from suiren.notices.rows import amount_rows, as_csv, check_placed, door_rows

FOLDER = Path(__file__).parent / "notices"
FIELDS = ("place", "year", "regime", "contribution", "subsidy")
EXPECTED = yaml.safe_load((FOLDER / "expected.yaml").read_text(encoding="utf-8"))


def expand(classes):
    return CLASSES if classes == "all" else classes.split(";")


def wanted(name):
    """The facts of a notice as (field, fact) pairs, a class each."""
    entry = EXPECTED[name]
    facts = {(field, entry[field]) for field in ("place", "year") if entry[field] is not None}
    for text in entry["regimes"]:
        classes, regime = text.split()
        facts |= {("regime", (each, regime)) for each in expand(classes)}
    for text in entry["amounts"]:
        classes, tier, *sums = text.split()
        for field, amount in zip(("contribution", "subsidy"), sums, strict=True):
            if amount != "-":
                tier_ = None if tier == "-" else tier
                facts |= {(field, (each, tier_, int(amount) * 100)) for each in expand(classes)}
    return facts


@functools.cache
def told(name):
    """The facts that are read in it, and what is unsure."""
    document = read(path_of(name)).to_dict()
    facts = {(field, document[field]) for field in ("place", "year") if document[field] is not None}
    for entry in document["regimes"]:
        facts |= {("regime", (each, entry["regime"])) for each in expand(entry["class"])}
    for entry in document["amounts"]:
        for field in ("contribution", "subsidy"):
            if entry[f"{field}_fen"] is not None:
                facts |= {(field, (each, entry["tier"], entry[f"{field}_fen"])) for each in expand(entry["class"])}
    return facts, document["unsure"]


def path_of(name):
    return next(FOLDER.glob(f"{name}.*"))


def score(names):
    """{field: (right, told, wanted)} over some notices."""
    right, said, asked = Counter(), Counter(), Counter()
    for name in names:
        facts, _ = told(name)
        right.update(field for field, _ in facts & wanted(name))
        said.update(field for field, _ in facts)
        asked.update(field for field, _ in wanted(name))
    return {field: (right[field], said[field], asked[field]) for field in FIELDS}


def table(names):
    lines = [f"{'field':<14}{'right':>6}{'told':>6}{'there':>6}  precision  recall"]
    for field, (right, said, asked) in score(names).items():
        lines.append(
            f"{field:<14}{right:>6}{said:>6}{asked:>6}{right / (said or 1):>11.3f}{right / (asked or 1):>8.3f}"
        )
    return "\n".join(lines)


def misses(names):
    for name in names:
        facts, unsure = told(name)
        for sign, rest in (("wrong", facts - wanted(name)), ("missed", wanted(name) - facts)):
            for fact in sorted(rest, key=str):
                yield f"{name} {sign} {fact}"
        topics = {line.split(":")[0] for line in unsure}
        for topic in set(EXPECTED[name].get("unsure", [])) - topics:
            yield f"{name} should be unsure of {topic}"


def beginning(letters):
    return [name for name in EXPECTED if name[0] in letters]


GROUPS = {
    "known": (beginning("tp"), 95),
    "held out": (beginning("h"), 95),
    "hard": (beginning("xy"), 95),
    "unseen": (beginning("z"), 95),
    "fresh": (beginning("f"), 95),
    "newest": (beginning("g"), 75),
}
"""Title: (notices, least recall in percent). No pattern was changed after the newest ones were first read."""

MISREAD = {"g08"}
"""Of the newest notices those of which a doubt should be told and is not."""


@pytest.mark.parametrize("title", list(GROUPS))
def test_precision_and_recall(title):
    names, least_recall = GROUPS[title]
    for field, (right, said, asked) in score(names).items():
        assert right * 100 >= said * 95, f"{field}\n{table(names)}"
        assert right * 100 >= asked * least_recall, f"{field}\n{table(names)}"


@pytest.mark.parametrize("name", list(EXPECTED))
def test_every_quote_stands_in_the_notice_and_silence_is_told(name):
    found = read(path_of(name))
    text = path_of(name).read_bytes()
    written = text.decode("gb18030" if b"\xff" in text or not _utf8(text) else "utf-8")
    if path_of(name).suffix == ".txt":
        for finding in (*found.doors, *found.amounts):
            assert finding.quote in written
    assert any("unsure" in line for line in misses([name])) == (name in MISREAD)
    assert bool(found.doors) or any(doubt.topic == "regime" for doubt in found.unsure)


def _utf8(data):
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_enough_notices_are_measured():
    assert len(beginning("t")) == 32
    assert len(beginning("h")) == 16
    assert {path.stem for path in FOLDER.glob("*.*")} == {*EXPECTED, "expected"}


def amounts_of(body, title="杭州市2024年度城乡居民医保缴费公告"):
    found = read_text(f"{title}\n{body}\n")
    return {
        (amount.item, amount.classes if amount.classes != CLASSES else "all", amount.fen) for amount in found.amounts
    }


@pytest.mark.parametrize(
    "form", ["380元/人/年", "每人每年380元", "380元每人每年", "３８０元/人·年", "0.038万元", "380.00元", "3 80元"]
)
def test_one_price_in_many_forms(form):
    assert amounts_of(f"个人缴费标准为{form}。") == {("contribution", "all", 38_000)}


def test_thousands_and_totals():
    body = "筹资标准为1,540元/人/年，其中个人缴费520元，财政补助1，020元。"
    assert amounts_of(body) == {("contribution", "all", 52_000), ("subsidy", "all", 102_000)}


@pytest.mark.parametrize(
    "body",
    [
        "逾期缴费的，个人缴费标准为每人1020元。",
        "低保对象个人缴费每人每年190元。",
        "非本市户籍人员个人全额缴费1020元。",
        "国家规定的个人缴费标准为每人每年380元。",
        "住院起付标准为600元，年度支付限额20万元。",
        "2023年度个人缴费标准为每人每年350元。",
        "个人缴费标准比上年提高30元。",
        "原个人缴费标准350元停止执行。",
        "其中中央财政补助330元、省级财政补助110元。",
    ],
)
def test_other_sums_are_not_taken_for_the_price(body):
    assert amounts_of(body) == set()


def test_tiers_are_numbered_from_the_dearest_down_whatever_they_are_called():
    found = read_text("重庆市2022年度居民医保缴费通告\n一档个人缴费320元，二档个人缴费695元。\n")
    assert {(amount.tier, amount.tier_name, amount.fen) for amount in found.amounts} == {
        ("tier_2", "一档", 32_000),
        ("tier_1", "二档", 69_500),
    }


def regimes_of(body):
    found = read_text(f"杭州市2024年度城乡居民医保缴费公告\n{body}\n")
    return {door.regime for door in found.doors}, [doubt.topic for doubt in found.unsure]


@pytest.mark.parametrize(
    ("body", "regimes"),
    [
        ("具有本市户籍的城乡居民应当参保。", set()),
        ("特困人员由财政全额资助参保。", set()),
        ("国务院要求居住证持有人可参加居民医保。", set()),
        ("非本市户籍人员不得参保的规定即行废止。", set()),
        ("持居住证的可以参保；未持有居住证的，个人全额缴费。", {"residence_permit", "full_cost"}),
        ("父母一方在本市参加职工医保的外地户籍未成年子女可以参保。", {"relative"}),
        ("在本市就读的中小学生可在学校参保。", {"open"}),
        ("外地户籍人员不受户籍限制。外地户籍人员不得参加居民医保。", set()),
        ("非本市户籍人员不得参加居民医保，在校大学生除外。", {"hukou_only", "open"}),
    ],
)
def test_doors(body, regimes):
    found, unsure = regimes_of(body)
    assert found == regimes
    assert bool(found) or "regime" in unsure


def test_rows_have_the_columns_of_the_tables_and_wait_to_be_confirmed():
    found = read(path_of("t02"))
    columns = {each.name: list(each.columns) for each in TABLES}
    for name, rows in (("amounts", amount_rows(found)), ("doors", door_rows(found))):
        readers = next(each.columns for each in TABLES if each.name == name)
        assert rows
        for row in rows:
            assert list(row) == columns[name]
            assert row["evidence"] == "assumed"
            assert row["document"].endswith("（自动读取，待核实）")
            assert row["note"].startswith("to be confirmed")
            for column, cell in row.items():
                if cell:
                    readers[column].read(cell)
    assert [row["table"] for row in csv.DictReader(as_csv([found]).splitlines())] == ["amounts"] * 4 + ["doors"]


NOTICE = """海东市2025年度城乡居民基本医疗保险参保缴费公告
一、参保范围：持有海东市居住证的外来人员可以参保。
二、个人缴费标准为每人每年431元，各级财政补助每人每年713元。
海东市医疗保障局
"""


@pytest.fixture
def exported(tmp_path):
    assert suiren("law", "export", tmp_path / "law").code == 0
    return tmp_path / "law"


def explained(law, *options):
    case = ("--hukou", "临夏", "--enrol-at", "海东", "--age", "30", "--year", "2024", "--lang", "en", "--json")
    return json.loads(suiren("explain", *case, "--law", law, *options).out)


def step(told, name):
    return next(each for each in told["steps"] if each["name"] == name)


def test_rows_of_a_notice_are_law_that_says_it_is_not_confirmed(tmp_path, exported):
    notice = tmp_path / "notice.txt"
    notice.write_text(NOTICE, encoding="utf-8")
    before = explained(exported, "--permit")
    put = suiren("law", "read", notice, "--into", exported, "--rows", tmp_path / "rows.csv", "--lang", "en")
    assert (put.code, put.err) == (0, "")
    assert "3 rows in" in put.out
    after = explained(exported, "--permit", "--fact", "employee_cover=no")
    assert (after["eligible"], after["regime"], after["pays_fen"]["individual"]) == ("yes", "residence_permit", 43_100)
    assert after["subsidy_fen"] == 71_300
    assert before["pays_fen"]["individual"] != 43_100
    for name in ("eligible", "contribution", "standard"):
        assert step(after, name)["evidence"] == "assumed"
        assert "自动读取，待核实" in step(after, name)["source"]
    checked = json.loads(suiren("law", "show", "海东", "--year", "2024", "--law", exported, "--json").out)
    assert "待核实" in json.dumps(checked, ensure_ascii=False)


def test_rows_that_were_confirmed_by_hand_load_with_their_evidence(tmp_path, exported):
    notice = tmp_path / "notice.txt"
    notice.write_text(NOTICE, encoding="utf-8")
    assert suiren("law", "read", notice, "--rows", tmp_path / "rows.csv").code == 0
    for row in csv.DictReader((tmp_path / "rows.csv").read_text(encoding="utf-8").splitlines()):
        target = exported / f"{row.pop('table')}.csv"
        header = target.read_text(encoding="utf-8").splitlines()[0].split(",")
        row |= {"evidence": "sourced", "document": "海东市公告", "note": ""}
        with target.open("a", encoding="utf-8", newline="") as file:
            csv.DictWriter(file, header, extrasaction="ignore", lineterminator="\n").writerow(row)
    assert step(explained(exported, "--permit"), "contribution")["evidence"] == "sourced"


def test_a_notice_is_put_into_the_law_once_and_a_wrong_folder_is_left_as_it_is(tmp_path, exported):
    notice = tmp_path / "notice.txt"
    notice.write_text(NOTICE, encoding="utf-8")
    assert suiren("law", "read", notice, "--into", exported).code == 0
    held = {path.name: path.read_bytes() for path in exported.iterdir()}
    again = suiren("law", "read", notice, "--into", exported)
    assert again.code == 1
    assert again.err.count("E-notice-twice") == 3
    assert {path.name: path.read_bytes() for path in exported.iterdir()} == held
    (exported / "amounts.csv").unlink()
    broken = suiren("law", "read", notice, "--into", exported)
    assert (broken.code, "amounts.csv is missing" in broken.err) == (1, True)
    assert not (exported / "amounts.csv").exists()


def test_a_better_source_of_the_same_year_goes_before_what_was_read(tmp_path, exported):
    notice = tmp_path / "notice.txt"
    notice.write_text("临夏州2022年度居民医保缴费公告\n财政补助标准为每人每年999元。\n", encoding="utf-8")
    assert suiren("law", "read", notice, "--into", exported).code == 0
    case = ("--hukou", "临夏", "--enrol-at", "临夏", "--age", "30", "--law", exported, "--json")
    assert json.loads(suiren("explain", *case).out)["subsidy_fen"] == 58_000


def test_a_folder_of_notices_is_read_at_once(tmp_path, exported):
    folder = tmp_path / "notices"
    folder.mkdir()
    (folder / "a.txt").write_text(NOTICE, encoding="utf-8")
    (folder / "b.html").write_bytes(path_of("h08").read_bytes())
    (folder / "c.txt").write_bytes(path_of("p05").read_bytes())
    (folder / "readme.md").write_text("not a notice", encoding="utf-8")
    ran = suiren("law", "read", folder, "--into", exported, "--rows", tmp_path / "rows.csv", "--json")
    assert (ran.code, ran.err) == (0, "")
    told = json.loads(ran.out)["notices"]
    assert [each["file"] for each in told] == ["a.txt", "b.html", "c.txt"]
    assert list(told[0]) == ["file", "place", "year", "regimes", "amounts", "unsure"]
    rows = list(csv.DictReader((tmp_path / "rows.csv").read_text(encoding="utf-8").splitlines()))
    assert len({row["fact_id"] for row in rows}) == len(rows)
    assert {row["place_code"] for row in rows} == {"630200", "320300"}
    shown = suiren("law", "read", folder, path_of("t03"), "--rows", tmp_path / "more.csv", "--lang", "zh")
    assert shown.code == 0
    assert "t03.txt" in shown.out
    assert "没有行的：c.txt" in shown.out
    (folder / "d.txt").write_bytes(b"")
    (folder / "e.txt").write_bytes(b"\xff\xff\xff")
    wrong = suiren("law", "read", folder)
    assert wrong.code == 1
    assert "d.txt" in wrong.err
    assert "e.txt" in wrong.err
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "holds no notice" in suiren("law", "read", empty).err


def test_contribution_and_subsidy_of_one_class_stand_side_by_side():
    body = "一、个人缴费标准为每人每年380元。\n二、财政补助标准为每人每年640元。"
    (entry,) = read_text(f"杭州市2024年度城乡居民医保缴费公告\n{body}\n").to_dict()["amounts"]
    assert (entry["class"], entry["contribution_fen"], entry["subsidy_fen"]) == ("all", 38_000, 64_000)
    assert entry["quote"] == body


def test_rows_need_a_place_and_a_year():
    with pytest.raises(SuirenError, match="place and year"):
        check_placed(read(path_of("p05")))
    assert as_csv([read(path_of("p05"))]).count("\n") == 1


def test_the_command_prints_the_agreed_keys(tmp_path):
    ran = suiren("law", "read", path_of("t03"), "--json", "--rows", tmp_path / "rows.csv")
    assert (ran.code, ran.err) == (0, "")
    said = json.loads(ran.out)
    assert list(said) == ["place", "year", "regimes", "amounts", "unsure"]
    assert said["place"] == "622900"
    assert said["year"] == 2023
    assert list(said["regimes"][0]) == ["class", "regime", "quote"]
    assert list(said["amounts"][0]) == ["class", "tier", "contribution_fen", "subsidy_fen", "quote"]
    assert said["amounts"][0]["contribution_fen"] == 38_000
    assert said["amounts"][0]["subsidy_fen"] == 64_000
    assert (tmp_path / "rows.csv").read_text(encoding="utf-8").count("\n") == 4
    again = suiren("law", "read", path_of("t03"), "--rows", tmp_path / "rows.csv")
    assert again.code == 1
    assert "there already" in again.err
    for lang in ("zh", "en"):
        shown = suiren("law", "read", path_of("t05"), "--lang", lang)
        assert shown.code == 0
        assert "full_cost" in shown.out


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_long_file_is_read_in_time(end):
    began = time.monotonic()
    read_text(f"成年人个人缴费380元，杭州市非本市户籍人员持居住证可参保{end}" * 2_000)
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    ("name", "data", "word"),
    [
        ("a.pdf", b"x", "neither .txt nor .html"),
        ("a.txt", b" \n", "holds no text"),
        ("a.txt", b"\xff\xff\xff", "neither UTF-8 nor GB18030"),
        ("a.txt", b"x" * 500_001, "larger than"),
        ("none.txt", None, "no file"),
    ],
)
def test_files_that_are_no_notices_are_refused(tmp_path, name, data, word):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    ran = suiren("law", "read", tmp_path / name)
    assert ran.code == 1
    assert word in ran.err


if __name__ == "__main__":
    for title, (names, _) in GROUPS.items():
        sys.stdout.write(f"{title}: {len(names)} notices\n{table(names)}\n")
        sys.stdout.write("".join(f"{line}\n" for line in misses(names)))
