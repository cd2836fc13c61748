"""Paper A, sections 4 and 6: who could gain if permit holders might enrol, and what opening costs a city (增支负担)."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import polars as pl

from suiren.case import explain
from suiren.laws import law
from suiren.money import half_up
from suiren.studies.permits_own import Own
from suiren.studies.permits_people import insured_at_home, pools
from suiren.studies.permits_structure import City, cities
from suiren.studies.printed import read
from suiren.studies.study import Item, Table, found

YEAR = 2021
STANDARD = "standard"
LEVELS = ("centre", "province", "local")
ON_PAGE = (
    *("city", "threshold", "insured_at_home", "permit_share_pct", "could_gain", "local_yuan_a_head"),
    *("local_yuan_million", "transfer_centre_yuan_million", "transfer_province_yuan_million"),
)
"""Columns that the page has room for."""


@dataclass(frozen=True, slots=True)
class Assumption:
    """A named parameter of the estimate: percent of those insured at home who would hold a permit."""

    name: str
    percent: int
    en: str
    zh: str
    evidence: str = "assumed"


ASSUMPTIONS = {
    "high": Assumption(
        "permit_share_high",
        0,
        "High threshold: a permit by work needs the employee scheme, and who is in it gains nothing; other ways to a "
        "permit (an own or rented home) are set aside, as the paper does.",
        "高门槛：以就业申领须参加职工医保，参加者不能再参加居民医保；合法稳定住所等途径同论文一样不计。",
    ),
    "standard": Assumption(
        "permit_share_standard",
        50,
        "Standard threshold: the paper says some and prints no number; one half is taken.",
        "一般门槛：论文只说存在潜在受益者，未给数字，取一半。",
    ),
    "low": Assumption(
        "permit_share_low",
        100,
        "Low threshold: permit holders are nearly all residents from elsewhere.",
        "低门槛：持居住证人口几乎就是全部外来常住人口。",
    ),
}
"""By threshold class. The fourteen capitals have about the standard threshold (section 4)."""


def threshold(city: City) -> str:
    """The threshold class of a city: high, low or standard."""
    classes = {row["city_code_gb2260"]: row["threshold_class"] for row in read("permit_thresholds")}
    return classes.get(city.code, STANDARD)


@dataclass(frozen=True, slots=True)
class Opening:
    """One city opened to permit holders: who could gain, by origin, and what each level would pay, fen a year."""

    city: City
    threshold: str
    counted: bool
    """Whether the number who gain is the user's own."""
    insured_at_home: int
    outside: int
    inside: int
    fen: Mapping[tuple[str, bool], int]
    """By payer level and whether the persons are of another province."""
    local_of_all_fen: int
    """What the city would pay if everybody insured at home could gain."""

    @property
    def gain(self) -> int:
        """Persons who could gain."""
        return self.outside + self.inside

    def of(self, level: str) -> int:
        """What a level would pay for all who could gain, fen."""
        return self.fen[level, True] + self.fen[level, False]


@functools.cache
def parts(code: str, person_class: str, age: int) -> tuple[int, int, int]:
    """Centre, province and local part of the subsidy of a local, fen a head and year.

    A municipality is province and city in one: what it pays counts as local. So does a part that no source divides.
    """
    pays = explain(law(YEAR), code, code, age=age, person_class=person_class).pays()
    local = sum(pays[level] for level in ("city", "county", "city_and_county", "undivided"))
    if code.endswith("0000"):
        return pays["centre"], 0, local + pays["province"]
    return pays["centre"], pays["province"], local


def opening(city: City, own: Own | None = None) -> Opening:
    """A city opened in 2021; persons and money exact.

    Who gains: the user's count where there is one, else the assumed part of those insured at home. Ages and origins
    of those who gain are those of the modelled population.
    """
    kind = threshold(city)
    home = insured_at_home(int(city.code))
    persons = {True: 0, False: 0}
    fen = dict.fromkeys(((level, outside) for level in LEVELS for outside in (True, False)), 0)
    for person_class, age, outside, count in home.iter_rows():
        persons[outside] += count
        for level, part in zip(LEVELS, parts(city.code, person_class, age), strict=True):
            fen[level, outside] += count * part
    all_ = sum(persons.values())
    holders = own.get(city.code) if own else None
    counted = holders.gaining(employee_scheme_required=kind == "high") if holders else None
    part = Fraction(ASSUMPTIONS[kind].percent, 100) if counted is None else Fraction(counted, all_)
    outside = half_up(persons[True] * part.numerator, part.denominator)
    inside = half_up(all_ * part.numerator, part.denominator) - outside
    shares = {key: half_up(each * part.numerator, part.denominator) for key, each in fen.items()}
    of_all = fen["local", True] + fen["local", False]
    return Opening(city, kind, counted is not None, all_, outside, inside, shares, of_all)


