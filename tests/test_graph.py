"""The order of rules; and that each rule says the same of one case as of a column."""

import itertools

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suiren.errors import SuirenError
from suiren.laws import seats
from suiren.laws.graph import needs, rule_set, says
from suiren.laws.payers import CONSTANTS, LEVELS, payer_rules
from suiren.laws.scheme import OPTIONS


def total(price, tax):
    """What is paid in all.

    More text that a step does not show.
    """
    return price + tax


def tax(price, rate):
    """The tax, a whole number of percent."""
    return price * rate // 100


def change(total, given):
    return given - total


def test_rules_run_in_the_order_of_their_signatures():
    for order in itertools.permutations((total, tax, change)):
        found = rule_set(order, ["price", "rate", "given"])
        assert [rule.__name__ for rule in found.rules] == ["tax", "total", "change"]
        assert found.run_one({"price": 200, "rate": 7, "given": 300}) == {
            "price": 200,
            "rate": 7,
            "given": 300,
            "tax": 14,
            "total": 214,
            "change": 86,
        }


def test_constants_are_no_columns():
    found = rule_set((total, tax), ["price", "rate"])
    assert found.run(pl.DataFrame({"price": [100, 300]}), {"rate": 3})["total"].to_list() == [103, 309]


def test_a_rule_says_its_first_line_and_needs_its_arguments():
    assert says(total) == "What is paid in all."
    assert says(change) == ""
    assert needs(change) == ("total", "given")


def circle_a(circle_b):
    return circle_b


def circle_b(circle_c):
    return circle_c


def circle_c(circle_a, price):
    return circle_a + price


def misspelt(pricee):
    return pricee


@pytest.mark.parametrize(
    ("rules", "inputs", "code", "told"),
    [
        ((circle_a, circle_b, circle_c, total), ["price", "tax"], "E-rule-cycle", "circle_a"),
        ((misspelt,), ["price"], "E-rule-name", "Did you mean price?"),
        ((total,), ["price"], "E-rule-name", "'total' needs 'tax'"),
        ((total, tax, total), ["price", "rate"], "E-rule-twice", "'total'"),
    ],
)
def test_what_no_order_can_compute_is_refused(rules, inputs, code, told):
    with pytest.raises(SuirenError, match=told) as caught:
        rule_set(rules, inputs)
    assert [problem.code for problem in caught.value.problems] == [code]


FLAGS = {
    *("undivided", "split_above_base", "central_known", "origin_central_known", "municipality", "planned_city"),
    *("full_cost", "follows"),
}
FEN = st.one_of(st.integers(0, 200), st.integers(0, 1_000_000))
RANGES = {
    "central_first_bp": st.integers(0, 10_000),
    "central_rest_bp": st.integers(0, 10_000),
    "province_num": st.integers(0, 3_000),
    "province_den": st.integers(1, 3_000),
    "province_of": st.integers(0, 3),
    "city_weight": st.one_of(st.just(0), st.integers(0, 3_000)),
    "county_weight": st.one_of(st.just(0), st.integers(0, 3_000)),
    "aid_num": st.integers(0, 10),
    "aid_den": st.integers(10, 20),
}


def facts(names):
    """Any values for the inputs of some rules."""
    return st.fixed_dictionaries(
        {name: st.booleans() if name in FLAGS else RANGES.get(name, FEN) for name in sorted(names)}
    )


def agree(rules, rows, constants):
    """Assert that a run on the column of all rows is the run on each."""
    types = {name: pl.Boolean if name in FLAGS else pl.Int64 for name in rows[0]}
    columns = rules.run(pl.DataFrame(rows, schema=types), constants).to_dicts()
    for row, column in zip(rows, columns, strict=True):
        one = rules.run_one({**row, **constants})
        assert {name: value for name, value in one.items() if name not in constants} == column


SEAT = seats.rules()


@settings(max_examples=60)
@given(st.lists(facts(SEAT.inputs), min_size=1, max_size=6))
def test_seat_rules_on_one_case_and_on_a_column(rows):
    agree(SEAT, rows, {})


@settings(max_examples=60)
@given(facts(SEAT.inputs))
def test_parts_of_a_seat_make_its_standard(row):
    row["base_fen"] = min(row["base_fen"], row["standard_fen"])
    if row["undivided"]:
        row |= {"central_first_bp": 0, "central_rest_bp": 0}
    found = SEAT.run_one(row)
    parts = ("central_part", "province_part", "city_part", "county_part", "city_and_county_part", "undivided_part")
    assert sum(found[part] for part in parts) == row["standard_fen"]
    assert all(found[part] >= 0 for part in parts)


def choices(scheme):
    """All ways to set the options that a scheme's rules read by name."""
    if scheme != "portable":
        return [{}]
    values = {"central_floor": ("none", "residence"), "province": ("origin", "uniform"), "surplus": ("fund", "cap")}
    assert set(values) == set(CONSTANTS) <= set(OPTIONS["portable"])
    return [dict(zip(values, chosen, strict=True)) for chosen in itertools.product(*values.values())]


@pytest.mark.parametrize("scheme", OPTIONS)
@settings(max_examples=25)
@given(data=st.data())
def test_payer_rules_on_one_case_and_on_a_column(scheme, data):
    rules = payer_rules(scheme)
    assert {f"pays_{level}" for level in LEVELS} <= {rule.__name__ for rule in rules.rules}
    rows = data.draw(st.lists(facts(rules.inputs - set(CONSTANTS)), min_size=1, max_size=5))
    for constants in choices(scheme):
        agree(rules, rows, constants)
