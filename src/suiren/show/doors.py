"""What the doors of today's law answer to people who are insured, or would be, away from their hukou pool."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from suiren.ledger.settle import Result

DOORS = ("open", "permit", "relative", "full_cost", "shut_out", "facts_missing", "no_source")
"""The groups of answers, from in to out to not known."""

_BY_REGIME = {"open": "open", "residence_permit": "permit", "relative": "relative", "full_cost": "full_cost"}
COUNTS = ("persons", "elsewhere", "kept_out", "full_cost", "facts_missing", "no_source")


def answers(results: Sequence[Result]) -> pl.DataFrame:
    """Return scheme, eligible, regime, missing and persons of each run, most persons first."""
    return pl.concat([result.doors.select(pl.lit(result.scheme).alias("scheme"), pl.all()) for result in results])


def grouped(results: Sequence[Result]) -> pl.DataFrame:
    """Return persons by scheme and group of answers, all groups in the order of `DOORS`."""
    frames: list[pl.DataFrame] = []
    for result in results:
        met = result.doors.with_columns(door=_door()).group_by("door").agg(pl.col("persons").sum())
        grid = pl.DataFrame({"scheme": [result.scheme] * len(DOORS), "door": DOORS})
        frames.append(grid.join(met, on="door", how="left", maintain_order="left"))
    return pl.concat(frames).with_columns(pl.col("persons").fill_null(0))


def _door() -> pl.Expr:
    by_regime = pl.col("regime").replace_strict(_BY_REGIME, default="shut_out", return_dtype=pl.String)
    return (
        pl.when(pl.col("eligible") == "yes")
        .then(by_regime)
        .when(pl.col("eligible") == "no")
        .then(pl.lit("shut_out"))
        .when(pl.col("missing") == "regime")
        .then(pl.lit("no_source"))
        .otherwise(pl.lit("facts_missing"))
    )


def counts(results: Sequence[Result]) -> pl.DataFrame:
    """Return one row for each scheme: where people enrol, whether today's doors are in force, numbers of persons."""
    rows = [
        {
            "scheme": result.scheme,
            "enrol": str(result.law.scheme["enrol"]),
            "doors_in_force": result.law.keeps_doors,
            **{name: result.counts[name] for name in COUNTS},
        }
        for result in results
    ]
    return pl.DataFrame(rows)


__all__ = ["DOORS", "answers", "counts", "grouped"]
