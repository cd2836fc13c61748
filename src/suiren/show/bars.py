"""Pictures with bars: who pays, provinces, the local burden of one migrant, doors."""

from __future__ import annotations

from typing import Any

import altair as alt
import polars as pl

from suiren import places
from suiren.show import phrases
from suiren.show.amounts import for_drawing, large, percent, persons, yuan
from suiren.show.burden import local_burden
from suiren.show.doors import DOORS
from suiren.show.style import DARK, INK, LESS, MORE, PAYER_COLOURS, WIDTH, finished, panel_title, room_for
from suiren.show.summary import Summary
from suiren.show.texts import province_name, scheme_name, t

QUIET = alt.Axis(ticks=False, domain=False, labelPadding=6)
PAYERS = ("centre", "province", "local", "undivided", "medical_aid", "individual")


def who_pays(summary: Summary, lang: str) -> alt.TopLevelMixin:
    """Return stacked bars: what each payer pays under each scheme."""
    paying = [level for level in PAYERS if any(summary.amount(scheme, level) for scheme in summary.schemes)]
    order = [scheme_name(scheme, lang) for scheme in summary.schemes]
    names = [t(lang, f"level_{level}") for level in paying]
    colours = alt.Scale(domain=names, range=[PAYER_COLOURS[level] for level in paying])
    axis = alt.Axis(format=",.0f", tickCount=6)
    base = alt.Chart(pl.DataFrame(_stacked(summary, paying, lang))).encode(
        y=alt.Y("scheme:N", sort=order, title=None, axis=QUIET)
    )
    bars = base.mark_bar(height=24).encode(
        x=alt.X("from:Q", title=t(lang, "axis_payers", unit=t(lang, "unit_large")), axis=axis),
        x2="to:Q",
        color=alt.Color("payer:N", sort=names, scale=colours),
    )
    figures = base.mark_text(fontSize=11.5).encode(
        x="middle:Q", text="text:N", color=alt.condition("datum.white", alt.value("white"), alt.value(INK))
    )
    width = WIDTH - room_for(order)
    return finished(
        (bars + figures).properties(width=width, height=35 * len(order)), lang, phrases.payers_title(summary, lang)
    )


