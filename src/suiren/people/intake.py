"""Person rows in, kinds of people out; a row that cannot be settled goes to quarantine, and no row is lost."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from suiren import places
from suiren.engines import duck
from suiren.engines.duck import Source, name, text
from suiren.errors import ConservationError, Problem, SuirenError, did_you_mean, raise_all
from suiren.laws import Law
from suiren.laws.aid import aid_row
from suiren.laws.eligibility import decide
from suiren.laws.standard import choose_tier
from suiren.people.checks import Check, checks, typed
from suiren.people.kinds import People, people_of
from suiren.people.records import OPTIONAL, REQUIRED, message

SUFFIXES = (".csv", ".parquet")
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
KIND = (
    "hukou_place",
    "enrolment_place",
    "residence_place",
    "person_class",
    "tier",
    "aid_group",
    "risk_group",
    "sex",
    "age",
)


OWN_WORDS = ("Q-row", "Q-shut-out", "Q-fact-missing")
"""Codes whose value is a word of ours, not a cell of the input."""
SHOWN = 6
"""The longest value of a cell that is shown whole: a place code, never an identity number."""


@dataclass(frozen=True, slots=True, eq=False)
class Intake:
    """What came in: the people as kinds, the quarantined rows, and the count of rows of each file."""

    people: People
    quarantine: pl.DataFrame
    """Columns file, row, column, code, message, value (masked); a line for each problem."""
    files: list[dict[str, Any]]
    rows_in: int
    rows_settled: int
    rows_quarantined: int
    class_assumed: int
    """Rows with neither age nor class: taken as adults."""


def files_of(inputs: Sequence[str | Path]) -> list[Path]:
    """Return the CSV and Parquet files that `inputs` name, folders opened, sorted inside each folder.

    Raises:
        SuirenError: a name that is no file or folder, a folder without such files, another kind of file; all at once.
    """
    problems: list[Problem] = []
    found: list[Path] = []
    for given in map(Path, inputs):
        if given.is_dir():
            inside = sorted(path for path in given.iterdir() if path.suffix.lower() in SUFFIXES)
            if not inside:
                problems.append(Problem("E-input", f"The folder {given.name!r} holds no CSV or Parquet file."))
            found += inside
        elif not given.is_file():
            near = [path.name for path in given.parent.iterdir()] if given.parent.is_dir() else []
            problems.append(Problem("E-input", f"There is no file {str(given)!r}.", do=did_you_mean(given.name, near)))
        elif given.suffix.lower() not in SUFFIXES:
            what = f"{given.name} is neither CSV nor Parquet."
            problems.append(Problem("E-input", what, do="Save the table as CSV (UTF-8) or Parquet."))
        else:
            found.append(given)
    raise_all(problems)
    return found


def intake(
    inputs: Sequence[str | Path],
    law: Law,
    strict: bool = False,
    lang: str = "en",
    doors: bool = True,
    keep: Callable[[duckdb.DuckDBPyConnection, Path, People], None] | None = None,
) -> Intake:
    """Return the checked rows of `inputs` as kinds, and the quarantine.

    Without `doors`, rows stay in whom the place's rule shuts out: a comparison keeps them at home and counts them.

    `keep` is called with the open database (tables `settled`, with a column for each kind key, `months` and `first`)
    before it is removed: bills are joined back there.

    Raises:
        SuirenError: a file that cannot be read, a required column that is missing.
    """
    paths = files_of(inputs)
    with duck.database() as (connection, folder):
        sources = [duck.read(connection, path, number) for number, path in enumerate(paths)]
        facts = (*law.book.facts, "employee_cover")
        used = _check_columns(sources, facts)
        points = law.scheme.name == "risk-adjusted"
        _type(connection, folder, sources, facts, law.year)
        conditions = checks(facts, law.year, strict, points)
        _mark(connection, conditions)
        _refuse(connection, folder, law, used, strict, doors)
        _spells(connection)
        quarantine = _quarantine(connection, folder, sources, conditions, lang)
        people = _people(connection, folder, sources, used)
        rows = _count_rows(connection, sources)
        if keep is not None:
            keep(connection, folder, people)
        assumed = _number(connection, "SELECT count(*) FROM settled WHERE class_unknown")
    listed = [_file(source, *rows[number]) for number, source in enumerate(sources)]
    rows_in = sum(entry["rows"] for entry in listed)
    held = sum(entry["quarantined"] for entry in listed)
    if people.persons != int(people.kinds["persons"].sum()) or rows_in - held != _rows_settled(rows):
        raise ConservationError("rows in are not rows settled and rows quarantined")
    return Intake(people, quarantine, listed, rows_in, rows_in - held, held, assumed)


def _rows_settled(rows: list[tuple[int, int, int]]) -> int:
    return sum(settled for _, settled, _ in rows)


def _check_columns(sources: list[Source], facts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the facts that some file has a column for; a missing required column is an error."""
    known = (*REQUIRED, *OPTIONAL, *facts)
    problems: list[Problem] = []
    for source in sources:
        for column in REQUIRED:
            if column not in source.columns:
                hint = did_you_mean(column, [given for given in source.columns if given not in known])
                what = f"The column {column} is missing."
                why = "Without it nobody knows whom, or where, the row is about."
                problems.append(
                    Problem("E-column", what, why, hint or f"It has {', '.join(source.columns)}.", source.path.name)
                )
    raise_all(problems)
    return tuple(fact for fact in facts if any(fact in source.columns for source in sources))


