"""What each law table must look like: its columns, how a cell is read, and what makes a row unique."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from suiren import money

EVIDENCE = ("sourced", "secondary", "derived", "modelled", "assumed")
"""Grades of evidence, strongest first; a sum is as good as its weakest part."""

CLASSES = ("newborn", "preschool", "pupil", "student", "adult", "elderly")
"""Classes of persons; by age: under 1, 1-5, 6-17, (students only when stated), 18-59, 60 and over."""

REGIMES = ("hukou_only", "full_cost", "relative", "residence_permit", "open")
PAYERS = ("centre", "province", "city", "county", "city_and_county")
BASES = ("yuan", "share_of_total", "share_of_noncentral")
ITEMS = ("contribution", "subsidy")
SETS = ("province_pooled", "planned_city", "municipality")

NATION = 100000
"""The code of the whole country, and of the centre as a payer."""

FIRST_YEAR, LAST_YEAR = 2000, 2100
OLDEST = 120


class CellError(ValueError):
    """A cell that cannot be read: what is wrong, and which known names are near."""

    def __init__(self, what: str, known: tuple[str, ...] = (), word: str = "") -> None:
        """Hold the sentence, and what to search for the nearest valid name."""
        super().__init__(what)
        self.known = known
        self.word = word


Reader = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """How a column's cells are read; an empty cell is `None` where allowed."""

    read: Reader
    required: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """A table's columns and the columns that no two rows may share."""

    name: str
    columns: Mapping[str, Column]
    key: tuple[str, ...]


def _text(cell: str) -> str:
    return cell


def _one_of(names: tuple[str, ...]) -> Reader:
    def read(cell: str) -> str:
        if cell not in names:
            raise CellError(f"{cell!r} is none of {', '.join(names)}.", names, cell)
        return cell

    return read


def _year(cell: str) -> int:
    if not (cell.isdecimal() and FIRST_YEAR <= int(cell) <= LAST_YEAR):
        raise CellError(f"{cell!r} is not a year from {FIRST_YEAR} to {LAST_YEAR}.")
    return int(cell)


def _age(cell: str) -> int:
    if not (cell.isdecimal() and int(cell) <= OLDEST):
        raise CellError(f"{cell!r} is not an age from 0 to {OLDEST}.")
    return int(cell)


def _fen(cell: str) -> int:
    try:
        return money.parse_fen(cell)
    except ValueError as error:
        raise CellError(f"{error}; amounts are in yuan with at most two decimals.") from None


def _share(cell: str) -> Fraction:
    try:
        share = money.parse_share(cell)
    except ValueError as error:
        raise CellError(f"{error}.") from None
    if not 0 <= share <= 1:
        raise CellError(f"The share {cell} is not between 0 and 1.")
    if (share * 10_000).denominator != 1:
        raise CellError(f"The share {cell} is finer than a basis point (0.0001).")
    return share


def _number(cell: str) -> Fraction:
    try:
        number = money.parse_share(cell)
    except ValueError:
        raise CellError(f"{cell!r} is not a number.") from None
    if number < 0:
        raise CellError(f"{cell} is negative.")
    return number


def _flag(cell: str) -> bool:
    if cell not in {"true", "false"}:
        raise CellError(f"{cell!r} is neither true nor false.", ("true", "false"), cell)
    return cell == "true"


def _place(cell: str) -> int:
    from suiren import places

    if not (len(cell) == 6 and cell.isdecimal()):
        raise CellError(f"{cell!r} is not a place code of six digits.")
    known = _codes()
    if cell not in known:
        raise CellError(f"No place has the code {cell}.", tuple(known), cell)
    return int(places.get(cell).code)


def _place_or_nation(cell: str) -> int:
    return NATION if cell == str(NATION) else _place(cell)


@functools.cache
def _codes() -> dict[str, None]:
    from suiren import places

    return {place.code: None for place in places.all_places() if place.level != "zone"}


def _classes(cell: str) -> tuple[str, ...]:
    if cell == "all":
        return CLASSES
    classes = tuple(part.strip() for part in cell.split(";"))
    for name in classes:
        if name not in CLASSES:
            raise CellError(f"{name!r} is no class of persons.", ("all", *CLASSES), name)
    return classes


def _needs(cell: str) -> tuple[tuple[str, bool], ...]:
    found: list[tuple[str, bool]] = []
    for part in cell.split(";"):
        name, _, answer = part.strip().partition("=")
        if answer not in {"yes", "no"}:
            raise CellError(f"{part.strip()!r} is not a condition such as has_permit=yes.", ("yes", "no"), answer)
        found.append((name, answer == "yes"))
    return tuple(found)


