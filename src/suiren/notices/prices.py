"""Contributions and subsidies in a notice: every sum of money, what it is the price of, and for whom."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace

from suiren.laws.schema import CLASSES
from suiren.money import parse_fen
from suiren.notices import persons
from suiren.notices.found import Amount, Doubt
from suiren.notices.text import Sentence, Text

MOST_FEN = 2_000_000
"""No price of a year for a head is above 20,000 yuan; what is above it is another kind of sum."""

MONEY = re.compile(
    r"(?:(?<![\d.,])(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(万)?|([一二两三四五六七八九十百千零]{2,}))元"
)

KINDS = re.compile(
    r"(?P<part>(?:中央|省级|市级|县级|区级|市县|省市县|省市|县区|镇级)(?:各级)?(?:财政)?(?:补助|承担|负担|安排|配套)?)"
    r"|(?P<total>筹资标准|筹资总额|人均筹资|筹资总|合计|总计|共计)"
    r"|(?P<subsidy>(?:各级)?(?:财政|政府)[^,;。:\d]{0,12}(?:补助|补贴)(?:标准|资金)?|(?<![省市县区央级])(?:财政|政府)补?[助贴]?(?=\d|$)|补助标准|(?:财政|政府)每人每年补[助贴])"
    r"|(?P<contribution>个人[^,;。:\d]{0,4}(?:缴费|缴纳|承担|筹资)(?:标准)?|缴费标准|缴费|缴纳|自缴|个人每人每年|个人(?=\d|$))"
)
"""What a sum is the price of: the last of these words before it decides."""

SCOPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("benefit", re.compile(r"报销|起付|支付限额|封顶|住院|门诊|医疗费用|药费|最高支付|意外伤害|大病保险")),
    ("aid", re.compile(r"资助|低保|特困|孤儿|残疾|困难|脱贫|返贫|监测对象|救助|优抚|减免|免缴|计划生育")),
    ("without", re.compile(r"(?:未|没有|无)(?:持有|取得|办理|办|持|领取)?[^,;]{0,6}居住证")),
    ("monthly", re.compile(r"每月|/月|月缴费|按月")),
    (
        "late",
        re.compile(
            r"补缴|逾期|错过|未在|未按时|集中(?:缴费|征缴|参保)期(?:后|外|结束)|中途|延期|超过|日(?:以|之)?(?:后|起)[^,;]{0,6}(?:参保|缴费)"
        ),
    ),
    (
        "full",
        re.compile(
            r"全额|(?:均|全部|都)由(?:本人|个人)|含(?:各级)?(?:财政|政府)[^,;]{0,6}补[助贴]|之和|全部费用|不予补助|不补助|不予补贴|不享受"
        ),
    ),
    (
        "national",
        re.compile(r"国家(?!.{0,4}居民).{0,8}(?:标准|规定|最低|要求|不低于)|全国|国家医保局|国办|国发|最低标准"),
    ),
    ("repealed", re.compile(r"废止|停止执行|不再执行|原标准")),
)
"""A part of a sentence that speaks of these holds no price of ours."""

_COVERS = re.compile(r"(档)\([^()]*\)")
"""What a tier covers, in brackets after its name: no word of it says what a sum is the price of."""

_TIER = re.compile(r"第?([一二三四1-4])档(?!次)|([高中低])档(?!次)|([ABCD甲乙丙丁])档(?!次)|(I{1,3}|IV|[ⅠⅡⅢⅣ])档(?!次)")
_OTHER_MONEY = re.compile(r"经费|资金|财政|政府|基金|奖|罚|安排|成本|工本")
"""Where no word tells what a sum is the price of, these tell that it is none of ours."""

_RISE = re.compile(r"(?:提高|增加|上调|降低|下调|上涨|增长|增)了?$")
_BASIS = re.compile(r"^(?:/|每人|人|年|·)*(?:的)?(?:提高|调整|增加|上调)(?:到|至|为)")
_EVENLY = re.compile(r"均|统一")
_LEAST = re.compile(r"(?:不低于|不少于)[^\d]{0,6}$")
_DIGITS, _UNITS = "零一二三四五六七八九", {"十": 10, "百": 100, "千": 1000}
_PERSONS = re.compile(r"(?:居民|人员|对象|群体)(?!基本|医)")
_HEAD = re.compile(r"每人|/人|人均|元/年|每年")


@dataclass(frozen=True, slots=True)
class _Said:
    """A sum, and whether its words name no class (everybody) or all those not named before (others)."""

    amount: Amount
    everybody: bool
    others: bool


def prices(text: Text, years: tuple[int | None, int | None], clear: bool) -> tuple[list[Amount], list[Doubt]]:
    """Return the amounts of the year that the notice is for, and what is left open; `clear`: its year is one."""
    said: list[_Said] = []
    doubts: list[Doubt] = []
    kind, line = "", -1
    for sentence in text.sentences:
        if sentence.line != line:
            kind, line = _last_kind(sentence.heading), sentence.line
        reader = _Sentence(sentence, text.title, years, clear, kind)
        found, open_ = reader.read()
        said += found
        doubts += open_
        kind = reader.kind
    amounts = _tiers(_shared(said))
    kept, contradictions = _agreed(amounts)
    return kept, [*doubts, *contradictions]


def _last_kind(phrase: str) -> str:
    found = [match.lastgroup or "" for match in KINDS.finditer(phrase)]
    return found[-1] if found else ""


class _Sentence:
    """Reads one sentence from left to right; classes, tier and kind hold until others are named."""

    def __init__(
        self, sentence: Sentence, title: str, years: tuple[int | None, int | None], clear: bool, kind: str
    ) -> None:
        self.sentence, self.title, self.years, self.clear = sentence, title, years, clear
        self.kind = kind
        self.classes = persons.named(sentence.heading)
        self.others = persons.others(sentence.heading)
        self.unknown = False
        self.tier = ""
        self.said: list[_Said] = []
        self.doubts: list[Doubt] = []

    def read(self) -> tuple[list[_Said], list[Doubt]]:
        """Return the amounts and doubts of the sentence."""
        text, last, first = self.sentence.text, 0, True
        for match in MONEY.finditer(text):
            before = text[last : match.start()]
            unit = text[text.rfind(";", 0, match.start()) + 1 : (text.find(";", match.end()) + 1 or len(text) + 1) - 1]
            self._context(before, first)
            self._one(match, text, unit)
            last, first = match.end(), False
        rest = _last_kind(text[last:])
        self.kind = rest or self.kind
        return self.said, self.doubts

    def _context(self, before: str, first: bool) -> None:
        """Take the kind, classes and tier named since the last sum."""
        kind = _last_kind(before)
        near = before.rsplit(";", 1)[-1]
        self.unknown = False
        classes, tier = persons.named(near), _TIER.search(near)
        if classes:
            self.classes, self.others, self.tier = classes, False, ""
        elif persons.others(near):
            self.classes, self.others, self.tier = (), True, ""
        elif persons.everybody(near) or _EVENLY.search(near) or (";" in before and kind and not first):
            self.classes, self.others, self.tier = (), False, ""
        elif self.classes and not first and _PERSONS.search(near):
            self.unknown = True
        elif kind and kind != self.kind and len({said.amount.tier_name for said in self.said if said.amount.tier}) > 1:
            several = ";" not in self.sentence.text
            self.tier = "" if several else self.tier
        if tier:
            self.tier = tier[0].removeprefix("第")
        elif "不分档" in near:
            self.tier = ""
        self.kind = kind or self.kind

    def _one(self, match: re.Match[str], text: str, unit: str) -> None:
        before, after = text[: match.start()], text[match.end() :]
        fen = _fen(match)
        plain = _COVERS.sub(r"\1", unit)
        scope = next((name for name, pattern in SCOPES if pattern.search(plain)), "")
        if scope == "national":
            self._doubt("The national figure is quoted, not the place's own.", "引用国家标准，未写明本地标准。")
        if scope == "monthly":
            self._doubt("The amount is for a month, not for a year.", "金额按月，不是按年。")
        if scope or fen is None or _RISE.search(before) or _BASIS.search(after):
            return
        if re.search(r"(?:比|较)[^,;]*$", before) or not self._of_year(before):
            return
        item = self._item(after, text)
        if item in {"part", "total"}:
            return
        if not item:
            self._doubt("What this sum is the price of is not said.", "未写明金额性质。")
            return
        if self.unknown:
            self._doubt("Which persons this is the price of is not plain.", "未能确定适用人群。")
            return
        at_least = bool(_LEAST.search(before))
        if at_least:
            self._doubt("The notice says at least, so the amount may be higher.", "写明“不低于”，实际可能更高。")
        classes = self.classes or CLASSES
        amount = Amount(classes, item, fen, self.sentence.quote.strip(), self.tier or None, self.tier, at_least)
        self.said.append(_Said(amount, not self.classes and not self.others, self.others))

    def _item(self, after: str, text: str) -> str:
        """Return contribution, subsidy, part, total, or nothing where no word tells."""
        if self.kind:
            return self.kind
        following = re.split(r"[,;。(]|\d", after, maxsplit=1)[0]
        if found := _last_kind(following):
            return found
        said = text[: len(text) - len(after)].rsplit(";", 1)[-1] + following
        if _OTHER_MONEY.search(said):
            return ""
        if self.tier or (re.search(r"缴费|征缴|征收", self.title) and (self.classes or _HEAD.search(text))):
            self.kind = "contribution"
        return self.kind

    def _of_year(self, before: str) -> bool:
        """Return False for a sum of another year than the notice's, or of one of several."""
        years = re.findall(r"(20\d\d)(年度|年)(?!\d{1,2}月)", before)
        if not years:
            return True
        if not self.clear:
            self._doubt("Which year's price is meant is not plain.", "年度不明，未采用该金额。")
            return False
        year, form = int(years[-1][0]), years[-1][1]
        notice, cover = self.years
        if notice is None:
            return True
        if form == "年度" and cover is not None:
            return year == cover
        return year in {notice, notice + 1 if cover is not None else notice}

    def _doubt(self, en: str, zh: str) -> None:
        doubt = Doubt("amount", en, zh, self.sentence.quote.strip())
        if doubt not in self.doubts:
            self.doubts.append(doubt)


