"""Settles people under a law: an exact ledger, with its sums checked; and compares runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from suiren.errors import ConservationError, fail
from suiren.laws import Law
from suiren.laws.cited import MODELLED
from suiren.laws.payers import GOVERNMENTS
from suiren.laws.scheme import Reform, Scheme, check_scheme, labels
from suiren.ledger import cells as ledger_cells
from suiren.ledger.cells import CELL, SCHEMA
from suiren.ledger.enrol import Enrolled, enrol
from suiren.ledger.pay import pay
from suiren.ledger.points import point_cells, share_out, total
from suiren.ledger.savings import returned_savings
from suiren.money import MONTHS_PER_YEAR, exact_sum, half_up, to_int64
from suiren.people.kinds import People
from suiren.risk.weights import Weights, load


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """Who pays whom under one law: `ledger` (columns as in CONTRACT, fen), and how many met what."""

    law: Law
    people: People
    ledger: pl.DataFrame
    counts: dict[str, int]
    doors: pl.DataFrame
    placed: pl.DataFrame
    """Each kind as asked and as placed, for bills."""
    paid: pl.DataFrame
    """What each payer pays a head and year for each placed kind."""
    figures: pl.DataFrame
    """What the figures of the law rest on, leaving aside how the people were counted: item, evidence, amount_fen."""
    points: pl.DataFrame | None = None
    checks: dict[str, int] = field(default_factory=dict)
    """The sums that were held against each other, in fen."""

    @property
    def weights_sha256(self) -> str:
        """SHA-256 of the weights table, where the scheme reads one."""
        return load(self.law.scheme["weights"]).digest if self.law.scheme.name == "risk-adjusted" else ""

    @property
    def scheme(self) -> str:
        """The scheme's label."""
        return self.law.scheme.label

    def by(self, *columns: str) -> pl.DataFrame:
        """Return the money of the ledger summed by `columns`, sorted, in fen."""
        return _summed(self.ledger, columns, "amount_fen")

    def total(self, level: str | None = None) -> int:
        """Return what a payer level pays, or all governments together, in fen."""
        levels = GOVERNMENTS if level is None else (level,)
        return total(self.ledger.filter(pl.col("payer_level").is_in(levels)))

    def __sub__(self, before: Result) -> Change:
        """Return what changes from `before` to this result."""
        return Change(before, self)


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """The difference between two results, cell by cell."""

    before: Result
    after: Result

    def by(self, *columns: str) -> pl.DataFrame:
        """Return before, after and change summed by `columns`, sorted, in fen."""
        sides = [
            _summed(side.ledger, columns, name)
            for name, side in (("before_fen", self.before), ("after_fen", self.after))
        ]
        joined = sides[0].join(sides[1], on=columns, how="full", coalesce=True)
        filled = joined.with_columns(pl.col("before_fen", "after_fen").fill_null(0))
        return filled.with_columns(change_fen=pl.col("after_fen") - pl.col("before_fen")).sort(columns)


def _summed(ledger: pl.DataFrame, columns: Sequence[str], name: str) -> pl.DataFrame:
    unknown = [column for column in columns if column not in SCHEMA]
    if unknown or not columns:
        raise fail(
            "E-by",
            f"The ledger has no column {', '.join(unknown) or '(none given)'}.",
            do=f"It has {', '.join(SCHEMA)}.",
        )
    summed = ledger.group_by(columns).agg(exact_sum("amount_fen").alias(name))
    return to_int64(summed, name).sort(columns)


def settle(people: People, law: Law, shut_out: str = "home", by_hukou: bool = True) -> Result:
    """Return who pays what for `people` under `law`, exact to the fen.

    Without `by_hukou` the ledger does not tell hukou pools apart (column empty): the same totals of payers, far fewer
    cells. People whom a door shuts out stay insured at their hukou place and are counted (`kept_out`); with
    `shut_out="keep"` they are settled where they are enrolled.

    Raises:
        SuirenError: what the scheme needs is missing (age and sex for points, a tier the place does not have).
        ConservationError: a sum does not hold; there is no result.
    """
    check_scheme(law.scheme)
    weights = _weights(law)
    enrolled = enrol(people, law, weights, shut_out)
    return _settle(people, law, enrolled, weights, by_hukou)


