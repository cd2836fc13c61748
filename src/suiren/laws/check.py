"""What the law tables contradict, and what rests on assumption: by pool and by population."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from suiren import places
from suiren.laws import Law
from suiren.laws.cited import ASSUMED
from suiren.laws.eligibility import doors_of
from suiren.laws.load import Row
from suiren.laws.schema import EVIDENCE
from suiren.laws.seats import seat
from suiren.money import yuan

TOPICS = ("standard", "contribution", "split", "regime")
TYPICAL_CLASS = "adult"
"""The class that the coverage of the law is told for."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two rows of the tables that cannot both hold, or a doubt that was written down."""

    place: int | None
    notice_year: int | None
    topic: str
    what: str
    treatment: str


def contradictions(law: Law) -> list[Contradiction]:
    """Return what the tables contradict, found by comparing rows, and then the doubts written down in `doubts.csv`."""
    written = [
        Contradiction(row["place_code"], row["notice_year"], row["topic"], row["what"], row["treatment"])
        for row in law.tables["doubts"]
    ]
    return [*_amounts(law), *_doors(law), *written]


def _amounts(law: Law) -> Iterator[Contradiction]:
    groups: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in law.tables["amounts"]:
        for person_class in row["person_class"]:
            key = (
                row["place_code"],
                row["notice_year"],
                row["item"],
                row["tier"] or "",
                row["age_from"],
                row["age_to"],
                len(row["person_class"]),
                person_class,
            )
            groups[key].append(row)
    told: set[tuple[int, ...]] = set()
    for key, rows in sorted(groups.items(), key=lambda pair: pair[1][0].line):
        values = {row["amount_yuan"] for row in rows}
        lines = tuple(row.line for row in rows)
        if len(values) > 1 and lines not in told:
            told.add(lines)
            listed = ", ".join(f"{yuan(row['amount_yuan'])} ({row.where}, {row['evidence']})" for row in rows)
            what = f"{key[2]} of {key[7]}: {listed}"
            yield Contradiction(
                rows[0]["place_code"],
                rows[0]["notice_year"],
                "amount",
                what,
                "the best evidence, then the first row, holds",
            )


def _doors(law: Law) -> Iterator[Contradiction]:
    groups: dict[tuple[int, int, str], list[Row]] = defaultdict(list)
    for row in law.tables["doors"]:
        for person_class in row["person_class"]:
            groups[row["place_code"], row["notice_year"], person_class].append(row)
    told: set[tuple[int, ...]] = set()
    for (place, year, person_class), rows in sorted(groups.items()):
        closed = [row for row in rows if row["regime"] == "hukou_only"]
        through = [row for row in rows if row["regime"] in {"residence_permit", "open"} and _wide(row)]
        free = [row for row in rows if row["regime"] == "open" and not row["needs"]]
        full = [row for row in rows if row["regime"] == "full_cost" and not row["needs"]]
        for one, other in ((closed, through), (free, full)):
            clash = [(a, b) for a in one for b in other if a["tier"] == b["tier"]]
            lines = tuple(sorted({row.line for pair in clash for row in pair}))
            if clash and lines not in told:
                told.add(lines)
                listed = ", ".join(
                    f"{row['regime']} ({row.where}, {row['evidence']})"
                    for row in dict.fromkeys(r for pair in clash for r in pair)
                )
                yield Contradiction(
                    place, year, "regime", f"{person_class}: {listed}", "all doors stay; local terms go first"
                )


def _wide(row: Row) -> bool:
    return not row["needs"] or row["needs"] == (("has_permit", True),)


def coverage(law: Law, weights: dict[int, int]) -> pl.DataFrame:
    """Return how many pools, and how many persons (`weights` by pool), rest on which evidence, for adults.

    Columns: topic (standard, contribution, split, regime), evidence, pools, persons. A pool where no source speaks
    on the regime counts as `assumed`.
    """
    counted: dict[tuple[str, str], list[int]] = {(topic, grade): [0, 0] for topic in TOPICS for grade in EVIDENCE}
    for pool in places.pools():
        code = int(pool.code)
        found = seat(law.book, (code, TYPICAL_CLASS, None, None), law.year, law.terms)
        doors = doors_of(law.book, code, TYPICAL_CLASS, found.tier, law.year)
        grades = {
            "standard": found.standard.evidence,
            "contribution": found.contribution.evidence,
            "split": found.grades()["province_evidence"],
            "regime": min((door.evidence for door in doors), default=ASSUMED),
        }
        for topic, grade in grades.items():
            entry = counted[topic, EVIDENCE[grade]]
            entry[0] += 1
            entry[1] += weights.get(code, 0)
    rows = [(topic, grade, pools, persons) for (topic, grade), (pools, persons) in counted.items()]
    return pl.DataFrame(rows, schema=["topic", "evidence", "pools", "persons"], orient="row")
