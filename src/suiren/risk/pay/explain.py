"""One score explained: age and sex, health group, uplift, value of a point, months; steps that add up to the fen."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from suiren.errors import Problem, did_you_mean, raise_all
from suiren.laws.cited import ASSUMED, DERIVED
from suiren.laws.schema import EVIDENCE, OLDEST
from suiren.money import MONTHS_PER_YEAR, half_up, yuan
from suiren.risk.pay.counted import decimals
from suiren.risk.weights import SEXES, Weights

OWN = {"en": "given in the question", "zh": "提问时给出"}


@dataclass(frozen=True, slots=True)
class Value:
    """What a point is worth: exact fen for a point and year, and how that is known."""

    fen: Fraction
    budget_fen: int | None = None
    """The budget and the point-months that it was divided by, where it was."""
    point_months: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a score: its value, what it adds to the fen, why, where from, and how good the evidence is."""

    name: str
    value: Fraction
    unit: str
    adds_fen: int
    says: dict[str, str]
    source: dict[str, str]
    evidence: str

    def to_dict(self, lang: str) -> dict[str, Any]:
        """Return the step as JSON has it; a value that is no whole number is a text, exact."""
        return {
            "name": self.name,
            "value": told(self.value),
            "unit": self.unit,
            "adds_fen": self.adds_fen,
            "says": self.says[lang],
            "source": self.source[lang],
            "evidence": self.evidence,
        }


@dataclass(frozen=True, slots=True)
class Score:
    """The points and fen of one person, and the steps that lead to them: the sum of `adds_fen` is `amount_fen`."""

    age: int
    sex: int
    group: str
    months: int
    from_elsewhere: bool
    weights: Weights
    value: Value
    points: Fraction
    amount_fen: int
    steps: tuple[Step, ...]

    def to_dict(self, lang: str) -> dict[str, Any]:
        """Return the score as one JSON document."""
        return {
            "age": self.age,
            "sex": "mf"[self.sex - 1],
            "risk_group": self.group,
            "months": self.months,
            "from_elsewhere": self.from_elsewhere,
            "weights": {"name": self.weights.name, "sha256": self.weights.digest},
            "points": told(self.points),
            "point_months": told(self.points * self.months),
            "value_fen": told(self.value.fen),
            "amount_fen": self.amount_fen,
            "steps": [step.to_dict(lang) for step in self.steps],
        }


def told(value: Fraction) -> int | str:
    """Return an exact number: whole, as a decimal text, or as a fraction where no decimals end it."""
    if value.denominator == 1:
        return value.numerator
    for places in range(1, 13):
        scaled = abs(value) * 10**places
        if scaled.denominator == 1:
            whole, rest = divmod(scaled.numerator, 10**places)
            return f"{'-' if value < 0 else ''}{whole}.{rest:0{places}d}"
    return f"{value.numerator}/{value.denominator}"


def shown(value: Fraction) -> str:
    """Return an exact number with at most six decimals as it is, else rounded half up and marked with an ellipsis."""
    scaled = value * 10**6
    if scaled.denominator == 1:
        return str(told(value))
    return f"{told(Fraction(half_up(scaled.numerator, scaled.denominator), 10**6))}…"


def explain(
    weights: Weights,
    age: int,
    sex: str,
    value: Value,
    group: str = "",
    months: int = MONTHS_PER_YEAR,
    uplift: Fraction = Fraction(0),
    from_elsewhere: bool = False,
) -> Score:
    """Return one score with its steps; the amount is rounded half up once, for the months given.

    Raises:
        SuirenError: age, sex, months or health group that the weights do not know; all at once.
    """
    check_asked(weights, age, sex, group, months, uplift)
    number = SEXES[sex][0]
    own, plain = _cell(weights, number, age, group), _cell(weights, number, age, "")
    first = plain if plain is not None else (0, ASSUMED, 0)
    last = own or first
    parts = [
        ("age_and_sex", Fraction(first[0]), _age_sex(weights, number, age, first)),
        ("health_group", Fraction(last[0] - first[0]), _health(weights, group, own, first)),
        ("uplift", last[0] * uplift if from_elsewhere else Fraction(0), _uplift(uplift, from_elsewhere)),
    ]
    points = sum((part for _, part, _ in parts), Fraction(0))
    steps = [Step("value_of_a_point", value.fen, "fen a point and year", 0, *_worth(value))]
    reached = Fraction(0)
    for name, part, words in parts:
        steps.append(Step(name, part, "points a year", _fen(reached + part, value) - _fen(reached, value), *words))
        reached += part
    amount = _fen(points * Fraction(months, MONTHS_PER_YEAR), value)
    steps.append(Step("months", Fraction(months), "months", amount - _fen(points, value), *_for_months(months)))
    steps.append(Step("amount", Fraction(amount), "fen", 0, *_amount(points, months, value, amount)))
    return Score(age, number, group, months, from_elsewhere, weights, value, points, amount, tuple(steps))


def _fen(points: Fraction, value: Value) -> int:
    """Return what points a year are worth, fen, half up."""
    worth = points * value.fen
    return half_up(worth.numerator, worth.denominator)


