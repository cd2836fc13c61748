"""Paper B, section 5: the reforms as models; a case through `explain`, a total through `settle` on china-2020."""

from __future__ import annotations

from fractions import Fraction

from suiren import places
from suiren.laws import cap_standard, contribution_by_income, portable, upper_funded
from suiren.studies import printed
from suiren.studies.residence_cases import HANGZHOU, LINXIA, SHANGHAI, case, reformed, yuan
from suiren.studies.residence_nation import (
    BUDGET_FEN,
    MODEL_EN,
    MODEL_ZH,
    POINTS,
    in_100_million,
    nation,
    paper_example,
    uplifted,
)
from suiren.studies.residence_tools import claim
from suiren.studies.study import Item, found, held, missing, rounded

MEMBERS_2022 = 983_490_000


def items() -> list[Item]:
    """Items B-R7 to B-R9 and B-M4 to B-M10."""
    return [
        *_overall(),
        *_follows(),
        *_uniform(),
        *_points(),
        *_provincial_points(),
        *_uplift(),
        *_rich_subsidies(),
        *_income(),
        *_origin_funds(),
    ]


def _overall() -> list[Item]:
    best = reformed(upper_funded(), LINXIA, HANGZHOU, tier="tier_1")
    return [
        missing(
            "B-R7.reform",
            None,
            "Compulsory cover, each in their own scheme, lifelong contributions and family cover change the employee "
            "scheme, which this model leaves out.",
            "强制参保、各参其保、缴费参保、家庭联保涉及职工医保，不在本模型之内。",
        ),
        found(
            "B-R7.best_choice",
            rounded(yuan(best.fen("province")), 0),
            "The paper's best choice, upper-funded: of Hangzhou's 1400 the province pays what the centre does not.",
            "最优选择（上级全额）：杭州1400元中，中央以外均由省级负担。",
        ),
    ]


def _follows() -> list[Item]:
    made = reformed(portable(), LINXIA, HANGZHOU, tier="tier_1")
    province = next(pay for pay in made.payments if pay.level == "province")
    down = reformed(portable(), SHANGHAI, LINXIA)
    kept = reformed(portable(central_floor="residence"), SHANGHAI, LINXIA)
    local = case(HANGZHOU, HANGZHOU, 30, tier="tier_1")
    above, own = made.fen("centre") + made.fen("province"), local.fen("centre") + local.fen("province")
    central = printed.cell("subsidy_t4", "subsidy_yuan_per_head", place_code_gb2260=LINXIA, payer_level="central")
    provincial = printed.cell("subsidy_t4", "subsidy_yuan_per_head", place_code_gb2260=LINXIA, payer_level="province")
    en, zh = (
        "Linxia to Hangzhou by explain, portable, notice year 2021.",
        "临夏到杭州，钱随人走，2021文件年度，由explain算出。",
    )
    return [
        held("B-M4.linxia_hangzhou", central, yuan(made.fen("centre")), en, zh),
        found("B-M4.shanghai_linxia", rounded(yuan(down.fen("centre")), 0), _FLOOR_EN, _FLOOR_ZH),
        found(
            "B-M4.shanghai_linxia_floor",
            rounded(yuan(kept.fen("centre")), 0),
            "central_floor=residence.",
            "以常住地为下限。",
        ),
        held("B-M5.linxia_hangzhou", provincial, yuan(made.fen("province")), en, zh, from_paper=True),
        claim(
            "B-M5.payer",
            "Zhejiang",
            places.name(province.code, "en"),
            province.code == "330000",
            "The residence's province pays; Gansu saves the same amount.",
            "由常住地省级支付，甘肃省级节省同额。",
            words_zh=("浙江省", places.name(province.code)),
        ),
        found(
            "B-M5.rest",
            rounded(yuan(made.fen("city_and_county")), 1),
            "What is left to Hangzhou of 1400.",
            "1400元中杭州负担的余额。",
        ),
        claim(
            "B-M5.more_than_local",
            "far more",
            f"{rounded(yuan(above), 1)} > {rounded(yuan(own), 1)}",
            above > own,
            "Money from above for the migrant and for a local of Hangzhou, whose provincial half is assumed.",
            "上级对该流动人口与对杭州本地人的补助；后者的省级一半为假定。",
            words_zh=("远高于本地人", ""),
        ),
    ]


_FLOOR_EN = "The paper names no floor for the central part where the origin's tier is lower."
_FLOOR_ZH = "户籍地档次较低时，原文未说明中央部分是否设下限。"


def _uniform() -> list[Item]:
    made = reformed(portable(province="uniform"), LINXIA, HANGZHOU, tier="tier_1")
    local = case(HANGZHOU, HANGZHOU, 30, tier="tier_1")
    paid, own = made.fen("province"), local.fen("province")
    return [
        found(
            "B-M6.amount",
            rounded(yuan(paid), 2),
            "Zhejiang's one amount for people from the west: the mean of what western provinces pay, weighted by "
            "members, not below Zhejiang's largest for a local in any of its pools (assumed half). " + MODEL_EN,
            "浙江对西部来人的统一标准：西部各省补助按参保人数加权，"
            f"不低于浙江对省内任一地区本地人的最高补助（一半为假定）。{MODEL_ZH}",
        ),
        claim(
            "B-M6.floor",
            ">= local",
            f"{rounded(yuan(paid), 2)} >= {rounded(yuan(own), 2)}",
            paid >= own,
            "The uniform amount against what Zhejiang pays for a local of Hangzhou (assumed half).",
            "统一标准与浙江对杭州本地人的补助（一半为假定）比较。",
            words_zh=("不低于本地人", ""),
        ),
    ]


