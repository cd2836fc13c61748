"""Broken inputs: files of every format, damaged in seeded ways."""

import csv
import io
import random
import zipfile
from dataclasses import dataclass

import polars as pl
import xlsxwriter

from faulty_rows import Maker
from row_files import FORMATS, LEDGER, NHSA

NASTY = (
    "",
    " ",
    "\t",
    "0",
    "-1",
    "1e400",
    "NaN",
    "inf",
    "null",
    "None",
    "'",
    "''",
    "\\",
    "%s",
    "{}",
    "=1+1",
    "x" * 70_000,
)
NASTY += (
    "1" * 5000,
    "2022-02-30",
    "９９",
    "\u202e",
    "\U0001f600",
    "');--",
    "..",
    "~",
    ";",
    "<b>",
    "99999999999999999999",
)


@dataclass
class Mutant:
    """A damaged file: its format, its bytes, and what was done to it."""

    format: str
    suffix: str
    data: bytes
    done: list
    torn: bool = False


# --- damage to bytes and texts ---


def flip(rnd, data):
    """A few bytes changed."""
    made = bytearray(data)
    for _ in range(rnd.choice((1, 1, 3, 30))):
        if made:
            made[rnd.randrange(len(made))] = rnd.choice((rnd.randrange(256), 0, 255, 34, 44, 10, 13))
    return bytes(made)


def cut(rnd, data):
    """The end, the start or a middle part missing."""
    low, high = sorted(rnd.randrange(len(data) + 1) for _ in range(2))
    return rnd.choice((data[:low], data[low:], data[:low] + data[high:]))


def doubled(rnd, data):
    """A part of the file twice."""
    low, high = sorted(rnd.randrange(len(data) + 1) for _ in range(2))
    return data[:high] + data[low:]


def holes(rnd, data):
    """A part of the file is zero."""
    low = rnd.randrange(len(data) + 1)
    return data[:low] + b"\0" * rnd.choice((1, 8, 600)) + data[low:]


