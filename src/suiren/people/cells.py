"""Groups of rows whose cells are alike: collapsed by the engine, then each read and checked once."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb
import polars as pl

from suiren import old_codes, places
from suiren.engines.engine import Engine, count, name, text
from suiren.laws import Law
from suiren.laws.book import in_set
from suiren.laws.schema import OLDEST
from suiren.people.checks import SAID_NOTHING, Check, month_checks, typed
from suiren.people.records import OPTIONAL, PLACES, REQUIRED
from suiren.people.scan import NO_COST, Layout, parts_of, relate
from suiren.people.values import STATUS, bare, value

CITY_LEVEL = 99
"""The last two digits of the platform's codes for offices of a whole prefecture (市本级)."""
PROVINCE_LEVEL = range(9900, 10000)
"""The last four digits of the platform's codes for offices of a whole province (省本级): no place of a person."""
READ = tuple(
    dict.fromkeys(
        (*REQUIRED, *(column for column in OPTIONAL if column != "id_document_number")),
    )
)
"""Columns that are read off a group; what a layout lacks is empty."""


def collapse(engine: Engine, layouts: Sequence[Layout], squares: bool = False) -> None:
    """Make for each layout the local table `cells_<number>`: its keys and sums; `rowid` is the group.

    The sums are `rows_in`, `cost` (fen) and `cost_sq`, the sum of squared costs (0 unless `squares`). More rows than
    the engine can group within its memory are grouped in parts, and the parts together.
    """
    for layout in layouts:
        parts = parts_of(layout, engine.most_rows)
        made = f"cells_{layout.number}"
        for part in parts:
            if part.part:
                relate(engine, part)
            engine.collect(f"{made}{part.part}", _grouped(part, part.rows, squares))
        if len(parts) > 1:
            together = " UNION ALL ".join(f"SELECT * FROM {made}{part.part}" for part in parts)
            counted = _grouped(layout, f"({together})", squares, again=True)
            engine.local.execute(f"CREATE TABLE {made} AS {counted}")
            for part in parts:
                engine.local.execute(f"DROP TABLE {made}{part.part}")


def _grouped(layout: Layout, relation: str, squares: bool, again: bool = False) -> str:
    """Return the SQL that groups rows, or `again` groups of them, by the keys of a layout."""
    keys = ", ".join(name(key) for key in layout.keys)
    square = "cost_sq" if again else "CAST(_cost AS DECIMAL(19, 0)) * CAST(_cost AS DECIMAL(19, 0))"
    costed = "cost_fen" in layout.columns
    sums = {
        "rows_in": "CAST(sum(rows_in) AS BIGINT)" if again else "count(*)",
        "cost": f"CAST(coalesce(sum({'cost' if again else '_cost'}), 0) AS BIGINT)" if costed else "CAST(0 AS BIGINT)",
        "cost_sq": f"CAST(coalesce(sum({square}), 0) AS DECIMAL(38, 0))" if costed and squares else "0",
    }
    listed = ", ".join(f"{sql} AS {column}" for column, sql in sums.items())
    return f"SELECT {keys}, {listed} FROM {relation} GROUP BY {keys}"


def know_places(local: duckdb.DuckDBPyConnection, folder: Path, law: Law) -> None:
    """Make the table `known_places`: each code of any year with its place of 2020, level, pool, province; and names."""
    known = _known_places()
    provinces = known["province"].unique().drop_nulls().to_list()
    pooled = [code for code in provinces if in_set(law.book, "province_pooled", code, law.year)]
    known = known.with_columns(pooled=pl.col("province").is_in(pooled))
    for table, frame in (("known_places", known), ("named_places", _named_places())):
        path = folder / f"{table}.parquet"
        frame.write_parquet(path, compression="uncompressed")
        local.execute(f"CREATE TABLE {table} AS SELECT * FROM read_parquet({text(str(path))})")


@functools.cache
def _known_places() -> pl.DataFrame:
    """Return each code of any year with its place of 2020: code, place_code, level, pool, province, old."""
    frame = old_codes.frame().select("code", "place_code", "level")
    now = places.frame().select(place_code="code", pool="pool_code", province="province_code")
    known = frame.join(now, on="place_code", how="left").with_columns(old=pl.col("code") != pl.col("place_code"))
    offices = known.filter((pl.col("code") == pl.col("pool")) & (pl.col("code") % 100 == 0)).with_columns(
        code=pl.col("code") + CITY_LEVEL, old=pl.lit(False)
    )
    provinces = known.filter(pl.col("level") == "province", pl.col("code") == pl.col("place_code"))
    ends = pl.DataFrame({"end": PROVINCE_LEVEL}, schema={"end": pl.Int32})
    at_province = provinces.join(ends, how="cross").with_columns(code=pl.col("code") + pl.col("end")).drop("end")
    known = pl.concat([known, at_province.join(known, on="code", how="anti")])
    return pl.concat([known, offices.join(known, on="code", how="anti")])


