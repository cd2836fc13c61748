"""A scheme is a name with options: who pays under today's law or a reform. A reform is a value: law -> law."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from suiren.errors import Problem, did_you_mean, fail, raise_all
from suiren.money import LARGEST_TABLE_FEN

Value = str | int | Fraction


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a scheme: its default, how a text is read, and one sentence on what it means."""

    default: Value | None
    read: Callable[[str], Value]
    says: str


def _one_of(*names: str) -> Callable[[str], Value]:
    def read(text: str) -> Value:
        if text not in names:
            raise ValueError(f"{text!r} is none of {', '.join(names)}. {did_you_mean(text, names)}".rstrip(". "))
        return text

    return read


def _fen(text: str) -> Value:
    if not re.fullmatch(r"\d{1,18}", text):
        raise ValueError(f"{text!r} is not a whole number of fen, 0 or more")
    return int(text)


def _cap(text: str) -> Value:
    fen = _fen(text)
    if not isinstance(fen, int) or fen > LARGEST_TABLE_FEN:
        raise ValueError(f"{text} fen is above ten million yuan")
    return fen


def _rate(text: str) -> Value:
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{text!r} is not a number such as 0.1") from None
    if not 0 <= rate <= 10 or rate.denominator > 10**6:
        raise ValueError(f"{text} is not between 0 and 10 with at most six decimals")
    return rate


def _text(text: str) -> Value:
    if not text:
        raise ValueError("a file is missing")
    return text


_COMMON: dict[str, Option] = {
    "enrol": Option("observed", _one_of("observed", "residence", "hukou"), "where people are taken to be enrolled"),
    "basis": Option("months", _one_of("months", "per_head"), "subsidy pro rata by months, or for the full year"),
    "standard_cap": Option(None, _cap, "no local standard above this, fen a head; the national base stays"),
    "contribution_rate": Option(None, _rate, "contribution as a rate of the province's disposable income"),
}
_REGIME = Option("open", _one_of("open", "keep"), "pools take people from elsewhere as locals, or today's doors stay")

OPTIONS: dict[str, dict[str, Option]] = {
    "current": _COMMON,
    "portable": {
        **_COMMON,
        "regime": _REGIME,
        "province": Option("origin", _one_of("origin", "uniform"), "provincial part: the origin's, or one by region"),
        "floor": Option("province", _one_of("province", "place"), "what a uniform amount is held against"),
        "central_floor": Option("none", _one_of("none", "residence"), "central part not below the residence's own"),
        "surplus": Option("fund", _one_of("fund", "cap"), "upper money above the standard: the fund's, or cut"),
        "savings": Option("keep", _one_of("keep", "return"), "what the origin's province saves: kept, or returned"),
    },
    "risk-adjusted": {
        **_COMMON,
        "regime": _REGIME,
        "budget": Option(None, _fen, "central budget in fen; default: that of current on the same enrolment"),
        "weights": Option("illustrative", _text, "table of points by sex, age and health group"),
        "uplift": Option(Fraction(0), _rate, "more points for people from elsewhere: 0.1 is a tenth more"),
        "pool": Option("nation", _one_of("nation", "tier"), "one central budget, or one for each central tier"),
        "province": Option("own", _one_of("own", "yes"), "provincial money as today, or pooled by points too"),
    },
    "upper-funded": {**_COMMON, "regime": _REGIME},
}
"""Every scheme with its options."""

_REFUSED = (
    ("portable", "floor", "place", "province", "origin", "floor=place compares with a uniform amount"),
    ("risk-adjusted", "budget", None, "pool", "tier", "a fixed budget cannot be one for each tier"),
)


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme's name with the options that were set, sorted; `label` names it without those left at their default."""

    name: str = "current"
    options: tuple[tuple[str, Value], ...] = ()

    @property
    def label(self) -> str:
        """The scheme as the ledger names it: name, then options that differ from their defaults, sorted."""
        told = [f"{name}={_label(name, v)}" for name, v in self.options if v != OPTIONS[self.name][name].default]
        return f"{self.name}:{','.join(told)}" if told else self.name

    def __getitem__(self, option: str) -> Any:
        """Return the value of an option, its default where it was not set; `None` where the scheme has none such."""
        known = OPTIONS[self.name]
        return dict(self.options).get(option, known[option].default if option in known else None)


def _ended(text: str) -> str:
    return text if text.endswith((".", "?")) else f"{text}."


def _label(option: str, value: Value) -> str:
    """Return a value as the ledger shows it: of a file only its name, so that the folder it lies in does not matter."""
    return Path(str(value)).name if option == "weights" else _shown(value)


