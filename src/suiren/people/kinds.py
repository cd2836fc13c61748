"""Kinds of people: one row for each distinct combination the law can read, with whole-number sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from suiren import places
from suiren.errors import Problem, raise_all
from suiren.laws.schema import CLASSES

PLACES = ("hukou_place", "enrolment_place", "residence_place")
TEXTS = ("tier", "aid_group", "risk_group")
CLASS_TYPE = pl.Enum(CLASSES)
SUMS = ("persons", "person_months", "first_persons", "cost_fen")
"""Persons, their months, those whose contribution is charged in this row, and medical cost in fen."""

TYPES: dict[str, Any] = {
    **dict.fromkeys(PLACES, pl.Int32),
    "person_class": CLASS_TYPE,
    **dict.fromkeys(TEXTS, pl.String),
    "sex": pl.Int8,
    "age": pl.Int16,
    **dict.fromkeys(SUMS, pl.Int64),
}

CLASS_AGES: dict[str, tuple[int, int]] = {
    "newborn": (0, 0),
    "preschool": (1, 5),
    "pupil": (6, 17),
    "adult": (18, 59),
    "elderly": (60, 120),
}
"""The class by age, where none is stated; both ends included."""


BELIEVABLE = {
    "newborn": (0, 1),
    "preschool": (0, 7),
    "pupil": (5, 21),
    "student": (14, 45),
    "adult": (16, 120),
    "elderly": (45, 120),
}
"""Ages at which a stated class is believable, both ends included."""


def class_of(age: int) -> str:
    """Return the class of a person of this age who is no student."""
    return next(name for name, (low, high) in CLASS_AGES.items() if low <= age <= high)


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Enrolled people as kinds; `facts` are the boolean columns the law may read (empty = not known).

    `modelled`: no file of records but a model; its money rests on no better evidence than `modelled`.
    """

    name: str
    kinds: pl.DataFrame
    facts: tuple[str, ...] = ()
    modelled: bool = False
    inputs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def persons(self) -> int:
        """How many persons the kinds stand for."""
        return int(self.kinds["persons"].sum())


def people_of(
    name: str,
    frame: pl.DataFrame,
    facts: Sequence[str] = (),
    modelled: bool = False,
    inputs: Mapping[str, Any] | None = None,
) -> People:
    """Return people from a frame with at least the three places, `person_class` and `persons`; the rest is filled."""
    defaults: dict[str, pl.Expr] = {
        "sex": pl.lit(None, pl.Int8),
        "age": pl.lit(None, pl.Int16),
        **{text: pl.lit(None, pl.String) for text in TEXTS},
        "person_months": pl.col("persons") * 12,
        "first_persons": pl.col("persons"),
        "cost_fen": pl.lit(0, pl.Int64),
    }
    missing = [make.alias(column) for column, make in defaults.items() if column not in frame.columns]
    types = {**TYPES, **dict.fromkeys(facts, pl.Boolean)}
    filled = frame.with_columns(missing).with_columns(pl.col(column).cast(kind) for column, kind in types.items())
    _check_places(filled)
    return People(name, filled.select(*TYPES, *facts), tuple(facts), modelled, inputs or {})


def _check_places(kinds: pl.DataFrame) -> None:
    """Raise an error that names the codes which are no pool, municipality or county."""
    known = set(places.frame().filter(pl.col("level") != "province")["code"].to_list())
    problems: list[Problem] = []
    for column in PLACES:
        codes = kinds[column].unique().sort().to_list()
        strange = ["(empty)" if code is None else str(code) for code in codes if code not in known]
        if strange:
            what = f"{column}: {', '.join(strange[:5])} is no prefecture or county code."
            problems.append(Problem("E-kinds-place", what))
    raise_all(problems)


def with_pools(kinds: pl.DataFrame) -> pl.DataFrame:
    """Return `kinds` with pool and province of the hukou and the enrolment place (Int32)."""
    known = places.frame().select("code", "pool_code", "province_code")
    for side in ("hukou", "enrolment"):
        renamed = known.rename(
            {"code": f"{side}_place", "pool_code": f"{side}_pool", "province_code": f"{side}_province"}
        )
        kinds = kinds.drop(f"{side}_pool", f"{side}_province", strict=False).join(
            renamed, on=f"{side}_place", how="left", maintain_order="left"
        )
    return kinds


__all__ = ["CLASSES", "CLASS_AGES", "PLACES", "SUMS", "TYPES", "People", "class_of", "people_of", "with_pools"]
