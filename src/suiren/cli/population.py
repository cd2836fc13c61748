"""`suiren population`: what `china-2020` is made of, building it anew, drawing an invented registry."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Annotated

import typer

from suiren.cli.common import Json, Lang, Year, console, language, print_json, progress, whole
from suiren.errors import fail

MOST_DIGITS = 10

app = typer.Typer(no_args_is_help=True, help="What china-2020 is made of; build it anew; draw an invented registry.")


@app.command("describe")
def describe(lang: Lang = None, json: Json = False) -> None:
    """Tell each assumption, each margin's exactness, the fit, and how the model compares with published figures."""
    from suiren.people.described import described, print_described

    language_ = language(lang)
    told = described()
    if json:
        print_json(told)
        return
    print_described(console(), told, language_)


@app.command("build")
def build(
    source: Annotated[str, typer.Option("--from", help="Folder with the public tables that the model is built from.")],
    out: Annotated[
        str, typer.Option("--out", "-o", help="Folder for china-2020.parquet, china-2020.json, places.csv.")
    ] = "population",
) -> None:
    """Build places and population from the public tables; the same tables give the same bytes."""
    from suiren.people.build import build as build_population
    from suiren.people.build.places_table import build as build_places

    target = Path(out)
    target.mkdir(parents=True, exist_ok=True)
    with progress() as tell:
        build_population(Path(source), target, tell)
    screen = console()
    screen.print(f"{target.as_posix()}/: china-2020.parquet, china-2020.json")
    if importlib.util.find_spec("pypinyin") is None:
        screen.print("places.csv was not built: it needs pypinyin (pip install 'suiren[build]')")
        return
    part = target / ".places.csv.part"
    build_places(Path(source)).write_csv(part)
    part.rename(target / "places.csv")
    screen.print(f"{target.as_posix()}/: places.csv")


@app.command("sample")
def sample(
    rows: Annotated[str, typer.Option("--rows", help="How many rows, 1 to 1,500,000,000.")],
    out: Annotated[str, typer.Option("--out", "-o", help="Folder for the files, or one .parquet, .csv or .txt file.")],
    format_: Annotated[str, typer.Option("--format", help="Shape: plain, nhsa or nhsa-ledger.")] = "plain",
    faults: Annotated[str, typer.Option("--faults", help="Share of the rows that are struck by faults.")] = "0",
    seed: Annotated[str, typer.Option("--seed", help="Another seed draws other people.")] = "1",
    files: Annotated[
        str | None, typer.Option("--files", help="How many files; default one for each 10,000,000 rows.")
    ] = None,
    kind: Annotated[str | None, typer.Option("--as", help="parquet or csv; the ledger is text.")] = None,
    permits: Annotated[
        bool, typer.Option("--permits", help="Write hukou and permits beside, as the ledger's shape always does.")
    ] = False,
    year: Year = "2021",
) -> None:
    """Write an invented registry of any size that follows china-2020; the same options give the same bytes."""
    from suiren.people.sample import sample as draw

    with progress() as tell:
        told = draw(
            _rows(rows),
            out,
            format_,
            faults,
            whole(seed, "--seed"),
            None if files is None else whole(files, "--files"),
            tell,
            kind=kind,
            year=whole(year, "--year"),
            permits=permits,
        )
    screen = console()
    screen.print(f"{Path(out).as_posix()}: {told['rows']:,} invented rows, files: {len(told['files']):,}")
    if told["faults"]:
        screen.print(f"{told['quarantined']:,} rows must be quarantined: see {told['told_in']}")
    if told["permits"]:
        screen.print(f"{told['permits']}: places of hukou and permits")


def _rows(text: str) -> int:
    """Return a number of rows: up to ten digits, commas and low lines between them allowed."""
    digits = text.strip().replace(",", "").replace("_", "")
    if not (digits.isdecimal() and len(digits) <= MOST_DIGITS):
        raise fail("E-number", f"--rows {text[:20]!r} is not a whole number of at most {MOST_DIGITS} digits.")
    return int(digits)
