"""Numbers of resident identity cards: what is wrong with one, and birth date and sex out of it.

GB 11643—1999: six digits of a place, the birth date yyyyMMdd, three digits of which the last is odd for men, and a
check character after ISO 7064 MOD 11-2 (a digit or X). Numbers of 15 digits have yyMMdd of the 1900s and no check
character. `number` is text without blanks around it; digits are ASCII digits.

The `sql_` functions take the SQL of such a text and return SQL that means the same on DuckDB and on Spark with ANSI
mode. The digits of a number are read outside of any CASE, AND or second part of a coalesce: both engines compute an
expression that stands in several places once where it is always computed.
"""

from __future__ import annotations

import datetime as dt

WEIGHTS = tuple(2 ** (17 - at) % 11 for at in range(17))
"""Weights of the 17 leading digits: 7, 9, 10, 5 ... 2."""
CHECKS = "10X98765432"
"""The check character for each remainder of the weighted sum by 11."""

FAULTS = ("", "Q-id", "Q-id-checksum", "Q-id-date")
"""The code of each number that `sql_fault` gives."""


def _is_digits(text: str) -> bool:
    """Return True where `text` has ASCII digits only."""
    return text.isascii() and text.isdigit()


def fault(number: str) -> str | None:
    """Return Q-id (form), Q-id-checksum or Q-id-date, the first that applies, None for a sound number."""
    old = len(number) == 15 and _is_digits(number)
    new = len(number) == 18 and _is_digits(number[:17]) and number[17] in "0123456789Xx"
    if not old and not new:
        return "Q-id"
    if new and number[17].upper() != check_character(number[:17]):
        return "Q-id-checksum"
    try:
        born(number)
    except ValueError:
        return "Q-id-date"
    return None


def seventeen(number: str) -> str:
    """Return the 17 leading digits of the 18-digit form of a number of right form."""
    return number[:17] if len(number) == 18 else f"{number[:6]}19{number[6:]}"


def check_character(seventeen: str) -> str:
    """Return the check character, a digit or X, of the 17 leading digits."""
    return CHECKS[sum(weight * int(digit) for weight, digit in zip(WEIGHTS, seventeen, strict=True)) % 11]


def born(number: str) -> dt.date:
    """Return the birth date in a number of right form; ValueError where there is no such day."""
    digits = seventeen(number)
    return dt.date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))


def sex(number: str) -> int:
    """Return 1 for a man, 2 for a woman, from a number of right form."""
    return 2 - int(seventeen(number)[16]) % 2


def sql_seventeen(text_sql: str) -> str:
    """Return SQL for the 17 leading digits of the 18-digit form; NULL for texts of other lengths than 15 and 18."""
    text = f"({text_sql})"
    return (
        f"CASE length({text}) WHEN 18 THEN substr({text}, 1, 17) "
        f"WHEN 15 THEN substr({text}, 1, 6) || '19' || substr({text}, 7, 9) END"
    )


def sql_born(text_sql: str) -> str:
    """Return SQL for the birth date as text yyyy-MM-dd; NULL where the digits are no day of the years 1 to 9999."""
    digits = sql_seventeen(text_sql)
    day = f"(substr({digits}, 7, 4) || '-' || substr({digits}, 11, 2) || '-' || substr({digits}, 13, 2))"
    again = f"CAST(try_cast({day} AS DATE) AS VARCHAR(10))"
    return f"CASE WHEN {day} NOT LIKE '0000%' AND {again} = {day} THEN {day} END"


def sql_sex(text_sql: str) -> str:
    """Return SQL for 1 (odd, a man) or 2 (a woman); NULL where the digit is none or the length neither 15 nor 18."""
    digit = f"substr({sql_seventeen(text_sql)}, 17, 1)"
    return f"CASE WHEN {digit} IN ('1', '3', '5', '7', '9') THEN 1 WHEN {digit} IN ('0', '2', '4', '6', '8') THEN 2 END"


