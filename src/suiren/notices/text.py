"""The text of a notice: decoded, without HTML, in sentences that can be quoted as they were written."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from suiren.encodings import decoded
from suiren.errors import fail

LARGEST_BYTES = 500_000
LONGEST_SENTENCE = 2_000
LONGEST_TITLE = 200
ENDINGS = {".txt": False, ".html": True, ".htm": True}
_SIGNS = {
    b"%PDF": "a PDF",
    b"{\\rtf": "a document in RTF",
    b"PK\x03\x04": "a Word document, a workbook or another ZIP file",
    b"\xd0\xcf\x11\xe0": "an old Word document or workbook",
}
"""First bytes of files that are no text, whatever their name says."""

_HEAD_BYTES = 2_000
_FOREIGN = re.compile(
    rb"<meta[^>]{0,80}charset\s*=\s*[\"']?\s*((?:big5|shift_jis|euc-|iso-2022|windows-125)[\w-]*)", re.IGNORECASE
)
"""A page's word on its own encoding, where it is another one; of UTF-8 and GB18030 the bytes tell better."""

_CONTROL = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\ufffe\uffff]")
_PAGE = re.compile(r"\s*(?:<!doctype\s+html|<html)", re.IGNORECASE)
_UNIT = re.compile("万?元")
_UNIT_ABOVE = re.compile("单位[^\\n]{0,4}?(万?元)")
_UNIT_REACH = 60
"""Characters above a table in which its unit is looked for."""

