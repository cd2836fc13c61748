"""A published estimate: weights, prices, sweep and fit.json; the same sums and choices give the same bytes."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import suiren
from suiren.money import MONTHS_PER_YEAR
from suiren.places import get
from suiren.risk.estimate.bind import Bound, bind, explained
from suiren.risk.estimate.design import CELL, SEX, Column
from suiren.risk.estimate.fit import Fit
from suiren.risk.estimate.hold_out import HeldOut
from suiren.risk.estimate.prices import Paid, nearest, paid, price_table, rounded, small, sweep_table
from suiren.risk.estimate.promises import Promises
from suiren.risk.estimate.sums_table import FEW, Sums
from suiren.risk.estimate.table import MICRO, Table, printed, table
from suiren.risk.weights import COLUMNS

FORMAT = 1


@dataclass(frozen=True, slots=True, eq=False)
class Publication:
    """Everything that is written, and what the console tells of it."""

    bound: Bound
    table: Table
    prices: pl.DataFrame
    sweep: pl.DataFrame
    document: dict[str, Any]
    """What fit.json holds."""
    files: dict[str, bytes]


def publish(fit: Fit, promises: Promises | None = None, base: str = "", held: HeldOut | None = None) -> Publication:
    """Return the published estimate.

    Raises:
        SuirenError: promises that contradict each other; a table whose points are too many.
    """
    chosen = promises or Promises()
    bound = bind(fit, chosen.listed)
    plain = table(fit, fit.baseline.values)
    published = table(fit, bound.solution.values) if bound.promises else plain
    before = paid(fit, fit.baseline.values, plain)
    after = paid(fit, bound.solution.values, published)
    prices, swept = price_table(bound, before, after), sweep_table(bound, before)
    files = {"weights.csv": _weights(published), "prices.csv": prices.write_csv().encode()}
    if bound.promises:
        files["sweep.csv"] = swept.write_csv().encode()
    document = {
        "suiren": suiren.__version__,
        "format": FORMAT,
        "invented": fit.sums.made.invented,
        "sums": _sums(fit.sums),
        "base": _base(fit.sums, published, fit.settings.mean_points, base),
        "settings": _settings(fit, chosen, held),
        "columns": _columns(bound),
        "credibility": _credibility(fit),
        "fit": _explains(fit, before, after),
        "promises": _promises(prices),
        "solver": _solver(bound),
        "counted": _counted(bound, published),
        **({"held_out": held.told(published)} if held else {}),
        "outputs": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
    }
    files["fit.json"] = (json.dumps(_clean(document), ensure_ascii=False, indent=1) + "\n").encode()
    return Publication(bound, published, prices, swept, document, files)


def write(publication: Publication, folder: Path) -> list[str]:
    """Write the files into a folder; return their names."""
    for name, data in publication.files.items():
        (folder / name).write_bytes(data)
    return list(publication.files)


def _weights(published: Table) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    listed = published.rows.select("sex", "age_from", "age_to", "risk_group", "points", "evidence")
    writer.writerows((SEX[sex], *rest) for sex, *rest in listed.iter_rows())
    return out.getvalue().encode()


def _clean(value: Any) -> Any:
    """Return a document with floats of at most nine digits, none of them empty."""
    if isinstance(value, dict):
        return {key: _clean(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(one) for one in value]
    if isinstance(value, (float, np.floating)):
        return rounded(float(value)) if math.isfinite(value) else None
    return value


def _sums(sums: Sums) -> dict[str, Any]:
    frame = sums.frame
    return {
        "sha256": sums.digest,
        "ages": list(sums.ages),
        "cells": frame.height,
        **{column: sums.total(column) for column in ("persons", "person_months", "costed")},
        "costed_months": sum((frame["costed"] * frame["months"]).to_list()),
        "cost_fen": sums.total("cost_fen"),
        "counties": frame["county_code"].n_unique(),
        "funds": frame["fund_code"].n_unique(),
        "notice_year": sums.made.notice_year,
        "coverage_year": sums.made.coverage_year,
    }


def _base(sums: Sums, published: Table, mean: int, name: str) -> dict[str, Any]:
    months = sums.total("person_months")
    return {
        "name": name or sums.made.base or base_name(sums),
        "persons": sums.total("persons"),
        "person_months": months,
        "mean_points": mean,
        "point_months": published.point_months,
        "points_mean": published.point_months / months,
    }


def base_name(sums: Sums, lang: str = "en") -> str:
    """Return a name of the people of sums that nobody named: how many, where and when."""
    provinces = sorted({get(code).province for code in sums.frame["fund_code"].unique().to_list()})
    persons, year = f"{sums.total('persons'):,}", sums.made.coverage_year
    if lang == "zh":
        where = get(provinces[0]).name_zh if len(provinces) == 1 else f"{len(provinces)} 个省级行政区"
        return f"{where}参保的 {persons} 人" + (f"（{year} 年）" if year else "")
    where = get(provinces[0]).name_en if len(provinces) == 1 else f"{len(provinces)} provinces"
    return f"{persons} persons enrolled in {where}" + (f" in {year}" if year else "")


def _settings(fit: Fit, promises: Promises, held: HeldOut | None) -> dict[str, Any]:
    chosen = fit.settings
    return {
        "method": chosen.method,
        "reference": fit.design.reference,
        "mean_points": chosen.mean_points,
        "least_persons": chosen.least_persons,
        "hold_out": str(held.share) if held else "0",
        "promises_sha256": promises.digest,
    }


def _columns(bound: Bound) -> list[dict[str, Any]]:
    fit = bound.fit
    design, errors = fit.design, fit.errors
    counts = [design.by_column(count) for count in ("costed", "costed_months", "cost_fen")]
    return [
        {
            **_named(column),
            "persons": counts[0][place],
            "costed_months": counts[1][place],
            "cost_fen": counts[2][place],
            "estimate_fen": fit.estimate[place],
            "se_fen": errors.se[place],
            "low_fen": errors.low[place],
            "high_fen": errors.high[place],
            "prior_fen": fit.prior[place],
            "credibility": fit.credibility[place],
            "before_promises_fen": printed(fit.baseline.values[place]) / MICRO,
            "value_fen": printed(bound.solution.values[place]) / MICRO,
        }
        for place, column in enumerate(design.columns)
    ]


def _named(column: Column) -> dict[str, Any]:
    about: dict[str, Any] = {"name": column.name, "block": column.block, "kind": column.kind}
    if column.kind != "group":
        about |= {"sex": SEX[column.sex], "age_from": column.age_from, "age_to": column.age_to}
    return about | {"risk_group": column.risk_group}


def _credibility(fit: Fit) -> dict[str, Any]:
    return {
        "s2": fit.s2,
        "families": [
            {"family": name, "cells": one.cells, "fitted": one.fitted, "tau2": one.tau2}
            for name, one in fit.spreads.items()
        ],
    }


def _explains(fit: Fit, before: Paid, after: Paid) -> dict[str, float]:
    plain, now = explained(fit, before.estimate), explained(fit, after.estimate)
    return {"r2_plain": plain, "r2": now, "r2_points": explained(fit, after.points), "r2_lost": small(plain - now)}


def _promises(prices: pl.DataFrame) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in row.items() if key not in {"kind", "who"}}
        for row in prices.filter(pl.col("kind") == "promise").iter_rows(named=True)
    ]


def _solver(bound: Bound) -> dict[str, Any]:
    solution, names = bound.solution, [column.name for column in bound.fit.design.columns]
    return {
        "name": solution.solver,
        "version": metadata.version(solution.solver if solution.solver == "clarabel" else "numpy"),
        "status": solution.status,
        "counties": bound.fit.errors.counties,
        "residuals_below": {key: _above(value) for key, value in solution.residuals.items()},
        "budget_fen": bound.fit.total,
        "budget_multiplier_fen": small(solution.prices[0]),
        "at_zero": [names[place] for place in solution.at_zero],
    }


def _above(value: float) -> float:
    """Return the power of ten next above a residual, 1e-12 at least: what is below that is chance."""
    return float(f"1e{math.ceil(math.log10(max(value, 1e-12)))}")


def _counted(bound: Bound, published: Table) -> dict[str, Any]:
    """Return who is counted apart so that nobody is dropped silently, with the money at stake, in fen."""
    fit, rows = bound.fit, published.rows
    persons = fit.design.by_column("costed")
    costs = fit.design.by_column("cost_fen")
    lacking = rows.select("value", months=pl.col("person_months") - pl.col("costed_months")).rows()
    money = sum((Fraction(value) * months for value, months in lacking), Fraction(0)) / MONTHS_PER_YEAR
    few = fit.sums.few
    negative = sorted({*np.flatnonzero(fit.estimate < 0).tolist(), *fit.baseline.at_zero, *bound.solution.at_zero})
    thin = [place for place, count in enumerate(persons) if count < fit.settings.least_persons]
    inside = rows.filter((pl.col("persons") > 0) & (pl.col("persons") < FEW))

    def listed(places: Iterable[int]) -> list[dict[str, Any]]:
        return [
            {
                "name": fit.design.columns[place].name,
                "persons": persons[place],
                "cost_fen": costs[place],
                "estimate_fen": fit.estimate[place],
                "credibility": fit.credibility[place],
                "value_fen": bound.solution.values[place],
            }
            for place in places
        ]

    whole = fit.sums.total("persons"), fit.sums.total("costed")
    return {
        "without_cost": {"persons": whole[0] - whole[1], "expected_fen": nearest(money)},
        "few": {
            "below": FEW,
            "cells_of_sums": few.height,
            "persons": sum(few["persons"].to_list()),
            "cost_fen": sum(few["cost_fen"].to_list()),
            "cells_of_model": _cells(inside),
        },
        "thin": listed(thin),
        "filled": _cells(rows.filter(pl.col("filled") != "")),
        "negative": listed(negative),
        "zero_points": _cells(rows.filter((pl.col("points") == 0) & (pl.col("persons") > 0))),
        "same_as_others": [column.name for column in fit.design.aliased],
    }


def _cells(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Return rows of the table as a list, with what they hold."""
    kept = rows.select(*CELL, "persons", "cost_fen", value_fen="value", how="filled")
    return [{**row, "sex": SEX[row["sex"]]} for row in kept.iter_rows(named=True)]
