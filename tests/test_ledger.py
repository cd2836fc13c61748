"""The ledger against the slow oracle, cell by cell; and what must hold for any ledger."""

import random
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import suiren as sr
from oracle import GOVERNMENTS, Run
from oracle_law import Law, half_up
from samples import SPECIAL, cells, drawn, kind, kinds, options, people
from suiren.laws import Terms, law, reform_from_text
from suiren.laws.seats import aged_places
from suiren.people.kinds import people_of

YEARS = (2014, 2017, 2018, 2019, 2021, 2023, 2025)
SCHEMES = (
    "current",
    "current:enrol=hukou",
    "current:enrol=residence",
    "current:basis=per_head",
    "portable",
    "portable:enrol=residence",
    "portable:regime=keep",
    "portable:province=uniform",
    "portable:floor=place,province=uniform",
    "portable:central_floor=residence",
    "portable:surplus=cap",
    "portable:central_floor=residence,province=uniform,surplus=cap",
    "portable:savings=return",
    "portable:basis=per_head,savings=return",
    "risk-adjusted",
    "risk-adjusted:uplift=0.1",
    "risk-adjusted:budget=123456789012",
    "risk-adjusted:pool=tier",
    "risk-adjusted:province=yes",
    "risk-adjusted:province=yes,uplift=1/3",
    "risk-adjusted:regime=keep",
    "risk-adjusted:basis=per_head,enrol=residence",
    "upper-funded",
    "upper-funded:regime=keep",
)
MAIN = [scheme for scheme in SCHEMES if "=" not in scheme or "enrol" in scheme or scheme.endswith(("keep", "yes"))]
"""The schemes held against the oracle in every year; the others in three of them."""

GRID = [(year, scheme) for year in YEARS for scheme in (SCHEMES if year in {2017, 2021, 2025} else MAIN)]
LAWS = {year: Law(year) for year in YEARS}
SAMPLE = kinds(310, seed=20210101)


@pytest.fixture(scope="module")
def sample():
    return people(SAMPLE)


def settled(crowd, year, scheme, **more):
    return sr.settle(crowd, law(year) | reform_from_text(scheme), **more)


def differences(got, want, most=5):
    """The first cells in which two ledgers differ: (key, got, wanted)."""
    keys = [key for key in sorted({*got, *want}) if got.get(key) != want.get(key)]
    return [(key, got.get(key), want.get(key)) for key in keys[:most]]


@pytest.mark.parametrize(("year", "scheme"), GRID)
def test_ledger_is_the_oracles(sample, year, scheme):
    name, chosen = options(scheme)
    want = Run(LAWS[year], SAMPLE, name, **chosen).ledger()
    result = settled(sample, year, scheme)
    assert result.scheme == scheme
    assert differences(cells(result.ledger), want) == []


def test_ledger_of_a_model_is_no_better_than_modelled():
    want = Run(LAWS[2021], SAMPLE, "portable", modelled=True).ledger()
    got = settled(people(SAMPLE, modelled=True), 2021, "portable").ledger
    assert differences(cells(got), want) == []
    assert set(got["evidence"]) == {"modelled", "assumed"}


@pytest.mark.parametrize("scheme", ["current", "portable:regime=keep", "upper-funded:regime=keep"])
def test_records_taken_as_facts_stay_where_they_are(sample, scheme):
    name, chosen = options(scheme)
    want = Run(LAWS[2021], SAMPLE, name, shut_out="keep", **chosen).ledger()
    assert differences(cells(settled(sample, 2021, scheme, shut_out="keep").ledger), want) == []


@pytest.mark.parametrize("scheme", ["current", "portable", "risk-adjusted"])
def test_capped_standards_and_income_linked_contributions(sample, scheme):
    capped = Law(2021, cap=100_000, rate="0.0125")
    reformed = law(2021) | sr.cap_standard(100_000) | sr.contribution_by_income("0.0125") | reform_from_text(scheme)
    assert reformed.terms == Terms(100_000, (1, 80))
    assert differences(cells(sr.settle(sample, reformed).ledger), Run(capped, SAMPLE, scheme).ledger()) == []


@st.composite
def crowds(draw):
    """A few drawn kinds, and for each hukou place a local, so that every fund with money has points."""
    places = st.sampled_from(SPECIAL)
    pairs = draw(st.lists(st.tuples(places, places), min_size=1, max_size=6))
    rnd = random.Random(draw(st.integers(0, 10**9)))
    return [drawn(rnd, *pair) for pair in pairs] + [kind(pair[0], pair[0], 33) for pair in pairs]


@settings(max_examples=40)
@given(rows=crowds(), year=st.sampled_from(YEARS), scheme=st.sampled_from(SCHEMES))
def test_drawn_ledgers_are_the_oracles(rows, year, scheme):
    name, chosen = options(scheme)
    want = Run(LAWS[year], rows, name, **chosen).ledger()
    assert differences(cells(settled(people(rows), year, scheme).ledger), want) == []


@settings(max_examples=25)
@given(rows=crowds(), year=st.sampled_from(YEARS), scheme=st.sampled_from(SCHEMES), seed=st.integers(0, 10**9))
def test_order_and_split_of_rows_do_not_matter(rows, year, scheme, seed):
    rnd = random.Random(seed)
    parts = []
    for row in rows:
        split = {name: rnd.randint(0, row[name]) for name in ("persons", "person_months", "first_persons")}
        parts += [row | split, row | {name: row[name] - part for name, part in split.items()}]
    rnd.shuffle(parts)
    assert settled(people(parts), year, scheme).ledger.equals(settled(people(rows), year, scheme).ledger)


