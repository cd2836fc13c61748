"""What several test modules share: the law's tables, the built-in population, a fixed profile for Hypothesis."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import suiren as sr
from suiren.people.kinds import People

settings.register_profile(
    "suiren", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suiren")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Tests of one Spark session run in one process: it is started once."""
    for item in items:
        if "spark" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("spark"))


@pytest.fixture(scope="session")
def tables() -> Path:
    """The folder of the shipped law tables."""
    return Path(sr.__file__).parent / "laws" / "tables"


@pytest.fixture(scope="session")
def china() -> People:
    """The built-in population, read once."""
    return sr.population("china-2020")
