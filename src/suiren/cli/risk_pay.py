"""`suiren risk allocate`, `score` and `explain`: money by points for funds, for rows, and for one person."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer

from suiren.cli import intake_words
from suiren.cli.common import Json, Lang, LawFolder, Out, Year, console, language, law_of, one_of, print_json, progress
from suiren.cli.common import whole as whole_number
from suiren.cli.settle import (
    CoverageYear,
    Engine,
    Format,
    Master,
    Memory,
    Permits,
    Records,
    Work,
    reading_of,
)
from suiren.engines.tell import Tell
from suiren.errors import Problem, SuirenError, fail, raise_all
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
Strict = Annotated[bool, typer.Option("--strict", help="Quarantine rows for which a fact is missing.")]
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
        with _people(records, held, reading, folder, tell) as (people, _, found):
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
        facts = {"settings": settings, **_weights_fact(held), **_counts(found)}
        facts |= {"points": words.facts(points), "allocation": _told(made)}
        write.write_manifest(folder, facts, [], held)
    screen = console()
    _show_intake(screen, found, whole, language_)
    words.show_allocation(screen, made, language_)
    names = [*FILES, *(["quarantine.csv"] if found is not None else []), write.MANIFEST]
    screen.print(f"{target.as_posix()}/: {', '.join(names)}")


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
        with _people(records, held, reading, folder, tell) as (people, rows, found):
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
        facts = {"settings": settings, **_weights_fact(held), **_counts(found), "points": words.facts(points)}
        facts |= {"scores": {"rows": made.rows, "amount_fen": made.amount_fen}}
        write.write_manifest(folder, facts, [], held)
    screen = console()
    _show_intake(screen, found, budget, language_)
    words.show_scores(screen, made, points, budget, language_)
    screen.print(f"{target.as_posix()}/: scores.parquet, quarantine.csv, {write.MANIFEST}")


def explain(
    age: Annotated[str, typer.Option("--age", help="Age in years.")],
    sex: Annotated[str, typer.Option("--sex", help="m or f.")],
    weights: WeightsFile,
    group: Annotated[str, typer.Option("--group", help="Health group; default: nothing is known.")] = "",
    months: Annotated[str, typer.Option("--months", help="Months of the year, 1 to 12.")] = "12",
    value_fen: PointValue = None,
    budget_fen: Budget = None,
    point_months: Annotated[
        str | None, typer.Option("--point-months", help="With --budget-fen: all point-months that share it.")
    ] = None,
    uplift: Uplift = "0",
    from_elsewhere: Annotated[
        bool, typer.Option("--from-elsewhere", help="The person's hukou is in another pool: the uplift holds.")
    ] = False,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Explain one score: age and sex, health group, uplift, months, value of a point; the steps add up to the fen."""
    from suiren.cli import risk_pay_words as words
    from suiren.risk.pay import bounds
    from suiren.risk.pay.explain import explain as explain_score
    from suiren.risk.weights import load

    language_ = language(lang)
    asked = Asked()
    table = asked.take(lambda: load(weights))
    value = asked.take(lambda: _value(value_fen, budget_fen, point_months))
    more = asked.take(lambda: bounds.uplift_of(uplift))
    years = asked.take(lambda: whole_number(age, "--age"))
    held = asked.take(lambda: whole_number(months, "--months"))
    raise_all(asked.problems)
    made = explain_score(table, years, sex, value, group, held, more, from_elsewhere)
    if json:
        print_json(made.to_dict(language_))
        return
    words.show_score(console(), made, language_)


@dataclass
class Asked:
    """What was asked for, read option by option, and all that is wrong with it."""

    problems: list[Problem]

    def __init__(self) -> None:
        """Hold no problem yet."""
        self.problems = []

    def take(self, read: Callable[[], Any]) -> Any:
        """Return what `read` returns; where it raises, keep its problems for later and return nothing."""
        try:
            return read()
        except SuirenError as error:
            self.problems += error.problems
            return None


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

    if text.strip()[:1] in {*"0123456789+-."} and not Path(text).exists():
        return bounds.fen_of(text, "--budget-fen")
    if pool == "nation":
        raise fail(
            "E-budget-file",
            f"A file of budgets ({Path(text).name}) needs to be told what they are of.",
            do="Add --pool province or --pool tier, or give one number of fen.",
        )
    return bounds.read_budgets(text, "tier" if pool == "tier" else "province_code")


def _value(value_fen: str | None, budget_fen: str | None, point_months: str | None) -> Any:
    """Return the value of a point that is given, or that follows from a budget and all point-months."""
    from suiren.risk.pay import bounds
    from suiren.risk.pay.explain import Value

    if value_fen is not None and budget_fen is None and point_months is None:
        return Value(bounds.number_of(value_fen, "--value-fen"))
    if value_fen is not None or budget_fen is None or point_months is None:
        raise fail(
            "E-value",
            "The value of a point is not told, or told twice.",
            do="Give --value-fen, or both --budget-fen and --point-months.",
        )
    budget = bounds.fen_of(budget_fen, "--budget-fen")
    points = bounds.points_of(point_months, "--point-months")
    return Value(budget * 12 / points, budget, points)


def _money(budget_fen: str | None, value_fen: str | None, allocation: str | None) -> dict[str, str | None]:
    return {"--budget-fen": budget_fen, "--value-fen": value_fen, "--allocation": allocation}


@contextlib.contextmanager
def _people(records: list[str], law: Law, reading: Any, folder: Path, tell: Tell) -> Generator[tuple[Any, Any, Any]]:
    """Yield the people, their rows while at hand, and the intake; of a built-in population only the people."""
    from suiren.ledger.run import write_csv
    from suiren.people import BUILT_IN, population
    from suiren.people.intake import rows_of

    if records == [BUILT_IN] and not Path(BUILT_IN).exists():
        yield population(BUILT_IN), None, None
        return
    with rows_of(records, law, reading, tell) as rows:
        write_csv(rows, folder / "quarantine.csv")
        yield rows.people, rows, rows.found


def _counts(found: Any) -> dict[str, Any]:
    return intake_words.counts(found) if found is not None else {"inputs": [{"name": "china-2020"}]}


def _show_intake(screen: Any, found: Any, budget_fen: int | None, lang: str) -> None:
    from suiren.cli import risk_pay_words as words

    if found is None:
        return
    intake_words.show(screen, found, lang)
    for line in words.held_back(found.rows_quarantined, found.rows_settled, budget_fen, lang):
        screen.print(line, markup=False)


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
