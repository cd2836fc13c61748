"""The invented claims: within the published bands, the same bytes for the same seed, the truth beside them true."""

import json

import numpy as np
import polars as pl
import pytest

from people_files import files, suiren
from suiren import places
from suiren.errors import SuirenError
from suiren.people import sample_maker
from suiren.risk.claims import fit as claims_fit
from suiren.risk.claims import model as claims_model
from suiren.risk.claims import sample as claims
from suiren.risk.claims.fit import AGES, BANDS
from suiren.risk.claims.sample import sample

ROWS = 200_000
PUBLISHED = {
    "age_and_sex": (0.01, 0.06),
    "prior_conditions": (0.10, 0.26),
    "conditions_of_this_year": (0.30, 0.50),
    "counties": (0.70, 1.0),
}
"""Published: RISK.md section C names the studies."""


@pytest.fixture(scope="module")
def claimed(tmp_path_factory):
    """Rows, what is told of them, and the truth."""
    path = tmp_path_factory.mktemp("claims") / "people.parquet"
    told = sample(ROWS, path, seed=7)
    return pl.read_parquet(path), told, pl.read_csv(path.with_name("people-truth.csv")), path


def cell():
    band = pl.col("age").replace_strict(BANDS, return_dtype=pl.Int64)
    return pl.concat_str(pl.col("sex"), pl.lit(" "), band.cast(pl.String).str.zfill(2))


def dense(frame, column):
    """An indicator for each value of a column."""
    values = sorted(frame[column].unique().to_list())
    return np.column_stack([(frame[column] == value).to_numpy() for value in values]).astype(float)


def designs(rows):
    """The dense design of everybody by age and sex, and with prior conditions (no history by itself), on some rows."""
    rows = rows.with_columns(cell=cell(), group=pl.col("risk_group").fill_null("?"))
    known = (rows["group"] != "?").to_numpy()[:, None]
    ages = dense(rows, "cell")
    groups = dense(rows.with_columns(pl.col("group").replace({"none": "?"})), "group")[:, 1:]
    return {"age_and_sex": ages, "prior_conditions": np.hstack([ages * known, ages * ~known, groups])}


def test_the_fit_lies_in_the_published_bands(claimed):
    fits = claimed[1]["r_squared"]
    for name, (low, high) in PUBLISHED.items():
        assert low < fits[name] < high, (name, fits[name])


def test_the_told_fit_is_that_of_weighted_least_squares_on_persons(claimed, tmp_path):
    import statsmodels.api as sm

    rows = claimed[0].head(6_000)
    rows.write_parquet(tmp_path / "part.parquet")
    told = claims_fit.told(tmp_path / "part.parquet")
    years = rows["months"].to_numpy() / 12
    annual = rows["cost_fen"].to_numpy() / years
    for name, x in designs(rows).items():
        fit = sm.WLS(annual, x[:, x.any(axis=0)], weights=years).fit(method="qr")
        left = float(years @ (annual - fit.fittedvalues) ** 2)
        mean = years @ annual / years.sum()
        assert 1 - left / float(years @ (annual - mean) ** 2) == pytest.approx(told[name], abs=6e-5)


def test_known_means_are_recovered_with_honest_errors(claimed):
    """Means of large cells against expected ones: 95 % intervals hold the truth about as often as they say."""
    rows, _, truth, _ = claimed
    held = inside = 0
    by = ["sex", "age_from", "age_to", "risk_group"]
    lows = {age: AGES[band] for age, band in BANDS.items()}
    people = rows.with_columns(
        age_from=pl.col("age").replace_strict(lows, return_dtype=pl.Int64),
        risk_group=pl.col("risk_group").fill_null(""),
    )
    true = truth.with_columns(pl.col("risk_group").fill_null("")).group_by(by).agg(pl.col("expected_fen").sum())
    for row in true.join(
        people.group_by("sex", "age_from", "risk_group").agg(
            pl.len(), pl.col("cost_fen").sum(), spread=pl.col("cost_fen").std()
        ),
        on=["sex", "age_from", "risk_group"],
    ).iter_rows(named=True):
        if row["len"] < 200:
            continue
        held += 1
        inside += abs(row["cost_fen"] - row["expected_fen"]) < 1.96 * row["spread"] * row["len"] ** 0.5
    assert held > 50
    assert inside / held > 0.85