def _weights(law: Law) -> Weights | None:
    return load(law.scheme["weights"]) if law.scheme.name == "risk-adjusted" else None


def _settle(people: People, law: Law, enrolled: Enrolled, weights: Weights | None, by_hukou: bool) -> Result:
    paid = pay(enrolled.kinds, law)
    if not by_hukou:
        paid = paid.with_columns(hukou_pool=pl.lit(None, pl.Int32))
    exact = ledger_cells.exact_cells(paid, law)
    figures = ledger_cells.rests_on(exact)
    if people.modelled:
        exact = ledger_cells.of_people(exact, MODELLED)
    points: pl.DataFrame | None = None
    if weights is None:
        cells = ledger_cells.rounded(exact)
    else:
        points = point_cells(paid, law)
        current = _current_cells(people, law)
        cells = _merged(share_out(exact, current, points, law))
    if law.scheme["savings"] == "return":
        returned = returned_savings(paid, law.scheme["basis"])
        if people.modelled:
            returned = returned.with_columns(pl.max_horizontal("evidence", pl.lit(MODELLED, pl.Int8)).alias("evidence"))
        cells = _merged(pl.concat([cells.select(*CELL, "persons", "person_months", "amount_fen"), returned]))
    checks = _conserved(people, law, enrolled, paid, exact, cells)
    entries = ledger_cells.ledger(cells, law)
    return Result(law, people, entries, enrolled.counts, enrolled.doors, enrolled.placed, paid, figures, points, checks)


def _current_cells(people: People, law: Law) -> pl.DataFrame:
    """Return the rounded cells of today's law on the same enrolment: where the budgets come from."""
    shared = ("enrol", "basis", "standard_cap", "contribution_rate")
    options = tuple((name, value) for name, value in law.scheme.options if name in shared)
    today = replace(law, scheme=Scheme("current", options))
    paid = pay(enrol(people, today, None).kinds, today)
    if law.scheme["pool"] == "nation":
        paid = paid.with_columns(hukou_pool=pl.lit(None, pl.Int32))
    return ledger_cells.rounded(ledger_cells.exact_cells(paid, today))


def _merged(cells: pl.DataFrame) -> pl.DataFrame:
    return cells.group_by(CELL).agg(
        pl.col("persons", "person_months").cast(pl.Int128).sum().cast(pl.Int64),
        pl.col("amount_fen").cast(pl.Int128).sum().cast(pl.Int64),
    )


def _conserved(
    people: People, law: Law, enrolled: Enrolled, paid: pl.DataFrame, exact: pl.DataFrame, cells: pl.DataFrame
) -> dict[str, int]:
    """Return the sums of a run, held against each other.

    Raises:
        ConservationError: one does not hold.
    """
    settled = int(enrolled.kinds["persons"].sum())
    checks = {
        "persons_in": people.persons,
        "persons_settled": settled,
        "persons_employee_covered": enrolled.counts["employee_covered"],
        "contribution_fen": total(cells.filter(pl.col("item") == "contribution")),
        "subsidy_fen": total(cells.filter(pl.col("item") == "subsidy")),
    }
    _hold("persons", people.persons, settled + enrolled.counts["employee_covered"])
    months = pl.col("persons") * MONTHS_PER_YEAR if law.scheme["basis"] == "per_head" else pl.col("person_months")
    due = paid.select(
        contribution=(
            (pl.col("contribution_fen") + pl.when("full_cost").then(pl.col("standard_fen")).otherwise(0)).cast(
                pl.Int128
            )
            * pl.col("first_persons")
            * MONTHS_PER_YEAR
        ).sum(),
        subsidy=(
            pl.when("full_cost").then(0).otherwise(_subsidy_due(law)).cast(pl.Int128) * months.cast(pl.Int128)
        ).sum(),
    )
    for item in ("contribution", "subsidy"):
        found = int(exact.filter(pl.col("item") == item)["exact"].sum())
        _hold(f"exact {item}", int(due[item][0] or 0), found)
    if law.scheme.name != "risk-adjusted" and law.scheme["savings"] != "return":
        payers = exact.group_by(ledger_cells.PAYER).agg(pl.col("exact").sum())
        expected = sum(half_up(int(value), MONTHS_PER_YEAR) for value in payers["exact"].to_list())
        _hold("rounded payers", expected, checks["contribution_fen"] + checks["subsidy_fen"])
    if law.scheme.name == "risk-adjusted" and law.scheme["budget"] is not None:
        _hold("budget", int(law.scheme["budget"]), total(cells.filter(pl.col("payer_level") == "centre")))
    return checks