def _type(
    connection: duckdb.DuckDBPyConnection, folder: Path, sources: list[Source], facts: tuple[str, ...], year: int
) -> None:
    """Make the table `typed`: a row for each readable input row, texts and typed columns side by side."""
    levels = places.frame().select("code", "level")
    levels.write_parquet(folder / "places.parquet")
    connection.execute(f"CREATE TABLE places AS SELECT * FROM read_parquet({text(str(folder / 'places.parquet'))})")
    wanted = (*dict.fromkeys((*REQUIRED, *OPTIONAL, *facts)),)
    texts = " UNION ALL ".join(_texts(connection, source, number, wanted) for number, source in enumerate(sources))
    columns = typed(facts, year)
    first = ["age"]
    rest = [column for column in columns if column not in first]
    joins = " ".join(
        f"LEFT JOIN places p_{side} ON p_{side}.code = CASE WHEN regexp_full_match(t_{side}, '[0-9]{{6}}') "
        f"THEN t_{side}::INTEGER END"
        for side in ("hukou_place", "enrolment_place", "residence_place")
    )
    sides = ", ".join(
        f"p_{side}.level AS {side}_level" for side in ("hukou_place", "enrolment_place", "residence_place")
    )
    aged = f"SELECT *, {columns['age']} AS age FROM ({texts})"
    made = ", ".join(f"{columns[column]} AS {name(column)}" for column in rest)
    connection.execute(f"CREATE TABLE typed AS SELECT *, {made} FROM (SELECT a.*, {sides} FROM ({aged}) a {joins})")


def _texts(connection: duckdb.DuckDBPyConnection, source: Source, number: int, wanted: tuple[str, ...]) -> str:
    kinds = {row[0]: row[1] for row in connection.execute(f"DESCRIBE {source.table}").fetchall()}
    listed = ", ".join(f"{_as_text(column, kinds.get(column))} AS {name(f't_{column}')}" for column in wanted)
    return f"SELECT {number} AS _file, _row, {listed} FROM {source.table}"


def _as_text(column: str, kind: str | None) -> str:
    if kind is None:
        return "NULL::VARCHAR"
    cell = name(column)
    if kind in {"DOUBLE", "FLOAT"}:
        whole = f"{cell} = trunc({cell}) AND abs({cell}) < 9e15"
        shown = f"CASE WHEN {whole} THEN {cell}::BIGINT::VARCHAR ELSE {cell}::VARCHAR END"
        return f"CASE WHEN isnan({cell}) THEN NULL ELSE {shown} END"
    return f"nullif(trim({cell}::VARCHAR), '')"


def _mark(connection: duckdb.DuckDBPyConnection, conditions: list[Check]) -> None:
    """Split `typed` into `good` and `bad`."""
    fails = " OR ".join(f"coalesce({check.fails}, false)" for check in conditions)
    connection.execute(f"CREATE TABLE bad AS SELECT * FROM typed WHERE {fails}")
    connection.execute(f"CREATE TABLE good AS SELECT * FROM typed WHERE NOT ({fails})")


