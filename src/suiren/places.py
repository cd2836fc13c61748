"""Provinces, pools and counties of the 2020 census: codes, parents, names in Chinese, pinyin and English.

There are 31 provinces; 367 pools, of which four municipalities are province and pool at once and 30 counties run by
their province are pool and county at once; and 2,987 counties, of which five are a prefecture without counties and
39 are development zones without a code, whose people count but which no record can name.

`find` reads what a person writes, `get` what a program holds. Where a text fits several places, the form of the name
decides first (a full Chinese name before a shortened one before short name, pinyin and English), then the level: a
pool before a province before a county, and for `want="any"` a province before a pool.
"""

from __future__ import annotations

import csv
import difflib
import functools
import unicodedata
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Literal

from suiren import errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import polars as pl

Want = Literal["pool_or_county", "province", "any"]
Lang = Literal["zh", "en"]

LIST_AT_MOST = 12
"""How many candidates an error about an ambiguous name lists; the rest are counted."""

FULL, CUT, SHORT = 0, 1, 2
"""Forms of a name: in full, with a shortened ending (临夏州), and short name, pinyin or English."""

UNITS = {
    "自治区": ("zizhiqu", "autonomousregion", "province"),
    "地区": ("diqu", "prefecture", "region"),
    "新区": ("xinqu", "newarea", "newdistrict"),
    "省": ("sheng", "province"),
    "市": ("shi", "city"),
    "区": ("qu", "district"),
    "县": ("xian", "county"),
    "旗": ("qi", "banner"),
    "盟": ("meng", "league"),
    "州": ("zhou", "prefecture"),
}
"""Unit words: pinyin, then English, as they are looked up after a name."""

CODES_WHY = "Codes and names are those of the 2020 census."


@dataclass(frozen=True, slots=True)
class Place:
    """One province, pool, county or zone; `parent` and `pool` are empty where there is none."""

    code: str
    level: str
    name_zh: str
    short_zh: str
    pinyin: str
    name_en: str
    parent: str
    pool: str
    province: str
    population: int

    def __hash__(self) -> int:
        """Hash of the code, which no two places share."""
        return hash(self.code)

    @property
    def is_pool(self) -> bool:
        """True for the 367 places that have a fund of their own."""
        return self.code == self.pool

    @property
    def is_province(self) -> bool:
        """True for the 31 provinces, the four municipalities among them."""
        return self.code == self.province

    @property
    def is_county(self) -> bool:
        """True for the 2,987 counties, zones and pools without counties below them among them."""
        return self.level in {"county", "county_pool", "zone"} or self.code in _own_counties()

    @property
    def unit(self) -> str:
        """One of the keys of `UNITS`, with which the full name ends, or an empty text where the short name does."""
        ending = self.name_zh.removeprefix(self.short_zh)
        return next((unit for unit in UNITS if ending.endswith(unit)), "")

    def name(self, lang: str = "zh") -> str:
        """Return the full Chinese name, or the English name for `lang="en"`."""
        return self.name_en if lang == "en" else self.name_zh


@functools.cache
def all_places() -> tuple[Place, ...]:
    """Return the 3,346 places, sorted by code."""
    text = resources.files("suiren").joinpath("data/places.csv").read_text(encoding="utf-8")
    rows = csv.reader(text.splitlines()[1:])
    return tuple(
        Place(code, level, name_zh, short_zh, pinyin, name_en, parent, pool, province, int(population))
        for code, level, parent, pool, province, name_zh, short_zh, pinyin, name_en, population in rows
    )


@functools.cache
def _by_code() -> dict[str, Place]:
    """Return {code: place}, zones by their census id."""
    return {place.code: place for place in all_places()}


@functools.cache
def _own_counties() -> frozenset[str]:
    """Return the codes of the five prefectures that have no county below them."""
    parents = {place.parent for place in all_places()}
    return frozenset(place.code for place in all_places() if place.level == "pool" and place.code not in parents)


