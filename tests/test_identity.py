"""Identity numbers: every number here is invented (place 99xxxx, which no division has)."""

import datetime as dt
import random

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suiren.people import identity

pytest_plugins = ("spark_session",)

DAYS = st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31))
PLACES = st.integers(990000, 999999)
ORDERS = st.integers(0, 999)


def whole(place: int, day: dt.date, order: int) -> str:
    digits = f"{place}{day:%Y%m%d}".replace(f"{day:%Y%m%d}", f"{day.year:04}{day:%m%d}") + f"{order:03}"
    return digits + identity.check_character(digits)


NUMBERS = st.builds(whole, PLACES, DAYS, ORDERS)


def in_sql(sql: str, numbers: list[str | None]) -> list[object]:
    with duckdb.connect() as engine:
        engine.execute("CREATE TABLE numbers (place INTEGER, number VARCHAR)")
        engine.execute(
            "INSERT INTO numbers SELECT unnest(?::INTEGER[]), unnest(?::VARCHAR[])", [[*range(len(numbers))], numbers]
        )
        return [row[0] for row in engine.execute(f"SELECT {sql} FROM numbers ORDER BY place").fetchall()]


def test_the_check_character_of_the_standard():
    assert identity.WEIGHTS == (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    assert identity.check_character("11010519491231002") == "X"
    assert identity.check_character("44052418800101001") == "4"


@given(NUMBERS)
def test_a_built_number_is_sound_and_says_what_went_in(number):
    assert identity.fault(number) is None
    assert identity.fault(number.lower()) is None
    assert identity.seventeen(number) == number[:17]
    assert identity.born(number).strftime("%m%d") == number[10:14]
    assert identity.sex(number) == (1 if int(number[16]) % 2 else 2)


@given(NUMBERS, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(number, at, by):
    wrong = number[:at] + str((int(number[at]) + by) % 10) + number[at + 1 :]
    assert identity.fault(wrong) == "Q-id-checksum"


@given(NUMBERS, st.sampled_from("0123456789X"))
def test_a_wrong_check_character_is_always_found(number, last):
    assert identity.fault(number[:17] + last) == (None if last == number[17] else "Q-id-checksum")


@given(NUMBERS, st.integers(0, 15))
def test_a_swap_of_neighbours_is_always_found(number, at):
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    assert identity.fault(swapped) == (None if swapped == number else "Q-id-checksum")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("", "Q-id"),
        ("99000119900101001", "Q-id"),
        ("9900011990010100111", "Q-id"),
        ("９90001199001010011", "Q-id"),
        ("99000119900101001Y", "Q-id"),
        ("99000119900101001１", "Q-id"),
        ("99000 199001010011", "Q-id"),
        ("-90001199001010011", "Q-id"),
        ("990001900229001", "Q-id-date"),
        ("990001920229001", None),
        ("990001901301001", "Q-id-date"),
        ("99000190010100X", "Q-id"),
        ("990001 00101001", "Q-id"),
    ],
)
def test_forms(number, code):
    assert identity.fault(number) == code
    found = in_sql(identity.sql_fault("number"), [number])[0]
    assert (identity.FAULTS[found] or None) == code


@pytest.mark.parametrize("day", ["00000101", "19000229", "21000229", "19990431", "19991301", "19990100", "19990001"])
def test_a_number_with_no_day_in_it(day):
    digits = f"990001{day}001"
    number = digits + identity.check_character(digits)
    assert identity.fault(number) == "Q-id-date"
    assert in_sql(identity.sql_fault("number"), [number]) == [3]
    assert in_sql(identity.sql_born("number"), [number]) == [None]


def test_a_number_of_fifteen_digits_is_one_of_the_1900s():
    assert identity.seventeen("990001900101002") == "99000119900101002"
    assert identity.born("990001900101002") == dt.date(1990, 1, 1)
    assert identity.sex("990001900101002") == 2
    assert in_sql(identity.sql_seventeen("number"), ["990001900101002"]) == ["99000119900101002"]


def test_no_number_has_no_fault_and_nothing_in_it():
    assert in_sql(identity.sql_fault("number"), [None]) == [0]
    for sql in (identity.sql_seventeen, identity.sql_born, identity.sql_sex):
        assert in_sql(sql("number"), [None, "12"]) == [None, None]


def mutated(draw: random.Random) -> str:
    day = dt.date(1900, 1, 1) + dt.timedelta(days=draw.randrange(60000))
    number = whole(draw.randrange(990000, 1000000), day, draw.randrange(1000))
    kind = draw.randrange(6)
    if kind == 0:
        return number
    if kind == 1:
        return number[:6] + number[8:17]
    if kind == 2:
        digits = number[:10] + f"{draw.randrange(15):02}{draw.randrange(34):02}" + number[14:17]
        return draw.choice([digits + identity.check_character(digits), digits[:6] + digits[8:]])
    text = list(number if draw.random() < 0.7 else number[:6] + number[8:17])
    for _ in range(draw.randint(1, 3)):
        text[draw.randrange(len(text))] = draw.choice(
            ["0", "7", "X", "x", " ", ".", "e", "-", "+", "_", "１", "人", ""]
        )
    return "".join(text)


def test_sql_says_what_python_says():
    draw = random.Random(20260101)
    numbers = [mutated(draw) for _ in range(4000)]
    numbers += [
        "99000e6          1",
        "990001.00000000e91",
        "5e8      19900101X",
        "9900011990e0101011",
        "99000119900101  11",
    ]
    faults = [identity.fault(number) for number in numbers]
    assert {None, "Q-id", "Q-id-checksum", "Q-id-date"} == set(faults)
    assert [identity.FAULTS[code] or None for code in in_sql(identity.sql_fault("number"), numbers)] == faults
    formed = [number for number, code in zip(numbers, faults, strict=True) if code != "Q-id"]
    dated = [number for number, code in zip(numbers, faults, strict=True) if code is None]
    assert in_sql(identity.sql_seventeen("number"), formed) == [identity.seventeen(number) for number in formed]
    assert in_sql(identity.sql_sex("number"), formed) == [identity.sex(number) for number in formed]
    assert in_sql(identity.sql_born("number"), dated) == [identity.born(number).isoformat() for number in dated]


def test_every_day_of_a_leap_cycle_in_sql():
    numbers = [
        digits + identity.check_character(digits)
        for year in (1900, 1996, 1999, 2000, 2100)
        for month in range(14)
        for digits in (f"990001{year}{month:02}{day:02}001" for day in range(33))
    ]
    expected = [identity.FAULTS.index(identity.fault(number) or "") for number in numbers]
    assert in_sql(identity.sql_fault("number"), numbers) == expected
    assert expected.count(0) == 365 * 5 + 2


def test_the_same_sql_on_spark(spark):
    draw = random.Random(7)
    numbers: list[str | None] = [None, "", *(mutated(draw) for _ in range(500))]
    spark.createDataFrame(list(enumerate(numbers)), "place int, number string").createOrReplaceTempView("identities")
    makers = (identity.sql_fault, identity.sql_seventeen, identity.sql_born, identity.sql_sex)
    columns = ", ".join(f"{make('number')} AS said{at}" for at, make in enumerate(makers))
    rows = spark.sql(f"SELECT {columns} FROM identities ORDER BY place").collect()
    spark.catalog.dropTempView("identities")
    for at, make in enumerate(makers):
        assert [row[f"said{at}"] for row in rows] == in_sql(make("number"), numbers)
