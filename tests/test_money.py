"""Exact money: reading, rounding, apportioning; nothing is lost, nothing wraps, no float enters."""

from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oracle import fill_up, largest_remainder
from suiren import money

BIG = 2**62
FEN = st.one_of(st.integers(0, 1000), st.integers(0, BIG))


@pytest.mark.parametrize(
    ("text", "fen"), [("0", 0), ("580", 58000), ("479.52", 47952), ("57.6", 5760), ("1.10", 110), ("10000000", 10**9)]
)
def test_parse_fen(text, fen):
    assert money.parse_fen(text) == fen


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("-1", "negative"),
        ("-0.01", "negative"),
        ("0.005", "fraction of a fen"),
        ("479.525", "fraction of a fen"),
        ("10000000.01", "above 10000000 yuan"),
        ("", "not an amount"),
        ("12,50", "not an amount"),
        ("NaN", "not an amount"),
        ("Infinity", "not an amount"),
        ("五百", "not an amount"),
    ],
)
def test_parse_fen_refuses(text, why):
    with pytest.raises(ValueError, match=why):
        money.parse_fen(text)


def test_parse_share_is_exact():
    assert money.parse_share("0.1") == Fraction(1, 10)
    assert money.parse_share("1/3") == Fraction(1, 3)
    for text in ("1/0", "half", ""):
        with pytest.raises(ValueError, match="not a share"):
            money.parse_share(text)


@pytest.mark.parametrize(
    ("fen", "text", "whole"),
    [
        (0, "0.00", "0"),
        (5, "0.05", "0"),
        (50, "0.50", "1"),
        (58000, "580.00", "580"),
        (-123456789, "-1,234,567.89", "-1,234,568"),
        (-10, "-0.10", "0"),
        (BIG, "46,116,860,184,273,879.04", "46,116,860,184,273,879"),
    ],
)
def test_yuan(fen, text, whole):
    assert money.yuan(fen) == text
    assert money.yuan(fen, 0) == whole


@given(FEN, st.integers(1, 10**9))
def test_division_is_exact(numerator, denominator):
    exact = Fraction(numerator, denominator)
    assert money.floor_div(numerator, denominator) == exact // 1
    rounded = money.half_up(numerator, denominator)
    assert -Fraction(1, 2) < rounded - exact <= Fraction(1, 2)


@given(st.lists(st.tuples(st.integers(0, 2**100), st.integers(1, 10**6)), min_size=1, max_size=20))
def test_one_number_and_a_column_agree(pairs):
    frame = pl.DataFrame(pairs, schema={"a": pl.Int128, "b": pl.Int128}, orient="row")
    low, high = pl.col("a") % 1000, pl.col("b") % 1000
    made = frame.select(
        half=money.half_up(pl.col("a"), pl.col("b")),
        floor=money.floor_div(pl.col("a"), pl.col("b")),
        least=money.least(low, high),
        greatest=money.greatest(low, 17),
        where=money.where(low > high, low, high),
        either=money.where((low > 500) | (high > 500), 1, 0),
    )
    for row, (a, b) in zip(made.iter_rows(named=True), pairs, strict=True):
        low, high = a % 1000, b % 1000
        assert row == {
            "half": money.half_up(a, b),
            "floor": money.floor_div(a, b),
            "least": money.least(low, high),
            "greatest": money.greatest(low, 17),
            "where": money.where(low > high, low, high),
            "either": money.where((low > 500) | (high > 500), 1, 0),
        }


@given(FEN, st.lists(st.integers(0, BIG), min_size=1, max_size=12).filter(any))
def test_apportion_adds_up_and_is_near(total, weights):
    parts = money.apportion(total, weights)
    assert sum(parts) == total
    assert parts == list(largest_remainder(dict(enumerate(weights)), total).values())
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1


def test_apportion_gives_ties_to_the_earlier_part():
    assert money.apportion(2, [1, 1, 1]) == [1, 1, 0]
    assert money.apportion(5, [0, 3, 3]) == [0, 3, 2]
    assert money.apportion(0, [0, 0]) == [0, 0]


@pytest.mark.parametrize(("total", "weights"), [(1, [0, 0]), (1, []), (-1, [1]), (1, [2, -1])])
def test_apportion_refuses_money_for_nobody(total, weights):
    with pytest.raises(ValueError, match=r"nobody|negative"):
        money.apportion(total, weights)


CELL = st.tuples(st.sampled_from("ab"), st.integers(0, 40), st.one_of(st.integers(0, 500), st.integers(0, 2**58)))


@given(st.lists(CELL, min_size=1, max_size=15, unique_by=lambda cell: cell[:2]), st.randoms(use_true_random=False))
def test_apportioned_cells_are_the_oracles(cells, rnd):
    rnd.shuffle(cells)
    frame = pl.DataFrame(cells, schema={"group": pl.String, "code": pl.Int32, "exact": pl.Int128}, orient="row")
    made = money.apportion_cells(frame, ["group"], ["code"], 12)
    got = {(row["group"], row["code"]): row["amount_fen"] for row in made.to_dicts()}
    want = {}
    for group in {cell[0] for cell in cells}:
        exact = {cell[1]: Fraction(cell[2], 12) for cell in cells if cell[0] == group}
        total = money.half_up(sum(cell[2] for cell in cells if cell[0] == group), 12)
        want |= {(group, code): fen for code, fen in fill_up(exact, total).items()}
    assert got == want
    assert made.schema["amount_fen"] == pl.Int64


GROUP = st.tuples(st.sampled_from("ab"), st.integers(1, 6), st.integers(0, 9))


@given(st.lists(GROUP, min_size=1, max_size=15), st.integers(0, 500))
def test_shared_parts_are_the_largest_remainders_of_single_rows(groups, total):
    cells = {cell for cell, _, _ in groups}
    whole = {cell: sum(rows * weight for name, rows, weight in groups if name == cell) for cell in cells}
    groups = [group for group in groups if whole[group[0]]]
    rows = [(cell, rows, total, total * weight, whole[cell]) for cell, rows, weight in groups]
    wide = dict.fromkeys(("money", "product", "whole"), pl.Int128)
    frame = pl.DataFrame(rows, schema={"cell": pl.String, "rows": pl.Int64} | wide, orient="row")
    made = money.shared_parts(frame).to_dicts()
    for cell in {cell for cell, _, _ in groups}:
        single = {
            (place, n): group[2] for place, group in enumerate(groups) if group[0] == cell for n in range(group[1])
        }
        want = largest_remainder(single, total)
        classes = {}
        for place, part in enumerate(made):
            fen = [want[key] for key in single if key[0] == place]
            if part["class"] is None:
                assert part["partial"] == 0
                assert set(fen) <= {part["fen"]}
            else:
                classes.setdefault((part["class"], part["partial"]), []).extend(one - part["fen"] for one in fen)
        assert all(0 < partial == sum(more) < len(more) for (_, partial), more in classes.items() if more)


def test_a_column_is_never_wrapped():
    frame = pl.DataFrame({"fen": [2**62] * 4}, schema={"fen": pl.Int64})
    summed = frame.select(fen=money.exact_sum("fen"))
    assert summed["fen"][0] == 2**64
    with pytest.raises(OverflowError, match="what a ledger cell can hold"):
        money.to_int64(summed, "fen")
    near = pl.DataFrame({"fen": [2**63 - 1, -(2**63)]}, schema={"fen": pl.Int128})
    assert money.to_int64(near, "fen")["fen"].to_list() == [2**63 - 1, -(2**63)]
    assert money.to_int64(near.clear(), "fen").schema["fen"] == pl.Int64
