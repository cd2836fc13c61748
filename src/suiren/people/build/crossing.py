"""How many people registered in another county of their province crossed a pool border: modelled, by pool."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from suiren.errors import fail
from suiren.people.build.parameters import Parameters
from suiren.people.build.rounding import Counts, Reals
from suiren.people.build.sources import Census

ZONE_CODES = (71, 79)
"""Last two digits of development zones that carry a statistical code inside a city."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """In-province movers of each pool and how the nearness factor was found."""

    share: Reals
    """of a pool's people from other counties of the province, those from another pool"""
    persons: Counts
    nearness: float
    same_district: int
    across_districts: int


def modelled_crossing(tables: Mapping[str, pl.DataFrame], census: Census, parameters: Parameters) -> Crossing:
    """Persons of each pool whose hukou is in another pool of the province.

    Origins of the movers into a county are shared out by residents: other districts of its city and counties of its
    pool count `nearness` times as much as the rest of the province. People of another township of the same district
    are all inside one city; what is left of the published number of movers within the districts of one city must
    come from other districts, which fixes `nearness`.
    """
    counties = _counties(tables["census2020_county_population.csv"], tables["census2020_prefecture_population.csv"])
    same_district = int(counties.filter("is_district")["hukou_elsewhere_same_county"].sum())
    wanted = int(parameters.same_city_movers.value) - same_district
    movers, near, far_near, rest = (counties[name].to_numpy() for name in ("movers", "districts", "near", "rest"))

    def split(nearness: float) -> tuple[Reals, Reals]:
        """Movers from other districts of the city, and movers from other pools, by county."""
        weight = nearness * (near + parameters.county_nearness.value * far_near) + rest
        ratio = np.divide(movers, weight, out=np.zeros_like(movers), where=weight > 0)
        return ratio * nearness * near, ratio * rest

    nearness = _solve(lambda factor: float(split(factor)[0].sum()), wanted)
    crossed = dict(
        counties.select("prefecture_code", pl.Series("crossed", split(nearness)[1]))
        .group_by("prefecture_code", maintain_order=True)
        .agg(pl.col("crossed").sum())
        .iter_rows()
    )
    real = np.array([crossed.get(pool, 0.0) for pool in census.pools])
    share = np.divide(real, census.other_county, out=np.zeros_like(real), where=census.other_county > 0)
    alone = np.array([kind == "county_level_direct" for kind in census.kind])
    share = np.clip(np.where(alone, 1.0, share), 0.0, 1.0)
    single = np.bincount(census.province, minlength=len(census.provinces)) == 1
    share = np.where(single[census.province], 0.0, share)
    persons = np.floor(share * census.other_county + 0.5).astype(np.int64)
    return Crossing(share, persons, nearness, same_district, wanted)


def _counties(counties: pl.DataFrame, pools: pl.DataFrame) -> pl.DataFrame:
    """County rows with their movers and the residents of near and far origins."""
    number = pl.col("county_id").str.slice(4, 2).cast(pl.Int64, strict=False)
    single = pl.col("prefecture_code").is_in(pools.filter(pl.col("unit_type") == "municipality")["unit_code"].to_list())
    prefecture = pl.col("prefecture_code").is_in(
        pools.filter(pl.col("unit_type") == "prefecture")["unit_code"].to_list()
    )
    district = (
        pl.when(single)
        .then(pl.col("county_id").str.slice(2, 2) == "01")
        .otherwise((number <= 20) | number.is_between(*ZONE_CODES) | (pl.col("is_uncoded_zone") == 1))
    ).fill_null(value=False) & (single | (prefecture & pl.col("prefecture_zh").str.ends_with("市")))
    total = dict(zip(pools["unit_code"], pools["hukou_elsewhere_other_county_same_province"], strict=True))
    moved = pl.col("hukou_elsewhere_other_county_same_province")
    people = pl.col("pop_total").cast(pl.Float64)
    in_districts = (people * pl.col("is_district")).sum().over("prefecture_code")
    in_pool = people.sum().over("prefecture_code")
    return (
        counties.with_columns(is_district=district)
        .with_columns(
            missing=pl.col("prefecture_code").replace_strict(total, default=0) - moved.sum().over("prefecture_code"),
            districts=pl.when("is_district").then(in_districts - people).otherwise(0.0),
            rest=people.sum().over("province_code") - in_pool,
        )
        .with_columns(
            movers=pl.when(moved.is_null()).then("missing").otherwise(moved).cast(pl.Float64),
            near=in_pool - people - pl.col("districts"),
        )
    )


def _solve(count: Callable[[float], float], wanted: float) -> float:
    """The nearness factor at which `count` reaches `wanted`, by halving its logarithm."""
    low, high = 1e-3, 1e4
    if not count(low) < wanted < count(high):
        raise fail(
            "population-calibration",
            f"No nearness factor gives {wanted:.0f} movers between districts of one city.",
            "The split of in-province movers is calibrated on this number.",
            "Check hukou_elsewhere_same_county and hukou_elsewhere_other_county_same_province.",
            "census2020_county_population.csv",
        )
    for _ in range(100):
        middle = (low * high) ** 0.5
        if count(middle) < wanted:
            low = middle
        else:
            high = middle
    return (low * high) ** 0.5
