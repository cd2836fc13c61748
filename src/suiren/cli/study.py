"""`suiren study`: the papers' tables and figures, computed and held against the printed ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from suiren.cli import study_survey
from suiren.cli.common import Json, Lang, console, language, print_json, progress
from suiren.errors import fail

app = typer.Typer(no_args_is_help=True, help="The papers' tables and figures, held against the printed ones.")
app.command("mapping")(study_survey.mapping)
app.command("sample-survey")(study_survey.sample_survey)


@app.command("list")
def list_(lang: Lang = None, json: Json = False) -> None:
    """List the studies."""
    from suiren.studies.catalog import names, title

    language_ = language(lang)
    if json:
        print_json({"studies": [{"name": name, "title": title(name, language_)} for name in names()]})
        return
    screen = console()
    for name in names():
        screen.print(f"{name:<10} {title(name, language_)}")


@app.command("run")
def run(
    name: Annotated[str, typer.Argument(help="The study: permits (paper A) or residence (paper B).")],
    out: Annotated[str | None, typer.Option("--out", "-o", help="Folder for tables, figures and report.")] = None,
    survey: Annotated[str | None, typer.Option("--survey", help="A survey file of your own (residence).")] = None,
    mapping: Annotated[str | None, typer.Option("--mapping", help="What the columns of the survey mean.")] = None,
    permits: Annotated[
        str | None, typer.Option("--permits", help="Your counts of permit holders: place, permit_holders (permits).")
    ] = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Compute a study, tell which printed numbers agree; with -o write tables, figures, a workbook and a page."""
    from suiren.ledger.write import check_target
    from suiren.studies import catalog, write

    language_ = language(lang)
    if out is not None:
        check_target(Path(out))
    for option, value in (("--survey", survey), ("--mapping", mapping), ("--permits", permits)):
        if value is not None:
            catalog.check_own(name, option)
    with progress(quiet=json) as tell:
        own = _permits(permits) if permits is not None else _survey(survey, mapping)
        tell("computing")
        study = catalog.run(name, language_, own)
        readable = True
        if out is not None:
            tell("writing")
            facts = {
                "settings": {"command": "study", "study": name, "lang": language_},
                "inputs": _inputs(survey, mapping, permits),
            }
            readable = write.write(Path(out), study, language_, lambda: catalog.run(name, "en", own), facts)
    if json:
        print_json(write.document(study, language_))
        return
    _print(study, language_, out, readable)


def _survey(survey: str | None, mapping: str | None) -> Any:
    if survey is None and mapping is None:
        return None
    if survey is None or mapping is None:
        raise fail(
            "E-study-mapping",
            "A survey needs --survey and --mapping together.",
            "No wave's variables are guessed: the mapping says what each column means.",
            "Write a template with `suiren study mapping -o mapping.csv`, fill it in, and name both files.",
        )
    from suiren.studies.survey import read

    return read(Path(survey), Path(mapping))


def _permits(path: str) -> Any:
    from suiren.studies.permits_own import read

    return read(Path(path))


def _inputs(*paths: str | None) -> list[dict[str, Any]]:
    from suiren.people.files import sha256

    files = [Path(path) for path in paths if path is not None]
    return [{"name": file.name, "bytes": file.stat().st_size, "sha256": sha256(file)} for file in files]


def _print(study: Any, lang: str, out: str | None, readable: bool) -> None:
    from rich.markup import escape

    from suiren.studies.shown import said
    from suiren.studies.words import word
    from suiren.studies.write import disagreeing, headline, outputs

    screen = console()
    screen.print(study.zh if lang == "zh" else study.en, style="bold")
    screen.print(headline(study, lang))
    for item in disagreeing(study):
        printed, computed = said(item, lang)
        gap = "，" if lang == "zh" else ", "
        told = f"  {item.id}: {word(lang, 'printed')} {printed}{gap}{word(lang, 'computed')} {computed}"
        stop = "。" if lang == "zh" else ". "
        screen.print(escape(f"{told}{stop}{item.note(lang)}"))
    if not readable:
        screen.print(word(lang, "no_font"))
    study_survey.print_tables(screen, study, lang)
    if out is not None:
        names = [name for name in outputs(Path(out)) if "/" not in name]
        screen.print(f"{Path(out).as_posix()}/: tables/, figures/, {', '.join(names)}, manifest.json")
