"""Where the migrants of each pool are registered: provinces by fitting, pools by people who were away in 2010."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from suiren.people.build.crossing import Crossing
from suiren.people.build.parameters import Parameters
from suiren.people.build.rounding import Reals, largest_remainder, rake
from suiren.people.build.sources import Census, by_province

RENUMBERED: Mapping[str, str] = {
    "371200": "370100",
    "469003": "460400",
    "522200": "520600",
    "522400": "520500",
    "542100": "540300",
    "542200": "540500",
    "542300": "540200",
    "542400": "540600",
    "542600": "540400",
    "632100": "630200",
    "652100": "650400",
    "652200": "650500",
}
"""Pools of 2010 that live on whole under another code: Laiwu in Jinan, Danzhou as a prefecture, regions as cities."""

COUNTIES_MOVED: tuple[tuple[str, str, str], ...] = (
    ("341400", "340181", "340100"),
    ("341400", "340124", "340100"),
    ("341400", "340281", "340200"),
    ("341400", "340522", "340500"),
    ("341400", "340523", "340500"),
    ("340800", "340722", "340700"),
    ("341500", "340422", "340400"),
    ("220300", "220184", "220100"),
    ("512000", "510185", "510100"),
)
"""(pool of 2010, county of 2020, its pool of 2020): people of the old pool follow by the county's residents in 2020."""


@dataclass(frozen=True, slots=True)
class Origins:
    """Origin shares of migrants."""

    province_mix: Reals
    """origin province x destination province; a column sums to 1"""
    away: Reals
    """people registered in a pool of 2020 who lived outside it in 2010"""
    flows_2010: Reals
    """persons by hukou province x province of residence, fitted"""
    at_floor: tuple[str, ...]
    """provinces whose outflow of 2010 is the floor"""


def fitted_origins(
    tables: Mapping[str, pl.DataFrame], census: Census, crossing: Crossing, parameters: Parameters
) -> Origins:
    """Origin mix by province and the people away of each pool."""
    flows, at_floor = _flows_2010(tables, census, parameters)
    sums = flows.sum(axis=0, keepdims=True)
    away = _people_away(tables, census, crossing, parameters)
    return Origins(flows / np.where(sums > 0, sums, 1.0), away, flows, at_floor)


def _flows_2010(
    tables: Mapping[str, pl.DataFrame], census: Census, parameters: Parameters
) -> tuple[Reals, tuple[str, ...]]:
    """Persons of 2010, hukou province x province of residence, raked to both margins; provinces at the floor."""
    number = {code: index for index, code in enumerate(census.provinces)}
    table = tables["od_interprovincial_2000_2010.csv"].filter(
        (pl.col("census_year") == 2010) & (pl.col("origin_province_code") != pl.col("destination_province_code"))
    )
    born = np.zeros((len(number), len(number)))
    for origin, destination, persons in table.select(
        "origin_province_code", "destination_province_code", "persons_in_table"
    ).iter_rows():
        born[number[origin], number[destination]] = persons * parameters.birthplace_sample_factor.value
    name = "census2010_province_population_hukou.csv"
    total, registered, inflow = (
        by_province(tables[name], "province_code", column, census.provinces, name)
        for column in ("pop_total", "hukou_population", "hukou_elsewhere_other_province")
    )
    balance, floor = registered - total + inflow, parameters.outflow_floor.value * born.sum(axis=1)
    outflow = np.maximum(balance, floor)
    at_floor = tuple(code for code, below in zip(census.provinces, balance < floor, strict=True) if below)
    return rake(born, outflow * (inflow.sum() / outflow.sum()), inflow, tolerance=1e-3), at_floor


def _people_away(
    tables: Mapping[str, pl.DataFrame], census: Census, crossing: Crossing, parameters: Parameters
) -> Reals:
    """Persons registered in each pool of 2020 and living outside it in 2010, not below the floor."""
    share = dict(zip(census.pools, crossing.share, strict=True))
    away: dict[str, float] = {}
    for code, residents, registered, county, province in (
        tables["census2010_prefecture_population_hukou.csv"]
        .select(
            "unit_code",
            "pop_total",
            "hukou_population",
            "hukou_elsewhere_other_county_same_province",
            "hukou_elsewhere_other_province",
        )
        .iter_rows()
    ):
        inflow = (province or 0) + share.get(RENUMBERED.get(code, code), 1.0) * (county or 0)
        floor = parameters.away_floor.value * registered
        for pool, part in _successors(tables["census2020_county_population.csv"], code).items():
            away[pool] = away.get(pool, 0.0) + part * max(registered - residents + inflow, floor)
    new = parameters.away_floor.value * census.residents
    return np.array([away.get(pool, new[index]) for index, pool in enumerate(census.pools)])


def _successors(counties: pl.DataFrame, code: str) -> dict[str, float]:
    """Share of a pool of 2010 that lies in each pool of 2020."""
    moved = {county: pool for old, county, pool in COUNTIES_MOVED if old == code}
    if not moved:
        return {RENUMBERED.get(code, code): 1.0}
    people = dict(counties.filter(pl.col("county_id").is_in(moved)).select("county_id", "pop_total").iter_rows())
    stayed = int(counties.filter(pl.col("prefecture_code") == code)["pop_total"].sum())
    whole = stayed + sum(people.values())
    parts: dict[str, float] = {code: stayed / whole} if stayed else {}
    for county, pool in moved.items():
        parts[pool] = parts.get(pool, 0.0) + people.get(county, 0) / whole
    return parts


def origins_of_pool(census: Census, origins: Origins, pool: int, persons: int, *, same_province: bool) -> Reals:
    """Whole persons (as reals) of one pool's stream by origin pool, shape pools, summing to `persons`."""
    home = census.province == census.province[pool]
    if same_province:
        weights = np.where(home, origins.away, 0.0)
        weights[pool] = 0.0
    else:
        inside = np.bincount(census.province, weights=origins.away, minlength=len(census.provinces))
        mix = origins.province_mix[:, census.province[pool]]
        weights = np.where(home, 0.0, origins.away / inside[census.province] * mix[census.province])
    return largest_remainder(weights, persons).astype(np.float64)
