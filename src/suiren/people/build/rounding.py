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
    exact = np.minimum(np.where(full, caps, exact), caps)
    room_left = caps - exact
    missing = total - float(exact.sum())
    return exact + room_left * (missing / float(room_left.sum())) if missing > 0 else exact


def controlled(table: Reals, rows: Counts, columns: Counts) -> Counts:
    """Whole persons, shape of `table`, with exactly the given margins, each cell its floor or one more.

    Floors first. What the margins still lack is a 0/1 matrix: row after row takes the columns that lag most behind
    their running sum of fractions, so that small rows are like large ones; then ones move inside a row until the
    columns agree too. Where that ends short, Havel and Hakimi's order fills the matrix. Ties go to the lower index.
    `table` must already meet the margins within a small fraction of a person.
    """
    floor = np.floor(table + 1e-9).astype(np.int64)
    fraction = np.clip(table - floor, 0.0, 0.999)
    row_left = rows - floor.sum(axis=1)
    column_left = columns - floor.sum(axis=0)
    if row_left.sum() != column_left.sum() or (row_left < 0).any() or (column_left < 0).any():
        raise ConservationError("the margins of a table to be rounded do not agree with its cells")
    extra = _tracked(fraction, row_left)
    if not _moved(extra, fraction, column_left):
        extra = _havel_hakimi(fraction, row_left, column_left)
    return floor + extra


def _tracked(fraction: Reals, row_left: Counts) -> Counts:
    """0/1 matrix with the given row sums whose columns follow the running sums of `fraction`."""
    extra = np.zeros(fraction.shape, dtype=np.int64)
    lag = np.zeros(fraction.shape[1])
    for index, need in enumerate(row_left):
        lag += fraction[index]
        if need:
            chosen = np.argsort(np.where(fraction[index] > 0, -lag, np.inf), kind="stable")[:need]
            extra[index, chosen] = 1
            lag[chosen] -= 1.0
    return extra


def _moved(extra: Counts, fraction: Reals, column_left: Counts) -> bool:
    """Whether moving ones inside rows of `extra`, in place, gives the wanted column sums."""
    lack = column_left - extra.sum(axis=0)
    while lack.any():
        to, since = int(np.argmax(lack)), int(np.argmin(lack))
        open_rows = np.flatnonzero((extra[:, since] == 1) & (extra[:, to] == 0))
        if len(open_rows) == 0:
            return False
        row = open_rows[np.argmax(fraction[open_rows, to] - fraction[open_rows, since])]
        extra[row, since], extra[row, to] = 0, 1
        lack[to] -= 1
        lack[since] += 1
    return True


def _havel_hakimi(fraction: Reals, row_left: Counts, column_left: Counts) -> Counts:
    """0/1 matrix with the given margins: the row that lacks most takes from the columns that lack most."""
    extra = np.zeros(fraction.shape, dtype=np.int64)
    lack = column_left.copy()
    for index in np.argsort(-row_left, kind="stable"):
        chosen = np.argsort(-(lack + fraction[index]), kind="stable")[: row_left[index]]
        extra[index, chosen] = 1
        lack[chosen] -= 1
    if lack.any():
        raise ConservationError("no whole-person table has these margins")
    return extra


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
