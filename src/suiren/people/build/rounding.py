"""Real tables to whole persons: each function keeps its margins exactly and breaks ties in one fixed way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from suiren.errors import ConservationError

Reals = NDArray[np.float64]
Counts = NDArray[np.int64]

_UNIT = 1 << 28
"""Fixed-point unit of `spread`: 1.4e9 persons times this stays below 2^63, and a row's error far below one person."""


def largest_remainder(shares: Reals, total: int) -> Counts:
    """Whole persons, shape of `shares`, in proportion to them and summing to `total`; ties to the lower index."""
    whole = float(shares.sum())
    if total == 0:
        return np.zeros(shares.shape, dtype=np.int64)
    if whole <= 0:
        raise ConservationError(f"{total} persons have nowhere to go: all shares are zero")
    exact = shares * (total / whole)
    floor = np.floor(exact).astype(np.int64)
    left = total - int(floor.sum())
    order = np.argsort(floor - exact, kind="stable")
    floor[order[:left]] += 1
    return floor


def spread(weights: Reals, caps: Counts, total: int) -> Counts:
    """Whole persons for each row, near `weights` scaled to `total`, at most `caps`, summing to `total`.

    Running sums are rounded, so each row gets the floor or the ceiling of its part and the rounding does not favour
    the first rows, as it would where thousands of rows hold one person each.
    """
    if total == 0 or len(weights) == 0:
        if total:
            raise ConservationError(f"{total} persons have no row to go to")
        return np.zeros(len(weights), dtype=np.int64)
    exact = _scaled_below(weights, caps.astype(np.float64), float(total))
    parts = np.minimum(np.floor(exact * _UNIT).astype(np.int64), caps * _UNIT)
    offset = total * _UNIT - int(parts.sum())
    if not 0 <= offset < _UNIT:
        raise ConservationError(f"{total} persons do not fit into rows for {int(caps.sum())}")
    steps = (np.cumsum(parts) + offset) // _UNIT
    result = np.diff(steps, prepend=0)
    if (result > caps).any() or (result < 0).any():
        raise ConservationError("a row was rounded above its persons")
    return result


def _scaled_below(weights: Reals, caps: Reals, total: float) -> Reals:
    """`weights` scaled to sum to `total`, none above its cap; what a cap cuts off goes to the other rows."""
    if total > caps.sum():
        raise ConservationError(f"{total:.0f} persons exceed the {caps.sum():.0f} there are")
    full = np.zeros(len(weights), dtype=bool)
    exact = weights.copy()
    for _ in range(100):
        room = total - float(caps[full].sum())
        free = float(weights[~full].sum())
        if free <= 0:
            break
        exact = np.where(full, caps, weights * (room / free))
        over = exact > caps
        if not over.any():
            return exact
        full |= over
    missing = total - float(np.minimum(exact, caps).sum())
    exact = np.minimum(exact, caps)
    open_room = caps - exact
    return exact + open_room * (missing / float(open_room.sum()))


def controlled(table: Reals, rows: Counts, columns: Counts) -> Counts:
    """Whole persons, shape of `table`, with exactly the given margins, each cell its floor or one more.

    Floors first; what the margins still lack is a 0/1 matrix with given row and column sums, filled as Havel and
    Hakimi do: the row that lacks most takes from the columns that lack most, ties by larger fraction, then by index.
    `table` must already meet the margins within a small fraction of a person.
    """
    floor = np.floor(table + 1e-9).astype(np.int64)
    fraction = np.clip(table - floor, 0.0, 0.999)
    row_left = rows - floor.sum(axis=1)
    column_left = columns - floor.sum(axis=0)
    if row_left.sum() != column_left.sum() or (row_left < 0).any() or (column_left < 0).any():
        raise ConservationError("the margins of a table to be rounded do not agree with its cells")
    for index in np.argsort(-row_left, kind="stable"):
        need = int(row_left[index])
        if need == 0:
            break
        chosen = np.argsort(-(column_left + fraction[index]), kind="stable")[:need]
        floor[index, chosen] += 1
        column_left[chosen] -= 1
    if column_left.any():
        raise ConservationError("no whole-person table has these margins")
    return floor


def rake(seed: Reals, rows: Reals, columns: Reals, rounds: int = 2000, tolerance: float = 1e-7) -> Reals:
    """`seed` (rows x columns) scaled by rows and columns in turn until its sums are the given margins."""
    table = seed.astype(np.float64)
    for _ in range(rounds):
        table *= _ratio(rows, table.sum(axis=1))[:, None]
        sums = table.sum(axis=0)
        table *= _ratio(columns, sums)[None, :]
        if np.abs(table.sum(axis=1) - rows).max() < tolerance:
            break
    return table


def _ratio(wanted: Reals, sums: Reals) -> Reals:
    """Wanted over present, 0 where nothing is present."""
    return np.divide(wanted, sums, out=np.zeros_like(sums), where=sums > 0)