_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_PRICE = re.compile("缴费|缴纳|自缴|个人|补助|补贴|财政|政府|筹资|合计|总额|标准")
_NO_PRICE = re.compile("年度|年份|时间|日期|人数|比例|编号|代码|序号|年龄|电话|%")
_SILENT = {"script", "style", "title", "template"}
_BLOCKS = {"p", "div", "br", "h1", "h2", "h3", "h4", "h5", "h6", "li", "table", "section", "article", "tr"}
_LONGEST_HEADING = 20
_SENTENCE = re.compile(rf"[^。!?]{{1,{LONGEST_SENTENCE}}}[。!?]?")
_LOWER = re.compile(r"\([一二三四五六七八九十\d]+\)|\d+[.、)]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: as matched (no blanks, half-width), as written, its line, and the heading above it."""

    text: str
    quote: str
    line: int
    heading: str


@dataclass(frozen=True, slots=True)
class Text:
    """A notice as lines without blanks, and its sentences in order; `raw` is what quotes are cut from."""

    raw: str
    lines: tuple[str, ...]
    sentences: tuple[Sentence, ...]

    @property
    def title(self) -> str:
        """Return the first line, cut where it is too long for a title."""
        return self.lines[0][:LONGEST_TITLE] if self.lines else ""


def load(path: Path) -> Text:
    """Return the text of a .txt or .html file in UTF-8 or GB18030.

    Raises:
        SuirenError: another kind of file, one that is too large, empty or in another encoding.
    """
    if not path.is_file():
        raise fail("E-notice-file", f"There is no file {path.name}.", "Nothing can be read.", "Check the path.")
    if path.suffix.lower() not in ENDINGS:
        raise fail(
            "E-notice-kind",
            f"{path.name} is neither .txt nor .html.",
            "Only plain text and web pages can be read and quoted.",
            "Save the notice as text or as a web page.",
        )
    if path.stat().st_size > LARGEST_BYTES:
        raise fail(
            "E-notice-size",
            f"{path.name} is larger than {LARGEST_BYTES} bytes.",
            "That is no single notice.",
            "Cut the notice out of it.",
        )
    written = decode(path.read_bytes(), path.name)
    page = ENDINGS[path.suffix.lower()] or _PAGE.match(written)
    found = parse(_from_html(written) if page else written)
    if not found.lines:
        raise fail("E-notice-empty", f"{path.name} holds no text.", "Nothing can be found in it.", "Check the file.")
    return found


def decode(data: bytes, name: str) -> str:
    """Return the bytes of a file as text: UTF-8, else GB18030, UTF-16 with its mark; without control characters.

    Raises:
        SuirenError: they are another kind of file or in another encoding.
    """
    for sign, what in _SIGNS.items():
        if data.startswith(sign):
            raise fail(
                "E-notice-kind",
                f"{name} is {what}, whatever its name says.",
                "Only plain text and web pages can be read and quoted.",
                "Save the notice as text or as a web page.",
            )
    foreign = _FOREIGN.search(data[:_HEAD_BYTES])
    text = decoded(data, gb18030=foreign is None)
    if text is not None:
        return _CONTROL.sub("", text)
    raise fail(
        "E-notice-encoding",
        f"{name} is neither UTF-8 nor GB18030" + (f", but {foreign[1].decode()}." if foreign else "."),
        "Its characters cannot be told apart.",
        "Save it as UTF-8.",
    )


def parse(raw: str) -> Text:
    """Return the lines and sentences of a text; blanks are dropped and full-width forms read as half-width."""
    characters: list[str] = []
    origins: list[int] = []
    for at, char in enumerate(raw):
        plain = unicodedata.normalize("NFKC", char)
        plain = plain if len(plain) == 1 else char
        if char == "\n" or not (plain.isspace() or unicodedata.category(char) == "Cf"):
            characters.append(plain)
            origins.append(at)
    text = "".join(characters)
    sentences: list[Sentence] = []
    upper = lower = ""
    lines = list(re.finditer(r"[^\n]+", text))
    for number, line in enumerate(lines):
        if number and _is_heading(line[0]):
            upper, lower = (upper, line[0]) if _LOWER.match(line[0]) else (line[0], "")
        heading = f"{upper}|{lower}" if lower else upper
        for match in _SENTENCE.finditer(line[0]):
            start, end = line.start() + match.start(), line.start() + match.end()
            quote = raw[origins[start] : origins[end - 1] + 1]
            sentences.append(Sentence(match[0], quote, number, heading))
    return Text(raw, tuple(line[0] for line in lines), tuple(sentences))


def _is_heading(line: str) -> bool:
    return len(line) <= _LONGEST_HEADING and not re.search(r"\d元|[。;,]|医疗保障局|日$", line)


class _Reader(HTMLParser):
    """Collects the visible text; a table's row becomes one line, each cell after the heading of its column."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = 0
        self.header: list[str] = []
        self.row: list[str] = []
        self.unit = ""
        self.in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's
        if tag in _SILENT:
            self.silent += 1
        elif tag in {"td", "th"}:
            self.row.append("")
            self.in_cell = True
        elif tag == "table":
            self.header = []
            self.parts.append("\n")
        elif tag in _BLOCKS and not self.in_cell:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag in {"td", "th"}:
            self.in_cell = False
        elif tag == "tr" and self.row:
            self._end_row()
        elif tag in _BLOCKS and not self.in_cell:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if self.silent:
            return
        shown = " ".join(data.split())
        if self.in_cell:
            self.row[-1] += shown
        else:
            self.parts.append(shown)

    def _end_row(self) -> None:
        if not self.header and len(self.row) > 1:
            self.header = self.row
            above = _UNIT_ABOVE.findall("".join(self.parts)[-_UNIT_REACH:])
            self.unit = above[-1] if above else ""
        elif len(self.row) == len(self.header):
            cells = [
                f"{head}：{cell}{self._unit(head, cell)}" for head, cell in zip(self.header, self.row, strict=True)
            ]
            self.parts.append("，".join(cells) + "\n")
        else:
            self.parts.append("，".join(self.row) + "\n")
        self.row = []

    def _unit(self, head: str, cell: str) -> str:
        """Return the unit of a bare number: its head's, else that told above the table, else yuan under a price."""
        if not _NUMBER.fullmatch(cell) or _NO_PRICE.search(head):
            return ""
        if own := _UNIT.search(head):
            return own[0]
        return (self.unit or "元") if _PRICE.search(head) else ""


def _from_html(written: str) -> str:
    reader = _Reader()
    reader.feed(written)
    reader.close()
    return "".join(reader.parts)
