"""Money by points: any budget, uplift, floor, cap, pace add up to the fen; rows add up to funds, steps to a score."""

import csv
import json
import random
from collections import defaultdict
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import suiren as sr
from people_files import suiren
from samples import kind, people
from suiren.cli import risk_explain, risk_pay
from suiren.errors import SuirenError
from suiren.laws import law
from suiren.ledger.run import kinds_of_records
from suiren.risk.pay import bounds
from suiren.risk.pay.allocate import pay
from suiren.risk.pay.bounds import Last, Limit, Rules
from suiren.risk.pay.counted import NATION, Counted, MoneyPool, count, money_pools
from suiren.risk.pay.explain import Value, explain
from suiren.risk.pay.used import Used
from suiren.risk.weights import load

BILLION_YUAN = 10**9 * 100
FUNDS = (140900, 330100, 420100, 440300, 622900, 653100)
HEAD = "sex,age_from,age_to,risk_group,points,evidence"
TABLE = (",0,0,,150", ",1,59,,40", ",60,120,,117", ",0,120,none,31", ",18,120,diabetes,203", ",0,120,rare,0")
FULL_COST_AT = 150100
"""A pool whose rule lets adults from elsewhere in at full cost only."""
NOBODY = Used(0, 0, (0, 0), (0, 0), (), 0)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """The path of a table of points with health groups."""
    path = tmp_path_factory.mktemp("weights") / "w.csv"
    path.write_text("\n".join([HEAD, *(f"{row},assumed" for row in TABLE)]) + "\n", encoding="utf-8")
    return str(path)


