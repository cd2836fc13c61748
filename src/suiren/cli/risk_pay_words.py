"""What is said of an allocation, of scores and of one score explained, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from suiren.money import half_up, yuan
from suiren.places import name as place_name
from suiren.risk.pay.allocate import Allocation
from suiren.risk.pay.counted import Counted, money_pool_name
from suiren.risk.pay.explain import Score, shown, told
from suiren.risk.pay.score import Scores

MOST_SHOWN = 5
WORDS = {
    "head": ("分配 {} 元，共 {} 个统筹基金", "{} yuan allocated to {} funds"),
    "value": ("{}：{} 元，每分每年 {} 元", "{}: {} yuan, {} yuan a point and year"),
    "bound_all": (
        "{}：{} 元，全部基金都在下限或上限，不按每分价值付款",
        "{}: {} yuan, all funds are held at a bound and none is paid by points",
    ),
    "uplift": (
        "外来参保人分值上浮 {}%：占基础分值 {}，其他人减少 {}，外来人增加 {}",
        "{} % more points for people from elsewhere: {} of base points; the others lose {}, they gain {}",
    ),
    "bound": ("{} 个基金受下限约束，{} 个受上限约束", "{} funds are held at a floor, {} at a cap"),
    "change": ("与上次相比：{} 个基金增加，{} 个减少", "against last time: {} funds receive more, {} less"),
    "held": (
        "隔离的 {} 行没有计入：按每行平均，预算中有 {} 元分给了别人",
        "{} quarantined rows are not counted: at the average of a row, {} yuan of the budget go to others",
    ),
    "full_cost": (
        "全额缴费 {} 人（{} 人月）不计分值，也不占预算",
        "{} persons at full cost ({} person-months) have no points and no part of the budget",
    ),
    "kept_out": ("按现行准入不得参保的 {} 人计在户籍地", "{} persons whom today's doors shut out count at home"),
    "employee": ("另有职工医保的 {} 人不计", "{} persons covered by the employee scheme are left out"),
    "zero": ("{} 人（{} 人月）分值为 0{}", "{} persons ({} person-months) have 0 points{}"),
    "fallen_back": (
        "{} 人（{} 人月）的健康分组在其性别年龄没有行，按无分组计{}",
        "{} persons ({} person-months) are in a health group without a row at their sex and age: paid without it{}",
    ),
    "stake": ("，按平均涉及 {} 元", "; at stake, at the average: {} yuan"),
    "unused": ("分值表有 {} 行无人使用：{}", "{} rows of the weights are used by nobody: {}"),
    "zero_funds": ("{} 个基金没有分值：{}", "{} funds have people and no points: {}"),
    "new_funds": (
        "{} 个基金上次没有金额，不受与上次相比的约束",
        "{} funds received nothing last time: what is measured against it does not bind them",
    ),
    "gone_funds": (
        "{} 个基金上次得到 {} 元，现在无人：不再分配",
        "{} funds that received {} yuan last time have no people now and receive nothing",
    ),
    "scored": ("{} 行已计分", "{} rows scored"),
    "paid": ("{} 行已计分，合计 {} 元", "{} rows scored, {} yuan in all"),
    "pointless": (
        "{} 个基金有金额而无分值，其金额按参保月份分到人：{}",
        "{} funds have money and no points: it is on their rows by months: {}",
    ),
}
STEPS = {
    "value_of_a_point": ("每分价值", "Value of a point"),
    "age_and_sex": ("年龄与性别", "Age and sex"),
    "health_group": ("健康分组", "Health group"),
    "uplift": ("外来人口上浮", "Uplift"),
    "months": ("参保月份", "Months"),
    "amount": ("金额", "Amount"),
}


def say(lang: str, key: str, *values: object) -> str:
    """Return a sentence with its numbers in a language."""
    return WORDS[key][lang != "zh"].format(*values)


def percent(share: Fraction) -> str:
    """Return a share in percent with two decimals, half up."""
    scaled = half_up(abs(share).numerator * 10_000, share.denominator)
    return f"{'-' if share < 0 else ''}{scaled // 100}.{scaled % 100:02d} %"


def show_allocation(screen: Console, made: Allocation, lang: str) -> None:
    """Print the sum, the value of a point, what the uplift does, what is bound, the largest changes, the notes."""
    funds = made.frame.filter(pl.col("persons") > 0).height
    screen.print(say(lang, "head", yuan(made.budget_fen), funds), style="bold", markup=False)
    for pool in made.pools[:MOST_SHOWN]:
        name = money_pool_name(pool, lang)
        free = made.frame.filter((pl.col("money_pool") == pool.name) & (pl.col("bound") == "")).height
        told = ("value", shown(pool.value / 100)) if free else ("bound_all",)
        screen.print(say(lang, told[0], name, yuan(pool.budget_fen), *told[1:]), markup=False)
    if len(made.pools) > MOST_SHOWN:
        screen.print("…", markup=False)
    for line in (*_uplift(made.counted, lang), *_bound(made.frame, lang), *notes(made.counted, made.budget_fen, lang)):
        screen.print(line, markup=False)
    for line in _against_last(made.frame, lang):
        screen.print(line, markup=False)
    if made.frame["last_fen"].null_count() < made.frame.height:
        screen.print(_changes(made.frame, lang))


def notes(counted: Counted, budget_fen: int | None, lang: str) -> Iterator[str]:
    """Yield who has no points or not their own, and which rows of the weights nobody used, with the money at stake."""
    if counted.full_cost[0]:
        yield say(lang, "full_cost", *(f"{number:,}" for number in counted.full_cost))
    if counted.kept_out:
        yield say(lang, "kept_out", f"{counted.kept_out:,}")
    if counted.employee_covered:
        yield say(lang, "employee", f"{counted.employee_covered:,}")
    for key, (persons, months) in (("zero", counted.used.zero), ("fallen_back", counted.used.fallen_back)):
        if persons:
            fen = counted.used.stake_fen(months, budget_fen)
            stake = say(lang, "stake", yuan(fen)) if fen is not None else ""
            yield say(lang, key, f"{persons:,}", f"{months:,}", stake)
    if counted.used.unused:
        yield say(lang, "unused", len(counted.used.unused), _some(counted.used.unused))
    pointless = [f"{code:06d}" for code, points in counted.scaled.items() if not points]
    if pointless:
        yield say(lang, "zero_funds", len(pointless), _some(pointless))


def held_back(held: int, settled: int, budget_fen: int | None, lang: str) -> Iterator[str]:
    """Yield what quarantined rows would have meant for a budget."""
    if held and settled and budget_fen:
        yield say(lang, "held", f"{held:,}", yuan(half_up(budget_fen * held, held + settled)))


def _some(names: tuple[str, ...] | list[str]) -> str:
    return "; ".join(names[:MOST_SHOWN]) + (" …" if len(names) > MOST_SHOWN else "")


def _uplift(counted: Counted, lang: str) -> Iterator[str]:
    uplift, share = counted.uplift, counted.share
    if uplift:
        lost = uplift * share / (1 + uplift * share)
        gained = (1 + uplift) / (1 + uplift * share) - 1
        yield say(lang, "uplift", told(uplift * 100), percent(share), percent(lost), percent(gained))


def _bound(frame: pl.DataFrame, lang: str) -> Iterator[str]:
    floors, caps = (frame.filter(pl.col("bound") == word).height for word in ("floor", "cap"))
    if floors or caps:
        yield say(lang, "bound", floors, caps)


def _against_last(frame: pl.DataFrame, lang: str) -> Iterator[str]:
    if frame["last_fen"].null_count() == frame.height:
        return
    more, less = frame.filter(pl.col("change_fen") > 0).height, frame.filter(pl.col("change_fen") < 0).height
    yield say(lang, "change", more, less)
    new = frame.filter((pl.col("last_fen") == 0) & (pl.col("persons") > 0)).height
    if new:
        yield say(lang, "new_funds", new)
    gone = frame.filter((pl.col("persons") == 0) & (pl.col("last_fen") > 0))
    if gone.height:
        yield say(lang, "gone_funds", gone.height, yuan(sum(gone["last_fen"].to_list())))


def _changes(frame: pl.DataFrame, lang: str) -> Table:
    """Return the funds that lose and gain most."""
    heads = ("基金", "", "金额（元）", "变化（元）", "") if lang == "zh" else ("fund", "", "yuan", "change", "")
    table = Table(box=None, pad_edge=False)
    for place, head in enumerate(heads):
        table.add_column(head, justify="right" if place in {2, 3} else "left")
    ordered = frame.filter(pl.col("change_fen") != 0).sort("change_fen", "fund_code")
    least = ordered.filter(pl.col("change_fen") < 0).head(MOST_SHOWN)
    most = ordered.filter(pl.col("change_fen") > 0).tail(MOST_SHOWN)
    bounds = {"floor": "下限", "cap": "上限"} if lang == "zh" else {"floor": "floor", "cap": "cap"}
    columns = ("fund_code", "amount_fen", "change_fen", "bound")
    for code, fen, change, bound in pl.concat([least, most]).select(columns).iter_rows():
        signed = f"+{yuan(change)}" if change > 0 else yuan(change)
        table.add_row(code, place_name(int(code), lang), yuan(fen), signed, bounds.get(bound, ""))
    return table


def show_scores(screen: Console, made: Scores, counted: Counted, budget_fen: int | None, lang: str) -> None:
    """Print how many rows were scored, their money, and the notes."""
    if made.amount_fen is None:
        screen.print(say(lang, "scored", f"{made.rows:,}"), style="bold", markup=False)
    else:
        screen.print(say(lang, "paid", f"{made.rows:,}", yuan(made.amount_fen)), style="bold", markup=False)
    for line in notes(counted, budget_fen, lang):
        screen.print(line, markup=False)
    if made.pointless_funds:
        screen.print(say(lang, "pointless", len(made.pointless_funds), _some(made.pointless_funds)), markup=False)


def show_score(screen: Console, made: Score, lang: str) -> None:
    """Print one score: its steps with what each adds, where it is from, and the sum."""
    chinese = lang == "zh"
    table = Table(box=None, pad_edge=False)
    for head in ("步骤", "说明", "元") if chinese else ("step", "says", "yuan"):
        table.add_column(head, justify="right" if head in {"元", "yuan"} else "left", overflow="fold")
    table.add_column("出处（证据）" if chinese else "source (evidence)", overflow="fold")
    for step in made.steps:
        last = step.name == "amount"
        fen = made.amount_fen if last else step.adds_fen
        money = "" if step.name == "value_of_a_point" else yuan(fen) if last else _signed(fen)
        source = (
            f"{step.source[lang]}（{_grade(step.evidence)}）" if chinese else f"{step.source[lang]} ({step.evidence})"
        )
        style = "bold" if last else ""
        table.add_row(STEPS[step.name][not chinese], step.says[lang], money, source, style=style)
    screen.print(table)


def _signed(fen: int) -> str:
    return f"+{yuan(fen)}" if fen >= 0 else yuan(fen)


def _grade(evidence: str) -> str:
    from suiren.show.texts import t

    return t("zh", f"grade_{evidence}")


def facts(counted: Counted) -> dict[str, Any]:
    """Return what a manifest says of the points that were counted."""
    return {
        "uplift": str(told(counted.uplift)),
        "share_from_elsewhere": str(told(counted.share)),
        "full_cost": dict(zip(("persons", "person_months"), counted.full_cost, strict=True)),
        "kept_out": counted.kept_out,
        "employee_covered": counted.employee_covered,
        "zero_points": dict(zip(("persons", "person_months"), counted.used.zero, strict=True)),
        "without_own_row": dict(zip(("persons", "person_months"), counted.used.fallen_back, strict=True)),
        "weight_rows_used": counted.used.used_rows,
        "weight_rows_unused": list(counted.used.unused),
    }
