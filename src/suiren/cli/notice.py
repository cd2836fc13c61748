"""`suiren law read`: what an enrolment notice says, with its sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from suiren.cli.common import Json, Lang, console, language, print_json
from suiren.errors import fail


def read(
    notice: Annotated[str, typer.Argument(help="A notice: .txt or .html, UTF-8 or GB18030.")],
    rows: Annotated[
        str | None, typer.Option("--rows", help="New CSV file for rows of the law tables, to be confirmed.")
    ] = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Read an enrolment notice: place, year, who from elsewhere may enrol, amounts; each with its sentence."""
    from suiren.notices import read as read_notice
    from suiren.notices.rows import as_csv

    language_ = language(lang)
    found = read_notice(Path(notice))
    if rows is not None:
        target = Path(rows)
        if target.exists():
            raise fail("E-out-full", f"{rows!r} is there already.", "It would be lost.", "Name a new file.")
        text = as_csv(found)
        target.write_text(text, encoding="utf-8", newline="")
    told = found.to_dict(language_)
    if json:
        print_json(told)
        return
    screen = console()
    zh = language_ == "zh"
    place, year = ("地方", "政策年度") if zh else ("place", "notice year")
    screen.print(f"{place}: {told['place'] or '?'}   {year}: {told['year'] or '?'}")
    for entry in told["regimes"]:
        screen.print(f"  {entry['class']:<10} {entry['regime']:<17} {escape(entry['quote'])}")
    for entry in told["amounts"]:
        sums = "  ".join(
            f"{name} {_yuan(entry[key])}"
            for name, key in (
                ("个人缴费" if zh else "contribution", "contribution_fen"),
                ("财政补助" if zh else "subsidy", "subsidy_fen"),
            )
            if entry[key] is not None
        )
        screen.print(f"  {entry['class']:<10} {entry['tier'] or '':<7} {sums}  {escape(entry['quote'])}")
    for doubt in told["unsure"]:
        screen.print(f"  ? {escape(doubt)}")
    if rows is not None:
        screen.print(f"{len(found.amounts) + len(found.doors)} rows, to be confirmed, in {rows}", markup=False)


def _yuan(fen: int) -> str:
    from suiren.money import yuan

    return yuan(fen)