@functools.cache
def _named_places() -> pl.DataFrame:
    """Return the Chinese names that mean places of one pool only: name, pool."""
    rows = {
        (written, int(place.pool))
        for place in places.all_places()
        if place.pool and place.level != "zone"
        for written in (place.name_zh, place.short_zh)
    }
    frame = pl.DataFrame(sorted(rows), schema={"name": pl.String, "pool": pl.Int32}, orient="row")
    return (
        frame.group_by("name")
        .agg(pl.col("pool").n_unique().alias("pools"), pl.col("pool").first())
        .filter(pl.col("pools") == 1)
        .select("name", "pool")
    )


def read_cells(
    engine: Engine, layouts: Sequence[Layout], facts: tuple[str, ...], conditions: Sequence[Check], law: Law
) -> None:
    """Make the view `read_typed`: for each group `_layout`, `_cell`, its sums, `uncosted`, what it says, and `_bad`."""
    local = engine.local
    know_places(local, engine.folder, law)
    for layout in layouts:
        _learn(local, layout, facts)
    fails = " OR ".join(f"coalesce({check.fails}, false)" for check in conditions)
    had = {column for layout in layouts for column in (*layout.columns, *layout.permits, *layout.keys)}
    had |= {"coverage"} if had & {"coverage_from", "coverage_to"} else set()
    absent = {column: said for column, (source, said) in SAID_NOTHING.items() if source not in had}
    kept = ", ".join(column for column in typed(facts) if column.strip('"') not in absent)
    parts = [
        f"SELECT _layout, _cell, rows_in, cost, cost_sq, k_cost = {NO_COST} AS uncosted, {kept}, {fails} AS _bad FROM "
        f"({read_sql(layout, facts, law.year, f'(SELECT *, rowid AS _cell FROM cells_{layout.number})')})"
        for layout in layouts
    ]
    local.execute(f"CREATE TABLE kept_typed AS {' UNION ALL '.join(parts)}")
    constant = "".join(f", {said} AS {column}" for column, said in absent.items())
    local.execute(f"CREATE VIEW read_typed AS SELECT *{constant} FROM kept_typed")


def date_cells(local: duckdb.DuckDBPyConnection, start: int) -> None:
    """Make the view `typed` of `read_typed`: `months` of the 12 months from month `start` on, and their mask."""
    first, last = f"greatest(months_from, {start})", f"least(months_to, {start + 11})"
    within = f"greatest(0, {last} - {first} + 1)"
    mask = f"CASE WHEN {within} > 0 THEN ((1::BIGINT << {within}) - 1) << ({first} - {start}) ELSE 0 END"
    bad = " OR ".join(f"coalesce({check.fails}, false)" for check in month_checks())
    local.execute(
        f"CREATE VIEW typed AS SELECT * EXCLUDE (_bad), _bad OR {bad} AS _bad FROM (SELECT *, "
        f"CASE WHEN months_from IS NULL THEN coalesce(months_given, 12) ELSE {within} END::BIGINT AS months, "
        f"CASE WHEN months_from IS NOT NULL THEN {mask} END AS mask, "
        f"CASE WHEN months_from IS NOT NULL THEN {first} END AS first_month FROM read_typed)"
    )


def covered_rows(local: duckdb.DuckDBPyConnection, start: int) -> int:
    """Return how many dated rows have a month in the 12 months from month `start` on."""
    return count(
        local, f"SELECT sum(rows_in) FROM read_typed WHERE months_from <= {start + 11} AND months_to >= {start}"
    )


def read_sql(layout: Layout, facts: tuple[str, ...], year: int, cells: str) -> str:
    """Return the SQL of what the groups in `cells` say: `t_` texts, `h_` filled, `v_` values, and the typed columns."""
    wanted = columns_of(facts)
    joins: list[str] = []
    parts: list[str] = []
    for column in wanted:
        parts += _said(layout, column, joins)
    for key in ("k_born", "k_cost", "k_id", "k_id_born", "k_id_sex"):
        parts += [] if key in layout.keys else [f"{NO_COST if key == 'k_cost' else 'NULL'}::INTEGER AS {key}"]
    has_date = "(k_born IS NOT NULL OR k_born_raw IS NOT NULL)" if "birth_date" in layout.columns else "false"
    parts.append(f"{has_date} AS h_birth_date")
    parts.append(f"{_from_number(layout)} AS hukou_from_number")
    parts.append(f"{'k_born_raw' if 'birth_date' in layout.columns else 'NULL::VARCHAR'} AS t_birth_date")
    parts += ["NULL::VARCHAR AS t_person_id", "NULL::VARCHAR AS t_id_document_number", "NULL::VARCHAR AS t_cost_fen"]
    whole = f"SELECT c.*, {', '.join(parts)} FROM {cells} AS c {' '.join(joins)}"
    years = f"{year} - coalesce(k_born, k_id_born)"
    aged = f"SELECT *, coalesce(v_age, CASE WHEN {years} BETWEEN 0 AND {OLDEST} THEN {years} END) AS age FROM ({whole})"
    made = ", ".join(f"{sql} AS {column}" for column, sql in typed(facts).items() if column != "age")
    return f"SELECT *, {layout.number} AS _layout, {made} FROM ({aged})"


