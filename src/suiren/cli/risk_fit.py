"""`suiren risk sums` and `suiren risk fit`: sums of person rows, and weights estimated from rows or sums."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer

from suiren.cli import intake_words
from suiren.cli.common import Lang, LawFolder, Out, Year, console, language, law_of, one_of, progress, whole
from suiren.cli.risk_rows import acceptor
from suiren.cli.settle import (
    CoverageYear,
    Engine,
    Format,
    Master,
    Memory,
    Most,
    Permits,
    Records,
    Strict,
    Work,
    reading_of,
)
from suiren.engines.tell import Tell
from suiren.errors import fail
from suiren.laws import Law

SCHEME = "risk-adjusted"
"""The scheme whose rows are read: sex and age are needed, and doors are open."""
HELD = "held-out.parquet"
Ages = Annotated[
    str | None, typer.Option("--ages", help="First ages of the bands. Default: 0,1,5,10,... 75,80 (80 and over).")
]
Base = Annotated[str, typer.Option("--base", help="A name for the people whose mean the points are measured by.")]


def sums(
    records: Records,
    out: Out,
    year: Year = "2021",
    ages: Ages = None,
    base: Base = "",
    csv: Annotated[bool, typer.Option("--csv", help="Write sums.csv too.")] = False,
    max_quarantined: Most = None,
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
    """Sum person rows into the table an estimate needs: no person in it, and tables of several places add up."""
    from suiren.cli.risk_fit_words import show_sums
    from suiren.ledger import write
    from suiren.risk.estimate.sums import are_sums, write_sums

    language_ = language(lang)
    if are_sums(records):
        raise fail("E-sums-again", "The inputs are sums already.", do="Give them to `suiren risk fit`.")
    reading = reading_of(strict, language_, format_, permits, coverage_year, engine, master, memory, work)
    held, target = law_of(year, law, SCHEME), Path(out)
    accept = acceptor(max_quarantined, language_)
    firsts = _ages(ages)
    write.check_target(target)
    with progress() as tell, write.replaced(target) as folder:
        made, found = _summed(records, held, reading, firsts, base, accept, folder, tell)
        tell("writing")
        names = write_sums(made, folder, csv)
        settings = {"command": "risk sums", "ages": list(made.ages), "base": base, "strict": strict, "lang": language_}
        facts = {"settings": settings, **intake_words.counts(found), "sums_sha256": made.digest}
        write.write_manifest(folder, facts, [], held)
    screen = console()
    intake_words.show(screen, found, language_)
    show_sums(screen, made, language_)
    screen.print(f"{target.as_posix()}/: {', '.join(names)}, quarantine.csv, manifest.json", markup=False)


def fit(
    records: Annotated[
        list[str], typer.Argument(help="Files or folders of person rows with cost_fen, or sums of `suiren risk sums`.")
    ],
    out: Out,
    promises: Annotated[
        str | None, typer.Option("--promises", help="TOML file with groups that shall not be under-paid.")
    ] = None,
    method: Annotated[
        str, typer.Option("--method", help="linear: age and sex plus health group; cells: each combination by itself.")
    ] = "linear",
    reference: Annotated[
        str, typer.Option("--reference", help="The health group of the healthy, above which the others cost.")
    ] = "none",
    ages: Ages = None,
    mean_points: Annotated[str, typer.Option("--mean-points", help="Points of the average person.")] = "1000",
    least_persons: Annotated[
        str, typer.Option("--least-persons", help="Coefficients of fewer persons are drawn to those of others.")
    ] = "30",
    hold_out: Annotated[
        str | None,
        typer.Option("--hold-out", help="Share of the counties kept out, to see how the weights hold there."),
    ] = None,
    base: Base = "",
    year: Year = "2021",
    max_quarantined: Most = None,
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
    """Estimate points for age, sex and health from costs, bind promises, tell their price, publish the table."""
    from suiren.cli.risk_fit_words import show_few, show_fit
    from suiren.ledger import write
    from suiren.risk.estimate import publish
    from suiren.risk.estimate.design import METHODS
    from suiren.risk.estimate.fit import Settings
    from suiren.risk.estimate.hold_out import hold_out as kept_out
    from suiren.risk.estimate.sums import are_sums, read_sums, write_sums

    language_ = language(lang)
    one_of(method, METHODS, "--method")
    settings = Settings(
        method, reference, _positive(mean_points, "--mean-points"), whole(least_persons, "--least-persons")
    )
    reading = reading_of(strict, language_, format_, permits, coverage_year, engine, master, memory, work)
    held, target = law_of(year, law, SCHEME), Path(out)
    accept, firsts, share = acceptor(max_quarantined, language_), _ages(ages), _part(hold_out)
    write.check_target(target)
    found: Any = None
    with progress() as tell, write.replaced(target) as folder:
        if are_sums(records):
            tell("reading the sums")
            made = read_sums(records)
            if firsts is not None and firsts != made.ages:
                raise fail(
                    "E-ages",
                    f"The sums have the bands {', '.join(map(str, made.ages))}.",
                    "Nobody's age within a band is known any more.",
                    "Leave --ages out, or make the sums anew with `suiren risk sums --ages`.",
                )
        else:
            made, found = _summed(records, held, reading, firsts, base, accept, folder, tell)
        tell("estimating")
        used, aside = kept_out(made, share) if share else (made, None)
        published = _published(used, settings, promises, base, aside, tell)
        names = publish.write(published, folder)
        if found is not None:
            names += write_sums(used, folder)
        if aside is not None:
            names += write_sums(aside.sums, folder, file=HELD)
        about = {"command": "risk fit", **published.document["settings"], "lang": language_}
        facts = {"settings": about, "sums_sha256": used.digest}
        facts |= intake_words.counts(found) if found is not None else _inputs(records)
        write.write_manifest(folder, facts, [], held)
    screen = console()
    if found is not None:
        intake_words.show(screen, found, language_)
        names.append("quarantine.csv")
    show_fit(screen, published, language_)
    if found is not None:
        show_few(screen, used, language_)
    screen.print(f"{target.as_posix()}/: {', '.join(names)}, manifest.json", markup=False)


def _published(made: Any, settings: Any, promises: str | None, base: str, aside: Any, tell: Tell) -> Any:
    """Return the publication of an estimate with the promises of a file."""
    from suiren.risk.estimate import publish
    from suiren.risk.estimate.fit import fit as estimated
    from suiren.risk.estimate.promises import read_promises

    chosen = read_promises(promises, made) if promises is not None else None
    estimate = estimated(made, settings)
    tell("binding the promises")
    return publish.publish(estimate, chosen, base, aside)


def _summed(
    records: list[str],
    law: Law,
    reading: Any,
    ages: tuple[int, ...] | None,
    base: str,
    accept: Callable[[Any], None],
    folder: Path,
    tell: Tell,
) -> tuple[Any, Any]:
    """Return the sums of person rows and what came in; quarantine.csv goes into the folder."""
    from suiren.ledger.run import write_csv
    from suiren.people.intake import rows_of
    from suiren.risk.estimate.sums import AGES, sums_of

    with rows_of(records, law, replace(reading, costs=True), tell) as rows:
        accept(rows.found)
        tell("summing")
        made = sums_of(rows, ages or AGES, base, law.year)
        write_csv(rows, folder / "quarantine.csv")
    return made, rows.found


def _inputs(records: list[str]) -> dict[str, Any]:
    """Return name, size and SHA-256 of files of sums."""
    from suiren.people.files import sha256
    from suiren.risk.estimate.sums import files_of

    files = files_of(records)
    return {"inputs": [{"name": path.name, "bytes": path.stat().st_size, "sha256": sha256(path)} for path in files]}


def _ages(text: str | None) -> tuple[int, ...] | None:
    from suiren.risk.estimate.sums_table import check_ages

    if text is None:
        return None
    return check_ages([whole(one.strip(), "--ages") for one in text.split(",")])


def _positive(text: str, option: str) -> int:
    value = whole(text, option)
    if not value:
        raise fail("E-value", f"{option} 0 would leave no points.", do="Give a whole number such as 1000.")
    return value


def _part(text: str | None) -> Fraction | None:
    from suiren.risk.numbers import exact_number

    if text is None:
        return None
    share = exact_number(text)
    if share is None or not 0 < share < 1:
        raise fail("E-share", f"--hold-out {text[:20]!r} is no share between 0 and 1.", do="Write it like 0.2 or 20%.")
    return share
