"""`suiren law read`: what enrolment notices say, with their sentences, and rows of the law out of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from suiren.cli.common import Json, Lang, console, language, print_json
from suiren.errors import Problem, SuirenError, fail, raise_all

if TYPE_CHECKING:
    from suiren.notices import Read


def read(
    notices: Annotated[
        list[str],
        typer.Argument(metavar="NOTICE...", help="Notices, or folders of them: .txt or .html, UTF-8 or GB18030."),
    ],
    rows: Annotated[
        str | None, typer.Option("--rows", help="New CSV file for rows of the law tables, to be confirmed.")
    ] = None,
    into: Annotated[
        str | None, typer.Option("--into", help="Folder of `suiren law export` that the rows are added to.")
    ] = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Read enrolment notices: place, year, who from elsewhere may enrol, amounts; each with its sentence."""
    language_ = language(lang)
    if rows is not None and Path(rows).exists():
        raise fail("E-out-full", f"{rows!r} is there already.", "It would be lost.", "Name a new file.")
    if rows is not None and not Path(rows).parent.is_dir():
        what = f"There is no folder {Path(rows).parent.as_posix()!r}."
        raise fail("E-out-folder", what, "The rows could not be written.", "Make it, or name another file.")
    single = len(notices) == 1 and not Path(notices[0]).is_dir()
    found = _read_all(_files(notices))
    put = _written([each for _, each in found], rows, into, single)
    if json:
        documents = [{"file": file.name, **each.to_dict(language_)} for file, each in found]
        print_json(found[0][1].to_dict(language_) if single else {"notices": documents})
        return
    screen = console()
    for file, each in found:
        if not single:
            screen.print(file.name, style="bold", markup=False)
        _print(screen, each.to_dict(language_), language_ == "zh")
    target = " + ".join(name for name in (rows, into) if name is not None)
    if target:
        screen.print(_told(put, target, [file for file, each in found if not each.placed], language_), markup=False)


def _files(notices: Sequence[str]) -> list[Path]:
    """The files named, and those of the folders named that can be notices, in the order of their names."""
    from suiren.notices.text import ENDINGS

    files: list[Path] = []
    for name in notices:
        path = Path(name)
        inside = [path]
        if path.is_dir():
            inside = sorted(file for file in path.iterdir() if file.suffix.lower() in ENDINGS and file.is_file())
        if not inside:
            known = ", ".join(ENDINGS)
            raise fail(
                "E-notice-file",
                f"{name!r} holds no notice.",
                "Nothing can be read.",
                f"Notices are files that end in {known}.",
            )
        files += inside
    return list(dict.fromkeys(files))


def _read_all(files: Sequence[Path]) -> list[tuple[Path, Read]]:
    """What each file says; the problems of all files at once."""
    from suiren.notices import read as read_notice

    found: list[tuple[Path, Read]] = []
    problems: list[Problem] = []
    for file in files:
        try:
            found.append((file, read_notice(file)))
        except SuirenError as error:
            problems += error.problems
    raise_all(problems)
    return found


def _written(found: Sequence[Read], rows: str | None, into: str | None, single: bool) -> int:
    """Write the rows where they are asked for, and return how many they are."""
    from suiren.notices.put import put
    from suiren.notices.rows import as_csv, check_placed, rows_of

    if rows is None and into is None:
        return 0
    if single:
        check_placed(found[0])
    made = rows_of(found)
    if into is not None:
        put(made, Path(into))
    if rows is not None:
        Path(rows).write_text(as_csv(found), encoding="utf-8", newline="")
    return sum(len(each) for each in made.values())


def _print(screen: Console, told: dict[str, Any], zh: bool) -> None:
    place, year = ("地方", "政策年度") if zh else ("place", "notice year")
    screen.print(f"{place}: {told['place'] or '?'}   {year}: {told['year'] or '?'}")
    for entry in told["regimes"]:
        screen.print(f"  {entry['class']:<10} {entry['regime']:<17} {escape(entry['quote'])}")
    names = (
        ("个人缴费" if zh else "contribution", "contribution_fen"),
        ("财政补助" if zh else "subsidy", "subsidy_fen"),
    )
    for entry in told["amounts"]:
        sums = "  ".join(f"{name} {_yuan(entry[key])}" for name, key in names if entry[key] is not None)
        screen.print(f"  {entry['class']:<10} {entry['tier'] or '':<7} {sums}  {escape(entry['quote'])}")
    for doubt in told["unsure"]:
        screen.print(f"  ? {escape(doubt)}")


def _told(put: int, target: str, without: Sequence[Path], lang: str) -> str:
    """One sentence on the rows written, and which notices gave none."""
    if lang == "zh":
        left = f"；未写明地方或年度、没有行的：{'、'.join(file.name for file in without)}" if without else ""
        return f"{put}行写入{target}，证据等级为假定，待核实{left}"
    left = f"; without place or year, so without rows: {', '.join(file.name for file in without)}" if without else ""
    return f"{put} rows in {target}, of evidence assumed, to be confirmed{left}"


def _yuan(fen: int) -> str:
    from suiren.money import yuan

    return yuan(fen)
