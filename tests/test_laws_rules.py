"""What the law says of a place: amounts, central part, split, doors; by hand, and against the oracle everywhere."""

import functools
from fractions import Fraction

import pytest

from oracle_law import CLASSES, GRADES, Law, half_up
from samples import COUNTIES, SPECIAL
from suiren import places
from suiren.case import explain
from suiren.errors import SuirenError
from suiren.laws import law
from suiren.laws.book import base_standard, chain, in_set, minimum_contribution, years
from suiren.laws.eligibility import decide, doors_of, is_local
from suiren.laws.seats import aged_places, rules, seat
from suiren.laws.split import central_share
from suiren.laws.standard import amount, choose_tier, tiers

PARTS = ("centre", "province", "city", "county", "city_and_county", "undivided")
YEARS = (2014, 2016, 2018, 2019, 2021, 2022, 2024, 2025)


@functools.cache
def oracle(year):
    return Law(year)


def seat_of(place, year, person_class="adult", tier=None, age=None):
    known = law(year)
    return seat(known.book, (int(place), person_class, tier, age), year, known.terms)


def parts_of(found):
    values = rules().run_one(found.facts())
    return {part: values[f"{part}_part" if part != "centre" else "central_part"] for part in PARTS}


def some_places(year):
    """A different third of the pools each year, and all places with a rule of their own."""
    pools = [pool.code for pool in places.pools()]
    return [*pools[year % 3 :: 3], *SPECIAL, *COUNTIES[year % 40 :: 40]]


@pytest.mark.parametrize("year", YEARS)
def test_seats_are_the_oracles(year):
    for place in some_places(year):
        for person_class in CLASSES if place in SPECIAL else ("pupil", "elderly"):
            age = 64 if person_class == "elderly" and int(place) in aged_places(law(year).book) else None
            want, found = (
                oracle(year).bill(place, person_class, None, age),
                seat_of(place, year, person_class, None, age),
            )
            assert parts_of(found) == want["pays"], (place, person_class)
            assert (found.standard.value, found.contribution.value) == (want["standard"], want["contribution"])
            grades = {name.removesuffix("_evidence"): rank for name, rank in found.grades().items()}
            assert grades == want["grades"], (place, person_class)


@pytest.mark.parametrize("year", YEARS)
def test_doors_are_the_oracles(year):
    book, same = law(year).book, {"hukou_place": 622900, "age": 40, "tier": None}
    for place in some_places(year):
        for person_class in ("preschool", "pupil", "adult"):
            for permit, student in ((True, None), (False, True), (None, None), (False, False)):
                facts = {"has_permit": permit, "student_here": student, "insured_at_origin": False}
                found = decide(book, 622900, int(place), person_class, None, facts, year)
                kind = {**same, **facts, "enrolment_place": place, "person_class": person_class}
                assert (found.terms, found.evidence) == oracle(year).terms(kind), (place, person_class, facts)
                assert (found.eligible == "undetermined") == bool(found.missing)


CENTRAL = {
    2014: (220, 180),
    2015: (268, 216),
    2016: (300, 240),
    2017: (324, 258),
    2018: (356, 282),
    2019: (416, 312),
    2020: (440, 330),
    2021: (464, 348),
    2022: (488, 366),
    2023: (512, 384),
}


@pytest.mark.parametrize("year", CENTRAL)
def test_central_part_of_west_and_centre(year):
    west, centre = (parts_of(seat_of(place, year))["centre"] for place in ("622900", "140900"))
    assert (west, centre) == tuple(yuan * 100 for yuan in CENTRAL[year])


@pytest.mark.parametrize(
    ("place", "yuan"),
    [
        ("210100", 290),
        ("370100", 290),
        ("330100", 174),
        ("120000", 174),
        ("110000", 58),
        ("310000", 58),
        ("210200", 174),
        ("350200", 174),
        ("370200", 174),
        ("440300", 174),
        ("330200", 174),
        ("222400", 464),
        ("222401", 464),
        ("140122", 464),
        ("140123", 464),
        ("140105", 348),
        ("429004", 348),
        ("460100", 348),
        ("500101", 464),
    ],
)
def test_central_part_of_2021_by_tier(place, yuan):
    assert parts_of(seat_of(place, 2021))["centre"] == yuan * 100


@pytest.mark.parametrize("place", ["330100", "440300", "310000", "370100", "120000"])
def test_the_east_before_2019_is_undivided(place):
    found = seat_of(place, 2016)
    assert not central_share(law(2016).book, int(place), 2016).known
    assert parts_of(found) == dict.fromkeys(PARTS, 0) | {"undivided": found.standard.value}


