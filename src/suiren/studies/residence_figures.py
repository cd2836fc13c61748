"""Figures of our own for paper B: each title is a sentence with its number."""

from __future__ import annotations

from typing import Any

import altair as alt

from suiren import places
from suiren.laws import portable
from suiren.money import FEN_PER_YUAN
from suiren.show.style import INK, LESS, MORE, PAYER_COLOURS, WIDTH, chart_of, finished, room_for
from suiren.studies.residence_cases import HANGZHOU, LINXIA, TABLE_4, case, local_fen, reformed
from suiren.studies.residence_checks import largest_gap
from suiren.studies.residence_nation import in_100_million, nation
from suiren.studies.residence_tools import RESTRICTED, YEARS, implied_share, table_2, table_3
from suiren.studies.study import Figure, rounded

PRINTED, IMPLIED = PAYER_COLOURS["province"], PAYER_COLOURS["individual"]
NAMED, OTHERS = MORE, "#b9c4cd"
QUIET = alt.Axis(ticks=False, domain=False, labelPadding=6)


def figures(lang: str) -> tuple[Figure, ...]:
    """All figures in a language, in the order of the paper."""
    return (_overall(lang), _by_province(lang), _three_places(lang), _hangzhou(lang), _changes(lang))


def _said(lang: str, en: str, zh: str) -> str:
    return zh if lang == "zh" else en


def _figure(name: str, lang: str, en: str, zh: str, chart: Any, note: tuple[str, str] = ("", "")) -> Figure:
    return Figure(name, en, zh, finished(chart, lang, _said(lang, en, zh), _said(lang, *note)))


def _overall(lang: str) -> Figure:
    sides = (_said(lang, "printed (table 2)", "原文表2"), _said(lang, "implied by tables 1 and 2", "由表1、表2推得"))
    rows: list[dict[str, Any]] = []
    for year in YEARS:
        values = (table_2(year, "residence_share_of_insured_pct"), implied_share(year))
        rows += [
            {"year": year, "side": side, "share": float(value), "text": rounded(value, 1)}
            for side, value in zip(sides, values, strict=True)
        ]
    base = chart_of(rows).encode(
        x=alt.X("year:N", title=None, axis=alt.Axis(labelAngle=0, ticks=False)),
        xOffset=alt.XOffset("side:N", sort=list(sides)),
        y=alt.Y("share:Q", title=_said(lang, "insured where they live, %", "在常住地参保的比例，%")),
    )
    colours = alt.Scale(domain=list(sides), range=[PRINTED, IMPLIED])
    bars = base.mark_bar().encode(color=alt.Color("side:N", sort=list(sides), scale=colours))
    numbers = base.mark_text(dy=-7, fontSize=11.5, color=INK).encode(text="text:N")
    gap = rounded(largest_gap(), 1)
    return _figure(
        "implied",
        lang,
        f"Tables 1 and 2 imply up to {gap} points less insurance at the place of residence than table 2 prints",
        f"由表1、表2推得的常住地参保比例，比表2所印最多低{gap}个百分点",
        alt.layer(bars, numbers, width=WIDTH - 60, height=260),
    )


def _by_province(lang: str) -> Figure:
    groups = (_said(lang, "named for hukou limits", "文中点名有户籍限制"), _said(lang, "other provinces", "其他省份"))
    rows = [
        {
            "province": places.name(code, lang),
            "share": float(share),
            "group": groups[code not in RESTRICTED],
            "text": rounded(share, 2),
        }
        for code, share, _ in table_3()
    ]
    order = [str(row["province"]) for row in rows]
    base = chart_of(rows).encode(
        y=alt.Y("province:N", sort=order, title=None, axis=QUIET),
        x=alt.X("share:Q", title="%", scale=alt.Scale(domain=[0, 65])),
    )
    colours = alt.Scale(domain=list(groups), range=[NAMED, OTHERS])
    bars = base.mark_bar(height=11).encode(color=alt.Color("group:N", sort=list(groups), scale=colours))
    numbers = base.mark_text(align="left", dx=4, fontSize=10, color=INK).encode(text="text:N")
    low, high = (rounded(table_3()[at][1], 2) for at in (0, -1))
    return _figure(
        "provinces_2018",
        lang,
        f"From {low} % in Beijing to {high} % in Jilin: members of the resident scheme insured where they live, 2018",
        f"流动人口在常住地参加居民医保的比例，2018年：北京{low}%，吉林{high}%",
        alt.layer(bars, numbers, width=WIDTH - room_for(order), height=15 * len(order)),
        ("Paper B, table 3, as printed.", "论文B表3，照原文。"),
    )


def _bars_of(rows: list[dict[str, Any]], order: list[str], sides: dict[str, str], axis: str) -> Any:
    scale = alt.Scale(domain=list(sides), range=list(sides.values()))
    base = chart_of(rows).encode(y=alt.Y("who:N", sort=order, title=None, axis=QUIET))
    bars = base.mark_bar(height=26).encode(
        x=alt.X("from:Q", title=axis, axis=alt.Axis(values=[0, 20, 40, 60, 80, 100])),
        x2="to:Q",
        color=alt.Color("payer:N", sort=list(sides), scale=scale),
    )
    numbers = base.mark_text(fontSize=11.5).encode(
        x=alt.X("middle:Q"), text="text:N", color=alt.Color("ink:N", scale=None, legend=None)
    )
    layers = alt.layer(bars, numbers, width=WIDTH - room_for(order), height=44 * len(order))
    return layers.resolve_scale(color="independent")


