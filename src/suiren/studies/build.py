"""Builds the shipped tables of what the papers print: `python -m suiren.studies.build FOLDER [-o TARGET]`."""

from __future__ import annotations

import argparse
import csv
import io
import sys
from pathlib import Path

from suiren.errors import Problem, SuirenError, raise_all
from suiren.studies.printed import TABLES, Row

PAPERS = {"000_8efd6fec9abe5a97.txt": "A", "004_f037bf43f02bca99.txt": "B"}
SOURCE = "seed_file"
PLACES = ("seed_table", "seed_figure", "seed_section")
LEFT_OUT = ("seed_text_zh",)
"""Quoted sentences stay with their paper; the tables hold numbers and names."""

FIGURE = ("city_code_gb2260", "name_zh", "name_en", "year", "ratio_printed_in_seed")
FILES = {"fig1_ratios": "fig1_structure_derived"}
"""Shipped tables that are cut out of a file of another name."""


def build(source: Path) -> dict[str, bytes]:
    """Bytes of each shipped table by name, from the folder with the papers' tables; the same files, the same bytes.

    Raises:
        SuirenError: files or columns are missing; all told at once.
    """
    made: dict[str, bytes] = {}
    problems: list[Problem] = []
    for name in TABLES:
        path = source / f"{FILES.get(name, name)}.csv"
        try:
            rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
            made[name] = _written(_ratios(rows) if name == "fig1_ratios" else [_shipped(row) for row in rows])
        except OSError:
            problems.append(Problem("E-study-file", f"There is no file {path.name}.", "A table would be missing."))
        except (KeyError, IndexError) as error:
            what = f"{path.name} has no column or row {error}."
            problems.append(Problem("E-study-column", what, "Its rows could not be told by paper and section."))
    raise_all(problems)
    return made


def _shipped(row: Row) -> Row:
    kept = {key: value for key, value in row.items() if key not in {SOURCE, *PLACES, *LEFT_OUT}}
    section = next(row[column] for column in (*PLACES, "") if not column or column in row)
    return kept | {"paper": PAPERS[row[SOURCE]], "section": section}


def _ratios(rows: list[Row]) -> list[Row]:
    """The six ratios that the text prints; the derived columns of the same file are computed by the study itself."""
    return [
        {key.replace("ratio_printed_in_seed", "ratio_printed"): row[key] for key in FIGURE}
        | {"paper": PAPERS[row[SOURCE]], "section": "五"}
        for row in rows
        if row["ratio_printed_in_seed"]
    ]


def _written(rows: list[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def main(arguments: list[str] | None = None) -> int:
    """Build into the package, or into the folder named; exit status 0, or 1 with the problems told."""
    parser = argparse.ArgumentParser(prog="python -m suiren.studies.build", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder with the papers' tables as CSV")
    parser.add_argument("-o", "--out", type=Path, default=Path(__file__).parent / "printed")
    asked = parser.parse_args(arguments)
    try:
        made = build(asked.folder)
    except SuirenError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    asked.out.mkdir(parents=True, exist_ok=True)
    for name, data in made.items():
        (asked.out / f"{name}.csv").write_bytes(data)
    sys.stdout.write(f"{len(made)} tables\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
