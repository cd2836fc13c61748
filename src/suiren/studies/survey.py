"""A user's survey file as people with scheme, place of insurance, weight and design; what was left out is counted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from suiren import places
from suiren.errors import Problem, SuirenError, raise_all
from suiren.studies.study import Table
from suiren.studies.survey_answers import answers
from suiren.studies.survey_file import Raw, read_raw
from suiren.studies.survey_mapping import EARLIEST, LATEST, Mapping, read_mapping

HEAVIEST = 10**9
WEIGHT_DIGITS = 15
"""Weights become whole numbers of at most this many digits, so that their sums do not depend on the order of rows."""
LARGEST_POWER = 300
"""The largest power of ten that a weight is multiplied with at once; the next few would be infinite."""
MOST_NAMED = 5
"""How many wrong values one message names."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows something is true of, and whether they are left out for it."""

    id: str
    rows: int
    left_out: bool
    en: str
    zh: str


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """The people of a survey file, one row each.

    `people` has year (Int32), weight (Int64, proportional), stratum and cluster (UInt32, dense, no cluster in two
    strata), province (String or null), and for each scheme whether the person is in it (Int8 0 or 1) and whether at
    the place of the interview (`_where`, Int8 or null).
    """

    name: str
    rows: int
    people: pl.DataFrame
    counts: tuple[Count, ...]
    schemes: tuple[str, ...]
    weighted: bool
    stratified: bool
    clustered: bool
    placed: bool
    remarks: tuple[tuple[str, str], ...] = ()

    def count(self, which: str) -> int:
        """How many rows the count `which` holds."""
        return next(count.rows for count in self.counts if count.id == which)


def read(file: str | Path, mapping: Mapping | str | Path | None) -> Survey:
    """The survey in a Stata, SPSS, CSV or Parquet file, read through a mapping.

    Raises:
        SuirenError: no mapping, a file that cannot be read, or values that the mapping does not explain; all at once.
    """
    how = mapping if isinstance(mapping, Mapping) else read_mapping(mapping)
    raw = read_raw(file, how.variables)
    shown = Path(file).name
    problems: list[Problem] = list(raw.problems)
    found = [*_design(raw.rows, how, shown, problems), *answers(raw.rows, how, shown, problems)]
    raise_all(problems)
    rows = pl.DataFrame({column.name: column for column in found}, height=raw.rows.height)
    rows, unknown = _placed(rows, raw, how)
    unplaced = _unplaced(raw.rows, how, unknown)
    people, counts = _kept(rows, how, unknown)
    if people.is_empty():
        what = f"No row of {raw.rows.height:,} can be used."
        told = "; ".join(f"{count.en}: {count.rows:,}" for count in counts if count.left_out and count.rows)
        raise SuirenError(Problem("E-survey-empty", what, "There is nothing to tabulate.", f"{told}.", shown))
    return Survey(
        shown,
        raw.rows.height,
        people,
        counts,
        how.schemes,
        bool(how.variable("weight")),
        bool(how.variable("stratum")),
        bool(how.variable("cluster")),
        bool(how.variable("place")),
        (*raw.remarks, *unplaced, *_heavy(people)),
    )


def tables(survey: Survey) -> tuple[Table, ...]:
    """Tables 1, 2 and 3 of paper B from the survey, and what was counted on the way."""
    from suiren.studies.survey_tables import tables as made

    return made(survey)


def _design(rows: pl.DataFrame, how: Mapping, shown: str, problems: list[Problem]) -> list[pl.Series]:
    """Columns person_id, year, weight, stratum, cluster, place; all null where not mapped, but weight 1."""
    made = [_column(rows, how.variable(field), field) for field in ("person_id", "stratum", "cluster", "place")]
    if how.year is not None:
        year = pl.Series("year", [how.year], dtype=pl.Int32).new_from_index(0, rows.height)
    else:
        text = _column(rows, how.variable("year"), "year")
        year = text.cast(pl.Int32, strict=False)
        year = year.set(~year.is_between(EARLIEST, LATEST).fill_null(value=False), None)
        wrong = f"is no year of four digits from {EARLIEST} to {LATEST}"
        _tell_wrong(text.filter(text.is_not_null() & year.is_null()), wrong, "year", shown, problems)
    return [*made, year.alias("year"), _weights(rows, how.variable("weight"), shown, problems)]


def _column(rows: pl.DataFrame, variable: str, field: str) -> pl.Series:
    if variable:
        return rows[variable].alias(field)
    return pl.Series(field, [None], dtype=pl.String).new_from_index(0, rows.height)


