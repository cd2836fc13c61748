"""Pictures of paper A beyond figure 1: the ratio of 23 cities on its band, in 2016 and by the census of 2020."""

from __future__ import annotations

from typing import Any

import altair as alt

from suiren.show.style import INK, LESS, MORE, WIDTH, chart_of, finished, room_for
from suiren.studies.permits_model import band
from suiren.studies.permits_people import pools
from suiren.studies.permits_structure import City, cities
from suiren.studies.study import Figure, rounded

WORDS = {
    "zh": {
        "group": {"capital14": "14个省会（开放）", "big9": "9大都市（未开放）"},
        "axis": "每100名户籍人口对应的非本省外来人口（对数轴）",
        "title": "2016年比值在{low}与{high}之间留有空隙，可无误区分14与9；按2020年普查空隙缩为{low_2020}至{high_2020}",
        "note": "实心为2016年（论文，净值），空心为2020年普查（全部外来人口）；灰带为2016年的空隙",
    },
    "en": {
        "group": {"capital14": "14 capitals (open)", "big9": "9 metropolises (not)"},
        "axis": "people of other provinces to 100 with local hukou (log scale)",
        "title": "In 2016 nothing lies between {low} and {high} per 100, which tells 14 from 9 without error; by the "
        "census of 2020 the gap is {low_2020} to {high_2020}",
        "note": "Filled: 2016 (the paper, net). Hollow: census of 2020 (all from elsewhere). Grey: the gap of 2016",
    },
}
"""Texts of the picture."""


def figure(lang: str) -> Figure:
    """The ratio of each city in 2016 and in 2020, with the band that separates the groups."""
    words: Any = WORDS[lang]
    ordered = sorted(cities(), key=lambda city: -city.ratio)
    names = [city.name(lang) for city in ordered]
    whole, later = band(cities()), band(cities(), lambda city: pools()[int(city.code)].ratio)
    ends = {"low": whole.low, "high": whole.high, "low_2020": later.low, "high_2020": later.high}
    ticks = alt.Axis(values=[0.5, 1, 2, 5, 10, 20, 50, 100, 200])
    scale = alt.Scale(type="log", domain=[0.3, 300], nice=False)
    x = alt.X("value:Q", title=words["axis"], scale=scale, axis=ticks)
    y = alt.Y("city:N", sort=names, title=None, axis=alt.Axis(ticks=False, domain=False, labelPadding=6))
    groups = [words["group"][group] for group in ("capital14", "big9")]
    colour = alt.Color("group:N", sort=groups, scale=alt.Scale(domain=groups, range=[LESS, MORE]))
    base = chart_of(_rows(ordered, lang)).transform_calculate(value="toNumber(datum.ratio)").encode(x=x, y=y)
    filled = base.transform_filter("datum.year == 2016").mark_circle(size=70, opacity=1).encode(color=colour)
    hollow = base.transform_filter("datum.year == 2020").mark_point(size=46, strokeWidth=1.4).encode(color=colour)
    gap = chart_of([{"from": rounded(whole.low, 3), "to": rounded(whole.high, 3)}])
    gap = gap.transform_calculate(value="toNumber(datum.from)", upto="toNumber(datum.to)")
    shade = gap.mark_rect(color=INK, opacity=0.09).encode(x=x, x2="upto:Q")
    layers = alt.layer(shade, hollow, filled, width=WIDTH - room_for(names), height=19 * len(names))
    title = words["title"].format(**{key: rounded(end, 1) for key, end in ends.items()})
    en, zh = "The ratio of 23 cities and the band", "23个城市的比值与分界"
    return Figure("band", en, zh, finished(layers, lang, title, words["note"]))


def _rows(ordered: list[City], lang: str) -> list[dict[str, Any]]:
    words: Any = WORDS[lang]
    return [
        {
            "city": city.name(lang),
            "group": words["group"][city.group],
            "year": year,
            "ratio": rounded(ratio, 3),
        }
        for city in ordered
        for year, ratio in ((2016, city.ratio), (2020, pools()[int(city.code)].ratio))
    ]
