"""Pictures of an evaluation: over- and under-payment with intervals, of groups, funds and provinces."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

from suiren.risk.evaluate.judged import Evaluation
from suiren.risk.evaluate.words import group_name, opened, t
from suiren.show.amounts import decimal, percent, share_bp
from suiren.show.style import FAINT, INK, PAYER_COLOURS, WIDTH, chart_of, finished, room_for

LESS, MORE = "#b4532a", PAYER_COLOURS["province"]
"""Below cost, above cost: told apart without red and green."""
RATIOS = (0, 8000, 9000, 9500, 10_500, 11_000, 12_000)
"""Ratios of payment to cost, basis points, at which a class of funds begins."""
PANELS = {
    "people": ("age", "origin", "history", "promise"),
    "health": ("health", "months"),
    "provinces": ("province",),
}
EVEN_FEN = 50
ROOM = 1.25
"""The scale ends so far beyond the longest bar; an interval that reaches further is cut there."""
QUIET = alt.Axis(ticks=False, domain=False, labelPadding=6, labelFontSize=11)


def charts(found: Evaluation, lang: str) -> dict[str, Any]:
    """Return the pictures by name: `people`, `health`, `funds`, `provinces`; each has a scale of its own."""
    made: dict[str, Any] = {}
    for name, kinds in PANELS.items():
        table = found.groups.filter(pl.col("kind").is_in(kinds))
        if table.height:
            made[name] = bars(table.sort("over_a_year_fen") if name == "provinces" else table, lang)
    return {**made, "funds": funds(found, lang)}


def bars(table: pl.DataFrame, lang: str) -> alt.TopLevelMixin:
    """Return a bar for each group, yuan a person-year above or below its cost, with its interval."""
    rows = [_row(row, lang) for row in table.iter_rows(named=True)]
    order = [str(row["group"]) for row in rows]
    figures = [str(row["text"]) for row in rows]
    width = WIDTH - room_for(order, 11) - room_for(figures, 11)
    ends = [ROOM * end([0.0, *(float(row["over"]) for row in rows)]) for end in (min, max)]
    low, high = ends[0] - ends[1] / 9, ends[1] - ends[0] / 9
    if low == high:
        low, high = -1.0, 1.0
    rows = [row | _cut(row, low, high) for row in rows]
    axis = alt.Axis(format=",.0f", tickCount=7)

    def across(column: str) -> alt.X:
        scale = alt.Scale(domain=[low, high], nice=False)
        return alt.X(f"{column}:Q", title=t(lang, "axis_over"), axis=axis, scale=scale)

    base = chart_of(rows).encode(y=alt.Y("group:N", sort=order, title=None, axis=QUIET))
    drawn = base.mark_bar(height=9).encode(x=across("over"), color=alt.Color("colour:N", scale=None))
    lines = base.transform_filter("datum.low != null").mark_rule(color=INK, strokeWidth=1)
    lines = lines.encode(x=across("low"), x2="high:Q")
    weak = [
        base.transform_filter(f"datum.{end} != null")
        .mark_point(size=18, stroke=INK, fill="white", strokeWidth=1, opacity=1)
        .encode(x=across(end))
        for end in ("low_end", "high_end")
    ]
    told = base.mark_text(align="left", fontSize=10.5, color=INK).encode(x=alt.value(width + 8), text="text:N")
    zero = chart_of([{"zero": 0}]).mark_rule(color="#8a97a3").encode(x=across("zero"))
    layers = alt.layer(drawn, zero, lines, *weak, told, width=width, height=max(16 * len(order), 60))
    note = t(lang, "note_weak" if table["weak"].any() else "note_bars")
    return finished(layers, lang, _title(table, lang), note)


def _row(row: dict[str, Any], lang: str) -> dict[str, Any]:
    over = row["over_a_year_fen"]
    known = row["low_fen"] is not None
    return {
        "group": group_name(row["kind"], row["name"], lang, short=True),
        "over": over / 100,
        "low": row["low_fen"] / 100 if known else None,
        "high": row["high_fen"] / 100 if known else None,
        "weak": row["weak"],
        "colour": LESS if over < 0 else MORE,
        "text": decimal(over, 100, 0, signed=True),
    }


def _cut(row: dict[str, Any], low: float, high: float) -> dict[str, Any]:
    """Return the ends of an interval inside the scale, and where a weak one's marks stand: none beyond it."""
    if row["low"] is None:
        return {"low_end": None, "high_end": None}
    ends = {"low_end": row["low"], "high_end": row["high"]}
    marks = {name: end if row["weak"] and low <= end <= high else None for name, end in ends.items()}
    return {"low": min(max(row["low"], low), high), "high": min(max(row["high"], low), high), **marks}


