"""Thousands of random rows with every fault, in every format: ledger and quarantine are what the slow oracle says."""

import json
import random
import re
from fractions import Fraction
from itertools import pairwise

import polars as pl
import pytest

from faulty_rows import Maker
from oracle import Run
from oracle_rows import KEPT_OUT, stake, without_doubt
from people_files import HERE, HOME, LAW, person, suiren, texts, write_csv
from row_files import FORMATS, carried, write_native, write_plain
from samples import cells, options
from suiren.people.records import MESSAGES

SCHEMES = (
    "current",
    "current:enrol=residence",
    "current:basis=per_head",
    "portable",
    "portable:regime=keep",
    "portable:province=uniform,surplus=cap",
    "portable:savings=return",
    "risk-adjusted",
    "risk-adjusted:province=yes,uplift=0.1",
    "upper-funded",
)
SIZE = 1000
COUNTS = ("rows_in", "rows_settled", "rows_quarantined")


@pytest.fixture(params=["duckdb"])
def engine(request):
    """The engine that reads the rows; the same test bodies run on each."""
    return request.param


def settle(folder, paths, scheme, engine, *more):
    """Run the command; it must end well and say nothing on standard error."""
    ran = suiren("settle", *paths, "-o", folder, "--scheme", scheme, "--engine", engine, "--lang", "en", *more)
    assert (ran.code, ran.err) == (0, ""), ran.err[:2000]
    return ran


