"""Medical aid: whose contribution is paid by it, in whole or part."""

from __future__ import annotations

import polars as pl

from suiren.laws import Law
from suiren.laws.cited import rank

NO_AID = {"aid_group": None, "aid_num": 0, "aid_den": 1, "aid_fen": 0, "aid_evidence": 0}
SCHEMA = {
    "aid_group": pl.String,
    "aid_num": pl.Int64,
    "aid_den": pl.Int64,
    "aid_fen": pl.Int64,
    "aid_evidence": pl.Int8,
}


def aid_frame(law: Law) -> pl.DataFrame:
    """Return what medical aid pays for each group of the law: a share (num, den) or fen, and its evidence."""
    rows: list[dict[str, object]] = [NO_AID]
    for group, entries in sorted(law.book.aid.items()):
        held = [row for row in entries if row["notice_year"] is None or row["notice_year"] <= law.year]
        if not held:
            continue
        row = max(held, key=lambda entry: entry["notice_year"] or 0)
        value = row["value"]
        share = row["kind"] == "share"
        rows.append(
            {
                "aid_group": group,
                "aid_num": value.numerator if share else 0,
                "aid_den": value.denominator if share else 1,
                "aid_fen": 0 if share else int(value * 100),
                "aid_evidence": rank(row),
            }
        )
    return pl.DataFrame(rows, schema=SCHEMA)
