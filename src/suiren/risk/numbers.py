"""Numbers that people write in options and in files of promises, exact."""

from __future__ import annotations

import re
from fractions import Fraction

NUMBER = re.compile(r"\d{1,12}([.]\d{1,6})?%?|\d{1,6}/\d{1,6}")


def exact_number(text: str) -> Fraction | None:
    """Return the number that a text such as "0.6", "60%" or "3/5" writes, at least 0; `None` where it writes none.

    At most six decimals, so that what is multiplied by it stays exact in whole numbers.
    """
    bare = text.strip()
    if not (bare.isascii() and NUMBER.fullmatch(bare)):
        return None
    if "/" in bare:
        over, under = map(int, bare.split("/"))
        return Fraction(over, under) if under else None
    return Fraction(bare.removesuffix("%")) / (100 if bare.endswith("%") else 1)
