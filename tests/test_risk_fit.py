"""Sums, the estimate and its errors, credibility: on invented costs, against other computations."""

import json
import shutil
from collections import defaultdict
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm

from people_files import person, write_csv
from risk_people import (
    ADDED,
    BANDS,
    COUNTIES,
    MIGRANTS,
    POOLS,
    dense,
    drawn,
    records,
    rows_of,
    usual,
    usual_fit,
    usual_sums,
)
from suiren.cli import risk_fit
from suiren.cli.common import law_of
from suiren.errors import SuirenError
from suiren.risk.estimate import bind, publish
from suiren.risk.estimate.credibility import believed, between, within
from suiren.risk.estimate.design import design_of
from suiren.risk.estimate.fit import Settings, clustered, fit, least_squares, means_by_age, student
from suiren.risk.estimate.sums import AGES, are_sums, read_sums, sums_from, union, write_sums
from suiren.risk.estimate.table import table


@pytest.fixture
def persons():
    return usual()


@pytest.fixture
def summed():
    return usual_sums()


@pytest.fixture
def estimate():
    return usual_fit()


# Sums


def test_sums_of_records_are_a_plain_count(tmp_path):
    people = drawn(600, 3, counties=COUNTIES[:4])
    risk_fit.sums([str(records(people, tmp_path))], str(tmp_path / "out"), csv=True)
    wanted = defaultdict(lambda: [0, 0, 0, 0, 0])
    for number, cost in enumerate(people.cost):
        low, high = BANDS[people.band[number]]
        county = int(people.county[number])
        origin = "other_province" if people.away[number] else "here"
        months = int(people.months[number])
        key = (county, POOLS[county], origin, int(people.sex[number]), low, high, str(people.group[number]), months)
        known = number % 50 != 0
        for place, value in enumerate((1, months, known, known * int(cost), known * int(cost) ** 2)):
            wanted[key][place] += value
    for file in ("sums.parquet", "sums.csv"):
        found = read_sums([tmp_path / "out" / file])
        assert {row[:8]: list(row[8:]) for row in found.frame.iter_rows()} == dict(wanted)
        assert (found.ages, found.made.notice_year) == (AGES, 2021)


def test_the_same_bytes_from_records_and_from_sums_in_parts(tmp_path):
    people = drawn(3_000, 5, counties=COUNTIES[:6])
    promises = tmp_path / "promises.toml"
    promises.write_text(MIGRANTS, encoding="utf-8")
    whole = records(people, tmp_path)
    for number, part in enumerate((slice(0, 1000), slice(1000, None))):
        risk_fit.sums([str(records(people, tmp_path, f"part{number}.csv", part))], str(tmp_path / f"sums{number}"))
    (tmp_path / "both").mkdir()
    for number in (0, 1):
        shutil.copy(tmp_path / f"sums{number}" / "sums.parquet", tmp_path / "both" / f"{number}.parquet")
    runs = {
        "records": [whole],
        "sums": [tmp_path / "sums0", tmp_path / "sums1"],
        "turned": [tmp_path / "sums1" / "sums.parquet", tmp_path / "sums0"],
        "again": [tmp_path / "records"],
        "folder": [tmp_path / "both"],
    }
    made = {}
    for name, inputs in runs.items():
        risk_fit.fit([str(path) for path in inputs], str(tmp_path / name), promises=str(promises))
        files = ("weights.csv", "fit.json", "prices.csv", "sweep.csv")
        made[name] = {file: (tmp_path / name / file).read_bytes() for file in files}
    assert made["records"] == made["sums"] == made["turned"] == made["again"] == made["folder"]
    document = json.loads(made["records"]["fit.json"])
    assert document["sums"]["persons"] == 3_000
    assert document["counted"]["without_cost"]["persons"] == 60
    assert document["counted"]["without_cost"]["expected_fen"] > 0


