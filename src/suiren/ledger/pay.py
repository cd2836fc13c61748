"""What each payer pays for each kind of people: seats looked up once, rules run on all kinds at once."""

from __future__ import annotations

from typing import Any

import polars as pl

from suiren.errors import ConservationError
from suiren.laws import Law
from suiren.laws.aid import with_aid
from suiren.laws.cited import ASSUMED
from suiren.laws.eligibility import FULL_COST
from suiren.laws.payers import LEVELS, constants, payer_rules
from suiren.laws.seats import KEY as SEAT_KEY
from suiren.laws.seats import aged_places, seat_frame
from suiren.laws.uniform import MEANS_READ, uniform_amounts

ORIGIN = (
    "central_part",
    "central_known",
    "province_part",
    "central_evidence",
    "province_evidence",
    "central_tier",
)
"""What the rules read of the hukou place."""
READ = (
    *("standard_fen", "contribution_fen", "full_cost", "follows", "undivided", "planned_city"),
    *("origin_province_part", "origin_province_evidence", "centre_after_cap", "province_after_cap"),
)
"""What is read of the seats and the rules after them, besides who pays what."""
SLICE = 1 << 18


def pay(kinds: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Return `kinds` with `pays_<payer>` (fen a head and year), `evidence_<payer>` (rank) and `READ` as far as known.

    Many kinds are worked on in slices: what the rules find on the way is several times what is kept.
    """
    aged = aged_places(law.book)
    own = _seats(kinds, law, "enrolment_place", "tier", aged)
    origin = _seats(kinds, law, "hukou_place", None, aged)
    origin = origin.select(*SEAT_KEY, *(pl.col(name).alias(f"origin_{name}") for name in ORIGIN))
    whole = _uniform(law) or kinds.is_empty()
    slices = [kinds] if whole else kinds.iter_slices(SLICE)
    return pl.concat([_paid(part, law, own, origin, aged) for part in slices], rechunk=False)


def _paid(
    kinds: pl.DataFrame, law: Law, own: pl.DataFrame, origin: pl.DataFrame, aged: tuple[int, ...]
) -> pl.DataFrame:
    frame = _join(kinds, own, "enrolment_place", "tier", aged)
    frame = _join(frame, origin, "hukou_place", None, aged)
    frame = frame.with_columns(full_cost=pl.col("terms") == FULL_COST)
    frame = frame.with_columns(follows=~pl.col("local") & ~pl.col("full_cost"))
    frame = with_aid(frame, law)
    frame = uniform_amounts(frame, law)
    known = payer_rules(law.scheme.name)
    _no_holes(frame, known.inputs)
    grades = _evidence(law.scheme.name)
    paid = known.run(frame, constants(law.scheme)).with_columns(**grades)
    kept = (*READ, *(MEANS_READ if _uniform(law) else ()), *(f"pays_{level}" for level in LEVELS), *grades)
    return paid.select(*kinds.columns, *(column for column in dict.fromkeys(kept) if column in paid.columns))


def _uniform(law: Law) -> bool:
    return law.scheme["province"] == "uniform"


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
