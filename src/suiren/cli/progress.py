"""The line on a terminal that tells how far long work is: the step, its rows, rows a second, the time that remains."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, SpinnerColumn, Task, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from suiren.engines.tell import Tell


class Shown(Tell):
    """Shows the step at work on a terminal; cleared when the work is done."""

    heard = True

    def __init__(self, screen: Console) -> None:
        """Show on `screen`."""
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            _Rows(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        self._progress = Progress(*columns, console=screen, transient=True)
        self._task = self._progress.add_task("", total=None)
        self._rows = 0

    def __enter__(self) -> Self:
        """Begin to show."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Clear the line."""
        self._progress.stop()

    def __call__(self, step: str, rows: int = 0) -> None:
        """Begin a step, over so many rows."""
        self._rows = rows
        self._progress.reset(self._task, total=rows or None, description=step)

    def part(self, done: float) -> None:
        """Show which part of the step is done."""
        if self._rows and 0 <= done <= 1:
            self._progress.update(self._task, completed=int(done * self._rows))

    def line(self) -> RenderableType:
        """Return the line as it is shown now."""
        return self._progress.get_renderable()


class _Rows(TextColumn):
    """Rows done of all, and rows a second."""

    def __init__(self) -> None:
        super().__init__("")

    def render(self, task: Task) -> Text:
        if task.total is None:
            return Text("")
        rate = f" {task.speed:,.0f}/s" if task.speed else ""
        return Text(f"{int(task.completed):,} of {int(task.total):,} rows{rate}", style="progress.download")