def test_an_origin_is_what_the_law_calls_it(tmp_path):
    """Zhejiang has several pools; Hainan is one pool for its residents."""
    homes = {
        ("330106", "330108"): "here",
        ("330200", "330106"): "same_province",
        ("622900", "330106"): "other_province",
    }
    homes |= {("460105", "460200"): "here"}
    rows = [
        person(number, hukou, enrolled, sex="m", age="30", cost_fen="1")
        for number, (hukou, enrolled) in enumerate(homes)
    ]
    risk_fit.sums([str(write_csv(tmp_path / "rows.csv", rows))], str(tmp_path / "out"))
    found = read_sums([tmp_path / "out"]).frame
    assert sorted(found["origin"].to_list()) == sorted(homes.values())
    assert found.filter(pl.col("fund_code") == 460200)["origin"].to_list() == ["here"]


def test_sums_that_do_not_fit_are_refused(tmp_path, summed):
    write_sums(summed, tmp_path)
    wrong = pl.read_parquet(tmp_path / "sums.parquet").with_columns(person_months=pl.col("person_months") + 1)
    mark = pl.read_parquet_metadata(tmp_path / "sums.parquet")
    wrong.write_parquet(tmp_path / "wrong.parquet", metadata={"suiren.sums": mark["suiren.sums"]})
    with pytest.raises(SuirenError, match="Person-months are not persons times months"):
        read_sums([tmp_path / "wrong.parquet"])
    with pytest.raises(SuirenError, match="count twice"):
        read_sums([tmp_path, tmp_path])
    with pytest.raises(SuirenError, match="age bands"):
        union([summed, sums_from(summed.frame.filter(pl.col("age_from") == 0), (0, 1))])
    write_csv(tmp_path / "rows.csv", [person(1)])
    with pytest.raises(SuirenError, match="E-sums-mixed"):
        are_sums([tmp_path, tmp_path / "rows.csv"])


def test_kinds_are_refused(tmp_path):
    people = drawn(50, 1, counties=COUNTIES[:1])
    from suiren.ledger import write
    from suiren.ledger.run import kinds_of_records

    with write.replaced(tmp_path / "kinds") as folder:
        kinds_of_records([records(people, tmp_path)], law_of("2021", None, "risk-adjusted"), folder)
    with pytest.raises(SuirenError, match="squares of costs"):
        risk_fit.fit([str(tmp_path / "kinds" / "kinds.parquet")], str(tmp_path / "out"))


# The estimate


def test_the_estimate_errors_and_intervals_are_those_of_statsmodels(persons, estimate):
    names, x = dense(persons)
    weights = persons.months / 12
    model = sm.WLS(persons.cost / weights, x, weights=weights)
    other = model.fit(cov_type="cluster", cov_kwds={"groups": persons.county}, use_t=True)
    assert [column.name for column in estimate.design.columns] == names
    assert np.abs(estimate.estimate / other.params - 1).max() < 1e-8
    assert np.abs(estimate.errors.se / other.bse - 1).max() < 1e-8
    interval = other.conf_int()
    assert np.allclose(estimate.errors.low, interval[:, 0], rtol=1e-7, atol=1e-3)
    assert np.allclose(estimate.errors.high, interval[:, 1], rtol=1e-7, atol=1e-3)
    history = persons.group != ""
    mine = bind.explained(estimate, bind.estimated(estimate, estimate.estimate))
    assert mine == pytest.approx(_r2(persons, x @ other.params), abs=1e-9)
    trusted = np.isnan(estimate.prior)
    assert np.abs(estimate.baseline.values / other.params - 1)[trusted].max() < 1e-8
    assert history.any()


def _r2(people, expected):
    weights, cost = people.months / 12, people.cost / (people.months / 12)
    mean = people.cost.sum() / weights.sum()
    return 1 - (weights * (cost - expected) ** 2).sum() / (weights * (cost - mean) ** 2).sum()


@pytest.mark.parametrize(("degrees", "wanted"), [(1, 12.7062), (2, 4.3027), (9, 2.2622), (60, 2.0003), (2844, 1.9608)])
def test_quantiles_of_student(degrees, wanted):
    assert student(0.975, degrees) == pytest.approx(wanted, abs=1e-4)


