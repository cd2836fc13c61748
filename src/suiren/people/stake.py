"""The money at stake in rows that could not be settled: the standard subsidy of their months, and the contribution."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from suiren.engines.engine import text
from suiren.laws import Law
from suiren.laws.seats import aged_places, seat_frame
from suiren.money import MONTHS_PER_YEAR, half_up

KEY = ("enrolment_place", "person_class", "tier", "age", "months")


def know_stakes(local: duckdb.DuckDBPyConnection, folder: Path, law: Law) -> None:
    """Make the table `stakes` (`_layout, _cell, at_stake_fen`) of the groups in `held_cells`.

    A group whose tier the place does not offer has no stake that is known.
    """
    path = folder / "held.parquet"
    aged = ", ".join(str(code) for code in aged_places(law.book)) or "0"
    local.execute(
        "CREATE TABLE held AS SELECT _layout, _cell, enrolment_place, person_class, tier, "
        f"CASE WHEN enrolment_place IN ({aged}) THEN age END AS age, months FROM typed "
        "SEMI JOIN held_cells USING (_layout, _cell) WHERE NOT _bad AND (_layout, _cell) NOT IN "
        "(SELECT (_layout, _cell) FROM refusals WHERE code = 'Q-tier')"
    )
    local.execute(f"COPY (SELECT DISTINCT {', '.join(KEY)} FROM held) TO {text(str(path))} (FORMAT parquet)")
    asked = pl.read_parquet(path).with_columns(pl.col("age").cast(pl.Int16))
    keys = sorted(
        asked.select(KEY[:-1]).unique().iter_rows(), key=lambda key: (key[0], key[1], key[2] or "", key[3] or -1)
    )
    seats = seat_frame(law.book, keys, law.year, law.terms).select(
        enrolment_place=pl.col("place"),
        person_class=pl.col("person_class").cast(pl.String),
        tier="tier",
        age=pl.col("age").cast(pl.Int16),
        standard="standard_fen",
        contribution="contribution_fen",
    )
    priced = asked.join(seats, on=list(KEY[:-1]), how="left", nulls_equal=True)
    months = pl.col("months") if law.scheme["basis"] == "months" else pl.lit(MONTHS_PER_YEAR)
    priced = priced.with_columns(
        at_stake_fen=pl.col("contribution") + half_up(pl.col("standard") * months, MONTHS_PER_YEAR)
    )
    priced.select(*KEY, "at_stake_fen").write_parquet(folder / "priced.parquet")
    same = " AND ".join(f"h.{key} IS NOT DISTINCT FROM p.{key}" for key in KEY)
    local.execute(
        "CREATE TABLE stakes AS SELECT h._layout, h._cell, p.at_stake_fen FROM held h "
        f"JOIN read_parquet({text(str(folder / 'priced.parquet'))}) p ON {same}"
    )
