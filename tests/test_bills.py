"""Bills: one for each settled row, its money exact, and together the ledger to the fen."""

from collections import defaultdict
from fractions import Fraction

import polars as pl
import pytest

from oracle import GOVERNMENTS, Run, points_of
from oracle_law import LEVELS
from people_files import HERE, HOME, LAW, invented, kinds_of, lawful, person, write_csv
from samples import FACTS, options
from suiren.laws import law, reform_from_text
from suiren.ledger.run import settle_records

NOW = law(2021)
SCHEMES = (
    "current",
    "current:enrol=hukou",
    "portable",
    "portable:savings=return",
    "portable:basis=per_head",
    "portable:enrol=residence",
    "upper-funded",
    "risk-adjusted:province=yes,uplift=0.1",
    "risk-adjusted:pool=tier",
)
LOCAL = ("city", "county", "city_and_county")


def billed(folder, rows, scheme):
    """Intake, result, and the bills as dicts."""
    path = write_csv(folder / "r.csv", rows)
    found, result = settle_records([path], NOW | reform_from_text(scheme), folder, bills=True)
    return found, result, pl.read_parquet(folder / "bills.parquet").to_dicts()


def cell_of(level, kind, enrolled):
    """The ledger cell (evidence aside) that a bill's money belongs to."""
    fund = LAW.pool(enrolled)
    codes = {"centre": "100000", "province": LAW.province(enrolled), "county": enrolled}
    return level, codes.get(level, fund), fund, LAW.pool(kind["hukou_place"])


def exact_bills(rows, scheme):
    """For each row its exact fen by payer, by the oracle; payers paid by points are left out of it."""
    name, chosen = options(scheme)
    kinds = [dict.fromkeys(FACTS) | kinds_of([row])[0] for row in rows]
    run = Run(LAW, kinds, name, **chosen)
    return [
        (kind, {level: Fraction(fen) * heads(level, kind, chosen) for level, (fen, _) in paid.items()})
        for kind, paid in run.paid
    ]


def heads(level, kind, chosen):
    """For how much of a year a payer pays for one row."""
    whole_year = level in LEVELS[:2] or chosen.get("basis") == "per_head"
    return 1 if whole_year else Fraction(kind["person_months"], 12)


def shares(bills, scheme):
    """For each row its weight in what is paid by points, or is left to city and county then."""
    _, chosen = options(scheme)
    uplift = 1 + Fraction(chosen.get("uplift", 0))
    weights = []
    for kind, exact in bills:
        points = points_of(kind) * kind["person_months"] * (1 if kind["terms"] == "local" else uplift)
        upper = 0 if kind["terms"] == "full_cost" else points
        weights.append({level: exact[level] for level in LOCAL} | {"centre": upper, "province": upper})
    return weights


@pytest.mark.parametrize("scheme", SCHEMES)
def test_bills_are_the_ledger_person_by_person(tmp_path, scheme):
    rows = invented(500, seed=21, spells=0)
    if scheme == "current":
        rows = lawful(rows)
    found, result, bills = billed(tmp_path, rows, scheme)
    assert found.rows_quarantined == 0
    assert [bill["person_id"] for bill in bills] == sorted(row["person_id"] for row in rows)
    exact = dict(zip([row["person_id"] for row in rows], exact_bills(rows, scheme), strict=True))
    ledger = result.ledger
    if "savings=return" in scheme:
        _, plain, _ = billed(tmp_path, rows, "portable")
        assert result.total() > plain.total()
        ledger = plain.ledger
    cells = defaultdict(int)
    for level, code, fund, hukou, fen in ledger.select(
        "payer_level", "payer_code", "fund_code", "hukou_pool_code", "amount_fen"
    ).iter_rows():
        cells[level, code, fund, hukou] += fen
    summed = defaultdict(int)
    for bill in bills:
        kind, _ = exact[bill["person_id"]]
        assert bill["enrolment_place"] == str(kind["enrolment_place"])
        for level in LEVELS:
            if bill[f"{level}_fen"]:
                summed[cell_of(level, kind, bill["enrolment_place"])] += bill[f"{level}_fen"]
    assert dict(summed) == {key: fen for key, fen in cells.items() if fen}
    within_a_fen(bills, exact, cells, scheme)


