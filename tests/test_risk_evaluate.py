"""Evaluation: against plain loops over persons, exact where it is exact, honest where it is not."""

import json
import re
from fractions import Fraction
from unittest import mock

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle_evaluate
from people_files import files, suiren
from suiren import places
from suiren.errors import SuirenError
from suiren.risk.claims.sample import sample
from suiren.risk.estimate.fit import Settings
from suiren.risk.estimate.fit import fit as fitted
from suiren.risk.estimate.publish import publish
from suiren.risk.estimate.sums_table import AGES, KEYS, SQUARES, sums_from
from suiren.risk.evaluate import words as evaluate_words
from suiren.risk.evaluate.charts import charts
from suiren.risk.evaluate.groups import Group, default_groups
from suiren.risk.evaluate.judged import evaluated, prepared
from suiren.risk.evaluate.run import bands_of, rebanded
from suiren.risk.evaluate.spread import drawn, spread_of
from suiren.risk.evaluate.terms import Terms, payment_of
from suiren.risk.weights import load

ROWS = 6000
POOL = ("--pool-above-fen", "2000000", "--pool-share", "0.6")
TERMS = Terms(Fraction(1, 10), 32_000, 2_000_000, Fraction(3, 5))
MEASURES = ("r_squared", "payment_system_fit", "cpm", "power", "power_by_cost")


