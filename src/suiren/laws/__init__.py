"""The law: what each rule says, from when, and where it is written. Immutable; a reform makes another law."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from suiren.laws import scheme as schemes
from suiren.laws.book import Book, book, check_year
from suiren.laws.load import Tables, load, shipped
from suiren.laws.scheme import Reform, Scheme
from suiren.laws.seats import Terms

__all__ = ["Law", "Reform", "Scheme", "cap_standard", "contribution_by_income", "law", "portable", "reform_from_text"]


@dataclass(frozen=True, slots=True)
class Law:
    """The law of a notice year with the scheme in force. `law | reform` is another law; this one never changes."""

    year: int
    tables: Tables
    scheme: Scheme = field(default_factory=Scheme)

    def __or__(self, reform: Reform) -> Law:
        """Return the law after a reform.

        Raises:
            SuirenError: the reform contradicts one applied before.
        """
        return replace(self, scheme=schemes.apply(self.scheme, reform))

    @property
    def book(self) -> Book:
        """The tables arranged for look-up."""
        return book(self.tables)

    @property
    def keeps_doors(self) -> bool:
        """Whether today's doors decide who may enrol, and at what price."""
        return self.scheme.name == "current" or self.scheme["regime"] == "keep"

    @property
    def terms(self) -> Terms:
        """The reforms of a seat's own figures."""
        rate = self.scheme["contribution_rate"]
        return Terms(self.scheme["standard_cap"], (rate.numerator, rate.denominator) if rate is not None else None)


def law(year: int = 2021, tables: str | Path | None = None) -> Law:
    """Return the law of a notice year, from the shipped tables or from a folder of edited ones.

    Raises:
        SuirenError: the tables do not load (all problems at once), or the year has no law.
    """
    loaded = shipped() if tables is None else load(Path(tables))
    check_year(loaded, year)
    return Law(year, loaded)


def portable(**options: Any) -> Reform:
    """Return the reform "the money follows the person" (paper B, basic form) with its options."""
    return schemes.reform("portable", options)


def risk_adjusted(**options: Any) -> Reform:
    """Return the reform that shares the central budget out by points for age, sex and health (paper B, advanced)."""
    return schemes.reform("risk-adjusted", options)


def upper_funded(**options: Any) -> Reform:
    """Return the reform in which centre and province pay the whole subsidy (paper B, "the best choice")."""
    return schemes.reform("upper-funded", options)


def enrolled(where: str) -> Reform:
    """Return the reform of where people are enrolled: observed, residence or hukou."""
    return schemes.reform(None, {"enrol": where})


def cap_standard(fen: int) -> Reform:
    """Return the reform that lets no local standard exceed `fen` a head; the national base stays."""
    return schemes.reform(None, {"standard_cap": fen})


def contribution_by_income(rate: str) -> Reform:
    """Return the reform that sets contributions as a rate ("0.01") of the province's disposable income."""
    return schemes.reform(None, {"contribution_rate": rate})


def reform_from_text(text: str) -> Reform:
    """Return the reform that a text such as "portable:province=uniform" names."""
    return schemes.parse(text)
