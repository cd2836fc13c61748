"""What must hold of a settlement of a damaged file, and an independent reading to hold it against."""

import io
import json
import traceback

import polars as pl

from fuzz import mutant
from oracle import Run
from oracle_cells import FACTS
from oracle_rows import judge
from people_files import LAW, suiren, texts
from row_files import FORMATS, LEDGER, NHSA
from samples import cells

OWN = ("person_id", "hukou_place", "enrolment_place", "residence_place", "sex", "age", "birth_date", "person_class")
OWN += ("contribution_tier", *FACTS, "aid_group", "months", "risk_group", "cost_fen", *NHSA.values())
OWN += ("enrolment_place_name",)
REQUIRED = {"plain": {"person_id", "hukou_place", "enrolment_place"}}
REQUIRED["nhsa"] = {"psn_no", "insuplc_admdvs", "resd_loc_admdvs"}


def read(made):
    """Rows of a mutant that can be read beyond doubt, and how many lines of it are no rows; or None."""
    if made.format == "parquet":
        return None if made.torn else read_parquet(made.data)
    if made.format == "excel":
        return None
    try:
        said = made.data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return None
    if any(sign in said for sign in '\r\0"\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029'):
        return None
    delimiter = "~" if made.format == "ledger" else ","
    lines = [line.split(delimiter) for line in said.split("\n") if line]
    if not lines or any(len(cell) > 60_000 for line in lines for cell in line):
        return None
    names = list(LEDGER.values()) if made.format == "ledger" else header(lines.pop(0), FORMATS[made.format][0])
    if names is None or not lines or (made.format == "ledger" and not plain_ledger(lines)):
        return None
    if any(not "".join(line).strip() for line in lines):
        return None
    lines = [line if any(line[len(names) :]) else line[: len(names)] for line in lines]
    fitting = [dict(zip(names, line, strict=True)) for line in lines if len(line) == len(names)]
    return fitting, len(lines) - len(fitting)


def header(cells_, format_):
    """Our names of a header's columns, "" for columns of others; None where the header is open to readings."""
    known = NHSA if format_ == "nhsa" else {name: name for name in OWN}
    if not REQUIRED[format_] <= set(cells_) or len(set(cells_)) < len(cells_):
        return None
    if any(cell not in known and known_elsewhere(cell) for cell in cells_):
        return None
    return [known.get(cell, f"other {place}") for place, cell in enumerate(cells_)]


def known_elsewhere(cell):
    """Whether a name might be taken for one of ours in some other spelling."""
    bare = cell.strip().lower()
    return not cell.isascii() or not bare or bare in {*OWN, *NHSA, *(name.lower() for name in LEDGER)}


def plain_ledger(lines):
    """Whether the first line of a ledger is surely a row, and most lines have its sixteen cells."""
    sixteen = sum(len(line) == len(LEDGER) for line in lines)
    return len(lines[0]) == len(LEDGER) and lines[0][3].startswith("PERSON-") and sixteen > len(lines) / 2


def read_parquet(data):
    try:
        frame = pl.read_parquet(io.BytesIO(data))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError):
        return None
    names = header(frame.columns, "plain")
    plain = (pl.String, pl.Boolean, pl.Date)
    simple = all(kind in plain or (kind.is_integer() and kind != pl.Int128) for kind in frame.dtypes)
    if names is None or not simple or frame.schema["person_id"] != pl.String or frame.is_empty():
        return None
    return [
        {name: "" if cell is None else str(cell) for name, cell in zip(names, row, strict=True)}
        for row in frame.iter_rows()
    ], 0


# --- what must hold ---


def complaints(seed, folder):
    """Settle the mutant of a seed; what went wrong, nothing if all is well, and how the command ended."""
    made = mutant(seed)
    path = folder / f"m{seed}.{made.suffix}"
    path.write_bytes(made.data)
    out = folder / f"out{seed}"
    kinds_only = seed % 4 > 0
    flags = FORMATS[made.format][3] if seed % 2 or made.format == "ledger" else ()
    flags += ("--kinds-only",) if kinds_only else ()
    try:
        ran = suiren("settle", path, "-o", out, "--scheme", "portable", "--lang", "en", *flags)
    except BaseException:  # noqa: BLE001 - any exception that leaves the command line is the finding
        return [f"seed {seed} ({made.format}, {made.done}): {traceback.format_exc()[-1500:]}"], "raised"
    found = []
    if ran.code not in {0, 1} or "Traceback" in ran.err or (ran.code == 1 and not ran.err.strip()):
        found.append(f"exit {ran.code}: {ran.err[-800:]}")
    said = ran.out + ran.err + "".join(texts(out).values() if ran.code == 0 else ())
    if "PERSON-" in said.replace(f"m{seed}.", ""):
        place = said.index("PERSON-")
        found.append("a person number in the output: " + said[max(0, place - 300) : place + 100])
    if ran.code == 1 and out.exists():
        found.append("a result after an error")
    how = "refused"
    if ran.code == 0:
        how = held(made, out, kinds_only, found)
    return [f"seed {seed} ({made.format}, {made.done}): {what}" for what in found], how


def held(made, out, kinds_only, found):
    """Hold a result against its own counts and an independent reading."""
    manifest = json.loads((out / "manifest.json").read_text())
    counts = [manifest[name] for name in ("rows_in", "rows_settled", "rows_quarantined")]
    quarantine = pl.read_csv(out / "quarantine.csv", infer_schema=False)
    if counts[0] != counts[1] + counts[2] or quarantine.select("file", "row").unique().height != counts[2]:
        found.append(f"rows do not add up: {counts}")
    readable = read(made)
    if readable is None:
        return "settled"
    rows, broken = readable
    judged = judge(rows, law=LAW, scheme="portable", shape=FORMATS[made.format][0])
    if any(row.doubt for row in judged.rows):
        return "settled"
    want = [len(rows) + broken, sum(row.settled for row in judged.rows)]
    if counts[:2] != want:
        found.append(f"rows in and settled {counts[:2]}, the oracle says {want}")
    elif kinds_only:
        sums = ("persons", "person_months", "first_persons", "cost_fen")
        frame = pl.read_parquet(next(out.rglob("*kinds*.parquet")))
        got = [sum(frame[name].to_list()) for name in sums]
        want = [sum(kind[name] for kind in judged.kinds()) for name in sums]
        if got != want:
            found.append(f"sums {got}, the oracle says {want}")
    elif cells(pl.read_parquet(out / "ledger.parquet")) != Run(LAW, judged.kinds(), "portable").ledger():
        found.append("the ledger is not the oracle's")
    return "held against the oracle"
