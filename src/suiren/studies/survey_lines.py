"""Lines of a survey in CSV: each line in its own encoding, and rows with too few or too many cells told by line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from suiren.errors import Problem
from suiren.people.files.lines import UTF_16

CHINESE = re.compile("[\\u2e80-\\ud7ff\\uf900-\\uffef]")
"""Signs of East Asian texts; a line of GB18030 that could also be UTF-8 hardly ever shows one there."""

MOST_NAMED = 5
"""How many lines one message names."""

QUOTE = '"'


@dataclass(frozen=True, slots=True)
class Mended:
    """A copy of a file in UTF-8, and how many lines were in neither UTF-8 nor GB18030 and lost letters."""

    path: Path
    utf8: int
    gb18030: int
    lost: int


def mended(path: Path, folder: Path, first: str) -> Mended:
    """The file line by line in UTF-8: a line that reads as Chinese in one of the two encodings is read in that one.

    `first` is the encoding of most lines, `utf-8` or `gb18030`; a line that both can read is read in it.
    """
    order = ("utf-8", "gb18030") if first == "utf-8" else ("gb18030", "utf-8")
    counted = {"utf-8": 0, "gb18030": 0, "": 0}
    copy = folder / "mended.csv"
    with path.open(encoding="latin-1", newline=None) as lines, copy.open("w", encoding="utf-8", newline="") as out:
        for line in _whole(lines):
            if line.isascii():
                out.write(line)
                continue
            encoding, text = _decoded(line.encode("latin-1"), order)
            counted[encoding] += 1
            out.write(text)
    return Mended(copy, counted["utf-8"], counted["gb18030"], counted[""])


def _decoded(line: bytes, order: tuple[str, str]) -> tuple[str, str]:
    """The encoding of a line, empty where it has none, and its text."""
    read: dict[str, str] = {}
    for encoding in order:
        try:
            read[encoding] = line.decode(encoding)
        except UnicodeDecodeError:
            continue
    if not read:
        return "", line.decode(order[0], "replace")
    if "utf-8" in read and CHINESE.search(read["utf-8"]):
        return "utf-8", read["utf-8"]
    return next(iter(read.items()))


def _whole(lines: Iterable[str]) -> Iterator[str]:
    """The lines that are not blank; a blank one inside quotation marks stays."""
    return (line for _, line in _numbered(lines))


def _numbered(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    quoted = False
    for number, line in enumerate(lines, 1):
        if quoted or line.strip():
            yield number, line
        if line.count(QUOTE) % 2:
            quoted = not quoted


def without_ragged(path: Path, original: Path, delimiter: str, width: int, folder: Path) -> tuple[Path, list[Problem]]:
    """The file without the rows that have not `width` cells, and one problem that names their lines in `original`."""
    wrong = _ragged(path, delimiter, width)
    if not wrong:
        return path, []
    copy = folder / "even.csv"
    bad = {record for record, _, _ in wrong}
    with path.open(encoding="utf-8-sig", newline="") as lines, copy.open("w", encoding="utf-8", newline="") as out:
        out.writelines("".join(held) for at, held in enumerate(_records(lines)) if at not in bad)
    where = _lines_of(original, [line for _, line, _ in wrong[:MOST_NAMED]])
    named = ", ".join(f"line {line} ({cells})" for line, (_, _, cells) in zip(where, wrong, strict=False))
    what = f"{len(wrong):,} rows have not the header's {width} cells: {named}."
    why = "Their answers would move to other variables, or be taken as not given."
    do = "Correct these lines; a delimiter inside a text must stand in quotation marks."
    return copy, [Problem("E-survey-cells", what, why, do, original.name)]


def _ragged(path: Path, delimiter: str, width: int) -> list[tuple[int, int, int]]:
    """Record, line (both among those that are not blank; the record from 0, the line from 1) and cells of each."""
    wrong: list[tuple[int, int, int]] = []
    line = 1
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for record, held in enumerate(_records(lines)):
            text = held[0]
            if len(held) == 1 and QUOTE not in text:
                cells = text.count(delimiter) + 1
            else:
                cells = sum(map(len, csv.reader(io.StringIO("".join(held), newline=""), delimiter=delimiter)))
            if cells != width:
                wrong.append((record, line, cells))
            line += len(held)
    return wrong


def _records(lines: Iterable[str]) -> Iterator[list[str]]:
    """The lines of each record: more than one where a cell in quotation marks holds line ends."""
    held: list[str] = []
    quoted = False
    for line in lines:
        held.append(line)
        if QUOTE in line and line.count(QUOTE) % 2:
            quoted = not quoted
        if not quoted:
            yield held
            held = []
    if held:
        yield held


def _lines_of(original: Path, wanted: list[int]) -> list[int]:
    """Numbers in the user's file of lines that are counted without blank ones."""
    with original.open("rb") as file:
        start = file.read(2)
    encoding = "utf-16" if start in UTF_16 else "latin-1"
    asked = set(wanted)
    found: list[int] = []
    with original.open(encoding=encoding, newline=None) as lines:
        for at, (number, _) in enumerate(_numbered(lines), 1):
            if at in asked:
                found.append(number)
            if len(found) == len(wanted):
                break
    return found


__all__ = ["Mended", "mended", "without_ragged"]
