"""An evaluation from the first file to the last: sums of records or given sums, groups, tables, pictures, page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from suiren import places
from suiren.engines.tell import SILENT, Tell
from suiren.errors import SuirenError, fail
from suiren.people.intake import Rows
from suiren.risk.estimate.promises import read_promises
from suiren.risk.estimate.sums import sums_of
from suiren.risk.estimate.sums_table import AGES, Sums, bands, check_ages, sums_from
from suiren.risk.evaluate.charts import charts
from suiren.risk.evaluate.groups import LIFE, Group, default_groups
from suiren.risk.evaluate.judged import Evaluation, evaluated, prepared, totals_of
from suiren.risk.evaluate.page import report
from suiren.risk.evaluate.persons import persons_of
from suiren.risk.evaluate.spread import DRAWS
from suiren.risk.evaluate.terms import Terms, payment_of
from suiren.risk.pay.used import Used, used
from suiren.risk.weights import Weights
from suiren.show.charts import png, svg

FILES = ("groups.csv", "funds.csv", "evaluation.json", "report.html")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of an evaluation, besides the people and the weights."""

    terms: Terms
    promises: Path | None = None
    fit: Path | None = None
    """What the fit of the weights says of itself (fit.json); `None`: not known."""
    held_out: bool = False
    """Judge only the people of the counties that were kept out of the estimate."""
    seed: int = 1
    draws: int = DRAWS


def bands_of(weights: Weights) -> tuple[int, ...]:
    """Return first ages of bands inside which the weights give one number of points, and stages of life begin."""
    order = ["sex", "risk_group", "age"]
    lined = weights.cells.sort(order).with_columns(
        _before=pl.col("points").shift(1).over("sex", "risk_group"),
    )
    steps = lined.filter(pl.col("points") != pl.col("_before"))["age"].to_list()
    firsts = lined.group_by("sex", "risk_group").agg(pl.col("age").min())["age"].to_list()
    return tuple(sorted({0, *AGES, *LIFE, *map(int, steps), *map(int, firsts)}))


def rebanded(sums: Sums, ages: tuple[int, ...]) -> Sums | None:
    """Return sums in wider bands; `None` where these are no unions of theirs."""
    if not set(ages) <= set(sums.ages):
        return None
    wide = bands(ages)
    old = pl.col("age_from")
    low = pl.coalesce(pl.when(old.is_between(*band)).then(pl.lit(band[0])) for band in wide)
    high = pl.coalesce(pl.when(old.is_between(*band)).then(pl.lit(band[1])) for band in wide)
    return sums_from(sums.frame.with_columns(age_from=low, age_to=high), ages, sums.made)


def of_rows(rows: Rows, weights: Weights, asked: Asked, base: str, year: int, tell: Tell = SILENT) -> Judged:
    """Return the evaluation of person rows, measures of persons included."""
    fitted = _fit(asked.fit)
    ages = tuple(sorted({*bands_of(weights), *fitted.get("ages", ())}))
    tell("summing the costs")
    sums = _held_out(sums_of(rows, ages, base, year), asked, fitted)
    frame = prepared(sums, weights, asked.terms)
    totals = totals_of(frame)
    tell("judging persons")
    persons, frame = persons_of(rows, frame, payment_of(totals, asked.terms))
    tell("drawing counties anew")
    found = _evaluated(sums, frame, asked)
    measures = found.measures | persons.measures(totals, asked.terms)
    return Judged(replace(found, measures=measures), sums, _relation(sums, weights, fitted), asked, weights)


def of_sums(sums: Sums, weights: Weights, asked: Asked, tell: Tell = SILENT) -> Judged:
    """Return the evaluation of sums; what needs records is left out.

    Raises:
        SuirenError: a pool is asked for, and only sums are given.
    """
    if asked.terms.above_fen is not None:
        raise fail(
            "E-evaluate-sums",
            "Sums do not say what each person costs above a line.",
            "What the pool would bear cannot be known from them.",
            "Give the person rows, or leave --pool-above-fen out.",
        )
    tell("drawing counties anew")
    fitted = _fit(asked.fit)
    sums = _held_out(sums, asked, fitted)
    found = _evaluated(sums, prepared(sums, weights, asked.terms), asked)
    if not asked.terms.share:
        found.measures["power"] = found.measures["power_by_cost"] = 1.0
    return Judged(found, sums, _relation(sums, weights, fitted), asked, weights)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """An evaluation with what it was made of."""

    found: Evaluation
    sums: Sums
    relation: str
    """`same`, `held_out`, `other` or `unknown`: what the weights were estimated from."""
    asked: Asked
    weights: Weights

    @property
    def without_cost(self) -> int:
        """Persons whose cost is not given: they are left out."""
        return self.sums.total("persons") - self.sums.total("costed")

    @property
    def met(self) -> Used:
        """How the weights met the people with a cost."""
        people = self.sums.frame.filter(pl.col("costed") > 0)
        months = pl.col("costed") * pl.col("months")
        return used(people.with_columns(age="age_from", persons="costed", person_months=months), self.weights)