@functools.cache
def provinces() -> tuple[Place, ...]:
    """Return the 31 provinces, sorted by code."""
    return tuple(place for place in all_places() if place.is_province)


@functools.cache
def pools() -> tuple[Place, ...]:
    """Return the 367 pools, sorted by code."""
    return tuple(place for place in all_places() if place.is_pool)


@functools.cache
def counties() -> tuple[Place, ...]:
    """Return the 2,987 counties and zones, sorted by code; they divide the country without rest."""
    return tuple(place for place in all_places() if place.is_county)


def frame() -> pl.DataFrame:
    """Return code, pool_code, province_code (Int32; no pool for a province) and level of all places but the zones."""
    import polars as pl  # the rest of this module does without

    coded = [place for place in all_places() if place.level != "zone"]
    return pl.DataFrame(
        {
            "code": [int(place.code) for place in coded],
            "pool_code": [int(place.pool) if place.pool else None for place in coded],
            "province_code": [int(place.province) for place in coded],
            "level": [place.level for place in coded],
        },
        schema={"code": pl.Int32, "pool_code": pl.Int32, "province_code": pl.Int32, "level": pl.String},
    )


def get(code: str | int) -> Place:
    """Return the place with exactly this code, whatever its level; an unknown code is an error."""
    place = _by_code().get(str(code).strip())
    if place is None:
        near = _labels(_nearest_codes(str(code).strip()))
        hint = f"The nearest are {near}." if near else "A code has six digits; 622900 is 临夏回族自治州."
        raise errors.fail("E-place-unknown", f"No place has the code {code}.", CODES_WHY, hint)
    return place


def name(code: str | int, lang: str = "zh") -> str:
    """Return the Chinese or English name of the place with this code."""
    return get(code).name(lang)


def find(text: str | int, want: Want = "pool_or_county") -> Place:
    """Return the one place that `text` names: a code, a Chinese name, pinyin or English, the place above in front.

    For `pool_or_county` a province is refused; a municipality is a pool and is not.
    """
    written = str(text).strip()
    key = _key(written)
    if key.isdecimal() or written in _by_code():
        candidates = [get(written if written in _by_code() else key)]
    else:
        candidates = _named(written)
    if not candidates:
        raise _unknown(written, want)
    return _chosen(written, candidates, want)


def _chosen(written: str, candidates: list[Place], want: Want) -> Place:
    """Return the one of `candidates` that stands highest in the order of `want`, or raise what is in the way."""
    addressed = [place for place in candidates if place.level != "zone"]
    if not addressed:
        raise _zone(candidates[0])
    if want == "province":
        addressed = [place for place in addressed if place.is_province]
        if not addressed:
            raise _no_province(written, candidates[0])
    best = min(_rank(place, want) for place in addressed)
    first = [place for place in addressed if _rank(place, want) == best]
    if want == "pool_or_county" and not first[0].pool:
        raise _province_given(written, first[0], [place for place in addressed if place.pool])
    if len(first) > 1:
        raise _ambiguous(written, first)
    elsewhere = [place for place in addressed if not place.pool and place.code != first[0].province]
    if want == "pool_or_county" and elsewhere:
        raise _province_given(written, elsewhere[0], [place for place in addressed if place.pool])
    return first[0]


def _rank(place: Place, want: Want) -> int:
    """Return the order of `place` among places of one name, 0 first."""
    if not place.pool:
        return 0 if want == "any" else 2
    return 1 if place.is_pool else 3


def _key(text: str, umlaut: str = "v") -> str:
    """Return `text` as it is looked up: lower case, no tones, blanks or marks, ü as `umlaut`, full-width as ASCII."""
    if not text.isascii():
        text = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).lower()).replace("u\u0308", umlaut)
    return "".join(filter(str.isalnum, text.lower()))


