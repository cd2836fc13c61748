"""Rows for the law tables out of what was read: of evidence `assumed` until the user has confirmed them."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence

from suiren.errors import fail
from suiren.laws.schema import CLASSES, TABLES
from suiren.money import yuan
from suiren.notices.found import Amount, Door, Read

NOTE = "to be confirmed"
EVIDENCE = "assumed"
"""What a machine has read and nobody has checked is no more than this; any row with a better source goes before it."""

MARK = "（自动读取，待核实）"
"""Stands after the document's title, so that every answer that rests on the row says so."""

ID_DIGITS = 6
_COLUMNS = {table.name: tuple(table.columns) for table in TABLES}


def amount_rows(read: Read) -> list[dict[str, str]]:
    """Return a row of table `amounts` for each amount, of evidence `assumed`."""
    return [_amount(read, number, amount) for number, amount in enumerate(read.amounts, 1)]


def door_rows(read: Read) -> list[dict[str, str]]:
    """Return a row of table `doors` for each door, of evidence `assumed`."""
    return [_door(read, number, door) for number, door in enumerate(read.doors, 1)]


def check_placed(read: Read) -> None:
    """Raise an error where the notice does not say its place and year.

    Raises:
        SuirenError: one of the two is not known.
    """
    if not read.placed:
        missing = " and ".join(name for name, value in (("place", read.place), ("year", read.year)) if value is None)
        raise fail(
            "E-notice-rows",
            f"The notice does not say its {missing}.",
            "Every row of the law has a place and a year.",
            "Read it without --rows to see what it leaves open.",
        )


def rows_of(reads: Sequence[Read]) -> dict[str, list[dict[str, str]]]:
    """Return the rows of notices by table; those without place or year have none, nor has one that repeats another."""
    unique = {_notice_id(read): read for read in reads if read.placed}.values()
    return {
        "amounts": [row for read in unique for row in amount_rows(read)],
        "doors": [row for read in unique for row in door_rows(read)],
    }


def as_csv(reads: Sequence[Read]) -> str:
    """Return both tables' rows as one CSV: the table's name first, then the columns of either table."""
    columns = ("table", *dict.fromkeys((*_COLUMNS["amounts"], *_COLUMNS["doors"])))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n", restval="")
    writer.writeheader()
    for table, rows in rows_of(reads).items():
        writer.writerows({"table": table, **row} for row in rows)
    return out.getvalue()


def _notice_id(read: Read) -> str:
    """Return place, year and the first digits of a digest of the text: two notices of a place do not share rows."""
    digest = hashlib.sha256(read.raw.encode()).hexdigest()[:ID_DIGITS]
    return f"N-{read.place}-{read.year}-{digest}"


def _common(read: Read, number: int, letter: str, quote: str) -> dict[str, str]:
    return {
        "fact_id": f"{_notice_id(read)}-{letter}{number}",
        "place_code": read.place or "",
        "notice_year": str(read.year or ""),
        "coverage_year": str(read.coverage_year or ""),
        "document": read.title + MARK,
        "evidence": EVIDENCE,
        "note": f"{NOTE}: {' '.join(quote.split())}",
    }


def _classes(classes: tuple[str, ...]) -> str:
    return "all" if set(classes) == set(CLASSES) else ";".join(classes)


def _amount(read: Read, number: int, amount: Amount) -> dict[str, str]:
    row = _common(read, number, "A", amount.quote) | {
        "person_class": _classes(amount.classes),
        "tier": amount.tier or "",
        "tier_name": amount.tier_name,
        "item": amount.item,
        "amount_yuan": yuan(amount.fen).replace(",", "").removesuffix(".00"),
        "at_least": "true" if amount.at_least else "false",
    }
    return {column: row.get(column, "") for column in _COLUMNS["amounts"]}


def _door(read: Read, number: int, door: Door) -> dict[str, str]:
    row = _common(read, number, "D", door.quote) | {
        "person_class": _classes(door.classes),
        "regime": door.regime,
        "needs": ";".join(f"{name}={'yes' if answer else 'no'}" for name, answer in door.needs),
    }
    return {column: row.get(column, "") for column in _COLUMNS["doors"]}
