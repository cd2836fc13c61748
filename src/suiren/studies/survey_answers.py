"""Answers as 1, 0 or null: codes of a survey read as a mapping explains them; codes it does not list are told."""

from __future__ import annotations

import polars as pl

from suiren.errors import Problem
from suiren.studies.survey_mapping import ANSWERS, ANY, Asked, Mapping

MOST_NAMED = 8
"""How many unlisted codes one message names."""


def answers(rows: pl.DataFrame, how: Mapping, shown: str, problems: list[Problem]) -> list[pl.Series]:
    """One Int8 column for each mapped scheme and place of insurance: 1 yes, 0 no, null not answered.

    Where several variables answer one field, one yes is enough; else one that is not answered makes the whole so,
    and for the place of insurance one answer is enough.
    """
    made: list[pl.Series] = []
    for field in ANSWERS:
        read = [_answer(rows[asked.variable], asked, shown, problems) for asked in how.of(field)]
        if read:
            table = pl.DataFrame({f"c{place}": column for place, column in enumerate(read)})
            made.append(table.select(_joined(table.columns, field.endswith("_where")).alias(field)).to_series())
    return made


def _joined(columns: list[str], where: bool) -> pl.Expr:
    yes = pl.any_horizontal(*(pl.col(column).eq(1).fill_null(value=False) for column in columns))
    no = [pl.col(column).eq(0).fill_null(value=False) for column in columns]
    all_no = pl.any_horizontal(*no) if where else pl.all_horizontal(*no)
    return pl.when(yes).then(pl.lit(1, pl.Int8)).when(all_no).then(pl.lit(0, pl.Int8))


def _answer(column: pl.Series, asked: Asked, shown: str, problems: list[Problem]) -> pl.Series:
    """One variable as 1, 0 or null; a problem where it holds codes that the mapping does not list."""
    seen = column.drop_nulls().unique().sort()
    meaning: dict[str, int | None] = dict.fromkeys(asked.missing, None)
    meaning |= dict.fromkeys(asked.no, 0) | dict.fromkeys(asked.yes, 1)
    unlisted = [code for code in seen if code not in meaning]
    if asked.no == (ANY,):
        meaning |= dict.fromkeys(unlisted, 0)
    elif unlisted:
        rows = int(column.is_in(unlisted).sum())
        named = ", ".join(repr(code[:20]) for code in unlisted[:MOST_NAMED])
        more = f" and {len(unlisted) - MOST_NAMED} more" if len(unlisted) > MOST_NAMED else ""
        what = (
            f"{asked.field} ({asked.variable}): {rows:,} rows hold codes that the mapping does not list: {named}{more}."
        )
        do = "List each as yes, no or missing."
        problems.append(Problem("E-survey-code", what, "What they mean is not guessed.", do, shown))
    return column.replace_strict(meaning, default=None, return_dtype=pl.Int8)