def _stack(who: str, parts: list[tuple[str, str, int]], whole: int) -> list[dict[str, Any]]:
    """Rows of one stacked bar, in percent of `whole`: payer's level, its name, fen."""
    rows: list[dict[str, Any]] = []
    start = 0
    for level, payer, fen in parts:
        rows.append(
            {
                "who": who,
                "payer": payer,
                "from": 100 * start / whole,
                "to": 100 * (start + fen) / whole,
                "middle": 100 * (start + fen / 2) / whole,
                "text": f"{fen / FEN_PER_YUAN:g}" if fen * 14 > whole else "",
                "ink": "white" if level in {"centre", "province"} else INK,
            }
        )
        start += fen
    return rows


def _payers(lang: str) -> dict[str, str]:
    return {
        "centre": _said(lang, "centre", "中央"),
        "province": _said(lang, "province", "省级"),
        "local": _said(lang, "city and county", "市县"),
    }


def _three_places(lang: str) -> Figure:
    names = _payers(lang)
    rows: list[dict[str, Any]] = []
    for code, age in TABLE_4:
        made, local = case(code, code, age), local_fen(code, age)
        province = made.subsidy_fen - made.fen("centre") - local
        parts = [("centre", made.fen("centre")), ("province", province), ("local", local)]
        who = f"{places.name(code, lang)} {rounded(made.subsidy_fen // FEN_PER_YUAN, 0)}"
        rows += _stack(who, [(level, names[level], fen) for level, fen in parts], made.subsidy_fen)
    order = list(dict.fromkeys(str(row["who"]) for row in rows))
    sides = {names[level]: PAYER_COLOURS[level] for level in names}
    return _figure(
        "three_places",
        lang,
        "10.6 yuan from Linxia's own governments, 116 from Xinzhou's, 5882 from Shanghai's, for one insured person",
        "每保一人，地方负担：临夏10.6元，忻州116元，上海5882元",
        _bars_of(
            rows, order, sides, _said(lang, "share of the subsidy, %; figures in yuan", "占补助的比例，%；数字为元")
        ),
        (
            "Notice year 2021; Shanghai: municipality and district, ages 60 to 69.",
            "2021文件年度；上海为市与区，60至69岁。",
        ),
    )


def _hangzhou(lang: str) -> Figure:
    names = _payers(lang)
    local = case(HANGZHOU, HANGZHOU, 30, tier="tier_1")
    moved = reformed(portable(), LINXIA, HANGZHOU, tier="tier_1")
    told = (
        (_said(lang, "local of Hangzhou", "杭州本地人"), local),
        (_said(lang, "from Linxia, portable", "临夏来人（钱随人走）"), moved),
    )
    rows: list[dict[str, Any]] = []
    for who, made in told:
        rest = made.subsidy_fen - made.fen("centre") - made.fen("province")
        parts = [("centre", made.fen("centre")), ("province", made.fen("province")), ("local", rest)]
        rows += _stack(who, [(level, names[level], fen) for level, fen in parts], made.subsidy_fen)
    sides = {names[level]: PAYER_COLOURS[level] for level in names}
    rest = (moved.subsidy_fen - moved.fen("centre") - moved.fen("province")) / FEN_PER_YUAN
    return _figure(
        "hangzhou",
        lang,
        f"For a migrant from Linxia Hangzhou would be left with {rest:g} of 1400 yuan",
        f"临夏来人在杭州参保，1400元补助中杭州只余{rest:g}元",
        _bars_of(
            rows,
            [who for who, _ in told],
            sides,
            _said(lang, "share of the subsidy, %; figures in yuan", "占补助的比例，%；数字为元"),
        ),
        (
            "First tier, notice year 2021; Zhejiang's half for a local is assumed.",
            "一档，2021文件年度；浙江对本地人分担一半为假定。",
        ),
    )


def _changes(lang: str) -> Figure:
    changes = sorted(((after - before, code) for code, before, after in nation().provinces), reverse=True)
    rows = [
        {
            "province": places.name(code, lang),
            "change": fen / 10**10,
            "text": in_100_million(fen),
            "colour": LESS if fen < 0 else MORE,
        }
        for fen, code in changes
    ]
    order = [str(row["province"]) for row in rows]
    base = chart_of(rows).encode(
        y=alt.Y("province:N", sort=order, title=None, axis=QUIET),
        x=alt.X("change:Q", title=_said(lang, "change, 100 million yuan a year", "变动，亿元/年")),
    )
    bars = base.mark_bar(height=11).encode(color=alt.Color("colour:N", scale=None))
    right = base.transform_filter("datum.change >= 0").mark_text(align="left", dx=4, fontSize=10, color=INK)
    left = base.transform_filter("datum.change < 0").mark_text(align="right", dx=-4, fontSize=10, color=INK)
    layers = alt.layer(bars, right.encode(text="text:N"), left.encode(text="text:N"))
    more = sum(1 for fen, _ in changes if fen > 0)
    return _figure(
        "province_changes",
        lang,
        f"{more} provinces would pay more and {sum(1 for fen, _ in changes if fen < 0)} less, the centre the same",
        f"{more}个省份多付，{sum(1 for fen, _ in changes if fen < 0)}个省份少付，中央不变",
        layers.properties(width=WIDTH - room_for(order), height=15 * len(order)),
        (
            "Modelled population china-2020: all insured where they live (portable) against all at the hukou place.",
            "模型人口china-2020：全部在常住地参保（钱随人走）对全部在户籍地参保。",
        ),
    )