def _refuse(
    connection: duckdb.DuckDBPyConnection, folder: Path, law: Law, facts: tuple[str, ...], strict: bool, doors: bool
) -> None:
    """Make the table `refused`: rows which the law itself shows to be unlawful or, when strict, undecided."""
    asked = ("hukou_place", "enrolment_place", "person_class", "tier", "aid_group", *facts)
    listed = ", ".join(name(column) for column in asked)
    path = folder / "asked.parquet"
    connection.execute(f"COPY (SELECT DISTINCT {listed} FROM good) TO {text(str(path))} (FORMAT parquet)")
    cases = pl.read_parquet(path)
    answers: list[tuple[str | None, str | None]] = [
        _refusal(law, case, facts, strict, doors) for case in cases.iter_rows(named=True)
    ]
    marked = cases.with_columns(
        _code=pl.Series([code for code, _ in answers], dtype=pl.String),
        _value=pl.Series([value for _, value in answers], dtype=pl.String),
    ).filter(pl.col("_code").is_not_null())
    marked.write_parquet(folder / "refused.parquet")
    same = " AND ".join(f"g.{name(column)} IS NOT DISTINCT FROM r.{name(column)}" for column in asked)
    connection.execute(
        f"CREATE TABLE refused AS SELECT g._file, g._row, r._code, r._value FROM good g "
        f"JOIN read_parquet({text(str(folder / 'refused.parquet'))}) r ON {same}"
    )


def _refusal(
    law: Law, case: dict[str, Any], facts: tuple[str, ...], strict: bool, doors: bool
) -> tuple[str | None, str | None]:
    """Return code and value of what refuses a case, or a pair of `None`."""
    aid, tier, place = case["aid_group"], case["tier"], case["enrolment_place"]
    if aid is not None and aid_row(law.book, aid, place, law.year) is None:
        return "Q-aid", aid
    if tier is not None and not _offers(law, place, case["person_class"], tier):
        return "Q-tier", tier
    known = {fact: case[fact] for fact in facts}
    decision = decide(
        law.book, case["hukou_place"], case["enrolment_place"], case["person_class"], case["tier"], known, law.year
    )
    if decision.regime == "employee_cover":
        return "Q-employee", ""
    keeps_doors = law.scheme.name == "current" or law.scheme["regime"] == "keep"
    unasked = not (doors and keeps_doors) or law.scheme["enrol"] != "observed"
    if unasked:
        return None, None
    if decision.eligible == "no":
        return "Q-shut-out", decision.regime or ""
    unsure = strict and decision.eligible == "undetermined"
    return ("Q-fact-missing", ";".join(decision.missing)) if unsure else (None, None)


def _offers(law: Law, place: int, person_class: str, tier: str) -> bool:
    try:
        choose_tier(law.book, place, person_class, tier, None, law.year)
    except SuirenError:
        return False
    return True


