"""Text files as lines: their encoding, decided over the whole file, and a tidy UTF-8 copy where one is needed."""

from __future__ import annotations

import codecs
import gzip
import io
import itertools
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from suiren.errors import SuirenError, fail
from suiren.people.files.source import private
from suiren.people.shapes import Remark

BLOCK = 1 << 22
LONGEST = 1 << 26
"""Bytes without a line end beyond which a file is no longer held together."""
HEAD = 1 << 20
"""Bytes in which the header of a file must end."""
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
GZIP = b"\x1f\x8b"
NOT_UTF8 = re.compile("[\\udc80-\\udcff]")
"""What is left of bytes that are not UTF-8."""
WIDE = re.compile("[\\u0800-\\ud7ff\\ue000-\\U0010ffff]")
"""Characters of three or four bytes, as Chinese ones are; a whole line of GB18030 hardly ever reads as them."""
BROKEN = "\udcff"
"""Becomes the byte FF, which is in no UTF-8 text: the line is then refused as the one that cannot be read."""


@dataclass(frozen=True, slots=True)
class Text:
    """A file that can be read as UTF-8 lines: the user's own or a private copy."""

    path: Path
    encoding: str
    """How the user's file is encoded: `utf-8`, `gb18030` or `utf-16`."""
    broken: bool
    """Whether some lines are not UTF-8; they are to be refused one by one."""
    remarks: tuple[Remark, ...] = ()

    def head(self) -> str:
        """Return the beginning of the file.

        Raises:
            UnicodeDecodeError: it is not UTF-8.
        """
        with self.path.open("rb") as file:
            start = file.read(HEAD)
        return codecs.getincrementaldecoder("utf-8-sig")().decode(start)


@dataclass(slots=True)
class _Scan:
    """What one pass over the bytes of a file finds."""

    utf8: bool = True
    unusual: bool = False
    """Blank lines, lone carriage returns, or two kinds of line ends."""


def text_of(path: Path, folder: Path) -> Text:
    """Return a file as UTF-8 lines with one kind of line end and no blank lines; the file itself where it is so.

    Where some lines are not UTF-8, the lines decide that hold more than ASCII: as many that are UTF-8 as are only
    GB18030 make a UTF-8 file with broken lines, else it is GB18030.

    Raises:
        SuirenError: neither, or not a text file.
    """
    shown = path.name
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(GZIP):
        path = _unpacked(path, folder)
        with path.open("rb") as file:
            start = file.read(4096)
    if start.startswith(UTF_16):
        try:
            copy = _copy(folder, _lines(path, "utf-16"))
        except UnicodeError:
            raise not_utf8(shown) from None
        return Text(copy, "utf-16", broken=False, remarks=(("read as UTF-16", "按 UTF-16 读取"),))
    if start.count(0) * 4 > len(start):
        raise not_utf8(shown)
    scan = _scan(path)
    if scan.utf8 and not scan.unusual:
        return Text(path, "utf-8", broken=False)
    if scan.utf8:
        return Text(_copy(folder, _lines(path, "utf-8-sig")), "utf-8", broken=False)
    if _mostly_utf8(path):
        return Text(_copy_bytes(folder, _raw_lines(path)) if scan.unusual else path, "utf-8", broken=True)
    copy, broken = _from_gb18030(folder, path, scan.unusual)
    return Text(copy, "gb18030", broken, (("read as GB18030", "按 GB18030 读取"),))


def not_utf8(shown: str) -> SuirenError:
    """Return the error of a file whose text cannot be read."""
    return fail(
        "E-file-encoding",
        f"{shown} is neither UTF-8 nor GB18030, nor UTF-16 with its mark.",
        "Its text cannot be read.",
        "Save it as UTF-8 (in Excel: CSV UTF-8).",
    )


def _unpacked(path: Path, folder: Path) -> Path:
    copy = private(folder, "txt")
    try:
        with gzip.open(path) as packed, copy.open("wb") as out:
            shutil.copyfileobj(packed, out, BLOCK)
    except (OSError, EOFError) as error:
        raise fail("E-file-unreadable", f"{path.name} cannot be unpacked.", do="Is it a whole gzip file?") from error
    return copy


def _scan(path: Path) -> _Scan:
    """Return whether a file is UTF-8 throughout, and whether its line ends or blank lines are unusual."""
    found = _Scan()
    decoder = codecs.getincrementaldecoder("utf-8")()
    feeds = returns = pairs = 0
    tail = b"\n"
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            if found.utf8 and not (block.isascii() and not decoder.getstate()[0]):
                found.utf8 = _decodes(decoder, block)
            seen = tail + block
            feeds += block.count(b"\n")
            found.unusual = found.unusual or b"\n\n" in seen
            if b"\r" in seen:
                found.unusual = found.unusual or b"\n\r\n" in seen
                returns += block.count(b"\r")
                pairs += seen.count(b"\r\n") - tail.count(b"\r\n")
            tail = seen[-2:]
    found.utf8 = found.utf8 and not decoder.getstate()[0]
    found.unusual = found.unusual or returns != pairs or 0 < pairs < feeds
    return found


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes) -> bool:
    try:
        decoder.decode(block)
    except UnicodeDecodeError:
        return False
    return True


