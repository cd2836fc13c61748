"""Promises and their price, the published table: on invented costs, against another solver and plain counts."""

import csv
import io
import itertools
import json
import sys
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import piqp
import polars as pl
import pytest
import statsmodels.api as sm

from risk_people import (
    BANDS,
    COUNTIES,
    GROUPS,
    MIGRANTS,
    NEWBORN,
    OLD,
    dense,
    drawn,
    rows_of,
    usual,
    usual_fit,
    usual_sums,
)
from suiren import places
from suiren.cli import risk_fit
from suiren.errors import SuirenError
from suiren.risk.estimate import bind, prices, publish, solve
from suiren.risk.estimate.fit import Settings, fit
from suiren.risk.estimate.hold_out import hold_out
from suiren.risk.estimate.promises import read_promises
from suiren.risk.estimate.sums import sums_from, write_sums
from suiren.risk.weights import load


@pytest.fixture
def persons():
    return usual()


@pytest.fixture
def summed():
    return usual_sums()


@pytest.fixture
def estimate():
    return usual_fit()


@pytest.fixture
def promised(tmp_path):
    def read(text, sums=None):
        path = tmp_path / "promises.toml"
        path.write_text(text, encoding="utf-8")
        return read_promises(path, sums or usual_sums())

    return read


# The programme


def _piqp(problem, found):
    """The same programme solved by PIQP, in fen for a year."""
    scaled = solve.scale(problem, found.size, found.unit)
    equal = np.array(problem.equal)
    solver = piqp.DenseSolver()
    solver.settings.eps_abs = solver.settings.eps_rel = 1e-11
    solver.settings.eps_duality_gap_abs = solver.settings.eps_duality_gap_rel = 1e-13
    nothing = np.full(len(scaled.g), 0.0)
    some = ~equal
    solver.setup(
        scaled.h,
        -scaled.g,
        scaled.rows[equal],
        scaled.wanted[equal],
        scaled.rows[some] if some.any() else None,
        scaled.wanted[some] if some.any() else None,
        None,
        nothing,
        None,
    )
    assert solver.solve() == piqp.PIQP_SOLVED
    return solver.result.x * scaled.unit


@pytest.mark.parametrize("text", [MIGRANTS, OLD + NEWBORN, OLD.replace("age_from", 'binding = "exact"\nage_from')])
@pytest.mark.parametrize("method", ["linear", "cells"])
def test_two_solvers_agree(promised, summed, text, method):
    found = fit(summed, Settings(method=method))
    bound = bind.bind(found, promised(text).listed)
    other = _piqp(bound.problem, found)
    assert bound.solution.values == pytest.approx(other, rel=1e-6, abs=1e-3)
    assert max(bound.solution.residuals.values()) < 1e-9


def test_a_coefficient_that_would_be_negative_is_held_at_zero(persons):
    people = SimpleNamespace(**vars(persons))
    people.cost = np.where(people.group == "chronic", 0, people.cost)
    found = fit(sums_from(rows_of(people)))
    place = [column.name for column in found.design.columns].index("+ chronic")
    assert found.estimate[place] < -10_000
    assert found.baseline.values[place] == 0
    assert place in found.baseline.at_zero
    assert found.baseline.values == pytest.approx(_piqp(found.problem, found), rel=1e-6, abs=1e-3)
    budget = found.design.years @ found.design.x
    assert budget @ found.baseline.values == pytest.approx(found.total, rel=1e-11)
    negative = publish.publish(found).document["counted"]["negative"]
    assert [row["name"] for row in negative] == ["+ chronic"]
    assert negative[0]["persons"] == int((people.group == "chronic").sum())