def within_a_fen(bills, exact, cells, scheme):
    """Each bill is the floor of what the row owes exactly, or one fen more where that is no whole fen."""
    name, chosen = options(scheme)
    shared = ()
    if name == "risk-adjusted":
        shared = ("centre", *LOCAL, *(("province",) if chosen.get("province") == "yes" else ()))
    weights = dict(zip(exact, shares(exact.values(), scheme), strict=True)) if shared else {}
    sums = defaultdict(Fraction)
    for bill in bills if shared else []:
        for level in shared:
            sums[cell_of(level, exact[bill["person_id"]][0], bill["enrolment_place"])] += weights[bill["person_id"]][
                level
            ]
    for bill in bills:
        kind, owed = exact[bill["person_id"]]
        for level in LEVELS:
            due = owed[level]
            if level in shared:
                cell = cell_of(level, kind, bill["enrolment_place"])
                share = weights[bill["person_id"]][level]
                due = cells[cell] * share / sums[cell] if share else 0
            assert bill[f"{level}_fen"] in {due // 1, -(-due // 1)}, (scheme, level, bill, due)


def test_the_first_by_person_number_pays_the_fen_that_is_left(tmp_path):
    rows = [person(number, age="30", months="1") for number in (5, 3, 1, 4, 2, 0)]
    _, result, bills = billed(tmp_path, rows, "portable")
    for level in GOVERNMENTS:
        given = [bill[f"{level}_fen"] for bill in bills]
        assert given == sorted(given, reverse=True)
        assert max(given) - min(given) <= 1
        assert sum(given) == result.total(level)
    assert any(len({bill[f"{level}_fen"] for bill in bills}) == 2 for level in GOVERNMENTS)


def test_the_largest_remainder_pays_the_fen_that_is_left_whoever_comes_first(tmp_path):
    rows = [person(number, age="30", months=str(number + 1)) for number in range(12)]
    _, result, bills = billed(tmp_path, rows, "portable")
    whole, remainders = bills[-1], set()
    for level in GOVERNMENTS:
        due = [Fraction(whole[f"{level}_fen"] * bill["months"], 12) for bill in bills]
        lacks = result.total(level) - sum(fen // 1 for fen in due)
        first = sorted(range(12), key=lambda place: (-(due[place] % 1), place))[:lacks]
        assert [bill[f"{level}_fen"] for bill in bills] == [fen // 1 + (n in first) for n, fen in enumerate(due)]
        remainders |= {fen % 1 for fen in due}
    assert len(remainders) > 2


def test_two_spells_are_two_bills_and_one_contribution(tmp_path):
    rows = [person(1, age="30", months="6"), person(1, enrolled=HOME, age="30", months="6"), person(2, age="30")]
    _, _, bills = billed(tmp_path, rows, "portable")
    assert [bill["person_id"] for bill in bills] == ["PERSON-000001", "PERSON-000001", "PERSON-000002"]
    assert sorted(bill["months"] for bill in bills) == [6, 6, 12]
    assert [bool(bill["individual_fen"]) for bill in bills].count(True) == 2


@pytest.mark.parametrize("fact", FACTS)
def test_a_fact_that_is_half_empty_is_billed_once(tmp_path, fact):
    rows = [person(number, age="30") | ({fact: "no"} if number % 2 else {}) for number in range(6)]
    _, result, bills = billed(tmp_path, rows, "current")
    assert len(bills) == 6
    assert sum(bill["individual_fen"] for bill in bills) == result.total("individual")


def test_returned_savings_are_nobodys_bill(tmp_path):
    rows = [person(1, HOME, HERE, age="30"), person(2, HOME, HOME, age="30"), person(3, HOME, HOME, age="30")]
    _, result, bills = billed(tmp_path, rows, "portable:savings=return")
    province = sum(bill["province_fen"] for bill in bills)
    assert result.total("province") - province == LAW.bill(HOME, "adult")["pays"]["province"]


def test_refused_rows_have_no_bill_and_an_empty_file_no_bills(tmp_path):
    rows = [person(1, age="30"), person(2, age="300"), person(3, HOME, has_permit="no", age="30")]
    found, _, bills = billed(tmp_path, rows, "current")
    assert (found.rows_quarantined, [bill["person_id"] for bill in bills]) == (2, ["PERSON-000001"])
    found, result, bills = billed(tmp_path, [person(1, age="300")], "current")
    assert (found.rows_settled, bills) == (0, [])
    assert result.ledger.is_empty()
