"""Writes a run's files: staged in a folder beside the target, renamed as a whole, the manifest last."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Generator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import polars as pl

import suiren
from suiren.errors import fail
from suiren.laws import Law
from suiren.ledger.settle import Result, balances
from suiren.leftovers import sweep
from suiren.people.files import sha256
from suiren.people.quarantine import QUARANTINE

MANIFEST = "manifest.json"
LIBRARIES = ("polars", "duckdb", "altair", "vl-convert-python", "xlsxwriter")


@contextlib.contextmanager
def replaced(target: Path) -> Generator[Path]:
    """Yield an empty folder to write into; on success it becomes `target` as a whole, on failure it is gone.

    Raises:
        SuirenError: `target` is a file, or a folder with something in it that is not an earlier run of ours.
    """
    check_target(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    sweep(target.parent, f".{target.name}.")
    staged = target.parent / f".{target.name}.{os.getpid()}.part"
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir()
    try:
        yield staged
        _swap(staged, target)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def check_target(target: Path) -> None:
    """Raise an error where `target` may not be replaced: only a new, an empty or an earlier result's folder may.

    An earlier result is a folder with our manifest and no file that the manifest does not name.
    """
    above = next(parent for parent in (target, *target.absolute().parents) if parent.exists())
    if not above.is_dir():
        raise fail("E-out", f"{above.name!r} is a file; results need a folder.", do="Name a folder with -o.")
    if target.absolute() == Path.cwd():
        raise fail(
            "E-out", "Results replace their folder as a whole, so it cannot be the one you are in.", do="Use -o out."
        )
    if not target.is_dir():
        return
    strange = sorted({path.name for path in target.iterdir()} - _written(target / MANIFEST))
    if strange:
        raise fail(
            "E-out-full",
            f"The folder {str(target)!r} holds {', '.join(strange[:3])}, which is no earlier result of Suiren.",
            "It would be lost.",
            "Name an empty or new folder with -o.",
        )


def _written(manifest: Path) -> set[str]:
    """Return the names of the files that a manifest of ours names, itself included; empty where it is none of ours."""
    try:
        held = json.loads(manifest.read_text(encoding="utf-8"))
        return {*(name.split("/")[0] for name in held["outputs"]), MANIFEST} if "suiren" in held else set()
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _swap(staged: Path, target: Path) -> None:
    old = target.parent / f".{target.name}.{os.getpid()}.old"
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    staged.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def write_tables(folder: Path, results: Sequence[Result]) -> None:
    """Write `ledger.parquet` and `balances.parquet` of a run."""
    ledger = pl.concat([result.ledger for result in results])
    ledger.write_parquet(folder / "ledger.parquet", compression="zstd", statistics=True)
    balances(results).write_parquet(folder / "balances.parquet", compression="zstd", statistics=True)


def write_quarantine(folder: Path, quarantine: pl.DataFrame | None) -> None:
    """Write `quarantine.csv`, with its header alone where nothing was held."""
    held = quarantine if quarantine is not None else pl.DataFrame(schema=QUARANTINE)
    held.with_columns(pl.col("value").replace("", None)).write_csv(folder / "quarantine.csv")


def write_manifest(folder: Path, facts: dict[str, Any], results: Sequence[Result], law: Law | None = None) -> None:
    """Write `manifest.json`: what went in, what came out, with which versions, and the sums that were checked."""
    written = (path for path in sorted(folder.rglob("*")) if path.is_file() and path != folder / MANIFEST)
    outputs = {path.relative_to(folder).as_posix(): sha256(path) for path in written}
    law = results[0].law if results else law
    manifest = {
        "suiren": suiren.__version__,
        "python": ".".join(map(str, sys.version_info[:2])),
        "libraries": {name: metadata.version(name) for name in LIBRARIES},
        "law": {"year": law.year, "sha256": law.tables.digest} if law is not None else {},
        "weights": {result.scheme: result.weights_sha256 for result in results if result.weights_sha256},
        **facts,
        "schemes": [
            {"scheme": result.scheme, "counts": result.counts, "conserved": result.checks} for result in results
        ],
        "outputs": outputs,
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def run(
    target: Path,
    results: Sequence[Result],
    facts: dict[str, Any],
    quarantine: pl.DataFrame | None = None,
    more: Sequence[Callable[[Path], None]] = (),
) -> None:
    """Write a whole run into `target`: tables, what `more` writes (report, workbook, bills), the manifest last."""
    with replaced(target) as folder:
        write_tables(folder, results)
        write_quarantine(folder, quarantine)
        for write in more:
            write(folder)
        write_manifest(folder, facts, results)
