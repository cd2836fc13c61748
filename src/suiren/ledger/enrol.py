"""Where people are enrolled under a scheme, on whose terms, and who is shut out."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from suiren.laws import Law
from suiren.laws.book import in_set
from suiren.laws.cited import SOURCED
from suiren.laws.eligibility import CLOSED, FULL_COST, LOCAL, LOCAL_TERMS, Decision, decide_from_elsewhere
from suiren.laws.seats import aged_places
from suiren.people.kinds import PLACES, People, with_pools
from suiren.risk.weights import Weights, with_points

WHERE = {"observed": "enrolment_place", "residence": "residence_place", "hukou": "hukou_place"}
"""The column that holds the place of enrolment, by the option `enrol`."""

KEY = ("hukou_place", "enrolment_place", "person_class", "tier", "aid_group", "age")
"""What money reads of a kind once the doors have been decided; age only where a rule reads it."""

PLACED = (
    *KEY,
    "hukou_pool",
    "hukou_province",
    "enrolment_pool",
    "enrolment_province",
    "local",
    "terms",
    "door_evidence",
)
ASKED = ("asked_place", "asked_tier")
SUMS = ("persons", "person_months", "first_persons", "point_months")
TERMS = pl.Enum([LOCAL, LOCAL_TERMS, FULL_COST, CLOSED])


@dataclass(frozen=True, slots=True, eq=False)
class Enrolled:
    """Kinds placed and decided: `terms`, `door_evidence`; and how many persons met what at the doors."""

    kinds: pl.DataFrame
    placed: pl.DataFrame
    """Before the sum: each kind as asked (`asked_place`, `asked_tier`, facts) and as placed, without its sums."""
    counts: dict[str, int]
    doors: pl.DataFrame
    """One row for each answer at the doors of people from elsewhere: eligible, regime, missing, persons."""


def enrol(people: People, law: Law, weights: Weights | None, shut_out: str = "home") -> Enrolled:
    """Return the people placed as the scheme says, each on their terms.

    People whom a door shuts out stay at their hukou place (`shut_out="home"`) or make an error of the caller's
    (`"keep"`: they are returned with terms `closed`).
    """
    kinds = _collapse(people, WHERE[law.scheme["enrol"]], aged_places(law.book), weights)
    covered = 0
    if "employee_cover" in kinds.columns:
        covered = int(kinds.filter(pl.col("employee_cover"))["persons"].sum())
        kinds = kinds.filter(pl.col("employee_cover").is_null() | ~pl.col("employee_cover"))
    kinds = _local(with_pools(kinds), law)
    facts = [fact for fact in people.facts if fact != "employee_cover"]
    decided, answers = _decide(kinds, law, facts)
    if not law.keeps_doors:
        decided = decided.with_columns(
            terms=pl.when("local").then(pl.lit(LOCAL)).otherwise(pl.lit(LOCAL_TERMS)).cast(TERMS),
            door_evidence=pl.lit(SOURCED, pl.Int8),
        )
    decided = decided.with_columns(asked_place=pl.col("enrolment_place"), asked_tier=pl.col("tier"))
    closed = decided.filter(pl.col("terms") == CLOSED)
    counts = {
        "persons": int(decided["persons"].sum()),
        "employee_covered": covered,
        "elsewhere": int(answers["persons"].sum()),
        "kept_out": int(closed["persons"].sum()),
        "full_cost": int(decided.filter(pl.col("terms") == FULL_COST)["persons"].sum()),
        **_assumed(answers, law.keeps_doors),
    }
    if shut_out == "home" and not closed.is_empty():
        decided = pl.concat([decided.filter(pl.col("terms") != CLOSED), _send_home(closed)], how="vertical")
    placed = decided.select(*PLACED, *ASKED, *facts)
    if not people.facts and closed.is_empty():
        return Enrolled(decided.select(*PLACED, *SUMS), placed, counts, _met(answers))
    summed = decided.lazy().group_by(PLACED).agg(pl.col(name).sum() for name in SUMS).collect(engine="streaming")
    return Enrolled(summed, placed, counts, _met(answers))


@functools.lru_cache(maxsize=8)
def _collapse(people: People, where: str, aged: tuple[int, ...], weights: Weights | None) -> pl.DataFrame:
    """Return the kinds summed over all that the law does not read, enrolled at the place in column `where`."""
    kinds = _read_kinds(people, aged, weights)
    if where != "enrolment_place" and kinds["tier"].null_count() < kinds.height:
        moved = pl.col(where) != pl.col("enrolment_place")
        kinds = kinds.with_columns(tier=pl.when(moved).then(None).otherwise(pl.col("tier")))
    return _sum(kinds.with_columns(enrolment_place=pl.col(where)), (*KEY, *people.facts))


@functools.lru_cache(maxsize=4)
def _read_kinds(people: People, aged: tuple[int, ...], weights: Weights | None) -> pl.DataFrame:
    """Return the kinds summed over all that no scheme reads; the only step that sees all of them, so it is kept."""
    kinds = people.kinds
    if weights is not None:
        kinds = with_points(kinds, weights).with_columns(
            point_months=pl.col("points").cast(pl.Int128) * pl.col("person_months")
        )
    else:
        kinds = kinds.with_columns(point_months=pl.lit(0, pl.Int128))
    reads_age = pl.any_horizontal(pl.col(place).is_in(aged) for place in PLACES)
    kinds = kinds.with_columns(age=pl.when(reads_age).then(pl.col("age")))
    return _sum(kinds, (*KEY, "residence_place", *people.facts))


def _sum(kinds: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Return the kinds summed by `columns`; where no two are alike, which different hashes prove, nothing is summed."""
    keys = [column for column in columns if not _empty(kinds[column])]
    empty = [pl.lit(None, kinds.schema[column]).alias(column) for column in columns if column not in keys]
    if kinds.select(keys).hash_rows().n_unique() == kinds.height:
        summed = kinds.select(*keys, *SUMS)
    else:
        summed = kinds.lazy().group_by(keys).agg(pl.col(name).sum() for name in SUMS).collect(engine="streaming")
    return summed.with_columns(empty)


