"""Rows of an invented registry as arrays: who stands at a rank, and every further trait off a hash of the rank."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from suiren import places
from suiren.laws.book import Book
from suiren.laws.standard import tiers
from suiren.people import china2020

Array = npt.NDArray[Any]

BLOCK = 1 << 18
"""Rows made at a time: some 80 MB with all that is computed on the way."""
MOST_ROWS = 1_500_000_000
"""Up to here no two persons share an identity number, which has 1.68e9 days and serial numbers for a year and sex."""
DAYS = 12 * 28
"""Days of birth of a year: the first 28 of each month."""
SERIALS = 10_000 * 500
"""Identity numbers of one sex and day: area codes 990000 to 999999, three digits odd or even by sex."""
PERSON_BITS = 43
"""Person numbers end in 13 digits, a bijection of the rank on this many bits."""
STUDENT, OLDEST_BAND = "student", 85

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_WIDTHS = {0: 1, 1: 4, 5: 1, 6: 4, 10: 5, 15: 3, 18: 2, OLDEST_BAND: 15}
"""Years of an age band by its first one; five where not named."""
_STUDENT_WIDTHS = {18: 2, 20: 3}


def mixed(values: Array, salt: int) -> Array:
    """Return 64 well mixed bits for each value (uint64), other ones for another salt; the splitmix64 finalizer."""
    hashed = values * _GOLDEN + np.uint64(salt * 0xD1342543DE82EF95 % 2**64)
    hashed = (hashed ^ (hashed >> np.uint64(30))) * _FIRST
    hashed = (hashed ^ (hashed >> np.uint64(27))) * _SECOND
    return hashed ^ (hashed >> np.uint64(31))


def bits(hashed: Array, first: int, count: int) -> Array:
    """Return `count` bits of each hash from bit `first` on, int64."""
    return ((hashed >> np.uint64(first)) & np.uint64((1 << count) - 1)).astype(np.int64)


def below(hashed: Array, first: int, limit: int | Array) -> Array:
    """Return whole numbers from 0 to limit - 1 out of 32 bits of each hash from bit `first` on, int64."""
    return (bits(hashed, first, 32) * limit) >> 32


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows as columns: places by index into `Registry.codes`, a year's months by first and count, marks as booleans."""

    rank: Array
    number: Array
    hukou: Array
    enrolment: Array
    residence: Array
    pool: Array
    sex: Array
    age: Array
    student: Array
    permit: Array
    """1 yes, 2 no, 0 not known."""
    tier: Array
    aid: Array
    first_month: Array
    months: Array
    day: Array
    serial: Array
    employee: Array
    repeats: Array
    """True for a further row of a person who has a row already."""

    def take(self, wanted: Array) -> Rows:
        """Return the rows at these indices."""
        return replace(self, **{name: getattr(self, name)[wanted] for name in self.__slots__})


