"""Which place a notice is of, and which notice year."""

from __future__ import annotations

import functools
import re

from suiren import places
from suiren.errors import SuirenError
from suiren.notices.found import Doubt
from suiren.notices.text import LONGEST_TITLE, Text

_ISSUER = r"(?:医疗保障局|医保局|人民政府|税务局|财政局|人力资源)"
_SHORTEST = 3
MOST_OFFICES = 20
_YEAR = r"(20\d\d)"
_COVER = re.compile(_YEAR + r"(?:年度|医保年度)|" + _YEAR + r"年(?=[^,。;]{0,22}(?:参保|缴费|征缴|征收|保险费))")
_NATIONAL = re.compile(_YEAR + r"年(?!度)(?=[^。;]{0,30}(?:保障工作|筹资标准|补助标准|医疗保险工作))")
_DATE = re.compile(r"(?:^|局)" + _YEAR + r"年\d{1,2}月\d{1,2}日$")


@functools.cache
def _names() -> re.Pattern[str]:
    """Return a pattern of all Chinese names in full or with a shortened ending, the longest first."""
    names = {
        name
        for place in places.all_places()
        if place.level != "zone"
        for name in (place.name_zh, place.short_zh + place.unit)
        if len(name) >= _SHORTEST
    }
    return re.compile("(?:" + "|".join(sorted(names, key=lambda name: (-len(name), name))) + ")+")


def place_of(text: Text) -> tuple[str | None, list[Doubt]]:
    """Return the code of the place: named in the title, else by the issuing office; doubts where it is not plain."""
    heads = [text.title, *(line[:LONGEST_TITLE] for line in text.lines[1:3] if re.search(r"关于|通知|通告|公告", line))]
    offices = [line for line in text.lines if re.search(_ISSUER, line)][:MOST_OFFICES]
    for zone in (heads, [_issuers(line) for line in offices]):
        found = _lowest([code for line in zone for code in _codes(re.sub(r"《[^》]*》", "", line))])
        if len(found) == 1:
            return found[0], []
        if found:
            listed = "、".join(places.name(code) for code in found)
            return None, [Doubt("place", f"Several places are named: {listed}.", f"提到多个地方：{listed}。")]
    return None, [Doubt("place", "Neither title nor issuing office names a place.", "标题和发文机关未写明地方。")]


def _issuers(line: str) -> str:
    return ",".join(re.findall(r"([\u4e00-\u9fff]+?)" + _ISSUER, line)) if len(line) < 40 else ""


def _codes(line: str) -> list[str]:
    found: list[str] = []
    above = ""
    for match in _names().finditer(line):
        for name in (match[0], above + match[0]):
            try:
                found.append(places.find(name, "any").code)
            except SuirenError:
                continue
            above = name
            break
    return found


def _lowest(codes: list[str]) -> list[str]:
    """Return the places that no other of them lies in, in order."""
    kept = dict.fromkeys(codes)
    held = [places.get(code) for code in kept]
    above = {code for place in held for code in (place.parent, place.pool, place.province) if code != place.code}
    return [place.code for place in held if place.code not in above]


def years_of(text: Text) -> tuple[int | None, int | None, list[Doubt]]:
    """Return (notice year, coverage year, doubts); a coverage year is one more than its notice year."""
    for zone in (text.title, " ".join(text.lines[1:])):
        cover = sorted({int(one or two) for one, two in _COVER.findall(zone)})
        national = sorted({int(year) for year in _NATIONAL.findall(zone)})
        if zone is not text.title:
            cover = _main(cover, zone)
        if len(cover) == 1:
            return cover[0] - 1, cover[0], _dated(text, cover[0])
        if len(cover) > 1:
            listed = "、".join(map(str, cover))
            return None, None, [Doubt("year", f"Several coverage years: {listed}.", f"出现多个参保年度：{listed}。")]
        if len(national) == 1:
            return national[0], None, []
    return None, None, [Doubt("year", "No coverage year and no notice year is named.", "未写明参保年度或政策年度。")]


def _main(cover: list[int], zone: str) -> list[int]:
    """Return the coverage years without those only compared with."""
    compared = {int(year) for year in re.findall(r"(?:比|较|\()" + _YEAR + r"年", zone)}
    return [year for year in cover if year not in compared]


def _dated(text: Text, cover: int) -> list[Doubt]:
    """Return a doubt where the notice is dated otherwise than in the year before the cover."""
    dates = [int(match[1]) for line in text.lines[-3:] if (match := _DATE.search(line))]
    if dates and dates[-1] != cover - 1:
        return [
            Doubt(
                "year",
                f"Cover is for {cover}, but the notice is dated {dates[-1]}.",
                f"参保年度为{cover}年，落款为{dates[-1]}年。",
            )
        ]
    return []
