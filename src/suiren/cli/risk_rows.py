"""What the commands of `suiren risk` share: options read together, rows taken in, nobody left of them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from suiren.cli import intake_words, settle
from suiren.engines.tell import Tell
from suiren.errors import Problem, SuirenError, fail
from suiren.laws import Law


def acceptor(most: str | None, lang: str) -> Callable[[Any], None]:
    """Return what refuses an intake of which nobody is left, or too large a share is quarantined.

    Raises:
        SuirenError: `most` is no share.
    """
    within = settle.acceptor(most, lang)

    def accept(found: Any) -> None:
        need_somebody(found, lang)
        within(found)

    return accept


def need_somebody(found: Any, lang: str) -> None:
    """Raise an error where no row is left to work on: the inputs have none, or all are quarantined."""
    if found.rows_settled:
        return
    if not found.rows_in:
        raise fail("E-rows-none", "The inputs hold no row.", "Nothing follows from nobody.", "Give records of people.")
    raise fail(
        "E-rows-none",
        f"All {found.rows_in:,} rows would be quarantined ({intake_words.by_code(found, lang)}).",
        "Nobody would be left.",
        "Look at them with `suiren check --scheme risk-adjusted`.",
    )


@contextlib.contextmanager
def people_of(records: list[str], law: Law, reading: Any, folder: Path, tell: Tell) -> Generator[tuple[Any, Any, Any]]:
    """Yield the people, their rows while at hand, and the intake; of a built-in population only the people."""
    from suiren.ledger.run import write_csv
    from suiren.people import BUILT_IN, population
    from suiren.people.intake import rows_of
    from suiren.risk.estimate.sums import are_sums

    if records == [BUILT_IN] and not Path(BUILT_IN).exists():
        yield population(BUILT_IN), None, None
        return
    if not any(record.startswith("spark:") for record in records) and are_sums(records):
        raise fail(
            "E-sums-again",
            "The inputs are sums.",
            "Points are counted of people by year of age, which sums do not tell.",
            "Give the person rows, or kinds (`suiren settle ROWS --kinds-only --scheme risk-adjusted`).",
        )
    with rows_of(records, law, reading, tell) as rows:
        need_somebody(rows.found, reading.lang)
        write_csv(rows, folder / "quarantine.csv")
        yield rows.people, rows, rows.found


def counts(found: Any) -> dict[str, Any]:
    """Return what a manifest says of an intake; of a built-in population its name."""
    return intake_words.counts(found) if found is not None else {"inputs": [{"name": "china-2020"}]}


def show_intake(screen: Any, found: Any, budget_fen: int | None, lang: str) -> None:
    """Print what came in, and what quarantined rows would have meant for a budget."""
    from suiren.cli import risk_pay_words as words

    if found is None:
        return
    intake_words.show(screen, found, lang)
    for line in words.held_back(found.rows_quarantined, found.rows_settled, budget_fen, lang):
        screen.print(line, markup=False)


@dataclass
class Asked:
    """What was asked for, read option by option, and all that is wrong with it."""

    problems: list[Problem]

    def __init__(self) -> None:
        """Hold no problem yet."""
        self.problems = []

    def take(self, read: Callable[[], Any]) -> Any:
        """Return what `read` returns; where it raises, keep its problems for later and return nothing."""
        try:
            return read()
        except SuirenError as error:
            self.problems += error.problems
            return None
