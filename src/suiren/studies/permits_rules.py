"""Paper A, tables 2 and 4 and its other rules, held against what `explain` answers from the law's tables."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import polars as pl

from suiren.case import Explanation, explain
from suiren.laws import law
from suiren.laws.schema import EVIDENCE
from suiren.show.case_words import source_in
from suiren.studies.permits_structure import City, cities
from suiren.studies.printed import Row, read
from suiren.studies.study import Item, Table, found, held, missing, of_paper, rounded

FIRST_LAW_YEAR = 2014
"""Documents of 2012 and 2013 still hold in the first year of the law's tables and are asked there."""

PAPER_YEAR = 2020
"""The newest document that the paper cites is of 2020."""

ALONE: dict[str, bool | None] = {
    "employee_cover": False,
    "insured_at_origin": False,
    "insured_here_before": False,
    "relative_has_permit": False,
    "relative_insured": False,
    "relative_local": False,
    "relative_works_here": False,
    "student_here": False,
    "points_qualified": False,
    "talent_card": False,
    "registered_residence": False,
    "works_here": False,
    "retired_here": False,
    "admission_policy_met": False,
}
"""Someone with nothing to show but a permit."""

PROVINCE_WIDE = "local hukou"
"""Source of an answer to people of the same province where the province is one pool, which the paper itself says."""

ELSEWHERE = ("622900", "411600")
"""Linxia; for a city of Gansu, Zhoukou: someone of another province."""


def ask(code: str, year: int, age: int = 30, facts: Mapping[str, bool | None] | None = None) -> Explanation:
    """What `explain` answers a permit holder of another province who asks to enrol in a city in a notice year."""
    hukou = ELSEWHERE[code.startswith("62")]
    return explain(law(year), hukou, code, age=age, permit=True, facts={**ALONE, **(facts or {})})


def rules_table(lang: str) -> Table:
    """Tables 2 and 4 beside the answers of `explain`, a row for each city."""
    rows = [_row(city, row, lang) for city, row in _cities_with_rules()]
    frame = pl.DataFrame(rows, infer_schema_length=None)
    return Table(
        "rules",
        "Tables 2 and 4: may an adult permit holder enrol? The paper's coding and the answer of explain",
        "表2与表4：持居住证的成年人能否参保？论文所记与explain的回答",
        frame,
        "Asked: an adult of 30 from another province who holds a permit and has nothing else to show, in the year of "
        "the document (2012 and 2013: in 2014), in 2020 and in 2025. The paper is itself the source of most of the "
        "law's rows of these years; other notices decide where they are newer.",
        "所问为外省户籍、持有居住证、无其他条件的30岁成年人，分别按文件年份（2012、2013年按2014年）、2020年和2025年。"
        "法规表中这些年份的规定多来自论文本身，较新的文件优先。",
    )


def _cities_with_rules() -> list[tuple[City, Row]]:
    rows = {
        row["city_code_gb2260"]: row
        for name in ("t2_eligibility_big9", "t4_eligibility_capitals14")
        for row in read(name)
    }
    return [(city, rows[city.code]) for city in cities()]


def coded(row: Row) -> str:
    """What the paper codes for a permit holder's own enrolment: yes or no."""
    key = "permit_holder_may_enrol" if "permit_holder_may_enrol" in row else "permit_holder_self_may_enrol"
    return "yes" if row[key] == "true" else "no"


def document_year(row: Row) -> int:
    """The notice year in which a city's document is asked."""
    return max(int(row["basis_year"]), FIRST_LAW_YEAR)


def _row(city: City, row: Row, lang: str) -> dict[str, object]:
    answer = ask(city.code, document_year(row))
    rule = row.get("permit_related_rule_zh") or row.get("permit_holder_rule_zh") or ""
    return {
        "city": city.name(lang),
        "rule": rule if lang == "zh" else row["rule_kind"].replace("_", " "),
        "document": row["basis_document_zh"],
        "paper_codes": coded(row),
        "explain_answers": answer.decision.eligible,
        "explain_2020": ask(city.code, PAPER_YEAR).decision.eligible,
        "explain_2025": ask(city.code, 2025).decision.eligible,
        "evidence": EVIDENCE[answer.decision.evidence],
    }


