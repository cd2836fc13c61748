"""Coefficients as a table of whole points: every sex, age and health group has a row, and each filled one is told."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import polars as pl

from suiren.errors import fail
from suiren.money import exact_sum, half_up
from suiren.risk.estimate.design import CELL, Column, Design
from suiren.risk.estimate.fit import Fit, additive, far
from suiren.risk.estimate.sums_table import bands
from suiren.risk.weights import MOST_POINTS

DIGITS = 9
MICRO = 10**6
"""Coefficients are printed, and from then on exact, in so many parts of a fen."""
ADDITIVE = "age and sex plus group"
OTHERS = "other sex or nearest ages"
EVERYBODY = "everybody of this age and sex, at the level of people without history"
ALL_GROUPS = "mean of the other groups"
"""How a row without people with a cost was filled."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Rows of points with what they rest on."""

    rows: pl.DataFrame
    """`CELL`, `value` (fen for a year), `points`, `evidence`, `filled` (how, "" where estimated), and the counts
    `persons`, `person_months`, `costed_months`, `cost_fen` of the people whom the row is for."""
    point_months: int
    """Points times months of everybody: divided by 12 these are all points of the base population."""

    @property
    def points(self) -> dict[tuple[int, int, str], int]:
        """Return the points by sex, first age of the band and group."""
        listed = self.rows.select("sex", "age_from", "risk_group", "points").iter_rows()
        return {(sex, age, group): points for sex, age, group, points in listed}


def printed(value: float) -> int:
    """Return a coefficient as it is printed, with `DIGITS` digits and six decimals at most, in parts of `MICRO`."""
    return int(Decimal(f"{value:.{DIGITS}g}").scaleb(6).to_integral_value())


def predicted(design: Design, values: np.ndarray) -> list[int]:
    """Return the cost of a year in each cell of a design, from coefficients as they are printed, `MICRO` a fen."""
    exact = np.array([printed(float(value)) for value in values], dtype=np.int64)
    return (design.x.astype(np.int64) @ exact).tolist()


def table(fit: Fit, values: np.ndarray) -> Table:
    """Return the table of points that coefficients give, their mean on everybody `mean_points`, rounded once.

    Raises:
        SuirenError: a row with more points than a table may hold.
    """
    people = _people(fit)
    rows = [(*cell, value, filled, *people.get(cell, (0, 0, 0, 0))) for cell, value, filled in _valued(fit, values)]
    wanted = fit.settings.mean_points * sum(row[-3] for row in rows)
    spent = sum(row[4] * row[-3] for row in rows)
    plain = "assumed" if fit.sums.made.invented else "modelled"
    listed = [
        (*row[:4], row[4] / MICRO, half_up(wanted * row[4], spent), "assumed" if row[5] else plain, *row[5:])
        for row in rows
    ]
    most = max(row[5] for row in listed)
    if most > MOST_POINTS:
        raise fail(
            "E-points-many",
            f"A row would have {most:,} points; at most {MOST_POINTS:,} are taken.",
            do="Use a smaller --mean-points.",
        )
    schema = {
        "sex": pl.Int8, "age_from": pl.Int16, "age_to": pl.Int16, "risk_group": pl.String, "value": pl.Float64,
        "points": pl.Int64, "evidence": pl.String, "filled": pl.String, "persons": pl.Int64,
        "person_months": pl.Int64, "costed_months": pl.Int64, "cost_fen": pl.Int64,
    }  # fmt: skip
    frame = pl.DataFrame(listed, schema=schema, orient="row")
    return Table(frame, sum(row[5] * row[9] for row in listed))


@functools.lru_cache(maxsize=2)
def _people(fit: Fit) -> dict[tuple[int, int, int, str], tuple[int, int, int, int]]:
    """Return persons, person-months, months with a cost and cost by cell, of everybody in the sums."""
    frame = fit.sums.frame.with_columns(costed_months=pl.col("costed") * pl.col("months"))
    counts = ("persons", "person_months", "costed_months", "cost_fen")
    summed = frame.group_by(CELL).agg(exact_sum(column).cast(pl.Int64).alias(column) for column in counts)
    return {row[:4]: row[4:] for row in summed.iter_rows()}  # type: ignore[misc]