def table(path, groups=("none", "diabetes", "stroke")):
    """A weights table of our own: by age, and a few health groups; what is not named is paid as unknown."""
    lines = ["sex,age_from,age_to,risk_group,points,evidence"]
    for low, high, points in ((0, 0, 2100), (1, 17, 500), (18, 59, 800), (60, 79, 1700), (80, 120, 2500)):
        lines.append(f",{low},{high},,{points},assumed")
        lines += [f",{low},{high},{group},{points + 900 * number},assumed" for number, group in enumerate(groups)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """A folder with invented claims, some without a cost, and a weights table that knows all their groups."""
    folder = tmp_path_factory.mktemp("people")
    sample(ROWS, folder / "all.parquet", seed=5, counties=30)
    rows = pl.read_parquet(folder / "all.parquet").with_row_index()
    rows = rows.with_columns(cost_fen=pl.when(pl.col("index") % 50 != 0).then("cost_fen")).drop("index")
    rows.write_parquet(folder / "rows.parquet", metadata={"suiren": "invented"})
    table(folder / "weights.csv", sorted(set(rows["risk_group"].drop_nulls())))
    return folder


def persons_of(folder):
    """The persons of the records with a cost, as dicts for the oracle, by a reading of our own."""
    lines = [line.split(",") for line in (folder / "weights.csv").read_text("utf-8").splitlines()[1:]]
    points = {
        (age, group): int(value) for _, low, high, group, value, _ in lines for age in range(int(low), int(high) + 1)
    }
    pool = {place.code: place.pool for place in places.all_places()}
    made = []
    for row in pl.read_parquet(folder / "rows.parquet").iter_rows(named=True):
        if row["cost_fen"] is None:
            continue
        fund, home = pool[str(row["enrolment_place"])], pool[str(row["hukou_place"])]
        local = fund == home or (fund[:2] == home[:2] and fund[:2] in {"46", "63", "64"})
        made.append(
            {
                "cost": row["cost_fen"],
                "months": row["months"],
                "points": points[row["age"], row["risk_group"] or ""],
                "away": not local,
                "far": not local and fund[:2] != home[:2],
                "age": row["age"],
                "group": row["risk_group"] or "",
                "fund": fund,
                "county": row["enrolment_place"],
            }
        )
    return made


@pytest.fixture(scope="module")
def run(people):
    """The command on these people with uplift, contribution and pool, and what the oracle says."""
    terms = ("--uplift", "0.1", "--contribution-fen", "32000", *POOL)
    ran = suiren(
        "risk", "evaluate", people / "rows.parquet", "--weights", people / "weights.csv", "-o", people / "out",
        "--lang", "en", *terms,
    )  # fmt: skip
    assert ran.code == 0, ran.err
    persons = persons_of(people)
    told = oracle_evaluate.judged(persons, TERMS.uplift, TERMS.contribution_fen, TERMS.above_fen, TERMS.share)
    return people / "out", persons, told, ran


def read(folder, name):
    codes = {"name": pl.String, "fund_code": pl.String}
    return pl.read_csv(folder / name, schema_overrides=codes)


MARKS = {
    ("age", "0-0"): lambda one: one["age"] == 0,
    ("age", "1-17"): lambda one: 1 <= one["age"] <= 17,
    ("age", "18-59"): lambda one: 18 <= one["age"] <= 59,
    ("age", "60-79"): lambda one: 60 <= one["age"] <= 79,
    ("age", "80-120"): lambda one: one["age"] >= 80,
    ("origin", "here"): lambda one: not one["away"],
    ("origin", "same_province"): lambda one: one["away"] and not one["far"],
    ("origin", "other_province"): lambda one: one["far"],
    ("history", "no_history"): lambda one: not one["group"],
    ("health", "stroke"): lambda one: one["group"] == "stroke",
    ("months", "part_year"): lambda one: one["months"] < 12,
}


def test_groups_are_paid_what_loops_over_persons_say(run):
    groups = read(run[0], "groups.csv")
    for (kind, name), chosen in MARKS.items():
        row = groups.row(by_predicate=(pl.col("kind") == kind) & (pl.col("name") == name), named=True)
        true = oracle_evaluate.group(run[1], chosen)
        assert row["persons"] == true["persons"], name
        assert row["cost_fen"] == true["cost_fen"]
        assert abs(row["payment_fen"] - true["payment_fen"]) <= Fraction(1, 2)
        assert abs(row["over_a_year_fen"] - true["over_a_year_fen"]) <= 2
        assert abs(Fraction(row["ratio_bp"], 10_000) - true["ratio"]) <= Fraction(1, 10_000)
    named = {(kind, name) for kind, name in groups.select("kind", "name").iter_rows()}
    assert len({name for kind, name in named if kind == "province"}) == len({one["fund"][:2] for one in run[1]})
    assert {name for kind, name in named if kind == "health"} == {one["group"] for one in run[1]} - {""}


def test_measures_are_those_of_loops_over_persons(run):
    held = json.loads((run[0] / "evaluation.json").read_text("utf-8"))
    assert held["persons"] == len(run[1])
    assert held["without_cost"] == ROWS - len(run[1]) > 100
    assert held["invented"] is True
    assert (held["without_points"], held["paid_as_unknown"], held["estimated_from"]) == (0, 0, "unknown")
    for name in MEASURES:
        assert held["measures"][name] == pytest.approx(float(run[2][name]), abs=2e-6), name
    assert abs(held["measures"]["mean_absolute_error_fen"] - run[2]["mean_absolute_error_fen"]) <= 1
    above = sum(one["over_line"] > 0 for one in run[1])
    assert held["measures"]["above_the_line_persons"] == above > 10


def test_funds_are_paid_the_whole_cost_to_the_fen(run):
    funds = read(run[0], "funds.csv")
    whole = sum(one["cost"] for one in run[1])
    assert funds["payment_fen"].sum() == funds["cost_fen"].sum() == whole
    assert funds["over_fen"].sum() == 0
    for code, paid in funds.select("fund_code", "payment_fen").iter_rows():
        assert abs(paid - sum(one["paid"] for one in run[1] if one["fund"] == code)) < 1


def test_intervals_of_funds_are_those_of_their_persons_the_pool_included(run):
    for row in read(run[0], "funds.csv").iter_rows(named=True):
        over = np.array([float(one["paid"] - one["cost"]) for one in run[1] if one["fund"] == row["fund_code"]])
        years = row["person_months"] / 12
        assert (row["interval"], row["weak"]) == ("persons", True)
        error = over.std(ddof=1) * len(over) ** 0.5 / years
        assert row["low_fen"] == pytest.approx(over.sum() / years - 1.959964 * error, abs=2)
        assert row["high_fen"] == pytest.approx(over.sum() / years + 1.959964 * error, abs=2)


def test_places_are_judged_as_places(run):
    counties = {}
    for one in run[1]:
        held = counties.setdefault(one["county"], [0, 0, 0])
        for at, name in enumerate(("months", "cost", "paid")):
            held[at] += one[name]
    months, cost = (sum(held[at] for held in counties.values()) for at in (0, 1))
    left = sum((own - paid) ** 2 / Fraction(many) for many, own, paid in counties.values())
    spread = sum((own - Fraction(cost * many, months)) ** 2 / many for many, own, _ in counties.values())
    far = [many for many, own, paid in counties.values() if abs(paid - own) * 10 >= own]
    told = json.loads((run[0] / "evaluation.json").read_text("utf-8"))["measures"]["places"]["counties"]
    assert told["many"] == len(counties) == 30
    assert told["r_squared"] == pytest.approx(float(1 - left / spread), abs=2e-6)
    assert told["off_by_a_tenth"] == len(far)
    assert told["off_by_a_tenth_share"] == pytest.approx(sum(far) / months, abs=2e-6)


def test_the_same_run_gives_the_same_bytes(run, people, tmp_path):
    terms = ("--uplift", "0.1", "--contribution-fen", "32000", *POOL)
    rows, weights = people / "rows.parquet", people / "weights.csv"
    again = suiren("risk", "evaluate", rows, "--weights", weights, "-o", tmp_path / "out", "--lang", "en", *terms)
    assert again.code == 0, again.err
    assert files(tmp_path / "out") == files(run[0])


def test_the_page_says_what_it_is_in_both_languages(run, people, tmp_path):
    page = (run[0] / "report.html").read_text("utf-8")
    assert "invented" in page
    assert "weak" in page
    assert "Payment less cost" in page
    rows, weights = people / "rows.parquet", people / "weights.csv"
    suiren("risk", "evaluate", rows, "--weights", weights, "-o", tmp_path / "zh", "--lang", "zh", "--draws", "50")
    zh = (tmp_path / "zh" / "report.html").read_text("utf-8")
    assert "谁会多得，谁会少得" in zh
    assert "虚构" in zh
    for text in (page, zh):
        assert "{" not in re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
        assert "None" not in text
    for zh_text, en_text in evaluate_words.WORDS.values():
        assert set(re.findall(r"{(\w+)}", zh_text)) == set(re.findall(r"{(\w+)}", en_text))


def evaluate(folder, out, *more, weights="fit-whole/weights.csv", rows="rows.parquet"):
    """Run the command without drawing the pictures, which takes most of its time on so few people."""
    with mock.patch("suiren.show.charts.vl_convert.vegalite_to_svg", return_value="<svg></svg>"):
        ran = suiren(
            "risk", "evaluate", folder / rows, "--weights", folder / weights, "-o", out, "--draws", "50",
            "--lang", "en", *more,
        )  # fmt: skip
    assert ran.code == 0, ran.err
    return json.loads((out / "evaluation.json").read_text("utf-8"))


def test_a_pool_buys_fit_with_power(people, tmp_path):
    told = {
        name: evaluate(people, tmp_path / name, *more, weights="weights.csv")["measures"]
        for name, more in (("plain", ()), ("pool", POOL))
    }
    assert told["pool"]["payment_system_fit"] > told["plain"]["payment_system_fit"] + 0.1
    assert told["pool"]["power_by_cost"] < told["pool"]["power"] < told["plain"]["power"] == 1
    assert told["plain"]["payment_system_fit"] == told["plain"]["r_squared"]


def test_a_pool_of_everything_pays_what_is_spent_and_takes_it_back(people, tmp_path):
    whole = ("--pool-above-fen", "0", "--pool-share", "1")
    told = evaluate(people, tmp_path / "out", *whole, weights="weights.csv")["measures"]
    funds = read(tmp_path / "out", "funds.csv")
    persons = persons_of(people)
    oracle_evaluate.judged(persons, above=0, share=Fraction(1))
    for code, paid in funds.select("fund_code", "payment_fen").iter_rows():
        assert abs(paid - sum(one["paid"] for one in persons if one["fund"] == code)) < 1
    assert funds["over_fen"].sum() == 0
    assert told["power_by_cost"] == 0


@pytest.fixture(scope="module")
def fit_run(people):
    """Weights fitted on these people, and evaluated on them and on others."""
    rows = people / "rows.parquet"
    made = suiren("risk", "fit", rows, "-o", people / "fit", "--mean-points", "10000", "--hold-out", "0.3")
    assert made.code == 0, made.err
    whole = suiren("risk", "fit", rows, "-o", people / "fit-whole", "--mean-points", "10000")
    assert whole.code == 0, whole.err
    return people


def test_it_tells_which_people_the_weights_are_from(fit_run, tmp_path):
    split = {"weights": "fit/weights.csv"}
    assert evaluate(fit_run, tmp_path / "same")["estimated_from"] == "same"
    assert evaluate(fit_run, tmp_path / "part", **split)["estimated_from"] == "part"
    held = evaluate(fit_run, tmp_path / "held", "--held-out", **split)
    assert held["estimated_from"] == "held_out"
    assert 500 < held["persons"] < 4000
    sample(ROWS, tmp_path / "drawn.parquet", seed=6, counties=30)
    known = pl.read_parquet(fit_run / "rows.parquet")["risk_group"].unique()
    drawn_rows = pl.read_parquet(tmp_path / "drawn.parquet")
    drawn_rows.filter(pl.col("risk_group").is_in(known.implode(), nulls_equal=True)).write_parquet(
        tmp_path / "others.parquet"
    )
    other = evaluate(fit_run, tmp_path / "other", rows=tmp_path / "others.parquet")
    assert other["estimated_from"] == "other"
    assert "other data" in (tmp_path / "other" / "report.html").read_text("utf-8")


def test_groups_of_the_model_come_out_even_on_their_own_people(fit_run, tmp_path):
    evaluate(fit_run, tmp_path / "same")
    groups = read(tmp_path / "same", "groups.csv")
    rows = groups.filter(pl.col("name").is_in(["no_history", "hypertension"]))
    assert rows.height == 2
    assert rows["ratio_bp"].is_between(9990, 10_010).all()
    omitted = groups.filter(pl.col("kind").is_in(["months", "origin", "province"]))
    assert omitted["over_a_year_fen"].abs().max() > 5000


def test_groups_of_promises_are_told(fit_run, tmp_path):
    (tmp_path / "p.toml").write_text('[[promise]]\nname = "old migrants"\nfrom = "elsewhere"\nage_from = 60\n')
    evaluate(fit_run, tmp_path / "out", "--promises", tmp_path / "p.toml")
    groups = read(tmp_path / "out", "groups.csv").filter(pl.col("kind") == "promise")
    assert groups["name"].to_list() == ["old migrants"]
    true = [one for one in persons_of(fit_run) if one["away"] and one["age"] >= 60]
    assert groups["persons"].to_list() == [len(true)]


def test_sums_give_the_same_tables_and_say_what_they_cannot(fit_run, tmp_path):
    made = suiren("risk", "sums", fit_run / "rows.parquet", "-o", tmp_path / "sums")
    assert made.code == 0, made.err
    by_rows = evaluate(fit_run, tmp_path / "rows")
    by_sums = evaluate(fit_run, tmp_path / "by-sums", rows=tmp_path / "sums")
    assert by_sums["estimated_from"] == "same"
    assert "cpm" not in by_sums["measures"]
    for name in ("r_squared", "payment_system_fit", "places", "power"):
        assert by_sums["measures"][name] == by_rows["measures"][name]
    assert (tmp_path / "rows" / "funds.csv").read_bytes() == (tmp_path / "by-sums" / "funds.csv").read_bytes()
    assert "needs person records" in (tmp_path / "by-sums" / "report.html").read_text("utf-8")
    weights = fit_run / "fit-whole" / "weights.csv"
    refused = suiren("risk", "evaluate", tmp_path / "sums", "--weights", weights, "-o", tmp_path / "no", *POOL)
    assert refused.code == 1
    assert "E-evaluate-sums" in refused.err


OWN = (0, 1, 6, 18, 40, 60, 70, 80)
"""Bands inside which the illustrative weights have one number of points."""


def made_sums(persons, ages=OWN):
    """Sums of persons given as (county, origin, sex, age, group, months, cost)."""
    pools = {int(place.code): int(place.pool) for place in places.all_places() if place.pool and place.level != "zone"}
    ends = dict(zip(ages, [*(age - 1 for age in ages[1:]), 120], strict=True))
    rows = []
    for county, origin, sex, age, group, months, cost in persons:
        low = max(first for first in ages if first <= age)
        keys = (county, pools[county], origin, sex, low, ends[low], group, months)
        rows.append((*keys, 1, months, 1, cost, cost * cost))
    names = [*KEYS, "persons", "person_months", "costed", "cost_fen", SQUARES]
    return sums_from(pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None), ages)


