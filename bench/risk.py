"""Risk adjustment against its floor, side by side: `python bench/risk.py [--rows 20000000] [--json bench/risk.json]`.

Invented claims are drawn once; then every part runs on the same file in a process of its own, so that its peak memory
is its own. The floors are what the engine alone needs: to group the rows as the sums are grouped, and to score rows by
a join with a table of points and add them up by fund. statsmodels fits the same model, densely, on the first million
rows; the coefficients must agree to 1e-8.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MEMORY = "2000MB"
DENSE = 10**6
"""Rows that statsmodels takes."""
BUDGET_FEN = 35 * 10**12
BANDS = "least(age + CASE WHEN age BETWEEN 1 AND 4 THEN 1 - age WHEN age >= 5 THEN -(age % 5) ELSE 0 END, 80)"


def engine(work: str):
    import duckdb

    connection = duckdb.connect(Path(work) / "floor.duckdb")
    connection.execute(f"SET memory_limit = '{MEMORY}'")
    connection.execute(f"SET temp_directory = '{work}/spill'")
    connection.execute("SET preserve_insertion_order = false")
    return connection


def floor_group(path: str) -> dict:
    """Group the rows as the sums are grouped; squares too."""
    with tempfile.TemporaryDirectory() as work:
        connection = engine(work)
        keys = f'enrolment_place, hukou_place, sex, {BANDS} AS band, risk_group, "months"'
        start = time.perf_counter()
        connection.execute(
            f"CREATE TABLE sums AS SELECT {keys}, count(*) AS persons, sum(cost_fen) AS cost, "
            f"sum(cost_fen::HUGEINT * cost_fen) AS squares FROM read_parquet('{path}') GROUP BY ALL"
        )
        seconds = time.perf_counter() - start
        return {"seconds": seconds, "groups": connection.execute("SELECT count(*) FROM sums").fetchone()[0]}


def floor_score(path: str, weights: str) -> dict:
    """Score every row by a join with the points, and share a budget out to the funds; whole numbers, no checks."""
    with tempfile.TemporaryDirectory() as work:
        connection = engine(work)
        connection.execute(
            "CREATE TABLE points AS SELECT age, w.sex, coalesce(w.risk_group, '') AS risk_group, w.points "
            f"FROM read_csv('{weights}', types = {{'risk_group': 'VARCHAR'}}) w, range(0, 121) r(age) "
            "WHERE age BETWEEN w.age_from AND w.age_to"
        )
        start = time.perf_counter()
        connection.execute(
            'CREATE TABLE funds AS SELECT enrolment_place // 100 AS fund, sum(points * "months") AS point_months '
            f"FROM read_parquet('{path}') r JOIN points p ON r.age = p.age AND r.sex = p.sex "
            "AND coalesce(r.risk_group, '') = p.risk_group GROUP BY ALL"
        )
        total = connection.execute("SELECT sum(point_months) FROM funds").fetchone()[0]
        connection.execute(f"SELECT fund, point_months * {BUDGET_FEN}::HUGEINT // {total} FROM funds").fetchall()
        return {"seconds": time.perf_counter() - start, "point_months": int(total)}


def sums(path: str, target: str) -> dict:
    """Sum the rows as `suiren risk sums` does: reading, checks, double cover, quarantine and all."""
    return command("risk", "sums", path, "-o", target, "--memory", MEMORY)


def fit(source: str, target: str) -> dict:
    """Estimate from sums, without and with credibility, and publish."""
    return command("risk", "fit", source, "-o", target)


def score(path: str, weights: str, target: str) -> dict:
    return command(
        "risk", "score", path, "--weights", weights, "--budget-fen", str(BUDGET_FEN), "-o", target, "--memory", MEMORY
    )


def allocate(path: str, weights: str, target: str) -> dict:
    told = command(
        "risk", "allocate", path, "--weights", weights, "--budget-fen", str(BUDGET_FEN), "-o", target,
        "--memory", MEMORY,
    )  # fmt: skip
    import polars as pl

    paid = int(pl.read_parquet(f"{target}/allocation.parquet")["amount_fen"].sum())
    return {**told, "exact": paid == BUDGET_FEN}


def evaluate(path: str, weights: str, target: str) -> dict:
    return command("risk", "evaluate", path, "--weights", weights, "-o", target, "--memory", MEMORY)


def command(*arguments: str) -> dict:
    """Run a command of suiren in this process; return its seconds."""
    import contextlib
    import io

    from suiren.cli import main

    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        sys.argv = ["suiren", *arguments]
        try:
            main()
        except SystemExit as done:
            if done.code:
                raise
    return {"seconds": time.perf_counter() - start}


def solve(source: str) -> dict:
    """Time the estimate alone, once the sums are in memory, and one constrained programme."""
    from suiren.risk.estimate.fit import fit as estimate
    from suiren.risk.estimate.sums import read_sums

    held = read_sums([source])
    start = time.perf_counter()
    made = estimate(held)
    seconds = time.perf_counter() - start
    start = time.perf_counter()
    made.solved(made.problem)
    return {
        "seconds": seconds,
        "programme_seconds": time.perf_counter() - start,
        "columns": len(made.design.columns),
        "cells": made.design.cells.height,
        "rows_of_sums": held.frame.height,
    }


def dense(path: str) -> dict:
    """Fit the same model with statsmodels on persons, and from sums; compare."""
    import numpy as np
    import polars as pl
    import statsmodels.api as sm

    import suiren as sr
    from suiren.people.intake import Reading, rows_of
    from suiren.risk.estimate.fit import fit as estimate
    from suiren.risk.estimate.sums import sums_of

    rows = pl.scan_parquet(path).head(DENSE).collect()
    with tempfile.TemporaryDirectory() as work:
        part = Path(work) / "part.parquet"
        rows.write_parquet(part)
        law = sr.law(2021) | sr.risk_adjusted()
        with rows_of([part], law, Reading(costs=True)) as held:
            made = estimate(sums_of(held))
    years = rows["months"].to_numpy() / 12
    sex, age, group = (
        (rows["sex"] == "m").to_numpy(),
        rows["age"].to_numpy(),
        rows["risk_group"].fill_null("").to_numpy(),
    )
    known = group != ""
    x = np.empty((len(rows), len(made.design.columns)))
    for place, column in enumerate(made.design.columns):
        block = ~known if column.block == "none" else known
        ages = (sex == (column.sex == 1)) & (age >= column.age_from) & (age <= column.age_to)
        x[:, place] = block & (group == column.risk_group if column.kind == "group" else ages)
    cost = rows["cost_fen"].to_numpy()
    start = time.perf_counter()
    true = sm.WLS(cost / years, x, weights=years).fit(method="qr").params
    seconds = time.perf_counter() - start
    return {
        "seconds": seconds,
        "columns": x.shape[1],
        "largest_relative_difference": float(np.abs(made.estimate / true - 1).max()),
    }


PARTS = {
    "floor_group": floor_group, "floor_score": floor_score, "sums": sums, "fit": fit, "solve": solve, "dense": dense,
    "score": score, "allocate": allocate, "evaluate": evaluate,
}  # fmt: skip


def child(name: str, *arguments: str) -> dict:
    """Run a part of this file in a process of its own; return its figures with its peak memory in MB."""
    done = subprocess.run([sys.executable, __file__, name, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        return {"seconds": float("nan"), "failed": done.stderr.strip().splitlines()[-1:] or ["killed"]}
    return json.loads(done.stdout.splitlines()[-1])


def measured(rows: int, work: Path) -> dict:
    """Draw claims and measure all parts on them."""
    people, weights = work / "people.parquet", work / "fit" / "weights.csv"
    start = time.perf_counter()
    draw = [sys.executable, "-m", "suiren", "risk", "sample", "--rows", str(rows), "-o", str(people)]
    subprocess.run(draw, check=True, capture_output=True)
    drawn = time.perf_counter() - start
    told = json.loads((work / "people-about.json").read_text(encoding="utf-8"))
    parts = {
        "engine alone, group": child("floor_group", str(people)),
        "risk sums": child("sums", str(people), str(work / "sums")),
        "risk fit, from sums": child("fit", str(work / "sums"), str(work / "fit")),
        "the estimate alone": child("solve", str(work / "sums")),
        "statsmodels, 10^6 rows": child("dense", str(people)),
        "engine alone, score": child("floor_score", str(people), str(weights)),
        "risk allocate": child("allocate", str(people), str(weights), str(work / "allocation")),
        "risk score": child("score", str(people), str(weights), str(work / "scores")),
        "risk evaluate": child("evaluate", str(people), str(weights), str(work / "evaluation")),
    }
    size = people.stat().st_size
    print(f"\n{rows:,} invented rows in {told['counties']:,} counties, {size / 1e6:,.0f} MB, drawn in {drawn:.0f} s")
    print(f"{'':<26}{'seconds':>9}{'rows/s':>14}{'peak MB':>9}")
    for name, part in parts.items():
        if "failed" in part:
            print(f"{name:<26} did not finish: {part['failed']}")
            continue
        many = DENSE if name.startswith("statsmodels") else rows
        rate = "" if name in {"risk fit, from sums", "the estimate alone"} else f"{many / part['seconds']:,.0f}"
        print(f"{name:<26}{part['seconds']:>9.2f}{rate:>14}{part['peak_mb']:>9,}")
    return {"rows": rows, "bytes": size, "drawn_seconds": round(drawn, 1), "told": told["r_squared"], "parts": parts}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=2 * 10**7)
    parser.add_argument("--work", help="folder for the rows; default the system's for temporary data")
    parser.add_argument("--json", help="write the figures into this file too")
    options = parser.parse_args()
    figures: dict = {"machine": f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores", "memory": MEMORY}
    print(f"{figures['machine']}, engine memory {MEMORY}")
    work = Path(tempfile.mkdtemp(prefix="claims-", dir=options.work))
    try:
        figures |= measured(options.rows, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def peak_mb() -> int:
    """Return the peak memory of this process and its children, in MB."""
    own, others = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return (own + others) // 1024


if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1] in PARTS:
        print(json.dumps(PARTS[sys.argv[1]](*sys.argv[2:]) | {"peak_mb": peak_mb()}))
    else:
        main()
