"""Build the modelled population china-2020 from a folder of public tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

__all__ = ["build"]


def build(source: Path, out: Path, progress: Callable[[str], object] = print) -> None:
    """Write `china-2020.parquet` and `china-2020.json` into the folder `out`, from the tables in `source`.

    The same tables give the same bytes. Both files appear under their names only when whole, the description last.
    """
    from suiren.people.build.make import make

    make(source, out, progress)
