"""`suiren population`: what `china-2020` is made of, and building it anew."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Annotated

import typer

from suiren.cli.common import Json, Lang, console, language, print_json, progress

app = typer.Typer(no_args_is_help=True, help="What china-2020 is made of; build it anew from the public tables.")


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