def items() -> list[Item]:
    """Items of tables 2 and 4 and of the paper's rules A-R1 to A-R7."""
    made = [_city_item(city, row) for city, row in _cities_with_rules()]
    return [*made, *_newer(), *_special_cases(), *_scheme_items(), *_terms(), *_capitals(), *_thresholds(), *_centre()]


def _city_item(city: City, row: Row) -> Item:
    year = document_year(row)
    answer = ask(city.code, year)
    table = "A-T2" if city.group == "big9" else "A-T4"
    printed = coded(row)
    note = f"notice year {year}; {EVIDENCE[answer.decision.evidence]}"
    zh = f"文件年度{year}；{row['basis_document_zh']}"
    eligible = answer.decision.eligible
    ours = (eligible, eligible == printed, f"{city.en}, {note}.", f"{city.zh}，{zh}。")
    return Item(f"{table}.{city.key}", printed, *ours, of_paper(answer.decision.source))


def _newer() -> list[Item]:
    """Cities where the law's tables answer otherwise in 2020 than in the year of the paper's document."""
    made: list[Item] = []
    for city, row in _cities_with_rules():
        answer = ask(city.code, PAPER_YEAR)
        eligible = answer.decision.eligible
        if eligible != coded(row):
            table = "A-T2" if city.group == "big9" else "A-T4"
            source = cited(answer)
            en = f"{city.en} in 2020: a newer document than the paper's says otherwise ({source})."
            zh = f"{city.zh}2020年：较论文所据更新的文件有不同规定（{source}）。"
            made.append(Item(f"{table}.{city.key}.in_2020", coded(row), eligible, False, en, zh))
    return made


def _special_cases() -> list[Item]:
    """Conditions inside tables 2 and 4: relatives, cover at home, the employee scheme, children."""
    relative = {"relative_has_permit": True}
    cases = (
        ("A-T2.shanghai.child", "310000", 2015, 8, {**relative, "points_qualified": True}, "yes"),
        ("A-T2.shanghai.child_without_points", "310000", 2015, 8, relative, "no"),
        ("A-T2.nanjing.child", "320100", 2018, 8, {**relative, "relative_insured": True}, "yes"),
        ("A-T4.changsha.insured_at_home", "430100", 2017, 30, {"insured_at_origin": True}, "no"),
        ("A-T4.xian.employee_scheme", "610100", 2019, 30, {"employee_cover": True}, "no"),
        ("A-T4.kunming.child", "530100", 2014, 8, relative, "yes"),
        ("A-T4.lanzhou.child", "620100", 2017, 8, relative, "yes"),
    )
    return [
        _held_answer(
            item_id, printed, ask(code, year, age, facts), f"notice year {year}, age {age}", f"文件年度{year}，{age}岁"
        )
        for item_id, code, year, age, facts, printed in cases
    ]


def cited(answer: Explanation, lang: str = "zh") -> str:
    """Where the rule of an answer is written, without the line of our table; documents are cited in Chinese."""
    return source_in(lang, answer.decision.source).partition(" (doors.csv")[0]


def _held_answer(item_id: str, printed: str, answer: Explanation, en: str, zh: str) -> Item:
    eligible = answer.decision.eligible
    own = of_paper(answer.decision.source) or answer.decision.source == PROVINCE_WIDE
    ours = (eligible, eligible == printed, f"{en}; {cited(answer, 'en')}.", f"{zh}；{cited(answer)}。")
    return Item(item_id, printed, *ours, own)


def _scheme_items() -> list[Item]:
    one = ask("340100", 2018, facts={"employee_cover": True})
    shares = "67.6 + 18.9 + 13.4 = 99.9"
    return [
        _held_answer(
            "A-R1.no_double_cover",
            "no",
            one,
            "a permit holder with employee cover, Hefei",
            "合肥，参加职工医保的持证者",
        ),
        missing(
            "A-R1.composition",
            "67.6 18.9 13.4 / 75.1 22.9 2.0",
            f"The 2019 bulletin's counts behind the shares are not among the data. As printed {shares}: rounding.",
            f"现有资料没有2019年统计公报的分类人数；按所载{shares}，为舍入所致。",
        ),
        missing(
            "A-R2",
            None,
            "Whether a flexible worker may choose a scheme is a rule of the employee scheme; only its result, being in "
            "it or not, is a fact of a case here.",
            "灵活就业人员能否选择险种由职工医保规定，此处只以“是否参加职工医保”作为事实。",
        ),
        missing(
            "A-R4",
            "19",
            "The follow-up texts of the 19 provinces name the subsidy and not who may enrol; they are not among the "
            "law's tables, so they cannot be counted.",
            "19个省份的贯彻文件只写补助、未写参保条件，法规表未收，无法计数。",
        ),
    ]


