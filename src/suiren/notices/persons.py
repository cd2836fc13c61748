"""The classes of person that a phrase names."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

from suiren.laws.schema import CLASSES

CHILDREN = ("newborn", "preschool", "pupil")
GROWN = ("adult", "elderly")

_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"新生儿", ("newborn",)),
    (r"婴幼儿|学龄前|未入学|未入园|散居儿童", ("newborn", "preschool")),
    (r"幼儿园|在园幼儿|入园|托幼", ("preschool",)),
    (r"大中小学|大中专", ("pupil", "student")),
    (r"(?<!大)中小学|(?<!大)中学生|(?<!大中)(?<!中)小学生|中职|技工|技校", ("pupil",)),
    (r"大学生|高校|大专院校|高等(?:学校|院校)|研究生", ("student",)),
    (r"各类学校学生|各类学生|学生、?(?:及|和|与)?儿童|学生、?(?:及|和|与)?未成年", ("pupil", "student")),
    (r"(?<!婴幼)(?<!学龄前)儿童|未成年|少儿|18周?岁(?:及)?以下", CHILDREN),
    (r"非从业居民|(?<!未)成年|18周?岁(?:及)?以上", GROWN),
    (r"劳动年龄", ("adult",)),
    (r"老年|老龄|高龄", ("elderly",)),
)
_AGES = re.compile(r"(\d{1,3})周?岁?(?:至|-|—|~|到)(\d{1,3})周?岁|(\d{1,3})周岁(?:\(含\))?(?:及)?以上")
_STUDENTS = r"(?<!大)(?<!中)(?<!小)学生"
_AT_SCHOOL = r"(?<![学校园])在校学生"
"""Pupils and students alike, also beside minors who are not at school."""
_OTHERS = re.compile(r"其他|其余")
_EVERYBODY = re.compile(r"城乡居民(?!基本|医|合作)|全体|所有人|各类人员|一般居民|普通居民")
_RETIREMENT, _GROWN_UP, _AGED = 60, 16, 60


def named(phrase: str) -> tuple[str, ...]:
    """Return the classes that a phrase names, in the law's order; none where it names no class."""
    found: set[str] = set()
    for pattern, classes in _WORDS:
        if re.search(pattern, phrase):
            found |= set(classes)
    if re.search(_AT_SCHOOL, phrase) or (not found & {"pupil", "student"} and re.search(_STUDENTS, phrase)):
        found |= {"pupil", "student"}
    for low, high, above in _AGES.findall(phrase):
        if above:
            found |= {"elderly"} if int(above) >= _AGED else set()
        elif int(low) >= _AGED:
            found.add("elderly")
        elif int(low) >= _GROWN_UP and int(high) <= _RETIREMENT:
            found.add("adult")
    return ordered(found)


def others(phrase: str) -> bool:
    """Return True where a phrase speaks of the other persons, whoever was named before."""
    return bool(_OTHERS.search(phrase)) and not named(phrase)


def everybody(phrase: str) -> bool:
    """Return True where a phrase names the insured at large."""
    return bool(_EVERYBODY.search(phrase)) and not named(phrase)


def ordered(classes: AbstractSet[str]) -> tuple[str, ...]:
    """Return classes in the law's order."""
    return tuple(name for name in CLASSES if name in classes)


def told(classes: tuple[str, ...]) -> tuple[str, ...]:
    """Return `("all",)` for all classes, else the classes."""
    return ("all",) if set(classes) == set(CLASSES) else classes
