"""The uniform provincial amount of `portable:province=uniform`: by origin region and province of residence."""

from __future__ import annotations

import polars as pl

from suiren import places
from suiren.laws import Law
from suiren.laws.schema import CLASSES
from suiren.laws.seats import seat_frame
from suiren.money import half_up, to_int64

MEANS_READ = ("base_fen", "origin_central_part", "origin_central_tier", "origin_province_part")
"""What the means of regions read."""
REGION = pl.col("origin_central_tier").clip(upper_bound=3)
"""Origin region: 1 west, 2 centre, 3 east (central tiers 3 to 5)."""


def uniform_amounts(frame: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Return `frame` with `uniform_fen`, the provincial amount a head for people from elsewhere (0 without the option).

    It is the hukou-weighted mean of the origin region's provincial amounts, half up, but not less than the largest
    amount that the province of residence pays for a local in any of its pools (`floor=place`: in the pool itself).
    """
    if law.scheme["province"] != "uniform":
        return frame.with_columns(uniform_fen=pl.lit(0, pl.Int64))
    frame = frame.with_columns(_region=REGION)
    means = region_means(frame)
    frame = frame.join(means, on="_region", how="left", maintain_order="left")
    floors, key = (
        (pool_floors(law), "enrolment_pool")
        if law.scheme["floor"] == "place"
        else (province_floors(law), "enrolment_province")
    )
    frame = frame.join(floors, on=[key, "person_class"], how="left", maintain_order="left")
    uniform = pl.max_horizontal("mean_fen", pl.col("floor_fen").fill_null(0))
    return frame.with_columns(uniform_fen=uniform).drop("_region", "floor_fen")


def region_means(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the mean provincial amount of each origin region, weighted by its enrolled persons of that hukou, fen."""
    amount = pl.min_horizontal("origin_province_part", pl.col("base_fen") - pl.col("origin_central_part"))
    weighted = frame.with_columns(
        _money=amount.cast(pl.Int128) * pl.col("persons"), _people=pl.col("persons").cast(pl.Int128)
    )
    sums = weighted.group_by("_region").agg(pl.col("_money").sum(), pl.col("_people").sum())
    means = sums.with_columns(mean_fen=half_up(pl.col("_money"), pl.max_horizontal("_people", pl.lit(1, pl.Int128))))
    return to_int64(means, "mean_fen").select("_region", "mean_fen")


def pool_floors(law: Law) -> pl.DataFrame:
    """Return what the province pays for a local of each class in each pool, fen: enrolment_pool, person_class."""
    keys = [(int(pool.code), name, None, None) for pool in places.pools() for name in CLASSES]
    seats = seat_frame(law.book, keys, law.year, law.terms)
    return seats.select("person_class", enrolment_pool=pl.col("place"), floor_fen=pl.col("province_part"))


def province_floors(law: Law) -> pl.DataFrame:
    """Return the largest amount each province pays for a local of each class in any of its pools, fen."""
    provinces = {int(pool.code): int(pool.province) for pool in places.pools()}
    province = pl.col("enrolment_pool").replace_strict(provinces, return_dtype=pl.Int32)
    floors = pool_floors(law).with_columns(enrolment_province=province)
    return floors.group_by("enrolment_province", "person_class").agg(pl.col("floor_fen").max())