def _forms(place: Place) -> Iterator[tuple[str, int]]:
    """Yield each way to write `place` with its form, FULL, CUT or SHORT; the first one of a key counts."""
    english = _key(place.name_en)
    unit = place.unit
    yield place.name_zh, FULL
    if place.level != "zone":
        yield place.short_zh + unit, CUT
        yield place.short_zh, SHORT
    yield place.pinyin, SHORT
    yield english, SHORT
    if unit:
        syllables, *words = UNITS[unit]
        yield place.pinyin + syllables, SHORT
        yield from ((english + word, SHORT) for word in words)


@functools.cache
def _index() -> dict[str, dict[Place, int]]:
    """Return {text as looked up: {place: best form}}."""
    index: dict[str, dict[Place, int]] = {}
    for place in all_places():
        for text, form in _forms(place):
            index.setdefault(text, {}).setdefault(place, form)
    return index


def _named(written: str) -> list[Place]:
    """Return the places that `written` names in its best form; with a comma also read from the last part back."""
    parts = unicodedata.normalize("NFKC", written).replace("、", ",").split(",")
    texts = (written, "".join(reversed(parts)))
    for key in dict.fromkeys(_key(text, umlaut) for text in texts for umlaut in "vu"):
        found = _index().get(key) or _below(key) or _without_umlaut(key)
        if found:
            best = min(found.values())
            return [place for place, form in found.items() if form == best]
    return []


def _below(key: str) -> dict[Place, int]:
    """Return the places named by an end of `key` whose beginning names their pool, their province or both."""
    found: dict[Place, int] = {}
    for cut in range(2, len(key) - 1):
        for place, form in _index().get(key[cut:], {}).items():
            if key[:cut] in _above(place):
                found[place] = min(form, found.get(place, form))
    return found


@functools.cache
def _above(place: Place) -> frozenset[str]:
    """Return the texts that may stand before the name of `place`: province, pool, province and pool."""
    province = [text for text, _ in _forms(get(place.province))] if not place.is_province else []
    if place.is_pool or not place.pool:
        return frozenset(province)
    pool = [text for text, _ in _forms(get(place.pool))]
    return frozenset([*province, *pool, *(first + last for first in province for last in pool)])


def _without_umlaut(key: str) -> dict[Place, int]:
    """Return the places that `key` names if an u or yu in it stands for ü; looked at only where nothing else fits."""
    return {
        place: form
        for text, places in _index().items()
        if "v" in text and key in {text.replace("v", "u"), text.replace("v", "yu")}
        for place, form in places.items()
    }


def _labels(places: Iterable[Place]) -> str:
    """Return the places with code, name and where they lie, separated by commas."""
    shown = list(places)
    texts = [f"{place.code} {_address(place)}" for place in shown[:LIST_AT_MOST]]
    rest = len(shown) - len(texts)
    return ", ".join(texts) + (f" and {rest} more" if rest else "")


def _address(place: Place) -> str:
    """Return the Chinese name with province and pool before it, as `find` reads it back."""
    above = dict.fromkeys(code for code in (place.province, place.pool) if code and code != place.code)
    return "".join(get(code).name_zh for code in above) + place.name_zh


def _unknown(written: str, want: Want) -> errors.SuirenError:
    """Return the error for a text that names no place, with the nearest names."""
    near = _nearest_names(written, want)
    return errors.fail(
        "E-place-unknown",
        f"No place is called “{written}”.",
        CODES_WHY,
        f"Did you mean {_labels(near)}?" if near else "Give a six-digit code, a Chinese name, pinyin or English.",
    )


def _zone(place: Place) -> errors.SuirenError:
    """Return the error for a development zone without a code."""
    return errors.fail(
        "E-place-zone",
        f"{place.name_zh} is a development zone without a code of its own.",
        "No record or government can be put under it.",
        f"Name the county it lies in, or its city {place.pool} {get(place.pool).name_zh}.",
    )