def _shown(value: Value) -> str:
    if isinstance(value, Fraction):
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        return f"{exact.normalize():f}" if Fraction(exact) == value else str(value)
    return str(value)


@dataclass(frozen=True, slots=True)
class Reform:
    """What a law becomes: another scheme (`None`: as it was) and settings. Reforms compose with `|`."""

    name: str | None = None
    settings: tuple[tuple[str, Value], ...] = field(default=())

    def __or__(self, other: Reform) -> Reform:
        """Return both reforms in one: the same in either order, or refused with the conflict named.

        Raises:
            SuirenError: two schemes, or one setting with two values.
        """
        if self.name and other.name and self.name != other.name:
            raise fail("E-reform-conflict", f"{self.name} and {other.name} are two schemes.", "A law has one.")
        both = dict(self.settings)
        for name, value in other.settings:
            if both.setdefault(name, value) != value:
                what = f"One reform sets {name}={_shown(both[name])}, the other {name}={_shown(value)}."
                raise fail("E-reform-conflict", what, "Which one holds would depend on their order.")
        return Reform(self.name or other.name, tuple(sorted(both.items())))


def reform(name: str | None, options: Mapping[str, object]) -> Reform:
    """Return the reform with these options, given as texts, numbers or fractions; `current` changes nothing itself.

    Raises:
        SuirenError: an unknown scheme or option, a value out of range; all at once.
    """
    if name is not None and name not in OPTIONS:
        hint = did_you_mean(name, OPTIONS) or f"The schemes are {', '.join(OPTIONS)}."
        raise fail("E-scheme", f"There is no scheme {name!r}.", do=hint)
    known = OPTIONS[name] if name else _COMMON
    problems: list[Problem] = []
    settings: dict[str, Value] = {}
    for option, value in options.items():
        if option not in known:
            hint = did_you_mean(option, known) or f"Its options are {', '.join(known)}."
            problems.append(Problem("E-option", f"{name or 'a law'} has no option {option!r}.", do=hint))
            continue
        try:
            settings[option] = known[option].read(str(value))
        except ValueError as error:
            problems.append(Problem("E-option-value", f"{name or 'law'}: {option}: {_ended(str(error))}"))
    raise_all(problems)
    return Reform(None if name == "current" else name, tuple(sorted(settings.items())))


def parse(text: str) -> Reform:
    """Return the reform that a text such as "portable:province=uniform,surplus=cap" names.

    Raises:
        SuirenError: an unknown scheme or option, an option twice, a value out of range.
    """
    name, _, rest = text.partition(":")
    options: dict[str, str] = {}
    problems: list[Problem] = []
    for part in rest.split(",") if rest else []:
        option, equals, value = part.partition("=")
        if not equals:
            problems.append(Problem("E-option", f"{part!r} in {text!r} is not OPTION=VALUE."))
        elif options.setdefault(option, value) != value:
            problems.append(
                Problem("E-option-conflict", f"{option} is set to {options[option]} and to {value}.", "Only one holds.")
            )
    raise_all(problems)
    return reform(name.strip(), options)


def apply(scheme: Scheme, change: Reform) -> Scheme:
    """Return `scheme` after a reform.

    Raises:
        SuirenError: the reform contradicts a reform applied before.
    """
    both = Reform(None if scheme.name == "current" else scheme.name, scheme.options) | change
    made = Scheme(both.name or "current", both.settings)
    for option, _ in made.options:
        if option not in OPTIONS[made.name]:
            raise fail(
                "E-option", f"{made.name} has no option {option!r}.", do=did_you_mean(option, OPTIONS[made.name])
            )
    return made


def check_scheme(scheme: Scheme) -> None:
    """Raise an error where options of a scheme contradict each other."""
    for name, option, value, other, wrong, why in _REFUSED:
        if scheme.name != name or dict(scheme.options).get(option) is None:
            continue
        if (value is None or scheme[option] == value) and scheme[other] == wrong:
            what = f"{scheme.label}: {option}={_shown(scheme[option])} contradicts {other}={wrong}."
            raise fail("E-option-conflict", what, f"({why}.)", f"Change {option} or {other}.")


def labels(schemes: Iterable[Scheme]) -> list[str]:
    """Return the labels of schemes in order.

    Raises:
        SuirenError: one scheme is named twice.
    """
    found: list[str] = []
    for scheme in schemes:
        if scheme.label in found:
            raise fail("E-scheme-twice", f"The scheme {scheme.label} is named twice.", do="Name it once.")
        found.append(scheme.label)
    return found
