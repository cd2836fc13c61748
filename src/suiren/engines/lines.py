"""Lines of a CSV file: its header, and a tidy copy where line ends or blank lines are unusual."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from suiren.errors import SuirenError, fail

BLOCK = 1 << 22


def header_line(path: Path, shown: str) -> str:
    """Return the first line of a file.

    Raises:
        SuirenError: not UTF-8, or empty.
    """
    with path.open("rb") as file:
        first = file.readline(1 << 20)
    try:
        line = first.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise _not_utf8(shown) from None
    if not line.strip(" \t,;|"):
        raise fail("E-file-empty", f"{shown} is empty: it has no header line.", do="Name a file with person rows.")
    return line


def tidy(path: Path, folder: Path) -> Path:
    """Return `path`, or a copy in `folder` with one kind of line end and no blank lines where it has others.

    Raises:
        SuirenError: not UTF-8 (found while copying).
    """
    if not _unusual(path):
        return path
    copy = folder / f"tidy_{len(list(folder.glob('tidy_*')))}.csv"
    try:
        with (
            path.open(encoding="utf-8-sig", newline=None) as lines,
            copy.open("w", encoding="utf-8", newline="") as out,
        ):
            out.writelines(_not_blank(lines))
    except UnicodeDecodeError:
        raise _not_utf8(path.name) from None
    return copy


def _not_utf8(name: str) -> SuirenError:
    return fail(
        "E-file-encoding",
        f"{name} is not UTF-8.",
        "Its text cannot be read.",
        "Save it as UTF-8 (in Excel: CSV UTF-8).",
    )


def _not_blank(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines that are not blank; a blank line inside quotation marks stays."""
    quoted = False
    for line in lines:
        if line.strip() or quoted:
            yield line
        if line.count('"') % 2:
            quoted = not quoted


def _unusual(path: Path) -> bool:
    """Return whether a file has blank lines, lone carriage returns, or two kinds of line ends."""
    feeds = returns = pairs = 0
    tail = b"\n"
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            seen = tail + block
            if b"\n\n" in seen or b"\n\r\n" in seen:
                return True
            feeds += block.count(b"\n")
            returns += block.count(b"\r")
            pairs += block.count(b"\r\n") + (tail.endswith(b"\r") and block.startswith(b"\n"))
            tail = seen[-2:]
    return returns != pairs or 0 < pairs < feeds
