"""Medical aid: whose contribution is paid by it, in whole or part."""

from __future__ import annotations

import polars as pl

from suiren.errors import did_you_mean, fail
from suiren.laws import Law
from suiren.laws.book import Book, chain
from suiren.laws.cited import rank
from suiren.laws.load import Row

SCHEMA = {
    "aid_group": pl.String,
    "enrolment_place": pl.Int32,
    "aid_num": pl.Int64,
    "aid_den": pl.Int64,
    "aid_fen": pl.Int64,
    "aid_evidence": pl.Int8,
}


def aid_row(known: Book, group: str, place: int, year: int) -> Row | None:
    """Return the newest row of the law for an aid group at a place, nearest place first; `None` where none holds."""
    held = [row for row in known.aid.get(group, ()) if row["notice_year"] is None or row["notice_year"] <= year]
    for code in (*chain(place), None):
        here = [row for row in held if row["place_code"] == code]
        if here:
            return max(here, key=lambda row: row["notice_year"] or 0)
    return None


def with_aid(kinds: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Return `kinds` with what medical aid pays of the contribution: a share (aid_num / aid_den) or fen, and its grade.

    Raises:
        SuirenError: an aid group that the law does not know at the place.
    """
    rows: list[tuple[object, ...]] = []
    for group, place in sorted(
        kinds.filter(pl.col("aid_group").is_not_null()).select("aid_group", "enrolment_place").unique().iter_rows()
    ):
        row = aid_row(law.book, group, place, law.year)
        if row is None:
            raise fail(
                "E-aid",
                f"The law knows no aid group {group!r} at {place}.",
                "Nobody knows what part of the contribution is paid for these people.",
                did_you_mean(group, law.book.aid) or "Add the group to aid.csv (`suiren law export`, then --law DIR).",
            )
        value = row["value"]
        share = row["kind"] == "share"
        paid = (value.numerator, value.denominator, 0) if share else (0, 1, int(value * 100))
        rows.append((group, place, *paid, rank(row)))
    aid = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    joined = kinds.join(aid, on=["aid_group", "enrolment_place"], how="left", maintain_order="left")
    none = {"aid_num": 0, "aid_den": 1, "aid_fen": 0, "aid_evidence": 0}
    return joined.with_columns(pl.col(column).fill_null(value) for column, value in none.items())
