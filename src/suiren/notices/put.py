"""Puts rows read in notices into an exported folder of law tables, which is checked before it is changed."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from suiren.errors import Problem, raise_all
from suiren.laws.load import load
from suiren.laws.schema import TABLES

Rows = Mapping[str, Sequence[Mapping[str, str]]]


def put(rows: Rows, folder: Path) -> int:
    """Return how many rows were added to the tables in `folder`, by table name; all of them, or none with an error.

    Raises:
        SuirenError: the folder holds no law, some of the rows are in it already, or they would break it.
    """
    tables = load(folder)
    problems: list[Problem] = []
    for name, added in rows.items():
        there = {row["fact_id"]: row.where for row in tables[name]}
        problems += [
            Problem(
                "E-notice-twice",
                f"{row['fact_id']} is in the tables already.",
                "The same notice was put there before.",
                "Take its rows out first.",
                there[row["fact_id"]],
            )
            for row in added
            if row["fact_id"] in there
        ]
    raise_all(problems)
    with tempfile.TemporaryDirectory(prefix=".law-", dir=folder.parent) as staged:
        for table in TABLES:
            shutil.copyfile(folder / f"{table.name}.csv", Path(staged) / f"{table.name}.csv")
        for name, added in rows.items():
            _append(Path(staged) / f"{name}.csv", added)
        load(Path(staged))
        for name in rows:
            (Path(staged) / f"{name}.csv").replace(folder / f"{name}.csv")
    return sum(len(added) for added in rows.values())


def _append(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Add rows below those of a table, in the order of its own columns."""
    text = path.read_text(encoding="utf-8-sig")
    columns = next(csv.reader(io.StringIO(text)))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n", restval="")
    writer.writerows(rows)
    gap = "" if text.endswith("\n") else "\n"
    path.write_text(text + gap + out.getvalue(), encoding="utf-8", newline="")


__all__ = ["put"]