def test_national_figures():
    book = law(2021).book
    assert years(book.tables) == list(range(2014, 2026))
    assert [base_standard(book, year).value for year in (2014, 2019, 2021, 2025)] == [32000, 52000, 58000, 70000]
    assert [minimum_contribution(book, year).value for year in (2014, 2019, 2021, 2025)] == [9000, 25000, 32000, 40000]


@pytest.mark.parametrize("year", [2013, 2026, 1999, 0])
def test_a_year_without_law(year):
    with pytest.raises(SuirenError, match=rf"no law for the notice year {year}.*2014 to 2025"):
        law(year)


def test_chain_goes_from_county_to_province():
    assert chain(330106) == (330106, 330100, 330000)
    assert chain(310115) == (310115, 310000)
    assert chain(429004) == (429004, 420000)


def yuan_of(item, place, year, person_class="adult", tier=None, age=None):
    found = amount(law(year).book, item, place, person_class, tier, age, year)
    return found.value / 100, GRADES[found.evidence]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("subsidy", 330100, 2021, "adult", "tier_1"), (1400, "secondary")),
        (("subsidy", 330100, 2023, "adult", "tier_1"), (1460, "derived")),
        (("subsidy", 330100, 2019, "adult", "tier_1"), (1340, "derived")),
        (("contribution", 330100, 2022, "adult", "tier_2"), (630, "derived")),
        (("contribution", 330100, 2016, "adult", "tier_2"), (430, "derived")),
        (("subsidy", 330700, 2016, "adult", "tier_2"), (700, "secondary")),
        (("subsidy", 622900, 2021), (580, "secondary")),
        (("subsidy", 622900, 2020), (550, "derived")),
        (("subsidy", 510100, 2021), (580, "assumed")),
        (("contribution", 510900, 2021), (320, "assumed")),
        (("contribution", 321100, 2022, "elderly", None, 75), (0, "secondary")),
        (("contribution", 321100, 2021, "elderly", None, 75), (0, "derived")),
        (("contribution", 321100, 2024, "elderly", None, 65), (250, "derived")),
        (("contribution", 630100, 2021), (310, "derived")),
        (("contribution", 130110, 2023), (390, "sourced")),
        (("contribution", 130102, 2023), (380, "sourced")),
        (("subsidy", 150100, 2023), (640, "derived")),
        (("subsidy", 310000, 2021, "elderly", None, 65), (5940, "secondary")),
        (("subsidy", 310000, 2021, "elderly", None, 75), (580, "assumed")),
        (("subsidy", 230600, 2023), (640, "secondary")),
    ],
)
def test_amounts(asked, told):
    assert yuan_of(*asked) == told


def test_a_carried_standard_is_not_below_the_base():
    assert yuan_of("subsidy", 320300, 2016) == (420, "assumed")
    for pool in places.pools():
        for year in (2014, 2018, 2023):
            assert yuan_of("subsidy", int(pool.code), year)[0] * 100 >= base_standard(law(year).book, year).value


def test_tiers_by_either_name_and_the_cheapest():
    book = law(2021).book
    assert tiers(book, 330106, "adult", None) == {"tier_1": "一档", "tier_2": "二档"}
    assert choose_tier(book, 330106, "adult", None, None, 2021) == "tier_2"
    assert choose_tier(book, 330106, "adult", "一档", None, 2021) == "tier_1"
    assert choose_tier(book, 500000, "adult", "一档", None, 2021) == "tier_2"
    assert choose_tier(book, 622900, "adult", None, None, 2021) is None
    with pytest.raises(SuirenError, match=r"杭州市 has no contribution tier '三档'.*tier_1 \(一档\), tier_2 \(二档\)"):
        choose_tier(book, 330100, "adult", "三档", None, 2021)


def test_a_door_for_a_tier_is_found_by_either_name():
    for tier in ("tier_2", "一档"):
        told = explain(law(2021), "622900", "442000", age=30, permit=True, tier=tier).decision
        assert (told.eligible, told.regime) == ("yes", "residence_permit")
    for tier in ("tier_1", "二档"):
        assert explain(law(2021), "622900", "442000", age=30, permit=True, tier=tier).decision.eligible == "no"