def _spells(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `settled` (with `first`: the contribution is charged here) and `duplicate`: no person beyond 12 months."""
    content = ", ".join(name(column) for column in CONTENT)
    connection.execute(
        "CREATE TABLE lawful AS SELECT g.* FROM good g ANTI JOIN refused r ON g._file = r._file AND g._row = r._row"
    )
    connection.execute("CREATE TABLE repeated AS SELECT person_id FROM lawful GROUP BY person_id HAVING count(*) > 1")
    connection.execute(
        "CREATE TABLE spells AS SELECT l._file, l._row, "
        "sum(l.months) OVER w AS until, row_number() OVER w AS place "
        "FROM lawful l SEMI JOIN repeated USING (person_id) "
        f"WINDOW w AS (PARTITION BY person_id ORDER BY {content}, _file, _row ROWS UNBOUNDED PRECEDING)"
    )
    connection.execute("CREATE TABLE duplicate AS SELECT _file, _row FROM spells WHERE until > 12")
    connection.execute(
        "CREATE TABLE settled AS SELECT l.*, coalesce(s.place, 1) = 1 AS first FROM lawful l "
        "LEFT JOIN spells s ON l._file = s._file AND l._row = s._row WHERE coalesce(s.until, 0) <= 12"
    )


def _quarantine(
    connection: duckdb.DuckDBPyConnection, folder: Path, sources: list[Source], conditions: list[Check], lang: str
) -> pl.DataFrame:
    parts = [
        f"SELECT _file, _row, {text(check.column)} AS col, {text(check.code)} AS code, "
        f"{'NULL' if check.column == 'person_id' else name(f't_{check.column}')} AS value FROM bad "
        f"WHERE coalesce({check.fails}, false)"
        for check in conditions
    ]
    parts += [
        f"SELECT {number}, _row, coalesce(_column, ''), 'Q-row', _error FROM rejected_{number}"
        for number, _ in enumerate(sources)
    ]
    parts.append("SELECT _file, _row, '', _code, _value FROM refused")
    parts.append("SELECT _file, _row, 'person_id', 'Q-duplicate', NULL FROM duplicate")
    path = folder / "quarantine.parquet"
    connection.execute(
        "COPY (SELECT _file::INTEGER AS _file, _row::BIGINT AS _row, col::VARCHAR AS col, code, value::VARCHAR AS value "
        f"FROM ({' UNION ALL '.join(parts)}) ORDER BY _file, _row, code, col) TO {text(str(path))} (FORMAT parquet)"
    )
    frame = pl.read_parquet(path)
    pairs = zip(frame["code"].to_list(), frame["value"].to_list(), strict=True)
    masked = [value or "" if code in OWN_WORDS else mask(value) for code, value in pairs]
    messages = [
        message(code, column, value, lang)
        for code, column, value in zip(frame["code"].to_list(), frame["col"].to_list(), masked, strict=True)
    ]
    names = {number: source.path.name for number, source in enumerate(sources)}
    return frame.select(
        file=pl.col("_file").replace_strict(names, return_dtype=pl.String),
        row=pl.col("_row"),
        column=pl.col("col"),
        code=pl.col("code"),
        message=pl.Series(messages, dtype=pl.String),
        value=pl.Series(masked, dtype=pl.String),
    )


def mask(value: str | None) -> str:
    """Return a value that may be shown: short ones as they are, of longer ones the first two characters."""
    if value is None:
        return ""
    return value if len(value) <= SHOWN else f"{value[:2]}***"


def _people(
    connection: duckdb.DuckDBPyConnection, folder: Path, sources: list[Source], facts: tuple[str, ...]
) -> People:
    keys = ", ".join(name(column) for column in (*KIND, *facts))
    path = folder / "kinds.parquet"
    connection.execute(
        f"COPY (SELECT {keys}, count(*)::BIGINT AS persons, sum(months)::BIGINT AS person_months, "
        "sum(first::INTEGER)::BIGINT AS first_persons, sum(cost_fen)::BIGINT AS cost_fen "
        f"FROM settled GROUP BY ALL ORDER BY ALL) TO {text(str(path))} (FORMAT parquet)"
    )
    names = ", ".join(source.path.name for source in sources)
    return people_of(names, pl.read_parquet(path), facts)


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def _count_rows(connection: duckdb.DuckDBPyConnection, sources: list[Source]) -> list[tuple[int, int, int]]:
    """Return for each file its rows in, settled and quarantined, each counted on its own table.

    Raises:
        ConservationError: they do not add up.
    """
    counted: list[tuple[int, int, int]] = []
    for number, source in enumerate(sources):
        rows = _number(connection, f"SELECT count(*) FROM {source.table}")
        rejected = _number(connection, f"SELECT count(*) FROM rejected_{number}")
        settled = _number(connection, f"SELECT count(*) FROM settled WHERE _file = {number}")
        held = rejected + sum(
            _number(connection, f"SELECT count(*) FROM {table} WHERE _file = {number}")
            for table in ("bad", "refused", "duplicate")
        )
        if rows + rejected != settled + held:
            raise ConservationError(
                f"{source.path.name}: {rows + rejected} rows in, {settled} settled, {held} held back"
            )
        counted.append((rows + rejected, settled, held))
    return counted


def _file(source: Source, rows: int, settled: int, held: int) -> dict[str, Any]:
    digest = hashlib.sha256()
    with source.path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return {
        "name": source.path.name,
        "bytes": source.path.stat().st_size,
        "sha256": digest.hexdigest(),
        "rows": rows,
        "settled": settled,
        "quarantined": held,
    }
