"""`suiren risk allocate` and `score`: money by points for funds and for person rows."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer

from suiren.cli.common import Lang, LawFolder, Out, Year, console, language, law_of, one_of, progress
from suiren.cli.risk_rows import Asked, counts, people_of, show_intake
from suiren.cli.settle import (
    CoverageYear,
    Engine,
    Format,
    Master,
    Memory,
    Permits,
    Records,
    Strict,
    Work,
    reading_of,
)
from suiren.errors import Problem, fail, raise_all
from suiren.laws import Law

WeightsFile = Annotated[str, typer.Option("--weights", help="Table of points: a file, or illustrative.")]
Uplift = Annotated[str, typer.Option("--uplift", help="More points for people from elsewhere: 0.1 is a tenth more.")]
Budget = Annotated[str | None, typer.Option("--budget-fen", help="The budget, in fen.")]
PointValue = Annotated[
    str | None, typer.Option("--value-fen", help="What a point is worth a year, in fen; decimals are allowed.")
]
Regime = Annotated[
    str, typer.Option("--regime", help="open: people from elsewhere count as locals; keep: today's doors decide.")
]
CURRENT = "current"
"""Instead of an earlier allocation: what the centre pays today on the same enrolment."""
FILES = ("allocation.parquet", "allocation.csv")


def allocate(
    records: Annotated[
        list[str], typer.Argument(help="Files or folders of person rows, or of kinds; or the population china-2020.")
    ],
    out: Out,
    weights: WeightsFile,
    budget_fen: Annotated[
        str,
        typer.Option(
            "--budget-fen",
            help="The budget, in fen; with --pool province or tier also a CSV file with province_code (or tier) and "
            "budget_fen.",
        ),
    ],
    uplift: Uplift = "0",
    pool: Annotated[
        str, typer.Option("--pool", help="Who shares one budget: nation, province, or tier (the central tiers).")
    ] = "nation",
    floor: Annotated[
        list[str] | None,
        typer.Option("--floor", help="At least this a person-month: 2500 is fen, 95% is of last time's amount."),
    ] = None,
    cap: Annotated[
        list[str] | None,
        typer.Option("--cap", help="At most this a person-month: 9000 is fen, 110% is of last time's amount."),
    ] = None,
    last: Annotated[
        str | None,
        typer.Option("--last", help="What funds received last time: an earlier allocation, or current (today's law)."),
    ] = None,
    pace: Annotated[
        str | None, typer.Option("--pace", help="DOWN:UP, such as 2%:5%: how far an amount may fall and rise.")
    ] = None,
    regime: Regime = "open",
    year: Year = "2021",
    strict: Strict = False,
    engine: Engine = "duckdb",
    master: Master = None,
    memory: Memory = "2GB",
    work: Work = None,
    format_: Format = "auto",
    permits: Permits = None,
    coverage_year: CoverageYear = None,
    law: LawFolder = None,
    lang: Lang = None,
) -> None:
    """Share a budget out to the funds by points: always the whole budget, to the fen, within floors, caps and pace."""
    import polars as pl

    from suiren.cli import risk_pay_words as words
    from suiren.ledger import write
    from suiren.risk.pay import allocate as allocating
    from suiren.risk.pay import bounds, counted

    language_ = language(lang)
    reading = reading_of(strict, language_, format_, permits, coverage_year, engine, master, memory, work)
    asked = Asked()
    asked.take(lambda: one_of(pool, counted.POOLS, "--pool"))
    held = asked.take(lambda: _law(year, law, weights, uplift, regime))
    budget = asked.take(lambda: _budget(budget_fen, pool))
    floors = asked.take(lambda: bounds.limits_of(floor or (), "--floor"))
    caps = asked.take(lambda: bounds.limits_of(cap or (), "--cap"))
    paced = asked.take(lambda: bounds.pace_of(pace) if pace is not None else None)
    before = asked.take(lambda: bounds.read_last(last) if last is not None and last != CURRENT else {})
    raise_all(asked.problems)
    if last != CURRENT:
        bounds.check_rules(bounds.Rules(floors, caps, paced, before))
    target = Path(out)
    write.check_target(target)
    whole = sum(budget.values()) if isinstance(budget, Mapping) else budget
    with progress() as tell, write.replaced(target) as folder:
        with people_of(records, held, reading, folder, tell) as (people, _, found):
            tell("counting points")
            points = counted.count(people, held, whole)
            before = counted.last_of_current(people, held) if last == CURRENT else before
            rules = bounds.Rules(floors, caps, paced, before)
            tell("allocating")
            made = allocating.pay(points, counted.money_pools(points, held, pool, budget), rules)
        made.frame.write_parquet(folder / FILES[0], compression="zstd")
        made.frame.with_columns(pl.col("bound").replace("", None)).write_csv(folder / FILES[1])
        settings = {
            "command": "risk allocate",
            "scheme": held.scheme.label,
            "pool": pool,
            "budget": bounds.digest_of(budget_fen) if isinstance(budget, Mapping) else budget,
            "floor": list(floor or ()),
            "cap": list(cap or ()),
            "pace": pace,
            "last": bounds.digest_of(last) if last is not None and last != CURRENT else last,
            "lang": language_,
        }
        facts = {"settings": settings, **_weights_fact(held), **counts(found)}
        facts |= {"points": words.facts(points), "allocation": _told(made)}
        write.write_manifest(folder, facts, [], held)
    screen = console()
    show_intake(screen, found, whole, language_)
    words.show_allocation(screen, made, language_)
    names = [*FILES, *(["quarantine.csv"] if found is not None else []), write.MANIFEST]
    screen.print(f"{target.as_posix()}/: {', '.join(names)}", markup=False)


def score(
    records: Records,
    out: Out,
    weights: WeightsFile,
    budget_fen: Budget = None,
    value_fen: PointValue = None,
    allocation: Annotated[
        str | None, typer.Option("--allocation", help="Pay what `suiren risk allocate` gave each fund: its folder.")
    ] = None,
    uplift: Uplift = "0",
    regime: Regime = "open",
    year: Year = "2021",
    strict: Strict = False,
    engine: Engine = "duckdb",
    master: Master = None,
    memory: Memory = "2GB",
    work: Work = None,
    format_: Format = "auto",
    permits: Permits = None,
    coverage_year: CoverageYear = None,
    law: LawFolder = None,
    lang: Lang = None,
) -> None:
    """Score person rows: points by age and sex, health and uplift; with a budget or a value, each row's money too."""
    from suiren.cli import risk_pay_words as words
    from suiren.ledger import write
    from suiren.risk.pay import allocate as allocating
    from suiren.risk.pay import bounds, counted
    from suiren.risk.pay.score import write_scores

    language_ = language(lang)
    reading = reading_of(strict, language_, format_, permits, coverage_year, engine, master, memory, work)
    asked = Asked()
    given = [name for name, value in _money(budget_fen, value_fen, allocation).items() if value is not None]
    if len(given) > 1:
        asked.problems.append(
            Problem("E-value", f"{' and '.join(given)} exclude each other.", "One person would have two amounts.")
        )
    held = asked.take(lambda: _law(year, law, weights, uplift, regime))
    budget = asked.take(lambda: bounds.fen_of(budget_fen, "--budget-fen") if budget_fen is not None else None)
    value = asked.take(lambda: bounds.number_of(value_fen, "--value-fen") if value_fen is not None else None)
    raise_all(asked.problems)
    target = Path(out)
    write.check_target(target)
    with progress() as tell, write.replaced(target) as folder:
        with people_of(records, held, reading, folder, tell) as (people, rows, found):
            if rows is None:
                raise fail("E-score-kinds", "A population holds no persons, so nobody can be scored.")
            tell("counting points")
            points = counted.count(people, held, budget)
            money: Mapping[int, int] | Fraction | None = value
            if budget is not None:
                pools = counted.money_pools(points, held, counted.NATION, budget)
                money = allocating.pay(points, pools, bounds.Rules()).amounts
            elif allocation is not None:
                money = counted.check_allocated(points, allocation)
                budget = sum(money.values())
            tell("scoring", found.rows_settled if found is not None else 0)
            made = write_scores(rows, held, points, money, folder / "scores.parquet")
        settings = {
            "command": "risk score",
            "scheme": held.scheme.label,
            "budget": budget_fen,
            "value": value_fen,
            "allocation": bounds.digest_of(allocation) if allocation is not None else None,
            "lang": language_,
        }
        facts = {"settings": settings, **_weights_fact(held), **counts(found), "points": words.facts(points)}
        facts |= {"scores": {"rows": made.rows, "amount_fen": made.amount_fen}}
        write.write_manifest(folder, facts, [], held)
    screen = console()
    show_intake(screen, found, budget, language_)
    words.show_scores(screen, made, points, budget, language_)
    screen.print(f"{target.as_posix()}/: scores.parquet, quarantine.csv, {write.MANIFEST}", markup=False)


