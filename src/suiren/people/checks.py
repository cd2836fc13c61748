"""SQL of the checks of a person row: typed columns out of texts, and a condition for each thing that can be wrong."""

from __future__ import annotations

from dataclasses import dataclass

from suiren.engines.duck import name, text
from suiren.laws.schema import CLASSES, OLDEST
from suiren.people.kinds import BELIEVABLE, CLASS_AGES

TRUE = ("true", "t", "yes", "y", "1", "是", "有")
FALSE = ("false", "f", "no", "n", "0", "否", "无")
SEXES = {1: ("m", "1", "男", "male"), 2: ("f", "2", "女", "female")}


BORN = (
    "try_cast(CASE WHEN regexp_full_match(t_birth_date, '[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9:.+-]*)?') "
    "THEN t_birth_date[:10] WHEN regexp_full_match(t_birth_date, '[0-9]{8}') "
    "THEN t_birth_date[:4] || '-' || t_birth_date[5:6] || '-' || t_birth_date[7:8] "
    "WHEN regexp_full_match(t_birth_date, '[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}') "
    "THEN strftime(try_strptime(t_birth_date, '%Y/%m/%d'), '%Y-%m-%d') END AS DATE)"
)
"""SQL of the birth date: 1990-01-31, 19900131 or 1990/1/31; anything else is none."""


@dataclass(frozen=True, slots=True)
class Check:
    """A condition under which a row is quarantined: the code, the column and its text."""

    code: str
    column: str
    fails: str


def typed(facts: tuple[str, ...], year: int) -> dict[str, str]:
    """Return the SQL of each typed column, out of text columns `t_<column>` and joined places."""
    by_age = " ".join(
        f"WHEN age BETWEEN {low} AND {high} THEN {text(person)}" for person, (low, high) in CLASS_AGES.items()
    )
    age = f"coalesce({_whole('age', OLDEST)}, {year} - date_part('year', born))::SMALLINT"
    return {
        "person_id": "t_person_id",
        "hukou_place": _code("hukou_place"),
        "enrolment_place": _code("enrolment_place"),
        "residence_place": f"coalesce({_code('residence_place')}, {_code('enrolment_place')})",
        "sex": _case("lower(t_sex)", {str(sex): words for sex, words in SEXES.items()}, "TINYINT"),
        "age": age,
        "person_class": f"coalesce(lower(t_person_class), CASE {by_age} END, 'adult')",
        "class_unknown": "(t_person_class IS NULL AND age IS NULL)",
        "tier": "t_contribution_tier",
        "aid_group": "t_aid_group",
        "risk_group": "t_risk_group",
        "months": f"coalesce({_whole('months', 12)}, 12)::BIGINT",
        "cost_fen": f"coalesce({_whole('cost_fen', 10**15)}, 0)::BIGINT",
        **{fact: _case(f"lower(t_{fact})", {"true": TRUE, "false": FALSE}, "BOOLEAN") for fact in facts},
    }


def _code(column: str) -> str:
    return f"CASE WHEN regexp_full_match(t_{column}, '[0-9]{{6}}') THEN t_{column}::INTEGER END"


def _whole(column: str, most: int) -> str:
    digits = len(str(most))
    return (
        f"CASE WHEN regexp_full_match(t_{column}, '[0-9]{{1,{digits}}}') AND t_{column}::BIGINT <= {most} "
        f"THEN t_{column}::BIGINT END"
    )


def _case(expression: str, words: dict[str, tuple[str, ...]], kind: str) -> str:
    whens = " ".join(
        f"WHEN {expression} IN ({', '.join(text(word) for word in listed)}) THEN {value}"
        for value, listed in words.items()
    )
    return f"(CASE {whens} END)::{kind}"


def checks(facts: tuple[str, ...], year: int, strict: bool, points: bool) -> list[Check]:
    """Return the conditions that send a row to quarantine, on typed columns, texts and joined places."""
    found = [Check("Q-person-id", "person_id", "t_person_id IS NULL")]
    for column in ("hukou_place", "enrolment_place", "residence_place"):
        needed = f"t_{column} IS NOT NULL" if column == "residence_place" else "true"
        found += [
            Check("Q-place", column, f"{needed} AND {column}_level IS NULL"),
            Check("Q-place-level", column, f"{needed} AND {column}_level = 'province'"),
        ]
    believable = " OR ".join(
        f"(lower(t_person_class) = {text(person)} AND age NOT BETWEEN {low} AND {high})"
        for person, (low, high) in BELIEVABLE.items()
    )
    known = ", ".join(text(person) for person in CLASSES)
    found += [
        Check("Q-sex", "sex", "t_sex IS NOT NULL AND sex IS NULL"),
        Check("Q-age", "age", f"t_age IS NOT NULL AND {_whole('age', OLDEST)} IS NULL"),
        Check(
            "Q-birth-date",
            "birth_date",
            "t_birth_date IS NOT NULL AND (born IS NULL OR "
            f"{year} - date_part('year', born) NOT BETWEEN 0 AND {OLDEST})",
        ),
        Check(
            "Q-age-birth",
            "age",
            f"{_whole('age', OLDEST)} <> {year} - date_part('year', born)",
        ),
        Check("Q-class", "person_class", f"t_person_class IS NOT NULL AND lower(t_person_class) NOT IN ({known})"),
        Check("Q-class-age", "person_class", f"t_person_class IS NOT NULL AND ({believable})"),
        Check("Q-months", "months", f"t_months IS NOT NULL AND coalesce({_whole('months', 12)}, 0) < 1"),
        Check("Q-cost", "cost_fen", f"t_cost_fen IS NOT NULL AND {_whole('cost_fen', 10**15)} IS NULL"),
    ]
    found += [Check("Q-fact", fact, f"t_{fact} IS NOT NULL AND {name(fact)} IS NULL") for fact in facts]
    if points:
        found.append(
            Check(
                "Q-points",
                "sex",
                "(sex IS NULL AND t_sex IS NULL) OR (age IS NULL AND t_age IS NULL AND t_birth_date IS NULL)",
            )
        )
    if strict:
        found.append(Check("Q-class-unknown", "person_class", "class_unknown"))
    return found
