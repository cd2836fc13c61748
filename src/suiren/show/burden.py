"""What one person from elsewhere costs the local governments, today as a local and when the money follows."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from suiren.case import explain
from suiren.laws import Law, portable
from suiren.laws.book import in_set
from suiren.laws.payers import GOVERNMENTS, LOCAL_LEVELS
from suiren.laws.scheme import Scheme
from suiren.show.amounts import share_bp

AGE = 65
ORIGIN_OF = {"622900": "140900", "140900": "622900", "310000": "140900"}
"""The places of paper B's table 4 → where the migrant comes from: Xinzhou, but Linxia for Xinzhou itself."""


def burden(law: Law) -> pl.DataFrame:
    """Return what each government pays for one person of 65: a local's split today, and a migrant's when portable.

    Columns: place_code, hukou_code, side (local, migrant), payer_level, amount_fen, is_local. A municipality's own
    part counts as local.
    """
    today = replace(law, scheme=Scheme())
    rows: list[dict[str, str | int | bool]] = []
    for place, origin in ORIGIN_OF.items():
        municipality = in_set(law.book, "municipality", int(place), law.year)
        local = (*LOCAL_LEVELS, "province") if municipality else LOCAL_LEVELS
        sides = (
            ("local", explain(today, place, place, age=AGE)),
            ("migrant", explain(today | portable(), origin, place, age=AGE)),
        )
        rows += [
            {
                "place_code": place,
                "hukou_code": place if side == "local" else origin,
                "side": side,
                "payer_level": level,
                "amount_fen": case.fen(level),
                "is_local": level in local,
            }
            for side, case in sides
            for level in GOVERNMENTS
        ]
    return pl.DataFrame(rows)


def local_burden(frame: pl.DataFrame) -> pl.DataFrame:
    """Return place_code, side, local_fen, subsidy_fen and local share in basis points, from a frame of `burden`."""
    local = pl.col("amount_fen").filter("is_local").sum().alias("local_fen")
    grouped = frame.group_by("place_code", "side", maintain_order=True).agg(
        local, subsidy_fen=pl.col("amount_fen").sum()
    )
    shares = [share_bp(part, whole) for part, whole in grouped.select("local_fen", "subsidy_fen").iter_rows()]
    return grouped.with_columns(share_bp=pl.Series(shares, dtype=pl.Int64))


__all__ = ["AGE", "ORIGIN_OF", "burden", "local_burden"]
