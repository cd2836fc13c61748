"""One settlement of an invented registry against the floor, side by side: `python bench/records.py [--rows 100000000]`.

The floor is what the engine alone needs on the same files with the same memory: to scan them and group by all columns
but the person number, and to group by person number for double cover. Each part runs in a process of its own, so that
its peak memory is its own; all in one run, one after the other. Polars and pandas do the same job on what fits.
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
MORE = ("4000MB", "8000MB")
"""What the floor may hold where it cannot finish with `MEMORY`."""
PANDAS_MOST = 10**7
"""Above this pandas needs more memory than a desk has."""
POLARS_MOST = 10**8
FLOOR_MOST = 3 * 10**8
"""Above this the floor's grouping does not finish within the memory of a desk, or takes most of an hour."""
BILLS_MOST = 10**8
"""Above this the bills alone would fill most of an hour."""


def floor(folder: str, part: str, memory: str) -> dict:
    """Time what DuckDB alone needs: `kinds` or `persons`."""
    import duckdb

    files = f"read_parquet('{folder}/*.parquet')"
    with tempfile.TemporaryDirectory() as work:
        connection = duckdb.connect(Path(work) / "floor.duckdb")
        connection.execute(f"SET memory_limit = '{memory}'")
        connection.execute(f"SET temp_directory = '{work}/spill'")
        connection.execute("SET preserve_insertion_order = false")
        columns = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {files}").fetchall()]
        keys = ", ".join(column for column in columns if column != "person_id")
        queries = {
            "kinds": f"CREATE TABLE done AS SELECT {keys}, count(*) AS persons FROM {files} GROUP BY ALL",
            "persons": f"CREATE TABLE done AS SELECT person_id FROM {files} GROUP BY person_id HAVING count(*) > 1",
        }
        start = time.perf_counter()
        connection.execute(queries[part])
        seconds = time.perf_counter() - start
        found = connection.execute("SELECT count(*) FROM done").fetchone()
        connection.close()
    return {"seconds": seconds, "rows": found[0] if found else 0, "memory": memory}


def suiren(folder: str, engine: str, bills: str = "") -> dict:
    """Time `suiren settle` (with `bills` if said) from the command line's own function on, and its steps apart."""
    import suiren as sr
    from suiren.engines.tell import Tell
    from suiren.ledger.run import settle_records
    from suiren.people.intake import Reading

    steps: dict[str, float] = {}

    class Steps(Tell):
        now = ("", 0.0)

        def __call__(self, step: str, rows: int = 0) -> None:  # noqa: ARG002 - as the protocol has it
            before, since = self.now
            if before:
                steps[before] = round(steps.get(before, 0) + time.perf_counter() - since, 2)
            self.now = (step, time.perf_counter())

    tell = Steps()
    law = sr.law(2021) | sr.portable()
    with tempfile.TemporaryDirectory() as out:
        start = time.perf_counter()
        reading = Reading(memory=MEMORY, engine=engine)
        found, result = settle_records([folder], law, Path(out), reading, bills=bool(bills), tell=tell)
        seconds = time.perf_counter() - start
    tell("")
    return {
        "seconds": seconds,
        "rows": found.rows_settled,
        "quarantined": found.rows_quarantined,
        "fen": result.total(),
        "steps": steps,
    }


def by_frames(folder: str, library: str) -> dict:
    """Time the same job written by hand over data frames: collapse, double cover, then the same law."""
    import polars as pl

    import suiren as sr
    from suiren.people.kinds import people_of

    law = sr.law(2021) | sr.portable()
    start = time.perf_counter()
    if library == "polars":
        rows = pl.scan_parquet(f"{folder}/*.parquet")
        keys = [column for column in rows.collect_schema().names() if column != "person_id"]
        kinds = rows.group_by(keys).agg(persons=pl.len()).collect(engine="streaming")
        people = rows.group_by("person_id").agg(rows=pl.len()).filter(pl.col("rows") > 1)
        twice = people.select(pl.len()).collect(engine="streaming").item()
    else:
        import pandas as pd

        frame = pd.concat(pd.read_parquet(path) for path in sorted(Path(folder).glob("*.parquet")))
        keys = [column for column in frame.columns if column != "person_id"]
        grouped = frame.groupby(keys, dropna=False).size().reset_index(name="persons")
        twice = int(frame["person_id"].duplicated(keep=False).sum())
        grouped = grouped.astype(object).where(grouped.notna(), None)
        kinds = pl.DataFrame(grouped.to_dict("list"), infer_schema_length=None)
    months = pl.col("months").cast(pl.Int64).fill_null(12)
    sex = pl.when(pl.col("sex").cast(pl.String).is_in(["m", "1", "男"])).then(1).otherwise(2)
    ages = pl.col("age").cast(pl.Int16)
    by_age = pl.when(ages < 1).then(pl.lit("newborn")).when(ages < 6).then(pl.lit("preschool"))
    by_age = by_age.when(ages < 18).then(pl.lit("pupil")).when(ages < 60).then(pl.lit("adult"))
    named = kinds.rename({"contribution_tier": "tier"}, strict=False).with_columns(
        pl.col("persons").cast(pl.Int64),
        pl.col("hukou_place", "enrolment_place", "residence_place").cast(pl.Int32),
        sex=sex,
        person_months=months * pl.col("persons"),
        person_class=pl.coalesce(pl.col("person_class").cast(pl.String), by_age.otherwise(pl.lit("elderly"))),
    )
    result = sr.settle(people_of(library, named, ["has_permit"]), law)
    return {
        "seconds": time.perf_counter() - start,
        "rows": int(named["persons"].sum()),
        "twice": twice,
        "fen": result.total(),
    }


