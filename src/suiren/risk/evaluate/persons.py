"""What sums cannot say of persons: how far each one's payment is off its cost, and what lies above a pool's line.

One pass over the records: each settled row finds what its group is paid, and whole numbers are added up.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from suiren.engines.engine import text
from suiren.money import MONTHS_PER_YEAR, exact_sum
from suiren.people.back import attach
from suiren.people.intake import Rows
from suiren.risk.estimate.sums_table import KEYS
from suiren.risk.evaluate.terms import Payment, Terms

ORIGIN = "CASE WHEN t.local THEN 'here' WHEN t.same_province THEN 'same_province' ELSE 'other_province' END"
BY_PERSON = ("line_fen", "fit_fen", "mean_fen")
WHOLE = "CAST({} AS DECIMAL(19, 0))"


@dataclass(frozen=True, slots=True)
class Persons:
    """Sums over persons, fen: month-weighted absolute differences of annual cost from payment, and from the mean."""

    off_fit_fen: int
    off_mean_fen: int
    above_persons: int
    above_months: int
    above_cost_fen: int
    """How many cost more than the pool's line, their months and cost."""

    def measures(self, totals: dict[str, int], terms: Terms) -> dict[str, Any]:
        """Return mean absolute error (fen a year), CPM, and the power that the pool leaves, by months and by cost."""
        error = Fraction(MONTHS_PER_YEAR * self.off_fit_fen, totals["person_months"])
        cpm = 1 - Fraction(self.off_fit_fen, self.off_mean_fen) if self.off_mean_fen else None
        by_months = 1 - terms.share * Fraction(self.above_months, totals["person_months"])
        by_cost = 1 - terms.share * Fraction(self.above_cost_fen, totals["cost_fen"])
        return {
            "mean_absolute_error_fen": round(error),
            "cpm": round(float(cpm), 6) if cpm is not None else None,
            "above_the_line_persons": self.above_persons,
            "power": round(float(by_months), 6),
            "power_by_cost": round(float(by_cost), 6),
        }


def persons_of(rows: Rows, frame: pl.DataFrame, payment: Payment) -> tuple[Persons, pl.DataFrame]:
    """Return the sums over persons, and the prepared `frame` with its columns `above_*` filled."""
    local, path = rows.engine.local, rows.engine.folder / "judged.parquet"
    _lines(frame, payment).write_parquet(path)
    columns = ("number", *BY_PERSON)
    local.execute(
        f"CREATE OR REPLACE TABLE judged AS SELECT t._layout, t._cell, {', '.join(f'j.{one}' for one in columns)} "
        f"FROM settling t JOIN read_parquet({text(str(path))}) j ON t.enrolment_place = j.county_code "
        "AND t.sex = j.sex AND t.age BETWEEN j.age_from AND j.age_to "
        "AND coalesce(CAST(t.risk_group AS VARCHAR), '') = j.risk_group "
        f'AND t."months" = j."months" AND {ORIGIN} = j.origin WHERE t.persons > 0 AND NOT t.uncosted'
    )
    every = attach(rows, "judged", columns)
    above = "CASE WHEN _cost > line_fen THEN _cost - line_fen ELSE 0 END"
    square = f"{WHOLE.format(above)} * {WHOLE.format(above)}"
    rows.engine.collect(
        "judged_sums",
        "SELECT number, SUM(ABS(_cost - fit_fen)) AS off_fit, SUM(ABS(_cost - mean_fen)) AS off_mean, "
        f"SUM({above}) AS above, SUM({square}) AS above_sq, "
        f"SUM({WHOLE.format(above)} * {WHOLE.format('_cost')}) AS above_cost, "
        "SUM(CASE WHEN _cost > line_fen THEN 1 ELSE 0 END) AS many, "
        "SUM(CASE WHEN _cost > line_fen THEN _cost ELSE 0 END) AS theirs "
        f"FROM ({every}) AS every_row GROUP BY number",
    )
    names = ("off_fit", "off_mean", "above", "above_sq", "above_cost", "many", "theirs")
    told = local.execute(f"SELECT number, {', '.join(f'{name}::VARCHAR AS {name}' for name in names)} FROM judged_sums")
    found = pl.DataFrame(told.fetchall(), schema={"number": pl.UInt32, **dict.fromkeys(names, pl.String)}, orient="row")
    typed = found.with_columns(pl.col(names).str.to_decimal(scale=0).cast(pl.Int128))
    return _joined(frame, typed)


def _lines(frame: pl.DataFrame, payment: Payment) -> pl.DataFrame:
    """Return the rows of the frame with a number, and for a person of each the pool's line, pay and mean pay in fen."""
    mean = payment.plain_value * Fraction(
        *frame.select(exact_sum("point_months"), months=exact_sum("person_months")).row(0)
    )
    terms = payment.terms
    classes = frame.select("points", "months").unique()
    rows: list[tuple[int, int, int, int, int]] = []
    for points, months in classes.iter_rows():
        line = terms.above_fen * months // MONTHS_PER_YEAR if terms.above_fen is not None else 10**16
        fit = round(payment.plain_value * points * months / MONTHS_PER_YEAR)
        rows.append((points, months, line, fit, round(mean * months / MONTHS_PER_YEAR)))
    schema = {"points": pl.Int64, "months": pl.Int8, **dict.fromkeys(BY_PERSON, pl.Int64)}
    paid = pl.DataFrame(rows, schema=schema, orient="row")
    keyed = frame.with_row_index("number").join(paid, on=["points", "months"], how="left", maintain_order="left")
    return keyed.select("number", *KEYS, *BY_PERSON)


def _joined(frame: pl.DataFrame, found: pl.DataFrame) -> tuple[Persons, pl.DataFrame]:
    numbered = frame.drop("above_fen", "above_sq", "above_cost").with_row_index("number")
    whole = numbered.join(found, on="number", how="left", maintain_order="left")
    filled = whole.with_columns(
        above_fen=pl.col("above").fill_null(0),
        above_sq=pl.col("above_sq").fill_null(0),
        above_cost=pl.col("above_cost").fill_null(0),
    )
    met = filled.filter(pl.col("many") > 0)
    single = met.select(
        persons=exact_sum("many"),
        months=(pl.col("many") * pl.col("months").cast(pl.Int128)).sum(),
        cost=exact_sum("theirs"),
    ).row(0)
    sums = [int(filled.select(exact_sum(name)).item() or 0) for name in ("off_fit", "off_mean")]
    persons = Persons(*sums, *(int(value or 0) for value in single))
    return persons, filled.drop("number", "above", "off_fit", "off_mean", "many", "theirs")


__all__ = ["Persons", "persons_of"]