def test_promises_are_kept_at_the_least_loss(estimate, promised):
    bound = bind.bind(estimate, promised(OLD + NEWBORN).listed)
    before, after = (bind.estimated(estimate, one.values) for one in (estimate.baseline, bound.solution))
    old, newborn = bound.groups
    assert old.paid(before) < old.cost_fen
    assert float(old.paid(after)) == pytest.approx(old.cost_fen, rel=1e-8)
    gap = max(Fraction(0), newborn.cost_fen - newborn.paid(before))
    assert float(newborn.paid(after)) >= float(newborn.cost_fen - gap / 2) * (1 - 1e-8)
    everybody = bind.group_of(estimate, "all", pl.lit(value=True))
    assert float(everybody.paid(after)) == pytest.approx(estimate.total, rel=1e-8)
    assert bind.explained(estimate, after) < bind.explained(estimate, before)
    assert bound.solution.prices[1] > 0


def test_who_is_paid_more_than_the_cost_is_promised_the_cost(estimate, promised):
    text = '[[promise]]\nname = "locals"\nfrom = "here"\nrepair = "50%"\n'
    over = bind.bind(estimate, promised(text).listed)
    assert over.targets == (over.groups[0].cost_fen,)
    assert over.solution.prices[1] == 0
    assert over.solution.values == pytest.approx(estimate.baseline.values)
    exact = bind.bind(estimate, promised(text + 'binding = "exact"\n').listed)
    before = exact.groups[0].paid(bind.estimated(estimate, estimate.baseline.values))
    assert before > exact.groups[0].cost_fen
    assert exact.targets[0] == pytest.approx(float(before + exact.groups[0].cost_fen) / 2)
    assert exact.solution.prices[1] < 0


def test_the_solver_alone_is_near_too(estimate, promised):
    bound = bind.bind(estimate, promised(OLD + NEWBORN.replace("repair", 'binding = "exact"\nrepair')).listed)
    scaled = solve.scale(bound.problem, estimate.size, estimate.unit)
    found, status = solve._clarabel(bound.problem, scaled)
    assert status == "Solved"
    assert max(solve._residuals(scaled, bound.problem.equal, found).values()) < 1e-7


def test_a_shadow_price_is_the_fit_lost_for_one_more_fen(estimate, promised):
    bound = bind.bind(estimate, promised(OLD).listed)
    problem, more = bound.problem, 1e-4 * bound.targets[0]

    def half_error(values):
        return values @ problem.h @ values / 2 - problem.g @ values

    up, down = (estimate.solved(problem.moved(problem.wanted + np.array([0, step]))).values for step in (more, -more))
    slope = (half_error(up) - half_error(down)) / (2 * more)
    assert bound.solution.prices[1] == pytest.approx(slope, rel=1e-5)


def test_a_shadow_price_is_the_rise_of_cost_that_gives_the_same_estimate(persons, promised):
    """Who costs more by the shadow price, and everybody by that of the budget, is paid so by a plain estimate."""
    people = SimpleNamespace(**vars(persons))
    people.group = np.where(people.group == "", "none", people.group)
    sums = sums_from(rows_of(people))
    found = fit(sums, Settings(least_persons=0))
    bound = bind.bind(found, promised(OLD, sums).listed)
    if bound.solution.at_zero:
        pytest.fail("this test is for a solution inside")
    weights = people.months / 12
    rise = bound.solution.prices[0] + bound.solution.prices[1] * (people.away & (people.band == 17))
    names, x = dense(people)
    x = x[:, [place for place, name in enumerate(names) if not name.startswith("no history")]]
    other = sm.WLS(people.cost / weights + rise, x, weights=weights).fit()
    assert bound.solution.values == pytest.approx(other.params, rel=1e-7)


def test_promises_that_contradict_each_other_are_named(persons, promised):
    people = SimpleNamespace(**vars(persons))
    people.group = np.full(len(people.cost), "")
    sums = sums_from(rows_of(people))
    text = "".join(
        f'[[promise]]\nname = "{name}"\nbinding = "exact"\nage_from = 80\nsex = "m"\nfrom = "{origin}"\n'
        for name, origin in (("guests", "elsewhere"), ("hosts", "here"))
    )
    with pytest.raises(SuirenError, match="cannot be kept together") as error:
        bind.bind(fit(sums), promised(text + NEWBORN, sums).listed)
    assert "'guests'" in str(error.value)
    assert "'hosts'" in str(error.value)
    assert "newborn" not in str(error.value)