def _law(year: str, folder: str | None, weights: str, uplift: str, regime: str) -> Law:
    """Return the law with risk adjustment by these weights."""
    from suiren.laws.scheme import reform
    from suiren.risk.pay.bounds import uplift_of
    from suiren.risk.weights import load

    load(weights)
    options = {"weights": weights, "uplift": str(uplift_of(uplift)), "regime": regime}
    return law_of(year, folder) | reform("risk-adjusted", options)


def _budget(text: str, pool: str) -> int | dict[int, int]:
    """Return the budget, or the budgets of a file by province or tier."""
    from suiren.risk.pay import bounds

    number = text.strip()[:1] in {*"0123456789+-."} or pool not in {"province", "tier"}
    if number and not Path(text).is_file():
        return bounds.fen_of(text, "--budget-fen")
    if pool not in {"province", "tier"}:
        raise fail(
            "E-budget-file",
            f"A file of budgets ({Path(text).name}) needs to be told what they are of.",
            do="Add --pool province or --pool tier, or give one number of fen.",
        )
    return bounds.read_budgets(text, "tier" if pool == "tier" else "province_code")


def _money(budget_fen: str | None, value_fen: str | None, allocation: str | None) -> dict[str, str | None]:
    return {"--budget-fen": budget_fen, "--value-fen": value_fen, "--allocation": allocation}


def _weights_fact(law: Law) -> dict[str, Any]:
    from suiren.risk.weights import load

    table = load(law.scheme["weights"])
    return {"weights": {table.name: table.digest}}


def _told(made: Any) -> dict[str, Any]:
    """Return what the manifest says of an allocation: each pool of money with the exact value of a point."""
    from suiren.risk.pay.explain import told

    bound = made.frame["bound"].to_list()
    return {
        "budget_fen": made.budget_fen,
        "allocated_fen": sum(made.frame["amount_fen"].to_list()),
        "pools": [
            {
                "name": pool.name,
                "funds": len(pool.funds),
                "budget_fen": pool.budget_fen,
                "value_of_a_point_fen": str(told(pool.value)),
            }
            for pool in made.pools
        ],
        "at_floor": bound.count("floor"),
        "at_cap": bound.count("cap"),
    }