def test_known_weights_lie_in_their_intervals_95_times_of_100():
    inside = total = 0
    for seed in range(60):
        people = drawn(6_000, 1_000 + seed, groups=("none", "chronic"), spread=4_000)
        people.cost = np.rint(_costs(people, seed)).astype(np.int64)
        sums = sums_from(rows_of(people))
        design = design_of(sums)
        estimated = least_squares(design)
        errors = clustered(sums, design, estimated)
        true = np.array([_truth(column) for column in design.columns])
        inside += int(((errors.low <= true) & (true <= errors.high)).sum())
        total += len(true)
    assert 0.93 < inside / total < 0.97, inside / total


def _costs(people, seed):
    """Costs whose mean is the known one; persons of a county share what its year was like."""
    rng = np.random.default_rng(seed)
    number = {code: place for place, code in enumerate(COUNTIES)}
    shared = 4_000 * rng.standard_normal(len(COUNTIES))
    mean = people.true + shared[[number[int(code)] for code in people.county]]
    return np.maximum(mean, 0) * rng.gamma(2, 1 / 2, len(people.cost)) * people.months / 12


def _truth(column):
    if column.kind == "group":
        return ADDED[column.risk_group]
    return 30_000 + 8_000 * [low for low, _ in BANDS].index(column.age_from) + 5_000 * (column.sex == 1)


def test_people_of_part_of_a_year_neither_vanish_nor_weigh_double():
    """Two cells of the same cost a month, one of them enrolled for 1 month: the traps give other weights."""
    rows = [(1, 12, 12_000), (1, 12, 24_000), (2, 1, 1_000), (2, 1, 2_000), (2, 12, 18_000)]
    people = SimpleNamespace(
        county=np.array([COUNTIES[0], COUNTIES[1], COUNTIES[0], COUNTIES[1], COUNTIES[0]]),
        band=np.full(5, 9),
        sex=np.array([row[0] for row in rows]),
        group=np.array([""] * 5),
        away=np.zeros(5, dtype=bool),
        months=np.array([row[1] for row in rows]),
        cost=np.array([row[2] for row in rows]),
    )
    found = fit(sums_from(rows_of(people)), Settings(least_persons=0))
    assert found.estimate == pytest.approx([18_000, 21_000 * 12 / 14])
    assert found.design.xc.tolist() == [36_000, 21_000]
    assert found.design.xwx.tolist() == [[24, 0], [0, 14]]
    assert table(found, found.baseline.values).rows.filter(pl.col("age_from") == 40)["points"].to_list() == [1000, 1000]


# Credibility

STATES = (
    (
        (1738, 1642, 1794, 2051, 2079, 2234, 2032, 2035, 2115, 2262, 2267, 2517),
        (7861, 9251, 8706, 8575, 7917, 8263, 9456, 8003, 7365, 7832, 7849, 9077),
    ),
    (
        (1364, 1408, 1597, 1444, 1342, 1675, 1470, 1448, 1464, 1831, 1612, 1471),
        (1622, 1742, 1523, 1515, 1622, 1602, 1964, 1515, 1527, 1748, 1654, 1861),
    ),
    (
        (1759, 1685, 1479, 1763, 1674, 2103, 1502, 1622, 1828, 2155, 2233, 2059),
        (1147, 1357, 1329, 1204, 998, 1077, 1277, 1218, 896, 1003, 1108, 1121),
    ),
    (
        (1223, 1146, 1010, 1257, 1426, 1532, 1953, 1123, 1343, 1243, 1762, 1306),
        (407, 396, 348, 341, 315, 328, 352, 331, 287, 384, 321, 342),
    ),
    (
        (1456, 1499, 1609, 1741, 1482, 1572, 1606, 1735, 1607, 1573, 1613, 1690),
        (2902, 3172, 3046, 3068, 2693, 2910, 3275, 2697, 2663, 3017, 3242, 3425),
    ),
)
"""Hachemeister's claims of five states over twelve quarters: mean and number."""