def test_a_sweep_tells_where_promises_begin_to_contradict_each_other(persons, promised):
    people = SimpleNamespace(**vars(persons))
    people.group = np.full(len(people.cost), "")
    sums = sums_from(rows_of(people))
    text = "".join(
        f'[[promise]]\nname = "{origin}"\nbinding = "exact"\nrepair = 0\nage_from = 80\nsex = "m"\nfrom = "{origin}"\n'
        for origin in ("elsewhere", "here")
    )
    swept = publish.publish(fit(sums), promised(text, sums)).sweep
    assert swept["status"].to_list() == ["kept"] * 2 + ["contradiction"] * 40
    assert swept["r2"].null_count() == 40


def test_without_the_extra_plain_estimates_work_and_promises_say_what_to_install(monkeypatch, summed, promised):
    monkeypatch.setitem(sys.modules, "clarabel", None)
    found = fit(summed)
    assert found.baseline.solver == "linear system"
    with pytest.raises(SuirenError, match=r"pip install 'suiren\[risk\]'"):
        bind.bind(found, promised(OLD).listed)
    cheap = summed.frame.with_columns(
        cost_fen=pl.when(pl.col("risk_group") == "chronic").then(0).otherwise("cost_fen"),
        cost_sq=pl.when(pl.col("risk_group") == "chronic").then(0).otherwise("cost_sq"),
    )
    with pytest.raises(SuirenError, match="would be negative"):
        fit(sums_from(cheap))


# The file of promises


