"""Over- and under-payment, and every measure of fit, once more: over persons, by plain loops and exact fractions."""

from fractions import Fraction


def judged(persons, uplift=Fraction(0), contribution=0, above=None, share=Fraction(0)):
    """Return payments and measures; a person has cost, months, points, away, and any marks.

    `above` is the pool's line for a year, pro rata by months.
    """
    months = sum(one["months"] for one in persons)
    cost = sum(one["cost"] for one in persons)
    for one in persons:
        one["weight"] = one["points"] * (1 + uplift * one["away"])
        one["over_line"] = max(0, one["cost"] - above * one["months"] // 12) if above is not None else 0
    points = sum(one["weight"] * one["months"] for one in persons)
    pool = share * sum(one["over_line"] for one in persons)
    plain = Fraction(12 * cost) / points
    value = Fraction(12 * cost - contribution * months) / points
    for one in persons:
        base = (contribution + value * one["weight"]) * one["months"] / 12
        one["paid"] = base + share * one["over_line"] - pool * one["months"] / months
        one["fit"] = plain * one["weight"] * one["months"] / 12
        one["mean"] = Fraction(cost * one["months"], months)
    return {
        "value": value,
        "r_squared": explained(persons, "fit"),
        "payment_system_fit": explained(persons, "paid"),
        "cpm": 1 - distance(persons, "fit") / distance(persons, "mean"),
        "mean_absolute_error_fen": 12 * distance(persons, "fit") / months,
        "power": 1 - share * Fraction(sum(one["months"] for one in persons if one["over_line"] > 0), months),
        "power_by_cost": 1 - share * Fraction(sum(one["cost"] for one in persons if one["over_line"] > 0), cost),
    }


def explained(persons, payment):
    """One less squared differences of annual cost and payment over those from the mean, weighed by months."""
    left, spread = (
        sum(Fraction(12, one["months"]) * (one["cost"] - one[name]) ** 2 for one in persons)
        for name in (payment, "mean")
    )
    return 1 - left / spread


def distance(persons, payment):
    return sum(abs(one["cost"] - one[payment]) for one in persons)


def group(persons, chosen):
    """Return over-payment in all and a person-year, and the ratio of payment to cost, of those chosen."""
    members = [one for one in persons if chosen(one)]
    paid, cost = sum(one["paid"] for one in members), sum(one["cost"] for one in members)
    return {
        "persons": len(members),
        "cost_fen": cost,
        "payment_fen": paid,
        "over_a_year_fen": 12 * (paid - cost) / sum(one["months"] for one in members),
        "ratio": paid / cost if cost else None,
    }
