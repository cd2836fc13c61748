"""What Suiren costs, side by side in one run: `python bench/bench.py [--kinds 10000000] [--json FILE]`.

Prints import time, `explain` per case, `compare` end to end, one scenario on china-2020 after loading, and the rules
on 10^5, 10^6 and 10^7 invented kinds against plain NumPy on the same formulas, each with its peak memory.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent


def timed(work, repeat=3):
    """Return the least seconds of some repetitions."""
    best = float("inf")
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def in_child(script: str, *arguments: str) -> dict:
    """Run a piece of this folder in a process of its own, so that its peak memory is its own."""
    done = subprocess.run([sys.executable, str(HERE / script), *arguments], check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def import_seconds() -> float:
    return timed(lambda: subprocess.run([sys.executable, "-c", "import suiren"], check=True)) - timed(
        lambda: subprocess.run([sys.executable, "-c", "pass"], check=True)
    )


def explain_seconds() -> float:
    import suiren as sr

    law = sr.law(2021) | sr.portable()
    sr.explain(law, "临夏", "杭州", age=30)

    def many():
        for months in range(1, 13):
            sr.explain(law, "临夏", "杭州", age=30, months=months)

    return timed(many) / 12


def scenario_seconds() -> dict[str, float]:
    import suiren as sr
    from suiren.laws import reform_from_text

    people = sr.population("china-2020")
    law = sr.law(2021)
    found = {}
    for text in ("current", "portable", "portable:province=uniform", "risk-adjusted"):
        changed = law | reform_from_text(text)
        sr.settle(people, changed)
        found[text] = timed(lambda changed=changed: sr.settle(people, changed), 2)
    return found


def compare_seconds() -> float:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "suiren", "compare", "-o", str(Path(folder) / "out")]
        return timed(lambda: subprocess.run(command, check=True, capture_output=True), 1)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kinds", type=int, default=10**7, help="the largest number of invented kinds")
    parser.add_argument("--json", help="write the figures into this file too")
    options = parser.parse_args()
    figures: dict = {"machine": f"{platform.machine()}, {len(__import__('os').sched_getaffinity(0))} cores"}
    figures["import_seconds"] = round(import_seconds(), 3)
    figures["explain_milliseconds"] = round(explain_seconds() * 1000, 2)
    figures["scenario_seconds"] = {name: round(value, 2) for name, value in scenario_seconds().items()}
    figures["compare_seconds"] = round(compare_seconds(), 1)
    print(f"{figures['machine']}")
    print(f"import suiren            {figures['import_seconds']:8.3f} s     (aim: < 0.5)")
    print(f"explain, one case        {figures['explain_milliseconds']:8.2f} ms    (aim: < 10)")
    for name, value in figures["scenario_seconds"].items():
        print(f"scenario {name:<25}{value:7.2f} s     (aim: < 1, after loading)")
    print(f"compare with report      {figures['compare_seconds']:8.1f} s     (aim: < 15)")
    print("\nrules on invented kinds, seconds and peak memory of the process (MB)")
    print(f"{'kinds':>12} {'Suiren s':>10} {'NumPy s':>10} {'ratio':>7} {'Suiren MB':>11} {'NumPy MB':>10}  totals")
    figures["rules"] = []
    size = 10**5
    while size <= options.kinds:
        ours, theirs = (in_child("rules.py", side, str(size)) for side in ("suiren", "numpy"))
        same = "equal" if ours["totals"] == theirs["totals"] else f"DIFFER {ours['totals']} {theirs['totals']}"
        ratio = ours["seconds"] / theirs["seconds"]
        print(
            f"{size:>12,} {ours['seconds']:>10.3f} {theirs['seconds']:>10.3f} {ratio:>7.1f} "
            f"{ours['peak_mb']:>11,} {theirs['peak_mb']:>10,}  {same}"
        )
        figures["rules"].append({"kinds": size, "suiren": ours, "numpy": theirs})
        size *= 10
    figures["own_peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