def drawn_persons(count, counties, seed=1):
    draw = np.random.default_rng(seed)
    codes = [int(place.code) for place in places.counties() if place.level == "county"][:counties]
    return [
        (
            codes[int(draw.integers(counties))],
            ("here", "same_province", "other_province")[int(draw.integers(3))],
            int(draw.integers(1, 3)),
            int(draw.integers(0, 100)),
            "",
            int(draw.integers(1, 13)),
            int(draw.integers(0, 10**6)),
        )
        for _ in range(count)
    ]


def test_intervals_are_those_of_counties_drawn_one_by_one():
    sums = made_sums(drawn_persons(3000, 25))
    frame = prepared(sums, load("illustrative"), TERMS)
    payment = payment_of({"person_months": 1, "point_months": 1, "cost_fen": 10**6, "above_fen": 0}, TERMS)
    group = pl.col("origin") == "other_province"
    told = spread_of(frame, [group], payment, 3, 200)[0]
    counties = frame["county_code"].unique().sort().to_list()
    one = {code: frame.filter(pl.col("county_code") == code) for code in counties}
    found = []
    for times in drawn(len(counties), 3, 200):
        rows = [one[code] for code, many in zip(counties, times, strict=True) for _ in range(int(many))]
        whole = pl.concat(rows)
        part = whole.filter(group)
        months, points, cost = (int(whole[name].sum()) for name in ("person_months", "point_months", "cost_fen"))
        value = (12 * cost - 32_000 * months) / points
        theirs = [int(part[name].sum()) for name in ("person_months", "point_months", "cost_fen")]
        found.append(32_000 + (value * theirs[1] - 12 * theirs[2]) / theirs[0])
    low, high = np.percentile(found, [2.5, 97.5])
    assert (told.low_fen, told.high_fen) == (round(low), round(high))
    assert (told.by, told.weak) == ("counties", False)


