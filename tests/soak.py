"""The long versions of the tests that look for what nobody thought of; `python tests/soak.py` writes docs/soak.json.

Each part says how much it did and how long it took; the first deviation ends the run. Parts run apart (`--only`) add to
the record; only full sizes are recorded. The record holds no path and no name of a machine.
"""

import argparse
import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from unittest import mock

import duckdb

from faulty_rows import Maker
from fuzz_held import complaints
from kills import killed
from people_files import files
from row_files import FORMATS, write_native, write_plain
from test_rows import SCHEMES, held_against_the_oracle, settle

RECORD = Path(__file__).parent.parent / "docs" / "soak.json"
TOGETHER = 50
"""Mutants that a process takes at a time."""
PER_SCHEME = {"duckdb": 100_000, "spark": 10_000}


def oracle(folder, engine, share):
    """Random rows under every scheme, and in every format under one, against the slow oracle."""
    number, rows = int(PER_SCHEME[engine] * share), 0
    runs = [(scheme, "csv" if place % 2 else "parquet") for place, scheme in enumerate(SCHEMES)]
    runs += [("portable", format_) for format_ in FORMATS]
    for seed, (scheme, format_) in enumerate(runs):
        target = folder / str(seed)
        target.mkdir()
        made = Maker(seed + 1000, FORMATS[format_][0]).rows(number)
        parts = 1 + seed % 3
        _, judged = held_against_the_oracle(target, made, format_, scheme, engine, parts, strict=seed % 4 == 1)
        rows += len(judged.rows)
        shutil.rmtree(target)
    return {"rows_for_each_run": number, "runs": len(runs), "rows_held_against_the_oracle": rows}


def mutants(folder, _, share, seeds=None):
    """Damaged files, on all processors."""
    first, last = seeds or (1000, 1000 + int(10_000 * share))
    jobs = [(folder, seed, min(seed + TOGETHER, last)) for seed in range(first, last, TOGETHER)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        ends = sum(pool.map(some_mutants, jobs), Counter())
    return {"mutants": last - first, **ends}


def some_mutants(job):
    folder, first, last = job
    ends = Counter()
    for seed in range(first, last):
        target = folder / str(seed)
        target.mkdir()
        wrong, how = complaints(seed, target)
        assert not wrong, f"{seed}\n" + "\n".join(wrong)
        ends[how] += 1
        shutil.rmtree(target)
    return ends


def kills(folder, _, share):
    """Killed settlements."""
    number = int(200 * share)
    return {"kills": number, "left_a_whole_result": killed(folder, number, seed=2021, rows=300_000)}


def sizes(folder, engine, share):
    """Little memory, other numbers of threads and of files: the same bytes."""
    number = int(1_000_000 * share)
    rows = Maker(5, faults=0.05).rows(number)
    inputs = {
        "one file": [write_native(folder / "all.parquet", rows)],
        "seven files": [write_plain(folder / f"part{part}.csv", rows[part::7]) for part in range(7)],
    }
    opened, want, runs = duckdb.connect, None, 0
    for name, paths in inputs.items():
        for threads, memory in (("1", "2GB"), ("2", "2GB"), ("4", "300MB")):

            def connect(*args, threads=threads, **more):
                return opened(*args, **more | {"config": {**more.get("config", {}), "threads": threads}})

            with mock.patch.object(duckdb, "connect", connect):
                settle(folder / "out", paths, "portable", engine, "--memory", memory)
            held = files(folder / "out")
            want = want or held["ledger.parquet"]
            assert held["ledger.parquet"] == want, (name, threads, memory)
            runs += 1
    return {"rows": number, "runs_with_the_same_bytes": runs}


PARTS = {
    "oracle on duckdb": (oracle, "duckdb"),
    "oracle on spark": (oracle, "spark"),
    "mutants": (mutants, "duckdb"),
    "kills": (kills, "duckdb"),
    "memory, threads and files": (sizes, "duckdb"),
}


def versions():
    names = [name for name in ("polars", "duckdb", "pyspark", "suiren") if importlib.util.find_spec(name)]
    return {"python": platform.python_version()} | {name: importlib.metadata.version(name) for name in names}


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--share", type=float, default=1.0, help="how much of the full size to do")
    options.add_argument("--only", choices=PARTS, action="append", help="one part; may be given several times")
    options.add_argument("--seeds", type=int, nargs=2, help="the mutants from one seed to another alone, added up")
    given = options.parse_args()
    before = json.loads(RECORD.read_text(encoding="utf-8"))["parts"] if RECORD.exists() and given.only else {}
    record = {"processors": os.cpu_count(), "versions": versions(), "parts": before}
    for name, (work, engine) in PARTS.items():
        if given.only and name not in given.only:
            continue
        if engine == "spark" and not importlib.util.find_spec("pyspark"):
            record["parts"][name] = {"left_out": "pyspark is not installed"}
            continue
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            more = {"seeds": given.seeds} if given.seeds and work is mutants else {}
            done = work(Path(folder), engine, given.share, **more)
        done["seconds"] = round(time.monotonic() - started)
        sofar = Counter(before.get(name, {})) if more else Counter()
        record["parts"][name] = dict(sofar + Counter(done))
        sys.stdout.write(f"{name}: {json.dumps(record['parts'][name])}\n")
        sys.stdout.flush()
    if given.share == 1:
        RECORD.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
