"""Who from elsewhere may enrol, read from a notice: the doors it opens or shuts, each with its sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from suiren.laws.schema import CLASSES
from suiren.notices import persons
from suiren.notices.found import Door, Doubt
from suiren.notices.text import Text

ELSEWHERE = re.compile(
    r"非[^,;]{0,5}户籍|外(?:地|市|省|来|县)|市外|省外|新居民|流动(?:人口|人员|就业)|异地户籍|户籍(?:地)?不在|农业转移人口"
    r"|(?:没有|未有|无|不具有)[^,;]{0,6}户籍"
)
HOUSEHOLD = re.compile(r"户口(?![簿本页])")
"""The everyday word for hukou, but not the booklet."""

PERMIT = r"居住证"
NO_PERMIT = re.compile(r"(?:未|没有|无|不)(?:持有|取得|办理|办|持|领取|能提供)?[^,;]{0,6}居住证")
NOT_ASKED = re.compile(r"(?:不受|不再|无需|无须|不需|取消)[^,;]{0,12}居住证")
CLOSED = re.compile(
    r"(?:不得|不能|不可|不允许|不纳入|不属于|无法|不予(?!补|享))[^,;]{0,12}(?:参加|参保|纳入|范围|办理)"
)
LOCALS_ONLY = re.compile(
    r"(?:仅限|只限|限于|(?<!不)限|(?:仅|只)(?:面向|接受|允许|对))[^,;制]{0,6}户籍|(?:应当|必须|须|应)(?:为|具有|具备|是|持有)?[^,;]{0,6}户籍|户籍[^,;]{0,8}方可"
)
FULL = re.compile(
    r"全额(?!资助|代缴|补助|补贴|救助)|财政(?:不予|不|不再)(?:给予)?补[助贴]|不(?:享受|给予)[^,;]{0,6}补[助贴]"
    r"|不予(?:财政)?补[助贴]|含(?:各级)?(?:财政|政府)[^,;]{0,6}补[助贴]|承担全部|(?:均|全部|都)由(?:本人|个人)|个人[^,;]{0,8}\+财政|财政[^,;]{0,8}\+个人|全部(?:费用|由个人)|缴费[和与]财政补助之和"
)
OPEN = re.compile(
    r"不(?:再)?受[^,;]{0,4}户籍|不限户籍|户籍(?:地)?不(?:受限|限)|(?:取消|放开|打破)[^,;]{0,24}户籍|(?:不|无)论[^,;]{0,6}户籍"
    r"|不分户籍|不以[^,;]{0,6}户籍[^,;]{0,6}(?:条件|前提)|凭(?:居民)?身份证[^,;]{0,12}(?:参保|参加)"
)
WITH_IDENTITY = re.compile(
    r"(?:凭|带上?|持|拿|出示)(?:着|好)?(?:有效|本人|居民)*身份证件?(?:原件)?[^,;]{0,16}(?:参保|参加)"
)
"""Opens a door only where the sentence is about people from elsewhere: locals bring it too."""

LIVING_HERE = re.compile(
    r"(?:常住(?:人口|居民|人员)|在[我本][市州县区省盟旗](?:行政区域内?|境内)?(?:居住|生活|工作|就业|务工|生产)[^;]{0,40}(?:人员|居民|人口|群众|人))"
    r"[^;]{0,30}(?:均可|都可|可以|可自愿|都能|均能)[^;]{0,16}(?:参加|参保)"
)
"""Everybody who lives here, whatever their hukou; not where the sentence asks for hukou or permit."""

SCHOOL = re.compile(r"就读|学籍|学校所在|[在驻][\u4e00-\u9fff]{1,3}高校|就学")
SCHOOL_HERE = re.compile(
    r"[在驻](?:[我本][市州县区省]|[\u4e00-\u9fff])(?:的|各类|各级|全日制|普通|公办|民办|高等|大中小|中小|大中专|大专|中专|职业|及|和|、)*"
    r"(?:院校|学校)"
)
"""A school of this place, named by one sign (驻阜, 在洛) or as ours; not enough where only the collecting is told."""

ENROLLED = re.compile(r"在册|在校|行政区域内[^,;]{0,24}(?:学校|院校)")
PARENT = re.compile(
    r"(?:父母|父亲或者?母亲|监护人)(?:[中的]*(?:任[意何]?一方|有一方|一方或者?双方|双方或者?一方|一方|双方)|或者?其他监护人)?"
    r"(?!为?外)(?:已经?|均|之一|正在)?(?:为|具有|是|在|参加|持|办理)|随[^,;]{0,12}父母"
    r"|居住证(?:并|且)?[^,;]{0,24}(?:子女|配偶)|居住证持有人[^;]{0,24}其[^,;]{0,10}子女|职工医保[^,;]{0,20}子女|^其未成年子女"
)
AND_CHILDREN = re.compile(r"(?:及其?|和|与|、)(?:未成年|随迁)?子女")
OR_PUPIL = re.compile(r"或者?(?:为|是|在)?[^,;]{0,24}(?:学校|院校|在校|在册|就读)[^,;]{0,6}学生")
SUBJECT = re.compile(r"^[^:;。]{2,20}:")
"""Whom a whole sentence is about, before its colon."""

ADMITTED = re.compile(r"参保|参加|缴费|纳入|补助|享受|同等|同等对待|参合")
COVERED = re.compile(
    r"参保范围|(?:参保|缴费|征缴|保障|覆盖|登记)(?:缴费)?对象|适用于|参保人员|下列人员|以下人员|参保人群"
)
CITED = re.compile(r"国发|国务院|国家医保局|国办|国家规定|中央要求")
HERE = re.compile(r"[我本](?:市|州|县|区|省|地|盟|旗)|当地")
REPEALED = re.compile(r"废止|停止执行|不再执行")
LATE = re.compile(r"补缴|逾期|错过|未在|中途")
FREED = re.compile(r"免(?:缴|除|交|费)")
AID = re.compile(r"资助|低保|特困|救助对象|脱贫")
EXCEPT = re.compile(r"([^,;(]+?)(?:除外|不受此限)")
SCHOOLED = ("preschool", "pupil", "student")
REGISTERED = re.compile(r"居住登记|居住证明|租房合同|租赁合同")


@dataclass(frozen=True, slots=True)
class _Unit:
    """A part of a sentence between semicolons, with what the sentence and the heading say of all parts."""

    text: str
    quote: str
    covered: bool


def doors(text: Text) -> tuple[list[Door], list[Doubt]]:
    """Return the doors that the notice states, and doubts: silence, contradiction, quoted or repealed rules."""
    found: list[Door] = []
    doubts: list[Doubt] = []
    for unit in _units(text):
        speaks = ELSEWHERE.search(unit.text) or PERMIT in unit.text or "户籍" in unit.text
        if REPEALED.search(unit.text) and speaks:
            doubts.append(Doubt("regime", "A repealed rule is quoted.", "引用已废止的规定。", unit.quote))
        elif CITED.search(unit.text) and speaks and not HERE.search(unit.text):
            doubts.append(
                Doubt(
                    "regime",
                    "A national rule is quoted, not the place's own.",
                    "引用国家规定，未写明本地规定。",
                    unit.quote,
                )
            )
        else:
            found += _of_unit(unit)
    kept, contradictions = _consistent(found)
    doubts += contradictions
    if not kept and not contradictions:
        doubts.append(Doubt("regime", "Nothing is said of people from elsewhere.", "未写明外地户籍人员能否参保。"))
    return kept, doubts


def _units(text: Text) -> list[_Unit]:
    """Return the parts of all sentences that state something: a question does not."""
    units: list[_Unit] = []
    line, covered = -1, False
    for sentence in text.sentences:
        held = covered and sentence.line == line
        covered = held or bool(COVERED.search(sentence.heading) or COVERED.search(sentence.text))
        line = sentence.line
        if sentence.text.endswith("?"):
            continue
        first, *rest = HOUSEHOLD.sub("户籍", sentence.text.rstrip("。")).split(";")
        subject = SUBJECT.match(first)
        about = subject[0] if subject and ELSEWHERE.search(subject[0]) else ""
        units += [_Unit(part, sentence.quote.strip(), covered) for part in (first, *(about + part for part in rest))]
    return units


def _of_unit(unit: _Unit) -> list[Door]:
    """Return the doors of one part of a sentence."""
    found = _closed(unit)
    if found:
        return [*found, *_pupils(unit)]
    if full := _full(unit):
        return full
    for reader in (_relative, _permit, _pupils, _open):
        found = reader(unit)
        if found:
            return found
    return []


def _door(unit: _Unit, phrase: str, regime: str, **needs: bool) -> Door:
    classes = persons.named(phrase)
    return Door(classes or CLASSES, regime, tuple(needs.items()), unit.quote, general=not classes)


def _closed(unit: _Unit) -> list[Door]:
    shut = CLOSED.search(unit.text) if ELSEWHERE.search(unit.text) else None
    only = LOCALS_ONLY.search(unit.text)
    match = only or shut
    if match is None:
        return []
    phrase = re.sub(EXCEPT, "", unit.text[: match.start()])
    if OPEN.search(unit.text) and not only:
        return []
    door = _door(unit, phrase.rsplit(":", 1)[-1], "hukou_only")
    rest = bool(re.search(r"其他|其余", phrase) or NO_PERMIT.search(unit.text))
    excepted = [classes for words in EXCEPT.findall(unit.text) if (classes := persons.named(words))]
    if only and (listed := OR_PUPIL.search(unit.text)):
        excepted.append(tuple(name for name in persons.named(listed[0]) if name in SCHOOLED) or SCHOOLED[1:])
    doors_ = [Door(classes, "open", (("student_here", True),), unit.quote) for classes in excepted]
    return [replace(door, rest=rest), *doors_]


def _full(unit: _Unit) -> list[Door]:
    words = FULL.search(unit.text)
    without = NO_PERMIT.search(unit.text)
    outside = ELSEWHERE.search(unit.text) or without or PERMIT in unit.text
    if not (words and outside) or (LATE.search(unit.text) and not ELSEWHERE.search(unit.text)):
        return []
    needs: dict[str, bool] = {}
    if PERMIT in unit.text:
        needs["has_permit"] = not without
    excepted = {name for said in EXCEPT.findall(unit.text) for name in persons.named(said)}
    door = _door(unit, re.sub(EXCEPT, "", unit.text[: words.start()]), "full_cost", **needs)
    return [replace(door, classes=persons.ordered(set(door.classes) - excepted))]


def _relative(unit: _Unit) -> list[Door]:
    match = PARENT.search(unit.text)
    if not match or AND_CHILDREN.search(unit.text) or CLOSED.search(unit.text) or FREED.search(unit.text):
        return []
    if not (unit.covered or ADMITTED.search(unit.text)):
        return []
    fact = "relative_has_permit" if PERMIT in unit.text and "参加" not in match[0] else "relative_insured"
    if "积分" in unit.text:
        fact = "points_qualified"
    classes = tuple(name for name in persons.named(unit.text) if name in persons.CHILDREN) or persons.CHILDREN
    return [Door(classes, "relative", ((fact, True),), unit.quote)]


def _permit(unit: _Unit) -> list[Door]:
    if PERMIT not in unit.text or NO_PERMIT.search(unit.text) or NOT_ASKED.search(unit.text):
        return []
    if not (unit.covered or ADMITTED.search(unit.text)) or AID.search(unit.text):
        return []
    needs = {"has_permit": True}
    if re.search(r"未在(?:户籍地|原籍)[^,;]{0,4}参保", unit.text):
        needs["insured_at_origin"] = False
    return [_door(unit, re.sub(AND_CHILDREN, "", unit.text), "residence_permit", **needs)]


def _pupils(unit: _Unit) -> list[Door]:
    listed = unit.covered and ENROLLED.search(unit.text) and (ELSEWHERE.search(unit.text) or "户籍" not in unit.text)
    here = SCHOOL_HERE.search(unit.text) and (unit.covered or re.search(r"参加|参保", unit.text))
    if not (SCHOOL.search(unit.text) or OPEN.search(unit.text) or listed or here):
        return []
    classes = tuple(name for name in persons.named(unit.text) if name in SCHOOLED)
    if not classes or not (unit.covered or ADMITTED.search(unit.text) or OPEN.search(unit.text)):
        return []
    return [Door(classes, "open", (("student_here", True),), unit.quote)]


def _open(unit: _Unit) -> list[Door]:
    unasked = NOT_ASKED.search(unit.text) and ELSEWHERE.search(unit.text) and ADMITTED.search(unit.text)
    identity = WITH_IDENTITY.search(unit.text) and ELSEWHERE.search(unit.text)
    living = LIVING_HERE.search(unit.text) and "户籍" not in unit.text and PERMIT not in unit.text
    if not (OPEN.search(unit.text) or unasked or identity or living):
        return []
    needs = {"registered_residence": True} if REGISTERED.search(unit.text) else {}
    return [_door(unit, unit.text, "open", **needs)]


def _consistent(found: list[Door]) -> tuple[list[Door], list[Doubt]]:
    """Return the doors without those that contradict each other; a rule for a class goes before one for everybody."""
    found = list({(door.classes, door.regime, door.needs, door.rest): door for door in reversed(found)}.values())[::-1]
    clashing: set[int] = set()
    doubts: list[Doubt] = []
    for at, one in enumerate(found):
        for later, other in enumerate(found[at + 1 :], at + 1):
            if _clash(one, other):
                clashing |= {at, later}
                quotes = " / ".join(dict.fromkeys((one.quote, other.quote)))
                doubts.append(
                    Doubt(
                        "regime", f"{one.regime} and {other.regime} at once.", "对外地户籍人员的规定前后不一。", quotes
                    )
                )
    kept: list[Door] = []
    special = {name for door in found if door.regime == "open" and not door.general for name in door.classes}
    for at, door in enumerate(found):
        classes = door.classes
        if door.general and door.regime in {"hukou_only", "full_cost"}:
            classes = persons.ordered(set(classes) - special)
        if at not in clashing and classes:
            kept.append(replace(door, classes=classes))
    return kept, doubts


def _clash(one: Door, other: Door) -> bool:
    if one.general != other.general or not set(one.classes) & set(other.classes) or one.rest or other.rest:
        return False
    regimes = {one.regime, other.regime}
    if "hukou_only" in regimes:
        return len(regimes) > 1 and "relative" not in regimes
    if regimes == {"open", "full_cost"}:
        return not (one.needs or other.needs)
    if regimes == {"residence_permit", "full_cost"}:
        return dict(one.needs).get("has_permit") is True and dict(other.needs).get("has_permit") is True
    return False