def sql_fault(text_sql: str) -> str:
    """Return SQL for the place in `FAULTS`: 0 none (also NULL), 1 form, 2 checksum, 3 date.

    The 17 digits are read as two numbers of 9 and 8 digits with a 1 before them. They are digits and nothing else
    exactly where the numbers written again are the same texts.
    """
    text = f"coalesce({text_sql}, '')"
    marked = (f"('1' || substr({text}, 1, 9))", f"('1' || substr({text}, 10, 8))")
    high, low = (f"coalesce(try_cast({half} AS INTEGER), 0)" for half in marked)
    last = f"ascii(substr({text}, 18, 1))"
    digits = [_bit(f"CAST({number} AS VARCHAR(12)) = {half}") for number, half in zip((high, low), marked, strict=True)]
    ending = f"({_bit(f'{last} BETWEEN 48 AND 57')} + {_bit(f'{last} IN (88, 120)')})"
    form = f"({_bit(f'length({text}) = 18')} * {' * '.join(digits)} * {ending})"
    value = f"({last} - 48 - 30 * {_bit(f'{last} = 88')} - 62 * {_bit(f'{last} = 120')})"
    wrong = _bit(f"({_weighted(high, low)} + {value}) % 11 <> 1")
    date = f"(1 - {wrong}) * {_bit(f'{_date_faults(high, low)} > 0')}"
    new = f"(1 - {form} + {form} * (2 * {wrong} + 3 * {date}))"
    applies = f"{_bit(f'length({text}) <> 15')} * {_bit(f'({text_sql}) IS NOT NULL')}"
    return f"({new} * {applies} + CASE WHEN length({text}) = 15 THEN {_old_fault(text)} ELSE 0 END)"


def _old_fault(text: str) -> str:
    """Return SQL for the fault of a number of 15 digits: 0 none, 1 form, 3 date."""
    marked = f"('1' || {text})"
    is_number = f"CAST(try_cast({marked} AS BIGINT) AS VARCHAR(20)) = {marked}"
    return f"CASE WHEN {is_number} THEN CASE WHEN {sql_born(text)} IS NULL THEN 3 ELSE 0 END ELSE 1 END"


def _bit(condition: str) -> str:
    """Return SQL that is 1 where `condition` holds, 0 where not, NULL where unknown."""
    return f"CAST(({condition}) AS INTEGER)"


def _weighted(high: str, low: str) -> str:
    """Return SQL for a number with the remainder by 11 of the weighted sum of 17 digits, below 2^31.

    `high` and `low` hold the 9 first and 8 last digits. The digit at place k of a number n is
    (n % 10^k - n % 10^(k-1)) / 10^(k-1), and 10^(k-1) leaves 1 or -1 by 11, so that the sum is one of n % 10^k with
    fixed factors from 0 to 10; n % 10^9 counts by its own remainder.
    """
    return f"({_partly(high, WEIGHTS[:9])} % 11 + {_partly(low, WEIGHTS[9:])})"


def _partly(number: str, weights: tuple[int, ...]) -> str:
    """Return SQL for a number with the remainder by 11 of the weighted sum of the last digits of `number`."""
    signed = [weight * (-1) ** place for place, weight in enumerate(reversed(weights))]
    alike: dict[int, list[str]] = {}
    for place, (own, following) in enumerate(zip(signed, [*signed[1:], 0], strict=True), start=1):
        rest = f"({number} % {10**place})" if place < 9 else f"({number} % {10**place} % 11)"
        alike.setdefault((own - following) % 11, []).append(rest)
    sums = ((factor, " + ".join(rests)) for factor, rests in alike.items() if factor)
    return f"({' + '.join(f'{factor} * ({rests})' for factor, rests in sums)})"


def _date_faults(high: str, low: str) -> str:
    """Return SQL that is 0 where the digits 7 to 14 of `high` and `low` together are a day, more where not.

    `high` ends in three digits of the year, `low` holds the fourth, month, day and three digits of order.
    """
    century, tens = f"({high} % 1000)", f"({high} % 10)"
    months, days = f"({low} % 10000000)", f"({low} % 100000)"
    month, unit = f"({months} - {days})", f"({low} % 100000000 - {months})"
    short_year = f"({tens} * 100000000 + {unit})"
    common = f"({_bit(f'{short_year} % 40000000 <> 0')} + {_bit(f'{short_year} = 0')} * {_bit(f'{century} % 40 <> 0')})"
    february = _bit(f"{month} = 200000")
    short = _bit(f"{month} IN (400000, 600000, 900000, 1100000)")
    faults = (
        _bit(f"{century} + {unit} = 0"),
        _bit(f"{month} NOT BETWEEN 100000 AND 1200000"),
        _bit(f"{days} NOT BETWEEN 1000 AND 31999"),
        f"{short} * {_bit(f'{days} >= 31000')}",
        f"{february} * ({_bit(f'{days} >= 30000')} + {_bit(f'{days} >= 29000')} * {common})",
    )
    return f"({' + '.join(faults)})"
