"""What bounds an allocation: floors and caps a person-month, the pace of change, and the files they are read from."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl

from suiren import places
from suiren.errors import Problem, SuirenError, did_you_mean, fail, raise_all
from suiren.people.files import sha256

LARGEST_FEN = 10**18
"""Budgets lie below this: ten thousand million million yuan."""
MOST_UPLIFT = 10
NUMBER = re.compile(r"\d{1,12}([.]\d{1,6})?")
POINTS = re.compile(r"\d{1,30}([.]\d{1,6})?")


@dataclass(frozen=True, slots=True)
class Limit:
    """A floor or a cap: fen a person-month, or a share of last time's amount a person-month."""

    amount: Fraction
    of_last: bool

    def fen(self, person_months: int, last: Last | None) -> Fraction | None:
        """Return the limit of a fund with these person-months, fen; `None` where it does not bind it."""
        if not self.of_last:
            return self.amount * person_months
        if last is None or not last.person_months or not last.amount_fen:
            return None
        return self.amount * last.amount_fen * person_months / last.person_months


@dataclass(frozen=True, slots=True)
class Last:
    """What a fund received last time: fen, and for how many person-months (`None`: not told)."""

    amount_fen: int
    person_months: int | None


@dataclass(frozen=True, slots=True)
class Rules:
    """All that bounds the amount of a fund."""

    floors: tuple[Limit, ...] = ()
    caps: tuple[Limit, ...] = ()
    pace: tuple[Fraction, Fraction] | None = None
    """By what share of last time's amount it may fall, and rise."""
    last: Mapping[int, Last] = field(default_factory=dict)

    def bounds(self, fund: int, person_months: int) -> tuple[int, int | None]:
        """Return the least and the most whole fen that a fund may receive; most `None`: no cap."""
        last = self.last.get(fund)
        low = [limit.fen(person_months, last) for limit in self.floors]
        high = [limit.fen(person_months, last) for limit in self.caps]
        if self.pace is not None and last is not None and last.amount_fen:
            low.append(last.amount_fen * (1 - self.pace[0]))
            high.append(last.amount_fen * (1 + self.pace[1]))
        lows = [-(-value.numerator // value.denominator) for value in low if value is not None]
        highs = [value.numerator // value.denominator for value in high if value is not None]
        return max([0, *lows]), min(highs, default=None)


def check_rules(rules: Rules) -> None:
    """Raise an error where something is measured against last time's amounts, and they are not given."""
    of_last = [limit for limit in (*rules.floors, *rules.caps) if limit.of_last]
    if (of_last or rules.pace is not None) and not rules.last:
        what = "A pace, or a floor or cap in percent, is measured against what the funds received last time."
        raise fail("E-last", what, do="Name an earlier allocation with --last, or --last current for today's law.")
    if of_last and all(last.person_months is None for last in rules.last.values()):
        what = "A floor or cap in percent is of last time's amount a person-month, and no person-months are given."
        raise fail("E-last", what, do="Add the column person_months to the table of --last, or use --pace.")
    without = [f"{code:06d}" for code, last in sorted(rules.last.items()) if last.amount_fen and not last.person_months]
    if of_last and without:
        what = f"{len(without)} funds had money last time and no person-months ({', '.join(without[:5])})."
        raise fail("E-last", what, "No floor or cap in percent would hold there.", "Fill the column person_months.")


def number_of(text: str, option: str) -> Fraction:
    """Return the exact number of an option such as "2500", "0.05" or "5%".

    Raises:
        SuirenError: it is none.
    """
    bare = text.strip()
    digits = bare.removesuffix("%")
    if not NUMBER.fullmatch(digits):
        raise fail("E-number", f"{option} {text[:20]!r} is no number such as 0.05 or 5%, with at most six decimals.")
    return Fraction(digits) / (100 if bare.endswith("%") else 1)


def uplift_of(text: str) -> Fraction:
    """Return an uplift such as "0.1" or "10%", exact.

    Raises:
        SuirenError: no number, or above `MOST_UPLIFT`.
    """
    found = number_of(text, "--uplift")
    if found > MOST_UPLIFT:
        raise fail("E-uplift", f"--uplift {text} is above {MOST_UPLIFT}.", do="0.1 means a tenth more points.")
    return found


def points_of(text: str, option: str) -> Fraction:
    """Return the point-months of an option, exact and above 0.

    Raises:
        SuirenError: no number, or 0.
    """
    bare = text.strip()
    if not POINTS.fullmatch(bare) or not Fraction(bare):
        raise fail("E-number", f"{option} {text[:20]!r} is no number of point-months above 0.")
    return Fraction(bare)


def limits_of(texts: Sequence[str], option: str) -> tuple[Limit, ...]:
    """Return the limits that texts such as "2500" (fen a person-month) or "95%" (of last time's) name.

    Raises:
        SuirenError: a text that names none.
    """
    return tuple(Limit(number_of(text, option), text.strip().endswith("%")) for text in texts)


def pace_of(text: str) -> tuple[Fraction, Fraction]:
    """Return by what shares amounts may fall and rise, out of a text such as "0.02:0.05" or "2%:5%".

    Raises:
        SuirenError: it is no such pair, or lets an amount fall below 0.
    """
    down, colon, up = text.partition(":")
    if not colon:
        raise fail("E-pace", f"--pace {text!r} is not DOWN:UP.", do="Such as --pace 2%:5%: at most 2 % less, 5 % more.")
    found = number_of(down, "--pace"), number_of(up, "--pace")
    if found[0] > 1:
        raise fail("E-pace", f"--pace {text!r} lets an amount fall by more than itself.", do="Give shares from 0 to 1.")
    return found


def fen_of(text: str, option: str) -> int:
    """Return the whole fen of an option.

    Raises:
        SuirenError: not a whole number from 0 to `LARGEST_FEN`.
    """
    bare = text.strip()
    if not (bare.isdecimal() and bare.isascii() and len(bare) <= 18):
        raise fail("E-fen", f"{option} {text[:24]!r} is not a whole number of fen from 0 to below 10^18.")
    return int(bare)


def read_last(name: str) -> dict[int, Last]:
    """Return what each fund received last time, from the table or folder that `risk allocate` wrote, or one like it.

    Raises:
        SuirenError: unreadable, a missing column, a fund twice or unknown, an amount that is no whole number.
    """
    path = _allocation(name)
    frame = _table(path, {"fund_code"}, {"amount_fen"})
    funds = {place.code for place in places.pools()}
    rows = _whole(path, frame, "fund_code", ("amount_fen", *({"person_months"} & set(frame.columns))), funds)
    return {code: Last(row["amount_fen"], row.get("person_months")) for code, row in rows.items()}


def read_point_months(name: str) -> dict[int, Fraction]:
    """Return each fund's point-months that an allocation tells, exact; empty where it has no such column.

    Raises:
        SuirenError: unreadable, or point-months that are no decimal number.
    """
    path = _allocation(name)
    frame = _table(path, {"fund_code"}, {"amount_fen"})
    if "point_months" not in frame.columns:
        return {}
    rows = frame.select(pl.col("fund_code", "point_months").cast(pl.String)).iter_rows()
    found = [(line, code, (points or "").strip()) for line, (code, points) in enumerate(rows, start=2)]
    raise_all(
        Problem("E-number", f"point_months {points[:24]!r} is no decimal number.", where=f"{path.name}:{line}")
        for line, _, points in found
        if not POINTS.fullmatch(points)
    )
    return {int(code): Fraction(points) for _, code, points in found}


def read_budgets(name: str, key: str) -> dict[int, int]:
    """Return the budget, fen, of each province (and of each pool that stands apart), or of each central tier.

    Raises:
        SuirenError: unreadable, a missing column, a row twice or unknown, a budget that is no whole number.
    """
    path = Path(name)
    frame = _table(path, {key}, {"budget_fen"})
    known = {str(tier) for tier in range(1, 6)}
    if key == "province_code":
        known = {place.code for place in places.all_places() if place.is_province or place.is_pool}
    return {code: row["budget_fen"] for code, row in _whole(path, frame, key, ("budget_fen",), known).items()}


def digest_of(name: str) -> dict[str, Any]:
    """Return what a manifest says of a file that was read: its name and SHA-256."""
    path = _allocation(name)
    return {"name": path.name, "sha256": sha256(path)}


def _allocation(name: str) -> Path:
    """Return the table that a file or a folder of results means."""
    return Path(name) / "allocation.parquet" if Path(name).is_dir() else Path(name)


def _table(path: Path, keys: set[str], sums: set[str]) -> pl.DataFrame:
    """Return a small table of texts and whole numbers with at least these columns."""
    if not path.is_file():
        near = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        hint = did_you_mean(path.name, near) or f"It is a table with the columns {', '.join(sorted(keys | sums))}."
        raise fail("E-table", f"The file {path.name!r} cannot be read: there is no such file.", do=hint)
    try:
        frame = pl.read_parquet(path) if path.suffix == ".parquet" else _csv(path)
    except UnicodeDecodeError:
        raise fail("E-table", f"The file {path.name!r} is not UTF-8.", do="Save it as UTF-8.") from None
    except pl.exceptions.PolarsError as error:
        what = f"The file {path.name!r} is no table: {str(error).splitlines()[0][:80]}."
        raise fail("E-table", what, do=f"It has the columns {', '.join(sorted(keys | sums))}.") from None
    missing = sorted((keys | sums) - set(frame.columns))
    problems = [
        Problem(
            "E-table-column",
            f"The column {column!r} is missing.",
            do=did_you_mean(column, frame.columns) or f"There are {', '.join(frame.columns)}.",
            where=path.name,
        )
        for column in missing
    ]
    raise_all(problems)
    return frame


def _csv(path: Path) -> pl.DataFrame:
    """Return a CSV file as texts; what is not UTF-8 is no guess."""
    return pl.read_csv(io.StringIO(path.read_bytes().decode("utf-8-sig")), infer_schema=False)


def _whole(
    path: Path, frame: pl.DataFrame, key: str, columns: Iterable[str], known: set[str]
) -> dict[int, dict[str, int]]:
    """Return each row's whole numbers by its code; all that is wrong is told at once."""
    found: dict[int, dict[str, int]] = {}
    problems: list[Problem] = []
    for line, row in enumerate(frame.select(key, *columns).cast(pl.String).iter_rows(named=True), start=2):
        where = f"{path.name}:{line}"
        code = (row[key] or "").strip()
        if code not in known:
            hint = did_you_mean(code, known, 1)
            problems.append(Problem("E-table-code", f"{code!r} is no {key} that can stand here.", do=hint, where=where))
            continue
        if int(code) in found:
            problems.append(Problem("E-table-twice", f"{key} {code} stands here twice.", "Only one holds.", "", where))
        found[int(code)] = {}
        for column in columns:
            try:
                found[int(code)][column] = fen_of(row[column] or "", column)
            except SuirenError as error:
                problems += [Problem(each.code, each.what, where=where) for each in error.problems]
    raise_all(problems)
    return found
