"""Texts of an evaluation, each in Chinese and English."""

from __future__ import annotations

from suiren import places

LANGS = ("zh", "en")
WORDS: dict[str, tuple[str, str]] = {
    "title": ("谁会多得，谁会少得", "Who would be paid too much, who too little"),
    "kicker": ("风险调整评估 · {base}", "Risk adjustment, evaluated · {base}"),
    "invented": ("数据为虚构，不涉及任何真人。", "The data are invented and are about nobody."),
    "same": (
        "权重正是由这些数据估计的：进入模型的各组偏差必然接近零，只有模型之外的分组说明问题。",
        (
            "The weights were estimated from these very data: groups that are in the model come out near zero by "
            "construction; only groups outside it tell something."
        ),
    ),
    "held_out": (
        "这些数据在估计权重时留出未用。",
        "These data were held out when the weights were estimated.",
    ),
    "part": (
        "这些数据包含估计权重所用的部分数据，不能当作外部检验。",
        "The weights were estimated from a part of these data: this is no test on other records.",
    ),
    "other": ("权重由其他数据估计。", "The weights were estimated from other data."),
    "unknown": (
        "权重由何数据估计，没有说明。",
        "From which data the weights were estimated is not told.",
    ),
    "lead_less": (
        "少得最多的是{group}：平均每人每年少 {yuan} 元（95% 区间 {low} 至 {high}），占参保人月的 {share}。",
        (
            "Paid too little most: {group}, {yuan} yuan a person-year (95% interval {low} to {high}), {share} of all "
            "person-months."
        ),
    ),
    "lead_more": (
        "多得最多的是{group}：平均每人每年多 {yuan} 元（95% 区间 {low} 至 {high}），占参保人月的 {share}。",
        (
            "Paid too much most: {group}, {yuan} yuan a person-year (95% interval {low} to {high}), {share} of all "
            "person-months."
        ),
    ),
    "lead_funds": (
        "{many} 个统筹地区中 {far} 个的拨付与费用相差一成以上，覆盖 {share} 的参保人月。",
        "Of {many} funds {far} would be paid a tenth or more off their cost, with {share} of all person-months.",
    ),
    "h_groups": ("各组人群", "Groups of people"),
    "h_health": ("健康组别与参保月数", "Health groups, and months"),
    "h_funds": ("各统筹地区基金", "Funds"),
    "h_provinces": ("各省", "Provinces"),
    "h_fit": ("拟合程度", "Measures of fit"),
    "h_method": ("说明", "How to read this"),
    "fig_people": (
        "{group}每人每年{way} {yuan} 元",
        "{group}: {yuan} yuan a person-year {way}",
    ),
    "way_less": ("少得", "below cost"),
    "way_more": ("多得", "above cost"),
    "fig_even": ("没有哪一组确定多得或少得", "No group is surely above or below its cost"),
    "note_bars": (
        "拨付减费用，元/人年；横线为 95% 区间",
        "Payment less cost, yuan a person-year; lines: 95% intervals",
    ),
    "note_weak": (
        "拨付减费用，元/人年；横线为 95% 区间，带空心点的为弱区间（只据个人离散程度）",
        "Payment less cost, yuan a person-year; lines: 95% intervals, those with hollow ends weak (from persons alone)",
    ),
    "fig_funds": (
        "{share} 的参保人月所在基金，拨付与费用相差不到一成",
        "{share} of person-months are in funds paid within a tenth of their cost",
    ),
    "note_funds": (
        "按拨付与费用之比分组的参保人月，亿人月以外按占比",
        "share of person-months by ratio of payment to cost",
    ),
    "axis_over": ("元/人年", "yuan a person-year"),
    "axis_share": ("占参保人月", "share of person-months"),
    "kind_age": ("年龄", "Age"),
    "kind_origin": ("来源", "Origin"),
    "kind_history": ("病史", "History"),
    "kind_health": ("健康组别", "Health group"),
    "kind_months": ("参保月数", "Months"),
    "kind_province": ("省份", "Province"),
    "kind_promise": ("承诺", "Promise"),
    "origin_here": ("本地", "local people"),
    "origin_same_province": ("省内外地", "from the same province"),
    "origin_other_province": ("外省", "from other provinces"),
    "name_no_history": ("无病史资料", "without history"),
    "name_part_year": ("参保不满一年", "covered for a part of the year"),
    "name_newborn": ("新生儿", "newborns"),
    "name_ages": ("{low}至{high}岁", "aged {low} to {high}"),
    "name_oldest": ("{low}岁及以上", "aged {low} and over"),
    "name_promise": ("承诺：{group}", "promise: {group}"),
    "name_health": ("健康组：{group}", "health group {group}"),
    "col_kind": ("类别", "Kind"),
    "col_group": ("组别", "Group"),
    "col_fund": ("基金", "Fund"),
    "col_persons": ("人数", "Persons"),
    "col_share": ("占比", "Share"),
    "col_over": ("多得（元/人年）", "Over (yuan a year)"),
    "col_interval": ("95% 区间", "95% interval"),
    "col_total": ("合计多得（万元）", "In all (10,000 yuan)"),
    "col_ratio": ("拨付/费用", "Paid / cost"),
    "col_counties": ("县数", "Counties"),
    "col_measure": ("指标", "Measure"),
    "col_value": ("数值", "Value"),
    "t_groups": ("各组多得与少得", "Over- and under-payment of groups"),
    "t_less": ("少得最多的基金", "Funds paid least of their cost"),
    "t_more": ("多得最多的基金", "Funds paid most above their cost"),
    "t_fit": ("拟合指标（不衡量选择性激励）", "Measures of fit (none of them measures incentives)"),
    "weak": ("弱", "weak"),
    "none": ("无", "none"),
    "m_r_squared": ("R²，个人（仅分值）", "R², persons (points alone)"),
    "m_payment_system_fit": ("支付体系拟合（全部资金）", "Payment-system fit (all money)"),
    "m_cpm": ("CPM（以均值为准）", "CPM (about the mean)"),
    "m_mean_absolute_error_fen": ("平均绝对误差（元/人年）", "Mean absolute error (yuan a year)"),
    "m_power": ("激励强度（按人月）", "Power (by person-months)"),
    "m_power_by_cost": ("激励强度（按费用）", "Power (by cost)"),
    "m_counties": ("R²，县（{many} 个）", "R², counties ({many})"),
    "m_funds": ("R²，基金（{many} 个）", "R², funds ({many})"),
    "m_far": ("拨付偏离费用一成以上的县（占参保人月）", "Counties off by a tenth or more (share of person-months)"),
    "needs_records": ("需要个人记录", "needs person records"),
    "p_total": (
        "所有人的拨付合计等于其费用合计：一组多得的，必有其他组少得。正数为多得。",
        (
            "Payments of all people are their costs: what one group gets too much, others get too little. Plus "
            "is too much."
        ),
    ),
    "p_terms": (
        "拨付由分值（每分每年 {value} 元）、个人缴费（每年 {contribution} 元）{uplift}{pool}构成。",
        (
            "Payment is points ({value} yuan a point and year), a contribution ({contribution} yuan a "
            "year){uplift}{pool}."
        ),
    ),
    "p_uplift": ("、外来人员分值上浮 {uplift}", ", {uplift} more points for people from elsewhere"),
    "p_pool": (
        "、高额费用池（年费用超过 {line} 元的部分由池承担 {share}，不满一年的按月折算，按人月均摊）",
        (
            ", and a pool that bears {share} of a person's cost above {line} yuan a year (pro rata by months), "
            "paid for "
            "by an equal levy a person-month"
        ),
    ),
    "p_interval": (
        (
            "区间按县重抽样 {draws} 次（随机种子固定）。"
            "不足 {few} 个县的组不能这样估计，改用组内个人的离散程度，标为“弱”："
            "其中不含一地共有的因素。同时看很多组，总会有一些组的区间只因偶然而不含零。"
        ),
        (
            "Intervals: counties drawn anew {draws} times with a fixed seed. A group that lives in fewer than "
            "{few} counties "
            "cannot be judged so; its interval is from the spread between its persons and marked weak, as what a "
            "place has "
            "in common is not in it. Of many groups some lie off zero by chance alone."
        ),
    ),
    "p_fit": (
        "R²、CPM 等指标随费用的离散程度、保障范围和人群而变，不能衡量各组之间的选择性激励；个人 R² 也不是地方 R²。",
        (
            "R², CPM and the like depend on how costs spread, on benefits and on the people; they do not measure "
            "incentives "
            "between groups, and R² of persons is not R² of places."
        ),
    ),
    "p_pool_weights": (
        "权重若按全部费用估计，再加高额费用池会对高额费用重复支付；应按扣除池后的费用估计。",
        "Weights estimated on full cost pay dear cases twice beside a pool: estimate them on the cost net of it.",
    ),
    "p_power": (
        "激励强度为一减去每多花一元所多得的钱；由当年诊疗判定的健康组也会削弱激励，这里未计。",
        (
            "Power is one less what a fund is paid for one more yuan of cost; health groups read off the same "
            "year's care "
            "lower it too, which is not counted here."
        ),
    ),
    "p_without_points": ("{persons} 人的分值为零。", "{persons} persons have no points at all."),
    "p_paid_as_unknown": (
        "{persons} 人的健康组在其性别年龄没有权重，按无病史者计。",
        "{persons} persons are in a health group that has no weight at their sex and age: paid as without history.",
    ),
    "p_without_cost": (
        "{persons} 人没有费用数据，未计入。",
        "{persons} persons have no cost in the data and are left out.",
    ),
}
"""All texts: key -> (Chinese, English)."""


def t(lang: str, key: str, **values: object) -> str:
    """Return the text of `key` in a language, its placeholders filled."""
    text = WORDS[key][LANGS.index(lang)]
    return text.format(**values) if values else text


def group_name(kind: str, name: str, lang: str, short: bool = False) -> str:
    """Return what a group is called; `short` where its kind is told beside it."""
    if kind == "age":
        return _ages(name, lang)
    if kind == "province":
        place = places.get(name)
        return place.name_en if lang == "en" else place.short_zh
    told = {"origin": f"origin_{name}", "history": f"name_{name}", "months": f"name_{name}"}
    if kind in told:
        return t(lang, told[kind])
    return name if short and kind == "health" else t(lang, f"name_{kind}", group=name)


def _ages(name: str, lang: str) -> str:
    low, _, high = name.partition("-")
    if high == "0":
        return t(lang, "name_newborn")
    return t(lang, "name_oldest", low=low) if high == "120" else t(lang, "name_ages", low=low, high=high)


def opened(text: str) -> str:
    """Return a sentence with a capital letter first."""
    return text[:1].upper() + text[1:]


__all__ = ["LANGS", "WORDS", "group_name", "opened", "t"]
