"""The steps of a case: what was looked up, what each rule computed, with sources and evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from suiren.laws import Law
from suiren.laws.cited import Cited
from suiren.laws.eligibility import FULL_COST, LOCAL, Decision
from suiren.laws.graph import says
from suiren.laws.payers import LEVELS, payer_rules
from suiren.laws.schema import EVIDENCE
from suiren.laws.seats import Seat, rules
from suiren.people.kinds import CLASS_AGES, class_of


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the reasoning: what it computes, its value, what the law says, where, how good the evidence is."""

    name: str
    value: Any
    unit: str
    says: str
    source: str
    evidence: str

    def to_dict(self) -> dict[str, Any]:
        """Return the step as JSON has it."""
        return {name: getattr(self, name) for name in ("name", "value", "unit", "says", "source", "evidence")}


@dataclass(frozen=True, slots=True)
class Worked:
    """All that was found for one case: the decision, both seats, and what their rules and the scheme's computed."""

    law: Law
    person_class: str
    age: int | None
    decision: Decision
    own: Seat
    origin: Seat
    own_values: dict[str, Any]
    origin_values: dict[str, Any]
    values: dict[str, Any]
    answered: bool


def steps_of(worked: Worked) -> list[Step]:
    """Return the steps that led to the payments of one case, in the order in which they were taken."""
    law, person_class, age, decision = worked.law, worked.person_class, worked.age, worked.decision
    own, origin, values = worked.own, worked.origin, worked.values
    given = "stated" if age is None or class_of(age) != person_class else "by age"
    steps = [
        Step(
            "person_class",
            person_class,
            "class",
            f"class {given}; {CLASS_AGES.get(person_class, '')}".rstrip("; "),
            "classes by age: a definition of Suiren",
            "assumed",
        ),
        Step(
            "eligible",
            decision.eligible,
            "answer",
            _eligible_says(decision),
            decision.source,
            EVIDENCE[decision.evidence],
        ),
    ]
    steps += [
        _cited("base_standard", own.base, "fen"),
        _cited("standard", own.standard, "fen"),
        _cited("contribution", own.contribution, "fen"),
        _cited("central_tier", own.central.tier, "tier"),
        _cited("split", own.split.cited, "year"),
    ]
    names = [
        "central_part",
        "undivided_part",
        "province_part",
        "local_part",
        "city_part",
        "county_part",
        "city_and_county_part",
    ]
    steps += _computed(rules().rules, worked.own_values, own.grades(), _sources(own), names)
    scheme_rules = payer_rules(law.scheme.name).rules
    if law.scheme.name == "portable" and decision.terms not in {LOCAL, FULL_COST}:
        steps += [
            _cited("origin_central_tier", origin.central.tier, "tier"),
            _cited("origin_split", origin.split.cited, "year"),
            *(
                replace(step, name=f"origin_{step.name}")
                for step in _computed(rules().rules, worked.origin_values, origin.grades(), _sources(origin), names[:3])
            ),
        ]
        following = ["following_centre", "following_province", "above_standard", "portable_rest"]
        grades = {name: max(origin.grades()["province_evidence"], own.standard.evidence) for name in following}
        steps += _computed(scheme_rules, values, grades, dict.fromkeys(following, "paper B, section 5(2)"), following)
    if worked.answered:
        ends = [f"pays_{level}" for level in LEVELS]
        sources = dict.fromkeys(ends, "paper B" if law.scheme.name != "current" else "")
        steps += [
            step
            for step in _computed(scheme_rules, values, _pay_grades(own, origin, decision, law), sources, ends)
            if step.value
        ]
    return steps + [_extra(name, value) for name, value in values.get("said", {}).items()]


def _extra(name: str, told: tuple[Any, str, str, str, str]) -> Step:
    value, unit, text, source, evidence = told
    return Step(name, value, unit, text, source, evidence)


def _eligible_says(decision: Decision) -> str:
    told = {
        "yes": "may enrol",
        "no": "may not enrol",
        "undetermined": "cannot be told without the missing facts",
    }[decision.eligible]
    through = f" ({decision.regime})" if decision.regime else ""
    return told + through


def _cited(name: str, cited: Cited, unit: str) -> Step:
    return Step(
        name,
        cited.value,
        unit,
        cited.how or name.replace("_", " "),
        cited.source or cited.how,
        EVIDENCE[cited.evidence],
    )


def _computed(
    all_rules: tuple[Any, ...],
    values: dict[str, Any],
    grades: Mapping[str, int],
    sources: Mapping[str, str],
    names: list[str],
) -> list[Step]:
    by_name = {rule.__name__: rule for rule in all_rules}
    return [
        Step(
            name,
            values[name],
            "fen",
            says(by_name[name]),
            sources.get(name, ""),
            EVIDENCE[grades.get(_grade(name), grades.get(name, 0))],
        )
        for name in names
        if name in by_name
    ]


def _grade(name: str) -> str:
    if name == "central_part":
        return "central_evidence"
    return "province_evidence" if name == "province_part" else "local_evidence"


def _sources(own: Seat) -> dict[str, str]:
    centre = "; ".join(dict.fromkeys((own.base.source, own.central.source.source)))
    split = own.split.cited.source or own.split.cited.how
    below = ("undivided_part", "province_part", "local_part", "city_part", "county_part", "city_and_county_part")
    return {"central_part": centre, **dict.fromkeys(below, split)}


def _pay_grades(own: Seat, origin: Seat, decision: Decision, law: Law) -> dict[str, int]:
    mine, theirs = own.grades(), origin.grades()
    door = 0 if decision.terms == LOCAL else decision.evidence
    upper = max(theirs["province_evidence"], mine["central_evidence"]) if law.scheme.name == "portable" else 0
    return {
        "pays_individual": max(mine["contribution_evidence"], door if decision.terms == FULL_COST else 0),
        "pays_medical_aid": mine["contribution_evidence"],
        "pays_centre": max(theirs["central_evidence"] if upper else mine["central_evidence"], 0),
        "pays_province": max(mine["province_evidence"] if not upper else 0, upper),
        **{
            f"pays_{level}": max(mine["local_evidence"], upper)
            for level in ("city", "county", "city_and_county", "undivided")
        },
    }
