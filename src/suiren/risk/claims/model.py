"""What an invented population's claims are drawn from: the table of assumptions as arrays of whole numbers.

Every figure stands in parameters.csv, is assumed and stands for nobody. Costs are drawn with whole numbers
alone, so that the same seed gives the same bytes anywhere: a lognormal factor is read off `CLASSES` equally likely
values, in millionths, whose mean is one to the last digit.
"""

from __future__ import annotations

import csv
import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from suiren.errors import Problem, raise_all
from suiren.laws.schema import OLDEST

Array = npt.NDArray[Any]

PARAMETERS = Path(__file__).parent / "parameters.csv"
COLUMNS = ("name", "key", "sex", "age_from", "age_to", "value", "unit", "evidence", "says")
ORIGINS = ("here", "same_province", "other_province")
SEXES = {"m": (0,), "f": (1,), "": (0, 1)}
CLASS_BITS = 16
CLASSES = 1 << CLASS_BITS
ONE = 1_000_000
"""A factor of one, in millionths."""
CHANCES = 100_000_000
"""Chances are whole numbers of 10^-8."""
PER_100000, PER_1000 = CHANCES // 100_000, CHANCES // 1000
FEN = 100

Cells = dict[tuple[str, str], Array]


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """One list of things of which at most one befalls a person: their chances by sex and age, cost, spread."""

    names: tuple[str, ...]
    fen: Array
    """Mean cost of each, fen (int64)."""
    spread: tuple[int, ...]
    """Sigma of the logarithm of the cost of each, thousandths."""
    rate: Array
    """Chance of each by sex and age, 10^-8: shape (names, 2, OLDEST + 1)."""
    goes_on: Array
    """Chance that it goes on, 10^-8; one where nothing is said."""
    mortality: Array
    """Factor on deaths, hundredths."""

    def which(self, cell: Array, drawn: Array) -> Array:
        """Return which befalls each person, -1 for none: `cell` is sex * (OLDEST + 1) + age, `drawn` 10^-8."""
        place = np.searchsorted(self._edges(), cell * CHANCES * 4 + drawn, side="right")
        at = place - cell * (len(self.names) + 1)
        return np.where(at <= len(self.names), at - 1, -1)

    def _edges(self) -> Array:
        """Return for each cell, one after the other, where the chance of each name begins and the last one ends."""
        ends = np.cumsum(self.rate.reshape(len(self.names), -1), axis=0)
        starts = np.vstack([np.zeros((1, ends.shape[1]), dtype=np.int64), ends])
        return (starts + np.arange(ends.shape[1]) * CHANCES * 4).T.ravel()

    def expected(self) -> Array:
        """Return the expected cost a year by sex and age, fen times 10^8 (int64): shape (2, OLDEST + 1)."""
        return np.einsum("g,gsa->sa", self.fen, self.rate)


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """All assumptions as arrays by sex and age (shape (2, OLDEST + 1)), by origin, or single numbers."""

    groups: Draws
    events: Draws
    ordinary_fen: Array
    users: Array
    deaths: Array
    last_fen: Array
    origin_cost: Array
    """Hundredths, by place in `ORIGINS`; the next two are 10^-8."""
    without_history: Array
    movers: Array
    single: Mapping[str, int]

    def factor(self, spread: int, drawn: Array) -> Array:
        """Return a lognormal factor of mean one for each of `CLASSES` equally likely classes, millionths."""
        return factors(spread)[drawn]


@functools.cache
def factors(spread: int) -> Array:
    """Return `CLASSES` equally likely factors, ascending, in millionths: lognormal, their mean one exactly."""
    normal, sigma = NormalDist(), spread / 1000
    half = CLASSES // 2
    upper = [normal.inv_cdf((half + place + 0.5) / CLASSES) for place in range(half)]
    raw = [math.exp(sigma * z) for z in [-z for z in reversed(upper)] + upper]
    scale = CLASSES * ONE / math.fsum(raw)
    made = np.array([round(value * scale) for value in raw], dtype=np.int64)
    made[-1] += CLASSES * ONE - int(made.sum())
    return made


@functools.cache
def model() -> Model:
    """Return the assumptions of parameters.csv.

    Raises:
        SuirenError: a row that is none, a hole, an overlap; all at once.
    """
    problems: list[Problem] = []
    with PARAMETERS.open(encoding="utf-8", newline="") as file:
        cells = _cells(list(csv.DictReader(file)), problems)
    raise_all(problems)
    origin = {
        name: np.array([int(cells[name, o][0, 0]) for o in ORIGINS])
        for name in ("origin_cost", "without_history", "movers")
    }
    names = ("ordinary_spread", "last_months_spread", "county_cost_spread", "county_illness_spread")
    single = {name: int(cells[name, ""][0, 0]) for name in (*names, "persons_a_county", "least_counties")}
    return Model(
        groups=_draws(cells, "group", "group_prevalence"),
        events=_draws(cells, "event", "event_rate"),
        ordinary_fen=cells["ordinary_yuan", ""] * FEN,
        users=cells["ordinary_users", ""] * PER_1000,
        deaths=cells["deaths", ""] * PER_100000,
        last_fen=cells["last_months_yuan", ""] * FEN,
        origin_cost=origin["origin_cost"],
        without_history=origin["without_history"] * PER_1000,
        movers=origin["movers"] * PER_1000,
        single=single,
    )


def _draws(cells: Cells, kind: str, rate: str) -> Draws:
    names = tuple(key for name, key in cells if name == f"{kind}_yuan")
    fen = np.array([int(cells[f"{kind}_yuan", key][0, 0]) for key in names]) * FEN
    whole, same = np.full((1, 1), 1000), np.full((1, 1), 100)
    return Draws(
        names=names,
        fen=fen,
        spread=tuple(int(cells[f"{kind}_spread", key][0, 0]) for key in names),
        rate=np.stack([cells[rate, key] for key in names]) * PER_100000,
        goes_on=np.array([int(cells.get((f"{kind}_goes_on", key), whole)[0, 0]) for key in names]) * PER_1000,
        mortality=np.array([int(cells.get((f"{kind}_mortality", key), same)[0, 0]) for key in names]),
    )


def _cells(rows: Sequence[Mapping[str, str]], problems: list[Problem]) -> Cells:
    """Return (name, key) -> values by sex and age; a cell that no row or that two rows state is a problem."""
    held: Cells = {}
    for number, row in enumerate(rows, 2):
        where = f"{PARAMETERS.name}:{number}"
        low, high = row["age_from"] or "0", row["age_to"] or str(OLDEST)
        if not (row["value"].isdecimal() and low.isdecimal() and high.isdecimal() and row["sex"] in SEXES):
            what = "Ages and value are whole numbers, sex is m, f or empty."
            problems.append(Problem("E-claims-cell", what, where=where))
            continue
        values = held.setdefault((row["name"], row["key"]), np.full((2, OLDEST + 1), -1, dtype=np.int64))
        for sex in SEXES[row["sex"]]:
            part = values[sex, int(low) : int(high) + 1]
            if (part >= 0).any():
                what = f"{row['name']} {row['key']} is stated twice."
                problems.append(Problem("E-claims-overlap", what, where=where))
            part[:] = int(row["value"])
    for (name, key), values in held.items():
        if (values < 0).any():
            what = f"{name} {key} is not stated for every sex and age."
            problems.append(Problem("E-claims-hole", what, where=PARAMETERS.name))
    return held


__all__ = ["CHANCES", "CLASSES", "CLASS_BITS", "ONE", "ORIGINS", "Draws", "Model", "factors", "model"]