def _stacked(summary: Summary, paying: list[str], lang: str) -> list[dict[str, Any]]:
    whole = max(summary.amount(scheme, "total") for scheme in summary.schemes)
    rows: list[dict[str, Any]] = []
    for scheme in summary.schemes:
        start = 0
        for level in paying:
            fen = summary.amount(scheme, level)
            rows.append(
                {
                    "scheme": scheme_name(scheme, lang),
                    "payer": t(lang, f"level_{level}"),
                    "from": for_drawing(start, lang),
                    "to": for_drawing(start + fen, lang),
                    "middle": for_drawing(start + fen // 2, lang),
                    "text": large(fen, lang) if 12 * fen > whole else "",
                    "white": level in DARK,
                }
            )
            start += fen
    return rows


def provinces(summary: Summary, lang: str) -> alt.TopLevelMixin:
    """Return diverging bars: the change of what each province's governments pay, a panel for each reform."""
    main = summary.provinces.filter(pl.col("scheme") == summary.others[0]).sort("change_fen", "province_code")
    order = [province_name(code, lang) for code in main["province_code"]]
    names = room_for(order, 11)
    most = 3
    shown = summary.others[:most]
    width = (WIDTH - names) // max(len(shown), 2) - 16
    panels = [
        _province_panel(summary, scheme, lang, order, width, named=not number) for number, scheme in enumerate(shown)
    ]
    note = t(lang, "axis_change", unit=t(lang, "unit_large"))
    return finished(alt.hconcat(*panels, spacing=16), lang, phrases.provinces_title(summary, lang), note)


def _province_panel(summary: Summary, scheme: str, lang: str, order: list[str], width: int, named: bool) -> Any:
    changes = summary.provinces.filter(pl.col("scheme") == scheme).select("province_code", "change_fen")
    rows = [
        {"province": province_name(code, lang), "change": for_drawing(fen, lang), "text": large(fen, lang, signed=True)}
        for code, fen in changes.iter_rows()
    ]
    edge = max(abs(fen) for fen in changes["change_fen"]) or 1
    scale = alt.Scale(domain=[-for_drawing(2 * edge, lang), for_drawing(2 * edge, lang)], nice=False)
    axis = alt.Axis(ticks=False, domain=False, labels=named, labelPadding=6, labelFontSize=11)
    base = alt.Chart(pl.DataFrame(rows), title=panel_title(scheme_name(scheme, lang))).encode(
        y=alt.Y("province:N", sort=order, title=None, axis=axis)
    )
    along = alt.X("change:Q", scale=scale, title=None, axis=None)
    bars = base.mark_bar(height=8.5).encode(
        x=along, color=alt.condition("datum.change < 0", alt.value(LESS), alt.value(MORE))
    )
    figures = base.encode(x=along, text="text:N")
    right = figures.transform_filter("datum.change >= 0").mark_text(align="left", dx=4, fontSize=10, color=INK)
    left = figures.transform_filter("datum.change < 0").mark_text(align="right", dx=-4, fontSize=10, color=INK)
    zero = alt.Chart(pl.DataFrame({"change": [0]})).mark_rule(color="#8a97a3").encode(x=along)
    return (bars + zero + right + left).properties(width=width, height=13 * len(order))


def burden(summary: Summary, lang: str) -> alt.TopLevelMixin:
    """Return paired bars: the share of the subsidy that a place bears for a local, and for someone from elsewhere."""
    sides = {side: t(lang, f"side_{side}") for side in ("local", "migrant")}
    found = local_burden(summary.burden)
    rows = [
        {
            "place": places.name(row["place_code"], lang),
            "side": sides[row["side"]],
            "share": row["share_bp"] / 10_000,
            "text": t(
                lang, "bracket", what=percent(row["share_bp"]), inner=f"{yuan(row['local_fen'])} {t(lang, 'unit_yuan')}"
            ),
        }
        for row in found.iter_rows(named=True)
    ]
    order = list(dict.fromkeys(str(row["place"]) for row in rows))
    base = alt.Chart(pl.DataFrame(rows)).encode(
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
    width = WIDTH - room_for(order)
    return finished(
        (bars + figures).properties(width=width, height=46 * len(order)), lang, phrases.burden_title(summary, lang)
    )


def doors(summary: Summary, lang: str) -> alt.TopLevelMixin:
    """Return bars: how many people insured away from home meet which door, a panel for each way of enrolment."""
    schemes = summary.door_schemes()
    met = {(scheme, door): count for scheme, door, count in summary.doors.iter_rows()}
    groups = [door for door in DOORS if any(met[scheme, door] for scheme in schemes)]
    order = [t(lang, f"door_{door}") for door in groups]
    names = room_for(order)
    width = (WIDTH - names) // max(len(schemes), 2) - 16
    panels = [
        _door_panel(summary, scheme, groups, width, lang, named=not number) for number, scheme in enumerate(schemes)
    ]
    return finished(
        alt.hconcat(*panels, spacing=16),
        lang,
        phrases.doors_title(summary, lang),
        t(lang, "axis_persons", unit=t(lang, "unit_persons")),
    )


def _door_panel(summary: Summary, scheme: str, groups: list[str], width: int, lang: str, named: bool) -> Any:
    met = dict(summary.doors.filter(pl.col("scheme") == scheme).select("door", "persons").iter_rows())
    shown = summary.doors.filter(pl.col("scheme").is_in(summary.door_schemes()))
    colours = {"shut_out": MORE, "facts_missing": "#c3c9cf", "no_source": "#c3c9cf"}
    rows = [
        {
            "door": t(lang, f"door_{door}"),
            "persons": met[door],
            "text": persons(met[door], lang),
            "colour": colours.get(door, LESS),
        }
        for door in groups
    ]
    most = int(shown.select(pl.col("persons").max()).item()) or 1
    base = alt.Chart(pl.DataFrame(rows), title=panel_title(phrases.enrolment(summary, scheme, lang))).encode(
        y=alt.Y(
            "door:N",
            sort=[str(row["door"]) for row in rows],
            title=None,
            axis=alt.Axis(ticks=False, domain=False, labels=named, labelPadding=6),
        ),
        x=alt.X("persons:Q", scale=alt.Scale(domain=[0, most * 13 // 10 + 1], nice=False), axis=None),
    )
    bars = base.mark_bar(height=18).encode(color=alt.Color("colour:N", scale=None))
    figures = base.mark_text(align="left", dx=4, fontSize=11.5, color=INK).encode(text="text:N")
    return (bars + figures).properties(width=width, height=26 * len(rows))


__all__ = ["burden", "doors", "provinces", "who_pays"]
