"""What is said of an intake: shapes, counts, what was assumed, what is held back by code and place."""

from __future__ import annotations

from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from suiren.money import yuan
from suiren.people.files import said
from suiren.people.intake import Intake
from suiren.people.records import MESSAGES
from suiren.places import name as place_name

MOST_FILES = 5
"""Of how many inputs the shape is told."""
MOST_PLACES = 10
NOTES = {
    "class_assumed": (
        "{} rows have neither age nor class: adults (assumed)",
        "{} 行未填年龄与类别，按成年人处理（假定）",
    ),
    "old_codes": (
        "{} rows carry place codes of earlier or later divisions, read as the place of 2020",
        "{} 行使用其他年份的行政区划代码，按 2020 年的区划处理",
    ),
    "category_unknown": (
        "{} rows have a person category that is not known here: class by age",
        "{} 行的人员类别代码未知，按年龄确定类别",
    ),
    "hukou_from_number": (
        "{} rows name no hukou: taken from the first six digits of the identity number (assumed)",
        "{} 行没有户籍地，按身份证号码前六位处理（假定）",
    ),
}


def counts(found: Intake) -> dict[str, Any]:
    """Return what the manifest says of an intake."""
    covers = {"coverage_year": found.coverage_year} if found.coverage_year else {}
    return {
        "inputs": found.files,
        "rows_in": found.rows_in,
        "rows_settled": found.rows_settled,
        "rows_quarantined": found.rows_quarantined,
        **found.notes,
        **covers,
    }


def show(screen: Console, found: Intake, lang: str) -> None:
    """Print what each input was taken for, the count of rows, and what was assumed."""
    chinese = lang == "zh"
    for source in found.sources[:MOST_FILES]:
        for line in said(source, lang):
            screen.print(line, markup=False)
    more = len(found.sources) - MOST_FILES
    if more > 0:
        screen.print(f"另有 {more} 个文件" if chinese else f"and {more} more files")
    told = (f"{found.rows_in:,}", f"{found.rows_settled:,}", f"{found.rows_quarantined:,}")
    if chinese:
        screen.print("输入 {} 行 = 结算 {} 行 + 隔离 {} 行".format(*told))
    else:
        screen.print("rows in {} = settled {} + quarantined {}".format(*told))
    if found.rows_quarantined:
        screen.print(by_code(found, lang), markup=False)
    if found.coverage_year:
        year = found.coverage_year
        screen.print(f"计算 {year} 年内的参保月份" if chinese else f"months of cover are those of {year}")
    for what, count in found.notes.items():
        if count:
            screen.print(NOTES[what][chinese].format(f"{count:,}"))


def by_code(found: Intake, lang: str) -> str:
    """Return how many rows are held for each code, with the money at stake where it is known."""
    if found.held is None:
        return ""
    codes = found.held.group_by("code").agg(pl.col("rows", "at_stake_fen").sum()).sort("code")
    row, money = ("行", "元") if lang == "zh" else ("rows", "yuan")
    parts = [
        f"{code}: {rows:,} {row}" + (f" ({yuan(fen)} {money})" if fen else "") for code, rows, fen in codes.iter_rows()
    ]
    return ("；" if lang == "zh" else "; ").join(parts)


def places_of(found: Intake) -> pl.DataFrame:
    """Return how many rows are held by code and place of enrolment, with names: what counts.csv holds."""
    held = found.held if found.held is not None else pl.DataFrame(schema={"place": pl.Int32})
    codes = held["place"].to_list()
    names = [place_name(code) if code is not None else None for code in codes]
    return held.select(
        "code",
        enrolment_place=pl.col("place").cast(pl.String),
        name=pl.Series(names, dtype=pl.String),
        rows="rows",
        at_stake_fen="at_stake_fen",
    )


def show_held(screen: Console, found: Intake, lang: str) -> None:
    """Print two tables of what is held back: by code with its sentence, and the places with most rows."""
    if found.held is None or found.held.is_empty():
        return
    chinese = lang == "zh"
    heads = ("代码", "说明", "行数", "涉及金额（元）") if chinese else ("code", "what", "rows", "yuan at stake")
    table = _table(heads)
    codes = found.held.group_by("code").agg(pl.col("rows", "at_stake_fen").sum())
    for code, rows, fen in codes.sort("rows", "code", descending=[True, False]).iter_rows():
        sentence = MESSAGES[code][chinese].replace("{column}", "…").replace(" {value}", "").replace("({value})", "")
        table.add_row(code, sentence.replace("（{value}）", ""), f"{rows:,}", yuan(fen) if fen else "")
    screen.print(table)
    places = found.held.drop_nulls("place").group_by("place").agg(pl.col("rows", "at_stake_fen").sum())
    if places.is_empty():
        return
    heads = ("参保地", "", "行数", "涉及金额（元）") if chinese else ("enrolment place", "", "rows", "yuan at stake")
    table = _table(heads)
    for code, rows, fen in places.sort("rows", "place", descending=[True, False]).head(MOST_PLACES).iter_rows():
        table.add_row(str(code), place_name(code, lang), f"{rows:,}", yuan(fen) if fen else "")
    screen.print(table)


def _table(heads: tuple[str, ...]) -> Table:
    table = Table(box=None, pad_edge=False)
    for place, head in enumerate(heads):
        table.add_column(head, justify="right" if place > 1 else "left")
    return table
