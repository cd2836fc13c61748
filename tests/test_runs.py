"""Runs of `settle` and `check`: provinces apart and together, kinds, options of the engine, what is told."""

import io
import json

import polars as pl
import pytest
from rich.console import Console

from people_files import COUNTY, HERE, HOME, files, invented, person, suiren, write_csv
from suiren.cli.progress import Shown
from suiren.engines.tell import Tell
from suiren.laws import law
from suiren.people.intake import Reading, intake


def settle(*arguments):
    """Run `settle`; it must end well."""
    ran = suiren("settle", *arguments, "--lang", "en")
    assert (ran.code, ran.err) == (0, "")
    return ran


def refused(*arguments):
    """Run `settle`; it must end with an error, of which the text is returned."""
    ran = suiren("settle", *arguments, "--lang", "en")
    assert ran.code == 1
    assert "Traceback" not in ran.err
    return ran.err


@pytest.fixture(scope="module")
def provinces(tmp_path_factory):
    """Rows of three provinces of enrolment, a file each, and kinds made of each apart."""
    folder = tmp_path_factory.mktemp("provinces")
    rows = invented(900, seed=5, spells=0)
    parts = {}
    for row in rows:
        parts.setdefault(int(row["enrolment_place"][:2]) % 3, []).append(row)
    paths = [write_csv(folder / f"{part}.csv", held) for part, held in sorted(parts.items())]
    for path in paths:
        settle(path, "--kinds-only", "-o", folder / path.stem, "--scheme", "portable")
    return paths, [folder / path.stem / "kinds.parquet" for path in paths]


@pytest.mark.parametrize("scheme", ["current", "portable:enrol=residence", "risk-adjusted"])
def test_kinds_of_provinces_settle_to_what_the_nation_settles_to(tmp_path, provinces, scheme):
    paths, kinds = provinces
    if scheme == "current":
        for number, path in enumerate(paths):
            settle(path, "--kinds-only", "-o", tmp_path / str(number))
        kinds = [tmp_path / str(number) / "kinds.parquet" for number in range(len(paths))]
    settle(*paths, "-o", tmp_path / "whole", "--scheme", scheme)
    settle(*kinds, "-o", tmp_path / "union", "--scheme", scheme)
    settle(*(path.parent for path in reversed(kinds)), "-o", tmp_path / "again", "--scheme", scheme)
    whole, union, again = (files(tmp_path / name) for name in ("whole", "union", "again"))
    for name in ("ledger.parquet", "balances.parquet"):
        assert whole[name] == union[name] == again[name]
    counts = json.loads(union["manifest.json"])
    assert counts["rows_in"] == counts["rows_settled"] == json.loads(whole["manifest.json"])["rows_settled"]


def test_kinds_hold_no_person(provinces):
    for path in provinces[1]:
        assert b"PERSON-" not in path.read_bytes()
        assert "person_id" not in pl.read_parquet(path).columns


