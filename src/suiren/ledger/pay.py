"""What each payer pays for each kind of people: seats looked up once, rules run on all kinds at once."""

from __future__ import annotations

from typing import Any

import polars as pl

from suiren.errors import ConservationError
from suiren.laws import Law
from suiren.laws.aid import with_aid
from suiren.laws.cited import ASSUMED
from suiren.laws.eligibility import FULL_COST
from suiren.laws.payers import constants, payer_rules
from suiren.laws.seats import KEY as SEAT_KEY
from suiren.laws.seats import aged_places, seat_frame
from suiren.laws.uniform import uniform_amounts

ORIGIN = (
    "central_part",
    "central_known",
    "province_part",
    "central_evidence",
    "province_evidence",
    "central_tier",
)
"""What the rules read of the hukou place."""


def pay(kinds: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Return `kinds` with `pays_<payer>` (fen a head and year), `evidence_<payer>` (rank) and what the rules read."""
    aged = aged_places(law.book)
    own = _seats(kinds, law, "enrolment_place", "tier", aged)
    origin = _seats(kinds, law, "hukou_place", None, aged)
    frame = _join(kinds, own, "enrolment_place", "tier", aged)
    renamed = origin.select(*SEAT_KEY, *(pl.col(name).alias(f"origin_{name}") for name in ORIGIN))
    frame = _join(frame, renamed, "hukou_place", None, aged)
    frame = frame.with_columns(full_cost=pl.col("terms") == FULL_COST)
    frame = frame.with_columns(follows=~pl.col("local") & ~pl.col("full_cost"))
    frame = with_aid(frame, law)
    frame = uniform_amounts(frame, law)
    known = payer_rules(law.scheme.name)
    _no_holes(frame, known.inputs)
    paid = known.run(frame, constants(law.scheme))
    return paid.with_columns(**_evidence(law.scheme.name))


def _no_holes(frame: pl.DataFrame, inputs: frozenset[str]) -> None:
    """Stop where an input of the rules is missing for a kind: an empty cell would count as nothing, silently."""
    counts = frame.select(pl.col(sorted(inputs & set(frame.columns))).null_count()).row(0, named=True)
    holes = {name: count for name, count in counts.items() if count}
    if holes:
        raise ConservationError(f"inputs of rules are missing for some kinds: {holes}")


def _age_at(place: str, aged: tuple[int, ...]) -> pl.Expr:
    return pl.when(pl.col(place).is_in(aged)).then(pl.col("age"))


def _seats(kinds: pl.DataFrame, law: Law, place: str, tier: str | None, aged: tuple[int, ...]) -> pl.DataFrame:
    keys = kinds.select(
        pl.col(place).alias("place"),
        "person_class",
        (pl.col(tier) if tier else pl.lit(None, pl.String)).alias("tier"),
        _age_at(place, aged).alias("age"),
    ).unique(maintain_order=False)
    return seat_frame(law.book, sorted(keys.iter_rows(), key=_key), law.year, law.terms)


def _key(key: tuple[Any, ...]) -> tuple[Any, ...]:
    return key[0], key[1], key[2] or "", -1 if key[3] is None else key[3]


def _join(
    kinds: pl.DataFrame, seats: pl.DataFrame, place: str, tier: str | None, aged: tuple[int, ...]
) -> pl.DataFrame:
    keys = {
        "_place": pl.col(place),
        "_tier": pl.col(tier) if tier else pl.lit(None, pl.String),
        "_age": _age_at(place, aged),
    }
    right = seats.rename({"place": "_place", "tier": "_tier", "age": "_age"})
    joined = kinds.with_columns(**keys).join(
        right, on=["_place", "person_class", "_tier", "_age"], how="left", nulls_equal=True, maintain_order="left"
    )
    return joined.drop(*keys)


def _evidence(scheme: str) -> dict[str, pl.Expr]:
    """Return for each payer how good the evidence of its money is: as weak as the weakest figure it is made of."""
    full = pl.when("full_cost").then(pl.col("standard_evidence")).otherwise(pl.lit(0, pl.Int8))
    centre, province, local = pl.col("central_evidence"), pl.col("province_evidence"), pl.col("local_evidence")
    if scheme == "portable":
        follows = pl.col("follows")
        centre = pl.when(follows).then(pl.col("origin_central_evidence")).otherwise(centre)
        upper = pl.max_horizontal("origin_province_evidence", "central_evidence", "origin_central_evidence")
        province = pl.when(follows & ~pl.col("municipality")).then(upper).otherwise(province)
        local = pl.when(follows).then(pl.max_horizontal(local, upper)).otherwise(local)
        province = pl.when(follows & pl.col("municipality")).then(local).otherwise(province)
    if scheme == "risk-adjusted":
        centre = pl.lit(ASSUMED, pl.Int8)
        local = centre
    if scheme == "upper-funded":
        province = local
    aid = pl.when(pl.col("pays_medical_aid") > 0).then(pl.col("aid_evidence")).otherwise(pl.lit(0, pl.Int8))
    contribution = pl.max_horizontal("contribution_evidence", full, aid)
    grades = {
        "individual": contribution,
        "medical_aid": contribution,
        "centre": centre,
        "province": province,
        "city": local,
        "county": local,
        "city_and_county": local,
        "undivided": local,
    }
    return {
        f"evidence_{payer}": pl.max_horizontal(grade, "door_evidence").cast(pl.Int8) for payer, grade in grades.items()
    }