def furthest(table: pl.DataFrame, way: int) -> dict[str, Any] | None:
    """Return the group furthest above (way 1) or below (-1) its cost whose interval lies off zero; `None` for none."""
    end = pl.col("low_fen") if way > 0 else -pl.col("high_fen")
    sure = table.filter((end > 0) & ~pl.col("weak") & (way * pl.col("over_a_year_fen") > EVEN_FEN))
    rows = sure.sort(way * pl.col("over_a_year_fen"), "name", descending=[True, False]).to_dicts()
    return rows[0] if rows else None


def _title(table: pl.DataFrame, lang: str) -> str:
    """Return a sentence that names the group furthest from its cost, either way."""
    ends = [(row, way) for way in (-1, 1) if (row := furthest(table, way)) is not None]
    if not ends:
        return t(lang, "fig_even")
    row, way = max(ends, key=lambda end: abs(end[0]["over_a_year_fen"]))
    values = {
        "yuan": decimal(abs(row["over_a_year_fen"]), 100, 0),
        "way": t(lang, "way_less" if way < 0 else "way_more"),
    }
    return opened(t(lang, "fig_people", group=group_name(row["kind"], row["name"], lang), **values))


def funds(found: Evaluation, lang: str) -> alt.TopLevelMixin:
    """Return columns: the share of person-months in funds by the ratio of their payment to their cost."""
    table = found.funds.filter(pl.col("ratio_bp").is_not_null())
    whole = int(found.funds["person_months"].sum())
    rows: list[dict[str, Any]] = []
    near = 0
    for number, low in enumerate(RATIOS):
        high = RATIOS[number + 1] if number + 1 < len(RATIOS) else None
        part = table.filter((pl.col("ratio_bp") >= low) & (pl.col("ratio_bp") < high if high else pl.lit(value=True)))
        months = int(part["person_months"].sum())
        near += months if high and low >= 9000 and high <= 11_000 else 0
        name = f"{low // 100}–{high // 100}%" if high and low else f"<{high // 100}%" if high else f"≥{low // 100}%"
        share = share_bp(months, whole)
        colour = LESS if high and high <= 9500 else MORE if low >= 10_500 else FAINT
        rows.append({"ratio": name, "share": share / 10_000, "text": f"{percent(share)}", "colour": colour})
    order = [str(row["ratio"]) for row in rows]
    axis = alt.Axis(labelAngle=0, ticks=False, domain=False)
    base = chart_of(rows).encode(
        x=alt.X("ratio:N", sort=order, title=t(lang, "col_ratio"), axis=axis),
        y=alt.Y("share:Q", title=t(lang, "axis_share"), axis=alt.Axis(format="%", tickCount=4)),
    )
    columns = base.mark_bar(width=52).encode(color=alt.Color("colour:N", scale=None))
    figures = base.mark_text(dy=-7, fontSize=11, color=INK).encode(text="text:N")
    layers = alt.layer(columns, figures, width=WIDTH - 60, height=190)
    return finished(layers, lang, t(lang, "fig_funds", share=percent(share_bp(near, whole))), t(lang, "note_funds"))


__all__ = ["bars", "charts", "funds", "furthest"]
