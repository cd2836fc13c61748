"""The checks of a row: a condition for each thing that can be wrong, on what its cells say."""

from __future__ import annotations

from dataclasses import dataclass

from suiren.engines.engine import name, text
from suiren.laws.schema import CLASSES, OLDEST
from suiren.people.kinds import BELIEVABLE, CLASS_AGES
from suiren.people.records import PLACES
from suiren.people.scan import ID_BORN
from suiren.people.values import OTHER, RESIDENT, STATUS

CLASS_TYPE = f"ENUM({', '.join(text(person) for person in CLASSES)})"
"""The type of a class of persons in the local database: a byte."""
IDENTITY_FAULTS = {1: "Q-id", 2: "Q-id-checksum", 3: "Q-id-date"}
"""Codes of the marks of an identity number."""


@dataclass(frozen=True, slots=True)
class Check:
    """A condition under which a row is quarantined: the code, the column and its text."""

    code: str
    column: str
    fails: str


SAID_NOTHING = {
    "tier": ("contribution_tier", "NULL::VARCHAR"),
    "aid_group": ("aid_group", "NULL::VARCHAR"),
    "risk_group": ("risk_group", "NULL::VARCHAR"),
    "scheme": ("scheme_code", f"{text(RESIDENT)}"),
    "in_force": ("enrolment_status", "true"),
    "months_given": ("months", "NULL::TINYINT"),
    "months_from": ("coverage", "NULL::BIGINT"),
    "months_to": ("coverage", "NULL::BIGINT"),
    "at_home": ("residence_place", "false"),
    "category_unknown": ("person_category", "false"),
    "hukou_assumed": ("k_id_place", "false"),
}
"""What is not kept where no input has the column it comes from -> that column, and what it then is."""


def typed(facts: tuple[str, ...]) -> dict[str, str]:
    """Return the SQL of what is kept of a row, out of `v_<column>` (what a cell says) and `h_<column>` (it is filled).

    `months_from` and `months_to` count months from the year 0; `at_home`: the person lives in the enrolment pool.
    """
    by_age = " ".join(
        f"WHEN age BETWEEN {low} AND {high} THEN {text(person)}" for person, (low, high) in CLASS_AGES.items()
    )
    category = "CASE WHEN v_person_category NOT IN ('by_age', 'employed') THEN v_person_category END"
    return {
        "hukou_place": "v_hukou_place",
        "enrolment_place": "v_enrolment_place",
        "residence_place": "coalesce(v_residence_place, v_enrolment_place)",
        "sex": "coalesce(nullif(v_sex, 0), k_id_sex)::TINYINT",
        "age": "age::SMALLINT",
        "person_class": f"coalesce(v_person_class, {category}, CASE {by_age} END, 'adult')::{CLASS_TYPE}",
        "class_unknown": f"(NOT h_person_class AND ({category}) IS NULL AND age IS NULL)",
        "tier": "v_contribution_tier",
        "aid_group": "v_aid_group",
        "risk_group": "v_risk_group",
        **{name(fact): name(f"v_{fact}") for fact in facts},
        "scheme": f"CASE WHEN h_scheme_code THEN v_scheme_code ELSE {text(RESIDENT)} END",
        "in_force": "(NOT h_enrolment_status OR v_enrolment_status)",
        "months_given": "v_months::TINYINT",
        "months_from": (
            "CASE WHEN h_coverage_from THEN v_coverage_from "
            "WHEN h_coverage_to THEN v_coverage_to - v_coverage_to % 12 END"
        ),
        "months_to": (
            "CASE WHEN h_coverage_to THEN v_coverage_to "
            "WHEN h_coverage_from THEN v_coverage_from - v_coverage_from % 12 + 11 END"
        ),
        "at_home": "coalesce(v_residence_pool = v_enrolment_pool, false)",
        "same_province": "(v_hukou_province = v_enrolment_province)",
        "local": "(v_hukou_pool = v_enrolment_pool OR (v_hukou_province = v_enrolment_province AND v_pooled))",
        "old_code": "(v_hukou_old OR v_enrolment_old OR v_residence_old)",
        "hukou_assumed": "hukou_from_number",
        "category_unknown": "(h_person_category AND v_person_category IS NULL)",
    }