def _subsidy_due(law: Law) -> pl.Expr:
    """Return what is due for a head: the standard, or upper money where that is more and stays with the fund."""
    standard = pl.col("standard_fen")
    if law.scheme.name != "portable":
        return standard
    return (
        pl.when("follows")
        .then(pl.max_horizontal(standard, pl.col("centre_after_cap") + pl.col("province_after_cap")))
        .otherwise(standard)
    )


def _hold(what: str, expected: int, found: int) -> None:
    if expected != found:
        raise ConservationError(f"{what}: {expected} expected, {found} found, {found - expected} too many")


def compare(people: People, law: Law, reforms: Iterable[Reform]) -> list[Result]:
    """Return the results of several schemes on the same people, in the order given.

    Raises:
        SuirenError: one scheme is named twice, or as `settle`.
    """
    laws = [law | reform for reform in reforms]
    labels(each.scheme for each in laws)
    return [settle(people, each) for each in laws]


def balances(results: Sequence[Result]) -> pl.DataFrame:
    """Return what each government, fund and group of persons paid and received, and the change against the first.

    Columns: scheme, level, code, paid_fen, received_fen, change_fen; a payer's change is of what it paid, a fund's
    of what it received.
    """
    frames: list[pl.DataFrame] = []
    for result in results:
        payers = _summed(result.ledger, ("payer_level", "payer_code"), "paid_fen").rename(
            {"payer_level": "level", "payer_code": "code"}
        )
        funds = _summed(result.ledger, ("fund_code",), "received_fen").rename({"fund_code": "code"})
        payers = payers.with_columns(received_fen=pl.lit(0, pl.Int64))
        funds = funds.with_columns(level=pl.lit("fund"), paid_fen=pl.lit(0, pl.Int64))
        both = pl.concat([payers, funds.select(payers.columns)])
        frames.append(both.with_columns(scheme=pl.lit(result.scheme)))
    everyone = pl.concat(frames).select("level", "code").unique()
    first = frames[0].select("level", "code", first=pl.col("paid_fen") + pl.col("received_fen"))
    rows: list[pl.DataFrame] = []
    for result, frame in zip(results, frames, strict=True):
        whole = everyone.join(frame.drop("scheme"), on=["level", "code"], how="left").join(
            first, on=["level", "code"], how="left"
        )
        filled = whole.with_columns(pl.col("paid_fen", "received_fen", "first").fill_null(0))
        rows.append(
            filled.select(
                scheme=pl.lit(result.scheme),
                level=pl.col("level"),
                code=pl.col("code"),
                paid_fen=pl.col("paid_fen"),
                received_fen=pl.col("received_fen"),
                change_fen=pl.col("paid_fen") + pl.col("received_fen") - pl.col("first"),
            ).sort("level", "code")
        )
    return pl.concat(rows)
