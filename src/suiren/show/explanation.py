"""One person's page on a terminal: may I enrol, what do I pay, who pays the rest, by which rule."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from suiren.case import Explanation, Step, Way
from suiren.laws import Law
from suiren.laws.eligibility import FULL_COST, LOCAL, Decision, decide
from suiren.laws.payers import GOVERNMENTS
from suiren.laws.schema import EVIDENCE
from suiren.places import Place
from suiren.show.amounts import yuan
from suiren.show.case_words import DEFINITIONS, says_in, source_in
from suiren.show.lines import add_row, grid, say
from suiren.show.phrases import gap
from suiren.show.texts import fact_text, government, known, scheme_name, t

TOLD_ABOVE = ("eligible", "central_tier", "origin_central_tier")
"""Steps whose label or the page's head says it all."""


def explanation(console: Console, told: Explanation, lang: str) -> None:
    """Print one page for one person: the answer, the bill, the change, the steps with their sources."""
    _heading(console, told, lang)
    _answer(console, told, lang)
    if told.ways:
        console.print()
        console.print(_ways(told, lang))
    console.print()
    _bill(console, told, lang)
    console.print()
    _steps(console, told, lang)


def _heading(console: Console, told: Explanation, lang: str) -> None:
    case = told.case
    who = t(lang, f"class_{case.person_class}")
    if case.age is not None:
        who = t(lang, "case_age", person_class=who, age=case.age)
    say(console, t(lang, "case_head", year=told.law.year, scheme=scheme_name(told.law.scheme.label, lang)), "bold")
    names = {"hukou": case.hukou.name(lang), "enrol": case.enrol_at.name(lang)}
    say(console, t(lang, "case_person", who=who, months=case.months, **names))


def _answer(console: Console, told: Explanation, lang: str) -> None:
    console.print()
    say(console, t(lang, "case_may", answer=t(lang, f"answer_{told.decision.eligible}")), "bold")
    for sentence in reasons(told, lang):
        say(console, sentence, indent=2)


def reasons(told: Explanation, lang: str) -> list[str]:
    """Return why the person may enrol or not, or what must be known to tell; under a reform also today's answer."""
    decision = told.decision
    opened = decision.eligible == "yes" and decision.terms not in {LOCAL, FULL_COST} and not told.ways
    if told.today is not None and opened:
        return [t(lang, "case_reform_opens"), *_todays_answer(told, lang)]
    return _why(told.law, decision, lang)


def _why(law: Law, decision: Decision, lang: str) -> list[str]:
    """Return the reasons of one decision."""
    regime = known(lang, f"regime_{decision.regime}", decision.regime or "")
    if decision.eligible == "yes":
        return [t(lang, "case_local") if decision.terms == LOCAL else t(lang, "case_through", regime=regime)]
    if decision.regime == "employee_cover":
        return [t(lang, "case_employee")]
    if decision.eligible == "no":
        only = all(door.regime == "hukou_only" for door in decision.doors)
        return [t(lang, "case_hukou_only" if only else "case_closed")]
    if decision.missing == ("regime",):
        return [t(lang, "case_no_source")]
    return [t(lang, "case_missing"), *(f"- {fact_text(law, name, lang)}" for name in decision.missing)]


def _todays_answer(told: Explanation, lang: str) -> list[str]:
    """Return what today's law answers at the same place, by which regime, and where that is written."""
    decision = todays_decision(told)
    lines = [
        t(lang, "case_today_answer", today=t(lang, f"eligible_{decision.eligible}")),
        *_why(told.law, decision, lang),
    ]
    if decision.doors:
        grade = t(lang, f"grade_{EVIDENCE[decision.evidence]}")
        source = t(lang, "bracket", what=source_in(lang, decision.source), inner=grade)
        lines.append(t(lang, "case_today_source", source=source))
    return [lines[0] + gap(lang) + lines[1], *lines[2:]]


