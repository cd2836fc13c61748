"""What `suiren risk sums` and `suiren risk fit` say on a console, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
from rich.console import Console

from suiren.money import FEN_PER_YUAN, yuan
from suiren.risk.estimate.design import HEALTHY
from suiren.risk.estimate.publish import Publication, base_name
from suiren.risk.estimate.sums_table import FEW, Sums
from suiren.show.lines import add_row, grid, say

MOST = 4
"""How many gainers and payers are shown of each kind."""
NAMED = 3
"""How many of a list are named."""
ORIGINS = {
    "here": ("本地户籍", "locals"),
    "same_province": ("省内其他统筹区户籍", "same province"),
    "other_province": ("外省户籍", "other provinces"),
    "no history": ("无既往记录", "no history"),
    "m": ("男", "men"),
    "f": ("女", "women"),
}
HEADS = (
    ("人群", "承诺", "人数", "原差额", "现差额", "金额变化（元）", "影子价格", "或改用上浮"),
    ("group", "promise", "persons", "before", "after", "yuan in all", "shadow price", "or uplift"),
)
PRICED_ZH = (
    "差额 = 按点数所得 − 费用，负数为少付；≥ 不少付，= 恰好。"
    "影子价格：给该人群每人每年的费用加上这么多元再作普通估计，结果相同；也是再多承诺一元要多付出的拟合。"
    "上浮：点数不动，给该人群加成多少可得同样结果（外来参保人可用 risk allocate --uplift）。"
)
PRICED_EN = (
    "Before, after: paid by points less cost; minus is under-paid. ≥: not under; =: exactly. Shadow price: the yuan by "
    "which a member's yearly cost would have to be raised for a plain estimate to give the same; so much fit (half the "
    "squared error) does one more yuan promised cost. Uplift: how much more for this group would do the same with the "
    "points as they were (for people from elsewhere: `risk allocate --uplift`)."
)
SIGNS = {"not_under": "≥", "exact": "="}


def show_sums(screen: Console, sums: Sums, lang: str) -> None:
    """Print what sums hold."""
    persons, cells = f"{sums.total('persons'):,}", f"{sums.frame.height:,}"
    places, money = f"{sums.frame['county_code'].n_unique():,}", yuan(sums.total("cost_fen"))
    zh = f"{persons} 人，{places} 个参保地，费用 {money} 元，汇总为 {cells} 行；文件中没有个人记录"
    en = f"{persons} persons in {places} places, cost {money} yuan, as {cells} rows; no row of a person"
    say(screen, zh if lang == "zh" else en)
    show_few(screen, sums, lang)
    lacking = sums.total("persons") - sums.total("costed")
    if lacking:
        say(screen, _lacking(lacking, None, lang))


def show_few(screen: Console, sums: Sums, lang: str) -> None:
    """Print how many rows of sums are small enough to show what a person cost."""
    if not sums.few.height:
        return
    count = f"{sums.few.height:,}"
    zh = f"汇总表中 {count} 行不足 {FEW} 人，可能看出某个人的费用，请按个人信息保管"
    en = (
        f"{count} rows of the sums stand for fewer than {FEW} persons and can show what one of them cost: guard them so"
    )
    say(screen, zh if lang == "zh" else en)


def show_fit(screen: Console, made: Publication, lang: str) -> None:
    """Print what was estimated, what promises cost whom, and who was counted apart."""
    document, chinese = made.document, lang == "zh"
    base, explains, sums = document["base"], document["fit"], made.bound.fit.sums
    named = base_name(sums, lang) if base["name"] == base_name(sums) else base["name"]
    if document["invented"]:
        say(screen, "费用是虚构的，只供试用" if chinese else "The costs are invented: for trying only", style="bold")
    counties = f"{document['sums']['counties']:,}"
    mean = yuan(round(12 * made.bound.fit.total / document["sums"]["costed_months"]))
    points, r2 = f"{base['points_mean']:,.2f}", f"{100 * explains['r2_points']:.2f} %"
    if chinese:
        say(screen, f"基准人群：{named}（{counties} 个参保地）；人均每年 {mean} 元，平均 {points} 点")
        say(screen, f"按取整后的点数，个人费用差异的解释度 R² 为 {r2}")
    else:
        say(
            screen,
            f"Base: {named} ({counties} places); {mean} yuan a person and year, {points} points on average",
        )
        say(screen, f"The whole points explain {r2} of what persons' costs differ by (R²)")
    design = made.bound.fit.design
    if design.groups and not design.reference:
        zh = f"没有名为 {HEALTHY} 的健康分组：健康分组为空者视为健康（假定）；健康者另有名称时用 --reference 指定"
        en = (
            f"No group is called {HEALTHY}: people without a group count as the healthy (assumed); "
            "else name the healthy with --reference"
        )
        say(screen, zh if chinese else en)
    if made.bound.promises:
        _promised(screen, made, lang)
    for line in counted(document["counted"], lang):
        say(screen, line)
    if "held_out" in document:
        _held(screen, document["held_out"], lang)


def _promised(screen: Console, made: Publication, lang: str) -> None:
    """Print the price table: promises first, then who gains and who pays most."""
    chinese, prices = lang == "zh", made.prices
    lost = f"{round(100 * made.document['fit']['r2_lost'], 3) + 0.0:.3f}"
    title = f"承诺与代价（元/人年；R² 减少 {lost} 个百分点）" if chinese else (
        f"Promises and their price (yuan a person-year; R² falls by {lost} points)"
    )  # fmt: skip
    table = grid(title, HEADS[0 if chinese else 1], 2)
    for row in prices.filter(pl.col("kind") == "promise").iter_rows(named=True):
        add_row(table, *_promise_cells(row))
    screen.print(table)
    say(screen, PRICED_ZH if chinese else PRICED_EN)
    others = prices.filter(~pl.col("kind").is_in(["promise", "everybody"]), pl.col("change_fen") != 0)
    for who, words in (
        ("gains", ("得益最多", "Gain most, yuan a person-year")),
        ("pays", ("付出最多", "Pay most, yuan a person-year")),
    ):
        most = others.filter(pl.col("who") == who).with_columns(size=pl.col("change_fen").abs())
        most = most.sort("size", "kind", "group", descending=[True, False, False]).head(MOST)
        if most.height:
            listed = [_mover(row, chinese) for row in most.iter_rows(named=True)]
            say(screen, words[not chinese] + ("：" if chinese else ": ") + ("；" if chinese else "; ").join(listed))
    missed = prices.filter(pl.col("short_on_points_fen") != 0).iter_rows(named=True)
    for row in missed:
        short = yuan(abs(row["short_on_points_fen"]))
        text = (
            f"{row['group']}：点数取整后与承诺相差 {short} 元（总额）"
            if chinese
            else f"{row['group']}: whole points miss the promise by {short} yuan in total"
        )
        say(screen, text)


def _promise_cells(row: Mapping[str, Any]) -> list[str]:
    share = f"{100 * float(row['repair']):g}%"
    uplift = "" if row["uplift_instead"] is None else f"{100 * row['uplift_instead']:+.2f} %"
    return [
        row["group"],
        f"{SIGNS[row['binding']]} {share}",
        f"{row['persons']:,}",
        *(_yuan(row[key]) for key in ("over_before_fen_per_year", "over_after_fen_per_year")),
        signed(row["change_fen"]),
        f"{row['shadow_price_fen'] / FEN_PER_YUAN:,.2f}",
        uplift,
    ]


def _yuan(fen: int | None) -> str:
    return "" if fen is None else yuan(fen)


def signed(fen: int) -> str:
    """Return an amount in whole yuan with its sign."""
    return ("+" if fen > 0 else "") + yuan(fen, 0)


def _mover(row: Mapping[str, Any], chinese: bool) -> str:
    name = ORIGINS.get(row["group"], (row["group"], row["group"]))[not chinese]
    if row["kind"] == "ages":
        name = f"{name} 岁" if chinese else f"ages {name}"
    sign, total = "+" if row["change_fen"] > 0 else "", signed(row["change_fen"])
    a_year = f"{sign}{_yuan(row['change_fen_per_year'])}"
    return f"{name} {a_year} 元/人年（共 {total} 元）" if chinese else f"{name} {a_year} ({total} in all)"


def counted(found: Mapping[str, Any], lang: str) -> Iterator[str]:
    """Yield a sentence for each kind of people who were counted apart, where there are any."""
    chinese = lang == "zh"
    lacking = found["without_cost"]
    if lacking["persons"]:
        yield _lacking(lacking["persons"], lacking["expected_fen"], lang)
    sentences = {
        "thin": (
            "{n} 个系数人数太少，已按可信度向其他系数靠拢：{names}（{persons} 人，费用 {money} 元）",
            "{n} coefficients rest on few persons and are drawn to others: {names} ({persons} persons, {money} yuan)",
        ),
        "negative": (
            "{n} 个系数原为负数，已限为零：{names}（{persons} 人，费用 {money} 元）",
            "{n} coefficients would be negative and are held at zero: {names} ({persons} persons, cost {money} yuan)",
        ),
        "filled": (
            "{n} 行没有可据以估计的人，由相邻人群填补（假定）：{names}（{persons} 人，费用 {money} 元）",
            "{n} rows have nobody to estimate from and are filled (assumed): {names} ({persons} persons, {money} yuan)",
        ),
        "zero_points": (
            "{n} 行点数为零：{names}（{persons} 人，费用 {money} 元）",
            "{n} rows have no points: {names} ({persons} persons, cost {money} yuan)",
        ),
    }
    for key, (zh, en) in sentences.items():
        rows = found[key]
        if rows:
            yield (zh if chinese else en).format(n=len(rows), names=_names(rows, chinese), **_stake(rows))
    few = found["few"]
    if few["cells_of_model"]:
        rows = few["cells_of_model"]
        zh = f"{len(rows)} 格不足 {few['below']} 人：{_names(rows, chinese)}"
        yield zh if chinese else f"{len(rows)} cells hold fewer than {few['below']} persons: {_names(rows, chinese)}"
    if found["same_as_others"]:
        listed = ", ".join(found["same_as_others"])
        zh = f"无法与其他列区分，未单独估计：{listed}"
        yield zh if chinese else f"Cannot be told from other columns and were not estimated apart: {listed}"


def _stake(rows: list[dict[str, Any]]) -> dict[str, str]:
    persons, money = (sum(row[key] for row in rows) for key in ("persons", "cost_fen"))
    return {"persons": f"{persons:,}", "money": yuan(money)}


def _names(rows: list[dict[str, Any]], chinese: bool) -> str:
    named = [
        row.get("name") or f"{row['sex']} {row['age_from']}-{row['age_to']} {row['risk_group']}".rstrip()
        for row in rows
    ]
    more = len(named) - NAMED
    listed = ("、" if chinese else ", ").join(named[:NAMED])
    listed = listed.replace("no history", "无既往记录") if chinese else listed
    return listed + ((" 等" if chinese else f" and {more:,} more") if more > 0 else "")


def _lacking(persons: int, fen: int | None, lang: str) -> str:
    count = f"{persons:,}"
    zh, en = f"{count} 人没有费用数据，不参与估计", f"{count} persons have no cost and take no part in the estimate"
    if fen is not None:
        zh, en = f"{zh}；按点数约值 {yuan(fen)} 元", f"{en}; by the estimate they would cost {yuan(fen)} yuan"
    return zh if lang == "zh" else en


def _held(screen: Console, held: Mapping[str, Any], lang: str) -> None:
    count, persons = len(held["counties"]), f"{held['persons']:,}"
    r2, ratio = "–" if held["r2"] is None else f"{100 * held['r2']:.2f} %", f"{held['ratio']:.3f}"
    zh = f"留出的 {count} 个参保地（{persons} 人）：R² {r2}，估计值为其费用的 {ratio} 倍"
    en = f"In the {count} places kept out ({persons} persons): R² {r2}, expected cost {ratio} of theirs"
    say(screen, zh if lang == "zh" else en)
