"""Sums and scores of the same Parquet rows are the same on Spark and on DuckDB."""

import polars as pl
import pytest

from people_files import invented, suiren, write_parquet
from suiren.risk.weights import ILLUSTRATIVE

pytest_plugins = ("spark_session",)


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """Invented rows with costs, beyond the whole numbers of a float in squares, as Parquet."""
    people = invented(300, 11)
    for number, row in enumerate(people):
        row["cost_fen"] = "" if number % 20 == 0 else str(number**4 + 10**9)
        row["risk_group"] = ""
    return write_parquet(tmp_path_factory.mktemp("rows") / "r.parquet", people)


def both(tmp_path, command, rows, *more):
    """The folders that both engines write."""
    for engine in ("duckdb", "spark"):
        ran = suiren("risk", command, rows, "-o", tmp_path / engine, "--engine", engine, "--lang", "en", *more)
        assert ran.code == 0, ran.err
    return tmp_path / "duckdb", tmp_path / "spark"


def test_sums_have_the_same_bytes(tmp_path, spark, rows):
    assert spark is not None
    one, other = both(tmp_path, "sums", rows, "--csv")
    for name in ("sums.parquet", "sums.csv"):
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    assert pl.read_parquet(one / "sums.parquet")["costed"].sum() > 200


def test_scores_are_the_same_rows(tmp_path, spark, rows):
    assert spark is not None
    one, other = both(
        tmp_path, "score", rows, "--weights", ILLUSTRATIVE, "--budget-fen", "987654321", "--uplift", "0.1"
    )
    scored = pl.read_parquet(one / "scores.parquet")
    parts = pl.read_parquet(other / "scores.parquet" / "part-*.parquet")
    order = list(scored.columns)
    assert scored["amount_fen"].sum() == 987654321
    assert scored.sort(order).equals(parts.select(order).sort(order))
