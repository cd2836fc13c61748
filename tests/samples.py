"""Made-up kinds of people for the tests: all provinces, every kind of place, class, tier, permit, month, aid group."""

import io
import random

import polars as pl
from rich.console import Console

from oracle_law import CLASSES, Law
from suiren.people.kinds import people_of

FACTS = (
    "has_permit",
    "relative_has_permit",
    "relative_insured",
    "insured_at_origin",
    "student_here",
    "province_permit",
    "employee_cover",
)
SPECIAL = (
    *("140122", "140181", "140900", "410122", "410105", "410100", "152502", "152501", "152500"),
    *("110000", "110105", "310000", "310115", "120000", "500000", "500101"),
    *("440300", "210200", "330200", "350200", "370200", "441900", "442000", "440600", "440607"),
    *("460100", "460200", "630100", "630200", "640100", "640200", "540100", "540200", "429004", "659001"),
    *("222401", "220100", "430902", "430900", "450300", "320500", "320481", "330700", "321100"),
    *("330100", "330106", "653100", "622900", "622901", "230600", "150100", "150121", "530100", "510800"),
)
"""Places with a rule of their own: classes, tiers, overrides, provincial pools, planned cities, municipalities."""

AGES = (0, 1, 3, 5, 6, 12, 17, 18, 19, 30, 45, 59, 60, 65, 69, 70, 75, 90)
LAW = Law(2021)
COUNTIES = [code for code, row in LAW.places.items() if row["pool_code"] and row["level"] != "zone"]


def class_of(age):
    bounds = ((1, "newborn"), (6, "preschool"), (18, "pupil"), (60, "adult"), (999, "elderly"))
    return next(name for end, name in bounds if age < end)


def tiers(place, person_class):
    """The contribution tiers of a place for a class, from the nearest place that has any."""
    for code in LAW.chain(place):
        found = {
            row["tier"]
            for row in LAW.by_place["amounts", code]
            if row["item"] == "contribution"
            and row["tier"]
            and person_class in (CLASSES if row["person_class"] == "all" else row["person_class"].split(";"))
        }
        if found:
            return sorted(found)
    return []


def kind(hukou, enrolled, age=40, persons=1, **more):
    """One kind of people, its other columns filled."""
    made = {
        "hukou_place": int(hukou),
        "enrolment_place": int(enrolled),
        "residence_place": int(enrolled),
        "person_class": class_of(age),
        "tier": None,
        "aid_group": None,
        "risk_group": None,
        "sex": 1,
        "age": age,
        "persons": persons,
        "person_months": persons * 12,
        "first_persons": persons,
        "cost_fen": 0,
        **dict.fromkeys(FACTS),
    }
    return made | more


def drawn(rnd, hukou, enrolled):
    """One kind with everything but the places drawn by `rnd`."""
    age = rnd.choice(AGES)
    person_class = "student" if 17 <= age <= 30 and rnd.random() < 0.3 else class_of(age)
    offered = tiers(enrolled, person_class)
    persons = rnd.choice((1, 1, 2, 3, 7, 11, 1000, 123_457))
    return kind(
        hukou,
        enrolled,
        age,
        persons,
        residence_place=int(enrolled if rnd.random() < 0.7 else rnd.choice(SPECIAL)),
        person_class=person_class,
        tier=rnd.choice(offered) if offered and rnd.random() < 0.5 else None,
        aid_group="full" if rnd.random() < 0.1 else None,
        sex=rnd.choice((1, 2)),
        person_months=sum(rnd.randint(1, 12) for _ in range(min(persons, 3))) + 12 * max(persons - 3, 0),
        first_persons=persons if rnd.random() < 0.8 else persons // 2,
        **{fact: rnd.choice((True, False, None)) for fact in FACTS[:-1]},
        employee_cover=True if rnd.random() < 0.03 else None,
    )


def kinds(number, seed):
    """A list of kinds: each province's locals and neighbours first, then any places; the same for the same seed."""
    rnd = random.Random(seed)
    found = []
    for province in sorted({row["province_code"] for row in LAW.places.values()}):
        own = [code for code in COUNTIES if LAW.province(code) == province]
        here, there = rnd.choice(own), rnd.choice(own)
        found += [kind(here, here, 45, 2), kind(LAW.pool(there), LAW.pool(there), 66, 3)]
        found += [drawn(rnd, here, there), drawn(rnd, rnd.choice(COUNTIES), here)]
    while len(found) < number:
        hukou = rnd.choice(SPECIAL if rnd.random() < 0.7 else COUNTIES)
        enrolled = hukou if rnd.random() < 0.2 else rnd.choice(SPECIAL if rnd.random() < 0.7 else COUNTIES)
        found.append(drawn(rnd, hukou, enrolled))
    return found


def people(rows, modelled=False):
    """The kinds as the package takes them."""
    types = dict.fromkeys(FACTS, pl.Boolean)
    return people_of("sample", pl.DataFrame(rows, schema_overrides=types, infer_schema_length=None), FACTS, modelled)


def options(scheme):
    """A scheme's text as the oracle takes it: name and options."""
    name, _, rest = scheme.partition(":")
    found = dict(part.split("=") for part in rest.split(",") if part)
    if "budget" in found:
        found["budget"] = int(found["budget"])
    return name, found


def cells(ledger):
    """A ledger as the oracle has it: key -> (persons, person-months, fen)."""
    keys = ("item", "payer_level", "payer_code", "fund_code", "hukou_pool_code", "evidence")
    sums = ("persons", "person_months", "amount_fen")
    rows = ledger.select(*keys, *sums).iter_rows()
    return {row[: len(keys)]: row[len(keys) :] for row in rows}


def printed(lang, show):
    """What `show` prints on a console of 100 columns."""
    buffer = io.StringIO()
    show(Console(file=buffer, width=100, color_system=None), lang)
    return buffer.getvalue()
