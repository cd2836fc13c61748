"""Plain lines and tables for a console: wrapped where a reader would break them, in Chinese too."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

_AFTER = re.compile(r"(?<=[，；。：、）·])|(?<= )")
"""Where a line may end: after Chinese punctuation, a middle dot, a blank; never inside a number."""


def wrapped(text: str, width: int, indent: int = 0) -> list[str]:
    """Return `text` in lines of at most `width` columns, all but the first indented."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text, width - indent):
        if line.strip() and cell_len(line) + cell_len(piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = " " * indent
        line += piece
    return [*lines, line.rstrip()]


def _pieces(text: str, width: int) -> list[str]:
    """Return the parts between which a line may break; a part wider than a line is cut."""
    parts: list[str] = []
    for part in _AFTER.split(text):
        rest = part
        while cell_len(rest) > width:
            cut = next(at for at in range(len(rest), 0, -1) if cell_len(rest[:at]) <= width)
            parts.append(rest[:cut])
            rest = rest[cut:]
        parts.append(rest)
    return parts


def say(console: Console, text: str, style: str = "", indent: int = 0, hang: int = 0) -> None:
    """Print one paragraph, `indent` columns in, later lines `hang` columns further; nothing is read as markup."""
    for line in wrapped(" " * indent + text, console.width, indent + hang):
        console.print(Text(line, style=style), no_wrap=True, overflow="ignore", crop=False)


def grid(title: str, heads: Sequence[str], left: int = 1) -> Table:
    """Return an empty plain table: the first `left` columns to the left, the others to the right."""
    table = Table(
        title=Text(title, style="bold") if title else None,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1),
        show_edge=False,
    )
    for number, head in enumerate(heads):
        table.add_column(Text(head), justify="left" if number < left else "right", overflow="fold")
    return table


def fits(console: Console, table: Table) -> bool:
    """Return whether a console is wide enough for a table, no cell broken."""
    return Measurement.get(console, console.options.update_width(10_000), table).maximum <= console.width


def add_row(table: Table, *cells: str, style: str = "", end_section: bool = False) -> None:
    """Add a row of plain texts: nothing in them is read as markup."""
    table.add_row(*(Text(cell) for cell in cells), style=style, end_section=end_section)


def fitting(parts: Sequence[str], width: int, gap: str = "  ") -> str:
    """Return as many of `parts` as fit into `width` columns, joined; at least the first."""
    line = ""
    for part in parts:
        longer = f"{line}{gap}{part}" if line else part
        if line and cell_len(longer) > width:
            break
        line = longer
    return line


__all__ = ["add_row", "fits", "fitting", "grid", "say", "wrapped"]
