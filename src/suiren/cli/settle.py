"""`suiren settle` and `suiren check`: person rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from suiren.cli import intake_words
from suiren.cli.common import Lang, LawFolder, Out, Year, console, language, law_of, one_of, progress, whole
from suiren.errors import Problem, fail, raise_all
from suiren.money import parse_share

ENGINES = ("duckdb", "spark")
FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Years whose months can be read."""
FORMATS = ("auto", "plain", "nhsa", "nhsa-ledger")
Format = Annotated[str, typer.Option("--format", help="Shape of the rows: auto, plain, nhsa or nhsa-ledger.")]
Records = Annotated[
    list[str],
    typer.Argument(help="Files or folders of person rows (CSV, Parquet, Excel, file.duckdb:table), or of kinds."),
]
Scheme = Annotated[str, typer.Option("--scheme", help="A scheme with its options.")]
Strict = Annotated[bool, typer.Option("--strict", help="Quarantine rows for which a fact is missing.")]
Most = Annotated[
    str | None,
    typer.Option("--max-quarantined", help="Fail where a larger share of the rows is quarantined, e.g. 0.01."),
]
Permits = Annotated[
    str | None,
    typer.Option("--permits", help="File with facts of persons, such as has_permit, joined by person number."),
]
CoverageYear = Annotated[
    str | None,
    typer.Option("--coverage-year", help="Year whose months count. Default: the year after the notice year."),
]
Engine = Annotated[str, typer.Option("--engine", help="Where the rows are worked on: duckdb or spark.")]
Master = Annotated[str | None, typer.Option("--master", help="With spark: its address. Default: local[*].")]
Memory = Annotated[str, typer.Option("--memory", help="What the engine may hold before it spills to disk.")]
Work = Annotated[
    str | None, typer.Option("--work", help="Folder for temporary data; on a cluster, one that all its machines see.")
]