def _points() -> list[Item]:
    value, newborn, points = paper_example()
    made = nation()
    en = "An invented registry of 50 thousand million points settled with 350 thousand million yuan, risk-adjusted."
    zh = "虚构的500亿分参保名册，以3500亿元按风险调整结算。"
    return [
        held("B-M7.value", "7", value, en, zh),
        held("B-M7.newborn", "1050", newborn, f"{en} A newborn has 150 points.", f"{zh}新生儿150分。"),
        held("B-M7.points", "50000000000", points, "All points of that registry.", "该名册的总分。", from_paper=True),
        found(
            "B-M7.mean_points",
            rounded(Fraction(POINTS, MEMBERS_2022), 1),
            "Over 983.49 million members.",
            "按98349万人平均。",
        ),
        found(
            "B-M7.mean_yuan",
            rounded(Fraction(BUDGET_FEN, 100 * MEMBERS_2022), 0),
            "Over 983.49 million members.",
            "按98349万人平均。",
        ),
        found(
            "B-M7.value_china",
            rounded(made.yuan_a_point, 2),
            f"Yuan a point with illustrative weights, which are assumed: the paper gives none. {MODEL_EN}",
            f"每分元数；权重为假定的示例，原文未给出。{MODEL_ZH}",
        ),
        held(
            "B-M7.neutral",
            "0",
            yuan(made.centre_points - made.centre_today),
            f"The centre's change. {MODEL_EN}",
            f"中央变动。{MODEL_ZH}",
        ),
    ]


def _provincial_points() -> list[Item]:
    made = nation()
    before, after = dict(made.pools_today), dict(made.pools_points)
    moved = sum(abs(after.get(code, 0) - before.get(code, 0)) for code in {*before, *after})
    en = f"Sum of the provinces' changes without sign, province=yes. {MODEL_EN}"
    return [held("B-M8.neutral", "0", yuan(moved), en, f"各省变动绝对值之和（province=yes）。{MODEL_ZH}")]


def _uplift() -> list[Item]:
    local, migrant, plain, more = uplifted()
    ratio = migrant / local
    return [
        held(
            "B-M9.neutral",
            "0",
            yuan(more - plain),
            "Ten locals, ten migrants, uplift 0.1.",
            "本地、流动各10人，加分10%。",
        ),
        found(
            "B-M9.uplift",
            f"{rounded(local, 2)} / {rounded(migrant, 2)}",
            f"Yuan a local and a migrant bring ({rounded(ratio, 2)} to 1): locals' money falls. The paper does not say "
            "whether the extra points multiply or add; here they multiply.",
            f"本地人与流动人口各带来的元数（1比{rounded(ratio, 2)}），本地人减少；原文未说明加分是乘是加，此处为乘。",
        ),
    ]


def _rich_subsidies() -> list[Item]:
    highest = Fraction(printed.cell("city_policy_facts", "value", fact_id="F15"))
    aged = case(SHANGHAI, SHANGHAI, 65)
    capped = reformed(cap_standard(580_000), SHANGHAI, SHANGHAI, 65)
    top, sixty = highest / 580, yuan(aged.subsidy_fen) / 580
    return [
        claim(
            "B-R8.highest",
            "> 10",
            rounded(top, 2),
            top > 10,
            "6630 / 580; 6630 is in no table of the paper.",
            "6630除以580；6630不在文中任何表内。",
        ),
        claim("B-R8.aged_60", "> 10", rounded(sixty, 2), sixty > 10, "5940 / 580, table 4.", "5940除以580，见表4。"),
        missing("B-R8.amount", "6630", "Its age band is not named.", "未说明所属年龄段。"),
        found(
            "B-R8.cap",
            rounded(yuan(capped.subsidy_fen), 0),
            "Shanghai, 60 to 69, with standard_cap at ten times 580; the level is ours.",
            "上海60至69岁，以580元的十倍为上限（数值为本软件所设）。",
        ),
    ]


def _income() -> list[Item]:
    made = reformed(contribution_by_income("0.01"), HANGZHOU, HANGZHOU)
    today = case(HANGZHOU, HANGZHOU, 30)
    return [
        found(
            "B-R9.contribution",
            f"{rounded(yuan(today.fen('individual')), 2)} -> {rounded(yuan(made.fen('individual')), 2)}",
            "Hangzhou's cheapest tier today and at one percent of Zhejiang's income a head; the rate is ours; urban "
            "and rural incomes are not told apart.",
            "杭州最低档：今天与按浙江人均可支配收入1%；比例为本软件所设，未分城乡。",
        ),
        missing("B-R9.rate", None, "The paper names no rate, year or rounding.", "原文未给出比例、年份与取整办法。"),
    ]


def _origin_funds() -> list[Item]:
    made = nation()
    saved = sum(before - after for _, before, after in made.provinces if after < before)
    return [
        missing(
            "B-M10.deficit",
            None,
            "An origin fund's loss needs what people of each age cost it, which no table at hand gives.",
            "户籍地基金的损失需要分年龄的医疗费用，手头没有。",
        ),
        found(
            "B-M10.saving",
            in_100_million(saved),
            f"100 million yuan a year that provinces save and could return to origin funds. {MODEL_EN}",
            f"各省每年节省、可用于补助户籍地基金的亿元数。{MODEL_ZH}",
        ),
    ]