def todays_decision(told: Explanation) -> Decision:
    """Return the decision of today's doors at the place asked for."""
    case, law = told.case, told.law
    hukou, enrol = int(case.hukou.code), int(case.enrol_at.code)
    return decide(law.book, hukou, enrol, case.person_class, case.tier, case.facts, law.year)


def _ways(told: Explanation, lang: str) -> Table:
    heads = [
        t(lang, "col_door"),
        t(lang, "col_needs"),
        t(lang, "col_state"),
        t(lang, "one_individual"),
        t(lang, "level_governments"),
        t(lang, "col_evidence"),
    ]
    table = grid(t(lang, "case_doors"), heads, left=3)
    for way in told.ways:
        grade = t(lang, f"grade_{EVIDENCE[way.door.evidence]}")
        add_row(
            table,
            known(lang, f"regime_{way.door.regime}", way.door.regime),
            needs_text(told, way, lang),
            t(lang, f"state_{way.state}"),
            yuan(way.individual_fen),
            yuan(way.subsidy_fen),
            grade,
        )
    return table


def needs_text(told: Explanation, way: Way, lang: str) -> str:
    """Return the conditions of a door, joined; or that it has none."""
    told_needs = [
        fact_text(told.law, name, lang) if wanted else t(lang, "case_not", what=fact_text(told.law, name, lang))
        for name, wanted in way.door.needs
    ]
    return t(lang, "semicolon").join(told_needs) or t(lang, "case_door_none")


def _bill(console: Console, told: Explanation, lang: str) -> None:
    if not told.total_fen:
        say(console, t(lang, "case_pays_unknown"))
        return
    if told.decision.terms == FULL_COST:
        say(console, t(lang, "case_pays_full", amount=yuan(told.fen("individual"))), "bold")
        return
    say(console, t(lang, "case_pays", amount=yuan(told.fen("individual"))), "bold")
    if told.today is None:
        console.print(_payments(told, lang))
    else:
        say(console, _today(told, lang))
        console.print(_changes(told, lang))


def _grade(told: Explanation, level: str, lang: str) -> str:
    """Return the evidence of what a level pays under the scheme, or an empty text where it pays nothing."""
    return next((t(lang, f"grade_{step.evidence}") for step in told.steps if step.name == f"pays_{level}"), "")


def _payments(told: Explanation, lang: str) -> Table:
    heads = [t(lang, "col_payer"), t(lang, "col_level"), t(lang, "unit_yuan"), t(lang, "col_evidence")]
    table = grid(t(lang, "case_who_pays"), heads, left=2)
    for payment in told.payments:
        if payment.fen:
            level = _level(told, payment.level, payment.code, lang)
            grade = _grade(told, payment.level, lang)
            add_row(table, government(payment.level, payment.code, lang), level, yuan(payment.fen), grade)
    table.add_section()
    add_row(table, t(lang, "case_subsidy"), "", yuan(told.subsidy_fen), "")
    add_row(table, t(lang, "case_total"), "", yuan(told.total_fen), "")
    return table


def _level(told: Explanation, level: str, code: str, lang: str) -> str:
    """Return the level of a payer; a municipality is province and city in one, and told so."""
    pool_too = level == "province" and code in {told.case.enrol_at.pool, told.case.hukou.pool}
    return t(lang, "one_municipality" if pool_too else f"one_{level}")


def _today(told: Explanation, lang: str) -> str:
    today = told.today
    if today is None or today.case.enrol_at.code == told.case.enrol_at.code:
        unsure = todays_decision(told).eligible == "undetermined"
        return t(lang, "case_today_here", assumed=t(lang, "case_today_assumed") if unsure else "")
    return t(lang, "case_today_home", hukou=told.case.hukou.name(lang))