def _empty(column: pl.Series) -> bool:
    return column.null_count() == column.len() and column.len() > 0


def _local(kinds: pl.DataFrame, law: Law) -> pl.DataFrame:
    provinces = kinds["enrolment_province"].unique().drop_nulls().to_list()
    pooled = [province for province in provinces if in_set(law.book, "province_pooled", province, law.year)]
    same_province = pl.col("enrolment_province") == pl.col("hukou_province")
    local = (pl.col("enrolment_pool") == pl.col("hukou_pool")) | (
        same_province & pl.col("enrolment_province").is_in(pooled)
    )
    return kinds.with_columns(same_province=same_province, local=local)


def _decide(kinds: pl.DataFrame, law: Law, facts: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return `kinds` with `terms` and `door_evidence`, and what the doors answer people from elsewhere.

    Each distinct case is decided once; the answers have one row for a case: eligible, regime, missing, persons.
    """
    asked = ["enrolment_place", "person_class", "tier", "same_province", *facts]
    cases = kinds.filter(~pl.col("local")).group_by(asked).agg(pl.col("persons").sum())
    answers = [
        _answer(
            decide_from_elsewhere(
                law.book,
                case["enrolment_place"],
                case["person_class"],
                case["tier"],
                {fact: case[fact] for fact in facts},
                case["same_province"],
                law.year,
            )
        )
        for case in cases.iter_rows(named=True)
    ]
    schema = {
        "eligible": pl.String,
        "terms": TERMS,
        "regime": pl.String,
        "missing": pl.String,
        "door_evidence": pl.Int8,
    }
    answered = pl.concat([cases, pl.DataFrame(answers, schema=schema)], how="horizontal")
    found = answered.select(*asked, "terms", "door_evidence", local=pl.lit(False))
    joined = kinds.join(found, on=[*asked, "local"], how="left", nulls_equal=True)
    decided = joined.with_columns(
        terms=pl.when("local").then(pl.lit(LOCAL, TERMS)).otherwise(pl.col("terms")),
        door_evidence=pl.when("local").then(pl.lit(SOURCED, pl.Int8)).otherwise(pl.col("door_evidence")),
    )
    return decided, answered


def _answer(decision: Decision) -> dict[str, Any]:
    return {
        "eligible": decision.eligible,
        "terms": decision.terms,
        "regime": decision.regime,
        "missing": ";".join(decision.missing),
        "door_evidence": decision.evidence,
    }


def _met(answers: pl.DataFrame) -> pl.DataFrame:
    met = answers.group_by("eligible", "regime", "missing").agg(pl.col("persons").sum())
    return met.sort("persons", "eligible", "regime", "missing", descending=[True, False, False, False])


def _assumed(answers: pl.DataFrame, kept_doors: bool) -> dict[str, int]:
    """Count the people settled on assumed terms: a fact is missing, or no source speaks."""
    unsure = answers.filter((pl.col("eligible") == "undetermined") & pl.lit(kept_doors))
    silent = unsure.filter(pl.col("missing") == "regime")
    return {
        "facts_missing": int(unsure["persons"].sum()) - int(silent["persons"].sum()),
        "no_source": int(silent["persons"].sum()),
    }


def _send_home(closed: pl.DataFrame) -> pl.DataFrame:
    return closed.with_columns(
        enrolment_place=pl.col("hukou_place"),
        enrolment_pool=pl.col("hukou_pool"),
        enrolment_province=pl.col("hukou_province"),
        local=pl.lit(True),
        terms=pl.lit(LOCAL, TERMS),
        tier=pl.lit(None, pl.String),
    )
