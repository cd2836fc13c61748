"""One person's case: may they enrol, what do they pay, who pays the rest, by which rule; every step with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from suiren import places
from suiren.case_steps import Step, Worked, steps_of
from suiren.errors import Problem, SuirenError, did_you_mean, raise_all
from suiren.laws import Law
from suiren.laws.cited import ASSUMED
from suiren.laws.eligibility import FULL_COST, LOCAL, Decision, Door, decide
from suiren.laws.payers import GOVERNMENTS, LEVELS, constants, payer_rules
from suiren.laws.schema import CLASSES, EVIDENCE, OLDEST
from suiren.laws.scheme import Scheme, check_scheme
from suiren.laws.seats import Seat, reads_age, rules, seat
from suiren.money import MONTHS_PER_YEAR, half_up
from suiren.nation import share_by_points, uniform_fen
from suiren.people.kinds import BELIEVABLE, class_of
from suiren.places import Place


@dataclass(frozen=True, slots=True)
class Payment:
    """What one payer pays: level, place code, fen for the given months."""

    level: str
    code: str
    fen: int


@dataclass(frozen=True, slots=True)
class Way:
    """One door of a place, and what it would cost: the regime, its conditions, fen of the person and of governments."""

    door: Door
    individual_fen: int
    subsidy_fen: int
    state: str


@dataclass(frozen=True, slots=True)
class Case:
    """Who asks: places, class, age, facts, tier, months."""

    hukou: Place
    enrol_at: Place
    person_class: str
    age: int | None
    sex: int | None
    facts: Mapping[str, bool | None]
    tier: str | None
    months: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer for one case under one law; `today` is the same person under `current`, where that is another."""

    law: Law
    case: Case
    decision: Decision
    payments: tuple[Payment, ...]
    steps: tuple[Step, ...]
    ways: tuple[Way, ...]
    today: Explanation | None = None

    def fen(self, level: str) -> int:
        """Return what a payer level pays, fen for the given months."""
        return sum(payment.fen for payment in self.payments if payment.level == level)

    def pays(self) -> dict[str, int]:
        """Return what each payer level pays, fen; medical aid only where it pays."""
        return {level: self.fen(level) for level in LEVELS if level != "medical_aid" or self.fen(level)}

    @property
    def subsidy_fen(self) -> int:
        """What all governments pay together."""
        return sum(self.fen(level) for level in GOVERNMENTS)

    @property
    def total_fen(self) -> int:
        """Governments, person and medical aid together."""
        return sum(payment.fen for payment in self.payments)

    def changes(self) -> list[dict[str, Any]]:
        """Return for each payer what it pays today, under the scheme, and the difference; empty for `current`."""
        if self.today is None:
            return []
        sides = [{(pay.level, pay.code): pay.fen for pay in side.payments if pay.fen} for side in (self.today, self)]
        keys = sorted({*sides[0], *sides[1]}, key=lambda key: (LEVELS.index(key[0]), key[1]))
        return [
            {
                "payer_level": level,
                "payer_code": code,
                "before_fen": sides[0].get((level, code), 0),
                "after_fen": sides[1].get((level, code), 0),
                "change_fen": sides[1].get((level, code), 0) - sides[0].get((level, code), 0),
            }
            for level, code in keys
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as CONTRACT's JSON."""
        answer: dict[str, Any] = {
            "year": self.law.year,
            "scheme": self.law.scheme.label,
            "hukou_place": self.case.hukou.code,
            "enrolment_place": self.case.enrol_at.code,
            "person_class": self.case.person_class,
            "months": self.case.months,
            "eligible": self.decision.eligible,
            "regime": self.decision.regime,
            "missing": list(self.decision.missing),
            "pays_fen": self.pays(),
            "subsidy_fen": self.subsidy_fen,
            "total_fen": self.total_fen,
            "payers": [
                {"payer_level": pay.level, "payer_code": pay.code, "amount_fen": pay.fen}
                for pay in self.payments
                if pay.fen
            ],
            "doors": [_way(way) for way in self.ways],
            "steps": [step.to_dict() for step in self.steps],
        }
        if self.today is not None:
            answer["today"] = {
                "enrolment_place": self.today.case.enrol_at.code,
                "eligible_here": decided_here(self),
                "pays_fen": self.today.pays(),
                "subsidy_fen": self.today.subsidy_fen,
                "total_fen": self.today.total_fen,
            }
            answer["changes"] = self.changes()
        return answer


def decided_here(explanation: Explanation) -> str:
    """Return what today's doors answer at the place asked for: yes, no or undetermined."""
    case, law = explanation.case, explanation.law
    return _decide(replace(law, scheme=Scheme()), case).eligible


def _way(way: Way) -> dict[str, Any]:
    return {
        "regime": way.door.regime,
        "needs": dict(way.door.needs),
        "state": way.state,
        "individual_fen": way.individual_fen,
        "subsidy_fen": way.subsidy_fen,
        "source": way.door.source,
        "evidence": EVIDENCE[way.door.evidence],
    }


def explain(
    law: Law,
    hukou: str | int,
    enrol_at: str | int,
    age: int | None = None,
    sex: str | None = None,
    person_class: str | None = None,
    permit: bool | None = None,
    facts: Mapping[str, bool | None] | None = None,
    tier: str | None = None,
    months: int = 12,
) -> Explanation:
    """Return one case explained under `law`; amounts in fen for the given months.

    Under another scheme than `current`, `today` holds the same person under today's law: at the place asked for
    where its doors are open, else insured at the hukou place.

    Raises:
        SuirenError: an unknown place, class, fact or tier, months or age out of range; all at once where possible.
    """
    case = _case(law, hukou, enrol_at, age, sex, person_class, permit, facts or {}, tier, months)
    return explain_case(law, case)


def explain_case(law: Law, case: Case) -> Explanation:
    """Return one checked case explained under `law`."""
    check_scheme(law.scheme)
    if law.scheme["enrol"] == "hukou":
        case = replace(case, enrol_at=case.hukou, tier=None)
    made = _one(law, case)
    if law.scheme.name == "current":
        return made
    shared = tuple((name, value) for name, value in law.scheme.options if name == "basis")
    today_law = replace(law, scheme=Scheme("current", shared))
    open_today = _decide(today_law, case).eligible != "no"
    at_home = replace(case, enrol_at=case.hukou, tier=None)
    return replace(made, today=_one(today_law, case if open_today else at_home, certain=False))


def _case(
    law: Law,
    hukou: str | int,
    enrol_at: str | int,
    age: int | None,
    sex: str | None,
    person_class: str | None,
    permit: bool | None,
    facts: Mapping[str, bool | None],
    tier: str | None,
    months: int,
) -> Case:
    problems: list[Problem] = []
    found: list[Place] = []
    for text in (hukou, enrol_at):
        try:
            found.append(places.find(text))
        except SuirenError as error:
            problems += error.problems
    if not 1 <= months <= MONTHS_PER_YEAR:
        problems.append(Problem("E-months", f"{months} is not a number of months from 1 to 12."))
    if age is not None and not 0 <= age <= OLDEST:
        problems.append(Problem("E-age", f"{age} is not an age from 0 to {OLDEST}."))
    sexes = {"m": 1, "f": 2, "1": 1, "2": 2, "男": 1, "女": 2, None: None}
    if sex not in sexes:
        problems.append(Problem("E-sex", f"{sex!r} is no sex.", do="Use m or f."))
    known = (*law.book.facts, "employee_cover")
    for name in facts:
        if name not in known:
            hint = did_you_mean(name, known) or f"The law reads {', '.join(known)}."
            problems.append(Problem("E-fact", f"The law knows no fact {name!r}.", do=hint))
    if permit is not None and facts.get("has_permit", permit) is not permit:
        problems.append(Problem("E-fact-twice", "The permit is stated twice, and differently."))
    problems += _class_problems(person_class, age)
    raise_all(problems)
    chosen = person_class or (class_of(age) if age is not None else "adult")
    all_facts = {**facts, "has_permit": permit} if permit is not None else dict(facts)
    return Case(found[0], found[1], chosen, age, sexes[sex], all_facts, tier, months)


def _class_problems(person_class: str | None, age: int | None) -> list[Problem]:
    if person_class is None:
        return []
    if person_class not in CLASSES:
        hint = did_you_mean(person_class, CLASSES) or f"The classes are {', '.join(CLASSES)}."
        return [Problem("E-class", f"There is no class of persons {person_class!r}.", do=hint)]
    low, high = BELIEVABLE[person_class]
    if age is not None and not low <= age <= high:
        what = f"Nobody of {age} is {person_class} (ages {low} to {high})."
        return [Problem("E-class-age", what, do="Correct the age or the class, or leave the class out.")]
    return []


def _decide(law: Law, case: Case) -> Decision:
    hukou, enrol = int(case.hukou.code), int(case.enrol_at.code)
    return decide(law.book, hukou, enrol, case.person_class, case.tier, case.facts, law.year)


def _seat(law: Law, place: Place, case: Case, tier: str | None) -> Seat:
    code = int(place.code)
    age = case.age if reads_age(law.book, code) else None
    return seat(law.book, (code, case.person_class, tier, age), law.year, law.terms)


def _one(law: Law, case: Case, certain: bool = True) -> Explanation:
    decision = _decide(law, case)
    if not law.keeps_doors and decision.terms != LOCAL and decision.regime != "employee_cover":
        decision = Decision(
            "yes", "local_terms", "open", (), ASSUMED, "the reform takes people from elsewhere as locals"
        )
    own = _seat(law, case.enrol_at, case, case.tier)
    origin = _seat(law, case.hukou, case, None)
    own_values = rules().run_one(own.facts())
    origin_values = rules().run_one(origin.facts())
    terms = decision.terms
    values = _pay(law, case, own_values, origin_values, terms)
    answered = decision.eligible == "yes" or (decision.eligible == "undetermined" and not certain)
    payments = _payments(case, values, answered)
    ways = _ways(law, case, decision, own_values, origin_values) if law.keeps_doors else ()
    worked = Worked(
        law, case.person_class, case.age, decision, own, origin, own_values, origin_values, values, answered
    )
    return Explanation(law, case, decision, payments, tuple(steps_of(worked)), ways)


def _pay(law: Law, case: Case, own: dict[str, Any], origin: dict[str, Any], terms: str) -> dict[str, Any]:
    full_cost = terms == FULL_COST
    facts = {
        **own,
        **{f"origin_{name}": value for name, value in origin.items()},
        **constants(law.scheme),
        "full_cost": full_cost,
        "follows": terms != LOCAL and not full_cost,
        "aid_num": 0,
        "aid_den": 1,
        "aid_fen": 0,
        "uniform_fen": uniform_fen(law, case.enrol_at, case.person_class, origin) if terms != LOCAL else 0,
    }
    values = payer_rules(law.scheme.name).run_one(facts)
    if law.scheme.name == "risk-adjusted" and not full_cost:
        values = share_by_points(law, case.enrol_at, case.age, case.sex, terms != LOCAL, values)
    return values


def _payments(case: Case, values: dict[str, Any], answered: bool) -> tuple[Payment, ...]:
    codes = {
        "centre": "100000",
        "province": case.enrol_at.province,
        "county": case.enrol_at.code,
    }
    made: list[Payment] = []
    for level in LEVELS:
        yearly = values[f"pays_{level}"] if answered else 0
        part = yearly if level in {"individual", "medical_aid"} else half_up(yearly * case.months, MONTHS_PER_YEAR)
        made.append(Payment(level, codes.get(level, case.enrol_at.pool), part))
    return tuple(made)


def _ways(law: Law, case: Case, decision: Decision, own: dict[str, Any], origin: dict[str, Any]) -> tuple[Way, ...]:
    found: list[Way] = []
    for door in decision.doors:
        if door.regime == "hukou_only":
            continue
        terms = FULL_COST if door.full_cost else "local_terms"
        payments = _payments(case, _pay(law, case, own, origin, terms), answered=True)
        governments = sum(payment.fen for payment in payments if payment.level in GOVERNMENTS)
        person = sum(payment.fen for payment in payments if payment.level == "individual")
        facts = {**case.facts, "same_province_hukou": case.hukou.province == case.enrol_at.province}
        state = "shut" if door.shut(facts) else "not known" if door.unknown(facts) else "open"
        found.append(Way(door, person, governments, state))
    return tuple(found)
