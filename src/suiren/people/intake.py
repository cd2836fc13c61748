"""Person rows in, kinds of people out; a row that cannot be settled goes to quarantine, and no row is lost."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from suiren.engines import duck
from suiren.engines.duck import DuckEngine
from suiren.engines.engine import Engine, count, name, text
from suiren.engines.tell import SILENT, Tell
from suiren.errors import ConservationError, Problem, raise_all
from suiren.laws import Law
from suiren.laws.seats import aged_places
from suiren.people import cells, double
from suiren.people.catalog import PREFIX, table_sources, tables_of
from suiren.people.checks import checks
from suiren.people.files import Source, sha256, sources_of
from suiren.people.kinds import PLACES, People, people_of
from suiren.people.permits import read_permits
from suiren.people.quarantine import QUARANTINE, counted, find_held, write_quarantine
from suiren.people.records import OPTIONAL, REQUIRED
from suiren.people.refuse import refuse
from suiren.people.scan import Layout, layouts, relate
from suiren.people.stake import know_stakes
from suiren.people.summed import are_kinds, sum_kinds

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
NOTES = {
    "class_assumed": "class_unknown",
    "old_codes": "old_code",
    "category_unknown": "category_unknown",
    "hukou_from_number": "hukou_assumed",
}
"""What is counted of the settled rows because it rests on an assumption -> its condition."""
MONTHS_PER_YEAR = 12


@dataclass(frozen=True, slots=True)
class Reading:
    """How rows are to be read: every choice that the user has."""

    strict: bool = False
    lang: str = "en"
    doors: bool = True
    """Without it, rows stay in whom the place's rule shuts out: a comparison keeps them at home and counts them."""
    format_: str = "auto"
    permits: str | None = None
    coverage_year: int | None = None
    engine: str = "duckdb"
    master: str | None = None
    memory: str = duck.MEMORY_LIMIT
    work: Path | None = None
    threads: int | None = None
    every_column: bool = False
    """Keep all columns of kinds, not only what the law at hand reads."""
    costs: bool = False
    """Sum the squares of costs too, which an estimate of their spread needs."""


@dataclass(frozen=True, slots=True, eq=False)
class Intake:
    """What came in: the people as kinds, the quarantined rows, and the count of rows of each file."""

    people: People
    quarantine: pl.DataFrame
    """Columns file, row, column, code, message, value (masked), at_stake_fen; a line for each problem."""
    files: list[dict[str, Any]]
    rows_in: int
    rows_settled: int
    rows_quarantined: int
    notes: dict[str, int]
    """How many rows were taken on an assumption, by the names of `NOTES`."""
    sources: Sequence[Source] = ()
    coverage_year: int = 0
    """The year whose months count; 0 where no row says its months."""
    held: pl.DataFrame | None = None
    """How many rows are quarantined by code and place: code, place, rows, at_stake_fen."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Checked rows while they are at hand: the engine with its relations, the local tables, and what was found."""

    engine: Engine
    layouts: Sequence[Layout]
    facts: tuple[str, ...]
    people: People
    quarantine: Path
    """Parquet with the columns of `Intake.quarantine`."""
    found: Intake
    """Its `quarantine` holds no lines: they stay in the file."""


def intake(inputs: Sequence[str | Path], law: Law, reading: Reading | None = None, tell: Tell = SILENT) -> Intake:
    """Return the checked rows of `inputs` as kinds, and the quarantine.

    Raises:
        SuirenError: a file that cannot be read, a required column that is missing.
    """
    asked = replace(reading or Reading(), every_column=True)
    with rows_of(inputs, law, asked, tell) as rows:
        return replace(rows.found, quarantine=pl.read_parquet(rows.quarantine).select(*QUARANTINE))


@contextlib.contextmanager
def rows_of(inputs: Sequence[str | Path], law: Law, reading: Reading, tell: Tell = SILENT) -> Generator[Rows]:
    """Yield the checked rows of `inputs` while they can still be joined to; everything temporary is removed after.

    The kinds of these people hold only what `law` reads, unless `reading.every_column`.

    Raises:
        SuirenError: a file that cannot be read, a required column that is missing.
        ConservationError: rows in are not rows settled and rows quarantined.
    """
    with duck.database(reading.memory, reading.work, reading.threads) as (local, folder):
        known = (*law.book.facts, "employee_cover")
        wanted = tuple(dict.fromkeys((*REQUIRED, *OPTIONAL, *known)))
        tell("reading the files")
        permits = read_permits(local, folder, reading.permits, known) if reading.permits else ()
        required = tuple(column for column in REQUIRED if column not in permits)
        tables = tables_of(inputs)
        named = [given for given in inputs if not str(given).startswith(PREFIX)]
        sources = sources_of(local, folder, named, reading.format_, wanted, known, required) if named else []
        if are_kinds(sources):
            yield _kinds(local, folder, sources, known, law)
            return
        with _engine(reading, local, folder, tell) as engine:
            sources += table_sources(engine, tables, reading.format_, wanted, required)
            yield _check(engine, sources, permits, law, reading, known, tell)


