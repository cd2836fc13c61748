"""Who gets points from which row of a table of weights; whom it leaves without; which rows nobody uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from suiren.errors import Problem, did_you_mean, raise_all
from suiren.money import exact_sum, half_up, yuan
from suiren.risk.weights import Weights

SUMS = ("persons", "person_months")
WHY_POINTS = "Points are given by sex and age; without them nobody knows what a fund should receive."


@dataclass(frozen=True, slots=True)
class Used:
    """How a table of weights met the people: each count with its person-months, from which money at stake follows."""

    persons: int
    person_months: int
    zero: tuple[int, int]
    """Persons and person-months whose points are 0."""
    fallen_back: tuple[int, int]
    """Those in a health group that has no row at their sex and age: paid by the row without a group."""
    unused: tuple[str, ...]
    """The rows of the table that nobody used, as text."""
    used_rows: int

    def stake_fen(self, person_months: int, budget_fen: int | None) -> int | None:
        """Return what these person-months are worth at the average of all, fen; `None` without a budget."""
        if budget_fen is None:
            return None
        return half_up(budget_fen * person_months, self.person_months) if self.person_months else 0


def used(kinds: pl.DataFrame, weights: Weights, budget_fen: int | None = None) -> Used:
    """Return how `weights` meet the people of `kinds`.

    Raises:
        SuirenError: people without sex or age, or in health groups that the table does not know: all of them, each
            with its persons and the money at stake.
    """
    if "employee_cover" in kinds.columns:
        kinds = kinds.filter(~pl.col("employee_cover").fill_null(value=False))
    group = pl.col("risk_group").fill_null("")
    people = kinds.group_by("sex", "age", risk_group=group).agg(exact_sum(column).alias(column) for column in SUMS)
    raise_all(_unknown(people, weights, budget_fen))
    plain = weights.cells.filter(pl.col("risk_group") == "").select("sex", "age", _points="points", _line="line")
    own = people.join(weights.cells, on=["sex", "age", "risk_group"], how="left").join(plain, on=["sex", "age"])
    met = own.with_columns(
        _own=pl.col("line").is_not_null(),
        points=pl.coalesce("points", "_points"),
        line=pl.coalesce("line", "_line"),
    ).filter(pl.col("persons") > 0)
    rows = weights.cells.group_by("line", maintain_order=True).agg(
        pl.col("sex").unique().sort(),
        low=pl.col("age").min(),
        high=pl.col("age").max(),
        group=pl.col("risk_group").first(),
    )
    unused = rows.filter(~pl.col("line").is_in(met["line"].unique().to_list())).sort("line")
    return Used(
        *_sums(met),
        _sums(met.filter(pl.col("points") == 0)),
        _sums(met.filter(~pl.col("_own"))),
        tuple(_row(*row) for row in unused.iter_rows()),
        rows.height - unused.height,
    )


def _sums(people: pl.DataFrame) -> tuple[int, int]:
    persons, months = people.select(pl.col(column).sum() for column in SUMS).row(0)
    return int(persons or 0), int(months or 0)


def _row(line: int, sexes: list[int], low: int, high: int, group: str) -> str:
    """Return a row of the table as text: its line, sex, ages, group, such as "#7 f 18-39 diabetes"."""
    sex = "".join("mf"[sex - 1] for sex in sexes)
    ages = str(low) if low == high else f"{low}-{high}"
    return f"#{line} {sex} {ages} {group}".rstrip()


def _unknown(people: pl.DataFrame, weights: Weights, budget_fen: int | None) -> Iterator[Problem]:
    """Yield a problem for people without sex or age, and one for each health group that the table does not know."""
    months = _sums(people)[1]
    for column in ("sex", "age"):
        bare = people.filter(pl.col(column).is_null())
        if not bare.is_empty():
            what = f"{_who(bare, months, budget_fen)} have no {column}."
            yield Problem("E-points-missing", what, WHY_POINTS, f"Fill the column {column}.")
    groups = set(weights.cells["risk_group"].unique())
    strange = people.filter(~pl.col("risk_group").is_in(sorted(groups)))
    known = sorted(groups - {""})
    for (group,), rows in strange.partition_by(
        "risk_group", as_dict=True, include_key=True, maintain_order=False
    ).items():
        what = f"The weights {weights.name} know no health group {group!r}: {_who(rows, months, budget_fen)}."
        hint = did_you_mean(str(group), known) or (f"The groups are {', '.join(known)}." if known else "")
        yield Problem(
            "E-points-group",
            what,
            "They would silently count as if nothing were known of their health.",
            hint or "The table has no groups: leave risk_group empty, or add rows for it.",
        )


def _who(rows: pl.DataFrame, months: int, budget_fen: int | None) -> str:
    """Return a count of persons and months with the money at stake, as text."""
    persons, own = _sums(rows)
    told = f"{persons:,} persons with {own:,} person-months"
    if budget_fen is None or not months:
        return told
    return f"{told} (at stake, at the average of the budget: {yuan(half_up(budget_fen * own, months))} yuan)"
