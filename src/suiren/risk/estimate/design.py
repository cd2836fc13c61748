"""The model of an estimate: its cells with whole-number sums, its columns, and the cross-products that follow.

People whose health group is known are one block: an indicator for each sex and age band, and one for each health
group but the reference (or, by `cells`, one for each combination). People without history are a block of their own
with an indicator for each sex and age band. Where nobody has a group, or no group is that of the healthy, everybody is
in the first block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from suiren.errors import did_you_mean, fail
from suiren.money import MONTHS_PER_YEAR, exact_sum, to_int64
from suiren.risk.estimate.sums_table import SQUARES, Sums

CELL = ("sex", "age_from", "age_to", "risk_group")
METHODS = ("linear", "cells")
HEALTHY = "none"
"""The usual name of the group of the healthy; where no group has it, people without a group are the healthy."""
LEAST_COMMON = 27720
"""The least common multiple of 1 to 12: so many parts make 12·C²/months whole for any months."""
ALIASED = 1e-9
"""A column with a smaller part of its length outside the span of those before it says nothing of its own."""
SEX = {1: "m", 2: "f"}


@dataclass(frozen=True, slots=True)
class Column:
    """One coefficient: yuan cents a year for whoever is of this sex, age and group; 0 and "" where any will do."""

    block: str
    """`history` or `none`."""
    kind: str
    """`age`, `group` or `cell`."""
    sex: int = 0
    age_from: int = 0
    age_to: int = 0
    risk_group: str = ""

    @property
    def name(self) -> str:
        """A short name, such as "m 80-120", "+ dialysis" or "no history f 0-0"."""
        if self.kind == "group":
            return f"+ {self.risk_group}"
        ages = f"{SEX[self.sex]} {self.age_from}-{self.age_to}"
        if self.block == "none":
            return f"no history {ages}"
        return f"{ages} {self.risk_group}".rstrip()

    @property
    def newborn(self) -> bool:
        """Whether this is a cell of people in their first year."""
        return self.kind != "group" and self.age_to == 0


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Cells of people, sorted; columns; and which columns each cell has."""

    cells: pl.DataFrame
    """Columns of `CELL`, `persons`, `person_months`, `costed`, `costed_months`, `cost_fen`; only cells with a cost."""
    columns: tuple[Column, ...]
    x: np.ndarray
    """Cells by columns, 0 or 1."""
    squares: tuple[int, ...]
    """For each cell the sum of 12·C²/months, in parts of `LEAST_COMMON`."""
    aliased: tuple[Column, ...]
    """Columns left out because those before them say the same."""
    reference: str
    """The group of the healthy; "" where these are the people without a group, or where nobody has one."""
    apart: bool
    """Whether people without a group are people without history, a block of their own."""
    groups: tuple[str, ...]

    @property
    def years(self) -> np.ndarray:
        """Person-years with a cost, by cell."""
        return self.cells["costed_months"].to_numpy() / MONTHS_PER_YEAR

    @property
    def cost(self) -> np.ndarray:
        """Fen, by cell."""
        return self.cells["cost_fen"].to_numpy().astype(np.float64)

    @property
    def xwx(self) -> np.ndarray:
        """X'WX in person-months, whole numbers: below 2**53, where a float is exact."""
        weighted = self.x * self.cells["costed_months"].to_numpy()[:, None]
        return (self.x.T @ weighted).astype(np.int64)

    @property
    def xc(self) -> np.ndarray:
        """X'C in fen, whole numbers."""
        return self.x.astype(np.int64).T @ self.cells["cost_fen"].to_numpy()

    def by_column(self, column: str) -> list[int]:
        """Return for each column of the model the whole sum of a count over its cells."""
        return [int(value) for value in self.x.astype(np.int64).T @ self.cells[column].to_numpy()]

    def places_of(self, block: str) -> list[int]:
        """Return the numbers of a block's columns."""
        return [place for place, column in enumerate(self.columns) if column.block == block]

    def has(self, column: int) -> np.ndarray:
        """Return which cells have this column."""
        return self.x[:, column] == 1


