"""One case explained equals one person settled; steps carry sources; schemes that need the nation say so."""

import random

import polars as pl
import pytest

import suiren as sr
from suiren import places
from suiren.laws import reform_from_text
from suiren.laws.payers import LEVELS
from suiren.people.kinds import class_of, people_of

SCHEMES = (
    "current",
    "portable",
    "portable:central_floor=residence,surplus=cap",
    "portable:regime=keep",
    "upper-funded",
    "current:basis=months,standard_cap=70000",
)


def drawn(number, seed):
    draw = random.Random(seed)
    known = [place for place in places.all_places() if place.level not in {"province", "zone"}]
    pools = [pool.code for pool in places.pools()]
    liked = [
        "110000",
        "310000",
        "330100",
        "440300",
        "610100",
        "140122",
        "140900",
        "622900",
        "420100",
        "469001",
        "150100",
    ]
    for _ in range(number):
        home = draw.choice([*liked, draw.choice(pools), draw.choice(known).code])
        here = draw.choice([home, *liked, draw.choice(pools), draw.choice(known).code])
        yield {
            "hukou": home,
            "enrol_at": here,
            "age": draw.randint(0, 95),
            "permit": draw.choice([None, True, False]),
            "year": draw.choice([2015, 2017, 2019, 2021, 2023, 2025]),
        }


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_case_explained_is_a_person_settled(scheme):
    compared = 0
    for case in drawn(120, scheme):
        year = case.pop("year")
        law = sr.law(year) | reform_from_text(scheme)
        told = sr.explain(law, **case)
        if told.decision.eligible != "yes":
            continue
        frame = pl.DataFrame(
            {
                "hukou_place": [int(case["hukou"])],
                "enrolment_place": [int(case["enrol_at"])],
                "residence_place": [int(case["enrol_at"])],
                "person_class": [class_of(case["age"])],
                "age": [case["age"]],
                "has_permit": [case["permit"]],
                "persons": [1],
            }
        )
        settled = sr.settle(people_of("one", frame, ("has_permit",)), law)
        assert {level: told.fen(level) for level in LEVELS} == {level: settled.total(level) for level in LEVELS}, case
        compared += 1
    assert compared > 20


@pytest.mark.parametrize("months", range(1, 13))
def test_months_add_up(months):
    told = sr.explain(sr.law(2021) | sr.portable(), "临夏", "杭州", age=30, months=months).to_dict()
    assert told["subsidy_fen"] == sum(told["pays_fen"][level] for level in told["pays_fen"] if level != "individual")
    assert told["total_fen"] == told["subsidy_fen"] + told["pays_fen"]["individual"]
    assert told["pays_fen"]["individual"] == 60000


def test_the_same_person_today_and_the_difference_for_each_government():
    told = sr.explain(sr.law(2021) | sr.portable(), "临夏", "杭州", age=30).to_dict()
    changes = {(row["payer_level"], row["payer_code"]): row["change_fen"] for row in told["changes"]}
    assert told["today"]["enrolment_place"] == "622900"
    assert changes["province", "620000"] == -10540
    assert changes["province", "330000"] == 10540
    assert changes["centre", "100000"] == 0
    assert changes["city_and_county", "330100"] == 63060
    assert changes["city_and_county", "622900"] == -1060


def test_every_step_says_what_it_is_and_where_it_is_written():
    law = sr.law(2021) | sr.portable()
    cases = [("忻州", "上海", 65), ("临夏", "杭州", 30), ("杭州", "深圳", 8)]
    steps = [step for *ends, age in cases for step in sr.explain(law, *ends, age=age).to_dict()["steps"]]
    for step in steps:
        assert step["says"]
        assert step["source"]
        assert step["evidence"] in {"sourced", "secondary", "derived", "modelled", "assumed"}


@pytest.mark.parametrize(
    "scheme", ["risk-adjusted", "risk-adjusted:uplift=0.1,province=yes", "portable:province=uniform"]
)
def test_what_needs_the_nation_takes_it_from_the_built_in_population(scheme):
    law = sr.law(2021) | reform_from_text(scheme)
    told = sr.explain(law, "临夏", "杭州", age=30, sex="m").to_dict()
    assert told["pays_fen"]["centre"] > 0
    assert told["subsidy_fen"] >= 120000
    if scheme.startswith("risk"):
        says = {step["name"]: step for step in told["steps"]}
        assert says["points"]["value"] == 25
        assert "china-2020" in says["value_of_a_point"]["source"]


def test_points_need_sex_and_age():
    with pytest.raises(sr.SuirenError, match="sex and age"):
        sr.explain(sr.law(2021) | sr.risk_adjusted(), "临夏", "杭州", age=30)


@pytest.mark.parametrize("code", [330000, 1, None])
def test_people_of_unknown_places_are_refused(code):
    frame = pl.DataFrame(
        {
            "hukou_place": [622900],
            "enrolment_place": pl.Series([code], dtype=pl.Int32),
            "residence_place": [330100],
            "person_class": ["adult"],
            "persons": [1],
        }
    )
    with pytest.raises(sr.SuirenError, match="enrolment_place"):
        people_of("one", frame)
