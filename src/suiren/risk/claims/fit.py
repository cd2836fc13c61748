"""How much of the cost of invented claims age and sex, prior conditions and this year's conditions explain: R² each.

Month-weighted least squares on sums by cell, in floats: figures to be told, not money. People and counties both.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from suiren.laws.schema import OLDEST

Array = npt.NDArray[np.float64]

MONTHS = 12
AGES = (0, 1, *range(5, 85, 5))
"""First years of the age bands: 0, 1 to 4, then five years each, 80 and over."""
BANDS = {age: sum(low <= age for low in AGES) - 1 for age in range(OLDEST + 1)}
"""Age -> number of its band."""
PRIOR, NOW, COUNTY = "risk_group", "risk_group_this_year", "enrolment_place"


def told(path: Path) -> dict[str, float | None]:
    """Return R² of persons by age and sex, with prior conditions, with this year's, and of counties; 4 decimals.

    `None` where nobody differs from anybody.
    """
    months = pl.col("months").cast(pl.Int64)
    cost = pl.col("cost_fen").cast(pl.Float64)
    keys = ["sex", "band", PRIOR, NOW, COUNTY]
    cells = (
        pl.scan_parquet(path)
        .with_columns(band=pl.col("age").replace_strict(BANDS, return_dtype=pl.Int64))
        .group_by(keys)
        .agg(
            years=months.sum() / MONTHS,
            cost=cost.sum(),
            squares=(cost * cost * MONTHS / months).sum(),
        )
        .collect(engine="streaming")
        .sort(keys)
    )
    age_sex, prior, now = (predicted(cells, groups) for groups in ([], [PRIOR], [NOW]))
    named = {
        "age_and_sex": person_fit(cells, age_sex),
        "prior_conditions": person_fit(cells, prior),
        "conditions_of_this_year": person_fit(cells, now),
        "counties": place_fit(cells, prior),
    }
    return {name: None if value is None else round(value, 4) for name, value in named.items()}


def predicted(cells: pl.DataFrame, groups: Sequence[str]) -> Array:
    """Return the fitted cost a person-year of each cell: additive in sex and age band, and in `groups`.

    People without history (an empty group of the prior year) are a model of their own, by sex and age band.
    """
    years, cost = cells["years"].to_numpy(), cells["cost"].to_numpy()
    band = cells["band"].to_numpy() + len(AGES) * (cells["sex"] == "f").to_numpy()
    without = cells[PRIOR].is_null().to_numpy() if PRIOR in groups else np.zeros(len(years), dtype=bool)
    made = np.zeros(len(years))
    for part in (without, ~without):
        named = groups if part is not without else ()
        columns = [band, *(cells[name].fill_null("").rank("dense").to_numpy().astype(np.int64) - 1 for name in named)]
        made[part] = _fitted([column[part] for column in columns], years[part], cost[part])
    return made


def _fitted(columns: list[npt.NDArray[np.int64]], years: Array, cost: Array) -> Array:
    """Return what least squares gives each cell; columns of indicators that depend on others get the least norm."""
    if not len(years):
        return years
    sizes = [int(column.max()) + 1 for column in columns]
    first = np.cumsum([0, *sizes])
    many = int(first[-1])
    normal, right = np.zeros((many, many)), np.zeros(many)
    at = [column + start for column, start in zip(columns, first[:-1], strict=True)]
    for one in at:
        np.add.at(right, one, cost)
        for other in at:
            np.add.at(normal, (one, other), years)
    found = np.linalg.lstsq(normal, right, rcond=1e-12)[0]
    return np.sum([found[one] for one in at], axis=0)


def person_fit(cells: pl.DataFrame, fitted: Array) -> float | None:
    """Return the share of the month-weighted spread of annualised costs between persons that the fit explains."""
    years, cost = cells["years"].to_numpy(), cells["cost"].to_numpy()
    squares = float(cells["squares"].sum())
    left = squares - 2 * float(fitted @ cost) + float(fitted**2 @ years)
    return _explained(left, squares - float(cost.sum() ** 2 / years.sum()))


def place_fit(cells: pl.DataFrame, fitted: Array) -> float | None:
    """Return the share of the spread of counties' mean costs that the fit explains, weighed by person-years."""
    by = (
        cells.with_columns(fit=pl.Series(fitted) * pl.col("years"))
        .group_by(COUNTY)
        .agg(pl.col("years", "cost", "fit").sum())
        .sort(COUNTY)
    )
    years = by["years"].to_numpy()
    seen, fit = by["cost"].to_numpy() / years, by["fit"].to_numpy() / years
    mean = float(by["cost"].sum()) / float(years.sum())
    return _explained(float(years @ (seen - fit) ** 2), float(years @ (seen - mean) ** 2))


def _explained(left: float, spread: float) -> float | None:
    return 1 - left / spread if spread > 0 else None


__all__ = ["AGES", "person_fit", "place_fit", "predicted", "told"]
