"""How all pictures look: fonts, colours, quiet axes, a title that is a sentence."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl
from rich.cells import cell_len

from suiren.show.lines import wrapped

CHINESE = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC"
FONTS = {"zh": f"{CHINESE}, sans-serif", "en": f"Helvetica Neue, Segoe UI, Arial, {CHINESE}, sans-serif"}
WIDTH = 680
"""Width of a picture in pixels, all in."""

INK, FAINT, LINE = "#1c2733", "#5d6b79", "#dde3e8"
LESS, MORE = "#2a7f78", "#b4532a"
"""Paying less, paying more: told apart without red and green."""

AXIS = alt.AxisConfig(
    labelFontSize=12,
    titleFontSize=12,
    titleFontWeight="normal",
    labelColor=INK,
    titleColor=FAINT,
    gridColor=LINE,
    domainColor=LINE,
    tickColor=LINE,
    labelLimit=280,
)
"""Quiet axes."""

TITLE_COLUMNS = 88
"""Columns of a title line; a Chinese character takes two."""

PAYER_COLOURS = {
    "centre": "#16425b",
    "province": "#3a7ca5",
    "local": "#9fc9e2",
    "undivided": "#c3c9cf",
    "medical_aid": "#e9d8a6",
    "individual": "#e2a458",
}
DARK = ("centre", "province")
"""Payers whose colour needs white figures."""


def finished(chart: Any, lang: str, title: str, note: str = "") -> Any:
    """Return the chart itself, given its title, a smaller note under it, fonts and quiet axes."""
    told = alt.TitleParams(
        wrapped(title, TITLE_COLUMNS),
        subtitle=wrapped(note, TITLE_COLUMNS + 16) if note else [],
        anchor="start",
        fontSize=15,
        fontWeight=600,
        color=INK,
        lineHeight=21,
        subtitleFontSize=12,
        subtitleColor=FAINT,
        subtitlePadding=5,
        offset=12,
    )
    chart.title = told
    chart.config = alt.Config(
        font=FONTS[lang],
        background="white",
        padding={"left": 2, "right": 6, "top": 4, "bottom": 4},
        view=alt.ViewConfig(stroke=None),
        axis=AXIS,
        legend=alt.LegendConfig(
            labelFontSize=12, labelColor=INK, orient="top", title=None, symbolType="square", offset=6
        ),
    )
    return chart


def chart_of(rows: list[dict[str, Any]]) -> alt.Chart:
    """Return a chart on rows of its own, ready for marks; the types of its columns are said where they are used."""
    return alt.Chart(pl.DataFrame(rows))


def panel_title(text: str) -> Any:
    """Return the title of one panel of several, on as many lines as it needs."""
    return alt.TitleParams(wrapped(text, 24), fontSize=12, fontWeight=600, color=INK, anchor="middle", lineHeight=16)


def room_for(texts: list[str], size: int = 12) -> int:
    """Return the pixels that the longest of `texts` takes at a font size, with some air."""
    return max(map(cell_len, texts), default=0) * size * 6 // 11 + 8


__all__ = [
    "DARK",
    "FAINT",
    "FONTS",
    "INK",
    "LESS",
    "LINE",
    "MORE",
    "PAYER_COLOURS",
    "WIDTH",
    "chart_of",
    "finished",
    "panel_title",
    "room_for",
]
