"""Input files: what a user names becomes Parquet that an engine reads, and what each of its columns is taken for."""

from __future__ import annotations

from suiren.people.files.inputs import sources_of
from suiren.people.files.source import Source, said, sha256

__all__ = ["Source", "said", "sha256", "sources_of"]