def test_the_truth_adds_up_to_the_rows(claimed):
    rows, told, truth, _ = claimed
    assert truth["persons"].sum() == rows.height == ROWS
    assert truth["person_months"].sum() == rows["months"].cast(pl.Int64).sum()
    assert truth["cost_fen"].sum() == rows["cost_fen"].sum() == told["cost_fen"]
    assert abs(told["cost_fen"] / told["expected_fen"] - 1) < 0.03
    assert truth.select("sex", "age_from", "risk_group", "origin").is_duplicated().sum() == 0


def test_a_health_group_costs_the_same_more_at_every_age(claimed):
    """The truth is additive, so that its points can be recovered by an additive model."""
    truth = claimed[2].filter(pl.col("persons") > 60, pl.col("origin") == "here", pl.col("risk_group").is_not_null())
    cost = truth.with_columns(year=12 * pl.col("expected_fen") / pl.col("person_months"))
    healthy = cost.filter(pl.col("risk_group") == "none").select("sex", "age_from", none="year")
    more = cost.filter(pl.col("age_from").is_between(40, 70)).join(healthy, on=["sex", "age_from"])
    for group in ("diabetes", "hypertension", "stroke"):
        extra = more.filter(pl.col("risk_group") == group).select(pl.col("year") - pl.col("none")).to_series()
        assert len(extra) > 3
        assert extra.max() < 1.35 * extra.min(), group


