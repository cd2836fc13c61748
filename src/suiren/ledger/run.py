"""One settlement of person rows: intake, ledger and, where asked for, bills, while the rows are still at hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from suiren.engines.engine import text
from suiren.engines.tell import SILENT, Tell
from suiren.errors import fail
from suiren.laws import Law
from suiren.ledger.bills import write_bills
from suiren.ledger.settle import Result, settle
from suiren.people.intake import Intake, Reading, Rows, rows_of
from suiren.people.kinds import SUMS
from suiren.people.summed import made_under

ORDER = 'ORDER BY _file, row, code, "column", value'
CSV = "file, row, \"column\", code, message, nullif(value, '') AS value, at_stake_fen"


def settle_records(
    inputs: Sequence[str | Path],
    law: Law,
    folder: Path,
    reading: Reading | None = None,
    bills: bool = False,
    accept: Callable[[Intake], None] | None = None,
    tell: Tell = SILENT,
) -> tuple[Intake, Result]:
    """Return intake and result of person rows; `quarantine.csv` and, with `bills`, the bills are written into `folder`.

    `accept` may refuse what came in by raising, before anything is settled.

    Raises:
        SuirenError: unreadable files, missing columns, or what the scheme needs is missing.
    """
    with rows_of(inputs, law, reading or Reading(), tell) as rows:
        if accept is not None:
            accept(rows.found)
        if bills and not rows.layouts:
            raise fail("E-bills", "Kinds hold no persons, so there are no bills.", do="Settle the person rows instead.")
        tell("settling")
        result = settle(rows.people, law)
        write_csv(rows, folder / "quarantine.csv")
        if bills:
            tell("writing the bills", rows.found.rows_settled)
            write_bills(rows, folder / "bills.parquet", result)
    return rows.found, result


def write_csv(rows: Rows, target: Path) -> None:
    """Write the quarantine of an intake as CSV, in file order."""
    held = f"SELECT {CSV} FROM read_parquet({text(str(rows.quarantine))}) {ORDER}"
    rows.engine.local.execute(f"COPY ({held}) TO {text(str(target))} (FORMAT csv, HEADER)")


def kinds_of_records(
    inputs: Sequence[str | Path],
    law: Law,
    folder: Path,
    reading: Reading | None = None,
    accept: Callable[[Intake], None] | None = None,
    tell: Tell = SILENT,
) -> Intake:
    """Return the intake of person rows; `kinds.parquet` (no person rows) and `quarantine.csv` go into `folder`.

    Kinds keep every column that some scheme reads, so that they can be settled under any.

    Raises:
        SuirenError: unreadable files, missing columns.
    """
    whole = replace(reading or Reading(), every_column=True)
    with rows_of(inputs, law, whole, tell) as rows:
        if accept is not None:
            accept(rows.found)
        tell("writing the kinds")
        keys = [column for column in rows.people.kinds.columns if column not in SUMS]
        made = made_under(law, rows.found.coverage_year)
        kinds = rows.people.kinds.sort(keys)
        kinds.write_parquet(folder / "kinds.parquet", compression="zstd", metadata=made)
        write_csv(rows, folder / "quarantine.csv")
    return rows.found


def check_records(
    inputs: Sequence[str | Path], law: Law, folder: Path | None, reading: Reading | None = None, tell: Tell = SILENT
) -> Intake:
    """Return the intake of person rows without settling them; `quarantine.csv` goes into `folder`, where there is one.

    Raises:
        SuirenError: unreadable files, missing columns.
    """
    with rows_of(inputs, law, reading or Reading(), tell) as rows:
        if folder is not None:
            write_csv(rows, folder / "quarantine.csv")
    return rows.found