def checks(facts: tuple[str, ...], year: int, strict: bool, points: bool) -> list[Check]:
    """Return the conditions that send a row to quarantine, whatever year its months lie in."""
    found = [
        Check("Q-person-id", "person_id", "k_nobody = 1"),
        Check("Q-digits", "person_id", "k_nobody = 2"),
    ]
    for column in PLACES:
        side = column.removesuffix("_place")
        needed = f"h_{column}" if side == "residence" else "true"
        found += [
            Check("Q-place", column, f"{needed} AND v_{side}_level IS NULL"),
            Check("Q-place-level", column, f"{needed} AND v_{side}_level = 'province'"),
        ]
    believable = " OR ".join(
        f"(person_class = {text(person)} AND age NOT BETWEEN {low} AND {high})"
        for person, (low, high) in BELIEVABLE.items()
    )
    stated = "CASE WHEN h_person_class THEN v_person_class ELSE {} END".format(
        "CASE WHEN v_person_category NOT IN ('by_age', 'employed') THEN v_person_category END"
    )
    contradicts = believable.replace("person_class", f"({stated})")
    found += [
        Check("Q-pool", "pooling_area_code", "h_pooling_area_code AND v_pool_area IS DISTINCT FROM v_enrolment_pool"),
        Check("Q-pool", "enrolment_place_name", "v_named_pool <> v_enrolment_pool"),
        Check("Q-scheme", "scheme_code", f"h_scheme_code AND coalesce(v_scheme_code, {text(OTHER)}) <> 'resident'"),
        Check("Q-category", "person_category", "v_person_category = 'employed' AND scheme = 'resident'"),
        *(Check("Q-status", column, f"h_{column} AND NOT v_{column}") for column in STATUS),
        *(Check(code, "id_document_number", f"k_id = {mark}") for mark, code in IDENTITY_FAULTS.items()),
        Check(
            "Q-id-birth",
            "id_document_number",
            f"k_id = {ID_BORN} OR (NOT h_birth_date AND v_age <> {year} - k_id_born)",
        ),
        Check("Q-id-sex", "id_document_number", "k_id_sex <> nullif(v_sex, 0)"),
        Check("Q-sex", "sex", "h_sex AND v_sex IS NULL"),
        Check("Q-age", "age", "h_age AND v_age IS NULL"),
        Check(
            "Q-birth-date",
            "birth_date",
            f"h_birth_date AND (k_born IS NULL OR {year} - k_born NOT BETWEEN 0 AND {OLDEST})",
        ),
        Check("Q-age-birth", "age", f"v_age <> {year} - k_born"),
        Check("Q-class", "person_class", "h_person_class AND v_person_class IS NULL"),
        Check("Q-class-age", "person_class", f"h_person_class AND ({contradicts})"),
        Check("Q-class-age", "person_category", f"NOT h_person_class AND ({contradicts})"),
        Check("Q-months", "months", "h_months AND v_months IS NULL"),
        Check("Q-month", "coverage_from", "h_coverage_from AND v_coverage_from IS NULL"),
        Check("Q-month", "coverage_to", "h_coverage_to AND (v_coverage_to IS NULL OR v_coverage_to < v_coverage_from)"),
        Check("Q-cost", "cost_fen", "k_cost = 1"),
    ]
    found += [Check("Q-fact", fact, f"{name(f'h_{fact}')} AND {name(f'v_{fact}')} IS NULL") for fact in facts]
    if points:
        nothing = "NOT h_age AND NOT h_birth_date AND age IS NULL"
        found.append(Check("Q-points", "sex", f"(sex IS NULL AND (NOT h_sex OR v_sex = 0)) OR ({nothing})"))
    if strict:
        found.append(Check("Q-class-unknown", "person_class", "class_unknown"))
    return found


def month_checks() -> list[Check]:
    """Return the conditions on months, once it is known which year the run covers."""
    return [
        Check("Q-coverage", "coverage_from", "months_from <= months_to AND months < 1"),
        Check("Q-months-range", "months", "first_month IS NOT NULL AND months >= 1 AND months_given <> months"),
    ]
