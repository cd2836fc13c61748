"""Kinds written before (`settle --kinds-only`): several files are summed, so that provinces can settle apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from suiren.errors import Problem, fail, raise_all
from suiren.laws import Law
from suiren.laws.schema import CLASSES, OLDEST
from suiren.money import exact_sum, to_int64
from suiren.people.files import Source, sha256
from suiren.people.kinds import SUMS, TYPES, People, people_of

SHAPE = "kinds"


def are_kinds(sources: Sequence[Source]) -> bool:
    """Return whether the inputs are kinds, not person rows.

    Raises:
        SuirenError: some are, some are not.
    """
    kinds = [source.shape == SHAPE for source in sources]
    if any(kinds) and not all(kinds):
        rows = next(source.shown for source in sources if source.shape != SHAPE)
        raise fail(
            "E-kinds-mixed",
            f"{rows} holds person rows, other inputs hold kinds.",
            "Double cover between the two could not be seen.",
            "Make kinds of the rows first (`suiren settle ROWS --kinds-only`), or settle all the rows together.",
        )
    return any(kinds)


def made_under(law: Law, coverage_year: int) -> dict[str, str]:
    """Return what a file of kinds says of its making: notice year, whether doors shut people out, coverage year."""
    doors = law.keeps_doors and law.scheme["enrol"] == "observed"
    return {"suiren.year": str(law.year), "suiren.doors": str(doors).lower(), "suiren.covers": str(coverage_year)}


def _made_otherwise(source: Source, law: Law) -> Iterator[Problem]:
    """Yield what tells that kinds were made for another year, or for schemes with other doors than the one at hand."""
    said = pl.read_parquet_metadata(source.path)
    asked = made_under(law, 0)
    year, doors = said.get("suiren.year", asked["suiren.year"]), said.get("suiren.doors", asked["suiren.doors"])
    if year != asked["suiren.year"]:
        what = f"The kinds were made for notice year {year}, not {law.year}."
        yield Problem(
            "E-kinds-year", what, "Ages and months are those of that year.", f"Use --year {year}.", source.shown
        )
    if doors != asked["suiren.doors"]:
        kept = "were left out" if doors == "true" else "are still in"
        what = f"The kinds were made for a scheme with other doors than {law.scheme.label}."
        why = f"People whom today's doors shut out {kept}."
        do = f"Make them with --scheme {law.scheme.label}, or settle a scheme like theirs."
        yield Problem("E-kinds-scheme", what, why, do, source.shown)


def sum_kinds(sources: Sequence[Source], facts: Sequence[str], law: Law) -> tuple[People, list[dict[str, Any]]]:
    """Return the people of several files of kinds together, and for each file name, bytes, SHA-256 and rows.

    Raises:
        SuirenError: a column that is missing or holds what no kind holds; the same file twice.
    """
    frames: list[pl.DataFrame] = []
    problems: list[Problem] = []
    entries: list[dict[str, Any]] = []
    for source in sources:
        frame = pl.read_parquet(source.path)
        problems += [*_faults(frame, source.shown), *_made_otherwise(source, law)]
        digest = sha256(source.path)
        if digest in {entry["sha256"] for entry in entries}:
            what = f"{source.shown} is the same as another input."
            problems.append(Problem("E-kinds-twice", what, "Its people would count twice.", "Name each file once."))
        frames.append(frame)
        entries.append({"name": source.shown, "bytes": source.path.stat().st_size, "sha256": digest, "shape": SHAPE})
    raise_all(problems)
    known = [fact for fact in facts if any(fact in frame.columns for frame in frames)]
    types = {**TYPES, **dict.fromkeys(known, pl.Boolean)}
    whole = pl.concat([_typed(frame, types) for frame in frames])
    keys = [column for column in types if column not in SUMS]
    summed = to_int64(whole.group_by(keys).agg(exact_sum(column).alias(column) for column in SUMS), *SUMS)
    for entry, frame in zip(entries, frames, strict=True):
        rows = int(frame["persons"].sum())
        entry |= {"rows": rows, "settled": rows, "quarantined": 0}
    names = ", ".join(source.shown for source in sources)
    return people_of(names, summed.sort(keys), known), entries


def _typed(frame: pl.DataFrame, types: dict[str, Any]) -> pl.DataFrame:
    return frame.select(
        (pl.col(column) if column in frame.columns else pl.lit(None)).cast(kind).alias(column)
        for column, kind in types.items()
    )


def _faults(frame: pl.DataFrame, shown: str) -> list[Problem]:
    """Return what is wrong with a file of kinds."""
    why = "Kinds are written by `suiren settle --kinds-only`; edited by hand they may be wrong."
    missing = [column for column in TYPES if column not in frame.columns]
    if missing:
        return [Problem("E-kinds", f"The column {', '.join(missing)} is missing.", why, where=shown)]
    problems: list[Problem] = []
    for column in SUMS:
        kind = frame.schema[column]
        if not kind.is_integer() or frame[column].null_count() or (frame.height and int(frame[column].min() or 0) < 0):  # type: ignore[arg-type]
            problems.append(
                Problem("E-kinds", f"{column} is not a whole number, 0 or more, in every row.", why, where=shown)
            )
    if problems:
        return problems
    limits = {
        "Some kinds have more than 12 months a person.": pl.col("person_months") > pl.col("persons") * 12,
        "Some kinds are charged more contributions than they have persons.": pl.col("first_persons")
        > pl.col("persons"),
        "Some kinds have a sex other than 1 and 2.": ~pl.col("sex").is_in([1, 2]),
        f"Some kinds have an age outside 0 to {OLDEST}.": ~pl.col("age").is_between(0, OLDEST),
    }
    problems += [
        Problem("E-kinds", what, why, where=shown) for what, wrong in limits.items() if frame.filter(wrong).height
    ]
    strange = set(frame["person_class"].cast(pl.String).unique().to_list()) - set(CLASSES)
    if strange:
        problems.append(Problem("E-kinds", f"person_class {min(map(str, strange))} is no class.", why, where=shown))
    return problems