def _kinds(
    local: duckdb.DuckDBPyConnection, folder: Path, sources: Sequence[Source], facts: tuple[str, ...], law: Law
) -> Rows:
    """Return kinds written before as if their rows had just been collapsed; nothing is left to quarantine."""
    people, files = sum_kinds(sources, facts, law)
    quarantine = folder / "quarantine.parquet"
    empty = pl.DataFrame(schema=QUARANTINE)
    empty.with_columns(_file=pl.lit(None, pl.Int32)).write_parquet(quarantine)
    found = Intake(people, empty, files, people.persons, people.persons, 0, {}, sources)
    return Rows(DuckEngine(local, folder), (), people.facts, people, quarantine, found)


def _engine(
    reading: Reading, local: duckdb.DuckDBPyConnection, folder: Path, tell: Tell
) -> contextlib.AbstractContextManager[Engine]:
    if reading.engine == "spark":
        from suiren.engines.spark import spark_engine

        return spark_engine(local, folder, reading.master, reading.memory, reading.work, tell)
    return contextlib.nullcontext(DuckEngine(local, folder, tell, reading.memory))


def _check(
    engine: Engine,
    sources: Sequence[Source],
    permits: tuple[str, ...],
    law: Law,
    reading: Reading,
    known: tuple[str, ...],
    tell: Tell,
) -> Rows:
    local, folder = engine.local, engine.folder
    held = layouts(sources, permits)
    rows = sum(source.rows for source in sources)
    facts = tuple(fact for fact in known if fact in permits or any(fact in source.columns for source in sources))
    if permits:
        engine.send("permits")
    for layout in held:
        relate(engine, layout)
    tell("collapsing the rows", rows)
    try:
        cells.collapse(engine, held, reading.costs)
    except duckdb.Error:
        _find_damaged(local, sources)
        raise
    tell("checking")
    conditions = checks(facts, law.year, reading.strict, law.scheme.name == "risk-adjusted")
    cells.read_cells(engine, held, facts, conditions, law)
    covers = _coverage_year(local, law.year, reading.coverage_year)
    cells.date_cells(local, covers * MONTHS_PER_YEAR)
    refuse(local, folder, law, facts, reading.strict, reading.doors)
    tell("looking for double cover", rows)
    double.find_several(engine, held)
    double.decide(local, facts)
    tell("writing the quarantine")
    find_held(engine, held)
    local.execute(
        "CREATE VIEW held_cells AS SELECT _layout, _cell FROM refused_cells UNION SELECT _layout, _cell FROM left_rows"
    )
    know_stakes(local, folder, law)
    quarantine = write_quarantine(local, folder, sources, held, conditions, facts, law.year, reading.lang)
    tell("collecting the kinds")
    _settling(local)
    people = _people(local, folder, law, sources, facts, reading)
    files = _files(local, quarantine, sources)
    found = replace(
        _found(local, people, files, sources, covers), held=counted(local, folder, quarantine), sources=sources
    )
    return Rows(engine, held, facts, people, quarantine, found)


