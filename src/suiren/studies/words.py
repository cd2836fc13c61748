"""Words of a study's report, console and tables in both languages."""

from __future__ import annotations

import re

WORDS = {
    "agrees": ("agrees", "一致"),
    "disagrees": ("disagrees", "不一致"),
    "input": ("taken from the paper", "取自论文"),
    "found": ("nothing printed", "论文无数字"),
    "none": ("not computable", "无法计算"),
    "item": ("item", "项目"),
    "printed": ("printed", "论文所载"),
    "computed": ("computed", "计算结果"),
    "result": ("result", "结论"),
    "note": ("note", "说明"),
    "items": ("Items held against the paper", "逐项核对"),
    "figures": ("Figures", "图"),
    "tables": ("Tables", "表"),
    "headline": (
        (
            "{agrees} items agree, {disagrees} disagree, {input} only give back what was taken from the paper, {found} "
            "have no printed number, {none} cannot be computed."
        ),
        (
            "论文所载项目中{agrees}项一致，{disagrees}项不一致，{input}项取自论文本身（不作印证）；"
            "另有{found}项论文未给出数字；{none}项现有资料无法计算。"
        ),
    ),
    "cut": ("The first {shown} of {rows} rows; all are in {file}.", "只列前{shown}行，共{rows}行，全部见{file}。"),
    "more_columns": ("All columns are in {file}.", "全部栏目见{file}。"),
    "wrong": ("Where the paper and the computation differ", "与论文不一致之处"),
    "no_font": (
        "No font with Chinese characters was found, so the PNG pictures are labelled with romanised names.",
        "本机没有中文字体，PNG图改用拼音和英文标注。",
    ),
}

HEADS = {
    "item": "项目",
    "printed": "论文所载",
    "computed": "计算结果",
    "code": "代码",
    "city": "城市",
    "group": "组别",
    "province": "省份",
    "place": "地方",
    "year": "年份",
    "paper": "论文",
    "section": "章节",
    "rule": "规定",
    "document": "依据文件",
    "evidence": "证据",
    "note": "说明",
    "persons": "人数",
    "residents": "常住人口",
    "nonlocal_pct": "外来人口占比（%）",
    "out_of_province_of_nonlocal_pct": "非本省占外来人口（%）",
    "hukou_pct": "户籍人口（%）",
    "same_province_pct": "本省外来（%）",
    "other_province_pct": "非本省外来（%）",
    "out_per_100_hukou": "非本省比户籍（:100）",
    "capital": "省会",
    "paper_codes": "论文所记",
    "explain_answers": "explain的回答",
    "agrees": "是否一致",
    "source": "出处",
    "threshold": "申领门槛",
    "nonlocal_persons": "外来人口",
    "insured_at_home": "在户籍地参保的外来人口",
    "permit_share_pct": "其中可获居住证（%）",
    "could_gain": "可能受益人数",
    "local_yuan_a_head": "每人地方负担（元）",
    "local_yuan_million": "地方增支（百万元）",
    "province_yuan_million": "省级增支（百万元）",
    "centre_yuan_million": "中央支出（百万元）",
    "from_other_provinces": "来自外省",
    "from_same_province": "来自本省",
    "local_of_all_yuan_million": "全部参保时地方增支（百万元）",
    "explain_2020": "2020年回答",
    "explain_2025": "2025年回答",
    "ratio_2016": "2016年比值（:100）",
    "ratio_2020": "2020年比值（:100）",
    "nonlocal_2020_pct": "2020年外来占比（%）",
    "answer_2021": "2021年规定",
    "answer_2025": "2025年规定",
    "result_2021": "2021年结论",
    "result_2025": "2025年结论",
    "own_rule": "有本地规定",
    "cut_would_be_right_pct": "分界可正确判定的部分（%）",
    "pool": "统筹地区",
    "transfer_centre_yuan_million": "需中央补足（百万元）",
    "transfer_province_yuan_million": "需省级补足（百万元）",
    "standard_yuan": "补助标准（元）",
    "predicted": "预测",
    "known": "已知规定",
    "known_year": "规定年份",
    "result": "结论",
    "band": "位置",
    "parameter": "参数",
    "left_out": "不计入",
    "cut_from": "分界下限",
    "cut_to": "分界上限",
    "id": "项目",
    "indicator": "指标",
    "name": "名称",
    "value": "数值",
    "low": "区间下限",
    "high": "区间上限",
    "error": "标准误",
    "sample_n": "样本量",
    "indicator_id": "指标代码",
    "rows": "行数",
    "text": "内容",
    "rank": "排名",
    "province_code": "省份代码",
    "place_code": "地方代码",
    "payer": "出资方",
    "printed_pct": "原文所印（%）",
    "implied_pct": "推算（%）",
    "employee_of_surveyed_pct": "职工医保占调查人数（%）",
    "resident_of_surveyed_pct": "城镇（乡）居民医保占调查人数（%）",
    "new_rural_of_surveyed_pct": "新农合占调查人数（%）",
    "share_printed_pct": "原文所印比例（%）",
    "sample_printed": "原文样本量",
    "named_for_hukou_limit": "文中点名限户籍",
    "named_for_full_price": "文中点名全额缴费",
    "pools": "统筹区",
    "printed_yuan": "原文所印（元）",
    "computed_yuan": "计算（元）",
    "first_place": "甲处",
    "first_value": "甲值",
    "second_place": "乙处",
    "second_value": "乙值",
    "home_100m_yuan": "全在户籍地参保（亿元）",
    "portable_100m_yuan": "全在常住地参保（亿元）",
    "change_100m_yuan": "变动（亿元）",
    "net_members": "净流入参保人",
}
"""Chinese heads of the columns of tables."""

