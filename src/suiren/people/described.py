"""What `china-2020` is made of, and how it compares with published figures: as data and in words."""

from __future__ import annotations

import csv
from importlib.resources import files
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from suiren.laws import law
from suiren.laws.book import years
from suiren.laws.load import shipped
from suiren.ledger.settle import Result, settle
from suiren.people import china2020, population
from suiren.places import name

CLASSES_OF = {
    "resident_enrolment_adult": ("adult", "elderly"),
    "resident_enrolment_pupils_children": ("newborn", "preschool", "pupil"),
    "resident_enrolment_university": ("student",),
}
CAUSES = {
    "resident_fund_income": (
        (
            "Standards of most pools are the national minimum (assumed), while many pay more; interest and other "
            "income are not modelled; the head count is that of 2021 in every year."
        ),
        "多数统筹地区的标准按国家最低标准假定，实际不少地方更高；未计利息等其他收入；各年均用2021年人数。",
    ),
    "resident_enrolment": ("The model's members are those of 2021.", "模型参保人数为2021年数。"),
}


def published() -> list[dict[str, Any]]:
    """Return the published national figures that the model is held against: year, item, value, unit, document."""
    with (files("suiren") / "data" / "published.csv").open(encoding="utf-8") as file:
        return [{**row, "year": int(row["year"]), "value": int(row["value"])} for row in csv.DictReader(file)]


def described() -> dict[str, Any]:
    """Return all that is known of `china-2020`: assumptions, margins, fit, comparison with published figures."""
    told = china2020.describe()
    return {**told, "published": [*_members(), *_incomes()]}


def _compared(item: str, year: int, model: int, row: dict[str, Any], kind: str) -> dict[str, Any]:
    causes = CAUSES.get(kind, ("", ""))
    miss = round((model - row["value"]) * 10_000 / row["value"]) / 100
    return {
        "item": item,
        "year": year,
        "published": row["value"],
        "modelled": model,
        "unit": row["unit"],
        "miss_percent": miss,
        "document": row["document"],
        "cause_en": causes[0] if miss else "",
        "cause_zh": causes[1] if miss else "",
    }


def _members() -> list[dict[str, Any]]:
    kinds = population().kinds.group_by("person_class").agg(pl.col("persons").sum())
    counts = dict(kinds.with_columns(pl.col("person_class").cast(pl.String)).iter_rows())
    rows: list[dict[str, Any]] = []
    for row in published():
        if row["item"] == "resident_fund_income":
            continue
        classes = CLASSES_OF.get(row["item"], tuple(counts))
        model = sum(counts.get(person_class, 0) for person_class in classes)
        rows.append(_compared(row["item"], row["year"], model, row, "resident_enrolment"))
    return rows


def _incomes() -> list[dict[str, Any]]:
    """Return the fund income of each year: contribution set by the notice before, subsidy of the year's own notice."""
    people = population()
    known = {row["year"]: row for row in published() if row["item"] == "resident_fund_income"}
    needed = sorted({year - back for year in known for back in (0, 1)} & set(years(shipped())))
    results: dict[int, Result] = {year: settle(people, law(year)) for year in needed}
    return [
        _compared(
            "resident_fund_income",
            year,
            round((_item(results[year - 1], "contribution") + _item(results[year], "subsidy")) / 10**8),
            row,
            "resident_fund_income",
        )
        for year, row in sorted(known.items())
    ]


def _item(result: Result, item: str) -> int:
    return result.checks[f"{item}_fen"]


def print_described(screen: Console, told: dict[str, Any], lang: str) -> None:
    """Print the description: summary, margins, assumptions, fit, comparison."""
    says = f"says_{lang}"
    zh = lang == "zh"
    screen.print(told["summary"][says], style="bold")
    screen.print("\n各项合计" if zh else "\nMargins", style="bold")
    for margin in told["margins"]:
        exact = ("准确" if zh else "exact") if margin["exact"] else f"{margin['largest_miss']:,}"
        screen.print(f"  {exact:>8}  {margin[says]} ({margin['published']:,})")
    screen.print("\n假定（可替换）" if zh else "\nAssumptions and parameters", style="bold")
    for entry in told["parameters"]:
        value = "" if entry["value"] is None else f" = {entry['value']}"
        screen.print(f"  {entry['name']}{value} ({entry['evidence']}): {entry[says]}")
    profile = told["profile"]
    title = "迁移者年龄结构的拟合" if zh else "Fit of the migrants' age profile"
    screen.print(f"\n{title}: R² = {profile['counties_r_squared']}", style="bold")
    _print_spans(screen, profile, zh)
    screen.print("\n与公布数比较" if zh else "\nAgainst published figures", style="bold")
    _print_published(screen, told["published"], lang)
    screen.print(
        "\n分省参保人数（居民医保，万人）" if zh else "\nResident-scheme members by province of enrolment (10,000)",
        style="bold",
    )
    _print_provinces(screen, told["provinces"], lang)


def _print_spans(screen: Console, profile: dict[str, Any], zh: bool) -> None:
    shown = Table(box=None, pad_edge=False)
    spans: list[dict[str, Any]] = profile["spans"]
    for column in spans[0]:
        shown.add_column(str(column), justify="right")
    for span in spans:
        shown.add_row(*(f"{value:.1%}" if isinstance(value, float) else str(value) for value in span.values()))
    screen.print(shown)
    if zh:
        screen.print("  （各列为占该类人口的比重）")


def _print_published(screen: Console, rows: list[dict[str, Any]], lang: str) -> None:
    shown = Table(box=None, pad_edge=False)
    heads = (
        ("指标", "年份", "公布", "模型", "差 %") if lang == "zh" else ("item", "year", "published", "model", "miss %")
    )
    for head in heads:
        shown.add_column(head, justify="left" if head in {"item", "指标"} else "right")
    for row in rows:
        shown.add_row(
            row["item"],
            str(row["year"]),
            f"{row['published']:,}",
            f"{row['modelled']:,}",
            f"{row['miss_percent']:+.2f}",
        )
    screen.print(shown)
    for cause in dict.fromkeys(row[f"cause_{lang}"] for row in rows if row[f"cause_{lang}"]):
        screen.print(f"  {cause}")


def _print_provinces(screen: Console, rows: list[dict[str, Any]], lang: str) -> None:
    heads = (
        ("省", "两制公布", "职工模型", "居民(表3)", "居民(表2)")
        if lang == "zh"
        else ("province", "both published", "employee model", "resident (t3)", "resident (t2)")
    )
    shown = Table(box=None, pad_edge=False)
    for place, head in enumerate(heads):
        shown.add_column(head, justify="left" if place == 0 else "right")
    for row in rows:
        values = (
            row["both_schemes_published"],
            row["employee_scheme_modelled"],
            row["resident_scheme_table3"],
            row["resident_scheme_table2"],
        )
        shown.add_row(
            name(row["province"], "zh" if lang == "zh" else "en"), *(f"{value / 10_000:,.0f}" for value in values)
        )
    screen.print(shown)
