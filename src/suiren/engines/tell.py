"""How long work tells how far it is; silent unless someone listens."""

from __future__ import annotations


class Tell:
    """Hears the step at work, how many rows it handles, and which part of it is done; says nothing by itself."""

    heard = False
    """Whether anybody listens: asking an engine for its progress is not free."""

    def __call__(self, step: str, rows: int = 0) -> None:
        """Hear that `step` begins, over so many rows (0: not counted in rows)."""

    def part(self, done: float) -> None:
        """Hear which part of the step is done, 0 to 1."""


SILENT = Tell()
