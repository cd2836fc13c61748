"""`suiren compare`: the main job."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from suiren.cli.common import Lang, LawFolder, Out, Schemes, Year, console, language, law_of, progress
from suiren.engines.tell import Tell
from suiren.errors import did_you_mean, fail
from suiren.laws import Law
from suiren.people import BUILT_IN
from suiren.people.kinds import People

FILES = ("report.html", "statement.xlsx", "ledger.parquet", "balances.parquet", "quarantine.csv")
DEFAULT_SCHEMES = ("current", "portable", "portable:enrol=residence", "risk-adjusted")
Population = Annotated[
    str, typer.Argument(help="A built-in population, or a CSV or Parquet file (or folder) of person rows.")
]


def compare(
    population: Population = BUILT_IN,
    year: Year = "2021",
    scheme: Schemes = None,
    out: Out = "out",
    law: LawFolder = None,
    lang: Lang = None,
) -> None:
    """Compare schemes: who pays what, what changes, for whom. Writes report, workbook and tables."""
    from suiren.laws.scheme import check_scheme, labels, parse
    from suiren.ledger import write
    from suiren.ledger.settle import settle
    from suiren.show import report, terminal, workbook
    from suiren.show.summary import summary

    language_ = language(lang)
    base = law_of(year, law)
    laws = [base | parse(text) for text in scheme or DEFAULT_SCHEMES]
    labels(each.scheme for each in laws)
    for each in laws:
        check_scheme(each.scheme)
    target = Path(out)
    write.check_target(target)
    with progress() as tell:
        tell("reading the people")
        people, low, facts, quarantine = _people(population, base, language_, tell)
        results = [_told(tell, each) or settle(people, each) for each in laws]
        low_results = [settle(low, each, by_hukou=False) for each in laws] if low is not None else None
        tell("summing up")
        whole = summary(results, low_results)
        context = {"command": _command(population, year, scheme, law), "population": people.name}
        tell("drawing the report")

        def write_report(folder: Path) -> None:
            (folder / "report.html").write_text(report.report(whole, language_, context), encoding="utf-8")

        settings = {
            "command": "compare",
            "population": people.name,
            "schemes": [r.scheme for r in results],
            "lang": language_,
        }
        book = partial(_write_workbook, workbook, results, whole, language_)
        write.run(target, results, {"settings": settings, **facts}, quarantine, [write_report, book])
    screen = console()
    terminal.comparison(screen, whole, language_)
    screen.print(f"{target.as_posix()}/: {', '.join(FILES)}, {write.MANIFEST}")


def _told(tell: Tell, law: Law) -> None:
    tell(f"settling {law.scheme.label}")


def _write_workbook(module: Any, results: Any, whole: Any, lang: str, folder: Path) -> None:
    module.workbook(folder / "statement.xlsx", results, whole, lang)


def _people(name: str, law: Law, lang: str, tell: Tell) -> tuple[People, People | None, dict[str, Any], Any]:
    """Return the people, the same at the low enrolment level (built-in only), facts of the manifest, the quarantine."""
    from suiren.people import population
    from suiren.people.intake import Reading, intake

    if name == BUILT_IN:
        people = population(name)
        counts = {"rows_in": people.kinds.height, "rows_settled": people.kinds.height, "rows_quarantined": 0}
        return people, population(name, "table2"), {"inputs": [{"name": name}], **counts}, None
    if not Path(name).exists():
        near = [path.name for path in Path(name).parent.iterdir()] if Path(name).parent.is_dir() else []
        raise fail(
            "E-population",
            f"There is neither a built-in population nor a file or folder {name!r}.",
            do=did_you_mean(name, [BUILT_IN, *near]) or f"The built-in population is {BUILT_IN}.",
        )
    found = intake([name], law, Reading(lang=lang, doors=False), tell)
    counts = {"rows_in": found.rows_in, "rows_settled": found.rows_settled, "rows_quarantined": found.rows_quarantined}
    return found.people, None, {"inputs": found.files, **counts}, found.quarantine


def _command(population: str, year: str, schemes: list[str] | None, law: str | None) -> str:
    parts = ["suiren compare"]
    parts += [Path(population).name] if population != BUILT_IN else []
    parts += [f"--year {year}"] if year != "2021" else []
    parts += [f"--scheme {text}" for text in schemes or ()]
    parts += [f"--law {Path(law).name}"] if law else []
    return " ".join(parts)
