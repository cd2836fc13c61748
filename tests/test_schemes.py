"""Reforms are values: they compose, they are refused by name, the baseline stays; and points are paid to the fen."""

import dataclasses
import itertools
import zlib
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import suiren as sr
from samples import cells, kind, kinds, people
from suiren.errors import SuirenError
from suiren.laws import law, reform_from_text
from suiren.laws.scheme import OPTIONS, labels
from suiren.money import apportion
from suiren.risk.weights import allocate

BILLION_YUAN = 10**9 * 100
LAW = law(2021)


@pytest.fixture(scope="module")
def weights_file(tmp_path_factory):
    """A function that writes a table of points and returns its path; the same rows, the same file."""
    folder = tmp_path_factory.mktemp("weights")

    def write(rows):
        text = "sex,age_from,age_to,risk_group,points,evidence\n" + "".join(f"{row},assumed\n" for row in rows)
        path = folder / f"w{zlib.crc32(text.encode())}.csv"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def centre(result):
    """What the centre pays to each fund, fen."""
    paid = result.ledger.filter(pl.col("payer_level") == "centre").group_by("fund_code").agg(pl.col("amount_fen").sum())
    return dict(paid.iter_rows())


# --- points ---


def test_seven_yuan_a_point():
    months = pl.DataFrame(
        {"fund_code": [1, 2, 3, 4], "point_months": [150 * 12, 150 * 6, 12, 12 * 50_000_000_000 - 2712]},
        schema={"fund_code": pl.Int32, "point_months": pl.Int128},
    )
    paid = allocate(months, ["fund_code"], 350 * BILLION_YUAN)
    assert paid["amount_fen"].to_list() == [105_000, 52_500, 700, 350 * BILLION_YUAN - 158_200]


def test_seven_yuan_a_point_through_the_ledger(weights_file):
    weights = weights_file([",0,0,,150", ",1,120,,50"])
    crowd = people(
        [
            kind(622900, 622900, 40, 999_999_994),
            kind(140900, 140900, 0, 1),
            kind(420100, 420100, 0, 2, person_months=12),
        ]
    )
    result = sr.settle(crowd, LAW | sr.risk_adjusted(weights=weights, budget=350 * BILLION_YUAN))
    assert int(result.points["point_months"].sum()) == 12 * 50_000_000_000
    paid = centre(result)
    assert paid["140900"] == 105_000
    assert paid["420100"] == 2 * 52_500
    assert sum(paid.values()) == 350 * BILLION_YUAN


@settings(max_examples=25)
@given(
    points=st.lists(st.integers(0, 10**6), min_size=4, max_size=4).filter(any),
    uplift=st.fractions(0, 3, max_denominator=1000),
    budget=st.one_of(st.integers(0, 10**6), st.integers(0, 10**15)),
    seed=st.integers(0, 5),
)
def test_payments_equal_the_budget_for_any_weights_and_uplift(weights_file, points, uplift, budget, seed):
    bands = ("m,0,39", "m,40,120", "f,0,39", "f,40,120")
    weights = weights_file([f"{band},,{value}" for band, value in zip(bands, points, strict=True)])
    rows = [kind(622900, 330100, age, 3, sex=sex) for age in (20, 50) for sex in (1, 2)] + kinds(130, seed)[-4:]
    reform = sr.risk_adjusted(weights=weights, uplift=str(uplift), budget=budget)
    result = sr.settle(people(rows), LAW | reform)
    assert result.total("centre") == budget == result.ledger.filter(payer_level="centre")["amount_fen"].sum()


@pytest.mark.parametrize(("uplift", "movers"), [("0.1", 300), ("0.25", 1), ("1", 5000), ("0.000001", 10**6), ("10", 7)])
def test_an_uplift_is_paid_by_the_others(uplift, movers):
    stay = 7_654_321
    crowd = people([kind(622900, 622900, 45, stay), kind(622900, 140900, 45, movers)])
    before, after = (
        centre(sr.settle(crowd, LAW | sr.risk_adjusted(budget=10**12, uplift=each))) for each in ("0", uplift)
    )
    share, u = Fraction(movers, stay + movers), Fraction(uplift)
    lost = before["622900"] - after["622900"]
    exact = u * share / (1 + u * share) * 10**12 * Fraction(stay, stay + movers)
    assert abs(lost - exact) <= 1
    assert after["622900"] + after["140900"] == 10**12
    weights = [stay * u.denominator, movers * (u.denominator + u.numerator)]
    assert [after["622900"], after["140900"]] == apportion(10**12, weights)


def test_budget_of_each_tier_and_province_stays_what_it_is_today():
    crowd = people(kinds(200, 7))
    today = sr.settle(crowd, LAW)
    by_tier = sr.settle(crowd, LAW | sr.risk_adjusted(pool="tier"))
    assert by_tier.total("centre") == today.total("centre")
    pooled = sr.settle(crowd, LAW | sr.risk_adjusted(province="yes"))
    assert pooled.total("province") == today.total("province")
    sums = [
        result.ledger.filter(payer_level="province")
        .group_by("payer_code")
        .agg(pl.col("amount_fen").sum())
        .sort("payer_code")
        for result in (today, pooled)
    ]
    assert sums[0].equals(sums[1])


