"""`suiren risk explain`: the points and money of one person, step by step."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any

import typer

from suiren.cli.common import Json, Lang, console, language, print_json
from suiren.cli.common import whole as whole_number
from suiren.cli.risk_pay import Budget, PointValue, Uplift, WeightsFile
from suiren.cli.risk_rows import Asked
from suiren.errors import fail, raise_all


def explain(
    age: Annotated[str, typer.Option("--age", help="Age in years.")],
    sex: Annotated[str, typer.Option("--sex", help="m or f.")],
    weights: WeightsFile,
    group: Annotated[str, typer.Option("--group", help="Health group; default: nothing is known.")] = "",
    months: Annotated[str, typer.Option("--months", help="Months of the year, 1 to 12.")] = "12",
    value_fen: PointValue = None,
    budget_fen: Budget = None,
    point_months: Annotated[
        str | None, typer.Option("--point-months", help="With --budget-fen: all point-months that share it.")
    ] = None,
    uplift: Uplift = "0",
    from_elsewhere: Annotated[
        bool, typer.Option("--from-elsewhere", help="The person's hukou is in another pool: the uplift holds.")
    ] = False,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """Explain one score: age and sex, health group, uplift, months, value of a point; the steps add up to the fen."""
    from suiren.cli import risk_pay_words as words
    from suiren.risk.pay import bounds
    from suiren.risk.pay.explain import explain as explain_score
    from suiren.risk.weights import load

    language_ = language(lang)
    asked = Asked()
    table = asked.take(lambda: load(weights))
    value = asked.take(lambda: _value(value_fen, budget_fen, point_months))
    more = asked.take(lambda: bounds.uplift_of(uplift))
    years = asked.take(lambda: whole_number(age, "--age"))
    held = asked.take(lambda: whole_number(months, "--months"))
    asked.take(lambda: _check_score(table, years, sex, group, held, more))
    raise_all(asked.problems)
    made = explain_score(table, years, sex, value, group, held, more, from_elsewhere)
    if json:
        print_json(made.to_dict(language_))
        return
    words.show_score(console(), made, language_)


def _check_score(table: Any, years: Any, sex: str, group: str, held: Any, more: Any) -> None:
    """Raise what is wrong with a question about one person; what could not be read is told already."""
    from suiren.risk.pay.explain import check_asked

    if table is not None:
        months = 12 if held is None else held
        check_asked(table, 0 if years is None else years, sex, group, months, more or Fraction(0))


def _value(value_fen: str | None, budget_fen: str | None, point_months: str | None) -> Any:
    """Return the value of a point that is given, or that follows from a budget and all point-months."""
    from suiren.risk.pay import bounds
    from suiren.risk.pay.explain import Value

    if value_fen is not None and budget_fen is None and point_months is None:
        return Value(bounds.number_of(value_fen, "--value-fen"))
    if value_fen is not None or budget_fen is None or point_months is None:
        raise fail(
            "E-value",
            "The value of a point is not told, or told twice.",
            do="Give --value-fen, or both --budget-fen and --point-months.",
        )
    budget = bounds.fen_of(budget_fen, "--budget-fen")
    points = bounds.points_of(point_months, "--point-months")
    return Value(budget * 12 / points, budget, points)