@settings(max_examples=25)
@given(rows=crowds(), year=st.sampled_from(YEARS))
def test_money_is_conserved(rows, year):
    crowd = people(rows)
    schemes = ("current", "portable", "risk-adjusted", "upper-funded")
    results = {scheme: settled(crowd, year, scheme) for scheme in schemes}
    bills = Run(LAWS[year], rows, "upper-funded")
    due = sum(
        bills.law.bill(row["enrolment_place"], row["person_class"], row["tier"], row["age"])["standard"]
        * row["person_months"]
        for row in bills.kinds
    )
    payers = len(
        {
            (level, code)
            for level, code in results["upper-funded"].ledger.select("payer_level", "payer_code").iter_rows()
        }
    )
    assert abs(results["upper-funded"].total() * 12 - due) <= 6 * payers
    assert results["risk-adjusted"].total("centre") == results["current"].total("centre")
    paid = [
        result.ledger.filter(pl.col("item") == "contribution").drop("scheme")
        for name, result in results.items()
        if name != "current"
    ]
    assert all(one.equals(other) for one, other in pairwise(paid))
    for result in results.values():
        assert result.checks["persons_in"] == sum(row["persons"] for row in rows)
        assert (result.ledger["amount_fen"] > 0).all()
        money = result.by("item")
        assert sum(money["amount_fen"]) == result.checks["contribution_fen"] + result.checks["subsidy_fen"]


def test_each_payer_is_rounded_once(sample):
    run = Run(LAWS[2021], SAMPLE)
    totals = {}
    for key, cell in run.exact_cells().items():
        totals[key[1], key[2]] = totals.get((key[1], key[2]), 0) + cell[2]
    got = settled(sample, 2021, "current").by("payer_level", "payer_code")
    assert {row[:2]: row[2] for row in got.iter_rows()} == {key: half_up(fen) for key, fen in totals.items() if fen}


@pytest.mark.parametrize("scheme", ["current", "portable", "risk-adjusted", "upper-funded"])
@pytest.mark.parametrize("persons", [2**44 + 1, 97_000_000_000_001])
def test_sums_beyond_two_to_the_53_are_exact(scheme, persons):
    months = persons * 12 - 7
    rows = [
        kind(622900, 622900, 40, persons, person_months=months),
        kind(622900, 330100, 40, persons // 3, person_months=persons),
        kind(140900, 140900, 70, 1, person_months=7),
    ]
    want = Run(LAWS[2021], rows, scheme).ledger()
    got = settled(people(rows), 2021, scheme)
    assert max(fen for *_, fen in want.values()) > 2**59
    assert differences(cells(got.ledger), want) == []
    assert got.total() == sum(fen for (_, level, *_), (*_, fen) in want.items() if level in GOVERNMENTS)


def test_totals_above_a_cells_range_do_not_wrap():
    rows = [kind(pool, pool, 40, 99_000_000_000_000) for pool in (622900, 140900, 530600)]
    result = settled(people(rows), 2021, "current")
    assert max(result.ledger["amount_fen"]) > 2**62 - 2**58
    assert result.total() == 99_000_000_000_000 * 58000 * 3
    assert result.checks["subsidy_fen"] == result.total()


def test_a_cell_that_cannot_be_held_is_an_error():
    with pytest.raises(OverflowError, match="above what a ledger cell can hold"):
        settled(people([kind(622900, 622900, 40, 2**48)]), 2021, "current")


def collapsed(crowd, *columns, where=None):
    """The population summed over all but a few columns; `where` filters its kinds."""
    rows = crowd.kinds if where is None else crowd.kinds.filter(where)
    summed = rows.group_by(columns).agg(pl.col("persons", "person_months", "first_persons").sum())
    for side in ("enrolment_place", "residence_place"):
        if side not in columns:
            summed = summed.with_columns(pl.col("hukou_place").alias(side))
    return people_of(crowd.name, summed, crowd.facts, modelled=True)


def plain(crowd):
    """The kinds of a population as the oracle takes them."""
    return [row | {"person_class": str(row["person_class"])} for row in crowd.kinds.iter_rows(named=True)]


def test_the_centre_pays_no_more_where_people_are_only_moved(china):
    crowd = collapsed(china, "hukou_place", "enrolment_place", "residence_place", "person_class")
    today = settled(crowd, 2021, "current:enrol=hukou")
    moved = settled(crowd, 2021, "portable:enrol=residence")
    assert today.total("centre") == moved.total("centre") > 0
    assert today.by("payer_level").rows() != moved.by("payer_level").rows()


@pytest.mark.parametrize("year", [2017, 2021])
def test_each_governments_bill_at_home_is_the_oracles(china, year):
    aged = aged_places(law(year).book)
    kept = china.kinds.with_columns(age=pl.when(pl.col("hukou_place").is_in(aged)).then(pl.col("age")))
    crowd = collapsed(people_of(china.name, kept), "hukou_place", "person_class", "age")
    run = Run(LAWS[year], plain(crowd), "current", modelled=True, enrol="hukou")
    assert crowd.persons == china.persons
    assert differences(cells(settled(crowd, year, "current:enrol=hukou").ledger), run.ledger()) == []
    whole = sr.settle(china, law(year) | sr.enrolled("hukou"))
    assert differences(cells(whole.ledger), run.ledger()) == []


@pytest.mark.parametrize("scheme", ["current", "portable", "portable:enrol=residence", "upper-funded"])
def test_bills_of_five_cities_are_the_oracles(china, scheme):
    cities = pl.col("residence_place").is_in([110000, 310000, 330100, 440300, 622900])
    places = ("hukou_place", "enrolment_place", "residence_place")
    crowd = collapsed(china, *places, "person_class", where=cities)
    name, chosen = options(scheme)
    run = Run(LAWS[2021], plain(crowd), name, modelled=True, **chosen)
    assert differences(cells(settled(crowd, 2021, scheme).ledger), run.ledger()) == []
