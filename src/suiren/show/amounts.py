"""Amounts and shares as text: whole numbers in, text out, half up, never a float in between."""

from __future__ import annotations

from suiren.money import half_up

MINUS = "−"


def yuan(fen: int, signed: bool = False) -> str:
    """Return `fen` in yuan with two decimals and thousands marks."""
    return decimal(fen, 100, 2, signed)


def percent(share_bp: int, signed: bool = False) -> str:
    """Return a share in basis points as a percentage with one decimal; what is above 0 is never told as 0.0."""
    if 0 < share_bp < 5:
        return "<0.1%"
    return decimal(share_bp, 100, 1, signed) + "%"


def share_bp(part: int, whole: int) -> int:
    """Return part / whole (both >= 0) in basis points, half up; 0 for an empty whole."""
    return half_up(part * 10_000, whole) if whole else 0


def per_head(fen: int, heads: int) -> int:
    """Return fen a head, half away from zero; 0 without heads."""
    if not heads:
        return 0
    size = half_up(abs(fen), heads)
    return -size if fen < 0 else size


def decimal(value: int, unit: int, decimals: int, signed: bool = False) -> str:
    """Return value / unit with so many decimals and thousands marks; with `signed` a plus sign for what is above 0."""
    scaled = half_up(abs(value) * 10**decimals, unit)
    whole, rest = divmod(scaled, 10**decimals)
    sign = "" if not scaled else MINUS if value < 0 else "+" if signed else ""
    return f"{sign}{whole:,}" + (f".{rest:0{decimals}d}" if decimals else "")


__all__ = ["MINUS", "decimal", "per_head", "percent", "share_bp", "yuan"]