def test_hachemeister():
    years = np.array([sum(weights) for _, weights in STATES], dtype=float)
    costs = np.array([sum(x * w for x, w in zip(*state, strict=True)) for state in STATES], dtype=float)
    squares = [sum(x * x * w for x, w in zip(*state, strict=True)) for state in STATES]
    s2 = within(squares, costs.tolist(), years.tolist(), [12] * 5)
    means = costs / years
    spread = between(years, means, np.full(5, costs.sum() / years.sum()), np.ones((5, 1)), s2)
    trust = believed(years, s2, spread.tau2)
    assert s2 == pytest.approx(139_120_026, abs=1)
    assert spread.tau2 == pytest.approx(89_639, abs=1)
    assert trust == pytest.approx([0.9847, 0.9276, 0.8985, 0.7279, 0.9588], abs=1e-4)
    mean = trust @ means / trust.sum()
    assert mean == pytest.approx(1683.713, abs=1e-3)
    wanted = [2055.165, 1523.706, 1793.444, 1442.967, 1603.285]
    assert trust * means + (1 - trust) * mean == pytest.approx(wanted, abs=1e-3)


def test_the_variance_between_cells_about_a_fitted_mean_is_unbiased():
    rng = np.random.default_rng(2)
    years = rng.uniform(5, 80, 40)
    fitted = np.column_stack([np.ones(40), np.arange(40) % 2, np.arange(40) / 40])
    root = np.sqrt(years)
    found = []
    for _ in range(600):
        true = fitted @ [100, 20, -30] + 9 * rng.standard_normal(40)
        means = true + rng.standard_normal(40) * np.sqrt(900 / years)
        mu = fitted @ np.linalg.lstsq(fitted * root[:, None], means * root, rcond=None)[0]
        found.append(between(years, means, mu, fitted, 900).tau2)
    assert np.mean(found) == pytest.approx(81, rel=0.04)


def test_a_cell_of_few_people_is_drawn_and_named(persons):
    rare = (
        rows_of(persons)
        .head(3)
        .with_columns(
            risk_group=pl.lit("rare"), cost_fen=pl.lit(90_000_000, pl.Int64), cost_sq=pl.lit(str(90_000_000**2))
        )
    )
    found = fit(sums_from(pl.concat([rows_of(persons), rare])))
    place = [column.name for column in found.design.columns].index("+ rare")
    assert 0.9 < found.credibility[place] < 0.9999
    value = found.baseline.values[place]
    assert found.prior[place] < value < found.estimate[place]
    trust = found.credibility[place]
    assert value == pytest.approx(trust * found.estimate[place] + (1 - trust) * found.prior[place], rel=1e-3)
    others = [
        place for place, column in enumerate(found.design.columns) if column.block == "history" and column.kind == "age"
    ]
    assert found.baseline.values[others] == pytest.approx(found.estimate[others], rel=0.02)
    made = publish.publish(found)
    thin = {row["name"]: row for row in made.document["counted"]["thin"]}
    assert (thin["+ rare"]["persons"], thin["+ rare"]["cost_fen"]) == (3, 270_000_000)
    everybody = bind.group_of(found, "all", pl.lit(value=True))
    assert float(everybody.paid(bind.estimated(found, found.baseline.values))) == pytest.approx(found.total, rel=1e-8)


def test_cells_are_credibility_means_that_keep_the_total(summed):
    found = fit(summed, Settings(method="cells"))
    years, costs = found.design.years @ found.design.x, found.design.xc
    history = [place for place, column in enumerate(found.design.columns) if column.block == "history"]
    drawn_to = found.credibility * found.estimate + (1 - found.credibility) * found.prior
    scale = costs[history].sum() / (years * drawn_to)[history].sum()
    assert found.baseline.values[history] == pytest.approx(drawn_to[history] * scale, rel=1e-9)
    assert 0.5 < scale < 2
    assert costs.sum() == pytest.approx(years @ found.baseline.values, rel=1e-11)
    assert set(found.spreads) == {"newborn cells", "cells", "no history, newborn cells", "no history, cells"}
    assert found.spreads["cells"].fitted == 36
    assert found.spreads["no history, cells"].fitted == 1
    means = means_by_age(found.design)
    none = [place for place, one in enumerate(found.design.columns) if one.block == "none" and not one.newborn]
    of_all = np.array([means[found.design.columns[p].sex, found.design.columns[p].age_from] for p in none])
    level = found.prior[none] / of_all
    assert level == pytest.approx(np.full(len(none), level[0]), rel=1e-9)
    assert level[0] == pytest.approx(costs[none].sum() / (years[none] @ of_all), rel=0.1)
    assert level[0] < 0.9