def with_cells(frame: pl.DataFrame) -> pl.DataFrame:
    """Return rows of sums with `costed_months` and `square` (12·C²/months in parts of `LEAST_COMMON`, Int128)."""
    parts = {months: MONTHS_PER_YEAR * LEAST_COMMON // months for months in range(1, MONTHS_PER_YEAR + 1)}
    factor = pl.col("months").replace_strict(parts, return_dtype=pl.Int64).cast(pl.Int128)
    return frame.with_columns(costed_months=pl.col("costed") * pl.col("months"), square=pl.col(SQUARES) * factor)


def cells_of(frame: pl.DataFrame, *more: str) -> pl.DataFrame:
    """Return the sums by cell (and `more` keys), sorted: persons, months, costs and `square` (Int128)."""
    counts = ("persons", "person_months", "costed", "costed_months", "cost_fen")
    keys = [*more, *CELL]
    summed = with_cells(frame).group_by(keys).agg(exact_sum(column).alias(column) for column in (*counts, "square"))
    return to_int64(summed, *counts).sort(keys)


def design_of(sums: Sums, method: str = "linear", reference: str = "none") -> Design:
    """Return the model of these sums.

    Raises:
        SuirenError: no cost at all; groups, but nobody in the reference group.
    """
    cells = cells_of(sums.frame).filter(pl.col("costed") > 0)
    if not sum(cells["cost_fen"].to_list()):
        raise fail(
            "E-fit-cost",
            f"The {sums.total('persons'):,} persons have no cost at all.",
            "Nothing can be estimated from nothing.",
            "Fill the column cost_fen.",
        )
    said = set(cells["risk_group"].to_list())
    groups = sorted(said - {""})
    if reference == HEALTHY and reference not in said and "" in said:
        reference = ""
    if groups and reference not in said:
        raise fail(
            "E-fit-reference",
            f"Nobody with a cost is in the reference group {reference!r}; the groups are {', '.join(groups[:12])}.",
            "The other groups are paid for what they cost more than it.",
            did_you_mean(reference, groups) or "Name the group of the healthy with --reference.",
        )
    apart = bool(groups and reference)
    columns = _columns(cells, groups, method, reference)
    rows = list(cells.select(CELL).iter_rows(named=True))
    x = np.array([[_fits(column, row, apart) for column in columns] for row in rows], dtype=np.float64)
    own = _own(x, columns, cells["costed_months"].to_numpy())
    return Design(
        cells.drop("square"),
        tuple(column for column, kept in zip(columns, own, strict=True) if kept),
        x[:, own],
        tuple(int(square) for square in cells["square"].to_list()),
        tuple(column for column, kept in zip(columns, own, strict=True) if not kept),
        reference if groups else "",
        apart,
        tuple(groups),
    )


def _columns(cells: pl.DataFrame, groups: Sequence[str], method: str, reference: str) -> list[Column]:
    """Return the columns for which there are people with a cost: ages first, then groups, then no history."""
    apart = bool(groups and reference)
    known = cells.filter(pl.col("risk_group") != "") if apart else cells
    if method == "cells":
        columns = [Column("history", "cell", *row) for row in known.select(CELL).iter_rows()]
    else:
        ages = known.select(CELL[:3]).unique().sort(CELL[:3])
        columns = [Column("history", "age", *row) for row in ages.iter_rows()]
        columns += [Column("history", "group", risk_group=group) for group in groups if group != reference]
    if apart:
        unknown = cells.filter(pl.col("risk_group") == "").select(CELL)
        columns += [Column("none", "cell", *row) for row in unknown.iter_rows()]
    return columns


def _fits(column: Column, row: dict[str, Any], apart: bool) -> bool:
    """Return whether people of a cell have this column."""
    block = "none" if apart and not row["risk_group"] else "history"
    if column.block != block:
        return False
    if column.kind == "group":
        return column.risk_group == row["risk_group"]
    same = (column.sex, column.age_from) == (row["sex"], row["age_from"])
    return same and (column.kind == "age" or column.risk_group == row["risk_group"])


def _own(x: np.ndarray, columns: Sequence[Column], months: np.ndarray) -> np.ndarray:
    """Return which columns are no combination of columns before them; cells never share a person."""
    weighted = x * np.sqrt(months.astype(np.float64))[:, None]
    kept: list[np.ndarray] = []
    own = np.zeros(x.shape[1], dtype=bool)
    for place, column in enumerate(columns):
        if column.kind == "cell":
            own[place] = True
            continue
        rest = weighted[:, place].copy()
        for _ in range(2):
            for one in kept:
                rest -= one * (one @ rest)
        length = float(np.linalg.norm(rest))
        if length > ALIASED * float(np.linalg.norm(weighted[:, place])):
            own[place] = True
            kept.append(rest / length)
    return own


def members(design: Design, cells: pl.DataFrame) -> dict[str, Any]:
    """Return persons, months and cost of people given by cells, by the names of the sums; `months` by cell of `design`.

    `months` are person-months with a cost, a whole number for each cell. A cell may stand in several rows.
    """
    months: dict[tuple[Any, ...], int] = {}
    for *cell, count in cells.select(*CELL, "costed_months").iter_rows():
        months[tuple(cell)] = months.get(tuple(cell), 0) + count
    totals = {column: sum(cells[column].to_list()) for column in ("persons", "person_months", "costed", "cost_fen")}
    return {**totals, "months": [months.get(cell, 0) for cell in design.cells.select(CELL).iter_rows()]}
