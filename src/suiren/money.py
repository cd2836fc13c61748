"""Exact money: fen in integers, exact shares, one named rounding, largest remainder. Nothing else divides money.

A rule is written once and runs on one case or on a column of a million: the helpers `half_up`, `floor_div`,
`least`, `greatest` and `where` take Python integers or Polars expressions alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

import polars as pl

FEN_PER_YUAN = 100
MONTHS_PER_YEAR = 12
LARGEST_TABLE_FEN = 10**9
"""The largest amount a table or option may hold for one person: ten million yuan."""


def parse_fen(text: str) -> int:
    """Return the whole fen (>= 0) of an amount in yuan such as "479.52".

    Raises:
        ValueError: not a number, negative, a fraction of a fen, or above `LARGEST_TABLE_FEN`.
    """
    try:
        yuan = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text!r} is not an amount in yuan") from None
    if not yuan.is_finite():
        raise ValueError(f"{text!r} is not an amount in yuan")
    fen = yuan * FEN_PER_YUAN
    if fen < 0:
        raise ValueError(f"{text} is negative")
    if fen != fen.to_integral_value():
        raise ValueError(f"{text} holds a fraction of a fen")
    if fen > LARGEST_TABLE_FEN:
        raise ValueError(f"{text} is above {LARGEST_TABLE_FEN // FEN_PER_YUAN} yuan")
    return int(fen)


def yuan(fen: int, decimals: int = 2) -> str:
    """Return `fen` as text in yuan with thousands marks, `decimals` 2 or 0 (half up)."""
    if decimals == 0:
        whole_yuan = half_up(abs(fen), FEN_PER_YUAN)
        return f"{-whole_yuan if fen < 0 else whole_yuan:,}"
    sign = "-" if fen < 0 else ""
    whole, rest = divmod(abs(fen), FEN_PER_YUAN)
    return f"{sign}{whole:,}.{rest:02d}"


def parse_share(text: str) -> Fraction:
    """Return the exact share of a decimal text ("0.1") or a fraction ("1/3"); floats never enter.

    Raises:
        ValueError: not a number.
    """
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{text!r} is not a share") from None


def floor_div(numerator: Any, denominator: Any) -> Any:
    """Return floor(numerator / denominator), exact; numerator >= 0, denominator > 0, integers or integer columns."""
    return numerator // denominator


def half_up(numerator: Any, denominator: Any) -> Any:
    """Return numerator / denominator rounded half up; numerator >= 0, denominator > 0, integers or columns."""
    return (2 * numerator + denominator) // (2 * denominator)


def least(one: Any, other: Any) -> Any:
    """Return the smaller of two amounts, row by row for columns."""
    if isinstance(one, pl.Expr) or isinstance(other, pl.Expr):
        return pl.min_horizontal(one, other)
    return min(one, other)


def greatest(one: Any, other: Any) -> Any:
    """Return the larger of two amounts, row by row for columns."""
    if isinstance(one, pl.Expr) or isinstance(other, pl.Expr):
        return pl.max_horizontal(one, other)
    return max(one, other)


def where(condition: Any, then: Any, otherwise: Any) -> Any:
    """Return `then` where the condition holds, else `otherwise`; for one case or row by row."""
    if isinstance(condition, pl.Expr):
        return pl.when(condition).then(then).otherwise(otherwise)
    return then if condition else otherwise


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Return whole parts of `total` (>= 0) in the proportions of `weights`, adding up to it exactly.

    Largest remainder; ties go to the earlier part. All weights 0: all parts are 0 where the total is 0.

    Raises:
        ValueError: a negative weight or total, or a total that nothing can carry.
    """
    if total < 0 or any(weight < 0 for weight in weights):
        raise ValueError("a total and its weights must not be negative")
    whole = sum(weights)
    if whole == 0:
        if total:
            raise ValueError(f"{total} fen have nobody to carry them: all weights are 0")
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    remainders = [total * weight % whole for weight in weights]
    first = sorted(range(len(weights)), key=lambda place: (-remainders[place], place))
    for place in first[: total - sum(parts)]:
        parts[place] += 1
    return parts


