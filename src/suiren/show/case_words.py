"""Words of one person's page: steps of the reasoning and what the law says, each in Chinese and English."""

from __future__ import annotations

import re

from suiren.show.words import WORDS

CASE_WORDS: dict[str, tuple[str, str]] = {
    "case_head": ("{year}年通知 · {scheme}", "Notice year {year} · {scheme}"),
    "case_person": (
        "{hukou}户籍，在{enrol}参保：{who}，{months}个月",
        "Hukou {hukou}, enrolling at {enrol}: {who}, {months} months",
    ),
    "case_age": ("{person_class}，{age}岁", "{person_class} of {age}"),
    "case_may": ("能否参保：{answer}", "May I enrol? {answer}"),
    "answer_yes": ("可以", "Yes"),
    "answer_no": ("不可以", "No"),
    "answer_undetermined": ("不能判定", "Cannot be told"),
    "case_local": ("本地户籍，按本地居民参保。", "Local hukou: insured as a local."),
    "case_through": ("途径：{regime}。", "By way of: {regime}."),
    "case_hukou_only": ("当地只接受本地户籍。", "The place takes only people of its own hukou."),
    "case_closed": (
        "外来人员须满足当地的参保条件，本人一条也不满足。",
        "The place lets people from elsewhere in on conditions, and none of them is met.",
    ),
    "case_employee": (
        "已参加职工医保的人不能再参加居民医保。",
        "Whoever is in the employee scheme cannot join the resident scheme too.",
    ),
    "case_reform_opens": (
        "这一改革把外来人员按当地居民接收。",
        "The reform takes people from elsewhere as locals.",
    ),
    "case_today_answer": ("按现行规定在此地参保：{today}。", "Under today's rules here: {today}."),
    "case_today_source": ("现行规定见：{source}", "Today's rule: {source}"),
    "case_grade": ("{name}＝{says}", "{name} = {says}"),
    "value_points": ("{value}分/年", "{value} a year"),
    "value_value_of_a_point": ("{value}元/分", "{value} yuan"),
    "case_missing": ("要得到答案，还需知道：", "To tell, it must be known:"),
    "case_no_source": (
        "没有资料说明外来人员能否在此参保；请向当地医保经办机构查询。",
        "No source says who from elsewhere may enrol here; ask the local healthcare security office.",
    ),
    "case_doors": (
        "此地的各种参保条件，按所问月数本人与政府各付多少（元）",
        "The doors of this place, and what each costs for the time asked (yuan)",
    ),
    "case_door_none": ("无条件", "no condition"),
    "case_not": ("并非：{what}", "not: {what}"),
    "case_pays": ("我付{amount}元。", "I pay {amount} yuan."),
    "case_who_pays": ("各方付多少（元）", "Who pays (yuan)"),
    "case_pays_full": (
        "我付{amount}元（个人缴费加全部财政补助），政府不付。",
        "I pay {amount} yuan, contribution and whole subsidy; governments pay nothing.",
    ),
    "case_pays_unknown": ("不能参保或不能判定时，没有付费结果。", "Without a yes there is no bill."),
    "case_total": ("合计", "Total"),
    "case_subsidy": ("政府合计", "All governments"),
    "case_today_here": ("现行：按在此地参保计{assumed}。", "Today: counted as insured here{assumed}."),
    "case_today_assumed": ("（准入不明，按本地待遇假定）", " (may not be certain; local terms assumed)"),
    "case_today_home": (
        "现行：此地不接收，按在户籍地{hukou}参保计。",
        "Today: shut out here, so counted as insured at the hukou place, {hukou}.",
    ),
    "case_at": ("{who}（{place}）", "{who} ({place})"),
    "case_steps": ("逐步依据", "Step by step"),
    "case_sources": ("出处", "Sources"),
    "case_grades": ("依据等级：{grades}", "Grades: {grades}"),
    "payer_city_and_county": ("{place}市县合计", "{place}, city and county"),
    "payer_county": ("{place}各县区", "{place}, its districts"),
    "payer_undivided": ("{place}（未分）", "{place}, undivided"),
    "fact_employee_cover": ("已参加职工医保", "is covered by the employee scheme"),
    "fact_regime": ("当地有无准入规定", "whether the place has a rule"),
    "step_person_class": ("人员类别", "Class"),
    "step_eligible": ("能否参保", "May enrol"),
    "step_base_standard": ("国家基础标准", "Base standard"),
    "step_standard": ("参保地财政补助标准", "Subsidy standard here"),
    "step_contribution": ("参保地个人缴费", "Contribution here"),
    "step_central_tier": ("参保地中央补助档次", "Central tier here"),
    "step_split": ("参保地分担规则", "Split rule here"),
    "step_central_part": ("中央部分（本地居民）", "Central part for a local"),
    "step_undivided_part": ("未分部分（本地居民）", "Undivided part for a local"),
    "step_province_part": ("省级部分（本地居民）", "Provincial part for a local"),
    "step_local_part": ("市县部分（本地居民）", "Local part for a local"),
    "step_city_part": ("市级部分（本地居民）", "City part for a local"),
    "step_county_part": ("县区级部分（本地居民）", "County part for a local"),
    "step_city_and_county_part": ("市县合计部分（本地居民）", "City and county part for a local"),
    "step_origin_central_tier": ("户籍地中央补助档次", "Central tier at the hukou place"),
    "step_origin_split": ("户籍地分担规则", "Split rule at the hukou place"),
    "step_origin_central_part": ("户籍地中央部分", "Central part at the hukou place"),
    "step_origin_undivided_part": ("户籍地未分部分", "Undivided part at the hukou place"),
    "step_origin_province_part": ("户籍地省级部分", "Provincial part at the hukou place"),
    "step_following_centre": ("随人走的中央补助", "Central money that follows"),
    "step_following_province": ("参保地省级按户籍地额付费", "Provincial amount of the origin"),
    "step_above_standard": ("超出标准的上级资金", "Upper money above the standard"),
    "step_portable_rest": ("市县承担的余额", "Rest for city and county"),
    "step_points": ("分值", "Points"),
    "step_value_of_a_point": ("每分价值", "Value of a point"),
    "step_pays_individual": ("个人付", "The person pays"),
    "step_pays_medical_aid": ("医疗救助付", "Medical aid pays"),
    "step_pays_centre": ("中央付", "The centre pays"),
    "step_pays_province": ("省级付", "The province pays"),
    "step_pays_city": ("市级付", "The city pays"),
    "step_pays_county": ("县区级付", "The county pays"),
    "step_pays_city_and_county": ("市县合计付", "City and county pay"),
    "step_pays_undivided": ("未分部分", "Undivided"),
}
"""Key → (Chinese, English)."""

