"""Amounts, counts and shares as text: whole numbers in, text out, half up, never a float in between."""

from __future__ import annotations

from suiren.money import half_up

FEN_PER_UNIT = {"zh": 10**10, "en": 10**11}
"""Fen in the large unit of a language: 亿元 (10^8 yuan) and bn yuan (10^9 yuan)."""

MINUS = "−"


def large(fen: int, lang: str, signed: bool = False, decimals: int = 2) -> str:
    """Return `fen` in 亿元 or bn yuan with two decimals and no unit; with `signed` a plus sign for what is above 0."""
    return _decimal(fen, FEN_PER_UNIT[lang], decimals, signed)


def yuan(fen: int, signed: bool = False) -> str:
    """Return `fen` in yuan with two decimals and thousands marks."""
    return _decimal(fen, 100, 2, signed)


def persons(count: int, lang: str) -> str:
    """Return a number of persons: 万人 in Chinese, millions in English, one decimal; small ones in full."""
    small = {"zh": 10_000, "en": 100_000}[lang]
    if abs(count) < small:
        return f"{count:,}"
    return _decimal(count, {"zh": 10_000, "en": 1_000_000}[lang], 1 if lang == "zh" else 2, False)


def percent(share_bp: int, signed: bool = False) -> str:
    """Return a share in basis points as a percentage with one decimal; what is above 0 is never told as 0.0."""
    if 0 < share_bp < 5:
        return "<0.1%"
    return _decimal(share_bp, 100, 1, signed) + "%"


def share_bp(part: int, whole: int) -> int:
    """Return part / whole (both >= 0) in basis points, half up; 0 for an empty whole."""
    return half_up(part * 10_000, whole) if whole else 0


def per_head(fen: int, heads: int) -> int:
    """Return fen a head, half away from zero; 0 without heads."""
    if not heads:
        return 0
    size = half_up(abs(fen), heads)
    return -size if fen < 0 else size


def for_drawing(fen: int, lang: str) -> float:
    """Return `fen` in the large unit as the length of a mark; the text beside it comes from `large`."""
    return fen / FEN_PER_UNIT[lang]


def _decimal(value: int, unit: int, decimals: int, signed: bool) -> str:
    scaled = half_up(abs(value) * 10**decimals, unit)
    whole, rest = divmod(scaled, 10**decimals)
    sign = "" if not scaled else MINUS if value < 0 else "+" if signed else ""
    return f"{sign}{whole:,}.{rest:0{decimals}d}"