def split(rows, number):
    """The rows in that many parts of different length."""
    cuts = [len(rows) * place * (place + 1) // (number * (number + 1)) for place in range(number + 1)]
    return [rows[low:high] for low, high in pairwise(cuts)]


def written(folder, rows, format_, parts=1):
    """The rows in files of a format, and the place of each row: (file, row)."""
    _, write, suffix, _ = FORMATS[format_]
    paths, places = [], []
    for number, part in enumerate(split(rows, parts)):
        paths.append(write(folder / f"rows{number}.{suffix}", part))
        places += [(paths[-1].name, row) for row in range(1, len(part) + 1)]
    return paths, places


def told(folder):
    """The quarantine: (file, row) -> its lines."""
    found = {}
    for line in pl.read_csv(folder / "quarantine.csv", infer_schema=False).iter_rows(named=True):
        found.setdefault((line["file"], int(line["row"])), []).append(line)
    return found


def deviations(rows, judged, places, quarantine):
    """Rows for which the quarantine does not say what the oracle says."""
    found = []
    for row, place in zip(judged.rows, places, strict=True):
        said = {(line["column"] or "", line["code"]) for line in quarantine.get(place, ())}
        codes = {code for _, code in said}
        wrong = row.codes - codes or (row.either and not row.either & codes) or codes - row.codes - row.may
        wrong = wrong or {pair for pair in row.must if pair[0] and pair not in said}
        wrong = wrong or len(said) != len(quarantine.get(place, ()))
        if wrong or bool(said) == row.settled:
            kept = {column: value for column, value in rows[row.position].items() if value}
            found.append(f"{place} {kept}: wanted {sorted(row.must)}, told {sorted(said)}")
    return found


def wrong_stakes(judged, places, quarantine, whole_year):
    """Rows whose money at stake is not what the place's standard and contribution make."""
    found = []
    for row, place in zip(judged.rows, places, strict=True):
        for line in quarantine.get(place, ()):
            given = line["at_stake_fen"]
            if row.codes & {"Q-place", "Q-class", "Q-place-level"} and given:
                found.append((place, row.codes, given, None))
            if row.codes and row.codes <= {*KEPT_OUT, "Q-shut-out"} and row.kind["tier"] is None:
                want = stake(row, LAW, whole_year)
                if not given or abs(Fraction(given) - want) >= 1:
                    found.append((place, row.codes, given, want))
    return found


def numbers_shown(rows, folder, ran):
    """Whether a person or identity number of the rows stands anywhere in the output."""
    said = "".join([*texts(folder).values(), ran.out, ran.err])
    if "PERSON-" in said:
        return "PERSON-"
    words = set(re.findall(r"[0-9A-Za-z]{15,}", said))
    return words & {row["id_document_number"] for row in rows if row.get("id_document_number")}


def held_against_the_oracle(
    folder, rows, format_, scheme, engine, parts=1, strict=False, permits=None, coverage_year=None
):
    """Settle rows and compare everything with the oracle; returns the folder of the result and the verdict.

    `permits`: facts by person number, which go into a file of their own.
    """
    shape, _, _, flags = FORMATS[format_]
    how = {"law": LAW, "scheme": scheme, "shape": shape, "strict": strict, "coverage_year": coverage_year}
    rows = [carried(row, shape) | (permits or {}).get(row["person_id"], {}) for row in rows]
    rows, judged = without_doubt(rows, **how)
    paths, places = written(folder, [carried(row, shape) for row in rows], format_, parts)
    flags += ("--strict",) if strict else ()
    flags += ("--coverage-year", coverage_year) if coverage_year else ()
    if permits:
        said = [{"person_id": number, **facts} for number, facts in permits.items()]
        flags += ("--permits", write_csv(folder / "permits.csv", said))
    out = folder / "out"
    ran = settle(out, paths, scheme, engine, *flags)
    quarantine = told(out)
    wrong = deviations(rows, judged, places, quarantine)
    assert not wrong, f"{len(wrong)} of {len(rows)} rows, such as\n" + "\n".join(wrong[:8])
    assert numbers_shown(rows, out, ran) in ("", set())
    manifest = json.loads((out / "manifest.json").read_text())
    settled = sum(row.settled for row in judged.rows)
    assert [manifest[name] for name in COUNTS] == [len(rows), settled, len(rows) - settled]
    for entry, part in zip(manifest["inputs"], split(judged.rows, parts), strict=True):
        kept = sum(row.settled for row in part)
        assert (entry["rows"], entry["settled"], entry["quarantined"]) == (len(part), kept, len(part) - kept)
    name, chosen = options(scheme)
    want = Run(LAW, judged.kinds(), name, **chosen).ledger()
    got = cells(pl.read_parquet(out / "ledger.parquet"))
    assert got == want, sorted(set(got.items()) ^ set(want.items()), key=str)[:10]
    wrong = wrong_stakes(judged, places, quarantine, "basis" in chosen)
    assert not wrong, wrong[:5]
    return out, judged


@pytest.mark.parametrize("scheme", SCHEMES)
def test_plain_rows_under_every_scheme(tmp_path, engine, scheme):
    seed = SCHEMES.index(scheme)
    held_against_the_oracle(tmp_path, Maker(seed).rows(SIZE), "csv", scheme, engine, strict=seed % 3 == 1)


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_in_several_files(tmp_path, engine, format_):
    rows = Maker(len(format_), FORMATS[format_][0]).rows(SIZE)
    held_against_the_oracle(tmp_path, rows, format_, "portable", engine, parts=3)


@pytest.mark.parametrize(("format_", "scheme"), [("ledger", "current"), ("nhsa", "current"), ("ledger", "portable")])
def test_facts_that_come_in_a_file_of_their_own(tmp_path, engine, format_, scheme):
    rnd = random.Random(format_)
    rows = Maker(51, FORMATS[format_][0]).rows(SIZE)
    permits = {
        row["person_id"]: {"has_permit": rnd.choice(("yes", "no", ""))}
        | ({"hukou_place": row["hukou_place"]} if format_ == "ledger" else {})
        for row in rows
        if row["person_id"] and rnd.random() < 0.8
    }
    held_against_the_oracle(tmp_path, rows, format_, scheme, engine, permits=permits)


@pytest.mark.parametrize("fixed", [None, 2021, 2022, 2023])
def test_the_year_of_coverage_is_found_or_fixed(tmp_path, engine, fixed):
    rows = Maker(61, "nhsa", faults=0.05).rows(SIZE)
    months = ("coverage_from", "coverage_to")
    earlier = [row | {month: row[month].replace("2022", "2021") for month in months} for row in rows]
    out, judged = held_against_the_oracle(tmp_path, earlier, "nhsa", "portable", engine, coverage_year=fixed)
    assert judged.coverage_year == (fixed or 2021)
    assert (sum(row.settled for row in judged.rows) > SIZE // 2) == (judged.coverage_year == 2021), out


def test_every_code_of_the_rows_is_made():
    seen = set()
    for shape in ("plain", "nhsa", "ledger"):
        rows = [carried(row, shape) for row in Maker(9, shape).rows(4000)]
        _, judged = without_doubt(rows, law=LAW, shape=shape)
        seen |= {code for row in judged.rows for code in row.codes}
    of_files = {"Q-row", "Q-quote", "Q-encoding", "Q-digits", "Q-class-unknown", "Q-fact-missing", "Q-points"}
    assert set(MESSAGES) - of_files <= seen


# --- the same rows anyhow ---


def result_of(folder, paths, engine, *more):
    """What has to be the same however the rows come: two tables as bytes, and the bills as a list of rows."""
    settle(folder, paths, "portable", engine, *more)
    bills = pl.read_parquet(folder / "bills.parquet").rows() if "--bills" in more else []
    return (folder / "ledger.parquet").read_bytes(), (folder / "balances.parquet").read_bytes(), sorted(bills)


@pytest.mark.parametrize("shape", ["plain", "nhsa", "ledger"])
def test_shuffled_and_split_rows_give_the_same_bytes(tmp_path, engine, shape):
    name = {"plain": "csv", "nhsa": "nhsa", "ledger": "ledger"}[shape]
    rows = Maker(31, shape).rows(1500)
    flags = FORMATS[name][3]
    want = None
    for number, parts in enumerate((1, 1, 4)):
        folder = tmp_path / str(number)
        folder.mkdir()
        paths, _ = written(folder, rows, name, parts)
        got = result_of(folder / "out", paths, engine, "--bills", *flags)
        want = want or got
        assert got == want, number
        random.Random(number).shuffle(rows)
        paths.reverse()


def test_formats_beside_each_other_give_the_same_bytes(tmp_path, engine):
    rows = Maker(77).rows(800)
    want = result_of(tmp_path / "want", [write_plain(tmp_path / "all.csv", rows)], engine)
    first, rest = rows[:400], rows[400:]
    mixed = [write_plain(tmp_path / "a.csv", first), write_native(tmp_path / "b.parquet", rest)]
    assert result_of(tmp_path / "got", mixed, engine) == want


def test_kinds_written_before_settle_to_the_same_bytes(tmp_path, engine):
    path = write_plain(tmp_path / "r.csv", Maker(78).rows(800))
    want = result_of(tmp_path / "want", [path], engine)
    settle(tmp_path / "kinds", [path], "portable", engine, "--kinds-only")
    kinds = list((tmp_path / "kinds").rglob("*kinds*.parquet"))
    assert len(kinds) == 1
    assert result_of(tmp_path / "got", kinds, engine) == want


# --- large sums ---


def test_costs_beyond_the_whole_numbers_of_a_float_add_up(tmp_path, engine):
    rows = [
        person(number, HOME, HERE, age="30", sex="m", cost_fen=str(10**15 - number), months="12")
        for number in range(1, 1024, 2)
    ]
    settle(tmp_path / "k", [write_csv(tmp_path / "r.csv", rows)], "portable", engine, "--kinds-only")
    kinds = pl.read_parquet(next((tmp_path / "k").rglob("*kinds*.parquet")))
    assert kinds["cost_fen"].dtype == pl.Int64
    assert sum(kinds["cost_fen"].to_list()) == sum(int(row["cost_fen"]) for row in rows)


@pytest.mark.parametrize("scheme", ["portable", "risk-adjusted"])
def test_a_ledger_beyond_the_whole_numbers_of_a_float_is_exact(tmp_path, engine, scheme):
    rows, judged = without_doubt(Maker(79, faults=0).rows(200), law=LAW, scheme=scheme)
    path = write_plain(tmp_path / "r.csv", rows)
    settle(tmp_path / "k", [path], "portable", engine, "--kinds-only")
    source = next((tmp_path / "k").rglob("*kinds*.parquet"))
    frame = pl.read_parquet(source)
    many = 10**9 + 7
    sums = ("persons", "person_months", "first_persons")
    large = frame.with_columns(pl.col(*sums) * many)
    large.write_parquet(tmp_path / "large.parquet")
    settle(tmp_path / "out", [tmp_path / "large.parquet"], scheme, engine)
    ledger = pl.read_parquet(tmp_path / "out" / "ledger.parquet")
    assert sum(ledger["amount_fen"].to_list()) > 2**53
    kinds = [kind | {name: kind[name] * many for name in sums} for kind in judged.kinds()]
    assert cells(ledger) == Run(LAW, kinds, scheme).ledger()


def test_a_sum_of_costs_beyond_the_largest_number_is_told_in_words(tmp_path, engine):
    rows = [person(number, age="30", cost_fen=str(2**63 - 1)) for number in range(3)]
    path = write_csv(tmp_path / "r.csv", rows)
    ran = suiren("settle", path, "-o", tmp_path / "out", "--engine", engine, "--lang", "en")
    assert ran.code in {0, 1}
    assert "Traceback" not in ran.err
    if ran.code == 0:
        counts = json.loads((tmp_path / "out" / "manifest.json").read_text())
        assert counts["rows_in"] == counts["rows_settled"] + counts["rows_quarantined"] == 3