def test_a_group_in_few_counties_is_judged_by_its_persons_and_marked():
    persons = drawn_persons(2000, 25)
    frame = prepared(made_sums(persons), load("illustrative"), Terms())
    code = frame["county_code"][0]
    found = evaluated(frame, [Group("promise", "here", pl.col("county_code") == code)], Terms())
    row = found.groups.row(0, named=True)
    assert (row["interval"], row["weak"], row["counties"]) == ("persons", True, 1)
    points = {
        (sex, age): held for sex, age, held in load("illustrative").cells.select("sex", "age", "points").iter_rows()
    }
    own = np.array([(points[one[2], one[3]], one[5], one[6]) for one in persons if one[0] == code])
    rest = own[:, 0] * float(found.payment.value) * own[:, 1] / 12 - own[:, 2]
    error = rest.std(ddof=1) * len(rest) ** 0.5 / (own[:, 1].sum() / 12)
    middle = rest.sum() / (own[:, 1].sum() / 12)
    assert row["low_fen"] == pytest.approx(middle - 1.959964 * error, abs=2)
    assert row["high_fen"] == pytest.approx(middle + 1.959964 * error, abs=2)
    single = evaluated(frame.head(1), [Group("promise", "one", pl.lit(value=True))], Terms()).groups
    assert single["low_fen"].to_list() == [None]


