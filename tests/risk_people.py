"""Invented persons with known mean costs, as arrays, as sums and as records; promises to some of them."""

import functools
from types import SimpleNamespace

import numpy as np
import polars as pl

from people_files import person, write_csv
from suiren import places
from suiren.risk.estimate.fit import fit
from suiren.risk.estimate.sums import AGES, bands, sums_from

COUNTIES = [int(place.code) for place in places.counties() if place.level == "county"][::30]
POOLS = {int(place.code): int(place.pool) for place in places.counties() if place.level == "county"}
BANDS = bands(AGES)
GROUPS = ("none", "chronic", "cancer", "")
ADDED = {"none": 0, "": 0, "chronic": 90_000, "cancer": 900_000}
MIGRANTS = '[[promise]]\nname = "migrants"\nfrom = "elsewhere"\n'
OLD = '[[promise]]\nname = "old migrants"\nfrom = ["elsewhere"]\nage_from = 80\n'
NEWBORN = '[[promise]]\nname = "newborn"\nage_to = 0\nhistory = false\nrepair = "50%"\n'


def drawn(number, seed, groups=GROUPS, counties=COUNTIES, spread=0.0):
    """Invented persons as arrays: traits, the true mean cost of a year, and a cost for their months."""
    rng = np.random.default_rng(seed)
    band = rng.integers(0, len(BANDS), number)
    place = rng.integers(0, len(counties), number)
    sex = rng.integers(1, 3, number)
    shares = np.array([0.7, 0.15, 0.05, 0.1][: len(groups)])
    group = np.array(groups)[rng.choice(len(groups), number, p=shares / shares.sum())]
    away = rng.random(number) < np.where((band > 4) & (band < 9), 0.4, 0.1)
    months = np.where(rng.random(number) < 0.3, rng.integers(1, 12, number), 12)
    true = 30_000 + 8_000 * band + 5_000 * (sex == 1) + np.array([ADDED.get(one, 0) for one in group])
    mean = true + 25_000 * away + (spread * rng.standard_normal(len(counties)))[place]
    cost = np.rint(np.maximum(mean, 0) * rng.gamma(0.7, 1 / 0.7, number) * months / 12).astype(np.int64)
    return SimpleNamespace(
        county=np.array(counties)[place],
        band=band,
        sex=sex,
        group=group,
        away=away,
        months=months,
        true=true,
        cost=cost,
    )


def rows_of(people, costed=None):
    """The persons as a table of sums, one row each."""
    known = np.ones(len(people.cost), dtype=np.int64) if costed is None else costed.astype(np.int64)
    return pl.DataFrame(
        {
            "county_code": people.county,
            "fund_code": [POOLS[int(code)] for code in people.county],
            "origin": np.where(people.away, "other_province", "here"),
            "sex": people.sex,
            "age_from": [BANDS[band][0] for band in people.band],
            "age_to": [BANDS[band][1] for band in people.band],
            "risk_group": people.group,
            "months": people.months,
            "persons": np.ones(len(people.cost), dtype=np.int64),
            "person_months": people.months,
            "costed": known,
            "cost_fen": people.cost * known,
            "cost_sq": [str(int(cost) ** 2 * int(one)) for cost, one in zip(people.cost, known, strict=True)],
        }
    )


def records(people, folder, name="rows.csv", part=slice(None)):
    """The persons as a file of records; whoever is from elsewhere has a hukou in another province."""
    rows = []
    for number in range(len(people.cost))[part]:
        code = int(people.county[number])
        home = code if not people.away[number] else (110101 if code // 10000 != 11 else 330106)
        rows.append(
            person(
                number,
                str(home),
                str(code),
                sex="mf"[people.sex[number] - 1],
                age=str(BANDS[people.band[number]][0]),
                months=str(people.months[number]),
                risk_group=str(people.group[number]),
                cost_fen="" if number % 50 == 0 else str(people.cost[number]),
            )
        )
    return write_csv(folder / name, rows)


def dense(people):
    """Persons as a dense design with the columns of the model, by their names."""
    names, columns = [], []
    history = people.group != ""
    for sex in (1, 2):
        for number, (low, high) in enumerate(BANDS):
            names.append(f"{'mf'[sex - 1]} {low}-{high}")
            columns.append(history & (people.sex == sex) & (people.band == number))
    for group in ("cancer", "chronic"):
        names.append(f"+ {group}")
        columns.append(people.group == group)
    for sex in (1, 2):
        for number, (low, high) in enumerate(BANDS):
            names.append(f"no history {'mf'[sex - 1]} {low}-{high}")
            columns.append(~history & (people.sex == sex) & (people.band == number))
    return names, np.array(columns).T.astype(float)


@functools.cache
def usual():
    """The persons that most tests are about."""
    return drawn(20_000, 7)


@functools.cache
def usual_sums():
    return sums_from(rows_of(usual()))


@functools.cache
def usual_fit():
    return fit(usual_sums())
