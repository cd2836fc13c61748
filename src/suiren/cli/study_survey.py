"""`suiren study mapping` and `suiren study sample-survey`: what a user's own survey file needs, and an invented one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from suiren.cli.common import Lang, console, language, whole

if TYPE_CHECKING:
    from suiren.studies.study import Study

OURS = "survey-"
"""With this the ids of a survey's tables begin."""
HEADS = {
    "en": ("year", "", "%", "95 % interval", "sample"),
    "zh": ("年份", "", "%", "95% 区间", "样本量"),
}

MADE = {
    "en": (
        "{rows} invented persons",
        "its mapping",
        "the figures it was drawn from, in percent",
        "how many rows a reader must count for each kind of fault",
    ),
    "zh": ("虚构的{rows}人", "其对照表", "抽样所依据的数字，百分比", "每类错误读取时应数出的行数"),
}
"""What each file of an invented survey is."""


def mapping(
    out: Annotated[str, typer.Option("--out", "-o", help="The new mapping file.")] = "mapping.csv",
    lang: Lang = None,
) -> None:
    """Write a template that says which variables of your survey file answer which question; fill it in."""
    from suiren.studies.survey_mapping import write_template

    path = write_template(out)
    said = {
        "en": "fill in the variables, then suiren study run residence --survey FILE --mapping it",
        "zh": "填入变量名，然后运行 suiren study run residence --survey FILE --mapping 该文件",
    }
    console().print(f"{path.as_posix()}: {said[language(lang)]}")


def sample_survey(
    rows: Annotated[str, typer.Option("--rows", help="How many persons, 1 to 5,000,000.")],
    out: Annotated[str, typer.Option("--out", "-o", help="The file: .csv, .dta or .sav.")],
    seed: Annotated[str, typer.Option("--seed", help="Another seed draws other people.")] = "1",
    census: Annotated[
        bool, typer.Option("--census", help="The figures exactly, weights 1, instead of a sample.")
    ] = False,
    faults: Annotated[
        float, typer.Option("--faults", metavar="SHARE", help="Share of people with faults to count, 0 to 0.5.")
    ] = 0.0,
    lang: Lang = None,
) -> None:
    """Write an invented survey of CMDS shape, drawn from paper B's tables for 2018, with its mapping beside it."""
    from suiren.studies.survey_sample import write_sample

    file, how, figures = write_sample(
        whole(rows.replace(",", "").replace("_", ""), "--rows"), out, whole(seed, "--seed"), census, faults
    )
    screen, told = console(), MADE[language(lang)]
    screen.print(f"{file.as_posix()}: {told[0].format(rows=rows)}")
    screen.print(f"{how.as_posix()}: {told[1]}")
    screen.print(f"{figures.as_posix()}: {told[2]}")
    if faults:
        screen.print(f"{file.with_suffix('.faults.csv').as_posix()}: {told[3]}")


def print_tables(screen: Console, study: Study, lang: str) -> None:
    """Print what a survey gave: tables 1 to 3 with intervals and sample sizes, then what was counted."""
    import polars as pl

    for made in (table for table in study.tables if table.id.startswith(OURS)):
        title, note = (made.zh, made.note_zh) if lang == "zh" else (made.en, made.note_en)
        screen.print()
        if "value" in made.frame.columns:
            screen.print(_shares(made.frame.iter_rows(named=True), title, lang))
        else:
            screen.print(title, style="bold")
            for row in made.frame.filter(pl.col("rows") > 0).iter_rows(named=True):
                screen.print(f"{row['rows']:>12,}  {escape(row[lang])}")
        if note:
            screen.print(escape(note))


def _shares(rows: Iterable[dict[str, Any]], title: str, lang: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for place, head in enumerate(HEADS[lang]):
        table.add_column(head, justify="left" if place == 1 else "right")
    for row in rows:
        counted = row.get("indicator_id", "").endswith("_n")
        value = "" if row["value"] is None else f"{row['value']:,.0f}" if counted else f"{row['value']:.2f}"
        interval = "" if row["low"] is None else f"{row['low']:.2f} - {row['high']:.2f}"
        year = "" if row["year"] is None else str(row["year"])
        table.add_row(year, escape(row[f"name_{lang}"]), value, interval, f"{row['sample_n']:,}")
    return table