RULES_ZH: dict[str, str] = {
    "central_part": "中央只按国家基础标准的比例付费（国办发〔2018〕67号；2018年及以前以120元为界分段）",
    "undivided_part": "由谁付无资料时，全部补助作为一个未分付费方",
    "province_part": "省级一般按基础标准扣除中央部分后的比例付费",
    "local_part": "标准的其余部分由市县付",
    "city_part": "市级付市县部分中自己的比例，四舍五入",
    "county_part": "有资料时，市县分担的余下部分由县区付",
    "city_and_county_part": "市与县之间如何分无资料，合并计",
    "following_centre": "中央在参保地付其在户籍地所付之额",
    "following_province": "参保地所在省付户籍地省级所付之额，不超过基础标准扣除中央部分",
    "above_standard": "上级资金超出参保地标准的部分",
    "portable_rest": "参保地标准的余额由其市县付，不低于0",
    "pays_individual": "个人付个人缴费；全额缴费的另付全部补助，政府不付",
    "pays_medical_aid": "医疗救助付个人缴费的一部分或全部",
    "pays_centre": "中央按本方案所付",
    "pays_province": "参保地所在省按本方案所付",
    "pays_city": "参保地市级按本方案所付",
    "pays_county": "参保地县区级按本方案所付",
    "pays_city_and_county": "参保地市县按本方案合计所付",
    "pays_undivided": "由谁付无资料的部分",
}
"""A rule's name → what the law says, in Chinese."""

