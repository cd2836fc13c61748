"""Sentences of terminal, charts, report and workbook, each in Chinese and English."""

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "more": ("多付{amount}{unit}", "{amount} {unit} more"),
    "less": ("少付{amount}{unit}", "{amount} {unit} less"),
    "same": ("不变", "as much as before"),
    "hardly": ("变化不足0.01{unit}", "about as much as before (less than 0.01 {unit} apart)"),
    "nothing_settled": (
        "没有结算任何人：输入为空，或所有行都被隔离（原因见quarantine.csv），或所有人都已参加职工医保。因此没有金额。",
        (
            "Nothing was settled: the input is empty, every row was refused (quarantine.csv says why), or everyone is "
            "in the employee scheme. So there is no money to tell."
        ),
    ),
    "comma": ("，", ", "),
    "semicolon": ("；", "; "),
    "stop": ("。", ". "),
    "colon": ("：", ": "),
    "bracket": ("{what}（{inner}）", "{what} ({inner})"),
    "scheme_changes": (
        "{scheme}：中央{centre}，省级{province}，市县{local}",
        "{scheme}: the centre pays {centre}, provinces {province}, cities and counties {local}",
    ),
    "title_payers": (
        "{scheme}：中央{centre}，省级{province}，市县{local}",
        "{scheme}: the centre pays {centre}, provinces {province}, local governments {local}",
    ),
    "title_payers_one": (
        "{scheme}：各级政府付费{amount}{unit}，其中中央{centre}{unit}",
        "{scheme}: governments pay {amount} {unit}, the centre {centre} {unit} of it",
    ),
    "title_provinces": ("{scheme}：{sides}", "{scheme}: {sides}"),
    "provinces_less": (
        "{count}个省份少付，最多的是{place}（{amount}{unit}）",
        "governments pay less in {count} of the provinces, most of all in {place} ({amount} {unit})",
    ),
    "provinces_more": (
        "{count}个省份多付，最多的是{place}（{amount}{unit}）",
        "more in {count}, most of all in {place} ({amount} {unit})",
    ),
    "title_provinces_same": (
        "{scheme}：{count}个省份的政府付费都不变",
        "{scheme}: governments of all {count} provinces pay as before",
    ),
    "title_flows": (
        "{scheme}：中央付给东部基金的补助由{before}{unit}变为{after}{unit}",
        "{scheme}: the centre's money for funds in the east goes from {before} to {after} {unit}",
    ),
    "title_flows_one": (
        "{scheme}：中央补助的{share}进入西部和中部基金",
        "{scheme}: {share} of the centre's money goes to funds in the west and the centre",
    ),
    "title_burden": (
        "一名65岁外来参保人给当地的负担：临夏{linxia}元，忻州{xinzhou}元，上海{shanghai}元（钱随人走）",
        (
            "What one person of 65 from elsewhere costs locally when the money follows: Linxia {linxia}, Xinzhou "
            "{xinzhou}, Shanghai {shanghai} yuan"
        ),
    ),
    "title_doors": (
        "异地参保的{all}{unit}中，确定可参保的{sure}{unit}，不得参保的{shut}{unit}，不能判定的{open}{unit}",
        "Of {all} {unit} insured away from home {sure} may surely enrol, {shut} may not; for {open} it cannot be told",
    ),
    "axis_payers": ("付费额（{unit}）", "Paid, {unit}"),
    "axis_change": ("本省政府付费变化（{unit}）", "Change of what the province's governments pay, {unit}"),
    "axis_share": ("当地负担占财政补助的比例", "Share of the subsidy borne locally"),
    "axis_persons": ("{unit}", "{unit}"),
    "axis_flows": (
        "各付费方付给各地区基金的钱，颜色深浅为变化幅度，20%以上最深",
        "Paid into the funds of each region; the colour shows the change, deepest from 20 %",
    ),
    "side_local": ("本地居民，现行办法", "A local, today's law"),
    "side_migrant": ("外来参保人，钱随人走", "From elsewhere, portable"),
    "enrol_observed": ("按现在的参保地", "enrolled as now"),
    "enrol_residence": ("若都在常住地参保", "if all enrol where they live"),
    "enrol_hukou": ("若都在户籍地参保", "if all enrol at the hukou place"),
    "head_terminal": (
        "{year}年 · {population} · 参保{persons}{unit}",
        "Notice year {year} · {population} · {persons} {unit} insured",
    ),
    "head_payers": ("谁付多少（{unit}，变化与{first}相比）", "Who pays what ({unit}, changes against {first})"),
    "head_headlines": ("两种参保水平下的变化（{unit}）", "Changes at each enrolment level ({unit})"),
    "head_changes": ("付费变化（{unit}）", "Changes of what is paid ({unit})"),
    "head_movers": ("各省政府付费的变化（{unit}）", "Provinces whose governments pay less or more ({unit})"),
    "head_doors": ("异地参保人遇到的参保条件（{unit}）", "Doors met by people insured away from home ({unit})"),
    "head_evidence": (
        "补助资金所依据的制度数字（不计人口与准入的依据）",
        "The figures of the law behind the subsidy, leaving aside how people were counted",
    ),
    "pays_less": ("少付", "less"),
    "pays_more": ("多付", "more"),
    "nobody": ("无", "none"),
    "line_conserved": (
        (
            "守恒：{schemes}个方案全部平账；{scheme}：参保{persons}人＝结算{settled}人＋职工医保{covered}人，"
            "缴费{contribution}元，补助{subsidy}元。"
        ),
        (
            "Conserved: all {schemes} schemes add up; {scheme}: {persons} persons in = {settled} settled + {covered} "
            "in the employee scheme, contributions {contribution} yuan, subsidy {subsidy} yuan."
        ),
    ),
    "line_modelled": (
        "人口是模型，不是登记数据；所有金额的依据至多为“模型”。",
        "The population is a model, no register: no amount rests on better evidence than “modelled”.",
    ),
    "line_files": ("文件：{where}", "Files: {where}"),
    "line_kept_out": (
        "{count}人不得在参保地参保，按户籍地结算",
        "persons shut out and counted at their hukou place: {count}",
    ),
    "line_full_cost": ("{count}人全额缴费", "at full cost: {count}"),
    "line_facts_missing": (
        "{count}人缺少个人情况，按本地待遇计（假定）",
        "a fact is missing, local terms assumed: {count}",
    ),
    "line_no_source": (
        "{count}人无资料可查，按本地待遇计（假定）",
        "no source speaks, local terms assumed: {count}",
    ),
    "line_same_centre": (
        "中央总额不因在哪里参保而变：“{one}”与“{other}”都是{amount}{unit}。",
        "Wherever people enrol the centre pays the same: {amount} {unit} under “{one}” and “{other}”.",
    ),
    "report_title": ("钱随人走：城乡居民基本医疗保险的补助由谁付", "When the money follows the person: who pays?"),
    "report_kicker": ("随人 · {year}年通知年度 · {population}", "Suiren · notice year {year} · {population}"),
    "headline": (
        "{level}：与{first}相比，{scheme}使中央{centre}、省级{province}、市县{local}",
        (
            "{level}: against {first}, {scheme} makes the centre pay {centre}, provinces {province}, cities and "
            "counties {local}"
        ),
    ),
    "headline_level": (
        "{level}：中央{centre}、省级{province}、市县{local}",
        "{level}: the centre {centre}, provinces {province}, cities and counties {local}",
    ),
    "headline_one": (
        "{scheme}下各级政府一年付{amount}{unit}，其中中央{centre}{unit}、省级{province}{unit}、市县{local}{unit}",
        (
            "Under {scheme} governments pay {amount} {unit} a year: the centre {centre}, provinces {province}, "
            "cities and counties {local}"
        ),
    ),
    "h_compared": ("比较了什么", "What was compared"),
    "h_payers": ("谁付钱", "Who pays"),
    "h_provinces": ("各省得失", "Provinces"),
    "h_flows": ("钱流向哪里", "Where the money goes"),
    "h_burden": ("一名外来参保人的当地负担", "The local burden of one migrant"),
    "h_doors": ("谁能参保", "Who may enrol"),
    "h_evidence": ("依据", "Evidence"),
    "h_method": ("方法与局限", "Method and limits"),
    "h_sources": ("资料与复现", "Sources and how to reproduce"),
    "p_payers": (
        (
            "{first}下，各级政府付费中中央占{centre}，省级占{province}，其余由市县承担。变化都是与{first}之差，"
            "正数为多付。"
        ),
        (
            "Under {first} the centre pays {centre} of the subsidy, provinces {province}, cities and counties the "
            "rest. Changes are against {first}; above 0 means paying more."
        ),
    ),
    "p_doors_closed": (
        (
            "{scheme}受参保条件约束：{kept}人不得在参保地参保，仍按户籍地计。改革方案把他们作为当地人接收，"
            "因此变化里既有付费规则的作用，也有准入的作用。"
        ),
        (
            "{scheme} keeps the doors of today: {kept} persons who may not enrol where they are stay with their "
            "hukou place. The reforms take them in as locals, so the changes hold both: other payers and open doors."
        ),
    ),
    "p_provinces": (
        "各省数字是本省政府（省级及以下，含未分部分）付费的变化，不含中央；未列出的省份没有变化。各图横轴刻度不同。",
        (
            "A province's figure is the change of what its own governments pay, from the province down (undivided "
            "money included), without the centre; provinces not listed do not change. The panels have different scales."
        ),
    ),
    "p_provinces_scheme": ("{scheme}：从{less}到{more}。", "{scheme}: from {less} to {more}."),
    "p_flows": (
        (
            "地区按统筹地区所在的中央补助档次划分：西部为一档，中部为二档，东部为三至五档。格内第一行为金额，"
            "第二行为变化。"
        ),
        (
            "Regions follow the central tier of each fund's pool: west is tier 1, centre tier 2, east tiers 3 to 5. "
            "Each cell holds the amount and below it the change."
        ),
    ),
    "p_burden": (
        (
            "论文B表4的三地，一名65岁参保人、全年。本地居民按现行分担；外来参保人按钱随人走，到临夏、"
            "上海的以忻州户籍为例，到忻州的以临夏户籍为例。直辖市本级计入当地负担。"
        ),
        (
            "The three places of paper B's table 4, one person of 65 for a year: a local under today's split, and "
            "someone from elsewhere when the money follows (from Xinzhou to Linxia and to Shanghai, from Linxia to "
            "Xinzhou). A municipality's own part counts as local."
        ),
    ),
    "p_doors": (
        (
            "按现行规定回答。“不能判定”不是“不可以”：或者没有资料说到该地，或者答案取决于居住证等个人情况，"
            "而人口资料里没有。"
        ),
        (
            "Answers are those of today's rules. “Undetermined” is not “no”: either no source speaks of the place, "
            "or the answer turns on a fact of the person, such as a permit, that the population does not hold."
        ),
    ),
    "p_evidence": (
        (
            "{scheme}的补助资金按所依据的制度数字分：有出处{sourced}，转引{secondary}，推得{derived}，假定{assumed}。"
            "一笔钱的等级取其最弱的一环。"
        ),
        (
            "The figures of the law behind the subsidy under {scheme}, by money: {sourced} sourced, {secondary} "
            "secondary, {derived} derived, {assumed} assumed. Money is graded by the weakest link in it."
        ),
    ),
    "p_assumed": (
        (
            "主要假定：没有资料的地方，省级付国家基础标准扣除中央部分后的一半；计划单列市没有省级补助；"
            "没有资料说谁可参保的地方、以及个人情况不明的人，按本地待遇计。"
        ),
        (
            "The main assumptions: where no source speaks, the province pays half of the base standard less the "
            "central part; planned cities get no provincial money; where no source says who may enrol, or a fact of "
            "the person is missing, local terms are taken."
        ),
    ),
    "p_points": (
        "风险调整用的分值表是示意性的，不是拟合结果，其结果只说明机制。",
        "The points of the risk-adjusted scheme are illustrative, no fitted weights: its results show the mechanism.",
    ),
    "p_method": (
        (
            "每人每年的各方付费先取整到分，再按人月加总；每个付费方的合计只取整一次，各格按最大余数法分配，"
            "因此部分之和恒等于整体。年份为通知年度（{year}年通知定次年待遇的缴费）。"
        ),
        (
            "What each payer owes for a head and year is whole fen; sums over person-months are rounded once for "
            "each payer and shared out by largest remainder, so that parts always add up. The year is the notice "
            "year: its contribution is for cover in the year after {year}."
        ),
    ),
    "p_limits": (
        "结果是静态的：没有人因为改革而搬家、退保，也没有政府改变标准。市与县的分担大多没有资料，合并为“市县合计”。",
        (
            "Results are static: nobody moves or leaves and no government changes its standard because of a reform. "
            "How city and county share is mostly unknown and shown as “City and county”."
        ),
    ),
    "p_population": (
        (
            "人口china-2020依2020年普查等公开资料模拟：普查各项合计准确，来源地、险种与参保地为推算。"
            "异地参保水平取论文B表3；表1、表2推出的水平较低，故两者并列。"
        ),
        (
            "The population china-2020 is modelled on the 2020 census and other public tables: census margins are "
            "exact; origins, schemes and places of enrolment are estimates. Enrolment elsewhere follows paper B's "
            "table 3; its tables 1 and 2 imply a lower level, so both are told."
        ),
    ),
    "p_sources": (
        (
            "制度依据主要有国办发〔2018〕67号（中央与地方分担）、{year}年国家筹资通知及各地文件；每一行都带文号、"
            "年份与依据等级，用“suiren law list”列出。论文A为张展新所著；论文B研究常住地参保、"
            "央地分担与钱随人走，所得材料未载其题名与作者。"
        ),
        (
            "The rules rest on 国办发〔2018〕67号 (how centre and provinces share), the national notice of {year} "
            "and local documents; each row carries document, year and evidence, listed by “suiren law list”. Paper A "
            "is by Zhang Zhanxin (张展新). Paper B is the one on enrolment at the place of residence and on money "
            "that follows the person; the material gives neither its title nor its author."
        ),
    ),
    "p_reproduce": ("用命令复现：", "By command:"),
    "p_reproduce_python": ("用三行 Python 复现：", "In three lines of Python:"),
    "p_conserved": (
        "每次运行都核对以下合计，任何一项不符就没有结果。金额精确到分。",
        "Each run holds these sums against each other; where one fails there is no result. Exact to the fen.",
    ),
    "t_headlines": ("与{first}相比的付费变化（{unit}）", "Changes of what is paid, against {first} ({unit})"),
    "t_conserved": ("每次运行核对的合计", "Sums that each run holds against each other"),
    "p_central_flows": (
        "{scheme}：中央补助西部{west}，中部{centre}，东部{east}。",
        "{scheme}: {west} in the west, {centre} in the centre, {east} in the east.",
    ),
    "t_payers": ("各付费方，{unit}", "Payers, {unit}"),
    "t_provinces": (
        "各省政府付费变化（{unit}）与人均（元）",
        "Change of what each province's governments pay ({unit}), and a head enrolled there (yuan)",
    ),
    "t_evidence": ("补助资金所依据的制度数字，按依据等级", "Figures of the law behind the subsidy, by evidence"),
    "t_burden": ("一名65岁参保人，元/年", "One person of 65, yuan a year"),
    "fig": ("图{number}", "Figure {number}"),
    "tab": ("表{number}", "Table {number}"),
    "pays_here": ("{place}及所辖县区", "{place} and its counties"),
    "note_unit": (
        "金额列以元为单位（两位小数），另附以分为单位的精确整数。",
        "Amounts are in yuan with two decimals; the exact whole fen stand beside them.",
    ),
    "note_text": (
        "绝对值达到10^15分的数以文本保存，因为Excel只保留15位有效数字。",
        "Amounts of 10^15 fen and more are kept as text: Excel holds only 15 digits.",
    ),
    "note_statement": (
        "结算单按方案、层级、政府和基金汇总，不分户籍地；医疗救助一并列出。",
        (
            "The statement is summed by scheme, level, government and fund, over all hukou places; medical aid is "
            "listed too."
        ),
    ),
    "note_change": (
        "变化为正表示多付（付费方）或多收（基金）。",
        "A change above 0 means paying more (payers) or receiving more (funds).",
    ),
    "note_undivided": (
        "“市县合计”“未分”是没有资料可以再拆分的钱。",
        "“City and county” and “Undivided” hold money that no source divides further.",
    ),
    "headline_other": ("{scheme}：各级政府合计{changes}", "Under {scheme} all governments pay {changes}"),
    "headline_low": ("（另一水平下{change}）", " (at the other level {change})"),
    "level_at_table3": (
        "按论文B表3的参保水平（{count}人异地参保）",
        "At the enrolment level of paper B's table 3 ({count} persons insured away from home)",
    ),
    "level_at_table2": (
        "按论文B表1、表2的较低水平（{count}人异地参保）",
        "At the lower level of its tables 1 and 2 ({count})",
    ),
    "level_at_other": ("{name}（{count}人异地参保）", "{name} ({count} persons insured away from home)"),
    "same_but": ("同“{scheme}”，另设：{options}。", "As {scheme}, but: {options}."),
    "about_with": ("{about}另设：{options}。", "{about} Here: {options}."),
    "h_tables": ("附表", "Tables"),
    "p_central_flows_head": ("中央补助的变化（{unit}）。", "How central money changes ({unit})."),
    "p_provinces_head": ("其余方案的两端（{unit}）。", "The ends under the other schemes ({unit})."),
    "p_evidence_people": (
        "把人口与准入的依据也算上，补助资金中{modelled}来自模型，{assumed}带有假定，{better}的依据更好。",
        (
            "Counting also how people were placed and let in, {modelled} of the subsidy rests on a model, {assumed} "
            "on an assumption, {better} on better evidence."
        ),
    ),
}
"""Key → (Chinese, English)."""