def columns_of(facts: Iterable[str]) -> tuple[str, ...]:
    """Return all columns that are read off groups, in a fixed order."""
    apart = {"person_id", "id_document_number", "cost_fen", "birth_date"}
    return tuple(column for column in dict.fromkeys((*READ, *facts)) if column not in apart)


def _learn(local: duckdb.DuckDBPyConnection, layout: Layout, facts: tuple[str, ...]) -> None:
    """Make for each column of a layout the table of its distinct cells with what they say (`raw`, `t`, `v`)."""
    wanted = columns_of(facts)
    first = layout.sources[0]
    cells = [(f"c_{column}", column, first.types[column]) for column in layout.raw if column in wanted]
    cells += [(f"p_{column}", column, "VARCHAR") for column in layout.permits if column in wanted]
    if "k_id_place" in layout.keys:
        cells.append(("k_id_place", "hukou_place", "VARCHAR"))
    for key, column, kind in cells:
        raw = f"SELECT DISTINCT {name(key)} AS raw FROM cells_{layout.number}"
        said = f"SELECT raw, {bare('raw', kind, column)} AS t FROM ({raw})"
        table = name(f"says_{layout.number}_{key}")
        local.execute(f"CREATE TABLE {table} AS SELECT raw, t, {value(column)} AS v FROM ({said})")


def _said(layout: Layout, column: str, joins: list[str]) -> list[str]:
    """Return the SQL of text, filled and value of a column, adding the joins that bring them."""
    keys = [f"p_{column}"] if column in layout.permits else []
    keys += [f"c_{column}"] if column in layout.raw else []
    keys += ["k_id_place"] if column == "hukou_place" and "k_id_place" in layout.keys else []
    for key in keys:
        table = name(f"says_{layout.number}_{key}")
        alias = name(f"s_{key}")
        joins.append(f"LEFT JOIN {table} AS {alias} ON c.{name(key)} = {alias}.raw")
    aliases = [name(f"s_{key}") for key in keys]
    if not keys:
        said, meant = "NULL::VARCHAR", f"CAST(NULL AS {_kind(column)})"
    elif len(keys) == 1:
        said, meant = f"{aliases[0]}.t", f"{aliases[0]}.v"
    else:
        said = f"coalesce({', '.join(f'{alias}.t' for alias in aliases)})"
        whens = " ".join(f"WHEN {alias}.t IS NOT NULL THEN {alias}.v" for alias in aliases)
        meant = f"CASE {whens} END"
    parts = [f"{said} AS {name(f't_{column}')}", f"({said}) IS NOT NULL AS {name(f'h_{column}')}"]
    if column in PLACES or column == "pooling_area_code":
        return parts + _place(column, meant, joins)
    if column == "enrolment_place_name":
        return [*parts, *_named(said, joins)]
    return [*parts, f"{meant} AS {name(f'v_{column}')}"]


def _from_number(layout: Layout) -> str:
    """Return the SQL of whether the hukou place is only read off the identity number."""
    if "k_id_place" not in layout.keys:
        return "false"
    return f"{name('s_p_hukou_place')}.t IS NULL" if "hukou_place" in layout.permits else "true"


def _kind(column: str) -> str:
    texts = ("person_class", "person_category", "scheme_code", "contribution_tier", "aid_group", "risk_group")
    if column in texts or column in {"id_document_type", "enrolment_place_name"}:
        return "VARCHAR"
    if column in PLACES or column in {"pooling_area_code", "sex", "age", "months", "coverage_from", "coverage_to"}:
        return "BIGINT"
    return "BOOLEAN"


def _place(column: str, code: str, joins: list[str]) -> list[str]:
    """Return the columns of a place: its code of 2020, level, pool, province, and whether the code is an older one."""
    side = "pool_area" if column == "pooling_area_code" else column.removesuffix("_place")
    joins.append(f"LEFT JOIN known_places AS at_{side} ON at_{side}.code = {code}")
    if side == "pool_area":
        return ["at_pool_area.pool AS v_pool_area", "NULL::INTEGER AS v_pooling_area_code"]
    found = [
        f"at_{side}.place_code AS v_{column}",
        f"at_{side}.level AS v_{side}_level",
        f"at_{side}.pool AS v_{side}_pool",
        f"at_{side}.province AS v_{side}_province",
        f"coalesce(at_{side}.old, false) AS v_{side}_old",
    ]
    return [*found, "coalesce(at_enrolment.pooled, false) AS v_pooled"] if side == "enrolment" else found


def _named(said: str, joins: list[str]) -> list[str]:
    """Return the pool that the name of the enrolment place means, empty where the name means nothing known."""
    if said == "NULL::VARCHAR":
        return ["NULL::INTEGER AS v_named_pool"]
    joins.append(f"LEFT JOIN named_places AS named ON named.name = {said}")
    return ["named.pool AS v_named_pool"]


__all__ = ["STATUS", "collapse", "columns_of", "covered_rows", "date_cells", "read_cells", "read_sql"]
