"""Titles of the pictures: each a sentence that holds its number."""

from __future__ import annotations

import polars as pl

from suiren.show.amounts import percent, share_bp, yuan
from suiren.show.burden import local_burden
from suiren.show.doors import DOORS
from suiren.show.phrases import more_less
from suiren.show.summary import Summary
from suiren.show.sums import REGIONS
from suiren.show.texts import province_name, scheme_name, t

SURE = ("open", "permit", "relative", "full_cost")
"""The answers by which a person may enrol for certain."""


def doors_title(summary: Summary, lang: str) -> str:
    """Return who of those insured away from home may enrol for certain, may not, or cannot be told."""
    units = summary.units(lang)
    scheme = summary.door_schemes()[0]
    rows = summary.doors.filter(pl.col("scheme") == scheme)
    met = dict(rows.select("door", "persons").iter_rows())
    sure, shut = sum(met[door] for door in SURE), met["shut_out"]
    whole = sum(met[door] for door in DOORS)
    counts = {"all": whole, "sure": sure, "shut": shut, "open": whole - sure - shut}
    return t(lang, "title_doors", unit=units.persons_name, **{name: units.count(n) for name, n in counts.items()})


def provinces_title(summary: Summary, lang: str) -> str:
    """Return how many provinces pay less and more under the first reform, and the two at the ends."""
    units = summary.units(lang)
    scheme = summary.others[0]
    rows = summary.provinces.filter(pl.col("scheme") == scheme).sort("change_fen", "province_code")
    less, more = (rows.filter(part).height for part in (pl.col("change_fen") < 0, pl.col("change_fen") > 0))
    name = scheme_name(scheme, lang)
    if not less and not more:
        return t(lang, "title_provinces_same", scheme=name, count=rows.height)
    sides: list[str] = []
    for key, count, end in (("provinces_less", less, 0), ("provinces_more", more, -1)):
        if count:
            place, fen = province_name(rows["province_code"][end], lang), int(rows["change_fen"][end])
            values = {"amount": units.amount(fen, signed=True), "unit": units.money_name}
            sides.append(t(lang, key, count=count, place=place, **values))
    return t(lang, "title_provinces", scheme=name, sides=t(lang, "semicolon").join(sides))


def burden_title(summary: Summary, lang: str) -> str:
    """Return what one person from elsewhere costs the three places when the money follows."""
    rows = local_burden(summary.burden).filter(pl.col("side") == "migrant")
    fen = dict(rows.select("place_code", "local_fen").iter_rows())
    names = {"linxia": "622900", "xinzhou": "140900", "shanghai": "310000"}
    return t(lang, "title_burden", **{name: yuan(fen[code]) for name, code in names.items()})


def payers_title(summary: Summary, lang: str) -> str:
    """Return what centre, provinces and local governments pay more or less under the first reform."""
    units = summary.units(lang)
    if not summary.others:
        whole, centre = (units.amount(summary.amount(summary.first, name)) for name in ("governments", "centre"))
        told = {"amount": whole, "centre": centre, "unit": units.money_name}
        return t(lang, "title_payers_one", scheme=scheme_name(summary.first, lang), **told)
    scheme = summary.others[0]
    changes = {name: more_less(summary.change(scheme, name), units) for name in ("centre", "province", "local")}
    return t(lang, "title_payers", scheme=scheme_name(scheme, lang), **changes)


def flows_title(summary: Summary, lang: str) -> str:
    """Return what the centre pays into funds of the east before and after, or where its money goes today."""
    centre = summary.flows.filter(pl.col("payer_level") == "centre")
    fen = {(scheme, region): amount for scheme, _, region, amount in centre.iter_rows()}
    if not summary.others:
        whole = sum(fen[summary.first, region] for region in REGIONS)
        share = percent(share_bp(fen[summary.first, "west"] + fen[summary.first, "centre"], whole))
        return t(lang, "title_flows_one", scheme=scheme_name(summary.first, lang), share=share)
    scheme = summary.others[0]
    units = summary.units(lang)
    before, after = (units.amount(fen[name, "east"]) for name in (summary.first, scheme))
    return t(lang, "title_flows", scheme=scheme_name(scheme, lang), before=before, after=after, unit=units.money_name)


__all__ = ["burden_title", "doors_title", "flows_title", "payers_title", "provinces_title"]