def test_kinds_that_are_wrong_are_refused(tmp_path, provinces):
    paths, kinds = provinces
    assert "E-kinds-twice" in refused(kinds[0], kinds[0], "-o", tmp_path / "out", "--scheme", "portable")
    assert "E-kinds-mixed" in refused(kinds[0], paths[1], "-o", tmp_path / "out")
    assert "E-bills" in refused(kinds[0], "-o", tmp_path / "out", "--bills", "--scheme", "portable")
    assert "E-kinds-scheme" in refused(kinds[0], "-o", tmp_path / "out")
    assert "E-kinds-year" in refused(kinds[0], "-o", tmp_path / "out", "--scheme", "portable", "--year", "2020")
    assert "E-value" in refused(paths[0], "-o", tmp_path / "out", "--bills", "--kinds-only")
    frame = pl.read_parquet(kinds[0])
    for change in (
        frame.with_columns(persons=-pl.col("persons")),
        frame.with_columns(person_months=pl.col("persons") * 13),
        frame.with_columns(persons=pl.col("persons") + 0.5),
        frame.with_columns(person_class=pl.lit("king")),
        frame.drop("sex"),
        frame.with_columns(sex=pl.lit(7, pl.Int8)),
        frame.with_columns(age=pl.lit(200, pl.Int16)),
        frame.with_columns(first_persons=pl.col("persons") + 1),
    ):
        change.write_parquet(tmp_path / "kinds.parquet")
        assert "E-kinds" in refused(tmp_path / "kinds.parquet", "-o", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_options_of_the_engine_are_checked(tmp_path, provinces):
    path = provinces[0][0]
    for flags, word in (
        (("--memory", "lots"), "2GB"),
        (("--memory", "10MB"), "too little"),
        (("--work", tmp_path / "none"), "no folder"),
        (("--master", "local[2]"), "--engine spark"),
        (("--engine", "sparc"), "spark"),
        (("--format", "nsha"), "nhsa"),
        (("--coverage-year", "x"), "whole number"),
        (("--coverage-year", "99999"), "2199"),
        (("--permits", tmp_path / "none.csv"), "none.csv"),
    ):
        assert word in refused(path, "-o", tmp_path / "out", *flags)
    assert "spark" in refused("spark:registry", "-o", tmp_path / "out")


def test_names_that_differ_in_letter_case_alone_are_refused(tmp_path):
    frame = pl.DataFrame({"person_id": ["a"], "Person_ID": ["b"], "hukou_place": [330100], "enrolment_place": [330100]})
    frame.write_parquet(tmp_path / "r.parquet")
    assert "E-column-twice" in refused(tmp_path / "r.parquet", "-o", tmp_path / "out")


def test_temporary_data_goes_where_it_is_told_and_is_gone_afterwards(tmp_path, provinces):
    work = tmp_path / "work"
    work.mkdir()
    settle(provinces[0][0], "-o", tmp_path / "out", "--work", work, "--memory", "300MB")
    assert list(work.iterdir()) == []


def test_permits_of_a_person_who_stands_twice_are_what_both_rows_say(tmp_path):
    rows = [person(number, HOME, "442000", age="30") for number in range(4)]
    said = [("0", "yes"), ("0", "yes"), ("1", "yes"), ("1", "no"), ("2", "no"), ("77", "yes")]
    permits = [{"人员编号": f"PERSON-{int(number):06d}", "居住证": fact} for number, fact in said]
    path = write_csv(tmp_path / "p.csv", permits)
    reading = Reading(permits=str(path), strict=True)
    found = intake([write_csv(tmp_path / "r.csv", rows)], law(2021), reading)
    codes = dict(found.quarantine.select("row", "code").iter_rows())
    assert codes == {2: "Q-fact-missing", 3: "Q-shut-out", 4: "Q-fact-missing"}


def test_a_permits_file_without_any_fact_is_refused(tmp_path, provinces):
    path = write_csv(tmp_path / "p.csv", [{"person_id": "A", "note": "x"}])
    assert "has_permit" in refused(provinces[0][0], "-o", tmp_path / "out", "--permits", path)


def test_places_are_counted_with_the_money_at_stake(tmp_path):
    rows = [person(1, age="30"), person(1, age="30"), person(2, HOME, COUNTY, age="30", has_permit="no")]
    path = write_csv(tmp_path / "r.csv", [*rows, person(3, age="300"), person(4, HERE, "999999", age="3")])
    ran = suiren("check", path, "-o", tmp_path / "out", "--lang", "zh")
    assert ran.code == 0
    counts = pl.read_csv(tmp_path / "out" / "counts.csv", schema_overrides={"enrolment_place": pl.String})
    held = {(row[0], row[1]): row[3:] for row in counts.iter_rows()}
    assert held["Q-age", HERE] == (1, 0)
    assert held["Q-place", None] == (1, 0)
    assert held["Q-duplicate", HERE][0] == 1
    assert held["Q-duplicate", HERE][1] > 100_000
    assert held["Q-shut-out", COUNTY][0] == 1
    assert "杭州" in ran.out


def test_progress_tells_rows_rate_and_remaining_time():
    screen = Console(force_terminal=True, width=120, record=True, file=io.StringIO())
    with Shown(screen) as tell:
        assert isinstance(tell, Tell)
        tell("collapsing the rows", 1000)
        for part in (0.1, 0.4, 0.7):
            tell.part(part)
        screen.print(tell.line())
    said = screen.export_text()
    assert "collapsing the rows" in said
    assert "700 of 1,000 rows" in said


@pytest.mark.parametrize("most", [1, 70, 400])
def test_rows_grouped_in_parts_give_what_the_whole_gives(tmp_path, provinces, monkeypatch, most):
    from suiren.engines import duck

    paths, _ = provinces
    reading = Reading(strict=True)
    want = intake(paths, law(2021), reading)
    made = duck.DuckEngine.__init__

    def small(self, *arguments):
        made(self, *arguments)
        self.most_rows = most

    monkeypatch.setattr(duck.DuckEngine, "__init__", small)
    if most == 1:
        paths = [write_csv(tmp_path / "few.csv", invented(30, seed=9))]
        monkeypatch.setattr(duck.DuckEngine, "__init__", made)
        want = intake(paths, law(2021), reading)
        monkeypatch.setattr(duck.DuckEngine, "__init__", small)
    found = intake(paths, law(2021), reading)
    assert found.people.kinds.equals(want.people.kinds)
    assert found.quarantine.equals(want.quarantine)
