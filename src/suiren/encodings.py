"""How a small file of text is encoded: UTF-16 with its mark, UTF-8, or GB18030, as Chinese programs save it."""

from __future__ import annotations

import codecs

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decoded(data: bytes, gb18030: bool = True) -> str | None:
    """Return the text of the bytes, without mark; nothing where they are none in these encodings.

    Without `gb18030`, which reads almost any bytes, only UTF-8 and UTF-16 are tried.
    """
    encodings = ("utf-16",) if data.startswith(UTF_16) else ("utf-8-sig", *(("gb18030",) if gb18030 else ()))
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    return None