def test_everything_wrong_with_promises_is_told_at_once(promised):
    text = """
[[promise]]
name = "a"
age_from = 82
from = "elsewere"
[[promise]]
name = "a"
risk_group = ["cancr"]
repare = 1
[[promise]]
name = "c"
place = "Atlantis"
repair = 1.5
binding = "under"
history = "no"
sex = "x"
"""
    with pytest.raises(SuirenError) as error:
        promised(text)
    told = str(error.value)
    for part in (
        "age_from 82 is no end of a band",
        "75-79, 80-120",
        "Did you mean 80?",
        "Did you mean elsewhere?",
        "Did you mean cancer?",
        "Did you mean repair?",
        "Atlantis",
        "repair '1.5' is no share",
        "binding knows no 'under'",
        "history 'no'",
        "'x' is no sex",
        "promise 3",
    ):
        assert part in told, part


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[promise]]\nname = "x"\nplace = "海南"\n', "'x': 0 of 20,000 persons fit"),
        ('[[promise]]\nname = "x"\n', "everybody (20,000 persons)"),
        (MIGRANTS + MIGRANTS.replace('"migrants"', '"again"').replace("elsewhere", "other_province"), "are the same"),
        ("", "no promise"),
        ("[[promise", "no TOML"),
        (MIGRANTS + MIGRANTS, "2 promises are called 'migrants'"),
    ],
)
def test_promises_to_nobody_everybody_or_twice_are_refused(summed, promised, text, told):
    if "海南" in text:
        summed = sums_from(summed.frame.filter(pl.col("fund_code") // 10000 != 46))
        told = told.replace("20,000", f"{summed.total('persons'):,}")
    with pytest.raises(SuirenError, match="E-promise") as error:
        promised(text, summed)
    assert told in str(error.value)


def test_promises_choose_the_persons_they_name(persons, estimate, promised):
    province = COUNTIES[5] // 10000
    name = places.name(province * 10000)
    text = f'[[promise]]\nname = "x"\nplace = "{name}"\nsex = "f"\nage_from = 60\nage_to = 79\nhistory = true\n'
    text += 'repair = "3/4"\n'
    promise = promised(text).listed[0]
    chosen = (persons.county // 10000 == province) & (persons.sex == 2) & (persons.band >= 13) & (persons.band <= 16)
    chosen &= persons.group != ""
    found = bind.group_of(estimate, promise.name, promise.condition)
    assert (found.persons, found.cost_fen) == (int(chosen.sum()), int(persons.cost[chosen].sum()))
    assert promise.repair == Fraction(3, 4)


# What is published


def test_the_table_covers_everybody_and_is_rebuilt_from_the_document(tmp_path, estimate, promised):
    made = publish.publish(estimate, promised(OLD))
    publish.write(made, tmp_path)
    weights = load(str(tmp_path / "weights.csv"))
    assert weights.cells.height == 2 * 121 * 4
    assert set(weights.cells["risk_group"].unique()) == set(GROUPS)
    document = json.loads((tmp_path / "fit.json").read_text(encoding="utf-8"))
    exact = {row["name"]: Fraction(repr(row["value_fen"])) for row in document["columns"]}
    people = estimate.sums.frame.group_by("sex", "age_from", "risk_group").agg(pl.col("person_months").sum())
    months = {row[:3]: row[3] for row in people.iter_rows()}
    values = {}
    for sex in (1, 2):
        for low, high in BANDS:
            age = f"{'mf'[sex - 1]} {low}-{high}"
            values |= {
                (sex, low, group): exact[age] + exact.get(f"+ {group}", 0) for group in ("none", "chronic", "cancer")
            }
            values[sex, low, ""] = exact[f"no history {age}"]
    scale = 1000 * sum(months.values()) / sum(values[key] * months.get(key, 0) for key in values)
    for row in csv.DictReader(io.StringIO((tmp_path / "weights.csv").read_text(encoding="utf-8"))):
        key = ("_mf".index(row["sex"]), int(row["age_from"]), row["risk_group"])
        assert int(row["points"]) == int(values[key] * scale + Fraction(1, 2))
        assert row["evidence"] == "modelled"
    assert document["base"]["points_mean"] == pytest.approx(1000, abs=0.1)
    assert document["base"]["point_months"] == made.table.point_months


def test_rows_without_people_are_filled_named_and_never_zero(persons):
    keep = ~((persons.band == 3) & (persons.sex == 2)) & ~((persons.band == 0) & (persons.group == "cancer"))
    people = SimpleNamespace(**{name: values[keep] for name, values in vars(persons).items()})
    made = publish.publish(fit(sums_from(rows_of(people))))
    rows = made.table.rows
    assert rows.height == 36 * 4
    filled = rows.filter(pl.col("filled") != "")
    assert set(filled["evidence"]) == {"assumed"}
    known = rows.filter(pl.col("age_from") == 10, pl.col("risk_group") != "").sort("sex", "risk_group")
    assert known["points"].to_list()[3:] == known["points"].to_list()[:3]
    of_none = rows.filter(pl.col("risk_group") == "", pl.col("age_from") == 10).sort("sex")
    assert of_none["filled"].to_list() == ["", "other sex or nearest ages"]
    assert of_none["points"][1] == pytest.approx(of_none["points"][0], rel=0.3)
    assert rows.filter(pl.col("points") == 0).is_empty()
    told = {(row["sex"], row["age_from"], row["risk_group"]) for row in made.document["counted"]["filled"]}
    assert ("f", 10, "none") in told
    assert {("m", 0, "cancer"), ("f", 0, "cancer")} <= told


def test_people_without_a_cost_are_counted_and_move_nothing(persons):
    known = np.arange(len(persons.cost)) % 7 != 0
    whole = fit(sums_from(rows_of(persons, known)))
    people = SimpleNamespace(**{name: values[known] for name, values in vars(persons).items()})
    assert whole.estimate == pytest.approx(fit(sums_from(rows_of(people))).estimate, rel=1e-12)
    made = publish.publish(whole)
    lacking = made.document["counted"]["without_cost"]
    assert lacking["persons"] == int((~known).sum())
    real = persons.cost[~known].sum()
    assert lacking["expected_fen"] == pytest.approx(real, rel=0.1)


def test_a_group_of_which_nobody_has_a_cost_has_points_all_the_same(persons):
    people = SimpleNamespace(**vars(persons))
    people.group = np.where(np.arange(len(people.cost)) < 40, "unseen", people.group)
    made = publish.publish(fit(sums_from(rows_of(people, people.group != "unseen"))))
    rows = made.table.rows.filter(pl.col("risk_group") == "unseen")
    assert rows.height == 36
    assert set(rows["filled"]) == {"mean of the other groups"}
    assert rows["points"].min() > 0


def test_only_people_without_history_have_a_table_too(persons):
    people = SimpleNamespace(**vars(persons))
    people.group = np.full(len(people.cost), "")
    for method in ("linear", "cells"):
        made = publish.publish(fit(sums_from(rows_of(people)), Settings(method=method)))
        assert made.table.rows.height == 36
        assert made.table.rows["filled"].unique().to_list() == [""]


def test_without_people_of_no_history_their_rows_are_the_means_of_all(persons):
    people = SimpleNamespace(**vars(persons))
    people.group = np.where(people.group == "", "none", people.group)
    rows = publish.publish(fit(sums_from(rows_of(people)))).table.rows.filter(pl.col("risk_group") == "")
    assert set(rows["evidence"]) == {"assumed"}
    chosen = (people.band == 9) & (people.sex == 1)
    mean = people.cost[chosen].sum() * 12 / people.months[chosen].sum()
    row = rows.filter(pl.col("age_from") == BANDS[9][0], pl.col("sex") == 1)
    assert row["value"][0] == pytest.approx(mean, rel=1e-7)


def test_the_price_table_adds_up_to_the_fen(estimate, promised, summed):
    made = publish.publish(estimate, promised(OLD + NEWBORN))
    found = made.prices
    for kind in ("ages", "origin", "risk_group", "sex"):
        family = found.filter(pl.col("kind") == kind)
        assert family["change_fen"].sum() == 0
        assert family["before_fen"].sum() == family["after_fen"].sum() == summed.total("cost_fen")
        assert family["persons"].sum() == summed.total("persons")
    assert set(found["who"]) == {"gains", "pays", ""}
    old = found.filter(pl.col("group") == "old migrants").row(0, named=True)
    points = made.table.points
    shares = [
        points[sex, age, group] * months
        for sex, age, group, months in made.bound.fit.design.cells.select(
            "sex", "age_from", "risk_group", "costed_months"
        ).iter_rows()
    ]
    mine = sum(
        points[sex, age, group] * months
        for (sex, age, group), months in zip(
            estimate.design.cells.select("sex", "age_from", "risk_group").iter_rows(),
            made.bound.groups[0].months,
            strict=True,
        )
    )
    assert old["after_fen"] == prices.nearest(Fraction(estimate.total * mine, sum(shares)))
    assert old["change_fen"] == old["after_fen"] - old["before_fen"]
    promised_ = found.filter(pl.col("kind") == "promise")
    short = promised_["target_fen"] - promised_["after_fen"]
    assert promised_["short_on_points_fen"].to_list() == pytest.approx([max(0, one) for one in short], abs=1)
    assert abs(old["short_on_points_fen"]) < old["cost_fen"] / 1000
    assert old["r2_lost"] > 0
    uplift, share = old["uplift_instead"], old["before_fen"] / estimate.total
    assert old["before_fen"] * (1 + uplift) / (1 + uplift * share) == pytest.approx(old["cost_fen"], rel=1e-6)


def test_the_sweep_goes_from_the_estimate_to_the_whole_promise(estimate, promised):
    made = publish.publish(estimate, promised(OLD))
    swept = made.sweep
    assert swept["repair_percent"].to_list() == list(range(0, 101, 5))
    first, last = swept.row(0, named=True), swept.row(-1, named=True)
    assert (first["r2_lost"], first["shadow_price_fen"]) == (0, 0)
    assert last["estimate_fen"] == pytest.approx(
        made.prices.filter(pl.col("kind") == "promise")["cost_fen"][0], rel=1e-8
    )
    lost = swept["r2_lost"].to_list()
    assert all(later > sooner - 1e-5 for sooner, later in itertools.pairwise(lost))
    assert lost[-1] > 2 * lost[10] > 0
    assert last["r2"] == pytest.approx(made.document["fit"]["r2"], abs=1e-9)


def test_invented_costs_are_never_more_than_assumed(summed):
    made = sums_from(summed.frame, made=type(summed.made)(invented=True))
    published = publish.publish(fit(made))
    assert set(published.table.rows["evidence"]) == {"assumed"}
    assert published.document["invented"] is True


def test_counties_kept_out_are_told(summed):
    used, aside = hold_out(summed, Fraction(1, 4))
    apart = set(used.frame["county_code"]), set(aside.sums.frame["county_code"])
    assert not apart[0] & apart[1]
    assert len(apart[1]) == int(len(COUNTIES) / 4 + 0.5)
    told = publish.publish(fit(used), held=aside).document["held_out"]
    assert told["persons"] + used.total("persons") == summed.total("persons")
    assert 0.8 < told["ratio"] < 1.2
    assert 0 < told["r2"] < 1
    with pytest.raises(SuirenError, match="on both sides"):
        hold_out(summed, Fraction(1, 1000))


def test_points_that_are_too_many_and_a_missing_reference_are_refused(summed):
    with pytest.raises(SuirenError, match="--mean-points"):
        publish.publish(fit(summed, Settings(mean_points=900_000)))
    with pytest.raises(SuirenError, match="Did you mean none"):
        fit(summed, Settings(reference="non"))
    with pytest.raises(SuirenError, match="no cost at all"):
        fit(sums_from(summed.frame.with_columns(cost_fen=0, cost_sq=pl.lit(0, pl.Int128))))


@pytest.mark.parametrize("method", ["linear", "cells"])
def test_without_a_group_of_the_healthy_those_without_a_group_are_the_healthy(method):
    people = drawn(20_000, 12, groups=("", "chronic", "cancer"))
    made = fit(sums_from(rows_of(people)), Settings(method, least_persons=0))
    published = publish.publish(made).table
    assert (made.design.reference, made.design.apart) == ("", False)
    assert set(published.rows["risk_group"]) == {"", "chronic", "cancer"}
    frame = published.rows.with_columns(paid=pl.col("value") * pl.col("costed_months") / 12)
    assert frame["paid"].sum() == pytest.approx(int(people.cost.sum()), rel=1e-6)
    years, paid = (frame.group_by("risk_group").agg(pl.col(column).sum()) for column in ("costed_months", "paid"))
    mean = {group: paid_ * 12 / months for group, paid_, months in paid.join(years, on="risk_group").iter_rows()}
    assert mean["cancer"] > mean["chronic"] > mean[""]
    own = {group: int(people.cost[people.group == group].sum()) for group in mean}
    near = 1e-6 if method == "linear" else 0.02
    assert {group: float(paid_) for group, paid_ in paid.iter_rows()} == pytest.approx(own, rel=near)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_console_tells_it_kindly(tmp_path, capsys, summed, lang):
    write_sums(summed, tmp_path)
    (tmp_path / "promises.toml").write_text(OLD + NEWBORN, encoding="utf-8")
    risk_fit.fit(
        [str(tmp_path / "sums.parquet")],
        str(tmp_path / "out"),
        promises=str(tmp_path / "promises.toml"),
        hold_out="0.2",
        least_persons="60",
        lang=lang,
    )
    told = capsys.readouterr().out
    for part in ("old migrants", "weights.csv", "sweep.csv", "held-out.parquet", "R²"):
        assert part in told
    assert ("影子价格" in told) == (lang == "zh")
    assert all(len(line) <= 100 for line in told.splitlines())
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["outputs"]) >= {"weights.csv", "fit.json", "prices.csv", "sweep.csv", "held-out.parquet"}


def test_wrong_options_are_told(tmp_path, summed):
    write_sums(summed, tmp_path)
    given = [str(tmp_path / "sums.parquet")]
    for options, told in (
        ({"method": "liner"}, "Did you mean linear"),
        ({"hold_out": "1.2"}, "between 0 and 1"),
        ({"ages": "0,5,5"}, "do not rise"),
        ({"ages": "0,50"}, "The sums have the bands"),
        ({"mean_points": "0"}, "no points"),
    ):
        with pytest.raises(SuirenError, match=told):
            risk_fit.fit(given, str(tmp_path / "out"), **options)
    assert not (tmp_path / "out").exists()