def _fen(match: re.Match[str]) -> int | None:
    digits = match[1].replace(",", "") if match[1] else str(_spelt(match[3]))
    if match[2]:
        whole, _, part = digits.partition(".")
        shifted = part.ljust(4, "0")
        digits = f"{whole}{shifted[:4]}" + (f".{shifted[4:]}" if shifted[4:] else "")
    try:
        fen = parse_fen(digits)
    except ValueError:
        return None
    return fen if 0 < fen <= MOST_FEN else None


def _spelt(words: str) -> int:
    """Return the number that Chinese numerals below ten thousand spell."""
    total = digit = 0
    for word in words:
        if word in _UNITS:
            total += (digit or 1) * _UNITS[word]
            digit = 0
        else:
            digit = _DIGITS.index(word.replace("两", "二"))
    return total + digit


def _shared(said: list[_Said]) -> list[Amount]:
    """Return the amounts, those of "the others" and of everybody without the classes that have their own."""
    own: dict[str, set[str]] = defaultdict(set)
    for one in said:
        if not (one.everybody or one.others):
            own[one.amount.item] |= set(one.amount.classes)
    aged = {one.amount.item for one in said if one.amount.classes == ("elderly",)}
    amounts: list[Amount] = []
    for one in said:
        classes = one.amount.classes
        if one.everybody or one.others:
            classes = persons.ordered(set(CLASSES) - own[one.amount.item])
        elif set(classes) == set(persons.GROWN) and one.amount.item in aged:
            classes = ("adult",)
        if classes:
            amounts.append(replace(one.amount, classes=classes))
    return amounts


