"""Paper B, section 4: the centre's tiers, table 4, the local burden, push and pull."""

from __future__ import annotations

from fractions import Fraction

from suiren import places
from suiren.case import Explanation
from suiren.laws import law
from suiren.laws.split import central_share
from suiren.studies import printed
from suiren.studies.residence_cases import (
    HANGZHOU,
    LEVELS_PRINTED,
    LINXIA,
    SHANGHAI,
    TABLE_4,
    XINZHOU,
    YEAR_T4,
    case,
    fact,
    local_fen,
    yuan,
)
from suiren.studies.residence_tools import claim
from suiren.studies.study import Item, found, held, missing, of_paper, rounded


def items() -> list[Item]:
    """Items B-R5, B-R6, B-T4, B-F3 and B-M2."""
    return [*_tiers(), *_table_4(), *_burden(), *_pull()]


def _tiers() -> list[Item]:
    book = law(YEAR_T4).book
    codes = [province.code for province in places.provinces()]
    tiers = {code: central_share(book, int(code), YEAR_T4).tier.value for code in codes}
    told = [
        held(
            f"B-R5.{name}.count",
            counted,
            sum(1 for found_tier in tiers.values() if found_tier == tier),
            "Provinces of that tier.",
            "该档的省份数。",
        )
        for name, counted, tier in (("gansu", "12", 1), ("shanxi", "10", 2))
    ]
    for name, fact_id, (code, age) in zip(("gansu", "shanxi", "shanghai"), ("F20", "F21", "F22"), TABLE_4, strict=True):
        made = case(code, code, age)
        share = Fraction(made.fen("centre") * 100, 58_000)
        en, zh = "Central part over 580.", "中央部分除以580。"
        told.append(held(f"B-R5.{name}", fact(fact_id), share, en, zh, from_paper=of_paper(_central(made))))
    upper = [_upper(code, age) for code, age in TABLE_4]
    wealth = [Fraction(row["gdp_per_head_10k_yuan"]) for row in printed.read("subsidy_t4_context")]
    told.append(
        claim(
            "B-R6.poorer_more",
            "poorer: more",
            ", ".join(f"{rounded(value, 1)} %" for value in upper),
            upper == sorted(upper, reverse=True) and wealth == sorted(wealth),
            "Share paid from above the city: Linxia, Xinzhou, Shanghai (there the centre alone), by rising GDP.",
            "上级补助占比：临夏、忻州、上海（仅中央），人均GDP依次升高。",
            words_zh=("越穷补得越多", ""),
        )
    )
    return told


def _upper(code: str, age: int) -> Fraction:
    made = case(code, code, age)
    above = made.fen("centre") + (0 if code == SHANGHAI else made.fen("province"))
    return Fraction(above * 100, made.subsidy_fen)


def _table_4() -> list[Item]:
    told: list[Item] = []
    ages = dict(TABLE_4)
    for row in printed.read("subsidy_t4"):
        code, level = row["place_code_gb2260"], row["payer_level"]
        made = case(code, code, ages[code])
        fen = sum(made.fen(payer) for payer in LEVELS_PRINTED[level])
        told.append(
            held(
                f"B-T4.{code}.{level}",
                row["subsidy_yuan_per_head"],
                yuan(fen),
                f"By explain for a local, notice year 2021. Split: {_source(made)}.",
                f"由explain算出（本地人，2021文件年度）。分担依据：{_source(made)}。",
                from_paper=of_paper(_central(made) if level == "central" else _source(made)),
            )
        )
    for code, age in TABLE_4:
        made = case(code, code, age)
        parts = [row for row in printed.read("subsidy_t4") if row["place_code_gb2260"] == code]
        whole = sum((Fraction(row["subsidy_yuan_per_head"]) for row in parts), Fraction(0))
        told.append(
            claim(
                f"B-T4.{code}.sum",
                rounded(whole, 0),
                rounded(yuan(made.subsidy_fen), 0),
                yuan(made.subsidy_fen) == whole,
                "The printed parts added up, against the standard.",
                "所印各部分之和与补助标准核对。",
                from_paper=of_paper(_source(made, "standard")),
            )
        )
    return [*told, *_context()]


