"""A heat table of the money's way: payers by region of the fund, the change as colour."""

from __future__ import annotations

from typing import Any

import altair as alt

from suiren.laws.payers import LOCAL_LEVELS
from suiren.show.amounts import share_bp
from suiren.show.captions import flows_title
from suiren.show.style import INK, LESS, MORE, WIDTH, chart_of, finished, panel_title, room_for
from suiren.show.summary import Summary
from suiren.show.sums import REGIONS
from suiren.show.texts import scheme_name, t
from suiren.show.units import Units

GROUPS: dict[str, tuple[str, ...]] = {
    "centre": ("centre",),
    "province": ("province",),
    "local": LOCAL_LEVELS,
    "undivided": ("undivided",),
    "individual": ("individual", "medical_aid"),
}
DEEPEST_BP = 2000
"""A change of a fifth and more has the deepest colour."""

DARK_FROM = 0.6
"""The depth of a colour from which its figures are white."""

DIGITS = 5
"""Digits for which a cell has room; a change is set smaller and has one more."""

WIDEST_FIGURE = 8
"""Characters of a figure for which four panels in a row have room."""

MOST = 4
"""How many schemes stand side by side."""


def flows(summary: Summary, lang: str) -> alt.TopLevelMixin:
    """Return a heat table: what each payer pays into the funds of each region, with its change, a panel a scheme."""
    amounts = {(scheme, level, region): fen for scheme, level, region, fen in summary.flows.iter_rows()}
    paying = {name: parts for name, parts in GROUPS.items() if any(amounts[key] for key in amounts if key[1] in parts)}
    shown = summary.schemes[:MOST]
    units = summary.units(lang)
    names = room_for([t(lang, f"head_{name}") for name in paying])
    widest = units.brief(max(amounts.values()), max(amounts.values()), DIGITS)
    in_a_row = 2 if len(widest) > WIDEST_FIGURE else MOST
    width = (WIDTH - names) // max(min(len(shown), in_a_row), 2) - 8
    panels = [
        _panel(summary, scheme, amounts, paying, width, units, named=not number % in_a_row)
        for number, scheme in enumerate(shown)
    ]
    note = t(lang, "bracket", what=t(lang, "axis_flows"), inner=units.money_name)
    rows = [alt.hconcat(*panels[start : start + in_a_row], spacing=8) for start in range(0, len(panels), in_a_row)]
    return finished(alt.vconcat(*rows) if rows[1:] else rows[0], lang, flows_title(summary, lang), note)


def _panel(
    summary: Summary,
    scheme: str,
    amounts: dict[tuple[str, str, str], int],
    paying: dict[str, tuple[str, ...]],
    width: int,
    units: Units,
    named: bool,
) -> Any:
    lang, first = units.lang, scheme == summary.first
    most = max(amounts.values())
    rows: list[dict[str, Any]] = []
    for name, parts in paying.items():
        for region in REGIONS:
            now, before = (sum(amounts[one, part, region] for part in parts) for one in (scheme, summary.first))
            shade = _shade(now, before)
            rows.append(
                {
                    "payer": t(lang, f"head_{name}"),
                    "region": t(lang, f"short_{region}"),
                    "amount": units.brief(now, most, DIGITS),
                    "change": "" if first else units.brief(now - before, most, DIGITS + 1, signed=True),
                    "shade": shade,
                    "ink": "white" if abs(shade) > DARK_FROM else INK,
                }
            )
    axis = alt.Axis(ticks=False, domain=False, labels=named, labelPadding=6)
    top = alt.Axis(orient="top", labelAngle=0, ticks=False, domain=False, labelFontSize=11)
    regions = [t(lang, f"short_{region}") for region in REGIONS]
    air = alt.Scale(padding=0.04)
    base = chart_of(rows).encode(
        y=alt.Y("payer:N", sort=[t(lang, f"head_{name}") for name in paying], title=None, axis=axis, scale=air),
        x=alt.X("region:N", sort=regions, title=None, axis=top, scale=air),
    )
    colours = alt.Scale(domain=[-1, 0, 1], range=[LESS, "#f3f5f7", MORE], interpolate="rgb")
    cells = base.mark_rect(cornerRadius=2).encode(color=alt.Color("shade:Q", scale=colours, legend=None))
    ink = alt.Color("ink:N", scale=None, legend=None)
    amount = base.mark_text(fontSize=10.5, dy=0 if first else -6, fontWeight=600).encode(text="amount:N", color=ink)
    change = base.mark_text(fontSize=9.5, dy=8).encode(text="change:N", color=ink)
    layers = alt.layer(
        cells,
        amount,
        change,
        title=panel_title(scheme_name(scheme, lang)),
        width=width,
        height=34 * len(paying),
    )
    return layers.resolve_scale(color="independent")


def _shade(now: int, before: int) -> float:
    """Return the colour's place from -1 to 1: the change against what was paid before."""
    if not before:
        return 1.0 if now else 0.0
    share = min(share_bp(abs(now - before), before), DEEPEST_BP) / DEEPEST_BP
    return share if now >= before else -share


__all__ = ["flows"]
