"""What the two papers print, as shipped tables: every cell is text, as it stands in the paper.

Paper A is 张展新 on residence permits and the active provincial capital; paper B is the one on enrolment at the place
of residence. The tables are built by `python -m suiren.studies.build FOLDER` and never edited by hand. `paper` and
`section` say where a row stands; columns in English and codes are labels of ours.
"""

from __future__ import annotations

import csv
import functools
from importlib.resources import files

Row = dict[str, str]

TABLES = {
    "t1_nonlocal_share": ("A", "表1"),
    "t2_eligibility_big9": ("A", "表2"),
    "t3_nonlocal_share_capitals14": ("A", "表3"),
    "t4_eligibility_capitals14": ("A", "表4"),
    "t5_outprov_share": ("A", "表5"),
    "fig1_ratios": ("A", "五"),
    "permit_thresholds": ("A", "四"),
    "cmds_t1": ("B", "表1"),
    "cmds_t2": ("B", "表2"),
    "cmds_t3": ("B", "表3"),
    "subsidy_t4": ("B", "表4"),
    "subsidy_t4_context": ("B", "表4"),
    "city_policy_facts": ("", ""),
}
"""The shipped tables with paper and section; the facts about places come from both and say so in each row."""


@functools.cache
def read(name: str) -> tuple[Row, ...]:
    """Rows of one shipped table, each a dictionary from column to text, in the order of the paper."""
    text = (files("suiren.studies") / "printed" / f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def cell(name: str, column: str, **where: str) -> str:
    """The one cell of `column` in the row of table `name` whose cells are those of `where`.

    Raises:
        LookupError: no row or several rows fit.
    """
    rows = [row for row in read(name) if all(row[key] == value for key, value in where.items())]
    if len(rows) != 1:
        raise LookupError(f"{len(rows)} rows of {name} have {where}")
    return rows[0][column]
