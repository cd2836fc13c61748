"""An invented population with claims, written as person rows with health groups and costs, and the truth beside it.

People are those of china-2020 in some counties; births, deaths and movers are covered for a part of the year, the last
months of life are dear, people of whose prior year nothing is known have no health group. `<name>-truth.csv` holds
what each cell's people cost in expectation, `<name>-about.json` every setting, and how much of the cost age, sex and
health groups explain. No number in it is about anybody: see parameters.csv.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
from polars.io.plugins import register_io_source

import suiren
from suiren import laws
from suiren.errors import Problem, SuirenError, fail, raise_all
from suiren.people import sample_maker
from suiren.people.files import sha256
from suiren.people.sample import INVENTED
from suiren.people.sample_maker import Order, order_of
from suiren.people.sample_rows import BLOCK
from suiren.risk.claims import fit as claims_fit
from suiren.risk.claims.draw import Counties, Maker
from suiren.risk.claims.model import ORIGINS, PARAMETERS, model

TRUTH, ABOUT = "truth.csv", "about.json"
KEYS = ("sex", "age_from", "age_to", "risk_group", "origin")
MOST_COUNTIES = 2900

Tell = Callable[[str], None]


def sample(
    rows: int,
    target: str | Path,
    seed: int = 1,
    counties: int | None = None,
    year: int = 2021,
    law: str | None = None,
    tell: Tell | None = None,
) -> dict[str, Any]:
    """Write `rows` invented person rows with claims into a Parquet file, the truth beside it; return what is told.

    The same rows, seed, counties and notice year give the same bytes.

    Raises:
        SuirenError: what is asked for cannot be (all problems at once), or a file is there that is not ours.
    """
    path = Path(target)
    order, wanted = _order(rows, path, seed, counties, year)
    beside = {name: path.with_name(f"{path.stem}-{name}") for name in (TRUTH, ABOUT)}
    _check_ours(path, beside)
    say = tell or (lambda _: None)
    maker = _Maker(order, wanted, law)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        _write(part, maker.shown(say))
        say("R²")
        report = _report(maker, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    maker.truth().write_csv(beside[TRUTH])
    document = {**report, "outputs": {file.name: sha256(file) for file in (path, beside[TRUTH])}}
    beside[ABOUT].write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return document


def _order(rows: int, path: Path, seed: int, counties: int | None, year: int) -> tuple[Order, int]:
    """Return the checked order and the number of counties; raise all that is wrong at once."""
    problems: list[Problem] = []
    held: Order | None = None
    if path.suffix.lower() != ".parquet":
        problems.append(Problem("E-value", f"{path.name} is no name for Parquet.", do="Name a .parquet file with -o."))
    try:
        held = order_of(rows, path.with_suffix(".parquet"), "plain", 0, seed, 1, None, year, False)
    except SuirenError as error:
        problems += error.problems
    single = model().single
    wanted = counties or max(single["least_counties"], min(rows // single["persons_a_county"], MOST_COUNTIES))
    if counties is not None and not 1 <= counties <= MOST_COUNTIES:
        problems.append(Problem("E-value", f"{counties:,} counties: a sample has 1 to {MOST_COUNTIES:,}."))
    raise_all(problems)
    if held is None:
        raise AssertionError("an order without problems is held")
    return held, wanted


class _Maker(sample_maker.Maker):
    """Makes rows with claims, a block at a time, and adds up the truth."""

    def __init__(self, order: Order, counties: int, law: str | None) -> None:
        super().__init__(replace(order, share=order.share))
        self.counties = Counties(laws.law(order.year, law).book, order.seed, counties)
        self.registry = self.counties
        self.claims = Maker(self.counties, model())
        self.true: dict[int, pl.DataFrame] = {}

    def _record(self, block: int) -> tuple[pl.DataFrame, Counter[int]]:
        rows, _ = self.rows(block)
        claims = self.claims.claims(rows)
        frame = self.claims.frame(rows, claims)
        truth = frame.select(
            pl.col("sex", "age", "months", "cost_fen"),
            pl.col("risk_group").fill_null(""),
            origin=pl.Series(list(ORIGINS)).gather(claims.origin),
            expected_fen=pl.Series(claims.expected),
        )
        self.true[block] = _added(truth.with_columns(persons=pl.lit(1, pl.Int64), person_months=pl.col("months")))
        return frame, Counter()

    def shown(self, say: Tell) -> Iterator[pl.DataFrame]:
        """Yield the rows, telling how many are made."""
        done = 0
        for frame in self.records():
            done += frame.height
            yield frame
            say(f"{done:,} of {self.order.rows:,} rows")

    def truth(self) -> pl.DataFrame:
        """Return persons, person-months, cost and true expected cost in fen, by sex, age band, group and origin."""
        whole = _added(pl.concat([self.true[block] for block in sorted(self.true)]))
        bands = pl.DataFrame(
            {
                "age": range(121),
                "age_from": [max(low for low in claims_fit.AGES if low <= age) for age in range(121)],
                "age_to": [min((low for low in claims_fit.AGES if low > age), default=121) - 1 for age in range(121)],
            },
            schema_overrides={"age": pl.Int16},
        )
        sums = ("persons", "person_months", "cost_fen", "expected_fen")
        return whole.join(bands, on="age", how="left").group_by(KEYS).agg(pl.col(sums).sum()).sort(KEYS)


def _added(frame: pl.DataFrame) -> pl.DataFrame:
    keys = ("sex", "age", "risk_group", "origin")
    sums = ("persons", "person_months", "cost_fen", "expected_fen")
    return frame.group_by(keys).agg(pl.col(sums).cast(pl.Int64).sum())


def _write(path: Path, frames: Iterator[pl.DataFrame]) -> None:
    """Write a stream of frames as one Parquet file that says it is invented."""
    first = next(frames)

    def batches(columns: list[str] | None, *_: Any) -> Iterator[pl.DataFrame]:
        for frame in itertools.chain([first], frames):
            yield frame if columns is None else frame.select(columns)

    register_io_source(batches, schema=first.schema).sink_parquet(
        path, compression="zstd", compression_level=1, row_group_size=BLOCK, metadata=INVENTED, engine="streaming"
    )


def _report(maker: _Maker, path: Path) -> dict[str, Any]:
    """Return what the sample is made of, and what it shows of itself."""
    shares = (
        pl.scan_parquet(path)
        .select(
            part_year=pl.col("months") < 12,
            died="died",
            newborn=pl.col("age") == 0,
            aged_80_and_over=pl.col("age") >= 80,
            without_history=pl.col("risk_group").is_null(),
            with_a_health_group=pl.col("risk_group").fill_null("none") != "none",
            without_cost=pl.col("cost_fen") == 0,
        )
        .mean()
        .collect(engine="streaming")
        .row(0, named=True)
    )
    truth = maker.truth()
    away = truth.filter(pl.col("origin") != "here")["persons"].sum() / maker.order.rows
    cost, years = int(truth["cost_fen"].sum()), int(truth["person_months"].sum()) / 12
    return {
        "suiren": suiren.__version__,
        "invented": True,
        "rows": maker.order.rows,
        "counties": maker.counties.counties,
        "settings": {"seed": maker.order.seed, "notice_year": maker.order.year, "parameters": sha256(PARAMETERS)},
        "cost_fen": cost,
        "expected_fen": int(truth["expected_fen"].sum()),
        "cost_fen_a_person_year": round(cost / years),
        "shares": {name: round(share, 4) for name, share in ({**shares, "from_elsewhere": away}).items()},
        "r_squared": claims_fit.told(path),
    }


def _check_ours(path: Path, beside: dict[str, Path]) -> None:
    """Raise an error where a file stands that is no sample of ours, or beside one of another name."""
    about = beside[ABOUT]
    ours = False
    if about.exists():
        try:
            held = json.loads(about.read_text(encoding="utf-8"))
            ours = bool(held["invented"]) and set(held["outputs"]) == {path.name, beside[TRUTH].name}
        except (OSError, ValueError, KeyError, TypeError):
            ours = False
    there = [file.name for file in (path, *beside.values()) if file.exists()]
    if there and not ours:
        raise fail(
            "E-out-full",
            f"{', '.join(there)} is there already and is no invented population of Suiren.",
            "It would be lost.",
            "Name another file with -o.",
        )


__all__ = ["ABOUT", "KEYS", "TRUTH", "sample"]
