"""Sums of the ledgers of a comparison, as frames in fen (Int64, summed in 128 bits)."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from suiren import places
from suiren.laws import Law
from suiren.laws.payers import GOVERNMENTS, LEVELS, LOCAL_LEVELS
from suiren.laws.schema import EVIDENCE
from suiren.laws.split import central_share
from suiren.ledger.settle import Result
from suiren.money import apportion, exact_sum
from suiren.show.amounts import per_head

SUBNATIONAL = ("province", *LOCAL_LEVELS, "undivided")
"""The payers that belong to a province; what is undivided may hold central money, and is theirs until told apart."""

SUMS_OF_LEVELS = {"local": LOCAL_LEVELS, "governments": GOVERNMENTS, "total": LEVELS}
REGIONS = ("west", "centre", "east")
MOST_MOVERS = 5


def _summed(frame: pl.DataFrame, *columns: str, name: str = "amount_fen") -> pl.DataFrame:
    return frame.group_by(columns).agg(exact_sum("amount_fen").cast(pl.Int64).alias(name)).sort(columns)


def _against_first(frame: pl.DataFrame, key: str, amount: str, change: str) -> pl.DataFrame:
    """Return `frame` with the change of `amount` against the first scheme, row by row of `key`."""
    if frame.is_empty():
        return frame.with_columns(pl.col(amount).alias(change))
    first = frame.filter(pl.col("scheme") == frame["scheme"][0]).select(key, _first=pl.col(amount))
    joined = frame.join(first, on=key, how="left", maintain_order="left")
    return joined.with_columns((pl.col(amount) - pl.col("_first").fill_null(0)).alias(change)).drop("_first")


def payers(results: Sequence[Result]) -> pl.DataFrame:
    """Return one row for each scheme and payer level, with the sums local, governments and total: fen."""
    rows: list[dict[str, str | int]] = []
    for result in results:
        paid = dict(_summed(result.ledger, "payer_level").iter_rows())
        whole = {name: sum(paid.get(level, 0) for level in levels) for name, levels in SUMS_OF_LEVELS.items()}
        amounts = {level: paid.get(level, 0) for level in LEVELS} | whole
        rows += [{"scheme": result.scheme, "payer_level": level, "amount_fen": fen} for level, fen in amounts.items()]
    schema = {"scheme": pl.String, "payer_level": pl.String, "amount_fen": pl.Int64}
    return _against_first(pl.DataFrame(rows, schema=schema), "payer_level", "amount_fen", "change_fen")


def _province_of(column: str) -> pl.Expr:
    return pl.concat_str(pl.col(column).str.slice(0, 2), pl.lit("0000"))


def _enrolled(result: Result) -> pl.DataFrame:
    """Return the persons enrolled in each province's funds, as the run placed them."""
    heads = result.paid.group_by("enrolment_province").agg(exact_sum("persons").cast(pl.Int64))
    return heads.select(pl.col("enrolment_province").cast(pl.String).alias("province_code"), "persons")


def provinces(results: Sequence[Result]) -> pl.DataFrame:
    """Return one row for each scheme and province: heads, what its governments pay, what its funds receive, changes."""
    frames = [_provinces(result) for result in results]
    whole = pl.concat(frames)
    for amount in ("governments", "centre", "received"):
        change = "change_fen" if amount == "governments" else f"{amount}_change_fen"
        whole = _against_first(whole, "province_code", f"{amount}_fen", change)
    heads = [per_head(fen, count) for fen, count in whole.select("change_fen", "persons").iter_rows()]
    return whole.with_columns(per_head_fen=pl.Series(heads, dtype=pl.Int64))


def _provinces(result: Result) -> pl.DataFrame:
    ledger = result.ledger
    own = ledger.filter(pl.col("payer_level").is_in(SUBNATIONAL)).with_columns(province_code=_province_of("payer_code"))
    into = ledger.with_columns(province_code=_province_of("fund_code"))
    centre = into.filter(pl.col("payer_level") == "centre")
    frame = pl.DataFrame({"province_code": [place.code for place in places.provinces()]})
    parts = (
        _enrolled(result),
        _summed(own, "province_code", name="governments_fen"),
        _summed(centre, "province_code", name="centre_fen"),
        _summed(into, "province_code", name="received_fen"),
    )
    for part in parts:
        frame = frame.join(part, on="province_code", how="left", maintain_order="left")
    return frame.fill_null(0).select(pl.lit(result.scheme).alias("scheme"), pl.all())


def movers(by_province: pl.DataFrame) -> pl.DataFrame:
    """Return for each scheme but the first the five provinces whose governments pay least and most more than before."""
    schemes = by_province["scheme"].unique(maintain_order=True).to_list()
    frames: list[pl.DataFrame] = []
    for scheme in schemes[1:]:
        rows = by_province.filter(pl.col("scheme") == scheme)
        for side, down in (("less", False), ("more", True)):
            fits = pl.col("change_fen") > 0 if down else pl.col("change_fen") < 0
            best = rows.filter(fits).sort("change_fen", "province_code", descending=[down, False]).head(MOST_MOVERS)
            frames.append(best.with_row_index("rank", offset=1).with_columns(side=pl.lit(side)))
    columns = ("scheme", "side", "rank", "province_code", "change_fen", "per_head_fen")
    if not frames:
        return by_province.clear().with_columns(side=pl.lit(""), rank=pl.lit(0, pl.UInt32)).select(columns)
    return pl.concat(frames).select(columns)