def encoded(rnd, data):
    """Another encoding, whole or in part."""
    said = data.decode("utf-8", "replace").replace("PERSON", rnd.choice(("PERSON", "PERSON人")))
    name = rnd.choice(("gb18030", "utf-16", "utf-16-le", "utf-8-sig", "utf-32", "latin-1", "cp1252", "big5"))
    made = said.encode(name, "replace")
    return made if rnd.random() < 0.7 else data[: len(data) // 2] + made[len(made) // 2 :]


def line_ends(rnd, data):
    """Old, new and mixed line ends."""
    ends = rnd.choice(((b"\r\n",), (b"\r",), (b"\r\n", b"\n"), (b"\n\n", b"\n"), (b"\r", b"\n"), (b"\n \n", b"\n")))
    return b"".join(line + rnd.choice(ends) for line in data.split(b"\n"))


def quotes(rnd, data):
    """Quotation marks where they belong and where they do not."""
    made = data.split(b",") if b"," in data else data.split(b"~")
    for _ in range(rnd.choice((1, 2, 9))):
        place = rnd.randrange(len(made))
        made[place] = rnd.choice((b'"%s', b'%s"', b'"%s"', b'"%s""', b'"a""%s"', b"'%s'", b'"%s\n,"')) % made[place]
    return (b"," if b"," in data else b"~").join(made)


def delimiters(rnd, data):
    """Another delimiter, everywhere or here and there."""
    old = b"~" if data.count(b"~") > data.count(b",") else b","
    new = rnd.choice((b";", b"\t", b"|", b"~", b",", b"^", b" "))
    return data.replace(old, new, rnd.choice((-1, -1, 1, 40)))


BYTES = (flip, flip, cut, doubled, holes)
TEXTS = (*BYTES, encoded, line_ends, quotes, delimiters)


# --- damage to a table of texts ---


def swap(rnd, table):
    """Cells, columns or rows in each other's place."""
    for _ in range(rnd.choice((1, 5, 50))):
        one, other = rnd.choice(table[1:]), rnd.choice(table)
        place = rnd.randrange(len(one))
        one[place], other[place % len(other)] = other[place % len(other)], one[place]


def columns(rnd, table):
    """A column left out, twice, renamed, or moved."""
    place, what = rnd.randrange(len(table[0])), rnd.randrange(5)
    name = table[0][place]
    for row in table:
        cell = row[place] if place < len(row) else ""
        if what == 0:
            del row[place : place + 1]
        elif what == 1:
            row.append(cell)
        elif what == 2:
            row.insert(0, row.pop(place))
    if what == 3:
        table[0][place] = rnd.choice(
            (name.upper(), f" {name} ", name + "x", "", "人员编号", "序号", "a" * 3000, name[:-1])
        )
    elif what == 4:
        table[0][place] = rnd.choice(table[0])


def strange(rnd, table):
    """Cells that nobody expects."""
    for _ in range(rnd.choice((1, 3, 20))):
        row = rnd.choice(table[1:] if rnd.random() < 0.9 else table)
        row[rnd.randrange(len(row))] = rnd.choice(NASTY)


def ragged(rnd, table):
    """Rows with more or fewer cells, empty rows, no header, two headers."""
    what = rnd.randrange(5)
    if what == 0:
        rnd.choice(table).append("more")
    elif what == 1:
        rnd.choice(table).pop()
    elif what == 2:
        table.insert(rnd.randrange(len(table)), [""] * len(table[0]))
    elif what == 3:
        del table[0]
    else:
        table.insert(rnd.randrange(len(table)), list(table[0]))


TABLES = (swap, columns, columns, strange, strange, ragged)


def table_of(rows, format_):
    """Header and cells of rows under a format's names."""
    names = {"nhsa": NHSA, "ledger": LEDGER}.get(format_) or {name: name for row in rows for name in row}
    head = [] if format_ == "ledger" else [list(names)]
    return head + [[row.get(ours, "") for ours in names.values()] for row in rows]


def as_csv(table, delimiter=","):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(table)
    return out.getvalue().encode("utf-8", "surrogatepass")


def as_ledger(table):
    return "\n".join("~".join(row) for row in table).encode() + b"\n"


def as_excel(rnd, table):
    """A workbook of the table, numbers at times as numbers, at times with titles, merged cells and a second sheet."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        top = rnd.choice((0, 0, 0, 2))
        if top:
            sheet.merge_range(0, 0, 0, 3, "参保人员")
        for line, row in enumerate(table, top):
            for place, cell in enumerate(row):
                if cell.isascii() and cell.isdigit() and len(cell) < 12 and rnd.random() < 0.9:
                    sheet.write_number(line, place, int(cell))
                else:
                    sheet.write_string(line, place, cell[:32_000])
        if rnd.random() < 0.2:
            book.add_worksheet().write_row(0, 0, rnd.choice((["x"], table[0], [])))
    return out.getvalue()


def rezipped(rnd, data):
    """A part of the workbook damaged inside a sound zip file."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as book, zipfile.ZipFile(out, "w") as copy:
        victim = rnd.choice(book.namelist())
        for name in book.namelist():
            part = book.read(name)
            if name == victim:
                part = rnd.choice((flip, cut, doubled))(rnd, part) if rnd.random() < 0.8 else None
            if part is not None:
                copy.writestr(name, part)
    return out.getvalue()


# --- Parquet ---

CASTS = (
    pl.Int8,
    pl.Int64,
    pl.UInt32,
    pl.Float32,
    pl.Float64,
    pl.Boolean,
    pl.Date,
    pl.Datetime,
    pl.Categorical,
    pl.Binary,
)
CASTS += (pl.Decimal(20, 2), pl.Null, pl.Time, pl.List(pl.String), pl.Int128, pl.Duration)


def retyped(rnd, frame):
    """Columns of other types, nested ones, left-out and renamed ones."""
    for _ in range(rnd.choice((1, 2, 4))):
        name = rnd.choice(frame.columns)
        what = rnd.randrange(5)
        if what == 0 and frame.width > 1:
            frame = frame.drop(name)
        elif what == 1:
            frame = frame.with_columns(pl.struct(name, pl.lit(1).alias("one")).alias(name))
        elif what == 2:
            other = rnd.choice((name.upper(), name + "2", "人员编号", " ", name + ".a"))
            frame = frame if other in frame.columns else frame.rename({name: other})
        else:
            kind = rnd.choice(CASTS)
            try:
                frame = frame.with_columns(pl.col(name).cast(kind, strict=False))
            except pl.exceptions.PolarsError:
                frame = frame.with_columns(pl.lit(None).alias(name))
    return frame


def as_parquet(rnd, table):
    """The table as Parquet of texts, at times typed, in several row groups or with damaged bytes."""
    width = len(table[0])
    names = list(dict.fromkeys(name or "_" for name in table[0]))
    if len(names) < width:
        names = [f"{name}{place}" if names.count(name) else name for place, name in enumerate(table[0])]
    body = [(row + [""] * width)[:width] for row in table[1:]]
    frame = pl.DataFrame(
        [pl.Series(name, [row[place] or None for row in body], pl.String) for place, name in enumerate(names)]
    )
    if rnd.random() < 0.7:
        frame = retyped(rnd, frame)
    out = io.BytesIO()
    try:
        frame.write_parquet(out, row_group_size=rnd.choice((None, 5)))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return as_parquet(rnd, table)
    return out.getvalue()


# --- a mutant ---


def mutant(seed, rows=14):
    """The damaged file of a seed."""
    rnd = random.Random(seed)
    format_ = rnd.choice(("csv", "csv", "nhsa", "ledger", "parquet", "excel"))
    table = table_of(Maker(seed, FORMATS[format_][0], faults=0.05).rows(rows), format_)
    done = []
    if rnd.random() < 0.7:
        chosen = rnd.choices(TABLES, k=rnd.choice((1, 1, 2)))
        for damage in chosen:
            if len(table) > 2 and all(table):
                damage(rnd, table)
                done.append(damage.__name__)
    if format_ == "ledger":
        data = as_ledger(table)
    elif format_ == "excel":
        data = as_excel(rnd, table)
    elif format_ == "parquet":
        data = as_parquet(rnd, table)
    else:
        data = as_csv(table)
    torn = rnd.random() < 0.5 or not done
    if torn:
        choices = (*BYTES, rezipped) if format_ == "excel" else BYTES if format_ == "parquet" else TEXTS
        damage = rnd.choice(choices)
        data = damage(rnd, data)
        done.append(damage.__name__)
    return Mutant(format_, FORMATS[format_][2], data, done, torn)