@pytest.mark.parametrize(
    ("hukou", "enrolled", "year", "local"),
    [
        (622900, 622901, 2021, True),
        (330106, 330110, 2021, True),
        (110101, 110105, 2021, True),
        (310000, 310115, 2021, True),
        (500101, 500000, 2021, True),
        (622900, 620100, 2021, False),
        (460100, 460200, 2021, True),
        (630100, 632800, 2016, True),
        (640100, 640400, 2021, True),
        (540100, 540200, 2022, False),
        (540100, 540200, 2023, True),
        (429004, 429005, 2021, False),
        (460100, 630100, 2021, False),
    ],
)
def test_who_is_local(hukou, enrolled, year, local):
    assert is_local(law(year).book, hukou, enrolled, year) is local
    assert is_local(law(year).book, enrolled, hukou, year) is local
    answer = decide(law(year).book, hukou, enrolled, "adult", None, {"employee_cover": True}, year)
    assert (answer.eligible, answer.regime) == ("no", "employee_cover")


def test_planned_cities_pay_for_their_province():
    book = law(2021).book
    for place in (210200, 330200, 350200, 370200, 440300):
        assert in_set(book, "planned_city", place, 2021)
        assert parts_of(seat_of(place, 2021))["province"] == 0


def test_a_countys_own_class_and_split():
    assert parts_of(seat_of("140122", 2021)) == dict.fromkeys(PARTS, 0) | {
        "centre": 46400,
        "province": 5800,
        "city_and_county": 5800,
    }
    assert parts_of(seat_of("140181", 2021)) == dict.fromkeys(PARTS, 0) | {
        "centre": 34800,
        "province": 11600,
        "city": 5800,
        "county": 5800,
    }
    assert parts_of(seat_of("410122", 2022)) == dict.fromkeys(PARTS, 0) | {
        "centre": 36600,
        "province": 7320,
        "city": 8500,
        "county": 25580,
    }
    assert parts_of(seat_of("152526", 2022)) == dict.fromkeys(PARTS, 0) | {
        "centre": 48800,
        "province": 6100,
        "city": 1830,
        "county": 4270,
    }


def test_a_province_that_printed_more_than_the_base_leaves_pays_it_in_that_year():
    """新疆 2014: 220 from the centre, 110 from the region, of a standard of 330 above the base of 320."""
    assert parts_of(seat_of("653100", 2014)) == dict.fromkeys(PARTS, 0) | {"centre": 22000, "province": 11000}


@pytest.mark.parametrize("year", range(2014, 2026))
def test_printed_splits_come_out_in_their_own_year(year):
    held = set()
    for place in COUNTIES:
        for person_class, age in (("adult", 40), ("student", 20), ("pupil", 9), ("elderly", 65)):
            rows = (oracle(year).rule(place, person_class, age) or [[]])[0]
            printed = {row["payer"]: int(Fraction(row["value"]) * 100) for row in rows if row["basis"] == "yuan"}
            complete = len(printed) == len(rows) and {"city", "county", "city_and_county"} & set(printed)
            if not complete or int(rows[0]["notice_year"]) != year:
                continue
            got = {part: fen for part, fen in parts_of(seat_of(place, year, person_class, None, age)).items() if fen}
            if "centre" not in printed and "undivided" not in got:
                got["province"] += got.pop("centre", 0)
            assert got == printed, (place, person_class, rows[0]["rule_id"])
            held.add(rows[0]["rule_id"])
    assert held or year in {2016, 2018, 2019, 2024}


def test_the_nearest_place_that_names_the_class_has_the_doors():
    book = law(2021).book
    assert {door.regime for door in doors_of(book, 330106, "adult", None, 2021)} == {"hukou_only"}
    assert doors_of(book, 330100, "student", None, 2021) == ()
    assert [door.notice_year for door in doors_of(book, 610100, "adult", None, 2021)] == [2019]
    assert [door.notice_year for door in doors_of(book, 330100, "adult", None, 2024)] == [2022]
    assert doors_of(book, 330302, "adult", None, 2021)[0].regime == "hukou_only"
    assert {door.regime for door in doors_of(book, 430100, "adult", None, 2016)} == {"open"}


def test_undetermined_names_all_missing_facts_and_settles_on_local_terms():
    found = decide(law(2022).book, 622900, 440100, "adult", None, {}, 2022)
    assert (found.eligible, found.terms) == ("undetermined", "local_terms")
    assert set(found.missing) == {"talent_card", "has_permit", "insured_here_before", "retired_here", "works_here"}
    assert (
        decide(law(2022).book, 622900, 440100, "adult", None, dict.fromkeys(found.missing, False), 2022).eligible
        == "no"
    )
    unknown = decide(law(2021).book, 622900, 420500, "newborn", None, {}, 2016)
    assert (unknown.eligible, unknown.missing) == ("undetermined", ("regime",))


def test_half_up_of_the_oracle_is_the_named_rounding():
    assert [half_up(value) for value in (0, 0.5, 1.5, 2.25)] == [0, 1, 2, 2]