def test_points_for_nobody_are_a_clear_error(weights_file):
    crowd = people([kind(622900, 622900, 45, 10)])
    with pytest.raises(SuirenError, match="meets no points"):
        sr.settle(crowd, LAW | sr.risk_adjusted(weights=weights_file([",0,120,,0"])))
    for missing in ({"sex": None}, {"age": None}):
        rows = [kind(622900, 622900, 45, 2), kind(622900, 622900, 45, 7) | missing]
        with pytest.raises(SuirenError, match="7 persons have no sex or no age"):
            sr.settle(people(rows), LAW | sr.risk_adjusted())
    with pytest.raises(SuirenError, match=r"no health group chronc \(3 persons\).*Did you mean chronic"):
        sr.settle(
            people([kind(622900, 622900, 45, 3, risk_group="chronc")]),
            LAW | sr.risk_adjusted(weights=weights_file([",0,120,,5", ",0,120,chronic,9"])),
        )


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([",0,58,,5", ",60,120,,9"], "sex m at ages 59"),
        (["m,0,120,,5"], "sex f at ages 0-120"),
        ([",0,120,,5", "f,30,40,,6"], "overlaps line 2"),
        ([",0,120,,-5"], "'-5' is not a whole number"),
        ([",0,120,,5.5"], "'5.5' is not a whole number"),
        ([",0,120,,"], "points '' is not a whole number"),
        (["x,0,120,,5"], "'x' is no sex"),
        ([",0,121,,5"], "'121' is not a whole number from 0 to 120"),
        ([",0,120,,5", ",0,120,ill,9", ",50,50,ill,9"], "overlaps line 3"),
    ],
)
def test_weights_with_faults_are_refused(weights_file, rows, told):
    with pytest.raises(SuirenError) as caught:
        sr.settle(people([kind(622900, 622900)]), LAW | sr.risk_adjusted(weights=weights_file(rows)))
    assert told in str(caught.value)


def test_two_faults_of_a_weights_table_are_told_at_once(weights_file):
    with pytest.raises(SuirenError) as caught:
        sr.settle(people([kind(622900, 622900)]), LAW | sr.risk_adjusted(weights=weights_file([",0,9,,x", "q,1,2,,3"])))
    assert [problem.where.rpartition(":")[2] for problem in caught.value.problems] == ["2", "3"]


# --- reforms ---

TEXTS = (
    "current",
    "current:enrol=hukou",
    "current:enrol=residence",
    "current:basis=per_head",
    "current:standard_cap=90000",
    "current:contribution_rate=0.01",
    "portable",
    "portable:province=uniform",
    "portable:floor=place,province=uniform",
    "portable:surplus=cap",
    "portable:surplus=fund",
    "portable:regime=keep",
    "portable:savings=return",
    "risk-adjusted",
    "risk-adjusted:uplift=0.1",
    "risk-adjusted:uplift=0.2",
    "risk-adjusted:pool=tier",
    "risk-adjusted:budget=1000000",
    "risk-adjusted:province=yes",
    "upper-funded",
    "upper-funded:regime=keep",
)


def composed(*reforms):
    """The law after the reforms, or the code and text of the refusal."""
    made = LAW
    try:
        for reform in reforms:
            made |= reform
    except SuirenError as error:
        return error
    return made


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(TEXTS, 2)))
def test_two_reforms_in_either_order(one, other):
    first, second = reform_from_text(one), reform_from_text(other)
    there, back = composed(first, second), composed(second, first)
    if isinstance(there, SuirenError):
        assert isinstance(back, SuirenError)
        codes = {problem.code for problem in (*there.problems, *back.problems)}
        assert codes <= {"E-reform-conflict", "E-option-conflict"}
        named = {part.partition("=")[0] for part in (one + "," + other).replace(":", ",").split(",")}
        assert any(name in str(there) and name in str(back) for name in named)
        return
    assert there == back
    assert there.scheme.label == back.scheme.label == composed(first | second).scheme.label


def test_a_half_of_a_reform_is_refused_in_either_order():
    halves = sr.portable(floor="place"), sr.portable(province="uniform")
    outcomes = {isinstance(composed(*order), SuirenError) for order in itertools.permutations(halves)}
    assert len(outcomes) == 1


def test_a_reform_twice_is_the_reform():
    for text in TEXTS:
        reform = reform_from_text(text)
        assert composed(reform, reform) == composed(reform)


def test_the_baseline_stays():
    crowd, before = people(kinds(150, 3)), law(2021)
    first = cells(sr.settle(crowd, before).ledger)
    for text in TEXTS:
        sr.settle(crowd, before | reform_from_text(text))
        assert before == law(2021)
        assert before.scheme.label == "current"
    assert cells(sr.settle(crowd, before).ledger) == first
    with pytest.raises(dataclasses.FrozenInstanceError):
        before.scheme = (before | sr.portable()).scheme


