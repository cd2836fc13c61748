"""Rows of an invented population with claims: who they are, who was ill before, what befalls them, what it costs.

Every trait is read off a hash of the row's rank and the seed. What a person costs adds up from four parts: ordinary
care, the condition of the prior year where it goes on, an event of this year, and the last months of life; each part
is drawn independently, so that the mean cost of a health group is the same amount at every age (additive), and the
group of this year tells more than that of the year before. The true mean of each row is known: `expected_fen`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from suiren import places
from suiren.laws.book import Book
from suiren.laws.schema import OLDEST
from suiren.people.sample_rows import Array, Registry, Rows, below, bits, mixed
from suiren.risk.claims.model import CHANCES, CLASS_BITS, ONE, Draws, Model, factors

FIRST_SALT = 101
"""Salts of the hashes start here, away from those of the registry."""
MILDEST, WORST = 400_000, 2_000_000
"""Bounds of a county's factor on how many people have a health group, millionths."""
MONTHS = 12
NONE = "none"


class Counties(Registry):
    """The population of some counties only, each enrolled in its county; people of a pool keep its kinds."""

    def __init__(self, book: Book, seed: int, wanted: int) -> None:
        """Choose `wanted` counties, spread over the country by their people."""
        super().__init__(book, seed)
        self.has_tiers = np.zeros(len(self.codes), dtype=bool)
        every = self._county
        people = np.diff(self._county_until, prepend=0)
        until = np.cumsum(people)
        at = (np.arange(wanted) * 2 + 1) * int(until[-1]) // (2 * wanted)
        chosen = np.unique(np.searchsorted(until, at, side="right"))
        self.counties = len(chosen)
        pool_of = self.code_pool[every]
        own = np.bincount(pool_of[chosen], people[chosen], len(self.codes)).astype(np.int64)
        whole = np.bincount(pool_of, people, len(self.codes)).astype(np.int64)
        self._keep(own, whole)
        kept = np.union1d(chosen, np.flatnonzero(own[pool_of] == 0))
        self._line_up(every[kept], people[kept])

    def _keep(self, own: Array, whole: Array) -> None:
        """Keep the kinds enrolled in pools with a chosen county, weighed by the part of the pool that is chosen."""
        persons = np.diff(self.until, prepend=0)
        pool = self._packed >> 12 & 4095
        left = np.where(own[pool] > 0, np.maximum(persons * own[pool] // np.maximum(whole[pool], 1), 1), 0)
        stays = np.flatnonzero(left)
        self._packed, self.until = self._packed[stays], np.cumsum(left[stays])
        self.persons = int(self.until[-1])

    def _line_up(self, county: Array, people: Array) -> None:
        """Let the draw of a county find only these, given in the order of their pools."""
        pool = self.code_pool[county]
        self._county, self._county_until = county, np.cumsum(people)
        before = np.concatenate([[0], self._county_until])
        self._start = np.zeros(len(self.codes), dtype=np.int64)
        self._people = np.zeros(len(self.codes), dtype=np.int64)
        firsts = np.flatnonzero(np.diff(pool, prepend=-1))
        self._start[pool[firsts]] = before[firsts]
        self._people[pool[firsts]] = np.diff(before[[*firsts, len(county)]])

    def placed(self, rows: Rows) -> tuple[Array, Array]:
        """Return place of hukou and of enrolment of each row, a county wherever the pool has one."""
        drawn = mixed(rows.rank, self.seed + FIRST_SALT)
        hukou_pool = self.code_pool[rows.hukou]
        enrolment = np.where(rows.enrolment == rows.pool, self.county(rows.pool, drawn, 0), rows.enrolment)
        hukou = np.where(rows.hukou == hukou_pool, self.county(hukou_pool, drawn, 32), rows.hukou)
        return np.where(hukou_pool == rows.pool, enrolment, hukou), enrolment


@dataclass(frozen=True, slots=True, eq=False)
class Claims:
    """One row each: months, groups, cost; `expected` is the mean of `cost` given all but this year's chances, fen."""

    hukou: Array
    enrolment: Array
    origin: Array
    sex: Array
    age: Array
    months: Array
    died: Array
    group: Array
    """Health group of the prior year by place in the list of groups: -1 healthy, -2 no history."""
    now: Array
    """What is seen this year: -1 nothing, then groups, then events."""
    cost: Array
    expected: Array


class Maker:
    """Makes claims of rows."""

    def __init__(self, registry: Counties, model: Model) -> None:
        """Line up the counties' own factors."""
        self.registry, self.model, self.seed = registry, model, registry.seed
        codes = mixed(registry.codes.astype(np.uint64), self.seed + FIRST_SALT + 1)
        dear = factors(model.single["county_cost_spread"])[bits(codes, 0, CLASS_BITS)]
        ill = factors(model.single["county_illness_spread"])[bits(codes, CLASS_BITS, CLASS_BITS)]
        self.dear, self.ill = dear, np.clip(ill, MILDEST, WORST)
        self.province = np.array([int(places.get(str(code)).province) for code in registry.codes.tolist()])
        self.seen = np.argsort(np.argsort(-np.concatenate([model.groups.fen, model.events.fen])))
        """Rank by cost of each group and event: of two in one year the dearer one is seen."""

    def claims(self, rows: Rows) -> Claims:
        """Return the claims of these rows."""
        model = self.model
        hukou, enrolment = self.registry.placed(rows)
        local = self.registry.code_pool[hukou] == rows.pool
        origin = np.where(local, 0, np.where(self.province[hukou] == self.province[enrolment], 1, 2))
        sex, age = rows.sex - 1, np.minimum(rows.age, OLDEST)
        cell = sex * (OLDEST + 1) + age
        ill = self._chance(rows, 2, 0) * ONE // self.ill[enrolment]
        had = model.groups.which(cell, ill)
        months, died = self._months(rows, cell, origin, had)
        event = model.events.which(cell, self._chance(rows, 3, 0) * MONTHS // months)
        goes_on = (had >= 0) & (self._chance(rows, 3, 32) < model.groups.goes_on[had])
        factor = self.dear[enrolment] * model.origin_cost[origin] // 100
        cost, mean = self._ordinary(rows, cell, months)
        for drawn, expected in (
            self._condition(rows, had, goes_on, months),
            self._event(rows, cell, event, months),
            self._last_months(rows, cell, died),
        ):
            cost += drawn
            mean += expected
        unknown = (age == 0) | (self._chance(rows, 4, 0) < model.without_history[origin])
        return Claims(
            hukou=hukou,
            enrolment=enrolment,
            origin=origin,
            sex=rows.sex,
            age=age,
            months=months,
            died=died,
            group=np.where(unknown, -2, had),
            now=self._now(np.where(goes_on, had, -1), event),
            cost=cost * factor // ONE,
            expected=mean * factor // ONE,
        )

    def _hash(self, rows: Rows, salt: int) -> Array:
        return mixed(rows.rank, self.seed + FIRST_SALT * (salt + 1))

    def _chance(self, rows: Rows, salt: int, first: int) -> Array:
        """Return a number from 0 to 10^8 - 1 for each row."""
        return below(self._hash(rows, salt), first, CHANCES)

    def _factor(self, rows: Rows, salt: int, part: int, spread: int) -> Array:
        """Return a lognormal factor for each row, millionths; four parts of one hash."""
        return factors(spread)[bits(self._hash(rows, salt), part * CLASS_BITS, CLASS_BITS)]

    def _months(self, rows: Rows, cell: Array, origin: Array, had: Array) -> tuple[Array, Array]:
        """Return months of cover, 1 to 12, and who died: newborns from birth on, the dead to the end, movers a part."""
        model, drawn = self.model, self._hash(rows, 5)
        some = 1 + below(drawn, 0, MONTHS)
        mortality = np.where(had >= 0, model.groups.mortality[had], 100)
        died = self._chance(rows, 6, 0) < model.deaths.ravel()[cell] * mortality // 100
        moved = self._chance(rows, 6, 32) < model.movers[origin]
        return np.where(died | moved | (rows.age == 0), some, MONTHS), died

    def _ordinary(self, rows: Rows, cell: Array, months: Array) -> tuple[Array, Array]:
        model = self.model
        mean, users = model.ordinary_fen.ravel()[cell], model.users.ravel()[cell]
        uses = self._chance(rows, 7, 0) < users
        spread = self._factor(rows, 8, 0, model.single["ordinary_spread"])
        drawn = mean * CHANCES // np.maximum(users, 1) * spread // ONE
        return np.where(uses, drawn, 0) * months // MONTHS, mean * months // MONTHS

    def _condition(self, rows: Rows, had: Array, goes_on: Array, months: Array) -> tuple[Array, Array]:
        groups = self.model.groups
        fen = np.where(had >= 0, groups.fen[had], 0)
        drawn = np.where(goes_on, self._spread(rows, 1, groups, had, fen), 0)
        mean = fen * groups.goes_on[had] // CHANCES
        return drawn * months // MONTHS, mean * months // MONTHS

    def _event(self, rows: Rows, cell: Array, event: Array, months: Array) -> tuple[Array, Array]:
        """Return the cost of an event, which befalls a part-year person less often but costs no less."""
        events = self.model.events
        fen = np.where(event >= 0, events.fen[event], 0)
        mean = events.expected().ravel()[cell] // CHANCES * months // MONTHS
        return self._spread(rows, 2, events, event, fen), mean

    def _last_months(self, rows: Rows, cell: Array, died: Array) -> tuple[Array, Array]:
        fen = np.where(died, self.model.last_fen.ravel()[cell], 0)
        return fen * self._factor(rows, 8, 3, self.model.single["last_months_spread"]) // ONE, fen

    def _spread(self, rows: Rows, part: int, draws: Draws, which: Array, fen: Array) -> Array:
        """Return the costs of those whom something befell, each spread as that thing is."""
        made = np.zeros(len(fen), dtype=np.int64)
        drawn = bits(self._hash(rows, 8), part * CLASS_BITS, CLASS_BITS)
        for place, spread in enumerate(draws.spread):
            found = np.flatnonzero(which == place)
            made[found] = fen[found] * factors(spread)[drawn[found]] // ONE
        return made

    def _now(self, group: Array, event: Array) -> Array:
        """Return the dearer of a group that goes on and an event, -1 for neither."""
        many = len(self.model.groups.names)
        events = np.where(event >= 0, event + many, -1)
        last = len(self.seen)
        rank = np.append(self.seen, last)
        return np.where(rank[group] <= rank[events], group, events)

    def frame(self, rows: Rows, claims: Claims) -> pl.DataFrame:
        """Return the rows as a table of person rows with claims."""
        model, codes = self.model, self.registry.codes
        groups = (*model.groups.names, *model.events.names)
        residence = np.where(rows.residence == rows.enrolment, claims.enrolment, rows.residence)
        number = pl.lit(pl.Series(rows.number)).cast(pl.String)
        return pl.DataFrame(
            {
                "person_id": pl.select(pl.concat_str(pl.lit("X"), number)).to_series(),
                "hukou_place": codes[claims.hukou],
                "enrolment_place": codes[claims.enrolment],
                "residence_place": codes[residence],
                "sex": pl.Series(["", "m", "f"]).gather(claims.sex.astype(np.uint32)),
                "age": claims.age.astype(np.int16),
                "months": claims.months.astype(np.int8),
                "risk_group": pl.Series([None, NONE, *model.groups.names]).gather((claims.group + 2).astype(np.uint32)),
                "risk_group_this_year": pl.Series([NONE, *groups]).gather((claims.now + 1).astype(np.uint32)),
                "died": claims.died,
                "cost_fen": claims.cost,
            }
        )


__all__ = ["NONE", "Claims", "Counties", "Maker"]
