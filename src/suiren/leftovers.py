"""Folders that a killed run left behind: found by the process number in their name, removed by the next run."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path


def sweep(folder: Path, before: str) -> None:
    """Remove the folders `<before><process number>...` of `folder` whose process is gone and which are ours."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        number = re.match(r"(\d+)[-.]", path.name.removeprefix(before)) if path.name.startswith(before) else None
        if number and not _alive(int(number[1])) and _ours(path):
            shutil.rmtree(path, ignore_errors=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _ours(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and path.stat().st_uid == Path.home().stat().st_uid
