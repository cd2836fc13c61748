"""What the law itself shows to be unlawful or, when strict, undecided: each distinct case is decided once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from suiren.engines.engine import name, text
from suiren.errors import SuirenError
from suiren.laws import Law
from suiren.laws.aid import aid_row
from suiren.laws.eligibility import decide_from_elsewhere
from suiren.laws.standard import choose_tier

ASKED = ("enrolment_place", "person_class", "tier", "aid_group", "local", "same_province")
REFUSED = {"_case": pl.UInt32, "column": pl.String, "code": pl.String, "value": pl.String}


def refuse(
    local: duckdb.DuckDBPyConnection, folder: Path, law: Law, facts: tuple[str, ...], strict: bool, doors: bool
) -> None:
    """Make the table `refusals` (`_layout, _cell, column, code, value`) and the view `refused_cells`."""
    asked = ", ".join(name(column) for column in (*ASKED, *facts))
    path = folder / "asked.parquet"
    local.execute(f"COPY (SELECT DISTINCT {asked} FROM typed WHERE NOT _bad) TO {text(str(path))} (FORMAT parquet)")
    cases = pl.read_parquet(path).with_row_index("_case")
    problems = [
        (case["_case"], *problem)
        for case in cases.iter_rows(named=True)
        for problem in _refusals(law, case, facts, strict, doors)
    ]
    marked = cases.join(pl.DataFrame(problems, schema=REFUSED, orient="row"), on="_case", how="inner")
    marked.write_parquet(folder / "refused.parquet")
    same = " AND ".join(f"t.{name(column)} IS NOT DISTINCT FROM r.{name(column)}" for column in (*ASKED, *facts))
    local.execute(
        'CREATE TABLE refusals AS SELECT t._layout, t._cell, r."column", r.code, r.value '
        f"FROM typed t JOIN read_parquet({text(str(folder / 'refused.parquet'))}) r ON {same} WHERE NOT t._bad"
    )
    local.execute("CREATE VIEW refused_cells AS SELECT DISTINCT _layout, _cell FROM refusals")


def _refusals(
    law: Law, case: dict[str, Any], facts: tuple[str, ...], strict: bool, doors: bool
) -> Iterator[tuple[str, str, str]]:
    """Yield column, code and value of all that refuses a case."""
    aid, tier, place = case["aid_group"], case["tier"], case["enrolment_place"]
    if aid is not None and aid_row(law.book, aid, place, law.year) is None:
        yield "aid_group", "Q-aid", aid
    if case.get("employee_cover"):
        yield "employee_cover", "Q-employee", ""
    if tier is not None and not _offers(law, place, case["person_class"], tier):
        yield "contribution_tier", "Q-tier", tier
        return
    asks = doors and law.keeps_doors and law.scheme["enrol"] == "observed"
    if case.get("employee_cover") or case["local"] or not asks:
        return
    known = {fact: case[fact] for fact in facts}
    decision = decide_from_elsewhere(
        law.book, place, case["person_class"], tier, known, case["same_province"], law.year
    )
    if decision.eligible == "no":
        yield "enrolment_place", "Q-shut-out", decision.regime or ""
    elif strict and decision.eligible == "undetermined":
        yield "enrolment_place", "Q-fact-missing", ";".join(decision.missing)


def _offers(law: Law, place: int, person_class: str, tier: str) -> bool:
    try:
        choose_tier(law.book, place, person_class, tier, None, law.year)
    except SuirenError:
        return False
    return True