def _changes(told: Explanation, lang: str) -> Table:
    names = ("col_payer", "col_level", "col_today", "col_reform", "col_change", "col_evidence")
    table = grid(t(lang, "case_who_pays"), [t(lang, name) for name in names], left=2)
    sums = [0, 0, 0]
    for row in told.changes():
        level, code = row["payer_level"], row["payer_code"]
        fen = [row[name] for name in ("before_fen", "after_fen", "change_fen")]
        who = government(level, code, lang)
        if level in {"individual", "medical_aid"}:
            place = _place_of(told, code)
            who = (
                t(lang, "case_at", who=who, place=place.name(lang))
                if told.case.hukou.pool != told.case.enrol_at.pool
                else who
            )
        if level in GOVERNMENTS:
            sums = [one + two for one, two in zip(sums, fen, strict=True)]
        amounts = (yuan(fen[0]), yuan(fen[1]), yuan(fen[2], signed=True))
        add_row(table, who, _level(told, level, code, lang), *amounts, _grade(told, level, lang) if fen[1] else "")
    table.add_section()
    add_row(table, t(lang, "case_subsidy"), "", yuan(sums[0]), yuan(sums[1]), yuan(sums[2], signed=True), "")
    return table


def _place_of(told: Explanation, code: str) -> Place:
    return told.case.enrol_at if told.case.enrol_at.pool == code else told.case.hukou


def _steps(console: Console, told: Explanation, lang: str) -> None:
    say(console, t(lang, "case_steps"), "bold")
    sources: dict[str, list[int]] = {}
    for number, step in enumerate(shown(told), 1):
        for source in _sources(step):
            sources.setdefault(source, []).append(EVIDENCE.index(step.evidence))
        marks = "".join(f"[{list(sources).index(source) + 1}]" for source in _sources(step))
        label = known(lang, f"step_{step.name}", step.name)
        value = step_value(step, lang)
        if step.source not in DEFINITIONS:
            value = t(lang, "bracket", what=value, inner=t(lang, f"grade_{step.evidence}"))
        says = says_in(lang, step.says, step.name)
        told_twice = says.casefold() in (label.casefold(), step.name.replace("_", " ")) or step.name in TOLD_ABOVE
        rest = "" if told_twice else f" — {says}"
        say(console, f"{number:>2}. {label}{t(lang, 'colon')}{value}{marks}{rest}", hang=4)
    console.print()
    say(console, t(lang, "case_sources"), "bold")
    for number, (source, grades) in enumerate(sources.items(), 1):
        graded = t(lang, "bracket", what=source_in(lang, source), inner=t(lang, f"grade_{EVIDENCE[min(grades)]}"))
        say(console, f"[{number}] {source_in(lang, source) if source in DEFINITIONS else graded}", hang=4)
    grades_told = (t(lang, "case_grade", name=t(lang, f"grade_{g}"), says=t(lang, f"grade_says_{g}")) for g in EVIDENCE)
    say(console, t(lang, "case_grades", grades=t(lang, "semicolon").join(grades_told)))


def shown(told: Explanation) -> list[Step]:
    """Return the steps that a page shows: not what is 0, nor the payments, which the bill holds."""
    payments = told.total_fen > 0
    return [
        step
        for step in told.steps
        if (step.value != 0 or step.unit != "fen") and not (payments and step.name.startswith("pays_"))
    ]


def _sources(step: Step) -> list[str]:
    return [source for source in dict.fromkeys(part.strip() for part in step.source.split("; ")) if source]


def step_value(step: Step, lang: str) -> str:
    """Return a step's value with its unit: yuan for fen, words for answers and classes."""
    if step.unit == "fen":
        return f"{yuan(int(step.value))}{'' if lang == 'zh' else ' '}{t(lang, 'unit_yuan')}"
    if known(lang, f"value_{step.name}", ""):
        return t(lang, f"value_{step.name}", value=step.value)
    if step.unit == "class":
        return t(lang, f"class_{step.value}")
    if step.unit == "answer":
        return t(lang, f"answer_{step.value}")
    if step.unit == "year" and not step.value:
        return "—"
    return str(step.value)


__all__ = ["explanation", "needs_text", "reasons", "step_value"]
