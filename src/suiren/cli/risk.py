"""`suiren risk`: points for age, sex and health estimated, published, held against costs, and paid by."""

from __future__ import annotations

import typer

from suiren.cli import risk_evaluate, risk_explain, risk_fit, risk_pay

app = typer.Typer(no_args_is_help=True, help="Risk adjustment: sums, fit, evaluate, score, allocate, explain, sample.")

app.command("sample")(risk_evaluate.sample)
app.command("sums")(risk_fit.sums)
app.command("fit")(risk_fit.fit)
app.command("evaluate")(risk_evaluate.evaluate)
app.command("score")(risk_pay.score)
app.command("allocate")(risk_pay.allocate)
app.command("explain")(risk_explain.explain)