def _tier(cell: str) -> str:
    if not (cell.startswith("tier_") and cell[5:].isdecimal()):
        raise CellError(f"{cell!r} is not a tier such as tier_1 (the dearest).", ("tier_1", "tier_2", "tier_3"), cell)
    return cell


def _central_tier(cell: str) -> int:
    if cell not in {"1", "2", "3", "4", "5"}:
        raise CellError(f"{cell!r} is not a central tier from 1 to 5.")
    return int(cell)


def _dated(*names: str) -> dict[str, Column]:
    return {name: Column(_year, required=name in {"notice_year", "notice_year_from", "year"}) for name in names}


def _cited() -> dict[str, Column]:
    return {"document": Column(_text), "evidence": Column(_one_of(EVIDENCE)), "note": Column(_text, required=False)}


_PLACE = {"place_code": Column(_place)}
_AGES = {"age_from": Column(_age, required=False), "age_to": Column(_age, required=False)}

TABLES: tuple[Table, ...] = (
    Table(
        "national",
        {
            "item": Column(_one_of(("base_standard", "minimum_contribution"))),
            **_dated("notice_year", "coverage_year"),
            "amount_yuan": Column(_fen),
            **_cited(),
        },
        ("item", "notice_year"),
    ),
    Table(
        "central_tiers",
        {**_PLACE, **_dated("notice_year_from"), "tier": Column(_central_tier), **_cited()},
        ("place_code", "notice_year_from"),
    ),
    Table(
        "central_shares",
        {
            "tier": Column(_central_tier),
            **_dated("notice_year_from", "notice_year_to"),
            "first_yuan": Column(_fen),
            "share_of_first": Column(_share),
            "share_of_rest": Column(_share),
            **_cited(),
        },
        ("tier", "notice_year_from"),
    ),
    Table(
        "place_sets",
        {**_PLACE, "set": Column(_one_of(SETS)), **_dated("notice_year_from", "notice_year_to"), **_cited()},
        ("place_code", "set", "notice_year_from"),
    ),
    Table(
        "place_classes",
        {**_PLACE, "class_id": Column(_text), **_dated("notice_year_from", "notice_year_to"), **_cited()},
        ("place_code", "class_id", "notice_year_from"),
    ),
    Table(
        "splits",
        {
            "rule_id": Column(_text),
            **_PLACE,
            "class_id": Column(_text, required=False),
            "person_class": Column(_classes),
            **_dated("notice_year", "coverage_year"),
            **_AGES,
            "payer": Column(_one_of(PAYERS)),
            "basis": Column(_one_of(BASES)),
            "value": Column(_number),
            "at_least": Column(_flag),
            **_cited(),
        },
        ("rule_id", "payer"),
    ),
    Table(
        "amounts",
        {
            "fact_id": Column(_text),
            **_PLACE,
            "person_class": Column(_classes),
            "tier": Column(_tier, required=False),
            "tier_name": Column(_text, required=False),
            "item": Column(_one_of(ITEMS)),
            **_dated("notice_year", "coverage_year"),
            "amount_yuan": Column(_fen),
            "at_least": Column(_flag),
            **_AGES,
            **_cited(),
        },
        ("fact_id",),
    ),
    Table(
        "doors",
        {
            "fact_id": Column(_text),
            **_PLACE,
            "person_class": Column(_classes),
            "tier": Column(_tier, required=False),
            "regime": Column(_one_of(REGIMES)),
            "needs": Column(_needs, required=False),
            **_dated("notice_year", "coverage_year"),
            **_cited(),
        },
        ("fact_id",),
    ),
    Table(
        "facts",
        {
            "name": Column(_text),
            "says_en": Column(_text),
            "says_zh": Column(_text),
            "computed": Column(_flag),
        },
        ("name",),
    ),
    Table(
        "incomes",
        {**_PLACE, **_dated("year"), "disposable_income_yuan": Column(_fen), **_cited()},
        ("place_code", "year"),
    ),
    Table(
        "aid",
        {
            "aid_group": Column(_text),
            "place_code": Column(_place, required=False),
            "notice_year": Column(_year, required=False),
            "kind": Column(_one_of(("share", "yuan"))),
            "value": Column(_number),
            **_cited(),
        },
        ("aid_group", "place_code", "notice_year"),
    ),
    Table(
        "doubts",
        {
            "place_code": Column(_place_or_nation, required=False),
            "notice_year": Column(_year, required=False),
            "topic": Column(_one_of(("regime", "amount", "split", "tier"))),
            "what": Column(_text),
            "treatment": Column(_text),
        },
        ("place_code", "notice_year", "topic", "what"),
    ),
)
"""The law's tables, in the order in which they are read and exported."""
