"""All that a comparison shows: sums of ledger columns, as frames in fen, for terminal, report and workbook alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from suiren.errors import fail
from suiren.laws.schema import EVIDENCE
from suiren.ledger.settle import Result
from suiren.show import doors, sums
from suiren.show.burden import burden
from suiren.show.units import Units, units_for


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """What schemes cost whom, on one population; the first scheme is what changes are counted from.

    All amounts are fen (Int64). A payer's change above 0 means that it pays more.
    """

    population: str
    year: int
    persons: int
    modelled: bool
    schemes: tuple[str, ...]
    payers: pl.DataFrame
    """scheme, payer_level (the eight levels, local, governments, total), amount_fen, change_fen."""
    provinces: pl.DataFrame
    """scheme, province_code, persons, governments_fen, centre_fen, received_fen, each with its change, per_head_fen."""
    funds: pl.DataFrame
    """scheme, fund_code, one column of fen for each payer level, total_fen, change_fen."""
    movers: pl.DataFrame
    """scheme, side (less, more), rank, province_code, change_fen, per_head_fen: five provinces each way."""
    statement: pl.DataFrame
    """scheme, payer_level, payer_code, fund_code, amount_fen: what each government owes to each fund."""
    flows: pl.DataFrame
    """scheme, payer_level, region of the fund (west, centre, east), amount_fen."""
    evidence: pl.DataFrame
    """scheme, item, evidence, amount_fen, share_bp of the item: all that the money rests on."""
    figures: pl.DataFrame
    """The same for the law's figures alone, leaving aside how people were placed and which doors they took."""
    doors: pl.DataFrame
    """scheme, door, persons: what today's doors answer to people from elsewhere."""
    answers: pl.DataFrame
    """scheme, eligible, regime, missing, persons: the same with the missing facts."""
    counts: pl.DataFrame
    """scheme, enrol, doors_in_force, persons, elsewhere, kept_out, full_cost, facts_missing, no_source."""
    checks: pl.DataFrame
    """scheme, name, value: the sums of each run that were held against each other."""
    burden: pl.DataFrame
    """place_code, hukou_code, side (local, migrant), payer_level, amount_fen, is_local: one person aged 65."""
    headlines: pl.DataFrame
    """population, scheme, elsewhere, changes of centre, province, local, governments and individual in fen."""

    @property
    def first(self) -> str:
        """The scheme from which changes are counted."""
        return self.schemes[0]

    @property
    def others(self) -> tuple[str, ...]:
        """The schemes whose changes are told."""
        return self.schemes[1:]

    @property
    def settled(self) -> bool:
        """Whether anybody was settled at all: a file may hold no row, or none that could be taken."""
        return self.persons > 0

    @property
    def most_fen(self) -> int:
        """What the dearest scheme costs governments, medical aid and persons together, fen."""
        return max(self.amount(scheme, "total") for scheme in self.schemes)

    def units(self, lang: str) -> Units:
        """Return the units that fit the size of this comparison, in a language."""
        return units_for(self.most_fen, self.persons, lang)

    def amount(self, scheme: str, level: str) -> int:
        """Return what a payer level (or local, governments, total) pays under a scheme, fen."""
        return self._payer(scheme, level, "amount_fen")

    def change(self, scheme: str, level: str) -> int:
        """Return the change of what a payer level pays, fen."""
        return self._payer(scheme, level, "change_fen")

    def _payer(self, scheme: str, level: str, column: str) -> int:
        row = self.payers.filter((pl.col("scheme") == scheme) & (pl.col("payer_level") == level))
        return int(row[column][0])

    def count(self, scheme: str, name: str) -> int:
        """Return a number of persons of a scheme: elsewhere, kept_out, full_cost, facts_missing, no_source."""
        return int(self.counts.filter(pl.col("scheme") == scheme)[name][0])

    def door_schemes(self) -> tuple[str, ...]:
        """Return one scheme for each way of enrolment, the first: doors depend on nothing else of a scheme."""
        seen = self.counts.filter(pl.col("elsewhere") > 0).unique("enrol", keep="first", maintain_order=True)
        return tuple(seen["scheme"].to_list())

    def changing(self) -> list[str]:
        """Return the provinces whose governments pay something else under some scheme; all where none does."""
        found = self.provinces.filter(pl.col("change_fen") != 0)["province_code"].unique().to_list()
        return sorted(found or self.provinces["province_code"].unique().to_list())

    def grades(self) -> list[str]:
        """Return the grades of evidence that the law's figures behind some scheme's subsidy have, strongest first."""
        money = self.figures.filter((pl.col("item") == "subsidy") & (pl.col("amount_fen") > 0))["evidence"].to_list()
        return [grade for grade in EVIDENCE if grade in money]

    def share_of(self, scheme: str, item: str, *grades: str, figures: bool = False) -> int:
        """Return the share (basis points) of an item's money on these grades; `figures`: of the law's figures alone."""
        rows = (self.figures if figures else self.evidence).filter(pl.col("scheme") == scheme, pl.col("item") == item)
        return int(rows.filter(pl.col("evidence").is_in(grades))["share_bp"].sum())


def summary(results: Sequence[Result], level_results: Sequence[Result] | None = None) -> Summary:
    """Return what a comparison shows; `level_results` are the same schemes at another level of enrolment.

    Raises:
        SuirenError: no result, one scheme twice, or results of different people or years.
    """
    _check(results)
    if level_results:
        _check(level_results)
        _check_levels(results, level_results)
    first = results[0]
    provinces = sums.provinces(results)
    return Summary(
        population=first.people.name,
        year=first.law.year,
        persons=first.counts["persons"],
        modelled=first.people.modelled,
        schemes=tuple(result.scheme for result in results),
        payers=sums.payers(results),
        provinces=provinces,
        funds=sums.funds(results),
        movers=sums.movers(provinces),
        statement=sums.statement(results),
        flows=sums.flows(results),
        evidence=sums.evidence(results),
        figures=sums.figures(results),
        doors=doors.grouped(results),
        answers=doors.answers(results),
        counts=doors.counts(results),
        checks=sums.checks(results),
        burden=burden(first.law),
        headlines=pl.concat([sums.headlines(side) for side in (results, level_results) if side]),
    )


def _check(results: Sequence[Result]) -> None:
    if not results:
        raise fail("E-show-empty", "There is no result to show.", do="Settle at least one scheme.")
    schemes = [result.scheme for result in results]
    if len(set(schemes)) != len(schemes):
        raise fail("E-scheme-twice", "One scheme stands twice among the results.", do="Name each scheme once.")
    if len({(result.people.name, result.law.year) for result in results}) > 1:
        raise fail(
            "E-show-mixed",
            "The results are of different people or years.",
            "Their difference would not be the scheme's.",
            "Settle all schemes on the same people in the same year.",
        )


def _check_levels(results: Sequence[Result], others: Sequence[Result]) -> None:
    if [result.scheme for result in results] != [result.scheme for result in others]:
        raise fail(
            "E-show-levels",
            "The schemes of the two enrolment levels differ.",
            "A headline holds the same schemes side by side.",
            "Settle the same schemes on both.",
        )


__all__ = ["Summary", "summary"]
