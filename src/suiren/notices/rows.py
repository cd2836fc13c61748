"""Rows for the law tables out of what was read, to be confirmed by the user."""

from __future__ import annotations

import csv
import io

from suiren.errors import fail
from suiren.laws.schema import CLASSES, TABLES
from suiren.money import yuan
from suiren.notices.found import Amount, Door, Read

NOTE = "to be confirmed"
_COLUMNS = {table.name: tuple(table.columns) for table in TABLES}


def amount_rows(read: Read) -> list[dict[str, str]]:
    """Return a row of table `amounts` for each amount, without evidence."""
    return [_amount(read, number, amount) for number, amount in enumerate(read.amounts, 1)]


def door_rows(read: Read) -> list[dict[str, str]]:
    """Return a row of table `doors` for each door, without evidence."""
    return [_door(read, number, door) for number, door in enumerate(read.doors, 1)]


def as_csv(read: Read) -> str:
    """Return both tables' rows as one CSV: the table's name first, then the columns of either table.

    Raises:
        SuirenError: the place or the year is not known, without which no row can stand in the law.
    """
    if read.place is None or read.year is None:
        missing = " and ".join(name for name, value in (("place", read.place), ("year", read.year)) if value is None)
        raise fail(
            "E-notice-rows",
            f"The notice does not say its {missing}.",
            "Every row of the law has a place and a year.",
            "Read it without --rows to see what it leaves open.",
        )
    columns = ("table", *dict.fromkeys((*_COLUMNS["amounts"], *_COLUMNS["doors"])))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n", restval="")
    writer.writeheader()
    for table, rows in (("amounts", amount_rows(read)), ("doors", door_rows(read))):
        writer.writerows({"table": table, **row} for row in rows)
    return out.getvalue()


def _common(read: Read, number: int, letter: str, quote: str) -> dict[str, str]:
    return {
        "fact_id": f"N-{read.place}-{read.year}-{letter}{number}",
        "place_code": read.place or "",
        "notice_year": str(read.year or ""),
        "coverage_year": str(read.coverage_year or ""),
        "document": read.title,
        "evidence": "",
        "note": f"{NOTE}: {quote}",
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