def _source(made: Explanation, name: str = "split") -> str:
    """Where a step of a case is written; where that is the paper itself, agreement only shows it was loaded well."""
    return next(step.source for step in made.steps if step.name == name).partition(" (")[0]


def _central(made: Explanation) -> str:
    """What the central part rests on; that the lowest tier's share holds for this insurance only the paper says."""
    return next(step.source for step in made.steps if step.name == "central_part")


def _context() -> list[Item]:
    told: list[Item] = []
    for row in printed.read("subsidy_t4_context"):
        code = row["place_code_gb2260"]
        share = Fraction(int(row["migrant_n"]) * 100, int(row["resident_n"]))
        told += [
            held(
                f"B-T4.{code}.migrants",
                row["migrant_share_pct"],
                share,
                "Migrants over residents.",
                "流动人口除以常住人口。",
            ),
            held(
                f"B-T4.{code}.residents",
                row["resident_n"],
                places.get(code).population,
                "Census of 2020, as in the table of places.",
                "2020年普查，见地区表。",
            ),
            missing(
                f"B-T4.{code}.gdp", row["gdp_per_head_10k_yuan"], "No GDP in the tables at hand.", "手头没有GDP数据。"
            ),
        ]
    shanghai = case(SHANGHAI, SHANGHAI, 65)
    central = Fraction(shanghai.fen("centre") * 100, shanghai.subsidy_fen)
    told.append(
        claim("B-T4.shanghai_central", "< 1 %", f"{rounded(central, 3)} %", central < 1, "58 / 5940.", "58除以5940。")
    )
    told.append(
        claim(
            "B-T4.year",
            "2022",
            str(YEAR_T4 + 1),
            case(XINZHOU, XINZHOU, 30).subsidy_fen == 58_000,
            "2022 is the coverage year: 580 yuan is the national standard of notice year 2021 (医保发〔2021〕32号).",
            "2022为参保年度：580元是2021文件年度的国家标准（医保发〔2021〕32号）。",
        )
    )
    return told


def _burden() -> list[Item]:
    shares = [Fraction(local_fen(code, age) * 100, case(code, code, age).subsidy_fen) for code, age in TABLE_4]
    told = [
        held(
            f"B-F3.{code}",
            amount,
            yuan(local_fen(code, age)),
            f"City and county money, {rounded(share, 1)} % of the subsidy.",
            f"市县负担，占补助{rounded(share, 1)}%。",
            from_paper=code == LINXIA,
        )
        for (code, age), amount, share in zip(TABLE_4, ("10.6", "116", "5882"), shares, strict=True)
    ]
    en, zh = "Local part of the subsidy, by rising GDP a head.", "地方负担占补助的比例，按人均GDP由低到高。"
    text = ", ".join(f"{rounded(share, 1)} %" for share in shares)
    words = ("越富地方负担越重", "")
    return [
        *told,
        claim("B-F3.richer_more", "richer: more", text, shares == sorted(shares), en, zh, words_zh=words),
    ]


def _pull() -> list[Item]:
    made = case(LINXIA, LINXIA, 30)
    above, own = made.fen("centre") + made.fen("province"), local_fen(LINXIA, 30)
    person = made.fen("individual")
    hangzhou = case(HANGZHOU, HANGZHOU, 30, tier="tier_1")
    return [
        found("B-M2.pull", rounded(yuan(above), 1), "464 + 105.4, brought by 10.6.", "464加105.4，由10.6元带来。"),
        found(
            "B-M2.pull_with_contribution",
            rounded(yuan(above + person), 1),
            "With the contribution of 320 yuan.",
            "加上个人缴费320元。",
        ),
        found(
            "B-M2.leverage",
            rounded(Fraction(above + person, own), 1),
            "Yuan that one yuan of Linxia's own money brings into its fund.",
            "临夏每出1元为其基金带来的元数。",
        ),
        found(
            "B-M2.push",
            rounded(yuan(hangzhou.fen("city_and_county")), 0),
            "What Hangzhou bears for one more insured on local terms today (tier 1); the provincial half is assumed.",
            "杭州今天按本地待遇多保一人（一档）的负担；省级分担一半为假定。",
        ),
    ]
