"""The answers in a survey file as text: Stata, SPSS, CSV in UTF-8, GB18030 or UTF-16, Parquet."""

from __future__ import annotations

import csv
import gzip
import importlib
import io
import shutil
import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from suiren.errors import Problem, SuirenError, did_you_mean, fail, raise_all
from suiren.people.files.lines import text_of
from suiren.studies.survey_lines import mended, without_ragged

TEXTS = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
STATISTICAL = {".dta": "read_dta", ".sav": "read_sav", ".zsav": "read_sav"}
DELIMITERS = ",\t;|"
ENCODINGS = (None, "GB18030")
"""What a statistical file is read as: as it says itself, else as Chinese text of old versions."""
MOST_ROWS = 50_000_000
SIGNS = {
    b"PK\x03\x04": "an Excel workbook or another ZIP file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"PAR1": "a Parquet file",
    b"$FL2": "an SPSS file",
    b"$FL3": "an SPSS file",
    b"<stata_dta>": "a Stata file",
    b"%PDF": "a PDF",
}
"""First bytes of files that are no text, whatever their name says."""
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
ASCII, CHINESE = "\x7f", "\u2e80"
"""The last letter of ASCII, and the first sign that only East Asian texts hold."""


@dataclass(frozen=True, slots=True, eq=False)
class Raw:
    """The wanted columns as text (null where empty), labels of codes {variable: {code: label}}, remarks, problems."""

    rows: pl.DataFrame
    labels: dict[str, dict[str, str]]
    remarks: tuple[tuple[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()
    """Rows that are not among `rows`, told with their lines; the file is refused for them."""


def read_raw(file: str | Path, wanted: Sequence[str]) -> Raw:
    """The columns `wanted` of a survey file as text, numbers without the ".0" of floats, empty cells null.

    Raises:
        SuirenError: no such file, an unknown kind, the extra `survey` is not installed, or variables are missing.
    """
    path = Path(file)
    if not path.is_file():
        raise fail("E-input", f"There is no file {path.name!r}.", do="Name the survey file with --survey.")
    suffix = "".join(path.suffixes[-2:]).lower() if path.suffix.lower() == ".gz" else path.suffix.lower()
    if suffix in STATISTICAL:
        return _statistical(path, STATISTICAL[suffix], wanted)
    if suffix == ".parquet":
        return _parquet(path, wanted)
    if suffix in TEXTS:
        return _text(path, wanted)
    known = f"Kinds are {', '.join([*STATISTICAL, '.parquet', *TEXTS])}."
    if suffix in WORKBOOKS:
        why = "A workbook may have turned codes into numbers or dates."
        raise fail("E-input", f"{path.name} is a workbook.", why, f"Save its sheet as CSV UTF-8. {known}")
    raise fail("E-input", f"{path.name} is no kind of file that is read here.", do=known)


def _check_text(path: Path, shown: str) -> None:
    """Raise an error where a file that is named like a text is of another kind by its first bytes."""
    with path.open("rb") as file:
        start = file.read(max(map(len, SIGNS)))
    for sign, what in SIGNS.items():
        if start.startswith(sign):
            do = "Give it the ending of its kind, or save it as CSV UTF-8."
            raise fail("E-file-unreadable", f"{shown} is {what}, not text.", "Its rows cannot be told apart.", do)


def _check(columns: Sequence[str], wanted: Sequence[str], shown: str, others: Sequence[Problem] = ()) -> None:
    """Raise one error that names every variable that the file does not have, each with the nearest ones."""
    why = "The mapping names it."
    lacking = [
        Problem(
            "E-survey-variable",
            f"There is no variable {variable[:60]!r}.",
            why,
            did_you_mean(variable, columns) or "Names count letter case.",
            shown,
        )
        for variable in wanted
        if variable not in columns
    ]
    if lacking:
        raise_all([*lacking, *others])
    twice = sorted({column for column in wanted if list(columns).count(column) > 1})
    if twice:
        raise fail("E-column-twice", f"{shown} has the column {twice[0]!r} twice.", "Which one counts?")


def _statistical(path: Path, reader: str, wanted: Sequence[str]) -> Raw:
    read = getattr(load_pyreadstat(), reader)
    remarks: tuple[tuple[str, str], ...] = ()
    failed: Exception | None = None
    for encoding in ENCODINGS:
        try:
            _, head = read(path, metadataonly=True, encoding=encoding, output_format="dict")
            _check(head.column_names, wanted, path.name)
            found, meta = read(path, usecols=list(wanted), encoding=encoding, output_format="dict")
        except SuirenError:
            raise
        except Exception as error:  # noqa: BLE001 -- the library raises its own and built-in kinds
            failed = error
            continue
        if not encoding and _garbled(found, meta):
            failed = ValueError("its texts are in no encoding that is known here")
            continue
        if encoding:
            remarks = (("read as GB18030", "按 GB18030 读取"),)
        labels = {
            variable: {_number(code): str(label) for code, label in (codes or {}).items()}
            for variable, codes in meta.variable_value_labels.items()
        }
        return Raw(_as_text(pl.DataFrame(found, strict=False), wanted, path.name), labels, remarks)
    raise fail(
        "E-file-unreadable",
        f"{path.name} cannot be read: {str(failed)[:120]}",
        "It is damaged, or no file of this kind.",
        "Save it anew, or as CSV.",
    ) from failed


def _garbled(found: dict[str, Any], meta: Any) -> bool:
    """Whether texts hold accented letters and no Chinese: old Stata files do not say that they are GB18030."""
    texts = [column for variable, column in found.items() if meta.readstat_variable_types[variable] == "string"]
    values = {value for column in texts for value in column if isinstance(value, str)}
    labels = {str(label) for codes in meta.variable_value_labels.values() for label in codes.values()}
    letters = set().union(*values, *labels)
    return any(letter > ASCII for letter in letters) and not any(letter >= CHINESE for letter in letters)


def load_pyreadstat() -> Any:
    """The library that reads and writes Stata and SPSS files; an error that names the extra where it is missing."""
    try:
        return importlib.import_module("pyreadstat")
    except ImportError:
        raise fail(
            "E-extra",
            "Stata and SPSS files need the extra `survey`.",
            "They are read with pyreadstat, which is not installed.",
            "Install it with: pip install 'suiren[survey]'. Or save the file as CSV.",
        ) from None


def _parquet(path: Path, wanted: Sequence[str]) -> Raw:
    try:
        columns = list(pl.read_parquet_schema(path))
        _check(columns, wanted, path.name)
        return Raw(_as_text(pl.read_parquet(path, columns=list(wanted)), wanted, path.name), {})
    except pl.exceptions.PolarsError as error:
        raise fail("E-file-unreadable", f"{path.name} is no Parquet file that can be read.") from error


def _text(path: Path, wanted: Sequence[str]) -> Raw:
    with tempfile.TemporaryDirectory(prefix="suiren-survey-") as name:
        folder = Path(name)
        plain = _unpacked(path, folder)
        _check_text(plain, path.name)
        text, remarks = _in_utf8(plain, folder)
        with text.open("rb") as file:
            first = file.readline().decode("utf-8-sig", errors="replace")
        if not first.strip(DELIMITERS + " \r\n"):
            raise fail("E-file-empty", f"{path.name} is empty: it has no header line.", do="Name a file with rows.")
        delimiter = max(DELIMITERS, key=first.count)
        columns = [cell.strip() for cell in next(csv.reader(io.StringIO(first), delimiter=delimiter), [])]
        even, problems = without_ragged(text, plain, delimiter, len(columns), folder)
        _check(columns, wanted, path.name, problems)
        places = sorted(columns.index(variable) for variable in wanted)
        try:
            rows = pl.read_csv(even, separator=delimiter, columns=places, infer_schema=False)
        except pl.exceptions.PolarsError as error:
            raise fail(
                "E-file-unreadable",
                f"{path.name} has rows that cannot be split into {len(columns)} cells.",
                "Their answers would move to other variables.",
                "Check quotation marks and delimiters, or save the file anew.",
            ) from error
    ordered = [columns[place] for place in places]
    named = rows.rename(dict(zip(rows.columns, ordered, strict=True)))
    return Raw(_as_text(named, wanted, path.name), {}, remarks, tuple(problems))


def _unpacked(path: Path, folder: Path) -> Path:
    """The file itself, or an unpacked copy under its own name."""
    if path.suffix.lower() != ".gz":
        return path
    copy = folder / path.stem
    try:
        with gzip.open(path) as packed, copy.open("wb") as out:
            shutil.copyfileobj(packed, out)
    except (OSError, EOFError, zlib.error) as error:
        why = "Rows would be missing."
        raise fail("E-file-unreadable", f"{path.name} cannot be unpacked.", why, "Is it a whole gzip file?") from error
    return copy


def _in_utf8(path: Path, folder: Path) -> tuple[Path, tuple[tuple[str, str], ...]]:
    """The file, or a copy of it, in UTF-8; and what is to be told of its encoding."""
    text = text_of(path, folder)
    if text.encoding == "utf-16" or (text.encoding == "utf-8" and not text.broken):
        return text.path, text.remarks
    made = mended(path, folder, text.encoding)
    remarks: list[tuple[str, str]] = []
    if made.gb18030 and not made.utf8:
        remarks.append(("read as GB18030", "按 GB18030 读取"))
    elif made.gb18030:
        counts = f"{made.utf8:,}", f"{made.gb18030:,}"
        remarks.append(
            (
                f"two encodings in one file, each line read in its own: {counts[0]} in UTF-8, {counts[1]} in GB18030",
                f"文件含两种编码，逐行读取：UTF-8 {counts[0]} 行，GB18030 {counts[1]} 行",
            )
        )
    if made.lost:
        remarks.append(
            (f"lines in neither UTF-8 nor GB18030: {made.lost:,}", f"既非 UTF-8 也非 GB18030 的行：{made.lost:,}")
        )
    return made.path, tuple(remarks)


def _as_text(rows: pl.DataFrame, wanted: Sequence[str], shown: str) -> pl.DataFrame:
    """The columns in the order wanted, as text."""
    if rows.height > MOST_ROWS:
        raise fail("E-too-many", f"{shown} has {rows.height:,} rows.", f"At most {MOST_ROWS:,} are read.", "Split it.")
    return rows.select(_texts(rows[variable]) for variable in wanted)


def _texts(column: pl.Series) -> pl.Series:
    """One column as text, blanks around it and the ".0" of whole floats taken off, empty cells null."""
    name = column.name
    if column.dtype.is_float():
        whole = column.is_nan().fill_null(value=True).not_() & (column == column.round(0)) & (column.abs() < 2.0**53)
        whole_text = column.set(~whole.fill_null(value=False), None).cast(pl.Int64).cast(pl.String)
        rest = column.fill_nan(None).cast(pl.String)
        return whole_text.zip_with(whole.fill_null(value=False), rest).alias(name)
    text = column.cast(pl.String).str.strip_chars().str.replace(r"^([+-]?\d+)\.0*$", "${1}")
    return text.set(text == "", None).alias(name)


def _number(code: Any) -> str:
    return str(int(code)) if isinstance(code, float) and code.is_integer() else str(code).strip()
