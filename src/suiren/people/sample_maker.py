"""What is asked of an invented registry, checked, and the maker of its rows, block by block."""

from __future__ import annotations

import itertools
import math
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import numpy as np
import polars as pl

from suiren import laws
from suiren.errors import Problem, did_you_mean, raise_all
from suiren.money import parse_share
from suiren.people.faults import Plan, edit, pair
from suiren.people.sample_rows import BLOCK, MOST_ROWS, Array, Registry, Rows, mixed
from suiren.people.sample_shapes import FORMATS, frame_of, permits_of

FILE_ROWS = 10_000_000
"""Rows of one file where the number of files is not given."""
MOST_FILES = 1000
KINDS = ("parquet", "csv")
SUFFIXES = {".parquet": "parquet", ".csv": "csv", ".txt": "csv"}
AHEAD = 2
"""Blocks that are made at a time."""
GOLDEN = 0.6180339887

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for, checked."""

    rows: int
    target: Path
    format: str
    share: Fraction
    seed: int
    files: int
    kind: str
    year: int
    permits: bool
    single: bool
    """True where the target is a file, not a folder."""


def order_of(
    rows: int,
    target: Path,
    format_: str,
    faults: str | Fraction | int,
    seed: int,
    files: int | None,
    kind: str | None,
    year: int,
    permits: bool,
) -> Order:
    """Return the checked order; raise all that is wrong with it at once."""
    problems: list[Problem] = []
    single = target.suffix.lower() in SUFFIXES
    ledger = format_ == "nhsa-ledger"
    natural = SUFFIXES[target.suffix.lower()] if single else "csv" if ledger else "parquet"
    if not 1 <= rows <= MOST_ROWS:
        problems.append(Problem("E-value", f"{rows:,} rows: a sample has 1 to {MOST_ROWS:,}."))
    if format_ not in FORMATS:
        hint = did_you_mean(format_, FORMATS) or f"Use {', '.join(FORMATS)}."
        problems.append(Problem("E-value", f"A sample has no format {format_!r}.", do=hint))
    if kind not in {None, *KINDS}:
        problems.append(Problem("E-value", f"A sample is no {kind!r}.", do="Use parquet or csv."))
    elif kind is not None and single and kind != natural:
        problems.append(Problem("E-value", f"{target.name} is no name for {kind}.", do="Leave --as out."))
    elif ledger and "parquet" in {kind, natural}:
        problems.append(Problem("E-value", "The ledger's shape is text.", do="Leave --as out, or name a .txt file."))
    wanted = files if files is not None else 1 if single else max(1, -(-rows // FILE_ROWS))
    if not 1 <= wanted <= min(MOST_FILES, max(rows, 1)) or (single and wanted > 1):
        most = 1 if single else min(MOST_FILES, max(rows, 1))
        problems.append(Problem("E-value", f"{wanted:,} files: here 1 to {most:,}.", do="Name a folder with -o."))
    if not 0 <= seed < 2**31:
        problems.append(Problem("E-value", f"The seed {seed} is not between 0 and {2**31 - 1:,}."))
    share = Fraction(0)
    try:
        share = parse_share(str(faults))
    except ValueError as error:
        problems.append(Problem("E-share", f"faults: {error}."))
    if not 0 <= share <= 1:
        problems.append(Problem("E-share", f"A share of {faults} of the rows is not between 0 and 1."))
    raise_all(problems)
    return Order(rows, target, format_, share, seed, wanted, kind or natural, year, permits or ledger, single)


class Maker:
    """Makes the rows of an order, a block at a time, each from its number alone."""

    def __init__(self, order: Order) -> None:
        """Load the population and the law of the year."""
        self.order = order
        self.registry = Registry(laws.law(order.year).book, order.seed)
        self.plan = Plan(order.rows, order.share, order.seed, order.format)
        self.blocks = -(-order.rows // BLOCK)
        self.found: Counter[int] = Counter()

    def size(self, block: int) -> int:
        """Return the rows of a block: those of the ranks block, block + blocks, ..."""
        return (self.order.rows - block + self.blocks - 1) // self.blocks

    def start(self, block: int) -> int:
        """Return the place in the registry of a block's first row, from 0."""
        return block * (self.order.rows // self.blocks) + min(block, self.order.rows % self.blocks)

    def turn(self, block: Array, inside: Array) -> Array:
        """Return which of its ranks a place inside a block holds: steps near the golden section, from a drawn start."""
        longer = self.order.rows % self.blocks
        sizes = np.array([self.size(0), self.order.rows // self.blocks])
        steps = np.array([_step(int(size)) for size in sizes])
        which = (block >= longer).astype(np.int64) if longer else np.ones_like(block)
        size = sizes[which]
        begin = (mixed(block.astype(np.uint64), self.order.seed + 7) >> np.uint64(33)).astype(np.int64) % size
        return (inside * steps[which] + begin) % size

    def rank_of(self, place: Array) -> Array:
        """Return the ranks of the rows at these places in the registry."""
        size, longer = divmod(self.order.rows, self.blocks)
        edge = longer * (size + 1)
        block = np.where(place < edge, place // (size + 1), longer + (place - edge) // size)
        inside = place - block * size - np.minimum(block, longer)
        return (block + self.blocks * self.turn(block, inside)).astype(np.uint64)

    def rows(self, block: int) -> tuple[Rows, Array]:
        """Return the rows of a block and the fault of each (index or -1)."""
        size = self.size(block)
        ranks = np.arange(size, dtype=np.uint64) * np.uint64(self.blocks) + np.uint64(block)
        turned = self.turn(np.array([block]), np.arange(size))
        rank, kind = ranks[turned], self.registry.kind_at(ranks, self.order.rows)[turned]
        if not self.order.share:
            return self.registry.rows(rank, kind), np.full(size, -1)
        place = self.start(block) + np.arange(size)
        fault, second = self.plan.at(place)
        struck, own = np.flatnonzero(second), rank.copy()
        rank[struck] = self.rank_of(place[struck] - self.plan.half)
        kind[struck] = self.registry.kind_at(rank[struck], self.order.rows)
        return pair(self.registry.rows(rank, kind), self.plan, fault, second, self.registry, own), fault

    def records(self) -> Iterator[pl.DataFrame]:
        """Yield the rows in the order's shape; count the faults."""
        for frame, found in self._ahead(self._record):
            self.found += found
            yield frame

    def permits(self) -> Iterator[pl.DataFrame]:
        """Yield person number, place of hukou and permit, a row for each person."""
        yield from self._ahead(lambda block: permits_of(self.registry, self.rows(block)[0]))

    def _record(self, block: int) -> tuple[pl.DataFrame, Counter[int]]:
        rows, fault = self.rows(block)
        frame = frame_of(self.order.format, self.registry, rows, self.order.year)
        if not self.order.share:
            return frame, Counter()
        index, count = np.unique(fault[fault >= 0], return_counts=True)
        counted = Counter(dict(zip(index.tolist(), count.tolist(), strict=True)))
        return edit(frame, self.plan, fault, self.order.year), counted

    def _ahead(self, make: Callable[[int], T]) -> Iterator[T]:
        """Yield what `make` gives for each block in order, the next blocks being made meanwhile."""
        with ThreadPoolExecutor(AHEAD) as pool:
            waiting: deque[Future[T]] = deque()
            for block in range(self.blocks):
                waiting.append(pool.submit(make, block))
                if len(waiting) > AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()


def _step(size: int) -> int:
    """Return the number nearest above the golden section of `size` that has no divisor in common with it."""
    step = int(size * GOLDEN) + 1
    return next(each for each in itertools.count(step) if math.gcd(each, size) == 1)
