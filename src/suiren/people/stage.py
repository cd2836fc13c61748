"""Stages of the intake, as tables of one database: typed, good and bad, refused by the law, spells of one person."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from suiren import places
from suiren.engines.duck import Source, count, name, text
from suiren.errors import SuirenError
from suiren.laws import Law
from suiren.laws.aid import aid_row
from suiren.laws.eligibility import decide
from suiren.laws.standard import choose_tier
from suiren.people.checks import BORN, Check, typed
from suiren.people.records import OPTIONAL, PLACES, REQUIRED

CONTENT = (
    "hukou_place",
    "enrolment_place",
    "residence_place",
    "sex",
    "age",
    "person_class",
    "tier",
    "aid_group",
    "risk_group",
    "months",
    "cost_fen",
)


def type_rows(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    sources: list[Source],
    facts: tuple[str, ...],
    conditions: list[Check],
    year: int,
) -> None:
    """Make the table `typed`: a row for each readable input row, with texts, typed columns and `_bad`.

    The views `good` and `bad` are its two parts.
    """
    levels = places.frame().select("code", "level")
    levels.write_parquet(folder / "places.parquet")
    connection.execute(f"CREATE TABLE places AS SELECT * FROM read_parquet({text(str(folder / 'places.parquet'))})")
    wanted = (*REQUIRED, *(column for column in OPTIONAL if column not in REQUIRED), *facts)
    texts = " UNION ALL ".join(_texts(source, number, wanted) for number, source in enumerate(sources))
    columns = typed(facts, year)
    joins = " ".join(
        f"LEFT JOIN places p_{side} ON p_{side}.code = CASE WHEN regexp_full_match(t_{side}, '[0-9]{{6}}') "
        f"THEN t_{side}::INTEGER END"
        for side in PLACES
    )
    sides = ", ".join(f"p_{side}.level AS {side}_level" for side in PLACES)
    born = f"SELECT *, {BORN} AS born FROM ({texts})"
    aged = f"SELECT *, {columns['age']} AS age FROM ({born})"
    made = ", ".join(f"{expression} AS {name(column)}" for column, expression in columns.items() if column != "age")
    whole = f"SELECT *, {made} FROM (SELECT a.*, {sides} FROM ({aged}) a {joins})"
    given = [f"t_{column}" for column in wanted if any(column in source.columns for source in sources)]
    checked = [*given, "born", *(f"{side}_level" for side in PLACES)]
    kept = ", ".join(name(column) for column in ("_file", "_row", *checked, *columns))
    fails = " OR ".join(f"coalesce({check.fails}, false)" for check in conditions)
    absent = ", ".join(f"NULL::VARCHAR AS t_{column}" for column in (*wanted, "none") if f"t_{column}" not in given)
    marks = ", ".join(
        f"coalesce({check.fails}, false) AS {name(mark_of(place))}" for place, check in enumerate(conditions)
    )
    connection.execute(f"CREATE TABLE typed AS SELECT {kept}, {fails} AS _bad FROM ({whole})")
    connection.execute(
        f"CREATE VIEW marks AS SELECT _file, _row, {marks}, {', '.join(given)} FROM "
        f"(SELECT *, {absent} FROM typed WHERE _bad)"
    )
    connection.execute(f"CREATE VIEW good AS SELECT * EXCLUDE ({', '.join(checked)}, _bad) FROM typed WHERE NOT _bad")
    connection.execute("CREATE VIEW bad AS SELECT _file, _row FROM typed WHERE _bad")


def mark_of(place: int) -> str:
    """Return the column of `marks` that tells whether a row fails the check at this place."""
    return f"fails_{place}"


def _texts(source: Source, number: int, wanted: tuple[str, ...]) -> str:
    cells = (
        name(f"t_{column}") if column in source.columns else f"NULL::VARCHAR AS {name(f't_{column}')}"
        for column in wanted
    )
    return f"SELECT {number} AS _file, _row, {', '.join(cells)} FROM raw_{number}"


def refuse_rows(
    connection: duckdb.DuckDBPyConnection, folder: Path, law: Law, facts: tuple[str, ...], strict: bool, doors: bool
) -> None:
    """Make the table `refused`: rows which the law itself shows to be unlawful or, when strict, undecided."""
    asked = ("hukou_place", "enrolment_place", "person_class", "tier", "aid_group", *facts)
    listed = ", ".join(name(column) for column in asked)
    path = folder / "asked.parquet"
    connection.execute(f"COPY (SELECT DISTINCT {listed} FROM good) TO {text(str(path))} (FORMAT parquet)")
    cases = pl.read_parquet(path).with_row_index("_case")
    problems = [
        (case["_case"], *problem)
        for case in cases.iter_rows(named=True)
        for problem in _refusals(law, case, facts, strict, doors)
    ]
    schema = {"_case": pl.UInt32, "_column": pl.String, "_code": pl.String, "_value": pl.String}
    marked = cases.join(pl.DataFrame(problems, schema=schema, orient="row"), on="_case", how="inner")
    marked.write_parquet(folder / "refused.parquet")
    same = " AND ".join(f"g.{name(column)} IS NOT DISTINCT FROM r.{name(column)}" for column in asked)
    connection.execute(
        f"CREATE TABLE refused AS SELECT g._file, g._row, r._column, r._code, r._value FROM good g "
        f"JOIN read_parquet({text(str(folder / 'refused.parquet'))}) r ON {same}"
    )


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
    if case.get("employee_cover") or not (doors and law.keeps_doors) or law.scheme["enrol"] != "observed":
        return
    known = {fact: case[fact] for fact in facts}
    decision = decide(law.book, case["hukou_place"], place, case["person_class"], tier, known, law.year)
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


def spell_rows(connection: duckdb.DuckDBPyConnection, facts: tuple[str, ...]) -> None:
    """Make `settled` (with `first`: the contribution is charged here) and `duplicate`: no person beyond 12 months.

    Of rows that are alike one stays. A person's rows are then kept in the order of their content until 12 months are
    full; what stays depends on what the rows say, never on where they stand.
    """
    content = ", ".join(name(column) for column in (*CONTENT, *facts))
    lawful = "SELECT g.* FROM good g"
    if count(connection, "SELECT count(*) FROM refused"):
        held = "(SELECT DISTINCT _file, _row FROM refused)"
        lawful += f" ANTI JOIN {held} r ON g._file = r._file AND g._row = r._row"
    connection.execute(f"CREATE VIEW lawful AS {lawful}")
    connection.execute("CREATE TABLE repeated AS SELECT person_id FROM lawful GROUP BY person_id HAVING count(*) > 1")
    connection.execute(
        f"CREATE TABLE several AS SELECT *, row_number() OVER (PARTITION BY person_id, {content} ORDER BY _file, _row) "
        "AS copy FROM lawful SEMI JOIN repeated USING (person_id)"
    )
    connection.execute(
        "CREATE TABLE spells AS SELECT _file, _row, sum(months) OVER w AS until, row_number() OVER w AS place "
        f"FROM several WHERE copy = 1 WINDOW w AS (PARTITION BY person_id ORDER BY {content} ROWS UNBOUNDED PRECEDING)"
    )
    connection.execute(
        "CREATE TABLE duplicate AS SELECT _file, _row FROM spells WHERE until > 12 "
        "UNION ALL SELECT _file, _row FROM several WHERE copy > 1"
    )
    if not count(connection, "SELECT count(*) FROM repeated"):
        connection.execute("CREATE VIEW settled AS SELECT *, true AS first FROM lawful")
        return
    connection.execute(
        "CREATE TABLE settled AS SELECT l.*, coalesce(s.place, 1) = 1 AS first FROM lawful l "
        "LEFT JOIN spells s ON l._file = s._file AND l._row = s._row "
        "ANTI JOIN duplicate d ON l._file = d._file AND l._row = d._row"
    )