def test_intervals_hold_what_they_say():
    """Counties differ at random around the truth: 95 % intervals of a group's over-payment hold its mean most times."""
    draw = np.random.default_rng(11)
    codes = [int(place.code) for place in places.counties() if place.level == "county"]
    held = 0
    for _ in range(60):
        chosen = draw.choice(codes, 40, replace=False)
        rows = []
        for county in chosen:
            dear = draw.normal(1, 0.1)
            for origin in ("here", "other_province"):
                costs = draw.gamma(1.0, 60_000 * dear, 20)
                rows += [(int(county), origin, 1, 30, "", 12, int(cost)) for cost in costs]
        frame = prepared(made_sums(rows), load("illustrative"), Terms())
        found = evaluated(frame, [Group("origin", "here", pl.col("origin") == "here")], Terms(), draws=300)
        row = found.groups.row(0, named=True)
        held += row["low_fen"] <= 0 <= row["high_fen"]
    assert 51 <= held <= 60


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([330106, 330108, 310101, 622901, 440103]),
            st.sampled_from(["here", "same_province", "other_province"]),
            st.integers(1, 2),
            st.integers(0, 120),
            st.just(""),
            st.integers(1, 12),
            st.integers(0, 10**13),
        ),
        min_size=1,
        max_size=30,
    ),
    st.fractions(0, 3, max_denominator=20),
    st.integers(0, 100),
)
def test_whatever_the_people_the_funds_get_their_cost_and_over_payment_sums_to_nothing(persons, uplift, contribution):
    terms = Terms(uplift, contribution)
    cost, months = sum(one[6] for one in persons), sum(one[5] for one in persons)
    sums = made_sums(persons)
    if cost == 0 or 12 * cost < contribution * months:
        with pytest.raises(SuirenError):
            evaluated(prepared(sums, load("illustrative"), terms), [], terms, draws=5)
        return
    frame = prepared(sums, load("illustrative"), terms)
    found = evaluated(frame, default_groups(frame, OWN), terms, draws=5)
    assert found.funds["payment_fen"].sum() == cost
    assert (found.funds["payment_fen"] >= 0).all()
    for kind in ("origin", "province"):
        over = found.groups.filter(pl.col("kind") == kind)["over_fen"]
        assert abs(over.sum()) <= len(over)


