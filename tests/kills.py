"""Kills settlements at random moments: whatever stands in the target afterwards is whole, or nothing stands there."""

import hashlib
import json
import random
import signal
import subprocess
import sys
import time

from people_files import files

COMMAND = [sys.executable, "-c", "from suiren.cli import main; main()", "settle"]
PLACES = ("330100", "330106", "622900", "310115", "652501")
WAYS = ((), ("--bills",), ("--kinds-only",))


def whole(folder):
    """The files of a result whose manifest is true."""
    held = files(folder)
    manifest = json.loads(held["manifest.json"])
    assert set(manifest["outputs"]) == set(held) - {"manifest.json"}
    for name, digest in manifest["outputs"].items():
        assert hashlib.sha256(held[name]).hexdigest() == digest
    return held


def many_rows(path, number, seed):
    """A CSV file of good rows, some persons twice."""
    rnd = random.Random(seed)
    numbers = rnd.sample(range(10**6), number)
    body = [f"N{person},{(place := PLACES[person % 5])},{place},{person % 97}\n" for person in numbers]
    path.write_text("person_id,hukou_place,enrolment_place,age\n" + "".join(body + body[:: number // 50]))
    return path


def settled(path, target, way):
    """Run a settlement to its end; the seconds it took."""
    started = time.monotonic()
    subprocess.run([*COMMAND, path, "-o", target, *way], check=True, capture_output=True)
    return time.monotonic() - started


def killed(folder, number, seed, ways=WAYS, rows=50_000):
    """Kill `number` runs, each way in turn, at moments that favour the end; how many left a whole result."""
    rnd = random.Random(seed)
    path = many_rows(folder / "big.csv", rows, seed)
    want, took = {}, {}
    for way in ways:
        took[way] = settled(path, folder / f"want{len(want)}", way)
        want[way] = whole(folder / f"want{len(want)}")
    survived = 0
    for turn in range(number):
        way = ways[turn % len(ways)]
        target = folder / f"target{turn % len(ways)}"
        run = subprocess.Popen(
            [*COMMAND, path, "-o", target, *way], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(took[way] * (1.02 - rnd.random() ** 2))
        run.send_signal(signal.SIGKILL)
        run.wait()
        if target.exists():
            assert whole(target) == want[way], way
            survived += 1
    for turn, way in enumerate(ways):
        settled(path, folder / f"target{turn}", way)
        assert whole(folder / f"target{turn}") == want[way], way
    strangers = {entry.name for entry in folder.iterdir() if not entry.name.startswith(".")}
    assert strangers == {"big.csv", *(f"{kind}{turn}" for kind in ("want", "target") for turn in range(len(ways)))}
    return survived