def check_asked(weights: Weights, age: int, sex: str, group: str, months: int, uplift: Fraction) -> None:
    """Raise an error with all that is wrong with what is asked about one person."""
    problems: list[Problem] = []
    if not 0 <= age <= OLDEST:
        problems.append(Problem("E-age", f"{age} is not an age from 0 to {OLDEST}."))
    if len(SEXES.get(sex, ())) != 1:
        problems.append(Problem("E-sex", f"{sex!r} is no sex.", "Points are given by sex and age.", "Use m or f."))
    if not 1 <= months <= MONTHS_PER_YEAR:
        problems.append(Problem("E-months", f"{months} is not a number of months from 1 to 12."))
    groups = sorted(set(weights.cells["risk_group"].unique()) - {""})
    if group and group not in groups:
        hint = did_you_mean(group, groups) or (f"They are {', '.join(groups)}." if groups else "It has no groups.")
        what = f"The weights {weights.name} know no health group {group!r}."
        problems.append(Problem("E-points-group", what, "The person would silently count as healthy.", hint))
    raise_all(problems)
    decimals(uplift)


def _cell(weights: Weights, sex: int, age: int, group: str) -> tuple[int, int, int] | None:
    """Return points, rank of evidence and line of the row for these, if there is one."""
    held = (pl.col("sex") == sex) & (pl.col("age") == age) & (pl.col("risk_group") == group)
    found = weights.cells.filter(held).select("points", "points_evidence", "line").rows()
    return (int(found[0][0]), int(found[0][1]), int(found[0][2])) if found else None


Words = tuple[dict[str, str], dict[str, str], str]


def _row(weights: Weights, line: int) -> dict[str, str]:
    """Return where a row of the weights stands: file, line, and the first characters of its digest."""
    digest = weights.digest[:12]
    return {
        "en": f"weights {weights.name}, line {line} (SHA-256 {digest}…)",
        "zh": f"分值表 {weights.name} 第 {line} 行（SHA-256 {digest}…）",
    }


def _age_sex(weights: Weights, sex: int, age: int, cell: tuple[int, int, int]) -> Words:
    says = {
        "en": f"a {('man', 'woman')[sex - 1]} of {age}, nothing known of health: {cell[0]} points a year",
        "zh": f"{age} 岁{'男女'[sex - 1]}性，健康状况不计：每年 {cell[0]} 分",
    }
    return says, _row(weights, cell[2]), EVIDENCE[cell[1]]


def _health(weights: Weights, group: str, own: tuple[int, int, int] | None, plain: tuple[int, int, int]) -> Words:
    if not group:
        says = {"en": "no health group: nothing is added", "zh": "无健康分组：不增减"}
        return says, _row(weights, plain[2]), EVIDENCE[plain[1]]
    if own is None:
        says = {
            "en": f"the table has no row for group {group} at this sex and age: nothing is added",
            "zh": f"分值表中该性别和年龄没有健康分组 {group} 的行：不增减",
        }
        return says, _row(weights, plain[2]), EVIDENCE[plain[1]]
    change = own[0] - plain[0]
    says = {
        "en": f"health group {group}: {own[0]} points in place of {plain[0]}, {change:+d}",
        "zh": f"健康分组 {group}：{own[0]} 分代替 {plain[0]} 分，{change:+d}",
    }
    return says, _row(weights, own[2]), EVIDENCE[max(own[1], plain[1])]


def _uplift(uplift: Fraction, from_elsewhere: bool) -> Words:
    percent = told(uplift * 100)
    if not uplift:
        says = {"en": "no uplift", "zh": "无上浮"}
    elif from_elsewhere:
        says = {
            "en": f"hukou elsewhere: {percent} % more points",
            "zh": f"户籍在其他统筹地区：分数上浮 {percent}%",
        }
    else:
        says = {
            "en": f"local hukou: the {percent} % for people from elsewhere are not added",
            "zh": f"本地户籍：不享受外来人口的 {percent}% 上浮",
        }
    return says, {"en": "--uplift, a choice of policy", "zh": "--uplift，政策选择"}, EVIDENCE[ASSUMED]


def _worth(value: Value) -> Words:
    worth = shown(value.fen / 100)
    if value.budget_fen is None or value.point_months is None:
        says = {"en": f"a point is worth {worth} yuan a year", "zh": f"每分每年 {worth} 元"}
        return says, OWN, EVIDENCE[ASSUMED]
    points, budget = shown(value.point_months), yuan(value.budget_fen)
    says = {
        "en": f"{budget} yuan / {points} point-months x 12 = {worth} yuan a point and year",
        "zh": f"{budget} 元 ÷ {points}（分值×月）× 12 = 每分每年 {worth} 元",
    }
    return says, {"en": "budget / all point-months", "zh": "预算总额 ÷ 全部分值×月"}, EVIDENCE[DERIVED]


def _for_months(months: int) -> Words:
    says = {
        "en": f"insured for {months} of {MONTHS_PER_YEAR} months",
        "zh": f"全年 {MONTHS_PER_YEAR} 个月中参保 {months} 个月",
    }
    return says, OWN, EVIDENCE[ASSUMED]


def _amount(points: Fraction, months: int, value: Value, amount: int) -> Words:
    exact, worth = told(points), shown(value.fen / 100)
    says = {
        "en": f"{exact} points x {months}/12 x {worth} yuan = {yuan(amount)} yuan, rounded half up to the fen",
        "zh": f"{exact} 分 × {months}/12 × {worth} 元 = {yuan(amount)} 元（四舍五入到分）",
    }
    return says, {"en": "sum of the steps above", "zh": "以上各步之和"}, EVIDENCE[ASSUMED]