def _weights(rows: pl.DataFrame, variable: str, shown: str, problems: list[Problem]) -> pl.Series:
    """Column `weight`: whole numbers in the proportion of the weights, null where empty or 0, 1 without a variable."""
    if not variable:
        return pl.Series("weight", [1], dtype=pl.Int64).new_from_index(0, rows.height)
    text = rows[variable].alias("weight")
    weight = text.cast(pl.Float64, strict=False)
    good = weight.is_finite().fill_null(value=False) & weight.is_between(0, HEAVIEST).fill_null(value=False)
    wrong = f"is no weight from 0 to {HEAVIEST:,}"
    _tell_wrong(text.filter(text.is_not_null() & ~good), wrong, f"weight ({variable})", shown, problems)
    weight = weight.set(~good, None)
    largest = weight.max()
    places_ = WEIGHT_DIGITS - 1 - math.floor(math.log10(largest)) if isinstance(largest, float) and largest > 0 else 0
    first = min(places_, LARGEST_POWER)
    whole = (weight * 10.0**first * 10.0 ** (places_ - first)).round(0).cast(pl.Int64)
    return whole.set(whole == 0, None).alias("weight")


def _heavy(people: pl.DataFrame) -> tuple[tuple[str, str], ...]:
    """A remark where one person has more weight than all others of a year; none elsewhere."""
    weights = people.group_by("year").agg(pl.col("weight").max().alias("most"), pl.col("weight").cast(pl.Int128).sum())
    if (
        people.height == weights.height
        or weights.filter(pl.col("most").cast(pl.Int128) * 2 > pl.col("weight")).is_empty()
    ):
        return ()
    return (
        (
            "one person has more weight than all others of the year: check the weights",
            "有一人的权重超过同年其余各人之和：请核对权重",
        ),
    )


def _tell_wrong(values: pl.Series, what: str, field: str, shown: str, problems: list[Problem]) -> None:
    """Add one problem that names the first wrong values and counts their rows."""
    if values.is_empty():
        return
    named = ", ".join(repr(value[:20]) for value in values.unique().sort().head(MOST_NAMED))
    text = f"{field}: {values.len():,} rows hold what {what}, such as {named}."
    problems.append(Problem("E-survey-value", text, "Is another variable meant?", "Correct file or mapping.", shown))


def _placed(rows: pl.DataFrame, raw: Raw, how: Mapping) -> tuple[pl.DataFrame, pl.Series]:
    """The rows with `province` instead of `place`, and whether the place of a row is stated but unknown."""
    stated = rows["place"].drop_nulls().unique().sort().to_list()
    labels = raw.labels.get(how.variable("place"), {})
    province = {text: _province(text) or _province(labels.get(text, "")) for text in stated}
    provinces = rows["place"].replace_strict(province, default=None, return_dtype=pl.String).alias("province")
    return rows.drop("place").with_columns(provinces), rows["place"].is_not_null() & provinces.is_null()


def _unplaced(rows: pl.DataFrame, how: Mapping, unknown: pl.Series) -> tuple[tuple[str, str], ...]:
    """A remark that names the first places that are not known; none where all are."""
    if not unknown.any():
        return ()
    values = rows[how.variable("place")].filter(unknown).unique().sort()
    named = ", ".join(
        "".join(each if each.isprintable() else "?" for each in value[:20]) for value in values.head(MOST_NAMED)
    )
    return ((f"places not known ({values.len():,}): {named}", f"无法识别的地点（{values.len():,} 个）：{named}"),)


def _province(text: str) -> str | None:
    """The six-digit province code of a place: a name, or a code of two digits or more that begins with the province."""
    if not text:
        return None
    if text.isascii() and text.isdecimal():
        code = text[:2] + "0000"
        return code if code in {place.code for place in places.provinces()} else None
    try:
        return places.find(text, "any").province
    except SuirenError:
        return None


def _kept(rows: pl.DataFrame, how: Mapping, unknown: pl.Series) -> tuple[pl.DataFrame, tuple[Count, ...]]:
    """The rows that can be used, and what was counted; the first reason for which a row is left out counts."""
    schemes = how.schemes
    someone = pl.any_horizontal(*(pl.col(scheme).eq(1).fill_null(value=False) for scheme in schemes))
    silent = pl.any_horizontal(*(pl.col(scheme).is_null() for scheme in schemes))
    same, conflicting = _duplicates(rows)
    timed = pl.lit(bool(how.variable("year")))
    reason = (
        pl.when(same)
        .then(pl.lit("duplicate"))
        .when(conflicting)
        .then(pl.lit("conflict"))
        .when(timed & pl.col("year").is_null())
        .then(pl.lit("year"))
        .when(pl.col("weight").is_null())
        .then(pl.lit("weight"))
        .when(~someone & silent)
        .then(pl.lit("answer"))
    )
    marked = rows.with_columns(unknown.alias("_unknown"), reason.alias("_reason"), silent.alias("_silent"))
    left = dict(marked.group_by("_reason").len().iter_rows())
    kept = marked.filter(pl.col("_reason").is_null())
    held = pl.sum_horizontal(*(pl.col(scheme).fill_null(0) for scheme in schemes))
    lost = [pl.col(scheme).eq(1).fill_null(value=False) & pl.col(f"{scheme}_where").is_null() for scheme in schemes]
    seen = kept.select(
        partial=pl.col("_silent").sum(),
        double=(held >= 2).sum(),
        where=pl.any_horizontal(*lost).sum(),
        unknown=pl.col("_unknown").sum(),
        no_place=(pl.col("province").is_null() & ~pl.col("_unknown")).sum(),
        no_stratum=pl.col("stratum").is_null().sum() if how.variable("stratum") else pl.lit(0),
        no_cluster=pl.col("cluster").is_null().sum() if how.variable("cluster") else pl.lit(0),
    ).row(0, named=True)
    return _numbered(kept, schemes), _counts(rows.height, kept.height, left, seen)


