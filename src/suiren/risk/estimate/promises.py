"""Promises: groups of people who shall not be under-paid, read from a file, bound into the estimate."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from suiren import places
from suiren.errors import Problem, SuirenError, did_you_mean, fail, raise_all
from suiren.laws.schema import OLDEST
from suiren.risk.estimate.sums_table import ORIGINS, Sums, bands
from suiren.risk.numbers import exact_number
from suiren.risk.weights import UNPRINTABLE

BINDINGS = ("not_under", "exact")
FROM = {"elsewhere": ORIGINS[1:], **{origin: (origin,) for origin in ORIGINS}}
SEXES = {"m": 1, "f": 2, "男": 1, "女": 2}
KEYS = ("name", "binding", "repair", "from", "age_from", "age_to", "sex", "risk_group", "place", "history")
EXAMPLE = '[[promise]] name = "migrants" from = "elsewhere" repair = "100%"'


@dataclass(frozen=True, slots=True, eq=False)
class Promise:
    """A group and what is promised to it."""

    name: str
    binding: str
    repair: Fraction
    """Which part of the gap between cost and payment is closed."""
    condition: pl.Expr
    """Which rows of the sums are of the group."""


@dataclass(frozen=True, slots=True, eq=False)
class Promises:
    """All promises of a file."""

    listed: tuple[Promise, ...] = ()
    digest: str = ""


def read_promises(path: str | Path, sums: Sums) -> Promises:
    """Return the promises of a TOML file, their groups checked against the sums.

    Raises:
        SuirenError: unreadable, unknown keys or groups, ages that are no band, groups that are empty, everybody or
            twice the same; all at once, with counts.
    """
    file = Path(path)
    try:
        data = file.read_bytes()
        document = tomllib.loads(data.decode("utf-8-sig"), parse_float=str)
    except OSError as error:
        near = [entry.name for entry in file.parent.iterdir()] if file.parent.is_dir() and not file.exists() else []
        what = f"The promises {file.name!r} cannot be read: {(error.strerror or 'no file').lower()}."
        raise fail("E-promise-file", what, do=did_you_mean(file.name, near)) from None
    except UnicodeDecodeError:
        raise fail("E-promise-file", f"{file.name} is not UTF-8.", do="Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise fail("E-promise-file", f"{file.name} is no TOML: {error}.", do=f"Write {EXAMPLE}, a line each.") from None
    promises, problems = _listed(document, sums)
    problems += _doubtful(promises, sums) if not problems else []
    raise_all(Problem(one.code, one.what, one.why, one.do, f"{file.name}{one.where}") for one in problems)
    return Promises(tuple(promises), hashlib.sha256(data).hexdigest())


def _listed(document: dict[str, Any], sums: Sums) -> tuple[list[Promise], list[Problem]]:
    problems: list[Problem] = []
    entries = document.get("promise", [])
    problems += [
        Problem("E-promise-key", f"{key!r} is no part of the file.", do="Each promise is [[promise]].")
        for key in sorted(document.keys() - {"promise"})
    ]
    if not isinstance(entries, list) or not entries:
        return [], [*problems, Problem("E-promise-none", "The file holds no promise.", do=f"Write {EXAMPLE}.")]
    promises: list[Promise] = []
    for number, entry in enumerate(entries, 1):
        where = f", promise {number}"
        try:
            promises.append(_promise(entry, number, sums))
        except SuirenError as error:
            problems += [Problem(one.code, one.what, one.why, one.do, where) for one in error.problems]
    names = [promise.name for promise in promises]
    problems += [
        Problem("E-promise-name", f"{names.count(name)} promises are called {name!r}.", do="Give each its own name.")
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    return promises, problems


def _promise(entry: Any, number: int, sums: Sums) -> Promise:
    if not isinstance(entry, dict):
        raise fail("E-promise", "A promise is no table.", do=f"Write {EXAMPLE}, a line each.")
    strange = sorted(entry.keys() - set(KEYS))
    problems = [
        Problem(
            "E-promise-key", f"A promise has no {key!r}.", do=did_you_mean(key, KEYS) or f"It has {', '.join(KEYS)}."
        )
        for key in strange
    ]
    parts: list[pl.Expr] = []
    repair, binding = Fraction(1), str(entry.get("binding", BINDINGS[0]))
    if binding not in BINDINGS:
        do = did_you_mean(binding, BINDINGS) or f"Use {' or '.join(BINDINGS)}."
        problems.append(Problem("E-promise-binding", f"binding knows no {binding!r}.", do=do))
    readers = (_origin, _ages, _sex, _group, _place, _history)
    for read in readers:
        try:
            parts += read(entry, sums)
        except SuirenError as error:
            problems += error.problems
    try:
        repair = share(entry.get("repair", "100%"))
    except SuirenError as error:
        problems += error.problems
    said = entry.get("name", f"promise {number}")
    name = said.strip() if isinstance(said, str) else ""
    if not name or UNPRINTABLE.search(name):
        what = f"The name {said!r} is no text, empty, or holds characters that cannot be printed."
        problems.append(Problem("E-promise-name", what, do="Give the promise a name in letters."))
    raise_all(problems)
    return Promise(name, binding, repair, pl.all_horizontal(parts) if parts else pl.lit(value=True))


def share(given: Any) -> Fraction:
    """Return a share of 0 to 1 written as "60%", 0.6 or "3/5".

    Raises:
        SuirenError: it is none.
    """
    text = str(given).strip()
    found = exact_number(text)
    if found is None or found > 1:
        raise fail(
            "E-promise-repair", f"repair {text[:20]!r} is no share of 0 to 100 %.", do='Write it like "60%" or 0.6.'
        )
    return found


def _origin(entry: dict[str, Any], _: Sums) -> Iterator[pl.Expr]:
    if "from" not in entry:
        return
    given = _texts(entry["from"])
    strange = [one for one in given if one not in FROM]
    if strange:
        raise fail(
            "E-promise-from",
            f"from knows no {strange[0]!r}.",
            do=did_you_mean(strange[0], FROM) or f"Use {', '.join(FROM)}.",
        )
    yield pl.col("origin").is_in([origin for one in given for origin in FROM[one]])


def _ages(entry: dict[str, Any], sums: Sums) -> Iterator[pl.Expr]:
    known = bands(sums.ages)
    problems: list[Problem] = []
    for key, ends, usual in (
        ("age_from", [low for low, _ in known], 0),
        ("age_to", [high for _, high in known], OLDEST),
    ):
        given = entry.get(key, usual)
        if given in ends and not isinstance(given, bool):
            continue
        shown = ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in known)
        near = min(ends, key=lambda end: abs(end - given)) if isinstance(given, int) else usual
        problems.append(
            Problem(
                "E-promise-age",
                f"{key} {given!r} is no end of a band; the bands of these sums are {shown}.",
                "Within a band nobody's age is known.",
                f"Did you mean {near}? Or make the sums with other bands (--ages).",
            )
        )
    low, high = entry.get("age_from", 0), entry.get("age_to", OLDEST)
    if not problems and low > high:
        problems.append(Problem("E-promise-age", f"age_from {low} lies above age_to {high}."))
    raise_all(problems)
    if "age_from" in entry:
        yield pl.col("age_from") >= low
    if "age_to" in entry:
        yield pl.col("age_to") <= high


def _sex(entry: dict[str, Any], _: Sums) -> Iterator[pl.Expr]:
    if "sex" not in entry:
        return
    if str(entry["sex"]) not in SEXES:
        raise fail("E-promise-sex", f"{entry['sex']!r} is no sex.", do="Use m or f.")
    yield pl.col("sex") == SEXES[str(entry["sex"])]


def _group(entry: dict[str, Any], sums: Sums) -> Iterator[pl.Expr]:
    if "risk_group" not in entry:
        return
    known = set(sums.frame["risk_group"].unique().to_list())
    given = _texts(entry["risk_group"])
    strange = [one for one in given if one not in known]
    if strange:
        listed = ", ".join(sorted(known - {""})[:12]) or "none at all"
        do = did_you_mean(strange[0], known - {""}) or f"The groups are {listed}."
        what = f"No person of these sums is in the health group {', '.join(strange)}."
        raise fail("E-promise-group", what, "The promise would be kept to nobody.", do)
    yield pl.col("risk_group").is_in(given)


def _place(entry: dict[str, Any], _: Sums) -> Iterator[pl.Expr]:
    if "place" not in entry:
        return
    found = [places.find(one, want="any") for one in _texts(entry["place"])]
    funds = [int(pool.code) for pool in places.pools() for place in found if pool.province == place.code]
    funds += [int(place.code) for place in found if place.is_pool]
    counties = [int(place.code) for place in found if place.pool and not place.is_pool]
    yield pl.col("fund_code").is_in(funds) | pl.col("county_code").is_in(counties)


def _history(entry: dict[str, Any], _: Sums) -> Iterator[pl.Expr]:
    if "history" not in entry:
        return
    if not isinstance(entry["history"], bool):
        raise fail("E-promise-history", f"history {entry['history']!r} is neither true nor false.")
    yield (pl.col("risk_group") != "") if entry["history"] else (pl.col("risk_group") == "")


def _texts(given: Any) -> list[str]:
    return [str(one) for one in given] if isinstance(given, list) else [str(given)]


def _doubtful(promises: Sequence[Promise], sums: Sums) -> list[Problem]:
    """Return promises to nobody, to everybody, or to the same persons as another."""
    everybody = sums.total("persons")
    problems: list[Problem] = []
    seen: dict[bytes, str] = {}
    for promise in promises:
        chosen = sums.frame.with_columns(_in=promise.condition)["_in"]
        inside = sums.frame.filter(chosen)
        persons, costed = sum(inside["persons"].to_list()), sum(inside["costed"].to_list())
        if not persons or not costed:
            what = f"{promise.name!r}: {persons:,} of {everybody:,} persons fit, {costed:,} of them with a cost."
            problems.append(Problem("E-promise-empty", what, "Nothing can be promised to nobody.", "Widen the group."))
            continue
        if persons == everybody:
            what = f"{promise.name!r} is everybody ({persons:,} persons)."
            problems.append(
                Problem("E-promise-everybody", what, "The budget holds their total already.", "Leave it out.")
            )
            continue
        key = chosen.to_numpy().tobytes()
        if key in seen:
            what = f"{promise.name!r} and {seen[key]!r} are the same {persons:,} persons."
            problems.append(Problem("E-promise-twice", what, "One of them says nothing.", "Leave one out."))
        seen[key] = promise.name
    return problems
