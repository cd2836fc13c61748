"""One side of the race on invented kinds, in a process of its own: `python bench/rules.py suiren|numpy KINDS`.

Both sides compute, for the scheme `portable`, what each payer pays a head for every kind, and the exact totals in
twelfths of a fen. The NumPy side is written out by hand with the same formulas and the same seats.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl

import suiren as sr
from suiren import places
from suiren.laws.payers import LEVELS, constants, payer_rules
from suiren.laws.schema import CLASSES
from suiren.laws.seats import Terms, seat_frame

NEEDED = (
    "base_fen",
    "standard_fen",
    "contribution_fen",
    "central_part",
    "central_known",
    "province_part",
    "city_part",
    "county_part",
    "city_and_county_part",
    "undivided_part",
    "municipality",
    "planned_city",
)


def seats():
    law = sr.law(2021)
    keys = [(int(pool.code), name, None, None) for pool in places.pools() for name in CLASSES]
    return law, seat_frame(law.book, keys, law.year, Terms())


def invented(rows: int, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return seat of enrolment, seat of origin (same class) and person-months of invented kinds."""
    draw = np.random.default_rng(2021)
    classes = len(CLASSES)
    pools = count // classes
    here = draw.integers(0, pools, rows)
    home = np.where(draw.random(rows) < 0.7, here, draw.integers(0, pools, rows))
    kind = draw.integers(0, classes, rows)
    return here * classes + kind, home * classes + kind, draw.integers(1, 10**6, rows)


def by_suiren(table: pl.DataFrame, law, own: np.ndarray, origin: np.ndarray, months: np.ndarray) -> list[int]:
    scheme = (law | sr.portable()).scheme
    kinds = pl.DataFrame({"own": own, "origin": origin, "person_months": months})
    here = table.select(NEEDED).with_row_index("own").cast({"own": pl.Int64})
    home = table.select(
        origin_central_part="central_part", origin_central_known="central_known", origin_province_part="province_part"
    )
    home = home.with_row_index("origin").cast({"origin": pl.Int64})
    frame = kinds.join(here, on="own", how="left").join(home, on="origin", how="left")
    frame = frame.with_columns(
        follows=pl.col("own") != pl.col("origin"),
        full_cost=pl.lit(False),
        aid_num=pl.lit(0),
        aid_den=pl.lit(1),
        aid_fen=pl.lit(0),
        uniform_fen=pl.lit(0),
    )
    paid = payer_rules("portable").run(frame, constants(scheme))
    sums = paid.select((pl.col(f"pays_{level}").cast(pl.Int128) * pl.col("person_months")).sum() for level in LEVELS)
    return [int(value) for value in sums.row(0)]


def by_numpy(table: pl.DataFrame, own: np.ndarray, origin: np.ndarray, months: np.ndarray) -> list[int]:
    column = {name: table[name].to_numpy() for name in NEEDED}
    here = {name: values[own] for name, values in column.items()}
    centre_home = column["central_part"][origin]
    province_home = column["province_part"][origin]
    follows = own != origin
    upper = np.where(
        here["municipality"] | here["planned_city"], 0, np.minimum(province_home, here["base_fen"] - centre_home)
    )
    rest = np.maximum(here["standard_fen"] - centre_home - upper, 0)
    muni = np.where(here["municipality"], here["province_part"], 0)
    city, county, joint = here["city_part"], here["county_part"], here["city_and_county_part"]
    whole = np.maximum(muni + city + county + joint, 1)
    share = lambda part: (2 * rest * part + whole) // (2 * whole)  # noqa: E731
    to_muni, to_city = share(muni), share(city)
    to_county = np.where(county > 0, np.where(joint > 0, share(county), rest - to_muni - to_city), 0)
    to_joint = rest - to_muni - to_city - to_county
    paid = {
        "individual": here["contribution_fen"],
        "medical_aid": np.zeros_like(months),
        "centre": np.where(follows, centre_home, here["central_part"]),
        "province": np.where(follows, upper + to_muni, here["province_part"]),
        "city": np.where(follows, to_city, city),
        "county": np.where(follows, to_county, county),
        "city_and_county": np.where(follows, to_joint, joint),
        "undivided": here["undivided_part"],
    }
    return [exact_sum(paid[level], months) for level in LEVELS]


def exact_sum(amount: np.ndarray, months: np.ndarray) -> int:
    """Return the exact sum of products: NumPy has no 128 bits, so blocks that fit 64 bits are summed in Python."""
    block = 1_000_000
    return sum(
        int((amount[start : start + block] * months[start : start + block]).sum())
        for start in range(0, len(amount), block)
    )


def main() -> None:
    side, rows = sys.argv[1], int(sys.argv[2])
    law, table = seats()
    own, origin, months = invented(rows, table.height)
    best, totals = float("inf"), []
    for _ in range(3):
        start = time.perf_counter()
        totals = (
            by_suiren(table, law, own, origin, months) if side == "suiren" else by_numpy(table, own, origin, months)
        )
        best = min(best, time.perf_counter() - start)
    peak = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="utf-8"))[1]) // 1024
    print(json.dumps({"seconds": round(best, 4), "peak_mb": peak, "totals": totals}))


if __name__ == "__main__":
    main()
