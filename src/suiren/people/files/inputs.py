"""From what the user names to sources: folders opened, each file read by its kind, all problems told at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from suiren.errors import Problem, SuirenError, did_you_mean, fail, raise_all
from suiren.people.files.delimited import draft_text
from suiren.people.files.excel import BOOKS, draft_excel, is_text
from suiren.people.files.parquet import draft_parquet
from suiren.people.files.source import Draft, Source
from suiren.people.files.tables import DATABASES, draft_table
from suiren.people.shapes import FORMATS, Remark

TEXTS = (".csv", ".tsv", ".txt", ".dat", ".csv.gz", ".tsv.gz", ".txt.gz")
NOTES = (".txt", ".dat")
"""Suffixes that notes have too: in a folder such a file is a table where its first line has a delimiter."""
PARQUETS = (".parquet",)
SUFFIXES = (*TEXTS, *PARQUETS, *BOOKS, *DATABASES)
NO_BOOK: Remark = ("no workbook but a text file, read as CSV", "不是工作簿而是文本文件，按 CSV 读取")
KINDS = "kinds.parquet"
"""What `settle --kinds-only` wrote: of such a folder only this is read."""
REQUIRED = ("person_id", "hukou_place", "enrolment_place")


@dataclass(frozen=True, slots=True)
class Input:
    """One file to read, and what was decided on the way to it."""

    path: Path
    table: str = ""
    remarks: tuple[Remark, ...] = ()


def sources_of(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    inputs: Sequence[str | Path],
    format_: str,
    wanted: Sequence[str],
    facts: Sequence[str] = (),
    required: Sequence[str] = REQUIRED,
) -> list[Source]:
    """Return what `inputs` hold, a source for each file (each sheet, where several are used), in their order.

    `wanted` are our columns of interest, `facts` those of the law; private copies are written into `folder`. A ledger
    file needs no hukou_place.

    Raises:
        SuirenError: all that is wrong with the inputs, their headers and their columns.
    """
    if format_ not in FORMATS:
        what = f"There is no format {format_!r}."
        raise fail("E-format", what, do=did_you_mean(format_, FORMATS) or f"One of {', '.join(FORMATS)}.")
    columns = tuple(dict.fromkeys((*required, *wanted, *facts)))
    problems: list[Problem] = []
    drafts: list[Draft] = []
    for given in _found(inputs, format_, problems):
        try:
            found = _drafts(connection, folder, given, format_, columns)
            drafts += [replace(draft, remarks=(*given.remarks, *draft.remarks)) for draft in found]
        except SuirenError as error:
            problems += error.problems
    for draft in drafts:
        problems += _missing(draft, required)
    raise_all(problems)
    return [_source(draft) for draft in drafts]


def _found(inputs: Sequence[str | Path], format_: str, problems: list[Problem]) -> list[Input]:
    """Return the files that `inputs` name, folders opened; what is no such file goes to `problems`."""
    found: list[Input] = []
    for given in map(Path, inputs):
        file, table = _split(given)
        if given.is_dir():
            inside = _inside(given, format_)
            if not inside:
                what = f"The folder {given.name!r} holds no CSV, Parquet or Excel file."
                problems.append(Problem("E-input", what, do="Name a file, or another folder."))
            found += inside
        elif not file.is_file():
            near = [path.name for path in file.parent.iterdir()] if file.parent.is_dir() else []
            hint = did_you_mean(file.name, near)
            problems.append(Problem("E-input", f"There is no file or folder {str(given)!r}.", do=hint))
        elif not (_known(file) or format_ == "nhsa-ledger"):
            what = f"{file.name} is neither CSV, Parquet, Excel nor DuckDB."
            problems.append(Problem("E-input", what, do="Save the table as CSV (UTF-8) or Parquet."))
        else:
            found.append(Input(file, table))
    return found


def _split(given: Path) -> tuple[Path, str]:
    """Return the file, and the table that `file.duckdb:table` names."""
    file, colon, table = given.name.rpartition(":")
    if colon and file.lower().endswith(DATABASES) and not given.exists():
        return given.with_name(file), table
    return given, ""


def _inside(folder: Path, format_: str) -> list[Input]:
    """Return the tables directly inside a folder, sorted by name; the first says how many files were left out."""
    seen = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith((".", "_", "~$")))
    taken = [path for path in seen if _known(path) and _table(path)]
    if {KINDS, "manifest.json"} <= {path.name for path in seen}:
        taken = [folder / KINDS]
    if format_ == "nhsa-ledger":
        taken = sorted({*taken, *(path for path in seen if not path.suffix)})
    found = [Input(path) for path in taken]
    if found and len(seen) > len(found):
        left = len(seen) - len(found)
        english = f"{left} other file{'s' * (left > 1)} of the folder {folder.name} left out"
        found[0] = replace(found[0], remarks=((english, f"文件夹 {folder.name} 中另有 {left} 个文件未读取"),))
    return found


def _known(path: Path) -> bool:
    return path.name.lower().endswith(SUFFIXES)


def _table(path: Path) -> bool:
    """Return whether a file is a table, not a note beside one."""
    if path.suffix.lower() not in NOTES:
        return True
    with path.open("rb") as file:
        first = file.readline(1 << 16)
    return any(mark in first for mark in b",\t;|~")


def _drafts(
    connection: duckdb.DuckDBPyConnection, folder: Path, given: Input, format_: str, wanted: tuple[str, ...]
) -> list[Draft]:
    path = given.path
    try:
        if path.suffix.lower() in PARQUETS:
            return [draft_parquet(connection, folder, path, format_, wanted)]
        if path.suffix.lower() in DATABASES:
            return [draft_table(connection, folder, path, given.table, format_, wanted)]
        if path.suffix.lower() in BOOKS and not is_text(path):
            return draft_excel(folder, path, format_, wanted)
        draft = draft_text(connection, folder, path, format_, wanted)
        named = path.suffix.lower() in BOOKS
        return [replace(draft, remarks=(NO_BOOK, *draft.remarks)) if named else draft]
    except (duckdb.Error, OSError) as error:
        raise _unreadable(path, error) from error


def _source(draft: Draft) -> Source:
    try:
        return draft.source()
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        raise _unreadable(draft.path, error) from error


def _unreadable(path: Path, error: Exception) -> SuirenError:
    what = f"{path.name} cannot be read ({type(error).__name__})."
    return fail("E-file-unreadable", what, do="Is it a whole CSV, Parquet or DuckDB file?")


def _missing(draft: Draft, required: Sequence[str]) -> list[Problem]:
    """Return a problem for each required column that an input lacks, with the nearest of its names."""
    if draft.shape.name == "kinds":
        return []
    problems: list[Problem] = []
    for column in required:
        if column in draft.shape.columns or (draft.shape.name == "nhsa-ledger" and column == "hukou_place"):
            continue
        others = [other.lower() for other in draft.others if not any(char.isdigit() for char in other)]
        what = f"The column {column} is missing."
        why = "Without it nobody knows whom, or where, the row is about."
        seen = ", ".join(sorted((*draft.shape.columns.values(), *others)))
        do = did_you_mean(column, others) or f"Its columns are {seen}."
        problems.append(Problem("E-column", what, why, do, draft.shown))
    return problems