def _terms() -> list[Item]:
    """A-R3: permit holders pay, and are paid for, as locals, where the paper says they may enrol."""
    same = 0
    chosen = [(city, row) for city, row in _cities_with_rules() if city.group == "capital14"]
    for city, row in chosen:
        year = document_year(row)
        newcomer, local = ask(city.code, year), explain(law(year), city.code, city.code, age=30)
        same += newcomer.pays() == local.pays()
    en = "Capitals of table 4 in which explain bills a permit holder and a local the same, payer by payer."
    zh = "explain对居住证持有人与本地居民各方分担完全相同的省会数。"
    return [held("A-R3", str(len(chosen)), same, en, zh, from_paper=True)]


def _capitals() -> list[Item]:
    """A-R5: the other capitals that the paper calls open, and the three it calls closed."""
    wider = {"nanchang": "360100", "wuhan": "420100", "guiyang": "520100", "nanning": "450100"}
    made = [
        _held_answer(f"A-R5.{key}", "yes", ask(code, PAPER_YEAR), "in 2020", "2020年") for key, code in wider.items()
    ]
    pooled = {"haikou": ("460200", "460100"), "xining": ("630200", "630100"), "yinchuan": ("640200", "640100")}
    for key, (hukou, code) in pooled.items():
        answer = explain(law(PAPER_YEAR), hukou, code, age=30, permit=False)
        en, zh = "someone of the same province, without a permit, 2020", "本省其他地市户籍、无居住证者，2020年"
        made.append(_held_answer(f"A-R5.{key}", "yes", answer, en, zh))
    opened = sum(item.agrees is True for item in made) + sum(
        ask(city.code, document_year(row)).decision.eligible == "yes"
        for city, row in _cities_with_rules()
        if city.group == "capital14"
    )
    en, zh = "14 + 6 + Nanning.", "14个省会加6个省会加南宁。"
    made.append(held("A-R5.open_capitals", "21", opened, en, zh, from_paper=True))
    for key, code in {"hohhot": "150100", "lhasa": "540100", "urumqi": "650100"}.items():
        answer = ask(code, PAPER_YEAR)
        if answer.decision.missing:
            en, zh = "No rule of 2020 or earlier is in the law's tables.", "法规表没有2020年及以前的规定。"
            made.append(missing(f"A-R5.{key}", "no", en, zh))
        else:
            made.append(
                _held_answer(
                    f"A-R5.{key}", "no", answer, "in 2020; another notice than the paper's", "2020年，另有通知"
                )
            )
    return made


def _thresholds() -> list[Item]:
    classes = [row["threshold_class"] for row in read("permit_thresholds")]
    printed = {"high": "4", "low": "2", "standard": "3"}
    return [
        held(
            f"A-R6.{kind}", number, classes.count(kind), "Cities of the class.", "该门槛类别的城市数。", from_paper=True
        )
        for kind, number in printed.items()
    ]


def _centre() -> list[Item]:
    """A-R7: the centre's part of the base subsidy in the four cities that the paper names, and in the other five."""
    made: list[Item] = []
    named = {"110000": "10", "310000": "10", "440300": "30", "330200": "30"}
    for city in (city for city in cities() if city.group == "big9"):
        answer = explain(law(2021), city.code, city.code, age=30)
        base = next(int(step.value) for step in answer.steps if step.name == "base_standard")
        share = Fraction(100 * answer.fen("centre"), base)
        item_id = f"A-R7.{city.key}"
        if city.code in named:
            en = "Centre's part of the base of 2021, percent (国办发〔2018〕67号)."
            made.append(held(item_id, named[city.code], share, en, "2021年基础标准的中央分担（%）。"))
        else:
            en = "Percent; the city is not named in 国办发〔2018〕67号 and takes its province's tier."
            made.append(found(item_id, rounded(share, 0), en, "百分比；67号文未单列，随所在省份档次。"))
    return made
