"""Every text that a user sees, in Chinese and English, by key; and the names of schemes, places and facts."""

from __future__ import annotations

import string
from collections.abc import Sequence

from suiren import places
from suiren.laws import Law
from suiren.show.case_words import CASE_WORDS
from suiren.show.sentences import SENTENCES
from suiren.show.words import WORDS

LANGS = ("zh", "en")
ALL: dict[str, tuple[str, str]] = {**WORDS, **SENTENCES, **CASE_WORDS}
"""All texts: key → (Chinese, English)."""


def t(lang: str, key: str, **values: object) -> str:
    """Return the text of `key` in a language, its placeholders filled.

    Raises:
        KeyError: no such key or language: a fault of the program.
    """
    text = ALL[key][LANGS.index(lang)]
    return text.format(**values) if values else text


def known(lang: str, key: str, otherwise: str) -> str:
    """Return the text of `key`, or `otherwise` where no text has that key."""
    return t(lang, key) if key in ALL else otherwise


def placeholders(text: str) -> set[str]:
    """Return the names in braces in a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def scheme_name(label: str, lang: str) -> str:
    """Return a scheme's name for a heading: its words, then those of each option that differs from its default."""
    name, _, rest = label.partition(":")
    options = [known(lang, f"option_{option}", option) for option in rest.split(",") if option]
    told = known(lang, f"scheme_{name}", name)
    return told + "".join(f"{t(lang, 'comma') if lang == 'en' else '·'}{option}" for option in options)


def scheme_phrase(label: str, lang: str) -> str:
    """Return a scheme's name inside a sentence: today's law, the portable scheme, all at residence."""
    name, colon, rest = label.partition(":")
    heading = scheme_name(label, lang)
    told = scheme_name(name, lang)
    return known(lang, f"phrase_{name}", told) + (heading.removeprefix(told) if colon and rest else "")


def scheme_about(label: str, lang: str, seen: Sequence[str] = ()) -> str:
    """Return what a scheme does, with its options; shorter where one of the same name is among `seen`."""
    name, _, rest = label.partition(":")
    options = [known(lang, f"longer_{o}", known(lang, f"option_{o}", o)) for o in rest.split(",") if o]
    joined = t(lang, "semicolon").join(options)
    about = known(lang, f"about_{name}", label)
    if not options:
        return about
    if name in seen:
        return t(lang, "same_but", scheme=scheme_phrase(name, lang), options=joined)
    return t(lang, "about_with", about=about, options=joined)


def province_name(code: str, lang: str) -> str:
    """Return the short name of a province: 浙江, Zhejiang."""
    place = places.get(code)
    return place.name_en if lang == "en" else place.short_zh


def population_name(name: str, lang: str) -> str:
    """Return the name of a population with what it is, or the name itself."""
    return known(lang, f"population_{name}", name)


def government(level: str, code: str, lang: str) -> str:
    """Return the name of a payer: the centre, a government by its place, city and county together, the person."""
    if level in {"centre", "individual", "medical_aid"}:
        return t(lang, f"one_{level}")
    name = places.name(code, lang)
    if level in {"city_and_county", "undivided"} or (level == "county" and code == places.get(code).pool):
        return t(lang, f"payer_{level}", place=name)
    return name


def fact_text(law: Law, name: str, lang: str) -> str:
    """Return what a fact says, from the law's own table, or its name."""
    for row in law.tables["facts"]:
        if row["name"] == name:
            return str(row[f"says_{lang}"])
    return known(lang, f"fact_{name}", name)


__all__ = [
    "ALL",
    "LANGS",
    "fact_text",
    "government",
    "known",
    "placeholders",
    "population_name",
    "province_name",
    "scheme_about",
    "scheme_name",
    "scheme_phrase",
    "t",
]
