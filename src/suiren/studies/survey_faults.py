"""Faults put into an invented survey, each in people of their own, and what a reader must count for them."""

from __future__ import annotations

import numpy as np
import polars as pl

from suiren.errors import fail

KINDS = ("duplicate", "conflict", "year", "weight", "answer", "where", "partial", "unknown", "no_place")
"""The faults, by the name of the count that they must give."""

NOWHERE = 999999
REFUSED = 9
HAS = ("emp_has", "urr_has", "ncms_has")


def faulty(people: pl.DataFrame, share: float, seed: int) -> tuple[pl.DataFrame, dict[str, int]]:
    """The people with faults in `share` of them, equally many of each kind, and the counts by name.

    A weight of 0 needs weights, so a census has none of that kind. A repeated row and a row of the same person with
    other answers are added below the others.

    Raises:
        SuirenError: too few people for one fault of each kind.
    """
    kinds = [kind for kind in KINDS if kind != "weight" or "wt" in people.columns]
    each = int(people.height * share) // len(kinds)
    single = people.select(pl.sum_horizontal(pl.col(name).eq(1) for name in HAS) == 1).to_series().to_numpy()
    chosen = np.random.default_rng([seed, people.height, 9]).permutation(np.flatnonzero(single))
    if not each or len(chosen) < each * len(kinds):
        what = f"--faults {share} of {people.height:,} rows gives not one fault of each of the {len(kinds)} kinds."
        raise fail("E-number", what, do="Ask for more rows or a larger share, up to 0.5.")
    rows = {kind: chosen[at * each : (at + 1) * each] for at, kind in enumerate(kinds)}
    made = _changed(people, rows)
    counts = {kind: each * (2 if kind == "conflict" else 1) for kind in kinds}
    if "wt" in people.columns:
        counts["no_stratum"] = each
    return made, counts


def _changed(people: pl.DataFrame, rows: dict[str, np.ndarray]) -> pl.DataFrame:
    at = pl.int_range(pl.len())
    hit = {kind: at.is_in(pl.Series(chosen).implode()) for kind, chosen in rows.items()}
    never = pl.lit(value=False)
    columns = [
        pl.when(hit["year"]).then(None).otherwise(pl.col("wave")).alias("wave"),
        pl.when(hit["unknown"]).then(NOWHERE).when(hit["no_place"]).then(None).otherwise(pl.col("prov")).alias("prov"),
    ]
    if "weight" in hit:
        columns.append(pl.when(hit["weight"]).then(0).otherwise(pl.col("wt")).alias("wt"))
    first_other = never
    for name in HAS:
        other = hit["partial"] & pl.col(name).ne(1) & ~first_other
        columns.append(pl.when(hit["answer"] | other).then(REFUSED).otherwise(pl.col(name)).alias(name))
        first_other = first_other | (hit["partial"] & pl.col(name).ne(1))
        place = name.replace("_has", "_at")
        columns.append(
            pl.when(hit["where"] & pl.col(place).is_not_null())
            .then(REFUSED)
            .when(hit["answer"])
            .then(None)
            .otherwise(pl.col(place))
            .alias(place)
        )
    changed = people.with_columns(columns)
    again, other = (changed[rows[kind].tolist()] for kind in ("duplicate", "conflict"))
    turned = other.with_columns(pl.when(pl.col(name).eq(1)).then(2).otherwise(1).alias(name) for name in HAS)
    return pl.concat([changed, again, turned], how="vertical_relaxed")


__all__ = ["KINDS", "faulty"]
