"""What is read in a notice: findings with their quotes, and doubts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from suiren.laws.schema import CLASSES
from suiren.notices.persons import told

LONGEST_QUOTE = 300
"""Characters of a quote that joins two sentences of a notice."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something the notice leaves open: its topic (place, year, regime, amount), a sentence, the quote."""

    topic: str
    en: str
    zh: str
    quote: str = ""

    def says(self, lang: str) -> str:
        """Return one line in a language, with the quote where there is one."""
        said = self.zh if lang == "zh" else self.en
        return f"{self.topic}: {said}" + (f" 「{self.quote}」" if self.quote else "")


@dataclass(frozen=True, slots=True)
class Door:
    """Who from elsewhere is let in, on what terms; `general` where the sentence names no class."""

    classes: tuple[str, ...]
    regime: str
    needs: tuple[tuple[str, bool], ...]
    quote: str
    general: bool = False
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Amount:
    """A price of a year for a head in fen, for some classes and perhaps a tier."""

    classes: tuple[str, ...]
    item: str
    fen: int
    quote: str
    tier: str | None = None
    tier_name: str = ""
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """All that was found; `year` is the notice year, `place` a code."""

    place: str | None
    year: int | None
    coverage_year: int | None
    doors: tuple[Door, ...]
    amounts: tuple[Amount, ...]
    unsure: tuple[Doubt, ...]
    title: str
    raw: str

    @property
    def placed(self) -> bool:
        """Whether place and year are known, without which no row can stand in the law."""
        return self.place is not None and self.year is not None

    def to_dict(self, lang: str = "en") -> dict[str, Any]:
        """Return place, year, regimes, amounts and unsure as the command prints them, a class an entry."""
        regimes = [
            {"class": name, "regime": door.regime, "quote": door.quote}
            for door in self.doors
            for name in told(door.classes)
        ]
        return {
            "place": self.place,
            "year": self.year,
            "regimes": list({(entry["class"], entry["regime"]): entry for entry in reversed(regimes)}.values())[::-1],
            "amounts": _amounts(self.amounts, self.raw),
            "unsure": [doubt.says(lang) for doubt in self.unsure],
        }


def _amounts(amounts: tuple[Amount, ...], raw: str) -> list[dict[str, Any]]:
    """Return an entry for each class and tier, contribution and subsidy side by side."""
    entries: dict[tuple[str, str | None], dict[str, Any]] = {}
    for amount in amounts:
        for name in told(amount.classes):
            empty = {"class": name, "tier": amount.tier, "contribution_fen": None, "subsidy_fen": None, "quote": ""}
            entry = entries.setdefault((name, amount.tier), empty)
            entry[f"{amount.item}_fen"] = amount.fen
            entry["quote"] = _both(entry["quote"], amount.quote, raw)
    order = ("all", *CLASSES)
    return sorted(entries.values(), key=lambda entry: (order.index(entry["class"]), entry["tier"] or ""))


def _both(one: str, other: str, raw: str) -> str:
    """Return the text of the notice from one sentence through the other, or both where they stand far apart."""
    if not one or other in one:
        return one or other
    starts = sorted((raw.find(quote), quote) for quote in (one, other))
    (first, _), (last, end) = starts
    if first >= 0 and last + len(end) - first <= LONGEST_QUOTE:
        return raw[first : last + len(end)]
    return f"{one} … {other}"