def _province_given(written: str, province: Place, others: list[Place]) -> errors.SuirenError:
    """Return the error for a province where a pool or a county is needed."""
    below = sorted((place for place in pools() if place.province == province.code), key=lambda place: -place.population)
    known = f" If you mean {_labels(others)}, write that." if others else ""
    return errors.fail(
        "E-place-province",
        f"“{written}” is a province ({province.code} {province.name_zh}).",
        "Funds and subsidies are set for each pool, so a province alone does not say who pays.",
        f"Name a prefecture or a county in it, such as {', '.join(place.name_zh for place in below[:4])}.{known}",
    )


def _no_province(written: str, place: Place) -> errors.SuirenError:
    """Return the error for a place below a province where a province is needed."""
    return errors.fail(
        "E-place-not-province",
        f"“{written}” is not a province: it is {place.code} {_address(place)}.",
        "Here a whole province is meant.",
        f"Its province is {place.province} {get(place.province).name_zh}.",
    )


def _ambiguous(written: str, places: list[Place]) -> errors.SuirenError:
    """Return the error for a name that several places of one level have."""
    return errors.fail(
        "E-place-ambiguous",
        f"“{written}” is the name of {len(places)} places: {_labels(places)}.",
        "Each has its own fund or its own share of the subsidy.",
        f"Write the code, or the name with what lies above it, such as {_address(places[0])}.",
    )


def _nearest_codes(code: str) -> list[Place]:
    """Return the three places whose codes differ from `code` in two digits at most, exchanged neighbours first."""
    if not (code.isdecimal() and len(code) == 6):
        return []
    swapped = {code[:at] + code[at + 1] + code[at] + code[at + 2 :] for at in range(5)}
    differ: dict[Place, int] = {}
    for place in all_places():
        digits = sum(left != right for left, right in zip(code, place.code, strict=False))
        if digits <= 2 and place.level != "zone":
            differ[place] = 0 if place.code in swapped else digits
    return sorted(differ, key=lambda place: (differ[place], abs(int(place.code) - int(code))))[:3]


def _nearest_names(written: str, want: Want) -> list[Place]:
    """Return the three places whose names are nearest to `written`, in the province that it begins with if any."""
    key = _key(written)
    province = max(
        (text for place in provinces() for text, _ in _forms(place) if key.startswith(text) and key != text),
        key=len,
        default="",
    )
    inside = {place.code for place in provinces() if province in {text for text, _ in _forms(place)}}
    scores: dict[Place, tuple[float, int, int]] = {}
    for place in all_places():
        wanted = {"any": True, "province": place.is_province, "pool_or_county": bool(place.pool)}[want]
        if place.level == "zone" or not wanted or (inside and place.province not in inside):
            continue
        score = _likeness(key.removeprefix(province), place)
        if score is not None:
            scores[place] = (*score, _rank(place, want))
    return sorted(scores, key=lambda place: (*scores[place], place.code))[:3]


def _likeness(key: str, place: Place) -> tuple[float, int] | None:
    """Return (minus the likeness, distance of the first other character) of `key` and `place`, None where unlike."""
    chinese = any(char > "\u2fff" for char in key)
    texts = (place.name_zh, place.short_zh) if chinese else (place.pinyin, _key(place.name_en))
    best: tuple[float, int] | None = None
    for text in texts:
        matcher = difflib.SequenceMatcher(None, text, key)
        least = 0.5 if chinese else 0.7
        if matcher.real_quick_ratio() < least or matcher.quick_ratio() < least or matcher.ratio() < least:
            continue
        score = (-matcher.ratio(), _first_difference(text, key))
        best = min(best, score) if best else score
    return best


def _first_difference(one: str, other: str) -> int:
    """Return how far apart the first differing characters stand in GB 2312, whose common part is ordered by sound.

    Input methods make mistakes by sound, so 厦 for 夏 is nearer than 汾 for 夏.
    """
    pair = next(((a, b) for a, b in zip(one, other, strict=False) if a != b), None)
    if pair is None:
        return 0
    left, right = (int.from_bytes(char.encode("gb18030")[:2], "big") for char in pair)
    return abs(left - right)