def _evaluated(sums: Sums, frame: pl.DataFrame, asked: Asked) -> Evaluation:
    groups = default_groups(frame, sums.ages)
    if asked.promises is not None:
        listed = read_promises(asked.promises, sums).listed
        groups += [Group("promise", promise.name, promise.condition) for promise in listed]
    return evaluated(frame, groups, asked.terms, asked.seed, asked.draws)


def _fit(path: Path | None) -> dict[str, Any]:
    """Return what fit.json says of the sums the weights were estimated from: `ages`, `digest`; empty where unknown.

    Raises:
        SuirenError: unreadable.
    """
    if path is None:
        return {}
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        out = held.get("held_out", {"sha256": "", "counties": []})
        return {
            "ages": check_ages([int(age) for age in held["sums"]["ages"]]),
            "digest": str(held["sums"]["sha256"]),
            "weights": str(held["outputs"]["weights.csv"]),
            "held_out": str(out["sha256"]),
            "counties": [int(code) for code in out["counties"]],
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, SuirenError):
        raise fail(
            "E-fit-file",
            f"{path.name} does not say from which sums weights were estimated.",
            "Nobody could tell whether these records are other ones.",
            "Name the fit.json that `suiren risk fit` wrote beside the weights, or leave --fit out.",
        ) from None


def _relation(sums: Sums, weights: Weights, fitted: Mapping[str, Any]) -> str:
    """Return how these sums stand to those the weights were estimated from; not known where fit.json is of others."""
    if not fitted or fitted["weights"] != weights.digest:
        return "unknown"
    same = sums if sums.ages == fitted["ages"] else rebanded(sums, fitted["ages"])
    if same is None:
        return "unknown"
    known = {fitted["digest"]: "same", fitted["held_out"]: "held_out"}
    if same.digest in known:
        return known[same.digest]
    rest = same.frame.filter(~pl.col("county_code").is_in(fitted["counties"]))
    return "part" if sums_from(rest, same.ages, same.made).digest == fitted["digest"] else "other"


def _held_out(sums: Sums, asked: Asked, fitted: Mapping[str, Any]) -> Sums:
    """Return the sums of the counties that were kept out of the estimate, where only these are asked for.

    Raises:
        SuirenError: fit.json names none, or none of these.
    """
    if not asked.held_out:
        return sums
    kept = sums_from(sums.frame.filter(pl.col("county_code").is_in(fitted.get("counties", ()))), sums.ages, sums.made)
    if kept.frame.is_empty():
        raise fail(
            "E-evaluate-held-out",
            "None of these people live in counties that were kept out of the estimate.",
            "Nothing could be evaluated on them.",
            "Estimate with --hold-out and name its fit.json with --fit, or leave --held-out out.",
        )
    return kept


def write(judged: Judged, folder: Path, lang: str, base: str, pngs: bool = False) -> list[str]:
    """Write tables, pictures (SVG, and PNG where wanted) and page into a folder; return the names of the files."""
    found = judged.found
    found.groups.write_csv(folder / "groups.csv")
    names = pl.Series([places.name(code, lang) for code in found.funds["fund_code"]], dtype=pl.String)
    found.funds.insert_column(1, names.alias("fund")).write_csv(folder / "funds.csv")
    (folder / "evaluation.json").write_text(
        json.dumps(document(judged), ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
    pictures = charts(found, lang)
    for name, picture in pictures.items():
        (folder / f"{name}.svg").write_text(svg(picture), encoding="utf-8")
        if pngs:
            png(picture, folder / f"{name}.png")
    facts = {
        "base": base,
        "invented": judged.sums.made.invented,
        "relation": judged.relation,
        "draws": judged.asked.draws,
        "without_cost": judged.without_cost,
        "without_points": judged.met.zero[0],
        "paid_as_unknown": judged.met.fallen_back[0],
    }
    (folder / "report.html").write_text(report(found, lang, facts), encoding="utf-8")
    kinds = ("svg", "png") if pngs else ("svg",)
    return [*FILES, *(f"{name}.{kind}" for name in pictures for kind in kinds)]


def document(judged: Judged) -> dict[str, Any]:
    """Return the evaluation without its tables: measures, terms, and what it rests on."""
    terms, found = judged.asked.terms, judged.found
    return {
        "persons": found.totals["persons"],
        "person_months": found.totals["person_months"],
        "cost_fen": found.totals["cost_fen"],
        "without_cost": judged.without_cost,
        "without_points": judged.met.zero[0],
        "paid_as_unknown": judged.met.fallen_back[0],
        "weights": {judged.weights.name: judged.weights.digest},
        "estimated_from": judged.relation,
        "sums_sha256": judged.sums.digest,
        "invented": judged.sums.made.invented,
        "terms": {
            "uplift": str(terms.uplift),
            "contribution_fen": terms.contribution_fen,
            "pool_above_fen": terms.above_fen,
            "pool_share": str(terms.share),
        },
        "interval": {"draws": judged.asked.draws, "seed": judged.asked.seed},
        "measures": found.measures,
    }


__all__ = ["FILES", "Asked", "Judged", "bands_of", "document", "of_rows", "of_sums", "rebanded", "write"]
