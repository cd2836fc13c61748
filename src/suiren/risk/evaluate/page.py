"""The report of an evaluation as one page, and its tables as rows of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from suiren import places
from suiren.money import FEN_PER_YUAN
from suiren.risk.evaluate.charts import charts, furthest
from suiren.risk.evaluate.judged import Evaluation
from suiren.risk.evaluate.spread import DRAWS, FEW_COUNTIES
from suiren.risk.evaluate.words import group_name, t
from suiren.show.amounts import decimal, percent
from suiren.show.amounts import yuan as in_yuan
from suiren.show.charts import drawn
from suiren.show.page import element, figure, items, page, paragraphs, table

MOST_FUNDS = 15
"""How many funds at each end the page lists; funds.csv has all."""
TEN_THOUSAND_YUAN = 10_000 * FEN_PER_YUAN


def report(found: Evaluation, lang: str, facts: Mapping[str, Any]) -> str:
    """Return the page; `facts` has `base`, `invented`, `relation`, `draws` and what is counted."""
    pictures = charts(found, lang)
    shown = {name: figure(*drawn(picture, lang)) for name, picture in pictures.items()}
    people = found.groups.filter(pl.col("kind") != "province")
    parts = [
        "<header>",
        element("p", t(lang, "kicker", base=facts["base"]), "kicker"),
        element("h1", t(lang, "title")),
        f'<div class="lead">{paragraphs(lead(found, lang))}</div>',
        paragraphs([t(lang, "invented") if facts["invented"] else "", t(lang, facts["relation"])], "small"),
        "</header>",
        _section(lang, "h_groups", shown.get("people", ""), _groups(people, lang)),
    ]
    parts += [_section(lang, "h_health", shown["health"])] if "health" in shown else []
    parts.append(_section(lang, "h_funds", shown["funds"], *_funds(found.funds, lang)))
    if "provinces" in shown:
        parts.append(_section(lang, "h_provinces", shown["provinces"]))
    parts.append(_section(lang, "h_fit", _fit(found, lang), paragraphs([t(lang, "p_fit")])))
    return page(lang, t(lang, "title"), [*parts, _section(lang, "h_method", items(method(found, lang, facts)))])


def lead(found: Evaluation, lang: str) -> list[str]:
    """Return the headline: the groups furthest below and above their cost, and how many funds are far off."""
    people = found.groups.filter(pl.col("kind") != "province")
    told: list[str] = []
    for way, key in ((-1, "lead_less"), (1, "lead_more")):
        row = furthest(people, way)
        if row is None:
            continue
        ends = sorted(abs(row[end]) for end in ("low_fen", "high_fen"))
        low, high = (decimal(end, FEN_PER_YUAN, 0) for end in ends)
        size = decimal(abs(row["over_a_year_fen"]), FEN_PER_YUAN, 0)
        name, share = group_name(row["kind"], row["name"], lang), percent(max(row["share_bp"], 1))
        told.append(t(lang, key, group=name, yuan=size, low=low, high=high, share=share))
    far = found.measures["places"]["funds"]
    share = percent(round(10_000 * far["off_by_a_tenth_share"]))
    return [*told, t(lang, "lead_funds", many=far["many"], far=far["off_by_a_tenth"], share=share)]


def method(found: Evaluation, lang: str, facts: Mapping[str, Any]) -> list[str]:
    """Return how the figures are made, and what they cannot say."""
    terms = found.payment.terms
    value = decimal(round(found.payment.value * terms.uplift.denominator), FEN_PER_YUAN, 2)
    pool = uplift = ""
    if terms.above_fen is not None:
        share = percent(round(terms.share * 10_000))
        pool = t(lang, "p_pool", line=in_yuan(terms.above_fen), share=share)
    if terms.uplift:
        uplift = t(lang, "p_uplift", uplift=percent(round(terms.uplift * 10_000)))
    told = [
        t(lang, "p_total"),
        t(lang, "p_terms", value=value, contribution=in_yuan(terms.contribution_fen), uplift=uplift, pool=pool),
        t(lang, "p_interval", draws=facts.get("draws", DRAWS), few=FEW_COUNTIES),
    ]
    told += [t(lang, "p_pool_weights")] if pool else []
    told.append(t(lang, "p_power"))
    counted = ("without_cost", "without_points", "paid_as_unknown")
    return told + [t(lang, f"p_{name}", persons=f"{facts[name]:,}") for name in counted if facts[name]]


def _section(lang: str, key: str, *inner: str) -> str:
    return "<section>\n" + element("h2", t(lang, key)) + "\n" + "\n".join(filter(None, inner)) + "\n</section>"


def _cells(row: Mapping[str, Any], lang: str) -> list[str]:
    """Return over-payment with its interval, in all, and the ratio, as text."""
    interval = t(lang, "none")
    if row["low_fen"] is not None:
        ends = [decimal(row[end], FEN_PER_YUAN, 0, signed=True) for end in ("low_fen", "high_fen")]
        interval = " … ".join(ends) + (f" ({t(lang, 'weak')})" if row["weak"] else "")
    return [
        decimal(row["over_a_year_fen"], FEN_PER_YUAN, 0, signed=True),
        interval,
        decimal(row["over_fen"], TEN_THOUSAND_YUAN, 1, signed=True),
        decimal(row["ratio_bp"], 10_000, 3) if row["ratio_bp"] is not None else t(lang, "none"),
    ]


def _groups(groups: pl.DataFrame, lang: str) -> str:
    names = ("kind", "group", "share", "over", "interval", "total", "ratio")
    heads = [t(lang, f"col_{name}") for name in names]
    rows: list[list[str]] = []
    kinds: list[str] = []
    for row in groups.iter_rows(named=True):
        kind = "" if row["kind"] in kinds else t(lang, f"kind_{row['kind']}")
        kinds.append(row["kind"])
        name = group_name(row["kind"], row["name"], lang, short=True)
        rows.append([kind, name, percent(max(row["share_bp"], 1)), *_cells(row, lang)])
    return table(t(lang, "t_groups"), heads, rows, words=2)


def _funds(funds: pl.DataFrame, lang: str) -> list[str]:
    names = ("fund", "counties", "share", "over", "interval", "total", "ratio")
    heads = [t(lang, f"col_{name}") for name in names]
    lined = funds.sort("over_a_year_fen", "fund_code")
    less = lined.filter(pl.col("over_a_year_fen") < 0).head(MOST_FUNDS)
    more = lined.filter(pl.col("over_a_year_fen") > 0).reverse().head(MOST_FUNDS)
    made: list[str] = []
    for key, part in (("t_less", less), ("t_more", more)):
        rows = [
            [
                places.name(row["fund_code"], lang),
                f"{row['counties']}",
                percent(max(row["share_bp"], 1)),
                *_cells(row, lang),
            ]
            for row in part.iter_rows(named=True)
        ]
        made += [table(t(lang, key), heads, rows)] if rows else []
    return made


def _fit(found: Evaluation, lang: str) -> str:
    """Return the table of measures; one that needs the records says so."""
    held = found.measures
    rows: list[list[str]] = []
    for name in ("r_squared", "payment_system_fit", "cpm", "mean_absolute_error_fen", "power", "power_by_cost"):
        value = held.get(name)
        shown = t(lang, "needs_records")
        if value is not None:
            shown = decimal(value, FEN_PER_YUAN, 0) if name.endswith("_fen") else _four(value)
        rows.append([t(lang, f"m_{name}"), shown])
    for name in ("counties", "funds"):
        one = held["places"][name]
        shown = _four(one["r_squared"]) if one["r_squared"] is not None else t(lang, "none")
        rows.append([t(lang, f"m_{name}", many=one["many"]), shown])
    counties = held["places"]["counties"]
    share = percent(round(10_000 * counties["off_by_a_tenth_share"]))
    rows.append([t(lang, "m_far"), f"{counties['off_by_a_tenth']} ({share})"])
    return table(t(lang, "t_fit"), [t(lang, "col_measure"), t(lang, "col_value")], rows)


def _four(value: float) -> str:
    return decimal(round(value * 10_000), 10_000, 4)


__all__ = ["lead", "method", "report"]