UNITS = (
    ("_100m_yuan", " (100 million yuan)"),
    ("_yuan_million", " (million yuan)"),
    ("_yuan", " (yuan)"),
    ("_pct", " (%)"),
    ("_n", " (persons)"),
)
"""Endings of column names and the units that an English reader sees for them."""

VALUES = {
    "big9": "9大都市",
    "capital14": "14个省会",
    "high": "高",
    "standard": "一般",
    "low": "低",
    "yes": "是",
    "no": "否",
    "open": "开放",
    "closed": "未开放",
    "between": "在分界之间",
    "unknown": "无来源",
    "undetermined": "待定",
    "undecided": "不作判断",
    "hit": "符合",
    "miss": "不符",
    "assumed": "假定",
    "derived": "推得",
    "modelled": "模型",
    "secondary": "转述",
    "sourced": "官方文本",
    "user": "用户",
    "true": "是",
    "false": "否",
    "hukou_only": "仅限户籍",
    "full_cost": "全额缴费",
    "relative": "随亲属",
    "residence_permit": "凭居住证",
    "central": "中央",
    "province": "省级",
    "city_and_county": "市县",
    "municipality": "市级",
    "district": "区级",
    "employee_cover": "职工医保",
    "same": "相同",
    "ascending": "升序",
    "smallest": "最小",
}
"""Chinese words for the codes that stand in cells of tables and in items; files keep the codes."""

IN_ENGLISH = {"big9": "9 metropolises", "capital14": "14 capitals"}
"""Codes that say little to an English reader even without their underscores."""

_OF_YEAR = re.compile(r"^(?P<what>[a-z_]+)_(?P<year>20\d\d)$")
_WHOLE = re.compile(r"^-?\d{5,}$")


def word(lang: str, key: str, **values: object) -> str:
    """The text of `key` in `lang`, with `values` filled in."""
    return WORDS[key][lang == "zh"].format(**values)


def head(column: str, lang: str) -> str:
    """The head of a table's column as a reader sees it; columns that already hold a sentence stay as they are."""
    if lang != "zh":
        ending, unit = next(((ending, unit) for ending, unit in UNITS if column.endswith(ending)), ("", ""))
        return column.removesuffix(ending).replace("_", " ") + unit
    found = _OF_YEAR.match(column)
    if column not in HEADS and found:
        what = found["what"]
        return f"{HEADS.get(what) or VALUES.get(what, what)}（{found['year']}）"
    return HEADS.get(column, column)


def value(code: str, lang: str) -> str:
    """The word of a code in a cell as a reader sees it, whole numbers in groups of three; other texts as they are."""
    if _WHOLE.match(code):
        return f"{int(code):,}"
    if code not in VALUES:
        return code
    return VALUES[code] if lang == "zh" else IN_ENGLISH.get(code) or code.replace("_", " ")
