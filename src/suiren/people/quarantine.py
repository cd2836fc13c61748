"""The quarantine: each row that cannot be settled, with column, code and sentence; no person number in clear."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl

from suiren.engines.duck import Source, name, text
from suiren.people.checks import Check
from suiren.people.records import message
from suiren.people.stage import mark_of

OWN_WORDS = ("Q-shut-out", "Q-fact-missing")
"""Codes whose value is a word of ours, not a cell of the input."""
SHOWN = 6
"""The longest value of a cell that is shown whole: a place code, never an identity number."""


def quarantine_of(
    connection: duckdb.DuckDBPyConnection, folder: Path, sources: list[Source], conditions: list[Check], lang: str
) -> pl.DataFrame:
    """Return the quarantined rows: file, row, column, code, message, value; a line for each problem, in file order."""
    given = {column for source in sources for column in source.columns} - {"person_id"}
    parts = [
        f"SELECT _file, _row, {text(check.column)} AS col, {text(check.code)} AS code, "
        f"{name(f't_{check.column}') if check.column in given else 'NULL'} AS value FROM marks WHERE {mark_of(place)}"
        for place, check in enumerate(conditions)
    ]
    parts += [
        f"SELECT {number}, _row, '', CASE _error WHEN 'INVALID ENCODING' THEN 'Q-encoding' "
        f"WHEN 'UNQUOTED VALUE' THEN 'Q-quote' ELSE 'Q-row' END, NULL FROM rejected_{number}"
        for number, _ in enumerate(sources)
    ]
    parts.append("SELECT _file, _row, _column, _code, _value FROM refused")
    parts.append("SELECT _file, _row, 'person_id', 'Q-duplicate', NULL FROM duplicate")
    path = folder / "quarantine.parquet"
    connection.execute(
        "COPY (SELECT _file::INTEGER AS _file, _row::BIGINT AS _row, col::VARCHAR AS col, code, "
        "value::VARCHAR AS value "
        f"FROM ({' UNION ALL '.join(parts)}) ORDER BY _file, _row, code, col) TO {text(str(path))} (FORMAT parquet)"
    )
    frame = pl.read_parquet(path)
    pairs = zip(frame["code"].to_list(), frame["value"].to_list(), strict=True)
    masked = [value or "" if code in OWN_WORDS else mask(value) for code, value in pairs]
    messages = [
        message(code, column, value, lang)
        for code, column, value in zip(frame["code"].to_list(), frame["col"].to_list(), masked, strict=True)
    ]
    names = {number: source.path.name for number, source in enumerate(sources)}
    return frame.select(
        file=pl.col("_file").replace_strict(names, return_dtype=pl.String),
        row=pl.col("_row"),
        column=pl.col("col"),
        code=pl.col("code"),
        message=pl.Series(messages, dtype=pl.String),
        value=pl.Series(masked, dtype=pl.String),
    )


def mask(value: str | None) -> str:
    """Return a value that may be shown: short ones as they are, of longer ones the first two characters."""
    if value is None:
        return ""
    return value if len(value) <= SHOWN else f"{value[:2]}***"