def child(*arguments: str) -> dict:
    """Run a part of this file in a process of its own; return its figures with its peak memory in MB."""
    done = subprocess.run([sys.executable, __file__, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1:] or ["killed"]}
    return json.loads(done.stdout.splitlines()[-1])


def lowest(folder: str, part: str) -> dict:
    """Return the figures of a part of the floor, with more memory where it does not finish; its memory is told."""
    found: dict = {}
    for memory in (MEMORY, *MORE):
        found = child("floor", folder, part, memory)
        if "failed" not in found:
            break
    return found


def measured(rows: int, folder: Path, spark: bool) -> dict:
    """Draw a registry of `rows` and measure all parts on it."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "suiren", "population", "sample", "--rows", str(rows), "-o", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    drawn = time.perf_counter() - start
    size = sum(path.stat().st_size for path in folder.glob("*.parquet"))
    floors = ("kinds", "persons") if rows <= FLOOR_MOST else ()
    parts = {f"floor, {part}": lowest(str(folder), part) for part in floors}
    parts["suiren settle"] = child("suiren", str(folder), "duckdb")
    if rows <= BILLS_MOST:
        parts["with bills"] = child("suiren", str(folder), "duckdb", "bills")
    if rows <= POLARS_MOST:
        parts["polars"] = child("frames", str(folder), "polars")
    if rows <= PANDAS_MOST:
        parts["pandas"] = child("frames", str(folder), "pandas")
    if spark:
        parts["suiren on spark"] = child("suiren", str(folder), "spark")
    bases = [part.get("seconds") for name, part in parts.items() if name.startswith("floor")]
    base = None if None in bases or not bases else sum(bases)
    print(f"\n{rows:,} rows, {size / 1e9:.2f} GB of Parquet, drawn in {drawn:.0f} s")
    print(f"{'':<18}{'seconds':>9}{'rows/s':>14}{'of floor':>10}{'peak MB':>9}")
    for name, part in parts.items():
        if "failed" in part:
            print(f"{name:<18} did not finish: {part['failed']}")
            continue
        share = f"{part['seconds'] / base:.2f}" if base and not name.startswith("floor") else part.get("memory", "")
        rate = rows / part["seconds"]
        print(f"{name:<18}{part['seconds']:>9.1f}{rate:>14,.0f}{share:>10}{part['peak_mb']:>9,}")
    fen = {part["fen"] for part in parts.values() if "fen" in part}
    print("totals equal" if len(fen) == 1 else f"TOTALS DIFFER: {fen}")
    return {"rows": rows, "bytes": size, "drawn_seconds": round(drawn, 1), "floor_seconds": base, "parts": parts}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, nargs="+", default=[10**6, 10**7, 10**8])
    parser.add_argument("--spark", type=int, default=10**7, help="the size up to which Spark runs too")
    parser.add_argument("--work", help="folder for the registry; default the system's for temporary data")
    parser.add_argument("--json", help="write the figures into this file too")
    options = parser.parse_args()
    figures = {"machine": f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores", "memory": MEMORY, "sizes": []}
    print(f"{figures['machine']}, engine memory {MEMORY}")
    for rows in options.rows:
        folder = Path(tempfile.mkdtemp(prefix="registry-", dir=options.work)) / "rows"
        try:
            figures["sizes"].append(measured(rows, folder, rows <= options.spark))
        finally:
            shutil.rmtree(folder.parent, ignore_errors=True)
        if options.json:
            Path(options.json).write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def peak_mb() -> int:
    """Return the peak memory of this process and its children, in MB."""
    own, others = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return (own + others) // 1024


if __name__ == "__main__":
    PARTS = {"floor": floor, "suiren": suiren, "frames": by_frames}
    if sys.argv[1:] and sys.argv[1] in PARTS:
        print(json.dumps(PARTS[sys.argv[1]](*sys.argv[2:]) | {"peak_mb": peak_mb()}))
    else:
        main()
