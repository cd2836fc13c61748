"""What is read of each row where the rows are: its raw cells, and the few things that only the row itself can tell.

Rows are grouped by their raw cells, and only the groups are checked. So a person number, an identity number, a cost and
a full date of birth, which would make every row a group of its own, are turned into short marks already here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from suiren.engines.engine import BLANKS, Engine, name, text
from suiren.people import identity
from suiren.people.files import Source

APART = ("person_id", "id_document_number", "cost_fen", "birth_date")
"""Columns of which no raw cell is kept."""
SIMPLE = ("VARCHAR", "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "DOUBLE", "FLOAT", "DATE")
WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "HUGEINT")
MOST_COST = 10**15
"""The largest cost of a row, in fen."""
CARDS = ("01", "1", "居民身份证", "居民身份证(户口簿)", "居民身份证（户口簿）", "身份证")
"""Types of document whose number is checked; no type counts as these."""
SHORTENED = "[0-9][.][0-9]+E[+][0-9]+"
"""How a spreadsheet writes a long number into CSV, its last digits lost."""
NO_COST = 2
"""Mark of a row whose cost is not given."""
ID_BORN = 8
"""Mark of an identity number that contradicts the birth date; below it the marks of `identity.sql_fault`."""


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Files whose columns are alike, read together: `rows_<number>` is their relation."""

    number: int
    sources: tuple[Source, ...]
    files: tuple[int, ...]
    """The number of each source in the order of the inputs."""
    permits: tuple[str, ...]
    """Columns that come with the file of permits instead."""
    part: str = ""
    """What tells a part of the rows from the whole."""
    span: tuple[int, int] | None = None
    """First and last row of the only file, where the part is not whole files."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Our columns that the files have."""
        return tuple(self.sources[0].columns)

    @property
    def rows(self) -> str:
        """The name of the relation of its rows."""
        return f"rows_{self.number}{self.part}"

    @property
    def raw(self) -> tuple[str, ...]:
        """Our columns whose raw cells are kept."""
        return tuple(column for column in self.columns if column not in APART)

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns of the relation by which rows are grouped."""
        keys = [f"c_{column}" for column in self.raw]
        keys += [f"p_{column}" for column in self.permits]
        keys += ["k_nobody"]
        if "birth_date" in self.columns:
            keys += ["k_born", "k_born_raw"]
        if "cost_fen" in self.columns:
            keys += ["k_cost"]
        if self.has_numbers:
            keys += ["k_id", "k_id_born", "k_id_sex"]
            keys += [] if "hukou_place" in self.columns else ["k_id_place"]
        return tuple(keys)

    @property
    def has_numbers(self) -> bool:
        """Whether the files hold identity numbers."""
        return "id_document_number" in self.columns


def layouts(sources: Sequence[Source], permits: tuple[str, ...] = ()) -> list[Layout]:
    """Return the sources grouped by what their columns are, each group in the order given."""
    groups: dict[object, list[int]] = {}
    for number, source in enumerate(sources):
        alike = (
            source.shape,
            tuple(source.columns.items()),
            tuple(source.types.items()),
            source.numbered,
            source.table,
        )
        groups.setdefault(alike, []).append(number)
    return [
        Layout(number, tuple(sources[file] for file in group), tuple(group), permits)
        for number, group in enumerate(groups.values())
    ]


def parts_of(layout: Layout, most: int | None) -> list[Layout]:
    """Return a layout in parts of at most `most` rows each: whole files together, a larger file in spans of rows."""
    if most is None or sum(source.rows for source in layout.sources) <= most:
        return [layout]
    groups: list[tuple[list[int], tuple[int, int] | None]] = []
    room = 0
    for place, source in enumerate(layout.sources):
        if source.rows > most:
            starts = range(0, source.rows, most)
            groups += [([place], (start + 1, min(start + most, source.rows))) for start in starts]
            room = 0
        elif source.rows <= room and groups:
            groups[-1][0].append(place)
            room -= source.rows
        else:
            groups.append(([place], None))
            room = most - source.rows
    return [
        replace(
            layout,
            sources=tuple(layout.sources[place] for place in places),
            files=tuple(layout.files[place] for place in places),
            part=f"_{number}",
            span=span,
        )
        for number, (places, span) in enumerate(groups)
    ]


def relate(engine: Engine, layout: Layout) -> None:
    """Make the relation of a layout: `_file`, `_row`, `_person`, `_number`, `_cost` and the keys of its groups."""
    files = f"files_{layout.number}{layout.part}"
    first = layout.sources[0]
    if first.table:
        engine.relation_of_table(files, first.table, layout.files[0])
    else:
        engine.relation(files, [source.parquet for source in layout.sources], layout.files, first.numbered)
    parts = {"_person": _person(first), "k_nobody": _nobody(engine, first)}
    for column in layout.raw:
        cell, kind = name(first.columns[column]), first.types[column]
        parts[f"c_{column}"] = cell if kind in SIMPLE else f"CAST({cell} AS STRING)"
    parts |= _born(engine, first)
    parts |= _cost(engine, first)
    parts |= _number(layout)
    listed = ", ".join(f"{sql} AS {name(column)}" for column, sql in parts.items())
    within = f" WHERE _row BETWEEN {layout.span[0]} AND {layout.span[1]}" if layout.span else ""
    sql = f"SELECT _file, _row, {listed} FROM {files}{within}"
    if layout.has_numbers:
        read = f"{identity.sql_fault('_card')} AS _fault, {identity.sql_born('_card')} AS _card_born"
        sql = f"SELECT *, {read} FROM ({sql}) AS cells"
    marks = ", ".join(f"{made} AS {name(column)}" for column, made in _marks(layout).items())
    sql = f"SELECT *, {marks} FROM ({sql}) AS numbered"
    if layout.permits:
        brought = ", ".join(f"p.{name(column)} AS {name(f'p_{column}')}" for column in layout.permits)
        sql = f"SELECT r.*, {brought} FROM ({sql}) AS r LEFT JOIN permits AS p ON r._person = p._person"
    engine.view(layout.rows, sql)


def same_cells(layout: Layout, left: str, right: str) -> str:
    """Return the SQL that joins rows and groups of a layout by their cells, empty cells alike."""
    return " AND ".join(f"{left}.{name(key)} IS NOT DISTINCT FROM {right}.{name(key)}" for key in layout.keys)


def _person(source: Source) -> str:
    cell = name(source.columns["person_id"])
    if source.types["person_id"] in WHOLE:
        return f"CAST({cell} AS STRING)"
    return f"nullif({_trim(f'CAST({cell} AS STRING)')}, '')"


def _born(engine: Engine, source: Source) -> dict[str, str]:
    """Return the birth date as a text 1990-01-31 (`_born`) and the raw text (`_born_raw`)."""
    if "birth_date" not in source.columns:
        return {}
    cell, kind = name(source.columns["birth_date"]), source.types["birth_date"]
    if kind == "DATE" or kind.startswith("TIMESTAMP"):
        day = f"CAST(CAST({cell} AS DATE) AS STRING)"
        return {"_born": f"CASE WHEN length({day}) = 10 THEN {day} END", "_born_raw": f"CAST({cell} AS STRING)"}
    raw = f"nullif({_trim(f'CAST({cell} AS STRING)')}, '')"
    if kind in {"DOUBLE", "FLOAT"}:
        raw = f"replace({raw}, '.0', '')"
    return {"_born": _date(engine, raw), "_born_raw": raw}


def _date(engine: Engine, raw: str) -> str:
    """Return the SQL of a day as text out of 1990-01-31, 1990-01-31 00:00:00, 19900131 or 1990/1/31, else empty."""
    dashed = f"substr({raw}, 1, 10)"
    packed = f"substr({raw}, 1, 4) || '-' || substr({raw}, 5, 2) || '-' || substr({raw}, 7, 2)"
    slashed = " || '-' || ".join(
        f"lpad(split_part({raw}, '/', {place}), {width}, '0')" for place, width in ((1, 4), (2, 2), (3, 2))
    )
    timed = engine.full_match(raw, "[0-9-]{10}[ T][0-9]{2}:[0-9:.+-]*")
    slashes = engine.full_match(raw, "[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}")
    return (
        f"CASE WHEN length({raw}) = 10 AND substr({raw}, 5, 1) = '-' THEN {_real(raw)} "
        f"WHEN length({raw}) = 8 AND substr({raw}, 5, 1) <> '/' THEN {_real(packed)} "
        f"WHEN {slashes} THEN {_real(slashed)} "
        f"WHEN {timed} THEN {_real(dashed)} END"
    )


def _real(day: str) -> str:
    """Return the SQL of a day where it is a real one, written as dates are."""
    real = f"CAST(try_cast({day} AS DATE) AS STRING) = {day} AND substr({day}, 1, 1) <> '0'"
    return f"CASE WHEN {real} THEN {day} END"


def _trim(cell: str) -> str:
    """Return the SQL of a text without blanks around it; most texts need no trimming, and that is quickly seen."""
    bare = f"{cell} BETWEEN '!' AND '~' AND substr({cell}, -1) BETWEEN '!' AND '~'"
    return f"CASE WHEN {bare} THEN {cell} ELSE trim(both {text(BLANKS)} from {cell}) END"


def _cost(engine: Engine, source: Source) -> dict[str, str]:
    """Return the cost in fen (`_cost`, empty where it is none) and whether it can be read (`_cost_bad`)."""
    if "cost_fen" not in source.columns:
        return {"_cost": "CAST(NULL AS BIGINT)"}
    cell, kind = name(source.columns["cost_fen"]), source.types["cost_fen"]
    if kind in WHOLE:
        given, fits, value = f"{cell} IS NOT NULL", f"{cell} BETWEEN 0 AND {MOST_COST}", cell
    elif kind in {"DOUBLE", "FLOAT"}:
        given = f"{cell} IS NOT NULL"
        within = f"CASE WHEN {cell} >= 0 AND {cell} <= {MOST_COST} THEN CAST({cell} AS BIGINT) END"
        fits, value = f"({within}) = {cell}", within
    else:
        raw = f"nullif({_trim(f'CAST({cell} AS STRING)')}, '')"
        given = f"{raw} IS NOT NULL"
        digits = f"split_part({raw}, '.', 1)"
        fits = (
            f"{engine.full_match(raw, '[0-9]{1,16}([.]0+)?')} "
            f"AND CAST(CASE WHEN {engine.full_match(digits, '[0-9]{1,16}')} THEN {digits} END AS BIGINT) <= {MOST_COST}"
        )
        value = digits
    good = f"{given} AND coalesce({fits}, false)"
    return {
        "_cost": f"CASE WHEN {good} THEN CAST({value} AS BIGINT) END",
        "_cost_bad": f"CASE WHEN {given} AND NOT coalesce({fits}, false) THEN CAST({cell} AS STRING) END",
    }


def _number(layout: Layout) -> dict[str, str]:
    """Return the identity number where it is to be checked (`_card`), else type and number (`_paper`)."""
    if not layout.has_numbers:
        return {}
    source = layout.sources[0]
    cell = name(source.columns["id_document_number"])
    raw = f"nullif({_trim(f'CAST({cell} AS STRING)')}, '')"
    if "id_document_type" not in source.columns:
        return {"_card": f"upper({raw})", "_paper": "CAST(NULL AS STRING)"}
    kind = _trim(f"CAST({name(source.columns['id_document_type'])} AS STRING)")
    card = f"coalesce({kind}, '') IN ({', '.join(text(value) for value in ('', *CARDS))})"
    return {
        "_card": f"CASE WHEN {card} THEN upper({raw}) END",
        "_paper": f"CASE WHEN NOT ({card}) THEN {kind} || ':' || upper({raw}) END",
    }


def _nobody(engine: Engine, source: Source) -> str:
    """Return the SQL of whether a person number says nothing (1) or has lost its last digits in a spreadsheet (2).

    Most numbers show at their first character that they say something; only the others are looked at in full.
    """
    raw, person = f"CAST({name(source.columns['person_id'])} AS STRING)", _person(source)
    plain = f"{raw} BETWEEN '!' AND '~'"
    if source.parquet == source.path or source.table:
        return f"CASE WHEN {plain} THEN 0 WHEN ({person}) IS NULL THEN 1 ELSE 0 END"
    matched = engine.full_match(f"({person})", SHORTENED)
    looked = f"CASE {matched} WHEN true THEN 2 WHEN false THEN 0 ELSE 1 END"
    return f"CASE WHEN {plain} AND NOT ({raw} LIKE '%E+%') THEN 0 ELSE {looked} END"


def _marks(layout: Layout) -> dict[str, str]:
    """Return the short marks of a row, out of its texts."""
    marks: dict[str, str] = {}
    if "birth_date" in layout.columns:
        marks["k_born"] = "CAST(substr(_born, 1, 4) AS INTEGER)"
        marks["k_born_raw"] = "CASE WHEN _born IS NULL THEN _born_raw END"
    if "cost_fen" in layout.columns:
        marks["k_cost"] = f"CASE WHEN _cost_bad IS NOT NULL THEN 1 WHEN _cost IS NULL THEN {NO_COST} ELSE 0 END"
    if not layout.has_numbers:
        return marks | {"_number": "CAST(NULL AS STRING)"}
    against = f" WHEN _born <> _card_born THEN {ID_BORN}" if "birth_date" in layout.columns else ""
    marks["k_id"] = f"CASE WHEN _fault > 0 THEN _fault{against} ELSE 0 END"
    marks["k_id_born"] = "CASE WHEN _fault = 0 THEN CAST(substr(_card_born, 1, 4) AS INTEGER) END"
    marks["k_id_sex"] = f"CASE WHEN _fault = 0 THEN {identity.sql_sex('_card')} END"
    if "hukou_place" not in layout.columns:
        marks["k_id_place"] = "CASE WHEN _fault = 0 THEN substr(_card, 1, 6) END"
    card = f"'01:' || {identity.sql_seventeen('_card')}"
    marks["_number"] = f"CASE WHEN _card IS NULL THEN _paper WHEN _fault = 0 THEN {card} END"
    return marks