class Registry:
    """The population as tables of numbers: kinds in order, places, and the single draws that hang on them."""

    def __init__(self, book: Book, seed: int) -> None:
        """Line up kinds and places."""
        self.seed = seed
        self._book = book
        listed = [place for place in places.all_places() if place.pool and place.level != "zone"]
        self.codes = np.array([int(place.code) for place in listed], dtype=np.int32)
        self.code_pool = np.searchsorted(self.codes, [int(place.pool) for place in listed])
        self.pools = np.flatnonzero(self.code_pool == np.arange(len(listed)))
        self._below(listed)
        self.until, self._packed = _kinds(tuple(self.codes.tolist()))
        self.persons = int(self.until[-1])

    def _below(self, listed: list[places.Place]) -> None:
        """Line up each pool's counties with their people, so that a draw of a person finds a county."""
        own = [(int(self.code_pool[at]), at) for at, place in enumerate(listed) if place.level == "county"]
        without = set(self.pools.tolist()) - {pool for pool, _ in own}
        inside = sorted([*own, *((pool, pool) for pool in without)])
        people = [max(listed[at].population, 1) for _, at in inside]
        self._county = np.array([at for _, at in inside])
        self._county_until = np.cumsum(people)
        first = np.searchsorted([pool for pool, _ in inside], self.pools)
        starts = np.concatenate([[0], self._county_until])[first]
        self._start = np.zeros(len(listed), dtype=np.int64)
        self._people = np.zeros(len(listed), dtype=np.int64)
        self._start[self.pools] = starts
        self._people[self.pools] = np.diff([*starts, self._county_until[-1]])

    @functools.cached_property
    def has_tiers(self) -> Array:
        """True for each code where adults choose between tiers of contribution."""
        pools = {at for at in self.pools.tolist() if "tier_1" in tiers(self._book, int(self.codes[at]), "adult", None)}
        return np.array(
            [
                pool in pools and "tier_1" in tiers(self._book, int(code), "adult", None)
                for code, pool in zip(self.codes, self.code_pool.tolist(), strict=True)
            ]
        )

    def kind_at(self, rank: Array, rows: int) -> Array:
        """Return the packed kind of person floor(rank * persons / rows) for each rank of `rows`."""
        person = rank.astype(np.int64) * self.persons // rows
        return self._packed[np.searchsorted(self.until, person, side="right")]

    def county(self, pool: Array, hashed: Array, first: int) -> Array:
        """Return for each pool one of its counties, the larger the likelier."""
        person = self._start[pool] + below(hashed, first, self._people[pool])
        return self._county[np.searchsorted(self._county_until, person, side="right")]

    def rows(self, rank: Array, kind: Array) -> Rows:
        """Return the rows at these ranks, whose kinds are given: every trait off a hash of rank and seed."""
        one = mixed(rank, self.seed)
        two, three = mixed(one, 2), mixed(one, 3)
        residence, enrolment_pool, hukou_pool = kind & 4095, kind >> 12 & 4095, kind >> 24 & 4095
        sex, student, band = (kind >> 36 & 1) + 1, (kind >> 37 & 1).astype(bool), kind >> 38
        fine = bits(one, 0, 10) < 717
        elsewhere = hukou_pool != enrolment_pool
        hukou = np.where(fine, self.county(hukou_pool, one, 10), hukou_pool)
        enrolment = hukou.copy()
        moved = np.flatnonzero(elsewhere)
        away = enrolment_pool[moved]
        enrolment[moved] = np.where(fine[moved], self.county(away, three[moved], 10), away)
        part = bits(two, 0, 10) < 51
        months = np.where(part, 1 + below(two, 10, 11), 12)
        permit = np.where(elsewhere, (bits(three, 42, 10) < 819) * (1 + bits(three, 52, 1)), 0)
        age = self._age(band, student, one, three)
        day, serial = self._birth(rank)
        return Rows(
            rank=rank,
            number=self.number(rank, hukou_pool),
            hukou=hukou,
            enrolment=enrolment,
            residence=np.where(residence == enrolment_pool, enrolment, residence),
            pool=enrolment_pool,
            sex=sex,
            age=age,
            student=student,
            permit=permit,
            tier=self.has_tiers[enrolment] & (age >= 18) & (age < 60) & ~student & (bits(two, 42, 10) < 102),
            aid=bits(two, 52, 10) < 41,
            first_month=np.where(part, 1 + below(three, 20, 13 - months), 1),
            months=months,
            day=day,
            serial=serial,
            employee=np.zeros(len(rank), dtype=bool),
            repeats=np.zeros(len(rank), dtype=bool),
        )

    def _age(self, band: Array, student: Array, one: Array, three: Array) -> Array:
        """Return a single year of age inside each band."""
        firsts = np.arange(OLDEST_BAND + 1)
        width = np.array([_WIDTHS.get(int(first), 5) for first in firsts])
        student_width = np.array([_STUDENT_WIDTHS.get(int(first), 5) for first in firsts])
        years = np.where(student, student_width[band], width[band])
        year = bits(one, 42, 22) * years >> 22
        old = np.flatnonzero(band == OLDEST_BAND)
        year[old] = np.minimum(year[old], bits(three[old], 53, 11) * years[old] >> 11)
        return band + year

    def number(self, rank: Array, hukou_pool: Array) -> Array:
        """Return 19 digits for each person: the hukou pool's code, and 13 that no other rank has."""
        own = (rank * np.uint64(6364136223846793005) + np.uint64(self.seed)) & np.uint64((1 << PERSON_BITS) - 1)
        return self.codes[hukou_pool].astype(np.int64) * 10**13 + own.astype(np.int64)

    @staticmethod
    def _birth(rank: Array) -> tuple[Array, Array]:
        """Return day of the year and serial of the identity number, a pair that no other rank has."""
        whole = DAYS * SERIALS
        own = (rank * np.uint64(1_038_297_101) % np.uint64(whole)).astype(np.int64)
        return own // SERIALS, own % SERIALS


@functools.cache
def _kinds(codes: tuple[int, ...]) -> tuple[Array, Array]:
    """Return for each kind of china-2020, sorted by pool of enrolment, the persons up to it and all its traits in one.

    Traits are packed, lowest bits first: residence, enrolment and hukou by place in `codes` (12 bits each), sex,
    student, first year of the age band.
    """
    order = ("enrolment_place", "hukou_place", "residence_place", "age", "person_class", "sex")
    kinds = china2020.enrolment().sort(*order, maintain_order=True)
    student = (kinds["person_class"] == STUDENT).to_numpy().astype(np.int64)
    packed = kinds["age"].to_numpy().astype(np.int64) << 2 | student << 1 | kinds["sex"].to_numpy() - 1
    for side in ("hukou_place", "enrolment_place", "residence_place"):
        packed = packed << 12 | np.searchsorted(codes, kinds[side].to_numpy())
    return np.cumsum(kinds["persons"].to_numpy()), packed
