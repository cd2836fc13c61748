"""Counties kept out of an estimate, to see how it holds where it was not made."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from suiren.errors import fail
from suiren.money import MONTHS_PER_YEAR
from suiren.risk.estimate.credibility import inside_cells
from suiren.risk.estimate.design import design_of
from suiren.risk.estimate.sums_table import Sums, sums_from
from suiren.risk.estimate.table import Table


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """The sums of counties that were kept out."""

    sums: Sums
    share: Fraction

    def told(self, published: Table) -> dict[str, Any]:
        """Return counties, persons, and how the table of others explains and covers their cost.

        Their R² is about their own mean; `ratio` is payment over cost at the value of a point of the others, so that
        1 means that the counties kept out cost what the table expects.
        """
        cells = design_of(self.sums, "cells", _any_group(self.sums))
        values = {(sex, age, group): Fraction(value) for sex, age, group, value in _rows(published)}
        found = cells.cells.select("sex", "age_from", "risk_group", "costed_months", "cost_fen").rows()
        months, cost = sum(row[3] for row in found), sum(row[4] for row in found)
        mean = Fraction(cost * MONTHS_PER_YEAR, months)
        strange = sorted({row[2] for row in found if (row[0], row[1], row[2]) not in values})
        left = right = spent = Fraction(0)
        for sex, age, group, count, own in found:
            value = values.get((sex, age, group), values[sex, age, ""])
            spent += value * count / MONTHS_PER_YEAR
            left += (Fraction(own * MONTHS_PER_YEAR, count) - value) ** 2 * count / MONTHS_PER_YEAR
            right += (Fraction(own * MONTHS_PER_YEAR, count) - mean) ** 2 * count / MONTHS_PER_YEAR
        inside = inside_cells(cells)
        return {
            "counties": self.sums.frame["county_code"].unique().sort().to_list(),
            "sha256": self.sums.digest,
            "persons": self.sums.total("persons"),
            "cost_fen": cost,
            "unknown_groups": strange,
            "r2": 1 - (inside + float(left)) / (inside + float(right)) if inside + float(right) else None,
            "ratio": float(spent / cost),
        }


def _rows(published: Table) -> list[tuple[int, int, str, float]]:
    return published.rows.select("sex", "age_from", "risk_group", "value").rows()


def _any_group(sums: Sums) -> str:
    return min((group for group in sums.frame["risk_group"].unique().to_list() if group), default="")


def hold_out(sums: Sums, share: Fraction) -> tuple[Sums, HeldOut]:
    """Return the sums to estimate from, and those of `share` of the counties, drawn by the digest of their codes.

    Raises:
        SuirenError: nothing would be kept out, or nothing would be left.
    """
    counties = sums.frame["county_code"].unique().sort().to_list()
    drawn = sorted(counties, key=lambda code: hashlib.sha256(str(code).encode()).digest())
    out = drawn[: int(share * len(drawn) + Fraction(1, 2))]
    if not out or len(out) == len(drawn):
        raise fail(
            "E-hold-out",
            f"{float(share):.0%} of {len(drawn)} counties are {len(out)}.",
            "Counties must be left on both sides.",
            "Give a share such as 0.2, and sums of several counties.",
        )
    kept = pl.col("county_code").is_in(out)
    train, test = (sums_from(sums.frame.filter(one), sums.ages, sums.made) for one in (~kept, kept))
    if not test.total("cost_fen"):
        raise fail(
            "E-hold-out",
            f"The {test.total('persons'):,} persons of the counties kept out have no cost.",
            "Nothing could be seen there.",
            "Give another share.",
        )
    return train, HeldOut(test, share)
