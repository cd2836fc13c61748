"""One Spark session for all tests, as a plugin: a test module that needs it says `pytest_plugins = ("spark_session",)`.

Without Java its tests are skipped and the last line of the run says so; where CI=true they fail.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from suiren.engines.spark import SparkEngine, spark_engine
from suiren.engines.spark_start import find_java, session
from suiren.errors import SuirenError

MEMORY = "1GB"


class LastLine:
    """Says after everything else that tests were left out."""

    def pytest_unconfigure(self) -> None:
        print("The Spark tests were left out: Java 17 or later, or PySpark, is not on this machine.")  # noqa: T201


@pytest.fixture(scope="session")
def spark(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The session that every test of this run shares; engines made meanwhile borrow it."""
    try:
        import pyspark  # noqa: F401

        find_java()
    except (ImportError, SuirenError) as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"Spark cannot be tested: {error}")
        if not request.config.pluginmanager.has_plugin("last_line"):
            request.config.pluginmanager.register(LastLine(), "last_line")
        pytest.skip(str(error))
    with session("local[2]", MEMORY, tmp_path_factory.mktemp("spark")) as started:
        yield started


@pytest.fixture
def engine(spark: Any, tmp_path: Path) -> Iterator[SparkEngine]:
    """A new engine on the shared session, with a local database of its own."""
    assert spark is not None
    folder = tmp_path / "run"
    folder.mkdir()
    with duckdb.connect() as local, spark_engine(local, folder) as made:
        local.execute("SET TimeZone = 'Asia/Shanghai'")
        yield made
