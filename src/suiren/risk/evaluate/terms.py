"""How people are paid while weights are evaluated: contribution, value of a point, pool for dear cases; exact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from suiren.errors import fail
from suiren.money import MONTHS_PER_YEAR


@dataclass(frozen=True, slots=True)
class Terms:
    """How people are paid: what the weights are completed by."""

    uplift: Fraction = Fraction(0)
    """Points of people from another pool are multiplied by one and this."""
    contribution_fen: int = 0
    """What each person pays the fund for a year."""
    above_fen: int | None = None
    """The pool's line for a whole year, pro rata by months; `None`: no pool."""
    share: Fraction = Fraction(0)
    """What the pool bears of a person's cost above the line, paid for by an equal levy a person-month."""


@dataclass(frozen=True, slots=True)
class Payment:
    """The terms with what follows from the people: all payments together are the cost of all."""

    terms: Terms
    value: Fraction
    """Fen of a point for a year."""
    plain_value: Fraction
    """The same where points alone pay."""
    levy: Fraction
    """Fen a person-month that the pool takes."""

    def rate(self, points: int) -> Fraction:
        """Return what someone with these points is paid for a year, fen, the pool's money aside."""
        return self.terms.contribution_fen + self.value * points

    def of(self, part: Mapping[str, int]) -> Fraction:
        """Return the exact payment for some people by their sums, fen; all its money."""
        base = self.terms.contribution_fen * part["person_months"] + self.value * part["point_months"]
        return base / MONTHS_PER_YEAR + self.terms.share * part["above_fen"] - self.levy * part["person_months"]


def payment_of(totals: Mapping[str, int], terms: Terms) -> Payment:
    """Return how these people are paid.

    Raises:
        SuirenError: no points at all, or contributions above the cost.
    """
    months, points, cost = (totals[name] for name in ("person_months", "point_months", "cost_fen"))
    if not points:
        raise fail("E-points-none", "These people have no points at all.", "Nobody could be paid.")
    left = MONTHS_PER_YEAR * cost - terms.contribution_fen * months
    if left < 0:
        raise fail(
            "E-evaluate-contribution",
            f"Contributions of {terms.contribution_fen} fen a year are more than all costs.",
            "Nothing would be left to be paid by points.",
            "Lower --contribution-fen.",
        )
    levy = terms.share * Fraction(totals["above_fen"], months)
    return Payment(terms, Fraction(left, points), Fraction(MONTHS_PER_YEAR * cost, points), levy)


__all__ = ["Payment", "Terms", "payment_of"]