SAYS_ZH: dict[str, str] = {
    "class by age": "按年龄归类",
    "class stated": "按所述归类",
    "base standard": "国家基础标准",
    "central tier": "中央补助档次",
    "origin central tier": "户籍地中央补助档次",
    "the amount of the year": "当年标准",
    "no amount of the place is known: the national figure": "当地标准无资料，取国家标准",
    "cut to the cap of the reform": "按改革上限扣减",
    "no source: the province pays half of the base less the central part, city and county the rest": (
        "无资料：省级付基础标准扣除中央部分后的一半，其余归市县"
    ),
    "no source says who pays in the east before 2019: one undivided payer": (
        "2019年以前东部由谁付无资料，作为一个未分付费方"
    ),
    "a planned city settles with the centre: no provincial part": "计划单列市直接与中央结算，没有省级补助",
    "points by sex and age": "按性别、年龄的分值",
    "a person's points times the value of a point: the central budget divided by all points of china-2020": (
        "个人分值乘以每分价值：中央预算除以china-2020的全部分值"
    ),
    "may enrol": "可以参保",
    "may not enrol": "不得参保",
    "cannot be told without the missing facts": "缺少情况，不能判定",
}
"""What a figure's origin says in English → in Chinese."""

SOURCES: dict[str, tuple[str, str]] = {
    "local hukou": ("本地户籍", "local hukou"),
    "no source speaks": ("无资料", "no source speaks"),
    "the reform takes people from elsewhere as locals": (
        "改革把外来人员按当地居民接收",
        "the reform takes people from elsewhere as locals",
    ),
    "paper B": ("论文B", "paper B"),
    "paper B, section 5(2)": ("论文B第五节（二）", "paper B, section 5(2)"),
    "paper A, sections 1 and 4: nobody is in two basic schemes at once": (
        "论文A第一、四节：同一人不得同时参加两种基本医保",
        "paper A, sections 1 and 4: nobody is in two basic schemes at once",
    ),
    "classes by age: a definition of Suiren": ("按年龄归类：随人的定义", "classes by age: a definition of Suiren"),
    "weights: illustrative": ("内置的示意分值表", "the built-in, illustrative table of points"),
    "population china-2020 (modelled)": ("模型人口china-2020", "the modelled population china-2020"),
}
"""Sources that are no document → (Chinese, English)."""

DEFINITIONS = ("classes by age: a definition of Suiren", "local hukou")
"""Sources that are definitions: no evidence is asked of them."""

_AGES = re.compile(r"^class (?P<how>by age|stated); \((?P<low>\d+), (?P<high>\d+)\)$")
_CARRIED = re.compile(
    r"^(?P<yuan>[\d,.]+) of (?P<year>\d{4}) (?P<sign>plus|less) the national rise (?P<rise>[\d,.]+)(?P<rest>.*)$"
)
_RULE = re.compile(r"^rule (?P<rule>\S+) of (?P<year>\d{4})$")
_INCOME = re.compile(r"^(?P<rate>\S+) of the disposable income of (?P<year>\d{4})$")


def says_in(lang: str, text: str, rule: str = "") -> str:
    """Return what a step says in a language; a text that has no Chinese stays as it is."""
    if found := _AGES.match(text):
        ages = f"{found['low']}–{found['high']}"
        return f"{SAYS_ZH['class ' + found['how']]}（{ages}岁）" if lang == "zh" else f"class {found['how']}, {ages}"
    if lang == "en":
        return text
    answer, _, regime = text.partition(" (")
    if rule == "eligible" and answer in SAYS_ZH:
        return SAYS_ZH[answer] + (f"（{WORDS[f'regime_{regime[:-1]}'][0]}）" if regime else "")
    return RULES_ZH.get(rule.removeprefix("origin_")) or SAYS_ZH.get(text) or _pattern_in_chinese(text)


def _pattern_in_chinese(text: str) -> str:
    """Return a sentence with figures in it in Chinese, or the text as it is."""
    if found := _CARRIED.match(text):
        sign = "加" if found["sign"] == "plus" else "减"
        raised = "，并提高到国家标准" if "raised to the national base" in found["rest"] else ""
        return f"{found['year']}年的{found['yuan']}元{sign}国家标准的增幅{found['rise']}元{raised}"
    if found := _RULE.match(text):
        return f"{found['year']}年规则{found['rule']}"
    if found := _INCOME.match(text):
        return f"{found['year']}年人均可支配收入的{found['rate']}"
    return text


def source_in(lang: str, source: str) -> str:
    """Return a source in a language; documents are cited in Chinese in both."""
    if source in SOURCES:
        return SOURCES[source][0 if lang == "zh" else 1]
    return SAYS_ZH.get(source, source) if lang == "zh" else source


__all__ = ["CASE_WORDS", "DEFINITIONS", "RULES_ZH", "SAYS_ZH", "SOURCES", "says_in", "source_in"]