def test_people_without_points_or_in_a_group_without_a_row_are_counted(people, tmp_path):
    lines = (people / "weights.csv").read_text("utf-8").splitlines()
    kept = [line for line in lines if not line.startswith((",60,79,diabetes", ",0,0,"))]
    (tmp_path / "w.csv").write_text("\n".join([*kept, ",0,0,,0,assumed"]) + "\n", encoding="utf-8")
    told = evaluate(people, tmp_path / "out", weights=tmp_path / "w.csv")
    persons = persons_of(people)
    assert told["without_points"] == sum(one["age"] == 0 for one in persons) > 10
    assert told["paid_as_unknown"] == sum(one["group"] == "diabetes" and 60 <= one["age"] < 80 for one in persons) > 10
    assert "no points at all" in (tmp_path / "out" / "report.html").read_text("utf-8")


def test_weights_whose_ages_cut_a_band_are_refused_for_sums_and_met_for_rows(tmp_path):
    weights = load(str(table(tmp_path / "w.csv", ("none",))))
    with pytest.raises(SuirenError, match="15-19"):
        prepared(made_sums(drawn_persons(300, 5), AGES), weights, Terms())
    fine = bands_of(weights)
    assert {18, 60, 80} <= set(fine)
    assert set(AGES) <= set(fine)


def test_narrow_bands_make_the_wide_ones():
    persons = drawn_persons(500, 12)
    sums = made_sums(persons)
    wide = rebanded(sums, (0, 6, 60))
    assert wide is not None
    assert wide.total("cost_fen") == sums.total("cost_fen")
    assert wide.frame.select("age_from", "age_to").unique().sort("age_from").rows() == [(0, 5), (6, 59), (60, 120)]
    assert rebanded(sums, (0, 7)) is None


def test_nobody_with_a_cost_is_an_error():
    sums = made_sums([(330106, "here", 1, 30, "", 12, 0)])
    with pytest.raises(SuirenError, match="no cost"):
        prepared(sums, load("illustrative"), Terms())


