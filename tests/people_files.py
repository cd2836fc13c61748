"""Made-up files of person rows, an independent collapse to kinds, and a way to run the command line in one process."""

import contextlib
import csv
import io
import random
import sys
import zipfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import polars as pl

from oracle_law import Law
from samples import FACTS, SPECIAL, class_of, tiers
from suiren.cli import main

REQUIRED = ("person_id", "hukou_place", "enrolment_place")
CONTENT = ("hukou_place", "enrolment_place")
LAW = Law(2021)
HERE, COUNTY, HOME = "330100", "330106", "622900"


def person(number, hukou=HERE, enrolled=HERE, **more):
    """One row as a dict of texts; its person number is recognisable in any output."""
    return {"person_id": f"PERSON-{number:06d}", "hukou_place": hukou, "enrolment_place": enrolled} | more


def columns_of(rows):
    return list(dict.fromkeys(column for row in rows for column in row))


def csv_text(rows, columns=None, delimiter=",", end="\n"):
    """The rows as the text of a CSV file."""
    columns = columns or columns_of(rows)
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, delimiter=delimiter, lineterminator=end, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write_csv(path, rows, **more):
    path.write_bytes(csv_text(rows, **more).encode())
    return path


def write_parquet(path, rows):
    """The same rows as Parquet: whole numbers as integers, yes/no as booleans, dates as dates, empty as missing."""
    words = {"yes": True, "no": False}
    columns = columns_of(rows)
    frame = pl.DataFrame([{key: row.get(key) or None for key in columns} for row in rows])
    for column in frame.columns:
        if column in FACTS:
            frame = frame.with_columns(pl.col(column).replace_strict(words, return_dtype=pl.Boolean))
        elif column in {"age", "months", "cost_fen", "hukou_place", "enrolment_place", "residence_place"}:
            frame = frame.with_columns(pl.col(column).cast(pl.Int64))
        elif column == "birth_date":
            frame = frame.with_columns(pl.col(column).cast(pl.Date))
    frame.write_parquet(path)
    return path


def invented(number, seed, elsewhere=0.6, spells=0.1):
    """Good rows of every kind; some persons have two spells of at most six months at two places."""
    rnd = random.Random(seed)
    rows = []
    while len(rows) < number:
        hukou = rnd.choice(SPECIAL)
        enrolled = rnd.choice(SPECIAL) if rnd.random() < elsewhere else hukou
        age = rnd.choice((0, 1, 5, 6, 17, 18, 30, 45, 59, 60, 70, 90))
        offered = tiers(enrolled, class_of(age))
        row = person(
            len(rows),
            hukou,
            enrolled,
            residence_place=rnd.choice((enrolled, hukou, "")),
            sex=rnd.choice(("m", "f")),
            age=str(age),
            contribution_tier=rnd.choice(offered) if offered and rnd.random() < 0.5 else "",
            aid_group="full" if rnd.random() < 0.1 else "",
            months=str(rnd.randint(1, 12)),
            **{fact: rnd.choice(("yes", "no", "")) for fact in FACTS[:-1]},
        )
        rows.append(row)
        if rnd.random() < spells and len(rows) < number:
            row["months"] = str(rnd.randint(1, 6))
            other = rnd.choice([place for place in SPECIAL if place != enrolled])
            again = {"enrolment_place": other, "contribution_tier": "", "months": str(rnd.randint(1, 6))}
            rows.append(row | again)
    return rows


def kinds_of(rows):
    """Good rows as kinds of people, collapsed in plain Python; the contribution is charged in the lower place code."""
    words = {"yes": True, "no": False, "": None}
    first = {}
    for row in rows:
        key = tuple(int(row[column]) for column in CONTENT)
        first[row["person_id"]] = min(first.get(row["person_id"], key), key)
    sums = defaultdict(lambda: [0, 0, 0])
    for row in rows:
        facts = tuple((fact, words[row.get(fact, "")]) for fact in FACTS if fact in row)
        age = int(row["age"])
        places = (int(row["hukou_place"]), int(row["enrolment_place"]))
        kind = (
            *places,
            int(row.get("residence_place") or row["enrolment_place"]),
            row.get("person_class") or class_of(age),
            row.get("contribution_tier") or None,
            row.get("aid_group") or None,
            {"m": 1, "f": 2, "": None}[row.get("sex", "")],
            age,
            *facts,
        )
        cell = sums[kind]
        cell[0] += 1
        cell[1] += int(row.get("months") or 12)
        cell[2] += first[row["person_id"]] == places
    names = ("hukou_place", "enrolment_place", "residence_place", "person_class", "tier", "aid_group", "sex", "age")
    made = []
    for kind, (persons, months, charged) in sums.items():
        cells = {"persons": persons, "person_months": months, "first_persons": charged}
        made.append(dict(zip(names, kind, strict=False)) | dict(kind[len(names) :]) | cells | {"risk_group": None})
    return made


def lawful(rows):
    """The rows whom no rule shuts out of where they are enrolled, by the oracle's reading of the doors."""

    def shut(row):
        kind = next(iter(kinds_of([row])))
        return LAW.terms(kind)[0] == "closed"

    return [row for row in rows if not shut(row)]


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


def suiren(*arguments):
    """Run the command line in this process; an exception that is not an exit would show here."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with (
        mock.patch.object(sys, "argv", ["suiren", *map(str, arguments)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as stop:
            code = stop.code or 0
    return Ran(code, out.getvalue(), err.getvalue())


def files(folder):
    """Name -> bytes of all files under a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def texts(folder):
    """Name -> all that can be read in each file: tables as CSV, workbooks unpacked."""
    found = {}
    for path in sorted(Path(folder).rglob("*")):
        if path.suffix == ".parquet":
            found[path.name] = pl.read_parquet(path).write_csv()
        elif path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as book:
                found[path.name] = "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
        elif path.is_file():
            found[path.name] = path.read_text(encoding="utf-8")
    return found