def settle(
    records: Records,
    out: Out,
    year: Year = "2021",
    scheme: Scheme = "current",
    bills: Annotated[bool, typer.Option("--bills", help="Write a bill for each person row.")] = False,
    kinds_only: Annotated[
        bool, typer.Option("--kinds-only", help="Write kinds of people instead, to be settled with those of others.")
    ] = False,
    strict: Strict = False,
    max_quarantined: Most = None,
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
    """Settle person rows exactly: a ledger, a statement for each government, every refused row with its reason."""
    from suiren.ledger import write
    from suiren.ledger.run import kinds_of_records, settle_records
    from suiren.show import workbook
    from suiren.show.summary import summary

    language_ = language(lang)
    reading = reading_of(strict, language_, format_, permits, coverage_year, engine, master, memory, work)
    held = law_of(year, law, scheme)
    accept = acceptor(max_quarantined, language_)
    if bills and kinds_only:
        raise fail("E-value", "--bills and --kinds-only exclude each other.", "Kinds hold no persons to bill.")
    target = Path(out)
    write.check_target(target)

    with progress() as tell, write.replaced(target) as folder:
        settings = {"command": "settle", "strict": strict, "bills": bills, "lang": language_}
        if kinds_only:
            found = kinds_of_records(records, held, folder, reading, accept, tell)
            result = None
            settings |= {"kinds_only": True, "scheme": held.scheme.label}
        else:
            found, result = settle_records(records, held, folder, reading, bills, accept, tell)
            settings |= {"scheme": result.scheme}
            tell("writing")
            write.write_tables(folder, [result])
            workbook.workbook(folder / "statement.xlsx", [result], summary([result]), language_)
        facts = {"settings": settings, **intake_words.counts(found)}
        write.write_manifest(folder, facts, [result] if result is not None else [], held)
    screen = console()
    intake_words.show(screen, found, language_)
    if result is not None:
        _print_result(screen, result, language_)
    names = ["kinds.parquet"] if kinds_only else ["ledger.parquet", "balances.parquet", "statement.xlsx"]
    names += ["quarantine.csv", *(["bills.parquet"] * bills)]
    screen.print(f"{target.as_posix()}/: {', '.join(names)}, manifest.json")


def check(
    records: Records,
    out: Annotated[
        str | None, typer.Option("--out", "-o", help="Folder for quarantine.csv, counts.csv and manifest.json.")
    ] = None,
    year: Year = "2021",
    scheme: Scheme = "current",
    strict: Annotated[
        bool, typer.Option("--strict", help="Count rows for which a fact is missing as refused.")
    ] = False,
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
    """Check person rows without settling: what is wrong with which row, how often, where, with how much money."""
    from suiren.ledger import write
    from suiren.ledger.run import check_records

    language_ = language(lang)
    reading = reading_of(strict, language_, format_, permits, coverage_year, engine, master, memory, work)
    held = law_of(year, law, scheme)
    if out is None:
        with progress() as tell:
            found = check_records(records, held, None, reading, tell)
    else:
        write.check_target(Path(out))
        with progress() as tell, write.replaced(Path(out)) as folder:
            found = check_records(records, held, folder, reading, tell)
            intake_words.places_of(found).write_csv(folder / "counts.csv")
            settings = {"command": "check", "strict": strict, "scheme": held.scheme.label}
            write.write_manifest(folder, {"settings": settings, **intake_words.counts(found)}, [], held)
    screen = console()
    intake_words.show(screen, found, language_)
    intake_words.show_held(screen, found, language_)
    if out is not None:
        screen.print(f"{Path(out).as_posix()}/: quarantine.csv, counts.csv, manifest.json")


def reading_of(
    strict: bool,
    lang: str,
    format_: str,
    permits: str | None,
    coverage_year: str | None,
    engine: str,
    master: str | None,
    memory: str,
    work: str | None,
) -> Any:
    """Return how rows are to be read, as the options say.

    Raises:
        SuirenError: an option with a value that it does not take.
    """
    from suiren.engines.duck import memory_of
    from suiren.people.intake import Reading

    one_of(engine, ENGINES, "--engine")
    one_of(format_, FORMATS, "--format")
    if master is not None and engine != "spark":
        raise fail("E-value", "--master is for --engine spark.")
    covers = whole(coverage_year, "--coverage-year") if coverage_year is not None else None
    if covers is not None and not FIRST_YEAR <= covers <= LAST_YEAR:
        raise fail("E-value", f"--coverage-year {covers} is not between {FIRST_YEAR} and {LAST_YEAR}.")
    if work is not None and not Path(work).is_dir():
        raise fail("E-work", f"There is no folder {work!r} for temporary data.", do="Make it, or name another.")
    return Reading(
        strict=strict,
        lang=lang,
        format_=format_,
        permits=permits,
        coverage_year=covers,
        engine=engine,
        master=master,
        memory=memory_of(memory),
        work=Path(work) if work is not None else None,
    )


def acceptor(most: str | None, lang: str) -> Callable[[Any], None]:
    """Return what refuses an intake of which a larger share than `most` is quarantined; nothing where it is empty.

    Raises:
        SuirenError: `most` is no share.
    """
    limit = share_of(most)

    def accept(found: Any) -> None:
        if limit is not None and found.rows_quarantined > limit * found.rows_in:
            raise fail(
                "E-quarantine",
                f"{found.rows_quarantined:,} of {found.rows_in:,} rows would be quarantined, above {most}.",
                intake_words.by_code(found, lang),
                "Look at them with `suiren check`.",
            )

    return accept


def share_of(text: str | None) -> Any:
    """Return the share that `--max-quarantined` names, exact; nothing where it is not given.

    Raises:
        SuirenError: it is no share from 0 to 1.
    """
    if text is None:
        return None
    try:
        share = parse_share(text)
    except ValueError as error:
        raise fail("E-share", f"--max-quarantined: {error}.") from None
    problems = [Problem("E-share", f"--max-quarantined {text} is not between 0 and 1.")] if not 0 <= share <= 1 else []
    raise_all(problems)
    return share


def _print_result(screen: Any, result: Any, lang: str) -> None:
    from suiren.money import yuan

    governments, persons = yuan(result.total()), yuan(result.total("individual"))
    zh = f"各级政府补助 {governments} 元，个人缴费 {persons} 元（{result.scheme}，{result.law.year} 政策年度）"
    en = f"governments {governments} yuan, persons {persons} yuan ({result.scheme}, notice year {result.law.year})"
    screen.print(zh if lang == "zh" else en)
    missing, silent = result.counts["facts_missing"], result.counts["no_source"]
    if missing or silent:
        zh = f"假定按当地人待遇结算：{missing:,} 人缺少事实，{silent:,} 人所在地没有资料"
        en = (
            f"settled on assumed local terms: {missing:,} persons for want of a fact, "
            f"{silent:,} where no source states a rule"
        )
        screen.print(zh if lang == "zh" else en)
