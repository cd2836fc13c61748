"""Cells of an .xlsx file that hold an error (#N/A): the reader of workbooks gives them as empty, which they are not."""

from __future__ import annotations

import html
import re
import zipfile
from pathlib import Path

ERROR = b't="e"'
CELL = re.compile(rb'<(?:\w+:)?c\s([^>]*t="e"[^>]*)>(.*?)</(?:\w+:)?c>', re.DOTALL)
PLACE = re.compile(rb'\br="([A-Z]+)(\d+)"')
VALUE = re.compile(rb"<(?:\w+:)?v[^>]*>(.*?)</", re.DOTALL)


def error_cells(path: Path, sheet: str) -> dict[int, list[tuple[int, str]]]:
    """Return column -> (row, error) of a sheet's cells with an error, both from 0.

    Empty for other kinds of workbooks than .xlsx, which do not tell.
    """
    try:
        with zipfile.ZipFile(path) as book:
            part = _part(book, sheet)
            data = book.read(part) if part and _told(book, part) else b""
    except (zipfile.BadZipFile, KeyError, OSError):
        return {}
    errors: dict[int, list[tuple[int, str]]] = {}
    for cell in CELL.finditer(data):
        place, value = PLACE.search(cell[1]), VALUE.search(cell[2])
        if place:
            error = html.unescape(value[1].decode("utf-8", "replace")) if value else "#N/A"
            errors.setdefault(_column(place[1]), []).append((int(place[2]) - 1, error))
    return errors


def _told(book: zipfile.ZipFile, part: str) -> bool:
    """Return whether a sheet has any error, read in blocks."""
    tail = b""
    with book.open(part) as file:
        while block := file.read(1 << 20):
            if ERROR in tail + block:
                return True
            tail = block[-len(ERROR) :]
    return False


def _part(book: zipfile.ZipFile, sheet: str) -> str:
    """Return the name of the part of a workbook that holds a sheet, empty where there is none."""
    names = set(book.namelist())
    if not names.issuperset(("xl/workbook.xml", "xl/_rels/workbook.xml.rels")):
        return ""
    listed = book.read("xl/workbook.xml").decode("utf-8", "replace")
    targets = book.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    for tag in re.findall(r"<(?:\w+:)?sheet\s[^>]*>", listed):
        name, number = re.search(r'\bname="([^"]*)"', tag), re.search(r'\b\w+:id="([^"]*)"', tag)
        if name and number and html.unescape(name[1]) == sheet:
            for relation in re.findall(r"<(?:\w+:)?Relationship\s[^>]*>", targets):
                target = re.search(r'\bTarget="([^"]*)"', relation)
                if f'Id="{number[1]}"' in relation and target:
                    where = target[1]
                    return where.removeprefix("/") if where.startswith("/") else f"xl/{where}"
    return ""


def _column(letters: bytes) -> int:
    """Return the column of its letters: A is 0."""
    place = 0
    for letter in letters:
        place = 26 * place + letter - ord("A") + 1
    return place - 1