def _valued(fit: Fit, values: np.ndarray) -> Iterator[tuple[tuple[int, int, int, str], int, str]]:
    """Yield each cell of the table with its cost of a year and how it was filled, people without history first."""
    design = fit.design
    known = dict(zip(design.cells.select(CELL).iter_rows(), predicted(design, values), strict=True))
    ages, groups = _parts(design, values)
    everybody = _everybody(design, list(known.values())) if design.apart else ages
    levels = {newborn: _level(design, known, everybody, newborn) for newborn in (True, False)}
    others = _mean_effect(design, groups)
    for group in sorted(set(fit.sums.frame["risk_group"].to_list()) | {""}):
        for sex in (1, 2):
            for low, high in bands(fit.sums.ages):
                cell = (sex, low, high, group)
                if cell in known:
                    yield cell, known[cell], ""
                elif not group:
                    how = EVERYBODY if design.apart and (sex, low) in everybody else OTHERS
                    yield cell, round(_nearest(everybody, sex, low) * levels[high == 0]), how
                else:
                    value = _nearest(ages, sex, low) + groups.get(group, others)
                    how = ALL_GROUPS if group not in groups else ADDITIVE if (sex, low) in ages else OTHERS
                    yield cell, max(0, value), how


def _level(
    design: Design,
    known: dict[tuple[int, int, int, str], int],
    everybody: dict[tuple[int, int], int],
    newborn: bool,
) -> Fraction:
    """Return what people without history get over what everybody of their age and sex gets; 1 where there are none.

    Newborns are compared with newborns, others with others, as far as there are any.
    """
    cells = design.cells.filter(pl.col("risk_group") == "") if design.apart else design.cells.clear()
    alike = cells.filter((pl.col("age_to") == 0) == newborn)
    own = usual = 0
    for *cell, months in (alike if alike.height else cells).select(*CELL, "costed_months").iter_rows():
        own += known[cell[0], cell[1], cell[2], cell[3]] * months
        usual += everybody[cell[0], cell[1]] * months
    return Fraction(own, usual) if usual else Fraction(1)


def _parts(design: Design, values: np.ndarray) -> tuple[dict[tuple[int, int], int], dict[str, int]]:
    """Return the cost of a year by sex and first age, and what each group adds, of people with a known history."""
    places = design.places_of("history")
    columns = [design.columns[place] for place in places]
    aside = dict.fromkeys([design.reference, *(column.risk_group for column in design.aliased)], 0)
    if columns[0].kind != "cell":
        exact = {column: printed(float(values[place])) for place, column in zip(places, columns, strict=True)}
        ages = {(column.sex, column.age_from): exact[column] for column in columns if column.kind == "age"}
        return ages, aside | {column.risk_group: exact[column] for column in columns if column.kind == "group"}
    if not design.groups:
        return {
            (column.sex, column.age_from): printed(float(values[place]))
            for place, column in zip(places, columns, strict=True)
        }, aside
    ages = sorted({(column.sex, column.age_from) for column in columns})
    groups = sorted({column.risk_group for column in columns} - {design.reference})
    found = _additive(columns, design, values[places], design.reference)
    exact = [printed(value) for value in found]
    return dict(zip(ages, exact, strict=False)), aside | dict(zip(groups, exact[len(ages) :], strict=True))


def _additive(columns: list[Column], design: Design, values: np.ndarray, reference: str) -> list[float]:
    """Return the coefficients of the additive model that comes nearest to values of cells."""
    x = additive(columns, reference)
    weights = np.array(design.by_column("costed_months"), dtype=np.float64)[design.places_of("history")]
    weighted = x * weights[:, None]
    return [float(value) for value in np.linalg.lstsq(weighted.T @ x, weighted.T @ values, rcond=None)[0]]


def _everybody(design: Design, values: Sequence[int]) -> dict[tuple[int, int], int]:
    """Return the mean cost of a year by sex and first age over everybody with a cost."""
    spent: dict[tuple[int, int], int] = {}
    months: dict[tuple[int, int], int] = {}
    cells = design.cells.select("sex", "age_from", "costed_months").iter_rows()
    for (sex, age, count), value in zip(cells, values, strict=True):
        spent[sex, age] = spent.get((sex, age), 0) + value * count
        months[sex, age] = months.get((sex, age), 0) + count
    return {key: half_up(spent[key], months[key]) for key in spent}


def _mean_effect(design: Design, groups: dict[str, int]) -> int:
    """Return what a group adds on the mean over the people of all groups but the reference."""
    cells = design.cells.filter(~pl.col("risk_group").is_in(["", design.reference]))
    months = sum(cells["costed_months"].to_list())
    spent = sum(groups[group] * count for group, count in cells.select("risk_group", "costed_months").iter_rows())
    return round(Fraction(spent, months)) if months else 0


def _nearest(values: dict[tuple[int, int], int], sex: int, age: int) -> int:
    """Return the value of a sex and age, else of the nearest: the other sex first, then other ages."""
    if (sex, age) in values:
        return values[sex, age]
    one = Column("history", "age", sex, age)
    return values[min(values, key=lambda key: far(one, Column("history", "age", *key)))]
