"""Pictures with bars: who pays, provinces, the local burden of one migrant, doors."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

from suiren import places
from suiren.show import captions, phrases
from suiren.show.amounts import percent, yuan
from suiren.show.burden import local_burden
from suiren.show.doors import DOORS
from suiren.show.style import DARK, INK, LESS, MORE, PAYER_COLOURS, WIDTH, chart_of, finished, panel_title, room_for
from suiren.show.summary import Summary
from suiren.show.texts import province_name, scheme_name, t
from suiren.show.units import Units

QUIET = alt.Axis(ticks=False, domain=False, labelPadding=6)
MOST_PANELS = 3
DIGITS = 6
"""Digits for which a bar has room."""

PAYERS = ("centre", "province", "local", "undivided", "medical_aid", "individual")


def who_pays(summary: Summary, lang: str) -> alt.TopLevelMixin:
    """Return stacked bars: what each payer pays under each scheme."""
    units = summary.units(lang)
    paying = [level for level in PAYERS if any(summary.amount(scheme, level) for scheme in summary.schemes)]
    order = [scheme_name(scheme, lang) for scheme in summary.schemes]
    names = [t(lang, f"level_{level}") for level in paying]
    colours = alt.Scale(domain=names, range=[PAYER_COLOURS[level] for level in paying])
    axis = alt.Axis(format=",.0f", tickCount=6)
    base = chart_of(_stacked(summary, paying, units)).encode(y=alt.Y("scheme:N", sort=order, title=None, axis=QUIET))
    bars = base.mark_bar(height=24).encode(
        x=alt.X("from:Q", title=t(lang, "axis_payers", unit=units.money_name), axis=axis),
        x2="to:Q",
        color=alt.Color("payer:N", sort=names, scale=colours),
    )
    figures = base.mark_text(fontSize=11.5).encode(
        x="middle:Q", text="text:N", color=alt.Color("ink:N", scale=None, legend=None)
    )
    layers = alt.layer(bars, figures, width=WIDTH - room_for(order), height=35 * len(order))
    return finished(layers.resolve_scale(color="independent"), lang, captions.payers_title(summary, lang))


def _stacked(summary: Summary, paying: list[str], units: Units) -> list[dict[str, Any]]:
    whole = summary.most_fen
    rows: list[dict[str, Any]] = []
    for scheme in summary.schemes:
        start = 0
        for level in paying:
            fen = summary.amount(scheme, level)
            text = units.brief(fen, whole, DIGITS)
            rows.append(
                {
                    "scheme": scheme_name(scheme, units.lang),
                    "payer": t(units.lang, f"level_{level}"),
                    "from": units.length(start),
                    "to": units.length(start + fen),
                    "middle": units.length(start + fen // 2),
                    "text": text if (5 + 7 * len(text)) * whole < 560 * fen else "",
                    "ink": "white" if level in DARK else INK,
                }
            )
            start += fen
    return rows


def provinces(summary: Summary, lang: str) -> alt.TopLevelMixin:
    """Return diverging bars: the change of what each province's governments pay, a panel for each reform."""
    main = summary.provinces.filter(pl.col("scheme") == summary.others[0]).sort("change_fen", "province_code")
    changing = summary.changing()
    order = [province_name(code, lang) for code in main["province_code"] if code in changing]
    names = room_for(order, 11)
    shown = summary.others[:MOST_PANELS]
    width = (WIDTH - names) // max(len(shown), 2) - 16
    units = summary.units(lang)
    panels = [
        _province_panel(summary, scheme, units, order, width, named=not number) for number, scheme in enumerate(shown)
    ]
    note = t(lang, "axis_change", unit=units.money_name)
    return finished(alt.hconcat(*panels, spacing=16), lang, captions.provinces_title(summary, lang), note)


def _province_panel(summary: Summary, scheme: str, units: Units, order: list[str], width: int, named: bool) -> Any:
    changes = dict(
        summary.provinces.filter(pl.col("scheme") == scheme).select("province_code", "change_fen").iter_rows()
    )
    most = max(abs(fen) for fen in changes.values()) or 100
    rows = [
        {
            "province": province_name(code, units.lang),
            "change": units.length(fen),
            "text": units.brief(fen, most, DIGITS, signed=True),
            "colour": LESS if fen < 0 else MORE,
        }
        for code, fen in changes.items()
        if code in summary.changing()
    ]
    text_room = 6 * max(len(str(row["text"])) for row in rows) + 6
    edge = most * width // max(width - 2 * text_room, width // 5)
    scale = alt.Scale(domain=[-units.length(edge), units.length(edge)], nice=False)
    axis = alt.Axis(ticks=False, domain=False, labels=named, labelPadding=6, labelFontSize=11)
    base = chart_of(rows).encode(
        x=alt.X("change:Q", scale=scale, title=None, axis=None),
        y=alt.Y("province:N", sort=order, title=None, axis=axis),
    )
    bars = base.mark_bar(height=8.5).encode(color=alt.Color("colour:N", scale=None))
    figures = base.encode(text="text:N")
    right = figures.transform_filter("datum.change >= 0").mark_text(align="left", dx=4, fontSize=10, color=INK)
    left = figures.transform_filter("datum.change < 0").mark_text(align="right", dx=-4, fontSize=10, color=INK)
    zero = chart_of([{"change": 0}]).mark_rule(color="#8a97a3").encode(x=alt.X("change:Q", scale=scale, axis=None))
    title = panel_title(scheme_name(scheme, units.lang))
    return alt.layer(bars, zero, right, left, title=title, width=width, height=13 * len(order))


