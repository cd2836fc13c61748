"""What a study is made of: items held against the printed ones, tables and figures.

Numbers are exact: an integer, a `Decimal` or a `Fraction`, never a float. A printed number is text, because its
decimals say how it was rounded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import altair as alt
    import polars as pl

Exact = int | Decimal | Fraction
Verdict = Literal["agrees", "disagrees", "input", "found", "none"]
OF_PAPER = ("Taken from the paper itself, so that it agrees proves nothing.", "取自论文本身，相符不构成印证。")


@dataclass(frozen=True, slots=True)
class Item:
    """One printed number, ratio or claim of a paper and what is found for it.

    `id` is the inventory row and the part of it (`A-F3.hangzhou`); `printed` and `computed` are text as printed, None
    where the paper prints nothing or where nothing can be computed; `agrees` is None where there is nothing to hold
    against. The notes say how it was computed, why it disagrees and what is assumed. `from_paper`: the number went in
    as the paper prints it, so that it comes out again reproduces nothing. `printed_zh` and `computed_zh` are what a
    Chinese reader sees where the texts are words.
    """

    id: str
    printed: str | None
    computed: str | None
    agrees: bool | None
    en: str = ""
    zh: str = ""
    from_paper: bool = False
    printed_zh: str = ""
    computed_zh: str = ""

    @property
    def verdict(self) -> Verdict:
        """What came of it.

        `agrees`, `disagrees`, `input` (agrees because it was taken from the paper), `found` (nothing printed to hold it
        against) or `none` (cannot be computed).
        """
        if self.agrees is not None:
            return "disagrees" if not self.agrees else "input" if self.from_paper else "agrees"
        return "none" if self.computed is None else "found"

    def note(self, lang: str) -> str:
        """The note in `lang`; the other language's where only that is written."""
        own = (self.zh or self.en) if lang == "zh" else (self.en or self.zh)
        if self.verdict != "input":
            return own
        return OF_PAPER[1] + own if lang == "zh" else f"{OF_PAPER[0]} {own}".rstrip()


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A named table of results, with its title and note in both languages.

    `page` names the columns that the page and the Markdown text have room for; the files hold all.
    """

    id: str
    en: str
    zh: str
    frame: pl.DataFrame
    note_en: str = ""
    note_zh: str = ""
    page: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A named chart; its labels are in the language the study was asked in."""

    id: str
    en: str
    zh: str
    chart: alt.TopLevelMixin


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """A paper computed anew: its items, tables and figures, with ids that are unique among each."""

    name: str
    en: str
    zh: str
    items: tuple[Item, ...]
    tables: tuple[Table, ...]
    figures: tuple[Figure, ...]

    def __post_init__(self) -> None:
        """Refuse two items, tables or figures of one id: the second would overwrite the first in a folder."""
        for kind, parts in (("item", self.items), ("table", self.tables), ("figure", self.figures)):
            twice = repeated(part.id for part in parts)
            if twice:
                raise ValueError(f"study {self.name}: {kind} ids stand twice: {', '.join(twice)}")

    def counts(self) -> dict[Verdict, int]:
        """How many items agree, disagree, were taken from the paper, stand alone, and cannot be computed."""
        told: dict[Verdict, int] = {"agrees": 0, "disagrees": 0, "input": 0, "found": 0, "none": 0}
        for item in self.items:
            told[item.verdict] += 1
        return told


def repeated(ids: Iterable[str]) -> list[str]:
    """Ids that stand more than once, sorted."""
    seen: set[str] = set()
    twice: set[str] = set()
    for one in ids:
        (twice if one in seen else seen).add(one)
    return sorted(twice)


def rounded(value: Exact, decimals: int) -> str:
    """`value` as text with `decimals` places, halves rounded away from zero, computed exactly."""
    exact = Fraction(value)
    units = (2 * abs(exact) * 10**decimals + 1) // 2
    digits = str(units).rjust(decimals + 1, "0")
    sign = "-" if exact < 0 and units else ""
    return sign + (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits)


def decimals_of(printed: str) -> int:
    """How many decimals `printed` shows: 2 for "41.82", 0 for "7" and for "1,300"."""
    return len(printed.partition(".")[2])


def agrees(printed: str, computed: Exact) -> bool:
    """Whether `computed`, rounded half up to the decimals that are printed, is the printed number."""
    plain = printed.replace(",", "")
    return rounded(computed, decimals_of(plain)) == rounded(Decimal(plain), decimals_of(plain))


def held(item_id: str, printed: str, computed: Exact, en: str = "", zh: str = "", *, from_paper: bool = False) -> Item:
    """An item whose computed number is shown with the printed decimals and held against the printed one."""
    shown = rounded(computed, decimals_of(printed.replace(",", "")))
    return Item(item_id, printed, shown, agrees(printed, computed), en, zh, from_paper)


def of_paper(source: str) -> bool:
    """Whether a source of the law's tables is one of the two papers themselves."""
    return any(name in source for name in ("论文A", "论文B", "paper A", "paper B"))


def found(item_id: str, computed: str, en: str = "", zh: str = "", *, computed_zh: str = "") -> Item:
    """An item the paper prints no number for: what is found, with nothing to hold it against."""
    return Item(item_id, None, computed, None, en, zh, computed_zh=computed_zh)


def missing(item_id: str, printed: str | None, en: str, zh: str) -> Item:
    """An item that cannot be computed from what exists; the notes say why."""
    return Item(item_id, printed, None, None, en, zh)