def funds(results: Sequence[Result]) -> pl.DataFrame:
    """Return one row for each scheme and fund: fen of each payer level, total, and its change."""
    frames: list[pl.DataFrame] = []
    for result in results:
        paid = _summed(result.ledger, "fund_code", "payer_level")
        wide = paid.pivot("payer_level", index="fund_code", values="amount_fen")
        missing = [pl.lit(0, pl.Int64).alias(level) for level in LEVELS if level not in wide.columns]
        wide = wide.with_columns(missing).with_columns(pl.col(LEVELS).fill_null(0)).sort("fund_code")
        total = pl.sum_horizontal(LEVELS).alias("total_fen")
        frames.append(wide.select(pl.lit(result.scheme).alias("scheme"), "fund_code", *LEVELS, total))
    everyone = pl.concat(frames).select("fund_code").unique().sort("fund_code")
    whole = [
        everyone.join(frame, on="fund_code", how="left", maintain_order="left")
        .with_columns(pl.col(*LEVELS, "total_fen").fill_null(0))
        .select(pl.lit(result.scheme).alias("scheme"), pl.exclude("scheme"))
        for result, frame in zip(results, frames, strict=True)
    ]
    return _against_first(pl.concat(whole), "fund_code", "total_fen", "change_fen")


def statement(results: Sequence[Result]) -> pl.DataFrame:
    """Return what each government (medical aid included) owes to each fund under a scheme, fen; hukou pools summed."""
    owing = ("medical_aid", *GOVERNMENTS)
    frames = [
        _summed(
            result.ledger.filter(pl.col("payer_level").is_in(owing)), "payer_level", "payer_code", "fund_code"
        ).select(pl.lit(result.scheme).alias("scheme"), pl.all())
        for result in results
    ]
    order = pl.col("payer_level").replace_strict(
        {level: rank for rank, level in enumerate(LEVELS)}, return_dtype=pl.Int8
    )
    return pl.concat([frame.sort(order, "payer_code", "fund_code") for frame in frames])


def flows(results: Sequence[Result]) -> pl.DataFrame:
    """Return fen by scheme, payer level and region of the fund: the central tier of its pool, 1, 2, or 3 to 5."""
    return pl.concat([_flows(result) for result in results])


def _flows(result: Result) -> pl.DataFrame:
    region = {code: region_of(result.law, code) for code in result.ledger["fund_code"].unique().to_list()}
    mapped = result.ledger.with_columns(
        region=pl.col("fund_code").replace_strict(region, return_dtype=pl.String) if region else pl.lit("")
    )
    found = _summed(mapped, "payer_level", "region")
    grid = pl.DataFrame({"payer_level": LEVELS}).join(pl.DataFrame({"region": REGIONS}), how="cross")
    filled = grid.join(found, on=["payer_level", "region"], how="left", maintain_order="left")
    return filled.select(pl.lit(result.scheme).alias("scheme"), pl.all()).with_columns(
        pl.col("amount_fen").fill_null(0)
    )


def region_of(law: Law, pool: str) -> str:
    """Return the region of a pool by its central tier in the law's year: west (1), centre (2), east (3 to 5)."""
    tier = central_share(law.book, int(pool), law.year).tier.value
    return REGIONS[min(tier, 3) - 1]


def evidence(results: Sequence[Result]) -> pl.DataFrame:
    """Return fen and share (basis points of the item) by scheme, item and grade of evidence, strongest first."""
    return pl.concat([_graded(result, _summed(result.ledger, "item", "evidence")) for result in results])


def figures(results: Sequence[Result]) -> pl.DataFrame:
    """Return the same for the law's figures alone, leaving aside how people were placed and which doors they took."""
    columns = ("item", "evidence", "amount_fen")
    return pl.concat([_graded(result, result.figures.select(columns)) for result in results])


def _graded(result: Result, summed: pl.DataFrame) -> pl.DataFrame:
    found = {(item, grade): fen for item, grade, fen in summed.iter_rows()}
    rows: list[dict[str, str | int]] = []
    for item in ("subsidy", "contribution"):
        amounts = [found.get((item, grade), 0) for grade in EVIDENCE]
        rows += [
            {"scheme": result.scheme, "item": item, "evidence": grade, "amount_fen": fen, "share_bp": share}
            for grade, fen, share in zip(EVIDENCE, amounts, tenths(amounts), strict=True)
        ]
    schema = {
        "scheme": pl.String,
        "item": pl.String,
        "evidence": pl.String,
        "amount_fen": pl.Int64,
        "share_bp": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema)


def tenths(amounts: Sequence[int]) -> list[int]:
    """Return the shares of amounts in basis points, in whole tenths of a per cent that add up to 100."""
    return [10 * part for part in apportion(1000 if sum(amounts) else 0, amounts)]


def checks(results: Sequence[Result]) -> pl.DataFrame:
    """Return the sums that each run held against each other: scheme, name, value (persons or fen)."""
    rows = [(result.scheme, name, value) for result in results for name, value in result.checks.items()]
    return pl.DataFrame(rows, schema={"scheme": pl.String, "name": pl.String, "value": pl.Int64}, orient="row")


def headlines(results: Sequence[Result]) -> pl.DataFrame:
    """Return for each scheme the change of what centre, provinces, local governments, all and persons pay, fen."""
    changes = payers(results)
    rows = [
        {
            "population": result.people.name,
            "scheme": result.scheme,
            "elsewhere": result.counts["elsewhere"],
            **{
                f"{level}_fen": int(
                    changes.filter((pl.col("scheme") == result.scheme) & (pl.col("payer_level") == level))[
                        "change_fen"
                    ][0]
                )
                for level in ("centre", "province", "local", "undivided", "governments", "individual")
            },
        }
        for result in results
    ]
    return pl.DataFrame(rows)


__all__ = [
    "REGIONS",
    "SUBNATIONAL",
    "checks",
    "evidence",
    "figures",
    "flows",
    "funds",
    "headlines",
    "movers",
    "payers",
    "provinces",
    "region_of",
    "statement",
    "tenths",
]
