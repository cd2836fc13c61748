"""A heat table of the money's way: payers by region of the fund, the change as colour."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

from suiren.show.amounts import large, percent, share_bp
from suiren.show.style import INK, LESS, MORE, WIDTH, finished, panel_title, room_for
from suiren.show.summary import Summary
from suiren.show.sums import LOCAL, REGIONS
from suiren.show.texts import scheme_name, t

GROUPS: dict[str, tuple[str, ...]] = {
    "centre": ("centre",),
    "province": ("province",),
    "local": LOCAL,
    "undivided": ("undivided",),
    "individual": ("individual", "medical_aid"),
}
DEEPEST_BP = 2000
"""A change of a fifth and more has the deepest colour."""

MOST = 4
"""How many schemes stand side by side."""


def flows(summary: Summary, lang: str) -> alt.TopLevelMixin:
    """Return a heat table: what each payer pays into the funds of each region, with its change, a panel a scheme."""
    amounts = {(scheme, level, region): fen for scheme, level, region, fen in summary.flows.iter_rows()}
    paying = {name: parts for name, parts in GROUPS.items() if any(amounts[key] for key in amounts if key[1] in parts)}
    shown = summary.schemes[:MOST]
    names = room_for([t(lang, f"head_{name}") for name in paying])
    width = (WIDTH - names) // max(len(shown), 2) - 8
    panels = [_panel(summary, scheme, amounts, paying, width, lang) for scheme in shown]
    note = t(lang, "bracket", what=t(lang, "axis_flows"), inner=t(lang, "unit_large"))
    return finished(alt.hconcat(*panels, spacing=8), lang, flows_title(summary, lang), note)


def flows_title(summary: Summary, lang: str) -> str:
    """Return what the centre pays into funds of the east before and after, or where its money goes today."""
    centre = summary.flows.filter(pl.col("payer_level") == "centre")
    fen = {(scheme, region): amount for scheme, _, region, amount in centre.iter_rows()}
    if not summary.others:
        whole = sum(fen[summary.first, region] for region in REGIONS)
        share = percent(share_bp(fen[summary.first, "west"] + fen[summary.first, "centre"], whole))
        return t(lang, "title_flows_one", scheme=scheme_name(summary.first, lang), share=share)
    scheme = summary.others[0]
    before, after = (large(fen[name, "east"], lang) for name in (summary.first, scheme))
    unit = t(lang, "unit_large")
    return t(lang, "title_flows", scheme=scheme_name(scheme, lang), before=before, after=after, unit=unit)


def _panel(
    summary: Summary,
    scheme: str,
    amounts: dict[tuple[str, str, str], int],
    paying: dict[str, tuple[str, ...]],
    width: int,
    lang: str,
) -> Any:
    rows: list[dict[str, Any]] = []
    for name, parts in paying.items():
        for region in REGIONS:
            now = sum(amounts[scheme, part, region] for part in parts)
            before = sum(amounts[summary.first, part, region] for part in parts)
            rows.append(
                {
                    "payer": t(lang, f"head_{name}"),
                    "region": t(lang, f"short_{region}"),
                    "amount": large(now, lang, decimals=1 if lang == "zh" else 2),
                    "change": large(now - before, lang, signed=True) if scheme != summary.first else "",
                    "shade": _shade(now, before),
                }
            )
    first = scheme == summary.first
    rows_order = [t(lang, f"head_{name}") for name in paying]
    axis = alt.Axis(ticks=False, domain=False, labels=first, labelPadding=6)
    top = alt.Axis(orient="top", labelAngle=0, ticks=False, domain=False, labelFontSize=11)
    base = alt.Chart(pl.DataFrame(rows), title=panel_title(scheme_name(scheme, lang))).encode(
        y=alt.Y("payer:N", sort=rows_order, title=None, axis=axis, scale=alt.Scale(padding=0.04)),
        x=alt.X(
            "region:N",
            sort=[t(lang, f"short_{r}") for r in REGIONS],
            title=None,
            axis=top,
            scale=alt.Scale(padding=0.04),
        ),
    )
    colours = alt.Scale(domain=[-1, 0, 1], range=[LESS, "#f3f5f7", MORE], interpolate="rgb")
    cells = base.mark_rect(cornerRadius=2).encode(color=alt.Color("shade:Q", scale=colours, legend=None))
    ink = alt.condition("abs(datum.shade) > 0.6", alt.value("white"), alt.value(INK))
    amount = base.mark_text(fontSize=10.5, dy=0 if first else -6, fontWeight=600).encode(text="amount:N", color=ink)
    change = base.mark_text(fontSize=9.5, dy=8).encode(text="change:N", color=ink)
    return (cells + amount + change).properties(width=width, height=34 * len(paying))


def _shade(now: int, before: int) -> float:
    """Return the colour's place from -1 to 1: the change against what was paid before."""
    if not before:
        return 1.0 if now else 0.0
    share = min(share_bp(abs(now - before), before), DEEPEST_BP) / DEEPEST_BP
    return share if now >= before else -share


__all__ = ["flows", "flows_title"]