def _mostly_utf8(path: Path) -> bool:
    """Return whether at least as many lines are UTF-8 as are only GB18030, of those with more than ASCII.

    A line that both can read and that would hold no Chinese in UTF-8 counts for neither: 女 in GB18030 is also a letter
    of UTF-8. A header that only GB18030 can read decides alone.
    """
    utf8 = gb18030 = 0
    for number, block in enumerate(_whole_lines(path)):
        read = block.decode("utf-8", "surrogateescape").replace("\r", "\n")
        if not number and NOT_UTF8.search(read.split("\n", 1)[0]) and _is(block.splitlines()[0], "gb18030"):
            return False
        lines = [line for line in read.split("\n") if not line.isascii()]
        broken = [line for line in lines if NOT_UTF8.search(line)]
        utf8 += sum(WIDE.search(line) is not None and not NOT_UTF8.search(line) for line in lines)
        if broken and _is(block, "gb18030"):
            gb18030 += len(broken)
        else:
            gb18030 += sum(_is(line.encode("utf-8", "surrogateescape"), "gb18030") for line in broken)
    return utf8 >= gb18030


def _whole_lines(path: Path) -> Iterator[bytes]:
    """Yield a file in blocks that end where lines end."""
    rest = b""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            rest += block
            cut = max(rest.rfind(b"\n"), rest.rfind(b"\r")) + 1
            if cut or len(rest) > LONGEST:
                yield rest[: cut or None]
                rest = rest[cut:] if cut else b""
    if rest:
        yield rest


def _is(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _lines(path: Path, encoding: str) -> Iterator[str]:
    """Yield the lines of a file that are not blank, each with one line end; a blank one inside quotes stays."""
    with path.open(encoding=encoding, newline=None) as lines:
        yield from _not_blank(lines)


def _raw_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file as bytes, whatever its line ends."""
    with path.open(encoding="latin-1", newline=None) as lines:
        for line in _not_blank(lines):
            yield line.encode("latin-1")


def _not_blank(lines: Iterable[str]) -> Iterator[str]:
    quoted = False
    for line in lines:
        if line.strip() or quoted:
            yield line
        if line.count('"') % 2:
            quoted = not quoted


def _copy(folder: Path, lines: Iterable[str]) -> Path:
    copy = private(folder, "txt")
    with copy.open("w", encoding="utf-8", newline="") as out:
        out.writelines(lines)
    return copy


def _copy_bytes(folder: Path, lines: Iterable[bytes]) -> Path:
    copy = private(folder, "txt")
    with copy.open("wb") as out:
        out.writelines(lines)
    return copy


def _from_gb18030(folder: Path, path: Path, unusual: bool) -> tuple[Path, bool]:
    """Return a UTF-8 copy of a GB18030 file, and whether some of its lines are not even that."""
    copy = private(folder, "txt")
    broken = False
    with copy.open("wb") as out:
        for block in _batches(_raw_lines(path)) if unusual else _whole_lines(path):
            try:
                out.write(block.decode("gb18030").encode())
            except UnicodeDecodeError:
                broken = True
                out.writelines(map(_transcoded, block.splitlines(keepends=True)))
    return copy, broken


def _transcoded(line: bytes) -> bytes:
    try:
        return line.decode("gb18030").encode()
    except UnicodeDecodeError:
        marked = line.decode("gb18030", "replace").replace("\ufffd", BROKEN)
        return marked.encode("utf-8", "surrogateescape")


def _batches(lines: Iterator[bytes], size: int = 4096) -> Iterator[bytes]:
    while batch := list(itertools.islice(lines, size)):
        yield b"".join(batch)


def header_text(text: Text, shown: str) -> io.StringIO:
    """Return the beginning of a file for reading its header.

    Raises:
        SuirenError: it cannot be read, or is empty.
    """
    try:
        head = text.head()
    except UnicodeDecodeError as error:
        if not text.broken:
            raise not_utf8(shown) from None
        with text.path.open("rb") as file:
            head = file.read(error.start).decode("utf-8-sig", "ignore")
        if "\n" not in head:
            raise not_utf8(shown) from None
    if not head.split("\n", 1)[0].strip(" \t\r,;|~"):
        raise fail("E-file-empty", f"{shown} is empty: it has no header line.", do="Name a file with person rows.")
    return io.StringIO(head)
