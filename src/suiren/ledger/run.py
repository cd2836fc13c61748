"""One settlement of person rows: intake, ledger and, where asked for, bills, while the rows are still at hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from suiren.laws import Law
from suiren.ledger.bills import write_bills
from suiren.ledger.settle import Result, settle
from suiren.people.intake import Intake, intake
from suiren.people.kinds import People


def settle_records(
    inputs: Sequence[str | Path], law: Law, folder: Path, strict: bool = False, bills: bool = False, lang: str = "en"
) -> tuple[Intake, Result]:
    """Return intake and result of person rows; with `bills`, `bills.parquet` is written into `folder`.

    Raises:
        SuirenError: unreadable files, missing columns, or what the scheme needs is missing.
    """
    made: list[Result] = []

    def keep(connection: duckdb.DuckDBPyConnection, work: Path, people: People) -> None:
        made.append(settle(people, law))
        if bills:
            write_bills(connection, work, folder / "bills.parquet", people, made[0])

    found = intake(inputs, law, strict, lang, keep=keep)
    return found, made[0]
