"""The law's tables arranged for look-up: by place, by class, by year. Built once for each set of tables."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from suiren import places
from suiren.errors import fail
from suiren.laws.cited import Cited, cite
from suiren.laws.load import Row, Tables


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """Rows of the law by what they are asked for; places are integer codes."""

    tables: Tables
    base: Mapping[int, Row]
    minimum: Mapping[int, Row]
    tiers: Mapping[int, tuple[Row, ...]]
    shares: Mapping[int, tuple[Row, ...]]
    sets: Mapping[str, tuple[Row, ...]]
    classes: Mapping[int, tuple[Row, ...]]
    splits: Mapping[int, tuple[tuple[Row, ...], ...]]
    amounts: Mapping[tuple[str, int], tuple[Row, ...]]
    doors: Mapping[int, tuple[Row, ...]]
    incomes: Mapping[tuple[int, int], Row]
    aid: Mapping[str, tuple[Row, ...]]
    facts: tuple[str, ...]
    aged: frozenset[int]


@functools.lru_cache(maxsize=8)
def book(tables: Tables) -> Book:
    """Return the tables arranged for look-up."""
    national = {
        item: {row["notice_year"]: row for row in tables["national"] if row["item"] == item}
        for item in ("base_standard", "minimum_contribution")
    }
    amounts: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in tables["amounts"]:
        amounts[row["item"], row["place_code"]].append(row)
    splits: dict[int, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in tables["splits"]:
        splits[row["place_code"]][row["rule_id"]].append(row)
    aged = {row["place_code"] for name in ("amounts", "splits") for row in tables[name] if row["age_from"] is not None}
    return Book(
        tables=tables,
        base=national["base_standard"],
        minimum=national["minimum_contribution"],
        tiers=_by(tables["central_tiers"], "place_code"),
        shares=_by(tables["central_shares"], "tier"),
        sets=_by(tables["place_sets"], "set"),
        classes=_by(tables["place_classes"], "place_code"),
        splits={place: tuple(tuple(rule) for rule in rules.values()) for place, rules in splits.items()},
        amounts={key: tuple(rows) for key, rows in amounts.items()},
        doors=_by(tables["doors"], "place_code"),
        incomes={(row["place_code"], row["year"]): row for row in tables["incomes"]},
        aid=_by(tables["aid"], "aid_group"),
        facts=tuple(row["name"] for row in tables["facts"] if not row["computed"]),
        aged=frozenset(aged),
    )


def _by(rows: tuple[Row, ...], column: str) -> dict[Any, tuple[Row, ...]]:
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return {key: tuple(group) for key, group in found.items()}


def years(tables: Tables) -> list[int]:
    """Return the notice years for which both national figures are known from 2014 on, ascending."""
    known = book(tables)
    return sorted(year for year in known.base.keys() & known.minimum.keys() if year >= 2014)


def check_year(tables: Tables, year: int) -> None:
    """Raise an error where the law has no national figures for the notice year."""
    known = years(tables)
    if year not in known:
        raise fail(
            "E-law-year",
            f"There is no law for the notice year {year}.",
            "A year needs the national base standard and the minimum contribution.",
            f"The years are {known[0]} to {known[-1]}." if known else "national.csv has no complete year.",
        )


@functools.cache
def chain(place: int) -> tuple[int, ...]:
    """Return the codes whose rules reach a place, nearest first: county, pool, province."""
    found = places.get(place)
    return tuple(dict.fromkeys((place, *(int(code) for code in (found.pool, found.province) if code))))


@functools.lru_cache(maxsize=100)
def base_standard(known: Book, year: int) -> Cited:
    """Return the national minimum subsidy of a notice year, fen a head."""
    row = known.base[year]
    return cite(row["amount_yuan"], row)


@functools.lru_cache(maxsize=100)
def minimum_contribution(known: Book, year: int) -> Cited:
    """Return the national minimum contribution that a notice year sets, fen a head."""
    row = known.minimum[year]
    return cite(row["amount_yuan"], row)


@functools.lru_cache(maxsize=100_000)
def in_set(known: Book, name: str, place: int, year: int) -> bool:
    """Return whether a place, its pool or its province belongs to a set (planned_city ...) in a year."""
    return any(
        row["place_code"] in chain(place)
        and row["notice_year_from"] <= year
        and (row["notice_year_to"] is None or year <= row["notice_year_to"])
        for row in known.sets.get(name, ())
    )
