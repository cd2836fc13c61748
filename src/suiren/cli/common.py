"""What all commands share: options, languages, progress, reading numbers."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from suiren.engines.tell import SILENT, Tell
from suiren.errors import did_you_mean, fail
from suiren.laws import Law
from suiren.laws import law as make_law
from suiren.laws.scheme import parse

DEBUG_VARIABLE = "SUIREN_DEBUG"
LANGUAGES = ("zh", "en")
WIDTH = 100
LONGEST_NUMBER = 9

Year = Annotated[str, typer.Option("--year", help="Notice year: the year of the national notice.")]
LawFolder = Annotated[
    str | None, typer.Option("--law", help="Folder with edited law tables (see `suiren law export`).")
]
Lang = Annotated[str | None, typer.Option("--lang", help="Language: zh or en. Default: the locale's.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Out = Annotated[str, typer.Option("--out", "-o", help="Folder for the results; made where absent.")]
Schemes = Annotated[
    list[str] | None,
    typer.Option("--scheme", help="A scheme with its options, such as portable:province=uniform. May be repeated."),
]


def law_of(year: str, folder: str | None, scheme: str | None = None) -> Law:
    """Return the law that the options name.

    Raises:
        SuirenError: a bad year, folder or scheme.
    """
    law = make_law(whole(year, "--year"), folder)
    return law | parse(scheme) if scheme else law


def whole(text: str, option: str) -> int:
    """Return the whole number of an option.

    Raises:
        SuirenError: it is none.
    """
    if not (text.strip().isdecimal() and len(text) <= LONGEST_NUMBER):
        shown = text if len(text) <= LONGEST_NUMBER else f"{text[:LONGEST_NUMBER]}..."
        raise fail("E-number", f"{option} {shown!r} is not a whole number of at most {LONGEST_NUMBER} digits.")
    return int(text)


def language(lang: str | None) -> str:
    """Return zh or en: the one asked for, else the locale's.

    Raises:
        SuirenError: another language.
    """
    if lang is None:
        named = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
        return "zh" if named.lower().startswith("zh") else "en"
    one_of(lang, LANGUAGES, "--lang")
    return lang


def one_of(value: str, known: tuple[str, ...], option: str) -> None:
    """Raise an error where `value` is none of the values an option knows."""
    if value not in known:
        hint = did_you_mean(value, known) or f"Use {' or '.join(known)}."
        raise fail("E-value", f"{option} knows no {value!r}.", do=hint)


def console() -> Console:
    """Return a console for standard output, at most `WIDTH` columns wide."""
    plain = Console()
    return Console(width=min(plain.width, WIDTH) if plain.is_terminal else WIDTH, highlight=False, soft_wrap=False)


@contextlib.contextmanager
def progress(quiet: bool = False) -> Generator[Tell]:
    """Yield something to tell the steps of long work to: shown on a terminal with rows, rate and remaining time."""
    screen = Console(stderr=True)
    if quiet or not screen.is_terminal:
        yield SILENT
        return
    from suiren.cli.progress import Shown

    with Shown(screen) as tell:
        yield tell


def print_json(document: object) -> None:
    """Print one JSON document on standard output."""
    import json

    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def shown(path: Path) -> str:
    """Return a path as the user named it."""
    return path.as_posix()