def test_labels_hold_the_options_that_differ_sorted():
    assert reform_from_text("portable:surplus=cap,province=uniform") == sr.portable(province="uniform", surplus="cap")
    assert (
        composed(sr.portable(surplus="cap", province="uniform")).scheme.label == "portable:province=uniform,surplus=cap"
    )
    assert composed(sr.portable(surplus="fund", regime="open")).scheme.label == "portable"
    assert composed(sr.risk_adjusted(uplift="0.10")).scheme.label == "risk-adjusted:uplift=0.1"
    assert composed(sr.enrolled("hukou"), sr.upper_funded()).scheme.label == "upper-funded:enrol=hukou"
    with pytest.raises(SuirenError, match="portable is named twice"):
        labels([composed(sr.portable()).scheme, composed(sr.portable(surplus="fund")).scheme])


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("portabel", "E-scheme", "Did you mean portable?"),
        ("", "E-scheme", "The schemes are current, portable"),
        ("portable:provinse=uniform", "E-option", "Did you mean province?"),
        ("current:uplift=0.1", "E-option", "no option 'uplift'"),
        ("upper-funded:weights=w.csv", "E-option", "no option 'weights'"),
        ("portable:province", "E-option", "is not OPTION=VALUE"),
        ("portable:province=uniformm", "E-option-value", "Did you mean uniform?"),
        ("portable:enrol=home", "E-option-value", "none of observed, residence, hukou"),
        ("risk-adjusted:uplift=-0.1", "E-option-value", "not between 0 and 10"),
        ("risk-adjusted:uplift=11", "E-option-value", "not between 0 and 10"),
        ("risk-adjusted:uplift=0.0000001", "E-option-value", "at most six decimals"),
        ("risk-adjusted:uplift=ten", "E-option-value", "not a number"),
        ("risk-adjusted:budget=-5", "E-option-value", "whole number of fen"),
        ("risk-adjusted:budget=5.5", "E-option-value", "whole number of fen"),
        ("current:standard_cap=9999999999999", "E-option-value", "above ten million yuan"),
        ("risk-adjusted:weights=", "E-option-value", "a file is missing"),
        ("portable:surplus=cap,surplus=fund", "E-option-conflict", "surplus is set to cap and to fund"),
    ],
)
def test_texts_that_name_no_reform(text, code, told):
    with pytest.raises(SuirenError) as caught:
        reform_from_text(text)
    assert [problem.code for problem in caught.value.problems] == [code]
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("portable:floor=place", "floor=place contradicts province=origin"),
        ("risk-adjusted:budget=5,pool=tier", "contradicts pool=tier"),
    ],
)
def test_options_that_contradict_each_other(text, told):
    with pytest.raises(SuirenError) as caught:
        sr.settle(people([kind(622900, 622900)]), LAW | reform_from_text(text))
    assert caught.value.problems[0].code == "E-option-conflict"
    assert told in str(caught.value)


def test_faults_of_several_options_are_told_at_once():
    with pytest.raises(SuirenError) as caught:
        reform_from_text("portable:surplus=none,flor=place,enrol=here")
    assert [problem.code for problem in caught.value.problems] == ["E-option-value", "E-option", "E-option-value"]


def test_every_option_is_explained():
    for scheme, known in OPTIONS.items():
        for name, option in known.items():
            assert option.says, (scheme, name)


# --- what reforms of the law's own figures do ---


def test_a_cap_cuts_rich_standards_and_leaves_the_base():
    crowd = people([kind(330100, 330100), kind(622900, 622900)])
    result = sr.settle(crowd, LAW | sr.cap_standard(80_000))
    funds = dict(result.ledger.filter(item="subsidy").group_by("fund_code").agg(pl.col("amount_fen").sum()).iter_rows())
    assert funds == {"330100": 80_000, "622900": 58_000}


def test_a_contribution_of_one_percent_of_income():
    result = sr.settle(people([kind(110000, 110000)]), law(2014) | sr.contribution_by_income("0.01"))
    assert result.ledger.filter(item="contribution")["amount_fen"].to_list() == [40_830]


def test_an_aid_group_that_the_law_does_not_know():
    with pytest.raises(SuirenError, match=r"no aid group 'ful'.*Did you mean full\?"):
        sr.settle(people([kind(622900, 622900, aid_group="ful")]), LAW)


def test_a_fact_column_that_is_empty_everywhere():
    rows = [{"hukou_place": 622900, "enrolment_place": 622900, "residence_place": 622900}]
    frame = pl.DataFrame(rows).with_columns(
        person_class=pl.lit("adult"), persons=1, employee_cover=None, has_permit=None
    )
    crowd = sr.people.kinds.people_of("empty facts", frame, ("employee_cover", "has_permit"))
    assert sr.settle(crowd, LAW).total() == 58_000
