"""Cover in two places at once (重复参保): which rows of one person stand side by side, and which leaves.

Only rows of persons who occur more than once are looked at. A person is all rows linked by person number or identity
number. The rule which row stays depends on what the rows say, never on where they stand; it is in docs/RECORDS.md.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from suiren.engines.engine import Engine, count, name
from suiren.people.scan import Layout, same_cells

CONTENT = (
    *("hukou_place", "enrolment_place", "residence_place", "sex", "age", "person_class", "tier"),
    *("aid_group", "risk_group", "months", "cost_fen"),
)
FULL_YEAR = 12
HASHES = 3
"""How many times as many hashes as rows of cells fit into one grouping."""


def find_several(engine: Engine, layouts: Sequence[Layout]) -> None:
    """Make the local table `several`: the rows of persons with more than one row, each with its group and its person.

    Columns: `_layout, _cell, _file, _row, _person, _number, cost, who`.
    """
    local = engine.local
    numbered = any(layout.has_numbers for layout in layouts)
    _repeated(engine, layouts, "_person", "repeated_persons")
    if numbered:
        _repeated(engine, [layout for layout in layouts if layout.has_numbers], "_number", "repeated_numbers")
    found = count(local, "SELECT count(*) FROM repeated_persons")
    found += count(local, "SELECT count(*) FROM repeated_numbers") if numbered else 0
    columns = "_layout INTEGER, _cell BIGINT, _file INTEGER, _row BIGINT, _person VARCHAR, _number VARCHAR, cost BIGINT"
    local.execute(f"CREATE TABLE linked ({columns})")
    for layout in layouts if found else ():
        _fetch(engine, layout)
    _link(local, numbered)


def _repeated(engine: Engine, layouts: Sequence[Layout], column: str, made: str) -> None:
    """Make the table of hashes that occur more than once in a column of all layouts."""
    hashed = " UNION ALL ".join(
        f"SELECT {engine.hash64(column)} AS hash FROM {layout.rows} WHERE {column} IS NOT NULL" for layout in layouts
    )
    rows = sum(source.rows for layout in layouts for source in layout.sources)
    passes = 1 if engine.most_rows is None else max(1, -(-rows // (HASHES * engine.most_rows)))
    for turn in range(passes):
        chosen = f" WHERE hash % {passes} = {turn}" if passes > 1 else ""
        twice = f"SELECT hash FROM ({hashed}) AS hashed{chosen} GROUP BY hash HAVING count(*) > 1"
        engine.collect(f"{made}_{turn}", twice)
    whole = " UNION ALL ".join(f"SELECT hash FROM {made}_{turn}" for turn in range(passes))
    engine.local.execute(f"CREATE TABLE {made} AS {whole}")
    engine.send(made)


def _fetch(engine: Engine, layout: Layout) -> None:
    keys = ", ".join(name(key) for key in layout.keys)
    joins = f"LEFT JOIN repeated_persons AS a ON {engine.hash64('r._person')} = a.hash "
    wanted = "a.hash IS NOT NULL"
    if layout.has_numbers:
        joins += f"LEFT JOIN repeated_numbers AS b ON {engine.hash64('r._number')} = b.hash"
        wanted += " OR b.hash IS NOT NULL"
    listed = ", ".join(f"r.{name(key)}" for key in layout.keys)
    several = f"several_{layout.number}"
    engine.collect(
        several,
        f"SELECT r._file, r._row, coalesce(r._person, 'number ' || r._number) AS _person, r._number, r._cost, {listed} "
        f"FROM {layout.rows} AS r {joins} WHERE {wanted}",
    )
    engine.local.execute(
        f"INSERT INTO linked SELECT {layout.number}, c._cell, s._file, s._row, s._person, s._number, "
        f"coalesce(s._cost, 0) FROM {several} AS s "
        f"JOIN (SELECT rowid AS _cell, {keys} FROM cells_{layout.number}) AS c ON {same_cells(layout, 's', 'c')}"
    )
    engine.local.execute(f"DROP TABLE {several}")


def _link(local: duckdb.DuckDBPyConnection, numbered: bool) -> None:
    """Make `several` out of `linked`: `who` is the least person number of all rows linked to one."""
    if not numbered:
        local.execute("CREATE TABLE several AS SELECT *, _person AS who FROM linked")
        return
    local.execute("CREATE TABLE named AS SELECT DISTINCT _person, _number, _person AS who FROM linked")
    moved = 1
    while moved:
        local.execute(
            "CREATE OR REPLACE TABLE renamed AS SELECT _person, _number, min(who) OVER (PARTITION BY _person) AS who, "
            "who AS was FROM (SELECT _person, _number, was, CASE WHEN _number IS NULL THEN was "
            "ELSE min(was) OVER (PARTITION BY _number) END AS who FROM (SELECT *, who AS was FROM named))"
        )
        moved = count(
            local,
            "SELECT count(*) FROM renamed r JOIN named n ON r._person = n._person "
            "AND r._number IS NOT DISTINCT FROM n._number WHERE r.who <> n.who",
        )
        local.execute("CREATE OR REPLACE TABLE named AS SELECT _person, _number, who FROM renamed")
    local.execute(
        "CREATE TABLE several AS SELECT l.*, n.who FROM linked l JOIN (SELECT DISTINCT _person, who FROM named) n "
        "USING (_person)"
    )


def decide(local: duckdb.DuckDBPyConnection, facts: tuple[str, ...]) -> None:
    """Make the tables `left_rows` (`_layout, _cell, _file, _row, code`) and `later`, rows charged no contribution.

    `several` and `typed` are read, and `refused_cells`, the groups that the law refuses.
    """
    content = ", ".join(name(column) for column in (*CONTENT, *facts))
    read = [column for column in (*CONTENT, *facts) if column not in {"cost_fen", "person_class"}]
    own = ", ".join(("t.person_class::VARCHAR AS person_class", *(f"t.{name(column)}" for column in read)))
    local.execute(
        f"CREATE TABLE spells AS SELECT s._layout, s._cell, s._file, s._row, s._person, s.who, s.cost AS cost_fen, "
        f"{own}, t.mask, t.first_month, t._bad, t.scheme, t.in_force, "
        "t.at_home "
        "FROM several s JOIN typed t ON s._layout = t._layout AND s._cell = t._cell"
    )
    local.execute("CREATE TABLE left_rows (_layout INTEGER, _cell BIGINT, _file INTEGER, _row BIGINT, code VARCHAR)")
    good = "SELECT * FROM spells WHERE NOT _bad"
    lawful = f"SELECT * FROM ({good}) ANTI JOIN refused_cells USING (_layout, _cell)"
    blocking = "SELECT who, mask FROM spells WHERE scheme = 'employee' AND in_force"
    local.execute(
        f"INSERT INTO left_rows SELECT DISTINCT l._layout, l._cell, l._file, l._row, 'Q-employee' FROM ({good}) l "
        f"JOIN ({blocking}) e ON l.who = e.who AND (l.mask IS NULL OR e.mask IS NULL OR l.mask & e.mask <> 0)"
    )
    local.execute(
        "CREATE TABLE copies AS SELECT *, "
        f"row_number() OVER (PARTITION BY _person, mask, at_home, {content} ORDER BY _file, _row) AS copy "
        f"FROM ({lawful}) ANTI JOIN left_rows USING (_file, _row)"
    )
    local.execute("INSERT INTO left_rows SELECT _layout, _cell, _file, _row, 'Q-duplicate' FROM copies WHERE copy > 1")
    order = f"at_home DESC, first_month NULLS LAST, months DESC, {_last(content)}, _person, _file, _row"
    local.execute(
        f"CREATE TABLE waiting AS SELECT _layout, _cell, _file, _row, _person, who, mask, months, "
        f"row_number() OVER (PARTITION BY who ORDER BY {order}) AS place, "
        f"row_number() OVER (PARTITION BY who ORDER BY first_month NULLS LAST, {_last(content)}, _person, _file, _row) "
        "AS charged FROM copies WHERE copy = 1"
    )
    _rounds(local)
    local.execute(
        "CREATE TABLE later AS SELECT _layout, _cell, _file, _row FROM "
        "(SELECT *, row_number() OVER (PARTITION BY who ORDER BY charged) AS rank FROM kept) WHERE rank > 1"
    )


def _last(content: str) -> str:
    return ", ".join(f"{column} NULLS LAST" for column in content.split(", "))


def _rounds(local: duckdb.DuckDBPyConnection) -> None:
    """Make `kept`; in each round the first waiting row of a person stays, and what cannot stand beside it leaves."""
    local.execute("CREATE TABLE kept AS SELECT * FROM waiting WHERE false")
    while count(local, "SELECT count(*) FROM waiting"):
        local.execute(
            "CREATE OR REPLACE TABLE picked AS SELECT * FROM waiting QUALIFY place = min(place) OVER (PARTITION BY who)"
        )
        local.execute("INSERT INTO kept SELECT * FROM picked")
        full = "SELECT who, bit_or(mask) AS mask, sum(months) AS months FROM kept GROUP BY who"
        clash = f"coalesce(w.mask & f.mask, 0) <> 0 OR w.months + f.months > {FULL_YEAR}"
        local.execute(
            f"CREATE OR REPLACE TABLE after AS SELECT w.*, {clash} AS leaves, p._person AS beside FROM waiting w "
            f"JOIN ({full}) f ON w.who = f.who JOIN picked p ON w.who = p.who WHERE w.place <> p.place"
        )
        local.execute(
            "INSERT INTO left_rows SELECT _layout, _cell, _file, _row, CASE WHEN _person <> beside "
            "THEN 'Q-two-numbers' ELSE 'Q-overlap' END FROM after WHERE leaves"
        )
        local.execute(
            "CREATE OR REPLACE TABLE waiting AS SELECT * EXCLUDE (leaves, beside) FROM after WHERE NOT leaves"
        )
