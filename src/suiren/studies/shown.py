"""How items and tables stand before a reader: in one language, codes as words, no column of the other language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from suiren.studies.study import Figure, Item, Study, Table, rounded
from suiren.studies.words import head, value, word

MOST_ROWS = 40
"""Rows of a table that the page and the Markdown text show; the CSV file holds all."""

PLAIN = re.compile(r"^(year|known_year|\w*code|indicator_id|item|id)$")
"""Columns whose whole numbers are names and stand without separators."""

LARGE = 1000
"""From here on whole numbers that are kept as floats are counts."""

CODES = {"indicator", "indicator_id", "id"}
"""Columns that say for programs what another one says in words."""

FIGURES = re.compile(r"^-?[\d,.]*$")
ITEM_COLUMNS = ("item", "printed", "computed", "result", "note")


def title(part: Study | Table | Figure, lang: str) -> str:
    """The title of a part in `lang`."""
    return part.zh if lang == "zh" else part.en


def said(item: Item, lang: str) -> tuple[str, str]:
    """What is printed and what is computed, as a reader of `lang` sees them; empty where there is nothing."""
    printed = (lang == "zh" and item.printed_zh) or value(item.printed or "", lang)
    computed = (lang == "zh" and item.computed_zh) or value(item.computed or "", lang)
    return printed, computed


def item_rows(items: Sequence[Item], lang: str) -> list[list[str]]:
    """A row of `ITEM_COLUMNS` for each item, in words."""
    return [[item.id, *said(item, lang), word(lang, item.verdict), item.note(lang)] for item in items]


def item_heads(lang: str) -> list[str]:
    """Heads of the rows of items."""
    return [head(name, lang) for name in ITEM_COLUMNS]


def columns(table: Table, lang: str) -> list[tuple[str, str]]:
    """Columns of a table that a reader of `lang` is shown, each with its head.

    Of `place_en` and `place_zh`, or `value` and `value_zh`, a reader sees one.
    """
    names = table.frame.columns
    return [(name, _head(name, lang)) for name in names if not _other(name, names, lang)]


def _other(name: str, names: Sequence[str], lang: str) -> bool:
    """Whether a column is the other language's version of one that is shown."""
    other = "en" if lang == "zh" else "zh"
    base = name.removesuffix(f"_{other}")
    if name == other:
        return lang in names
    if lang == "zh" and base == name:
        return f"{name}_zh" in names
    return base != name and (f"{base}_{lang}" in names or base in names)


def _head(name: str, lang: str) -> str:
    return head("text" if name == lang else name.removesuffix(f"_{lang}"), lang)


def cell(name: str, content: object, lang: str) -> str:
    """One cell as text; `name` is its column."""
    if content is None:
        return ""
    if isinstance(content, bool):
        return value("yes" if content else "no", lang)
    if PLAIN.match(name):
        return str(content)
    if isinstance(content, float):
        exact = Decimal(repr(content))
        return f"{exact:,.0f}" if exact == int(exact) and abs(exact) >= LARGE else rounded(exact, 2)
    return f"{content:,}" if isinstance(content, int | Decimal) else value(str(content), lang)


def page_table(table: Table, lang: str) -> tuple[list[str], list[list[str]], int, str]:
    """Heads, rows as texts, how many columns from the left hold words, and the notes under it."""
    shown = [(name, head) for name, head in columns(table, lang) if not table.page or name in table.page]
    rows = [
        [cell(name, row[name], lang) for name, _ in shown] for row in table.frame.head(MOST_ROWS).iter_rows(named=True)
    ]
    words = next(
        (at for at, (name, _) in enumerate(shown) if not PLAIN.match(name) and _figures(row[at] for row in rows)),
        len(shown),
    )
    left_out = {name for name, _ in columns(table, lang)} - {name for name, _ in shown} - CODES
    return [head for _, head in shown], rows, words, _notes(table, lang, bool(left_out))


def _figures(cells: Iterable[str]) -> bool:
    return all(FIGURES.match(text) for text in cells)


def note(table: Table, lang: str) -> str:
    """The note of a table."""
    return table.note_zh if lang == "zh" else table.note_en


def _notes(table: Table, lang: str, narrowed: bool) -> str:
    file = f"tables/{table.id}.csv"
    height = table.frame.height
    cut = word(lang, "cut", shown=MOST_ROWS, rows=height, file=file) if height > MOST_ROWS else ""
    more = word(lang, "more_columns", file=file) if narrowed else ""
    return ("" if lang == "zh" else " ").join(part for part in (note(table, lang), cut, more) if part)


def sheet_names(tables: Sequence[Table], lang: str, most: int) -> list[str]:
    """A name of at most `most` characters for the sheet of each table, none twice: its id, in Chinese its title."""
    if lang != "zh":
        return [table.id[:most] for table in tables]
    names: list[str] = []
    for table in tables:
        short = re.split(r"[：:（(，,、；;？?]", re.sub(r"[\[\]*/\\']", " ", table.zh))[0].strip()[:most]
        names.append(short if short and short not in names else table.id[:most])
    return names


def as_number(name: str, content: object) -> int | Decimal | None:
    """The number that a cell holds, also where it is text as printed; None for words and for codes."""
    if isinstance(content, bool) or content is None or (PLAIN.match(name) and "year" not in name):
        return None
    if isinstance(content, int | Decimal):
        return content
    if isinstance(content, float):
        return Decimal(repr(content))
    text = str(content)
    return Decimal(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else None


__all__ = [
    "ITEM_COLUMNS",
    "as_number",
    "cell",
    "columns",
    "item_heads",
    "item_rows",
    "note",
    "page_table",
    "said",
    "sheet_names",
    "title",
]
