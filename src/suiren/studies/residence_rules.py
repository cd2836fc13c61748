"""Paper B, section 3: doors for outsiders, the full price, the permit; each case runs through `explain`."""

from __future__ import annotations

from fractions import Fraction

from suiren.case import explain
from suiren.laws import law
from suiren.laws.book import minimum_contribution
from suiren.studies.residence_cases import HANGZHOU, LINXIA, YEAR_T4, case, fact, yuan
from suiren.studies.residence_mix import nine_cities, reach
from suiren.studies.residence_tools import YEARS, claim, table_2
from suiren.studies.study import Item, found, held, missing, of_paper, rounded


def share_text(part: int, whole: int) -> str:
    """Percent of `part` in `whole`, one decimal."""
    return f"{rounded(Fraction(part * 100, whole), 1)} %"


def items() -> list[Item]:
    """Items B-R1 to B-R4, B-M1 and B-M3."""
    return [*_doors(), *_full_price(), *_permit(), *_tool_or_cause()]


def _doors() -> list[Item]:
    limited, permit, collected = (int(fact(one)) for one in ("F33", "F34", "F35"))
    nation_en = "The 281 cities' notices were read by the paper's authors; the law tables hold an adult's rule of {n}."
    nation_zh = "281个城市的文件为原作者所搜集；本软件的规则表有{n}个统筹地区的成年人规则。"
    known, closed, by_permit = reach(2017)
    en, zh = nation_en.format(n=known), nation_zh.format(n=known)
    return [
        missing("B-R1.cities", str(limited), f"{en} {closed} of them hukou only.", f"{zh}其中限户籍的{closed}个。"),
        missing(
            "B-R3.cities", str(permit), f"{en} {by_permit} of them by permit.", f"{zh}其中凭居住证的{by_permit}个。"
        ),
        found("B-R1.share", share_text(limited, collected), "54 of 281.", "281个城市中54个。"),
        found("B-R3.share", share_text(permit, collected), "127 of 281.", "281个城市中127个。"),
        found(
            "B-R2.left_over",
            str(collected - limited - permit),
            "281 less 54 less 127; the paper prints no count of full price, and the rest is not all of it.",
            "281减54减127；文中未给出全额缴费城市数，余数也并非全是。",
        ),
        _nine(),
    ]


def _nine() -> Item:
    shut, asked = nine_cities()
    return claim(
        "B-R1.nine",
        "9",
        str(len(shut)),
        len(shut) == len(asked),
        "Cities of the nine whose doors refuse an adult with a permit in notice year 2018; Shanghai's answer is not "
        "known without the points that admit a spouse.",
        "2018文件年度，九城市中拒绝持证成年人的个数；上海因积分配偶可参保而不能断定。",
    )


def _full_price() -> list[Item]:
    told: list[Item] = []
    for tier, price, subsidy in (("tier_1", "F05", "F06"), ("tier_2", "F07", "F08")):
        made = case(LINXIA, "330700", 30, 2016, tier)
        whole = int(fact(price)) + int(fact(subsidy))
        told.append(
            claim(
                f"B-R2.jinhua.{tier}",
                f"{fact(price)} + {fact(subsidy)}",
                rounded(yuan(made.fen("individual")), 0),
                yuan(made.fen("individual")) == whole and made.subsidy_fen == 0,
                "What an outsider pays in Jinhua by explain, coverage year 2017, governments nothing; the parts are "
                "the paper's.",
                "外地户籍者在金华应缴额（explain，2017参保年度），财政不补助。所加两数取自论文。",
            )
        )
    away, local = case(LINXIA, "320400", 30, 2017), case("320400", "320400", 30, 2017)
    en, zh = "By explain; the law's rows are the paper's.", "由explain算出；规则表的数额来自论文。"
    return [
        *told,
        held("B-R2.changzhou.away", fact("F10"), yuan(away.fen("individual")), en, zh, from_paper=True),
        held("B-R2.changzhou.local", fact("F11"), yuan(local.fen("individual")), en, zh, from_paper=True),
        found("B-R2.changzhou.subsidy", rounded(yuan(local.subsidy_fen), 0), "1300 less 550.", "1300减550。"),
        *(_closing(code, name) for code, name in (("441800", "qingyuan"), ("440200", "shaoguan"))),
        held("B-R2.minimum.2017", fact("F12"), yuan(_minimum(2016)), "Notice year 2016.", "2016文件年度。"),
        held("B-R2.minimum.2018", fact("F13"), yuan(_minimum(2017)), "Notice year 2017.", "2017文件年度。"),
    ]


def _closing(code: str, name: str) -> Item:
    made = case(LINXIA, code, 30, 2017)
    en = "By explain: the outsider pays contribution and subsidy; the amounts there are national figures, assumed."
    zh = "由explain得出：外地户籍者缴纳个人缴费与财政补助之和；该地金额按全国标准假定。"
    own = of_paper(made.decision.source)
    return claim(f"B-R2.{name}", "full_cost", str(made.decision.regime), made.subsidy_fen == 0, en, zh, from_paper=own)


def _minimum(year: int) -> int:
    return minimum_contribution(law(year).book, year).value


def _permit() -> list[Item]:
    away, local = case(LINXIA, "130100", 30, 2017, permit=True), case("130100", "130100", 30, 2017)
    same = away.pays() == local.pays() and away.decision.regime == "residence_permit"
    en = "Shijiazhuang, coverage year 2018: a permit holder's price and each government's part against a local's."
    zh = "石家庄2018参保年度：持证者的缴费与各级补助同本地人比较。"
    own = of_paper(away.decision.source)
    return [claim("B-R3.same_terms", "same", "same" if same else "not the same", same, en, zh, from_paper=own)]


def _tool_or_cause() -> list[Item]:
    lowest = min(table_2(year, "residence_share_employee_pct") for year in YEARS)
    highest = max(table_2(year, "residence_share_urban_rural_resident_pct") for year in YEARS)
    away = [100 - table_2(year, "residence_share_employee_pct") for year in YEARS]
    mean_away = sum(away, Fraction(0)) / len(away)
    covered = explain(law(YEAR_T4), LINXIA, HANGZHOU, age=30, facts={"employee_cover": True})
    return [
        claim(
            "B-M1.contrast",
            "employee > resident",
            f"{rounded(lowest, 2)} > {rounded(highest, 2)}",
            lowest > highest,
            "The lowest share of the employee scheme against the highest of the urban resident scheme, table 2.",
            "表2中职工医保的最低比例与城镇（乡）居民医保的最高比例。",
            words_zh=("职工高于居民", ""),
        ),
        found(
            "B-M1.doors",
            str(covered.decision.regime),
            "The doors of the law tables are those of the resident scheme: employee cover answers before any of them.",
            "规则表中的门槛只属居民医保；参加职工医保者不经过这些门槛。",
        ),
        claim(
            "B-R4.away",
            "~ 15",
            rounded(mean_away, 2),
            Fraction(25, 2) <= mean_away < Fraction(35, 2),
            f"Mean of four years ({', '.join(rounded(value, 2) for value in away)}); 'about 15' is taken as from 12.5 "
            "to below 17.5. Minimum years of the employee scheme are outside this model.",
            "四年均值；“约15%”按12.5至17.5（不含）理解。职工医保最低缴费年限不在本模型之内。",
        ),
        missing(
            "B-M3.hidden_tools",
            None,
            "Practice that differs from the written rule has no data; explain answers by the written rule alone.",
            "与成文规则不符的做法没有数据；explain只按成文规则回答。",
        ),
    ]