def _millions(fen: int) -> Decimal:
    """Fen as millions of yuan with one decimal."""
    return Decimal(half_up(fen, 10**7)).scaleb(-1)


def table(lang: str, own: Own | None = None) -> Table:
    """Who could gain and what it costs, a row for each of the 23 cities."""
    rows: list[dict[str, object]] = []
    for city in cities():
        made = opening(city, own)
        pool = pools()[int(city.code)]
        rows.append(
            {
                "city": city.name(lang),
                "group": city.group,
                "threshold": made.threshold,
                "nonlocal_persons": pool.same_province + pool.other_province,
                "insured_at_home": made.insured_at_home,
                "source": "user" if made.counted else "assumed",
                "permit_share_pct": None if made.counted else ASSUMPTIONS[made.threshold].percent,
                "could_gain": made.gain,
                "from_other_provinces": made.outside,
                "from_same_province": made.inside,
                "local_yuan_a_head": Decimal(half_up(made.of("local"), made.gain)).scaleb(-2) if made.gain else None,
                "centre_yuan_million": _millions(made.of("centre")),
                "province_yuan_million": _millions(made.of("province")),
                "local_yuan_million": _millions(made.of("local")),
                "local_of_all_yuan_million": _millions(made.local_of_all_fen),
                "transfer_centre_yuan_million": _millions(made.fen["local", True]),
                "transfer_province_yuan_million": _millions(made.fen["local", False]),
            }
        )
    said = " ".join(each.en for each in ASSUMPTIONS.values())
    said_zh = "".join(each.zh for each in ASSUMPTIONS.values())
    return Table(
        "opening",
        "Cost of opening to permit holders, modelled: who could gain times the local part of the subsidy of 2021",
        "向居住证持有人开放的增支负担（模型推算）：可能受益人数乘以2021年补助的地方部分",
        pl.DataFrame(rows, infer_schema_length=None),
        "Modelled, evidence assumed. Could gain: people from elsewhere in china-2020 who are in the resident scheme "
        "but at home, students of universities apart; who has no insurance cannot be told from who has the employee "
        f"scheme and is left out, so more may gain. {said} The transfers make the city whole: the centre pays the "
        "local part of people of other provinces, the province that of its own people. In the fourteen capitals "
        "it is the cost of full use of what is open already.",
        "模型推算，证据等级为假定。可能受益者为china-2020中参加居民医保但在户籍地参保的外来人口（不含大学生）；"
        f"未参保者无法与职工医保参保者区分，未计入，故为偏低估计。{said_zh}补足额：外省来源者的地方部分由中央补，"
        "本省来源者由省补。14个省会已开放，所示为全部用足时的负担。",
        ON_PAGE,
    )


def assumptions_table(lang: str) -> Table:
    """The named parameters of the estimate, all of evidence assumed."""
    frame = pl.DataFrame(
        {
            "parameter": [each.name for each in ASSUMPTIONS.values()],
            "evidence": [each.evidence for each in ASSUMPTIONS.values()],
            "note": [each.zh if lang == "zh" else each.en for each in ASSUMPTIONS.values()],
            "permit_share_pct": [each.percent for each in ASSUMPTIONS.values()],
        }
    )
    en, zh = "What is assumed of permits; counts of your own replace it", "关于居住证的假定；用户提供人数时以其为准"
    return Table("assumptions", en, zh, frame)


def items(own: Own | None = None) -> list[Item]:
    """A-M1 for each of the nine cities with its threshold, and the cost of opening by group."""
    made: list[Item] = []
    for city in (city for city in cities() if city.group == "big9"):
        each = opening(city, own)
        note = ASSUMPTIONS[each.threshold]
        en = f"Persons, modelled for 2020 of {each.insured_at_home:,} insured at home. {note.en}"
        zh = f"人，2020年模型推算，在户籍地参保的外来人口{each.insured_at_home:,}人。{note.zh}"
        if each.counted:
            en, zh = "Persons, the user's count of permit holders outside the employee scheme.", "人，用户提供的数字。"
        made.append(found(f"A-M1.{city.key}", f"{each.gain:,}", en, zh))
    for group in ("big9", "capital14"):
        chosen = [opening(city, own) for city in cities() if city.group == group]
        local, outside = sum(each.of("local") for each in chosen), sum(each.fen["local", True] for each in chosen)
        share = half_up(100 * outside, local) if local else 0
        en = f"Million yuan a year of local money, modelled, 2021; {share} % of it for people of other provinces."
        zh = f"百万元/年，地方负担，模型推算，2021年；其中{share}%用于外省户籍者。"
        made.append(found(f"A-M1.cost.{group}", f"{_millions(local):,}", en, zh))
    return made