def test_all_that_is_wrong_with_the_terms_is_told_at_once(people, tmp_path):
    rows, weights = people / "rows.parquet", people / "weights.csv"
    wrong = ("--uplift", "x", "--pool-share", "2", "--contribution-fen", "-1")
    ran = suiren("risk", "evaluate", rows, "--weights", weights, "-o", tmp_path / "out", *wrong)
    assert ran.code == 1
    assert len(re.findall(r"\[E-", ran.err)) == 4
    assert not (tmp_path / "out").exists()


def test_pictures_are_valid_and_say_their_number():
    sums = made_sums(drawn_persons(4000, 25))
    frame = prepared(sums, load("illustrative"), Terms())
    found = evaluated(frame, default_groups(frame, OWN), Terms(), draws=50)
    assert re.search(r"\d", "".join(charts(found, "en")["people"].to_dict()["title"]["text"]))
    for lang in ("zh", "en"):
        for name, chart in charts(found, lang).items():
            spec = chart.to_dict()
            title = "".join(spec["title"]["text"])
            assert re.search(r"\d", title) or title == evaluate_words.t(lang, "fig_even"), name


def test_the_fit_is_that_of_statsmodels(people):
    """Month-weighted least squares from sums against WLS on persons, 1e-8 relative."""
    import statsmodels.api as sm

    persons = persons_of(people)[:2500]
    sums = made_sums(
        [(one["county"], "here", 1 + number % 2, one["age"], one["group"], one["months"], one["cost"])
         for number, one in enumerate(persons)],
        AGES,
    )  # fmt: skip
    made = fitted(sums, Settings())
    columns = made.design.columns
    x = np.array(
        [
            [
                (column.block == "none") == (not one["group"])
                and (
                    column.risk_group == one["group"]
                    if column.kind == "group"
                    else column.sex == 1 + number % 2 and column.age_from <= one["age"] <= column.age_to
                )
                for column in columns
            ]
            for number, one in enumerate(persons)
        ],
        dtype=float,
    )
    years = np.array([one["months"] for one in persons]) / 12
    cost = np.array([one["cost"] for one in persons])
    true = sm.WLS(cost / years, x, weights=years).fit(method="qr").params
    np.testing.assert_allclose(made.estimate, true, rtol=1e-8, atol=1e-8 * float(np.abs(true).mean()))


def test_only_annualised_and_month_weighted_costs_pay_the_whole_budget(tmp_path):
    """The traps of part-year people: each other way of weighing them loses or invents money, and moves weights."""
    sample(120_000, tmp_path / "p.parquet", seed=9)
    rows = pl.read_parquet(tmp_path / "p.parquet")
    years = rows["months"].to_numpy() / 12
    cost = rows["cost_fen"].to_numpy().astype(float)
    cell = np.searchsorted([1, 18, 60, 80], rows["age"].to_numpy(), side="right")
    died = rows["died"].to_numpy()
    whole = years == 1

    def pays(weight, annual, chosen):
        """Return the share of the budget that cell means of `annual` pay, and those means."""
        chosen = np.broadcast_to(chosen, years.shape)
        means = np.array(
            [np.average(annual[(cell == at) & chosen], weights=weight[(cell == at) & chosen]) for at in range(5)]
        )
        return float(means[cell] @ years) / cost.sum(), means

    right, true = pays(years, cost / years, True)
    even, without = pays(np.ones_like(years), cost / years, True)
    full, survivors = pays(years, cost / years, whole)
    raw, _ = pays(np.ones_like(years), cost, True)
    dead_whole, fewer = pays(np.where(died, 1.0, years), np.where(died, cost, cost / years), True)
    assert right == pytest.approx(1, abs=1e-12)
    assert even > 1.03
    assert full < 0.97
    assert raw < 0.99
    assert dead_whole < 0.995
    old = 4
    assert without[old] > 1.05 * true[old]
    assert survivors[old] < 0.95 * true[old]
    assert fewer[old] < 0.99 * true[old]


def test_publishing_is_what_the_evaluation_reads(people):
    """The weights that a fit publishes have every group, so that nobody falls back to another row."""
    sums = made_sums(drawn_persons(800, 12), AGES)
    (people / "published.csv").write_bytes(publish(fitted(sums)).files["weights.csv"])
    frame = prepared(sums, load(str(people / "published.csv")), Terms())
    assert frame["points"].null_count() == 0