def apportion_cells(cells: pl.DataFrame, group: Sequence[str], order: Sequence[str], divisor: int) -> pl.DataFrame:
    """Return `cells` with `amount_fen` (Int64): `exact` (Int128, >= 0, in 1/divisor fen) rounded inside each group.

    A group's total is rounded half up once; its cells get their floors, and the missing fen go to the largest
    remainders, ties by `order` ascending. So each group's cells add up to its rounded total.
    """
    grouped = list(group)
    frame = cells.with_columns(_floor=floor_div(pl.col("exact"), divisor)).with_columns(
        _rest=(pl.col("exact") - pl.col("_floor") * divisor).cast(pl.Int64)
    )
    whole = frame.filter(pl.col("_rest") == 0).with_columns(amount_fen=pl.col("_floor"))
    broken = frame.filter(pl.col("_rest") != 0)
    sums = frame.group_by(grouped).agg(pl.col("exact").sum(), pl.col("_floor").sum())
    missing = sums.select(*grouped, _missing=(half_up(pl.col("exact"), divisor) - pl.col("_floor")).cast(pl.Int64))
    broken = broken.sort([*grouped, "_rest", *order], descending=[False] * len(grouped) + [True] + [False] * len(order))
    broken = broken.join(missing, on=grouped, how="left", maintain_order="left")
    rank = pl.int_range(pl.len(), dtype=pl.Int64).over(grouped)
    amount = pl.col("_floor") + (rank < pl.col("_missing")).cast(pl.Int128)
    both_parts = [whole, broken.with_columns(amount_fen=amount).drop("_missing")]
    return to_int64(pl.concat(both_parts, how="vertical"), "amount_fen").drop("_floor", "_rest")


def shared_parts(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what rows of each group get of their cell's money: `fen`; of its `class`, `partial` rows get one fen more.

    `rows` has a row for each group: `cell`; `money` of the cell in fen; `rows`, how many they are; `product` and
    `whole` (Int128): the exact part of each is product / whole fen. Each gets its floor; the fen still missing go to
    the largest remainders. Where they do not suffice for all rows of one remainder, these are a `class` (else empty),
    and the caller chooses among them. In the order given.
    """
    parts = rows.with_columns(_floor=floor_div(pl.col("product"), pl.col("whole")))
    parts = parts.with_columns(_rest=pl.col("product") - pl.col("_floor") * pl.col("whole"))
    floors = (pl.col("_floor") * pl.col("rows").cast(pl.Int128)).sum()
    classes = (
        parts.group_by("cell", "_rest")
        .agg(pl.col("rows").cast(pl.Int128).sum(), pl.col("money").first(), _floors=floors)
        .sort("cell", "_rest", descending=[False, True])
        .with_row_index("class")
        .with_columns(
            _before=(pl.col("rows").cum_sum() - pl.col("rows")).over("cell"),
            _missing=pl.col("money") - pl.col("_floors").sum().over("cell"),
        )
    )
    more = pl.when(pl.col("_rest") > 0).then((pl.col("_missing") - pl.col("_before")).clip(0, pl.col("rows")))
    all_ = more == pl.col("rows")
    partial = pl.when(all_).then(0).otherwise(more).fill_null(0).cast(pl.Int64)
    classes = classes.select(
        "cell",
        "_rest",
        pl.when(partial > 0).then(pl.col("class")).cast(pl.Int64).alias("class"),
        _one=all_.fill_null(value=False).cast(pl.Int128),
        partial=partial,
    )
    found = parts.join(classes, on=["cell", "_rest"], how="left", nulls_equal=True, maintain_order="left")
    fen = found.with_columns(fen=pl.col("_floor") + pl.col("_one"))
    return to_int64(fen, "fen").select("fen", "class", "partial")


def to_int64(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Return `frame` with the Int128 `columns` as Int64; a value that does not fit is an error, never wrapped.

    Raises:
        OverflowError: an amount above 2**63 - 1 fen.
    """
    for column in columns:
        low, high = frame.select(low=pl.col(column).min(), high=pl.col(column).max()).row(0)
        if low is not None and (low < -(2**63) or high > 2**63 - 1):
            raise OverflowError(f"{column} reaches {high} fen, above what a ledger cell can hold (2**63 - 1)")
    return frame.with_columns(pl.col(column).cast(pl.Int64) for column in columns)


def exact_sum(column: str) -> pl.Expr:
    """Return the exact sum of an integer column: 128 bits, where Polars' own sum of Int64 would wrap."""
    return pl.col(column).cast(pl.Int128).sum()