def _duplicates(rows: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Whether a row repeats an earlier one in all that is read of it; whether rows of its id and year differ."""
    if rows["person_id"].null_count() == rows.height:
        none = pl.Series([False], dtype=pl.Boolean).new_from_index(0, rows.height)
        return none, none
    key = ["person_id", "year"]
    twice = rows.select(pl.struct(key).is_duplicated() & pl.col("person_id").is_not_null()).to_series()
    numbered = rows.with_row_index("_row").filter(twice)
    first = numbered.unique(rows.columns, keep="first", maintain_order=True)
    differing = numbered.join(
        first.group_by(key, maintain_order=True).len("_n").filter(pl.col("_n") > 1), key, "semi", nulls_equal=True
    )
    conflict = rows.with_row_index("_row")["_row"].is_in(differing["_row"].implode())
    repeated = twice & ~rows.with_row_index("_row")["_row"].is_in(first["_row"].implode())
    return repeated & ~conflict, conflict


def _numbered(kept: pl.DataFrame, schemes: tuple[str, ...]) -> pl.DataFrame:
    """The people with dense numbers of strata and clusters; an unanswered scheme beside an answered one is not held."""
    stratum = pl.concat_str(
        pl.col("year").cast(pl.String).fill_null(""), pl.col("stratum").fill_null(""), separator="\x1f"
    )
    cluster = pl.when(pl.col("cluster").is_not_null()).then(
        pl.concat_str(stratum, pl.lit("\x1f"), pl.col("cluster").fill_null(""))
    )
    lone = pl.int_range(pl.len()).cast(pl.UInt32)
    ranked = cluster.rank("dense").cast(pl.UInt32)
    return kept.select(
        "year",
        "weight",
        stratum.rank("dense").cast(pl.UInt32).alias("stratum") - 1,
        pl.coalesce(ranked - 1, lone + pl.coalesce(ranked.max(), 0)).alias("cluster"),
        "province",
        *(pl.col(scheme).fill_null(0) for scheme in schemes),
        *(f"{scheme}_where" for scheme in schemes),
    )


def _counts(rows: int, used: int, left: dict[str | None, int], seen: dict[str, int]) -> tuple[Count, ...]:
    out = {which: left.get(which, 0) for which in ("duplicate", "conflict", "year", "weight", "answer")}
    return (
        Count("rows", rows, False, "rows in the file", "文件行数"),
        Count("duplicate", out["duplicate"], True, "repeat another row of the same person", "同一人的重复行"),
        Count("conflict", out["conflict"], True, "same person, different answers", "同一编号而回答不同"),
        Count("year", out["year"], True, "no year", "无年份"),
        Count("weight", out["weight"], True, "weight missing or 0", "权重缺失或为 0"),
        Count("answer", out["answer"], True, "insurance not answered", "参保问题未回答"),
        Count("used", used, False, "rows used", "使用行数"),
        Count(
            "partial",
            seen["partial"],
            False,
            "some scheme not answered, another held: counted as not held",
            "部分险种未答而已参加另一险种：未答者按未参加计",
        ),
        Count(
            "double", seen["double"], False, "in two schemes or more: counted in each", "重复参保：在各险种中分别计入"
        ),
        Count("where", seen["where"], False, "a scheme held, its place not answered", "已参保而未答参保地"),
        Count("unknown", seen["unknown"], False, "place not known: not in table 3", "地点无法识别：不进入表 3"),
        Count("no_place", seen["no_place"], False, "place not stated: not in table 3", "未填地点：不进入表 3"),
        Count(
            "no_stratum", seen["no_stratum"], False, "stratum not stated: one stratum of their own", "未填层：合为一层"
        ),
        Count("no_cluster", seen["no_cluster"], False, "cluster not stated: each a cluster", "未填群：各自为群"),
    )
