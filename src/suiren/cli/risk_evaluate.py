"""`suiren risk evaluate` and `suiren risk sample`: weights held against costs; an invented population with claims."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer

from suiren.cli import intake_words
from suiren.cli.common import Lang, LawFolder, Out, Year, console, language, law_of, progress, whole
from suiren.cli.risk_rows import Asked, need_somebody
from suiren.cli.settle import (
    CoverageYear,
    Engine,
    Format,
    Master,
    Memory,
    Permits,
    Work,
    reading_of,
)
from suiren.errors import Problem, fail, raise_all

MOST_DIGITS = 10
MOST_FEN = 10**12
MOST_DRAWS = 10_000
SAMPLED = {
    "en": (
        "{path}: {rows} invented rows in {places} counties",
        (
            "R²: age and sex {age_and_sex}, with prior conditions {prior_conditions}, with those of this year "
            "{conditions_of_this_year}; counties {counties}"
        ),
        "{truth}: true cost of each cell; {about}: settings and shares",
    ),
    "zh": (
        "{path}：虚构的 {rows} 行，{places} 个县",
        (
            "R²：年龄与性别 {age_and_sex}，加上年病种 {prior_conditions}，加当年病种 {conditions_of_this_year}；"
            "县级 {counties}"
        ),
        "{truth}：每格的真实费用；{about}：设置与占比",
    ),
}
"""What is said of an invented population."""


def evaluate(
    records: Annotated[
        list[str], typer.Argument(help="Files or folders of person rows with cost_fen, or sums of `suiren risk sums`.")
    ],
    weights: Annotated[str, typer.Option("--weights", help="The weights table.")],
    out: Out,
    promises: Annotated[
        str | None, typer.Option("--promises", help="File of promises: its groups are told too.")
    ] = None,
    fit: Annotated[
        str | None,
        typer.Option("--fit", help="fit.json of the weights. Default: the one beside them, where there is one."),
    ] = None,
    held_out: Annotated[
        bool, typer.Option("--held-out", help="Judge only the counties that `risk fit --hold-out` kept out.")
    ] = False,
    uplift: Annotated[str, typer.Option("--uplift", help="More points for people from another pool, e.g. 0.1.")] = "0",
    contribution_fen: Annotated[
        str, typer.Option("--contribution-fen", help="What each person pays the fund for a year, fen.")
    ] = "0",
    pool_above_fen: Annotated[
        str | None,
        typer.Option("--pool-above-fen", help="A pool bears a share of a person's cost above this a year, fen."),
    ] = None,
    pool_share: Annotated[str | None, typer.Option("--pool-share", help="The share that the pool bears.")] = None,
    png: Annotated[bool, typer.Option("--png", help="Write the pictures as PNG too.")] = False,
    seed: Annotated[str, typer.Option("--seed", help="Seed of the drawing of counties for intervals.")] = "1",
    draws: Annotated[str, typer.Option("--draws", help="How often counties are drawn anew.")] = "1000",
    year: Year = "2021",
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
    """Tell whom weights would pay too much or too little: groups and funds with intervals, then measures of fit."""
    from suiren.ledger import write as writing
    from suiren.ledger.run import write_csv
    from suiren.people.intake import rows_of
    from suiren.risk.estimate.sums import are_sums, read_sums
    from suiren.risk.evaluate import run
    from suiren.risk.evaluate.page import lead
    from suiren.risk.weights import load

    language_ = language(lang)
    reading = reading_of(False, language_, format_, permits, coverage_year, engine, master, memory, work)
    beside = Path(weights).with_name("fit.json")
    told = Path(fit) if fit is not None else beside if beside.is_file() else None
    options = Asked()
    terms = options.take(lambda: _terms(uplift, contribution_fen, pool_above_fen, pool_share))
    number = options.take(lambda: whole(seed, "--seed"))
    count = options.take(lambda: _draws(draws))
    points = options.take(lambda: load(weights))
    held = options.take(lambda: law_of(year, law, "risk-adjusted"))
    raise_all(options.problems)
    asked = run.Asked(terms, Path(promises) if promises is not None else None, told, held_out, number, count)
    target = Path(out)
    writing.check_target(target)
    settings: dict[str, Any] = {"command": "risk evaluate", "lang": language_}
    found: Any = None
    with progress() as tell, writing.replaced(target) as folder:
        if are_sums(records):
            judged = run.of_sums(read_sums(records), points, asked, tell)
            base = judged.sums.made.base or ", ".join(Path(record).name for record in records)
        else:
            with rows_of(records, held, _costed(reading), tell) as rows:
                need_somebody(rows.found, language_)
                write_csv(rows, folder / "quarantine.csv")
                base = rows.people.name
                judged = run.of_rows(rows, points, asked, base, held.year, tell)
                found = rows.found
        tell("writing")
        names = run.write(judged, folder, language_, base, png)
        facts = {"settings": {**settings, **run.document(judged)["terms"]}, "weights_sha256": points.digest}
        names += ["quarantine.csv"] if found is not None else []
        facts |= intake_words.counts(found) if found is not None else {"sums_sha256": judged.sums.digest}
        writing.write_manifest(folder, facts, [], held)
    screen = console()
    if found is not None:
        intake_words.show(screen, found, language_)
    for line in lead(judged.found, language_):
        screen.print(line, markup=False)
    screen.print(f"{target.as_posix()}/: {', '.join(names)}, manifest.json", markup=False)


def sample(
    rows: Annotated[str, typer.Option("--rows", help="How many rows.")],
    out: Annotated[str, typer.Option("--out", "-o", help="The .parquet file; truth and settings are written beside.")],
    seed: Annotated[str, typer.Option("--seed", help="Another seed draws other people.")] = "1",
    counties: Annotated[
        str | None,
        typer.Option("--counties", help="In how many counties they live; default one for each 5,000 rows."),
    ] = None,
    year: Year = "2021",
    law: LawFolder = None,
    lang: Lang = None,
) -> None:
    """Write an invented population with claims, and what each cell truly costs; same options, same bytes."""
    from suiren.risk.claims.sample import ABOUT, TRUTH
    from suiren.risk.claims.sample import sample as draw

    language_ = language(lang)
    digits = rows.strip().replace(",", "").replace("_", "")
    if not (digits.isdecimal() and len(digits) <= MOST_DIGITS):
        raise fail("E-number", f"--rows {rows[:20]!r} is not a whole number of at most {MOST_DIGITS} digits.")
    many = None if counties is None else whole(counties, "--counties")
    with progress() as tell:
        told = draw(int(digits), out, whole(seed, "--seed"), many, whole(year, "--year"), law, tell)
    screen, path = console(), Path(out)
    fits = {name: "-" if value is None else f"{value:.3f}" for name, value in told["r_squared"].items()}
    named = {"path": path.as_posix(), "rows": f"{told['rows']:,}", "places": f"{told['counties']:,}", **fits}
    named |= {"truth": f"{path.stem}-{TRUTH}", "about": f"{path.stem}-{ABOUT}"}
    for line in SAMPLED[language_]:
        screen.print(line.format(**named), markup=False)


def _costed(reading: Any) -> Any:
    from dataclasses import replace

    return replace(reading, costs=True)


def _draws(text: str) -> int:
    count = whole(text, "--draws")
    if not 1 <= count <= MOST_DRAWS:
        raise fail("E-value", f"--draws {count:,} is not between 1 and {MOST_DRAWS:,}.")
    return count


def _terms(uplift: str, contribution: str, above: str | None, share: str | None) -> Any:
    """Return the terms of payment; raise all that is wrong with them at once."""
    from suiren.risk.evaluate.terms import Terms
    from suiren.risk.numbers import exact_number

    problems: list[Problem] = []
    shares: list[Fraction] = []
    for option, text, most in (("--uplift", uplift, 10), ("--pool-share", share or "0", 1)):
        value = exact_number(text)
        if value is None or value > most:
            what = f"{option} {text[:20]!r} is no number from 0 to {most} with at most six decimals."
            problems.append(Problem("E-share", what, do="Write it like 0.1, 10% or 1/10."))
            value = Fraction(0)
        shares.append(value)
    amounts: list[int] = []
    for option, text in (("--contribution-fen", contribution), ("--pool-above-fen", above or "0")):
        known = text.isdecimal() and len(text) <= len(str(MOST_FEN))
        if not known:
            problems.append(Problem("E-number", f"{option} {text[:20]!r} is no whole number of fen."))
        amounts.append(int(text) if known else 0)
    if (above is None) != (share is None):
        missing, given = ("--pool-share", "--pool-above-fen") if share is None else ("--pool-above-fen", "--pool-share")
        problems.append(Problem("E-value", f"{given} needs {missing}.", do="A pool has a line and a share."))
    raise_all(problems)
    return Terms(shares[0], amounts[0], amounts[1] if above is not None else None, shares[1])


__all__ = ["evaluate", "sample"]