def test_people_are_there_in_believable_shares(claimed):
    rows, told, _, _ = claimed
    shares = told["shares"]
    assert 0.008 < shares["newborn"] < 0.014
    assert 0.018 < shares["aged_80_and_over"] < 0.035
    assert 0.03 < shares["from_elsewhere"] < 0.12
    assert 0.005 < shares["died"] < 0.012
    assert 0.02 < shares["part_year"] < 0.06
    assert 0.2 < shares["without_cost"] < 0.5
    newborn = rows.filter(pl.col("age") == 0)
    assert newborn["risk_group"].null_count() == newborn.height
    assert set(newborn["months"].unique()) == set(range(1, 13))
    assert rows.filter(pl.col("died"))["months"].n_unique() == 12
    away = rows.with_columns(away=pl.col("hukou_place") // 100 != pl.col("enrolment_place") // 100)
    missing = dict(away.group_by("away").agg(pl.col("risk_group").is_null().mean()).iter_rows())
    assert missing[True] > 3 * missing[False]


def test_the_last_months_are_dear(claimed):
    rows = claimed[0].filter(pl.col("age").is_between(60, 79))
    year = rows.group_by("died").agg(12 * pl.col("cost_fen").sum() / pl.col("months").cast(pl.Int64).sum())
    cost = dict(year.iter_rows())
    assert cost[True] > 5 * cost[False]


def test_everybody_is_enrolled_in_a_county_of_a_pool(claimed):
    rows, told, _, _ = claimed
    enrolled = rows["enrolment_place"].unique().to_list()
    assert len(enrolled) == told["counties"] == 40
    assert len({places.get(str(code)).province for code in enrolled}) > 15
    assert all(places.get(str(code)).pool for code in enrolled)
    assert min(rows["enrolment_place"].value_counts()["count"]) > ROWS // 400


def test_it_says_that_it_is_invented(claimed):
    rows, told, _, path = claimed
    assert rows["person_id"].str.contains(r"^X\d{19}$").all()
    assert rows["person_id"].n_unique() == ROWS
    assert pl.read_parquet_metadata(path)["suiren"] == "invented"
    assert told["invented"] is True
    with claims_model.PARAMETERS.open(encoding="utf-8") as file:
        table = pl.read_csv(file.read().encode())
    assert table["evidence"].unique().to_list() == ["assumed"]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_people(tmp_path):
    for name, seed in (("one", 3), ("two", 3), ("three", 4)):
        (tmp_path / name).mkdir()
        sample(4000, tmp_path / name / "p.parquet", seed)
    one, two, three = (files(tmp_path / name) for name in ("one", "two", "three"))
    assert one == two
    assert set(one) == {"p.parquet", "p-truth.csv", "p-about.json"}
    assert all(one[name] != three[name] for name in one)


def test_rows_do_not_depend_on_how_many_are_made_at_a_time(tmp_path, monkeypatch):
    sample(3000, tmp_path / "whole.parquet")
    monkeypatch.setattr(sample_maker, "BLOCK", 512)
    sample(3000, tmp_path / "parts.parquet")
    whole, parts = (pl.read_parquet(tmp_path / f"{name}.parquet").sort("person_id") for name in ("whole", "parts"))
    assert whole.equals(parts)
    assert (tmp_path / "whole-truth.csv").read_bytes() == (tmp_path / "parts-truth.csv").read_bytes()


@pytest.mark.parametrize("rows", [1, 2, 30])
def test_any_number_of_rows(tmp_path, rows):
    told = sample(rows, tmp_path / "few.parquet")
    assert pl.read_parquet(tmp_path / "few.parquet").height == told["rows"] == rows
    assert json.loads((tmp_path / "few-about.json").read_text("utf-8")) == told
    assert (told["r_squared"]["age_and_sex"] is None) == (rows == 1)


def test_lognormal_factors_have_a_mean_of_one():
    for spread in (45, 900, 1300):
        made = claims_model.factors(spread)
        assert int(made.sum()) == claims_model.CLASSES * claims_model.ONE
        logs = np.log(made / claims_model.ONE)
        assert logs.std() == pytest.approx(spread / 1000, rel=0.002)
        assert (np.diff(made) >= 0).all()


def test_at_most_one_thing_befalls_a_person_and_as_often_as_the_table_says():
    events = claims_model.model().events
    cell = np.full(1_000_000, 121 + 30)
    drawn = np.arange(1_000_000) * 100
    found = events.which(cell, drawn)
    for place, name in enumerate(events.names):
        assert (found == place).mean() == pytest.approx(events.rate[place, 1, 30] / claims_model.CHANCES, abs=2e-6), (
            name
        )
    assert (found == -1).mean() == pytest.approx(1 - events.rate[:, 1, 30].sum() / claims_model.CHANCES, abs=2e-6)


@pytest.mark.parametrize(
    ("rows", "name", "counties"), [(0, "p.parquet", None), (10, "p.csv", None), (10, "p.parquet", 0)]
)
def test_an_order_that_cannot_be(tmp_path, rows, name, counties):
    with pytest.raises(SuirenError):
        sample(rows, tmp_path / name, counties=counties)
    assert list(tmp_path.iterdir()) == []


def test_nothing_that_is_not_ours_is_overwritten(tmp_path):
    mine = tmp_path / "mine.parquet"
    pl.DataFrame({"a": [1]}).write_parquet(mine)
    before = files(tmp_path)
    with pytest.raises(SuirenError, match="would be lost"):
        sample(10, mine)
    assert files(tmp_path) == before
    for _ in range(2):
        sample(10, tmp_path / "ours.parquet")
    (tmp_path / "ours-truth.csv").rename(tmp_path / "other-truth.csv")
    with pytest.raises(SuirenError, match="other-truth"):
        sample(10, tmp_path / "other.parquet")


def test_a_table_of_assumptions_with_holes_is_refused(tmp_path, monkeypatch):
    text = claims_model.PARAMETERS.read_text(encoding="utf-8").replace(
        "ordinary_yuan,,m,0,0", "ordinary_yuan,,m,0,3", 1
    )
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(text.replace("group_spread,dialysis,,,,350", "group_spread,dialysis,,,,much"), encoding="utf-8")
    monkeypatch.setattr(claims_model, "PARAMETERS", wrong)
    claims_model.model.cache_clear()
    with pytest.raises(SuirenError) as caught:
        claims_model.model()
    claims_model.model.cache_clear()
    assert {problem.code for problem in caught.value.problems} == {"E-claims-cell", "E-claims-overlap"}


def test_the_command_and_that_all_rows_settle(tmp_path):
    path = tmp_path / "people.parquet"
    made = suiren("risk", "sample", "--rows", "2_000", "-o", path, "--seed", "2", "--counties", "25", "--lang", "en")
    assert made.code == 0, made.err
    assert "2,000 invented rows in 25 counties" in " ".join(made.out.split())
    assert json.loads((tmp_path / "people-about.json").read_text("utf-8"))["settings"]["seed"] == 2
    ran = suiren("check", path, "--scheme", "risk-adjusted", "-o", tmp_path / "out", "--lang", "en")
    assert ran.code == 0, ran.err
    assert json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))["rows_settled"] == 2000
    assert claims.ABOUT in made.out
    again = suiren("risk", "sample", "--rows", "2000", "-o", path, "--seed", "2", "--counties", "25", "--lang", "zh")
    assert "虚构的 2,000 行，25 个县" in again.out.replace("\n", "")
