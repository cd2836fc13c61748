"""Words of a study's report, console and tables in both languages."""

from __future__ import annotations

WORDS = {
    "agrees": ("agrees", "一致"),
    "disagrees": ("disagrees", "不一致"),
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
        "{agrees} items agree, {disagrees} disagree, {found} have no printed number, {none} cannot be computed.",
        "论文所载项目中{agrees}项一致，{disagrees}项不一致；另有{found}项论文未给出数字；{none}项现有资料无法计算。",
    ),
    "cut": ("The first {shown} of {rows} rows; all are in {file}.", "只列前{shown}行，共{rows}行，全部见{file}。"),
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
    "left_out": "留出",
    "cut_from": "分界下限",
    "cut_to": "分界上限",
}
"""Chinese heads of the columns of tables; the English one is the column's own name."""


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
}
"""Chinese words for the codes that stand in cells of tables; files keep the codes."""


def word(lang: str, key: str, **values: object) -> str:
    """The text of `key` in `lang`, with `values` filled in."""
    return WORDS[key][lang == "zh"].format(**values)


def head(column: str, lang: str) -> str:
    """The head of a table's column as a reader sees it; columns that already hold a sentence stay as they are."""
    return HEADS.get(column, column) if lang == "zh" else column.replace("_", " ")


def value(code: str, lang: str) -> str:
    """The word of a code in a cell as a reader sees it; other texts stay as they are."""
    return VALUES.get(code, code) if lang == "zh" else code
