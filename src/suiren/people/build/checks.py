"""The modelled streams held against figures that the model did not use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from suiren.people.build.margins import Built, count

SHARES = "seed/t5_outprov_share.csv"
HENAN = ("410000", 16_100_000)
"""People of Henan living in other provinces in 2020, as printed (Yicai, 15 July 2021)."""


def checks(tables: Mapping[str, pl.DataFrame], built: Built) -> dict[str, Any]:
    """Out-of-province shares of 21 cities against paper A's table 5, net gains of 2010, people of Henan elsewhere."""
    return {
        "out_of_province_share": _shares(tables, built),
        "net_gain_2010": _net_gain(tables, built),
        "henan_in_other_provinces": {"published": HENAN[1], "modelled": _elsewhere(built, HENAN[0])},
    }


def _shares(tables: Mapping[str, pl.DataFrame], built: Built) -> list[dict[str, Any]]:
    """Share of out-of-province people among all from other pools, printed (survey, 2016) and modelled, by city."""
    place = {code: index for index, code in enumerate(built.census.pools)}
    outside, inside = built.census.other_province, built.crossing.persons
    return [
        {
            "pool": int(code),
            "printed": round(printed / 100, 4),
            "modelled": round(float(outside[place[code]] / (outside[place[code]] + inside[place[code]])), 4),
        }
        for code, printed in tables[SHARES]
        .select("city_code_gb2260", "out_of_province_share_of_nonlocal_pct")
        .sort("city_code_gb2260")
        .iter_rows()
        if code in place and outside[place[code]]
    ]


def _net_gain(tables: Mapping[str, pl.DataFrame], built: Built) -> dict[str, Any]:
    """In 2010 residents less registered less people from other provinces is at most what came from other pools."""
    place = {code: index for index, code in enumerate(built.census.pools)}
    above: list[dict[str, Any]] = []
    for code, residents, registered, moved, outside in (
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
        if code not in place or not moved or built.census.kind[place[code]] == "municipality":
            continue
        least = (residents - registered - outside) / moved
        share = float(built.crossing.share[place[code]])
        if least > share:
            above.append({"pool": int(code), "least_2010": round(least, 4), "modelled": round(share, 4)})
    return {"pools_above_the_model": above}


def _elsewhere(built: Built, province: str) -> int:
    """People registered in `province` and living in another; 0 where the tables do not hold it."""
    if province not in built.census.provinces:
        return 0
    index = built.census.provinces.index(province)
    rows, at = built.rows, built.census.province
    gone = (at[rows.hukou] == index) & (at[rows.residence] != index)
    return int(count(np.zeros(int(gone.sum()), dtype=np.int64), rows.persons[gone], 1)[0])
