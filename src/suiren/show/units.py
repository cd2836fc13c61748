"""The units in which a comparison is told: they follow its size, so that a nation and one office both read well."""

from __future__ import annotations

from dataclasses import dataclass

from suiren.show.amounts import decimal
from suiren.show.texts import t

FEN = {
    "yuan": {"zh": 100, "en": 100},
    "middle": {"zh": 10**6, "en": 10**8},
    "large": {"zh": 10**10, "en": 10**11},
}
"""Fen in each unit of money: yuan; 万元 and million yuan; 亿元 and bn yuan."""

MIDDLE_FROM, LARGE_FROM = 10**9, 10**12
"""Fen of the dearest scheme from which money is told in the middle unit (10^7 yuan) and the large one (10^10 yuan)."""

MANY_PERSONS = 10**6
"""Persons from which they are told in 万人 and million persons; below one by one."""

HEADS = {"heads": {"zh": 1, "en": 1}, "many": {"zh": 10**4, "en": 10**6}}
FEW = {"zh": 10_000, "en": 100_000}
"""In a sentence of a large comparison, fewer persons than these are told one by one."""


@dataclass(frozen=True, slots=True)
class Units:
    """The units of one comparison in one language: of `money` (yuan, middle, large) and `persons` (heads, many)."""

    lang: str
    money: str
    persons: str

    @property
    def money_name(self) -> str:
        """The name of the unit of money: 元, 万元, 亿元; yuan, million yuan, bn yuan."""
        return t(self.lang, f"unit_money_{self.money}")

    @property
    def persons_name(self) -> str:
        """The name of the unit of persons: 人, 万人; persons, million persons."""
        return t(self.lang, f"unit_persons_{self.persons}")

    def amount(self, fen: int, signed: bool = False) -> str:
        """Return `fen` in the unit of money with two decimals, without its name."""
        return decimal(fen, FEN[self.money][self.lang], 2, signed)

    def brief(self, fen: int, most: int, digits: int, signed: bool = False) -> str:
        """Return `fen` as a picture has room for it: so that `most` fen take `digits` digits, two decimals at best."""
        unit = FEN[self.money][self.lang]
        decimals = min(max(digits - len(str(most // unit)), 0), 2)
        return decimal(fen, unit, decimals, signed)

    def length(self, fen: int) -> float:
        """Return `fen` in the unit of money as the length of a mark; the text beside it comes from `amount`."""
        return fen / FEN[self.money][self.lang]

    def count(self, persons: int) -> str:
        """Return persons in the unit of tables, without its name; some are never told as 0."""
        unit = HEADS[self.persons][self.lang]
        if unit == 1:
            return f"{persons:,}"
        decimals = 1 if self.lang == "zh" else 2
        least = f"0.{'0' * (decimals - 1)}1"
        return f"<{least}" if 0 < 2 * persons * 10**decimals < unit else decimal(persons, unit, decimals)

    def counted(self, persons: int) -> str:
        """Return persons inside a sentence, the unit of a large number with it: 282, 521.8万, 5.22 million."""
        if self.persons == "heads" or persons < FEW[self.lang]:
            return f"{persons:,}"
        return self.count(persons) + ("万" if self.lang == "zh" else " million")


def units_for(most_fen: int, persons: int, lang: str) -> Units:
    """Return the units of a comparison whose dearest scheme costs `most_fen` for so many persons."""
    money = "large" if most_fen >= LARGE_FROM else "middle" if most_fen >= MIDDLE_FROM else "yuan"
    return Units(lang, money, "many" if persons >= MANY_PERSONS else "heads")


__all__ = ["Units", "units_for"]