def _find_damaged(local: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> None:
    """Raise an error that names the files whose cells cannot be read; do nothing where all can."""
    problems: list[Problem] = []
    for source in (source for source in sources if not source.table):
        read = ", ".join(f"max({name(column)})" for column in source.columns.values())
        try:
            local.execute(f"SELECT {read} FROM read_parquet({text(str(source.parquet))})").fetchall()
        except duckdb.Error as error:
            what = f"{source.shown} cannot be read to its end ({type(error).__name__})."
            problems.append(Problem("E-file-unreadable", what, do="Is it a whole file? Copy or write it again."))
    raise_all(problems)


def _coverage_year(local: duckdb.DuckDBPyConnection, year: int, asked: int | None) -> int:
    """Return the year whose months count: that after the notice year, or the notice year if more rows cover it."""
    if asked is not None:
        return asked
    after, same = (cells.covered_rows(local, start * MONTHS_PER_YEAR) for start in (year + 1, year))
    return year if same > after else year + 1


def _settling(local: duckdb.DuckDBPyConnection) -> None:
    """Make the view `settling`: lawful groups with how many of their rows settle, and are charged the contribution."""
    local.execute(
        "CREATE VIEW settling AS SELECT t.* EXCLUDE (cost_sq), t.rows_in - coalesce(l.rows, 0) AS persons, "
        "t.rows_in - coalesce(l.rows, 0) - coalesce(x.rows, 0) AS first_persons, "
        "t.cost - coalesce(l.cost, 0) AS cost_fen, t.cost_sq::HUGEINT - coalesce(l.cost_sq, 0) AS cost_sq, "
        "CASE WHEN t.uncosted THEN 0 ELSE t.rows_in - coalesce(l.rows, 0) END AS costed "
        "FROM (SELECT * FROM typed ANTI JOIN refused_cells USING (_layout, _cell) WHERE NOT _bad) t "
        "LEFT JOIN (SELECT _layout, _cell, count(*) AS rows, sum(cost) AS cost, "
        "sum(cost::HUGEINT * cost) AS cost_sq FROM left_rows "
        "JOIN several USING (_layout, _cell, _file, _row) GROUP BY ALL) l USING (_layout, _cell) "
        "LEFT JOIN (SELECT _layout, _cell, count(*) AS rows FROM later GROUP BY ALL) x USING (_layout, _cell)"
    )


def _people(
    local: duckdb.DuckDBPyConnection,
    folder: Path,
    law: Law,
    sources: Sequence[Source],
    facts: tuple[str, ...],
    reading: Reading,
) -> People:
    kept = {column: name(column) for column in (*KIND, *facts)}
    if not reading.every_column:
        kept |= unread(law)
    keys = ", ".join(f"{sql} AS {name(column)}" for column, sql in kept.items())
    places = ", ".join(str(place + 1) for place in range(len(kept)))
    path = folder / "kinds.parquet"
    local.execute(
        f"COPY (SELECT {keys}, sum(persons)::BIGINT AS persons, sum(persons * months)::BIGINT AS person_months, "
        "sum(first_persons)::BIGINT AS first_persons, sum(cost_fen)::BIGINT AS cost_fen "
        f"FROM settling WHERE persons > 0 GROUP BY {places} ORDER BY {places}) "
        f"TO {text(str(path))} (FORMAT parquet)"
    )
    return people_of(", ".join(source.shown for source in sources), pl.read_parquet(path), facts)


def _files(local: duckdb.DuckDBPyConnection, quarantine: Path, sources: Sequence[Source]) -> list[dict[str, Any]]:
    """Return what is known of each input, in the order given: name, bytes, SHA-256, rows in, settled, quarantined."""
    listed = f"SELECT _file, count(DISTINCT row) FROM read_parquet({text(str(quarantine))}) GROUP BY _file"
    held = dict(local.execute(listed).fetchall())
    entries: list[dict[str, Any]] = []
    for number, source in enumerate(sources):
        rows, out = source.rows + source.rejected.height, held.get(number, 0)
        counted = {"shape": source.shape, "rows": rows, "settled": rows - out, "quarantined": out}
        entries.append({"name": source.shown, **_content(source), **counted})
    return entries


def _content(source: Source) -> dict[str, Any]:
    """Return size and SHA-256 of a file; a table has none that could be told."""
    if source.table:
        return {}
    return {"bytes": source.path.stat().st_size, "sha256": sha256(source.path)}


def _found(
    local: duckdb.DuckDBPyConnection,
    people: People,
    files: list[dict[str, Any]],
    sources: Sequence[Source],
    covers: int,
) -> Intake:
    rows_in = sum(entry["rows"] for entry in files)
    held = sum(entry["quarantined"] for entry in files)
    grouped = count(local, "SELECT sum(rows_in) FROM typed")
    readable = sum(source.rows for source in sources)
    if grouped != readable:
        raise ConservationError(f"{readable} rows to be read, {grouped} in groups")
    if people.persons != rows_in - held:
        raise ConservationError(f"{rows_in} rows in, {held} quarantined, {people.persons} in the kinds")
    told = ", ".join(f"coalesce(sum(persons) FILTER (WHERE {condition}), 0)" for condition in NOTES.values())
    first: Any = local.execute(
        f"SELECT {told}, count(*) FILTER (WHERE first_month IS NOT NULL) FROM settling"
    ).fetchone()
    *counts, dated = map(int, first)
    notes = dict(zip(NOTES, counts, strict=True))
    empty = pl.DataFrame(schema=QUARANTINE)
    return Intake(people, empty, files, rows_in, rows_in - held, held, notes, (), covers if dated else 0)


def reads_age(law: Law) -> str:
    """Return the SQL of whether a rule of a kind's places reads the age in years."""
    aged = ", ".join(str(code) for code in aged_places(law.book)) or "0"
    read = PLACES if law.scheme["enrol"] == "residence" else PLACES[:2]
    return " OR ".join(f"{column} IN ({aged})" for column in read)


def unread(law: Law) -> dict[str, str]:
    """Return the SQL of columns of a kind of which the law reads nothing, or only in part."""
    nothing: dict[str, str] = {}
    if law.scheme.name != "risk-adjusted":
        age = f"CASE WHEN {reads_age(law)} THEN age END"
        nothing |= {"age": age, "sex": "NULL::TINYINT", "risk_group": "NULL::VARCHAR"}
    if law.scheme["enrol"] != "residence":
        nothing["residence_place"] = "enrolment_place"
    return nothing