def burden(summary: Summary, lang: str) -> alt.TopLevelMixin:
    """Return paired bars: the share of the subsidy that a place bears for a local, and for someone from elsewhere."""
    sides = {side: t(lang, f"side_{side}") for side in ("local", "migrant")}
    rows = [
        {
            "place": places.name(row["place_code"], lang),
            "side": sides[row["side"]],
            "share": row["share_bp"] / 10_000,
            "text": t(
                lang,
                "bracket",
                what=percent(row["share_bp"]),
                inner=f"{yuan(row['local_fen'])}{phrases.gap(lang)}{t(lang, 'unit_yuan')}",
            ),
        }
        for row in local_burden(summary.burden).iter_rows(named=True)
    ]
    order = list(dict.fromkeys(str(row["place"]) for row in rows))
    base = chart_of(rows).encode(
        y=alt.Y("place:N", sort=order, title=None, axis=QUIET, scale=alt.Scale(paddingInner=0.25)),
        yOffset=alt.YOffset("side:N", sort=list(sides.values())),
        x=alt.X(
            "share:Q",
            title=t(lang, "axis_share"),
            scale=alt.Scale(domain=[0, 1.3]),
            axis=alt.Axis(format="%", values=[0, 0.2, 0.4, 0.6, 0.8, 1]),
        ),
    )
    scale = alt.Scale(domain=list(sides.values()), range=["#b9c4cd", PAYER_COLOURS["province"]])
    bars = base.mark_bar().encode(color=alt.Color("side:N", sort=list(sides.values()), scale=scale))
    figures = base.mark_text(align="left", dx=5, fontSize=11.5, color=INK).encode(text="text:N")
    layers = alt.layer(bars, figures, width=WIDTH - room_for(order), height=46 * len(order))
    return finished(layers, lang, captions.burden_title(summary, lang))


def doors(summary: Summary, lang: str) -> alt.TopLevelMixin:
    """Return bars: how many people insured away from home meet which door, a panel for each way of enrolment."""
    schemes = summary.door_schemes()
    met = {(scheme, door): count for scheme, door, count in summary.doors.iter_rows()}
    groups = [door for door in DOORS if any(met[scheme, door] for scheme in schemes)]
    width = (WIDTH - room_for([t(lang, f"door_{door}") for door in groups])) // max(len(schemes), 2) - 16
    units = summary.units(lang)
    panels = [
        _door_panel(summary, scheme, groups, units, width, named=not number) for number, scheme in enumerate(schemes)
    ]
    note = t(lang, "axis_persons", unit=units.persons_name)
    return finished(alt.hconcat(*panels, spacing=16), lang, captions.doors_title(summary, lang), note)


def _door_panel(summary: Summary, scheme: str, groups: list[str], units: Units, width: int, named: bool) -> Any:
    met = dict(summary.doors.filter(pl.col("scheme") == scheme).select("door", "persons").iter_rows())
    shown = summary.doors.filter(pl.col("scheme").is_in(summary.door_schemes()))
    colours = {"shut_out": MORE, "facts_missing": "#c3c9cf", "no_source": "#c3c9cf"}
    rows = [
        {
            "door": t(units.lang, f"door_{door}"),
            "persons": met[door],
            "text": units.count(met[door]),
            "colour": colours.get(door, LESS),
        }
        for door in groups
    ]
    most = int(shown.select(pl.col("persons").max()).item()) or 1
    axis = alt.Axis(ticks=False, domain=False, labels=named, labelPadding=6)
    base = chart_of(rows).encode(
        y=alt.Y("door:N", sort=[str(row["door"]) for row in rows], title=None, axis=axis),
        x=alt.X("persons:Q", scale=alt.Scale(domain=[0, most * 13 // 10 + 1], nice=False), axis=None),
    )
    bars = base.mark_bar(height=18).encode(color=alt.Color("colour:N", scale=None))
    figures = base.mark_text(align="left", dx=4, fontSize=11.5, color=INK).encode(text="text:N")
    title = panel_title(phrases.enrolment(summary, scheme, units.lang))
    return alt.layer(bars, figures, title=title, width=width, height=26 * len(rows))


__all__ = ["burden", "doors", "provinces", "who_pays"]