def _tiers(amounts: list[Amount]) -> list[Amount]:
    """Return the amounts with tiers numbered from the dearest contribution down, class by class."""
    dearest: dict[tuple[str, ...], dict[str, int]] = defaultdict(dict)
    for amount in amounts:
        if amount.tier_name and amount.item == "contribution":
            dearest[amount.classes].setdefault(amount.tier_name, amount.fen)
    numbered: list[Amount] = []
    for amount in amounts:
        if not amount.tier_name:
            numbered.append(amount)
            continue
        known = dearest.get(amount.classes) or next(iter(dearest.values()), {})
        order = sorted(known, key=lambda name: -known[name])
        if amount.tier_name in order:
            numbered.append(replace(amount, tier=f"tier_{order.index(amount.tier_name) + 1}"))
    return numbered


def _agreed(amounts: list[Amount]) -> tuple[list[Amount], list[Doubt]]:
    """Return the amounts that no other contradicts, once each, and a doubt for each contradiction."""
    values: dict[tuple[str, str | None, str], dict[int, str]] = defaultdict(dict)
    for amount in amounts:
        for name in amount.classes:
            values[name, amount.tier, amount.item].setdefault(amount.fen, amount.quote)
    kept: dict[tuple[object, ...], Amount] = {}
    for amount in amounts:
        classes = tuple(name for name in amount.classes if len(values[name, amount.tier, amount.item]) == 1)
        if classes:
            kept.setdefault((classes, amount.tier, amount.item, amount.fen), replace(amount, classes=classes))
    doubts: dict[tuple[str, ...], Doubt] = {}
    for (name, _, item), found in values.items():
        if len(found) > 1:
            listed = "、".join(f"{fen // 100}" for fen in found)
            quotes = " / ".join(dict.fromkeys(found.values()))
            doubts.setdefault(
                (item, listed),
                Doubt(
                    "amount",
                    f"Several amounts for {name} ({item}): {listed} yuan.",
                    f"同类人员金额不一：{listed}元。",
                    quotes,
                ),
            )
    return list(kept.values()), list(doubts.values())
