"""What a user's survey gives for the cells of paper B's tables 1 to 3."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from suiren.studies.residence_tools import SCHEMES, YEARS
from suiren.studies.study import Table

YEAR_TABLE_3 = "2018"
INDICATORS = {
    "survey-1": {one: f"B-T1.{{year}}.{name}" for name, (one, _) in SCHEMES.items()},
    "survey-2": {two: f"B-T2.{{year}}.{name}" for name, (_, two) in SCHEMES.items()}
    | {"residence_share_of_insured_pct": "B-F1.{year}"},
}
"""Item of each indicator, by the table of the survey."""


def cells(tables: Iterable[Table]) -> dict[str, Fraction]:
    """Percent with two decimals by item id, from the survey's tables; only years that the paper prints."""
    made: dict[str, Fraction] = {}
    for table in tables:
        for row in table.frame.iter_rows(named=True):
            year, value = str(row.get("year")), row.get("value")
            if value is None or year not in YEARS:
                continue
            exact = Fraction(Decimal(f"{value:.2f}"))
            if row.get("indicator_id") in INDICATORS.get(table.id, {}):
                made[INDICATORS[table.id][row["indicator_id"]].format(year=year)] = exact
            elif table.id == "survey-3" and year == YEAR_TABLE_3:
                made[f"B-T3.{row['province_code']}"] = exact
    return made
