"""Every problem a user can meet, as data: what is wrong, why it matters, what to do.

A check collects `Problem` values and raises them all at once in one `SuirenError`; the command line prints the
sentences and exits with status 1. No person number ever enters a problem.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

MOST_SHOWN = 50
"""How many problems one message prints; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: a stable code, where, what, why it matters, what to do."""

    code: str
    what: str
    why: str = ""
    do: str = ""
    where: str = ""

    def __str__(self) -> str:
        """Text of one to four short sentences, the place first."""
        place = f"{self.where}: " if self.where else ""
        rest = " ".join(part for part in (self.why, self.do) if part)
        return f"{place}{self.what} {rest}".rstrip() + f" [{self.code}]"


class SuirenError(Exception):
    """One or more problems in what the user gave; never a fault of the program."""

    def __init__(self, *problems: Problem) -> None:
        """Hold `problems` in the order in which they were found."""
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))

    def __str__(self) -> str:
        """All problems, a line each, at most `MOST_SHOWN`."""
        lines = [str(problem) for problem in self.problems[:MOST_SHOWN]]
        if len(self.problems) > MOST_SHOWN:
            lines.append(f"... and {len(self.problems) - MOST_SHOWN} more.")
        return "\n".join(lines)


class ConservationError(AssertionError):
    """A sum that should hold does not: a fault of the program; the run has no result."""


def fail(code: str, what: str, why: str = "", do: str = "", where: str = "") -> SuirenError:
    """Return the error that holds this one problem, to be raised by the caller."""
    return SuirenError(Problem(code, what, why, do, where))


def raise_all(problems: Iterable[Problem]) -> None:
    """Raise one error with all `problems`; do nothing where there are none."""
    found = tuple(problems)
    if found:
        raise SuirenError(*found)


def did_you_mean(word: str, known: Iterable[str], most: int = 3) -> str:
    """Return "Did you mean a, b or c?" for the names in `known` nearest to `word`, or an empty text."""
    near = difflib.get_close_matches(word, list(dict.fromkeys(known)), n=most, cutoff=0.6)
    if not near:
        return ""
    listed = near[0] if len(near) == 1 else f"{', '.join(near[:-1])} or {near[-1]}"
    return f"Did you mean {listed}?"
