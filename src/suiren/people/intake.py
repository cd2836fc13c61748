"""Person rows in, kinds of people out; a row that cannot be settled goes to quarantine, and no row is lost."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from suiren.engines import duck
from suiren.engines.duck import Source, name, text
from suiren.errors import ConservationError, Problem, did_you_mean, raise_all
from suiren.laws import Law
from suiren.people.checks import checks
from suiren.people.kinds import People, people_of
from suiren.people.quarantine import quarantine_of
from suiren.people.records import OPTIONAL, REQUIRED
from suiren.people.stage import refuse_rows, spell_rows, type_rows

SUFFIXES = (".csv", ".parquet")
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
            hint = did_you_mean(given.name, near)
            problems.append(Problem("E-input", f"There is no file or folder {str(given)!r}.", do=hint))
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
        facts = (*law.book.facts, "employee_cover")
        wanted = tuple(dict.fromkeys((*REQUIRED, *OPTIONAL, *facts)))
        sources = [duck.read(connection, folder, path, number, wanted) for number, path in enumerate(paths)]
        used = _check_columns(sources, facts)
        points = law.scheme.name == "risk-adjusted"
        conditions = checks(used, law.year, strict, points)
        type_rows(connection, folder, sources, used, conditions, law.year)
        refuse_rows(connection, folder, law, used, strict, doors)
        spell_rows(connection, used)
        quarantine = quarantine_of(connection, folder, sources, conditions, lang)
        people = _people(connection, folder, sources, used)
        rows = _count_rows(connection, sources)
        if keep is not None:
            keep(connection, folder, people)
        assumed = duck.count(connection, "SELECT count(*) FROM settled WHERE class_unknown")
    listed = [_file(source, *rows[number]) for number, source in enumerate(sources)]
    rows_in = sum(entry["rows"] for entry in listed)
    held = sum(entry["quarantined"] for entry in listed)
    if people.persons != rows_in - held:
        raise ConservationError(f"{rows_in} rows in, {held} quarantined, {people.persons} in the kinds")
    return Intake(people, quarantine, listed, rows_in, rows_in - held, held, assumed)


def _check_columns(sources: list[Source], facts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the facts that some file has a column for; a missing required column is an error."""
    problems: list[Problem] = []
    for source in sources:
        for column in REQUIRED:
            if column not in source.columns:
                others = [other.lower() for other in source.others if not any(char.isdigit() for char in other)]
                hint = did_you_mean(column, others)
                what = f"The column {column} is missing."
                why = "Without it nobody knows whom, or where, the row is about."
                do = hint or f"Its columns are {', '.join(sorted((*source.columns, *others)))}."
                problems.append(Problem("E-column", what, why, do, source.path.name))
    raise_all(problems)
    return tuple(fact for fact in facts if any(fact in source.columns for source in sources))


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


def _count_rows(connection: duckdb.DuckDBPyConnection, sources: list[Source]) -> list[tuple[int, int, int]]:
    """Return for each file its rows in, settled and quarantined, each counted on its own table.

    Raises:
        ConservationError: they do not add up.
    """
    counted: list[tuple[int, int, int]] = []
    for number, source in enumerate(sources):
        rows = duck.count(connection, f"SELECT count(*) FROM raw_{number}")
        rejected = duck.count(connection, f"SELECT count(*) FROM rejected_{number}")
        settled = duck.count(connection, f"SELECT count(*) FROM settled WHERE _file = {number}")
        held = rejected + sum(
            duck.count(connection, f"SELECT count(DISTINCT _row) FROM {table} WHERE _file = {number}")
            for table in ("bad", "refused", "duplicate")
        )
        if rows + rejected != settled + held:
            raise ConservationError(f"{source.path.name}: {rows + rejected} in, {settled} settled, {held} held back")
        counted.append((rows + rejected, settled, held))
    return counted


def _file(source: Source, rows: int, settled: int, held: int) -> dict[str, Any]:
    with source.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    return {
        "name": source.path.name,
        "bytes": source.path.stat().st_size,
        "sha256": digest.hexdigest(),
        "rows": rows,
        "settled": settled,
        "quarantined": held,
    }
