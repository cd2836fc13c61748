"""An invented registry of any size that follows china-2020, written as files of person rows.

The draw is systematic: rows are ranked, and the row of rank r of N stands for the person floor(r * persons / N) of
the population sorted by pool of enrolment, so each pool has its share of the rows to within one row. Rows are then
strewn, so that neighbours in a file are strangers. Everything else about a row is read off a hash of its rank and the
seed: no clock, no order of threads, no generator's state; any row can be made without the rows before it.

What is added to the population is assumed and invented: within a band each year of age is as likely, from 85 on it
thins out towards 99; students are 18 to 22; 70 % of rows carry a county's code, drawn by population, the others the
pool's; 5 % are not covered the whole year; of people from elsewhere 40 % hold a permit, 40 % hold none, of the rest
it is not known; one adult in ten chose the dearest tier where there is one; 4 % have their contribution paid by
medical aid. Person numbers begin with X, identity numbers with 99, where no place is.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
from polars.io.plugins import register_io_source

import suiren
from suiren.errors import fail
from suiren.ledger import write
from suiren.people.faults import tally
from suiren.people.files import sha256
from suiren.people.sample_maker import Maker, Order, order_of
from suiren.people.sample_rows import BLOCK

INVENTED = {"suiren": "invented"}

Tell = Callable[[str], None]


def sample(
    rows: int,
    target: str | Path,
    format_: str = "plain",
    faults: str | Fraction | int = 0,
    seed: int = 1,
    files: int | None = None,
    tell: Tell | None = None,
    *,
    kind: str | None = None,
    year: int = 2021,
    permits: bool = False,
) -> dict[str, Any]:
    """Write an invented registry of `rows` rows into a folder or a file; return its counts, faults by code included.

    `faults` is the share of rows that are struck. `year` is the notice year, cover runs in the year after it. With
    `permits`, and always for the ledger, which tells no place of hukou, `<target>-permits.parquet` is written beside.

    Raises:
        SuirenError: what is asked for cannot be (all problems at once), or the target holds something else.
    """
    order = order_of(rows, Path(target), format_, faults, seed, files, kind, year, permits)
    maker = Maker(order)
    say = tell or (lambda _: None)
    beside = order.target.with_name(f"{order.target.stem if order.single else order.target.name}-permits.parquet")
    if order.permits:
        _check_file(beside)
    if order.single:
        _check_file(order.target)
    else:
        write.check_target(order.target)
    order.target.parent.mkdir(parents=True, exist_ok=True)
    report = _write_file(maker, order, say) if order.single else _write_folder(maker, order, say)
    if order.permits:
        say("permits")
        _replaced(beside, lambda path: _parquet(path, maker.permits()))
        report["permits"] = beside.as_posix()
    return report


def _write_folder(maker: Maker, order: Order, say: Tell) -> dict[str, Any]:
    """Write the files and what tells of them into the target folder, as a whole."""
    suffix = "parquet" if order.kind == "parquet" else "txt" if order.format == "nhsa-ledger" else "csv"
    with write.replaced(order.target) as folder:
        source = _Cut(maker.records(), order.rows, say)
        for number in range(order.files):
            size = (number + 1) * order.rows // order.files - number * order.rows // order.files
            _write(folder / f"invented-{number:03}.{suffix}", source.next(size), order)
        report = _report(maker, [path.name for path in sorted(folder.iterdir())])
        if order.share:
            _json(folder / "faults.json", report)
            report["told_in"] = (order.target / "faults.json").as_posix()
        say("check sums")
        outputs = {path.name: sha256(path) for path in sorted(folder.iterdir())}
        about = {"suiren": suiren.__version__, "invented": True, "settings": _settings(order), "outputs": outputs}
        _json(folder / write.MANIFEST, about)
    return report


def _write_file(maker: Maker, order: Order, say: Tell) -> dict[str, Any]:
    """Write one file, and beside it what was put in where there are faults."""
    beside = order.target.with_name(f"{order.target.stem}-faults.json")
    if order.share:
        _check_file(beside)
    source = _Cut(maker.records(), order.rows, say)
    _replaced(order.target, lambda path: _write(path, source.next(order.rows), order))
    report = _report(maker, [order.target.name])
    if order.share:
        _replaced(beside, lambda path: _json(path, report))
        report["told_in"] = beside.as_posix()
    return report


class _Cut:
    """Frames of a stream, cut where one file ends and the next begins."""

    def __init__(self, frames: Iterator[pl.DataFrame], rows: int, say: Tell) -> None:
        self._frames, self._rows, self._say = frames, rows, say
        self._left: pl.DataFrame | None = None
        self._done = 0

    def next(self, size: int) -> Iterator[pl.DataFrame]:
        """Yield the next `size` rows."""
        while size > 0:
            frame = self._left if self._left is not None else next(self._frames)
            self._left = frame[size:] if frame.height > size else None
            head = frame[:size]
            size -= head.height
            self._done += head.height
            yield head
            self._say(f"{self._done:,} of {self._rows:,} rows")


def _write(path: Path, frames: Iterator[pl.DataFrame], order: Order) -> None:
    if order.kind == "parquet":
        _parquet(path, frames)
        return
    ledger = order.format == "nhsa-ledger"
    with path.open("wb") as file:
        for number, frame in enumerate(frames):
            frame.write_csv(
                file,
                include_header=number == 0,
                separator="~" if ledger else ",",
                quote_style="never" if ledger else "necessary",
            )


def _parquet(path: Path, frames: Iterator[pl.DataFrame]) -> None:
    """Write a stream of frames as one Parquet file that says it is invented."""
    first = next(frames)

    def batches(columns: list[str] | None, *_: Any) -> Iterator[pl.DataFrame]:
        for frame in itertools.chain([first], frames):
            yield frame if columns is None else frame.select(columns)

    register_io_source(batches, schema=first.schema).sink_parquet(
        path, compression="zstd", compression_level=1, row_group_size=BLOCK, metadata=INVENTED, engine="streaming"
    )


def _report(maker: Maker, names: list[str]) -> dict[str, Any]:
    """Return what was written: rows, files, each fault, and how many rows must meet each code."""
    listed = tally(maker.plan, maker.found) if maker.order.share else []
    codes: Counter[str] = Counter()
    for fault in listed:
        for code in fault["codes"]:
            codes[code] += fault["quarantined"] // len(fault["codes"])
    return {
        "suiren": suiren.__version__,
        "invented": True,
        "rows": maker.order.rows,
        "settings": _settings(maker.order),
        "files": names,
        "quarantined": sum(codes.values()),
        "codes": dict(sorted(codes.items())),
        "faults": listed,
        "told_in": "",
        "permits": "",
    }


def _settings(order: Order) -> dict[str, Any]:
    return {
        "format": order.format,
        "faults": str(order.share),
        "seed": order.seed,
        "notice_year": order.year,
        "coverage_year": order.year + 1,
    }


def _json(path: Path, document: Mapping[str, Any]) -> None:
    """Write a document without what only says where it stands."""
    document = {name: value for name, value in document.items() if name not in {"told_in", "permits"}}
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _check_file(path: Path) -> None:
    """Raise an error where a file stands that does not say that it is an invented one of ours."""
    if path.exists() and not _ours(path):
        raise fail(
            "E-out-full",
            f"{path.name} is there already and is no invented registry of Suiren.",
            "It would be lost.",
            "Name another file with -o.",
        )


def _ours(path: Path) -> bool:
    try:
        if path.suffix == ".json":
            return bool(json.loads(path.read_text(encoding="utf-8"))["invented"])
        return path.suffix == ".parquet" and pl.read_parquet_metadata(path).get("suiren") == INVENTED["suiren"]
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError):
        return False


def _replaced(path: Path, make: Callable[[Path], None]) -> None:
    """Make a file under a temporary name; give it its own once it is whole."""
    part = path.with_name(f".{path.name}.part")
    try:
        make(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