def counted(points, months=None, elsewhere=None, uplift=Fraction(0)):
    """Points by fund as if they had been counted; codes are those of FUNDS in order."""
    codes = FUNDS[: len(points)]
    frame = pl.DataFrame(
        {
            "fund_code": codes,
            "province": [code // 10_000 * 10_000 for code in codes],
            "persons": [1] * len(codes),
            "person_months": months or [12] * len(codes),
            "base": points,
            "elsewhere": elsewhere or [0] * len(codes),
        },
        schema={
            **dict.fromkeys(("fund_code", "province"), pl.Int32),
            **dict.fromkeys(("persons", "person_months"), pl.Int64),
            **dict.fromkeys(("base", "elsewhere"), pl.Int128),
        },
    )
    return Counted(frame, uplift, NOBODY, (0, 0), 0, 0)


def paid(points, budget, rules=None, **more):
    """What each fund receives of one budget."""
    made = counted(points, **more)
    return pay(made, [MoneyPool(NATION, FUNDS[: len(points)], budget)], rules or Rules())


def largest_remainder(budget, weights):
    """Whole parts of a budget in the proportions of weights: floors, then the largest remainders, the first at ties."""
    whole = sum(weights)
    exact = [Fraction(budget * weight, whole) for weight in weights]
    parts = [floor(part) for part in exact]
    for place in sorted(range(len(weights)), key=lambda at: (parts[at] - exact[at], at))[: budget - sum(parts)]:
        parts[place] += 1
    return parts


# --- the budget ---


def test_seven_yuan_a_point():
    points = [150 * 12, 150 * 6, 12, 12 * 50_000_000_000 - 2712]
    made = paid(points, 350 * BILLION_YUAN)
    assert made.pools[0].value == 700
    assert made.frame["amount_fen"].to_list() == [105_000, 52_500, 700, 350 * BILLION_YUAN - 158_200]
    assert made.frame["target_fen"].to_list() == made.frame["amount_fen"].to_list()


@given(
    points=st.lists(st.integers(0, 10**14), min_size=1, max_size=6).filter(any),
    budget=st.one_of(st.integers(0, 50), st.integers(0, 10**17)),
)
def test_a_budget_is_shared_by_largest_remainder(points, budget):
    assert list(paid(points, budget).amounts.values()) == largest_remainder(budget, points)


@given(
    stay=st.lists(st.integers(1, 10**10), min_size=1, max_size=4),
    movers=st.integers(1, 10**10),
    uplift=st.one_of(st.sampled_from(["0.1", "0.000001", "10"]), st.decimals(0, 10, places=6).map(str)),
    budget=st.integers(0, 10**16),
)
def test_an_uplift_is_paid_by_the_others_to_the_fen(stay, movers, uplift, budget):
    u, points = Fraction(uplift), [*stay, movers]
    before = paid(points, budget).amounts
    after = paid(points, budget, elsewhere=[*[0] * len(stay), movers], uplift=u)
    share = Fraction(movers, sum(points))
    assert after.counted.share == share
    assert sum(after.amounts.values()) == budget
    for code, own in zip(FUNDS, stay, strict=False):
        exact = Fraction(budget * own, sum(points))
        kept = exact * (1 - u * share / (1 + u * share))
        assert after.amounts[code] in {floor(kept), ceil(kept)}
        assert before[code] in {floor(exact), ceil(exact)}
    told = [Fraction(each) for each in after.frame["point_months"].to_list()]
    assert told == [*stay, movers * (1 + u)]


# --- floors, caps, pace ---


def held(worth, low, high):
    return max(low, worth if high is None else min(worth, high))


def oracle(points, limits, budget):
    """What each fund receives, by bisection for the one scalar, then the floors and largest remainders of the free."""
    low, high = Fraction(0), Fraction(budget + max([1, *(each[0] for each in limits)]) + 1)
    for _ in range(220):
        middle = (low + high) / 2
        reached = sum(held(middle * own, *limit) for own, limit in zip(points, limits, strict=True))
        low, high = (low, middle) if reached >= budget else (middle, high)
        low = Fraction(int(low * 2**200), 2**200)
        high = Fraction(-int(-high * 2**200 // 1), 2**200)
    near = Fraction(1, 2**120)
    free = [
        at
        for at, (own, (least, most)) in enumerate(zip(points, limits, strict=True))
        if own and high * own > least - near and (most is None or high * own < most + near)
    ]
    parts = [held(high * own, *limit) for own, limit in zip(points, limits, strict=True)]
    fixed = {at: int(parts[at]) for at in range(len(points)) if at not in free}
    rest = budget - sum(fixed.values())
    shared = largest_remainder(rest, [points[at] for at in free]) if free else []
    assert bool(free) or rest == 0
    return [fixed[at] if at in fixed else shared[free.index(at)] for at in range(len(points))]


@st.composite
def bounded(draw):
    """Points, months, last amounts and any mix of floors, caps and pace for up to six funds, and a budget."""
    number = draw(st.integers(1, 6))
    scale = draw(st.sampled_from([10, 1000, 10**6, 10**12]))
    points = draw(st.lists(st.integers(0, scale), min_size=number, max_size=number).filter(any))
    months = draw(st.lists(st.integers(1, 1000), min_size=number, max_size=number))
    paid_last = draw(st.lists(st.integers(0, 10**6), min_size=number, max_size=number))
    months_last = draw(st.lists(st.integers(0, 1000), min_size=number, max_size=number))
    shares = st.decimals(0, 3, places=3).map(Fraction)
    amounts = st.decimals(0, 3000, places=2).map(Fraction)
    limit = st.one_of(st.builds(Limit, amounts, st.just(value=False)), st.builds(Limit, shares, st.just(value=True)))
    rules = Rules(
        tuple(draw(st.lists(limit, max_size=2))),
        tuple(draw(st.lists(limit, max_size=2))),
        draw(st.none() | st.tuples(st.decimals(0, 1, places=3).map(Fraction), shares)),
        {code: Last(*each) for code, *each in zip(FUNDS, paid_last, months_last, strict=False)},
    )
    limits = [rules.bounds(code, own) for code, own in zip(FUNDS, months, strict=False)]
    least = sum(low for low, _ in limits)
    most = sum(10**6 if high is None else high for _, high in limits)
    way = draw(st.fractions(0, 1, max_denominator=1000))
    budget = max(0, least + int((most - least) * way) + draw(st.sampled_from([0, 0, 0, -1, 1, 10**7])))
    return points, months, rules, limits, budget


@settings(max_examples=150)
@given(bounded())
def test_any_mix_of_bounds_pays_the_budget_or_tells_its_sums(case):
    points, months, rules, limits, budget = case
    least = sum(low for low, _ in limits)
    tops = [low if not own else high for own, (low, high) in zip(points, limits, strict=True)]
    most = None if None in tops else sum(tops)
    crossed = any(high is not None and low > high for low, high in limits)
    if crossed or budget < least or (most is not None and budget > most):
        with pytest.raises(SuirenError) as caught:
            paid(points, budget, rules, months=months)
        said = {problem.code for problem in caught.value.problems}
        assert said == {"E-bounds-fund" if crossed else "E-bounds-floors" if budget < least else "E-bounds-caps"}
        if not crossed:
            wrong = least if budget < least else most
            for fen in (wrong, budget, abs(wrong - budget)):
                assert f"{fen // 100:,}.{fen % 100:02d} yuan" in str(caught.value)
        return
    made = paid(points, budget, rules, months=months)
    amounts = list(made.amounts.values())
    assert sum(amounts) == budget
    assert amounts == oracle(points, limits, budget)
    for fen, own, bound, (low, high) in zip(amounts, points, made.frame["bound"], limits, strict=True):
        assert low <= fen <= (fen if high is None else high)
        worth = made.pools[0].value / 12 * own
        assert bound == ("floor" if worth < low else "cap" if high is not None and worth > high else "")


@settings(max_examples=50)
@given(bounded(), st.randoms(use_true_random=False))
def test_funds_in_any_order_receive_the_same(case, rnd):
    points, months, rules, _, budget = case
    made = counted(points, months)
    codes = list(FUNDS[: len(points)])
    try:
        first = pay(made, [MoneyPool(NATION, tuple(codes), budget)], rules)
    except SuirenError:
        assume(False)
        return
    rnd.shuffle(codes)
    again = pay(made, [MoneyPool(NATION, tuple(codes), budget)], rules)
    assert again.frame.equals(first.frame)


def test_without_room_to_change_all_stays_as_it_was():
    first = paid([700, 1300, 44, 5], 99_999)
    last = {code: Last(fen, 12) for code, fen in first.amounts.items()}
    again = paid([5, 1300, 700, 2000], 99_999, Rules(pace=(Fraction(0), Fraction(0)), last=last))
    assert again.amounts == first.amounts
    assert again.frame["change_fen"].to_list() == [0] * 4


def test_a_pace_does_not_bind_a_new_fund_and_a_fund_without_people_is_told():
    last = {140900: Last(1000, 12), 622900: Last(500, 12)}
    made = paid([10, 10], 3000, Rules(pace=(Fraction(1, 10), Fraction(1, 10)), last=last))
    rows = made.frame.select("fund_code", "amount_fen", "last_fen", "change_fen", "bound").rows()
    assert rows == [
        ("140900", 1100, 1000, 100, "cap"),
        ("330100", 1900, 0, 1900, ""),
        ("622900", 0, 500, -500, ""),
    ]


@pytest.mark.parametrize(
    ("asks", "code"),
    [
        (lambda: bounds.limits_of(["-5"], "--floor"), "E-number"),
        (lambda: bounds.limits_of(["1e5"], "--floor"), "E-number"),
        (lambda: bounds.pace_of("0.1"), "E-pace"),
        (lambda: bounds.pace_of("1.5:0.1"), "E-pace"),
        (lambda: bounds.uplift_of("11"), "E-uplift"),
        (lambda: bounds.uplift_of("1/3"), "E-number"),
        (lambda: bounds.fen_of("3.5", "--budget-fen"), "E-fen"),
        (lambda: bounds.fen_of("9" * 19, "--budget-fen"), "E-fen"),
        (lambda: bounds.check_rules(Rules(pace=(Fraction(0), Fraction(1)))), "E-last"),
        (
            lambda: bounds.check_rules(Rules((Limit(Fraction(1), of_last=True),), last={140900: Last(5, None)})),
            "E-last",
        ),
        (lambda: money_pools(counted([]), law(2021), NATION, 5), "E-allocate-nobody"),
        (lambda: paid([0, 0], 5), "E-points-none"),
    ],
)
def test_what_cannot_be_is_refused(asks, code):
    with pytest.raises(SuirenError) as caught:
        asks()
    assert [problem.code for problem in caught.value.problems] == [code]


# --- pools of money ---


def test_a_budget_for_each_province_and_a_city_that_stands_apart(table):
    crowd = people([kind(440300, 440300), kind(440100, 440100), kind(440400, 440400, 70), kind(622900, 622900)])
    held_law = law(2021) | sr.risk_adjusted(weights=table)
    points = count(crowd, held_law)
    made = pay(points, money_pools(points, held_law, "province", {440000: 1000, 440300: 77, 620000: 5}), Rules())
    assert {pool.name: (pool.funds, pool.budget_fen) for pool in made.pools} == {
        "440000": ((440100, 440400), 1000),
        "440300": ((440300,), 77),
        "620000": ((622900,), 5),
    }
    assert made.amounts == {440100: 255, 440300: 77, 440400: 745, 622900: 5}
    shared = pay(points, money_pools(points, held_law, "province", 1001), Rules())
    whole = pay(points, money_pools(points, held_law, NATION, 1001), Rules())
    assert shared.budget_fen == whole.budget_fen == 1001
    assert all(abs(shared.amounts[code] - whole.amounts[code]) <= 1 for code in whole.amounts)
    with pytest.raises(SuirenError) as caught:
        money_pools(points, held_law, "province", {440000: 1000, 110000: 5, 120000: 0})
    assert [problem.code for problem in caught.value.problems] == ["E-budget-missing", "E-budget-nobody"]
    tiers = money_pools(points, held_law, "tier", {1: 10, 4: 20, 5: 0})
    assert [(pool.name, pool.funds, pool.budget_fen) for pool in tiers] == [
        ("tier 1", (622900,), 10),
        ("tier 4", (440100, 440300, 440400), 20),
    ]


# --- who has points ---


def test_people_without_points_are_named_with_the_money_at_stake(table):
    crowd = people(
        [
            kind(622900, 622900, 40, 10),
            kind(622900, 622900, 40, 5, sex=None),
            kind(622900, 622900, 40, 2) | {"age": None},
            kind(622900, 622900, 40, 3, risk_group="diabets"),
        ]
    )
    with pytest.raises(SuirenError) as caught:
        count(crowd, law(2021) | sr.risk_adjusted(weights=table), 20_000)
    assert [problem.code for problem in caught.value.problems] == [
        "E-points-missing",
        "E-points-missing",
        "E-points-group",
    ]
    told = str(caught.value)
    for part in ("5 persons with 60 person-months", "50.00 yuan", "no age", "20.00 yuan", "30.00 yuan", "diabetes?"):
        assert part in told


def test_zero_points_rows_of_nobody_and_missing_rows_are_counted(table):
    crowd = people(
        [
            kind(622900, 622900, 40, 10),
            kind(622900, 622900, 10, 4, risk_group="diabetes"),
            kind(622900, 622900, 40, 6, risk_group="rare"),
        ]
    )
    met = count(crowd, law(2021) | sr.risk_adjusted(weights=table)).used
    assert (met.persons, met.zero, met.fallen_back) == (20, (6, 72), (4, 48))
    assert met.unused == ("#2 mf 0", "#4 mf 60-120", "#5 mf 0-120 none", "#6 mf 18-120 diabetes")
    assert met.stake_fen(72, 1000) == 300
    assert met.stake_fen(72, None) is None


# --- rows ---


def rows_of(number, seed, funds=FUNDS):
    """Rows of any sex, age, group and months, some of people from elsewhere; person numbers in no order."""
    rnd = random.Random(seed)
    made = []
    for _ in range(number):
        fund = rnd.choice(funds)
        made.append(
            {
                "person_id": f"P{rnd.randrange(10**9):09d}",
                "hukou_place": rnd.choice([fund, fund, rnd.choice(funds)]),
                "enrolment_place": fund,
                "sex": rnd.choice("mf"),
                "age": rnd.choice([0, 17, 30, 64, 90]),
                "months": rnd.choice([12, 12, 12, 6, 1, 7]),
                "risk_group": rnd.choice(["", "none", "none", "diabetes", "rare"]),
            }
        )
    return list({row["person_id"]: row for row in made}.values())


def write_rows(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def points_of(row):
    """Points of a row with nothing known of health, and its own, by the rows of TABLE; plain Python."""
    base = 150 if row["age"] == 0 else 40 if row["age"] < 60 else 117
    own = {"": base, "none": 31, "rare": 0, "diabetes": 203 if row["age"] >= 18 else base}[row["risk_group"]]
    return base, own


def allocated(folder):
    return pl.read_parquet(Path(folder) / "allocation.parquet")


@pytest.mark.parametrize(("seed", "uplift"), [(1, "0"), (2, "0.125"), (3, "10")])
def test_rows_add_up_to_the_funds_the_first_by_person_number(tmp_path, table, capsys, seed, uplift):
    rows, weights, budget = rows_of(300, seed), table, 10**6 + 7 * seed
    records = write_rows(tmp_path / "r.csv", rows)
    out, scored = str(tmp_path / "a"), str(tmp_path / "s")
    risk_pay.allocate([records], out, weights, str(budget), uplift=uplift, lang="en")
    risk_pay.score([records], scored, weights, budget_fen=str(budget), uplift=uplift, lang="zh")
    exact = {}
    for row in rows:
        base, own = points_of(row)
        more = own * Fraction(uplift) if row["hukou_place"] != row["enrolment_place"] else Fraction(0)
        exact[row["person_id"]] = (row, base, own - base, more)
    by_fund = defaultdict(Fraction)
    for row, base, health, more in exact.values():
        by_fund[str(row["enrolment_place"])] += (base + health + more) * row["months"]
    made = allocated(out)
    assert {code: Fraction(points) for code, points in made.select("fund_code", "point_months").rows()} == by_fund
    codes = sorted(by_fund)
    scale = 10**6
    expected = largest_remainder(budget, [int(by_fund[code] * scale) for code in codes])
    assert dict(made.select("fund_code", "amount_fen").rows()) == dict(zip(codes, expected, strict=True))
    scores = pl.read_parquet(Path(scored) / "scores.parquet")
    assert scores["person_id"].to_list() == sorted(exact)
    for code, amount in zip(codes, expected, strict=True):
        own = sorted(person for person, (row, *_) in exact.items() if str(row["enrolment_place"]) == code)
        weight = [int(sum(exact[person][1:], Fraction(0)) * exact[person][0]["months"] * scale) for person in own]
        parts = largest_remainder(amount, weight)
        got = scores.filter(fund_code=code)
        assert got["amount_fen"].to_list() == parts
        assert [Fraction(points) for points in got["point_months"]] == [Fraction(each, scale) for each in weight]
    for person, base, health, more, points, months in scores.select(
        "person_id", "age_sex_points", "health_points", "uplift_points", "points", "months"
    ).rows():
        row, *parts = exact[person]
        assert [base, health, Fraction(more)] == parts
        assert Fraction(points) == base + health + Fraction(more)
        assert months == row["months"]
    assert "300" in capsys.readouterr().out


def test_the_same_people_in_any_files_or_as_kinds_get_the_same_bytes(tmp_path, table):
    rows, weights = rows_of(120, 9), table
    shuffled = sorted(rows, key=lambda row: row["person_id"][::-1])
    whole = write_rows(tmp_path / "whole.csv", rows)
    halves = [write_rows(tmp_path / f"{at}.csv", part) for at, part in enumerate((shuffled[70:], shuffled[:70]))]
    folder = tmp_path / "kinds"
    folder.mkdir()
    kinds_of_records([whole], law(2021) | sr.risk_adjusted(weights=weights), folder)
    found = []
    for at, inputs in enumerate(([whole], halves, [str(folder / "kinds.parquet")])):
        out = str(tmp_path / f"out{at}")
        risk_pay.allocate(inputs, out, weights, "123456789", uplift="0.1", floor=["100"], lang="en")
        found.append([(Path(out) / name).read_bytes() for name in risk_pay.FILES])
    assert found[0] == found[1] == found[2]
    both = []
    for at, inputs in enumerate(([whole], halves)):
        out = tmp_path / f"scores{at}"
        risk_pay.score(inputs, str(out), weights, budget_fen="123456789", lang="en")
        both.append(pl.read_parquet(out / "scores.parquet"))
    assert both[0].equals(both[1])
    with pytest.raises(SuirenError, match="E-score-kinds"):
        risk_pay.score([str(folder / "kinds.parquet")], str(tmp_path / "no"), weights)


def test_rows_are_paid_what_an_allocation_with_bounds_gave(tmp_path, table, capsys):
    rows, weights = rows_of(80, 4), table
    records = write_rows(tmp_path / "r.csv", rows)
    first, second, scored = (str(tmp_path / name) for name in ("first", "second", "scored"))
    risk_pay.allocate([records], first, weights, "500000", lang="en")
    risk_pay.allocate(
        [records], second, weights, "520000", uplift="0.5", floor=["100", "90%"], cap=["130%"], last=first,
        pace="8%:0.2", lang="en",
    )  # fmt: skip
    made = allocated(second)
    assert made["amount_fen"].sum() == 520_000
    assert made["change_fen"].sum() == 20_000
    risk_pay.score([records], scored, weights, allocation=second, uplift="0.5", lang="en")
    scores = pl.read_parquet(Path(scored) / "scores.parquet")
    sums = scores.group_by("fund_code").agg(pl.col("amount_fen").sum()).sort("fund_code")
    assert sums.rows() == made.select("fund_code", "amount_fen").rows()
    with pytest.raises(SuirenError, match="E-allocation-other"):
        risk_pay.score([records], scored, weights, allocation=second, uplift="0.4", lang="en")
    manifest = json.loads((Path(second) / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["allocation"]["allocated_fen"] == manifest["allocation"]["budget_fen"] == 520_000
    assert manifest["weights"] == {"w.csv": load(weights).digest}
    assert manifest["settings"]["last"]["name"] == "allocation.parquet"
    assert "people from elsewhere" in capsys.readouterr().out


def test_rows_with_a_given_value_and_with_none(tmp_path, table):
    born = {"hukou_place": 330100, "enrolment_place": 330100, "sex": "f", "age": 0, "risk_group": ""}
    rows = [born | {"person_id": "a", "months": 12}, born | {"person_id": "b", "months": 6}]
    records, out = write_rows(tmp_path / "r.csv", rows), tmp_path / "out"
    risk_pay.score([records], str(out), table, value_fen="700", lang="en")
    assert pl.read_parquet(out / "scores.parquet")["amount_fen"].to_list() == [105_000, 52_500]
    risk_pay.score([records], str(out), table, lang="en")
    frame = pl.read_parquet(out / "scores.parquet")
    assert frame["amount_fen"].to_list() == [None, None]
    assert frame["point_months"].to_list() == [1800, 900]


def test_rows_at_full_cost_are_scored_with_nothing(tmp_path, table):
    doors = {"has_permit": "no", "relative_insured": "no", "student_here": "no"}
    person = {"sex": "m", "age": 40, "months": 12, "risk_group": ""} | doors
    rows = [
        person | {"person_id": "a", "hukou_place": FULL_COST_AT, "enrolment_place": FULL_COST_AT},
        person | {"person_id": "b", "hukou_place": 622900, "enrolment_place": FULL_COST_AT},
    ]
    records = write_rows(tmp_path / "r.csv", rows)
    out, scored = tmp_path / "a", tmp_path / "s"
    risk_pay.allocate([records], str(out), table, "1000", regime="keep", lang="en")
    assert allocated(out).select("persons", "point_months", "amount_fen").rows() == [(1, 480, 1000)]
    told = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["points"]
    assert told["full_cost"] == {"persons": 1, "person_months": 12}
    risk_pay.score([records], str(scored), table, allocation=str(out), regime="keep", lang="en")
    scores = pl.read_parquet(scored / "scores.parquet").select("person_id", "points", "amount_fen")
    assert scores.rows() == [("a", 40, 1000), ("b", 0, 0)]


def test_money_without_points_lies_on_the_rows_by_months(tmp_path, table, capsys):
    rare = {"sex": "m", "age": 40, "risk_group": "rare", "hukou_place": 622900, "enrolment_place": 622900}
    rows = [rare | {"person_id": "b", "months": 12}, rare | {"person_id": "c", "months": 7}]
    rows += [rare | {"person_id": "a", "months": 6, "enrolment_place": 330100, "risk_group": "none"}]
    records, out, scored = write_rows(tmp_path / "r.csv", rows), tmp_path / "a", tmp_path / "s"
    risk_pay.allocate([records], str(out), table, "5000", floor=["100.5"], lang="en")
    assert allocated(out).select("fund_code", "amount_fen", "bound").rows() == [
        ("330100", 3090, ""),
        ("622900", 1910, "floor"),
    ]
    risk_pay.score([records], str(scored), table, allocation=str(out), lang="en")
    scores = pl.read_parquet(scored / "scores.parquet").select("person_id", "points", "amount_fen")
    assert scores.rows() == [("a", 31, 3090), ("b", 0, 1206), ("c", 0, 704)]
    said = " ".join(capsys.readouterr().out.split())
    assert "1 funds have money and no points: it is on their rows by months: 622900" in said
    with pytest.raises(SuirenError, match="E-value"):
        risk_pay.score([records], str(scored), table, value_fen="900000000000")


# --- with the ledger ---


def test_the_ledger_pays_the_same_funds_the_same_with_health_groups(tmp_path, table):
    rows, weights, budget = rows_of(150, 5), table, 7_654_321
    records = write_rows(tmp_path / "r.csv", rows)
    scheme = f"risk-adjusted:weights={weights},uplift=0.25,budget={budget}"
    assert suiren("settle", records, "-o", str(tmp_path / "l"), "--scheme", scheme, "--bills").code == 0
    risk_pay.allocate([records], str(tmp_path / "a"), weights, str(budget), uplift="0.25", lang="en")
    ledger = pl.read_parquet(tmp_path / "l" / "ledger.parquet").filter(payer_level="centre")
    centre = ledger.group_by("fund_code").agg(pl.col("amount_fen").sum()).sort("fund_code")
    assert centre.rows() == allocated(tmp_path / "a").select("fund_code", "amount_fen").rows()
    compared = suiren("compare", records, "-o", str(tmp_path / "c"), "--scheme", "current", "--scheme", scheme)
    assert compared.code == 0
    centre = pl.read_parquet(tmp_path / "c" / "ledger.parquet").filter(
        (pl.col("payer_level") == "centre") & pl.col("scheme").str.starts_with("risk-adjusted")
    )
    assert centre["amount_fen"].sum() == budget


def test_the_built_in_population_against_todays_law(tmp_path, capsys):
    out = tmp_path / "a"
    risk_pay.allocate(
        ["china-2020"], str(out), "illustrative", "35309577826800", last="current", pace="5%:5%", lang="zh"
    )
    made = allocated(out)
    assert made["amount_fen"].sum() == 35_309_577_826_800
    assert made.height == 367
    assert made["last_fen"].sum() == 35_309_577_826_800
    change = made.select((pl.col("change_fen").abs() * 20 <= pl.col("last_fen")).all()).item()
    assert change
    assert "每分每年" in capsys.readouterr().out


def test_all_options_that_are_wrong_are_told_at_once(tmp_path, table):
    with pytest.raises(SuirenError) as caught:
        risk_pay.allocate(
            ["x.csv"], str(tmp_path / "a"), table, "3.5", uplift="-1", pool="provinz", floor=["x"], pace="5%",
            last="nothing.parquet", lang="en",
        )  # fmt: skip
    told = [problem.code for problem in caught.value.problems]
    assert told == ["E-value", "E-number", "E-fen", "E-number", "E-pace", "E-table"]
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("fund_code,amount_fen\n140900,5\n140900,6\n", ["E-table-twice"]),
        ("fund_code,amount_fen\n140901,5\n330100,-6\n", ["E-table-code", "E-fen"]),
        ("fund_code,amount\n140900,5\n", ["E-table-column"]),
    ],
)
def test_a_wrong_table_of_last_time_is_told_line_by_line(tmp_path, text, codes):
    path = tmp_path / "last.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SuirenError) as caught:
        bounds.read_last(str(path))
    assert [problem.code for problem in caught.value.problems] == codes


# --- one score ---


def test_a_newborn_for_a_year_and_for_half_a_year(table, capsys):
    for months, fen in ((12, 105_000), (6, 52_500)):
        made = explain(load(table), 0, "f", Value(Fraction(700)), months=months)
        assert made.amount_fen == fen
    risk_explain.explain("0", "f", table, months="6", value_fen="700", json=True, lang="en")
    told = json.loads(capsys.readouterr().out)
    assert (told["points"], told["point_months"], told["amount_fen"]) == (150, 900, 52_500)
    assert [(step["name"], step["value"], step["adds_fen"]) for step in told["steps"]] == [
        ("value_of_a_point", 700, 0),
        ("age_and_sex", 150, 105_000),
        ("health_group", 0, 0),
        ("uplift", 0, 0),
        ("months", 6, -52_500),
        ("amount", 52_500, 0),
    ]
    assert all(step["source"] and step["evidence"] and step["says"] for step in told["steps"])
    assert load(table).digest[:12] in told["steps"][1]["source"]
    for lang, words in (("zh", ("1,050.00", "525.00", "年龄与性别")), ("en", ("1,050.00", "525.00", "Age and sex"))):
        risk_explain.explain("0", "f", table, months="6", value_fen="700", lang=lang)
        out = capsys.readouterr().out
        assert all(word in out for word in words)


@given(
    age=st.integers(0, 120),
    sex=st.sampled_from(["m", "f", "男"]),
    group=st.sampled_from(["", "none", "diabetes", "rare"]),
    months=st.integers(1, 12),
    uplift=st.decimals(0, 10, places=6).map(str),
    elsewhere=st.booleans(),
    budget=st.integers(0, 10**17),
    points=st.integers(1, 10**15),
)
def test_the_steps_of_a_score_add_up(table, age, sex, group, months, uplift, elsewhere, budget, points):
    weights = load(table)
    value = Value(Fraction(budget * 12, points), budget, Fraction(points))
    made = explain(weights, age, sex, value, group, months, Fraction(uplift), elsewhere)
    own = points_of({"age": age, "risk_group": group})[1] * (1 + Fraction(uplift) * elsewhere)
    assert made.points == own
    assert made.amount_fen == floor(own * months * value.fen / 12 + Fraction(1, 2))
    assert sum(step.adds_fen for step in made.steps) == made.amount_fen
    for lang in ("zh", "en"):
        assert json.loads(json.dumps(made.to_dict(lang)))["amount_fen"] == made.amount_fen


def test_what_a_score_cannot_be_of_is_told_at_once(table):
    with pytest.raises(SuirenError) as caught:
        explain(load(table), 121, "x", Value(Fraction(7)), "diabets", 13)
    assert [problem.code for problem in caught.value.problems] == ["E-age", "E-sex", "E-months", "E-points-group"]
    assert "Did you mean diabetes?" in str(caught.value)
    with pytest.raises(SuirenError, match="E-value"):
        risk_explain.explain("0", "f", table, budget_fen="5")
