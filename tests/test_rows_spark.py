"""The bodies of test_rows.py on Spark: the same oracle, the same bytes; and tables that only Spark knows."""

import polars as pl
import pytest

import test_rows
from faulty_rows import FORMATS, Maker, write_native
from people_files import files, suiren

pytest_plugins = ("spark_session",)
ROWS = 400


@pytest.fixture
def engine(spark):
    """The engine of the tests' bodies, once its session is there."""
    assert spark is not None
    return "spark"


@pytest.mark.parametrize(
    ("format_", "scheme"), [("parquet", "current"), ("csv", "risk-adjusted"), ("ledger", "portable")]
)
def test_rows_are_what_the_oracle_says(tmp_path, engine, format_, scheme):
    rows = Maker(7, FORMATS[format_][0]).rows(ROWS)
    test_rows.held_against_the_oracle(tmp_path, rows, format_, scheme, engine, parts=2)


def test_costs_beyond_the_whole_numbers_of_a_float_add_up(tmp_path, engine):
    test_rows.test_costs_beyond_the_whole_numbers_of_a_float_add_up(tmp_path, engine)


def test_both_engines_give_the_same_bytes(tmp_path, engine):
    rows = Maker(8, "nhsa").rows(ROWS)
    path = write_native(tmp_path / "r.parquet", rows)
    made = {}
    for name in ("duckdb", engine):
        test_rows.settle(tmp_path / name, [path], "portable", name, "--bills")
        made[name] = files(tmp_path / name)
    for name in ("ledger.parquet", "balances.parquet", "quarantine.csv", "statement.xlsx"):
        assert made["duckdb"][name] == made[engine][name], name
    one = pl.read_parquet(tmp_path / "duckdb" / "bills.parquet")
    parts = pl.read_parquet(tmp_path / engine / "bills.parquet" / "part-*.parquet")
    order = [column for column in one.columns if column != "person_id"]
    assert one.sort("person_id", *order).equals(parts.sort("person_id", *order))


def test_a_table_of_the_catalog_settles_like_the_file_it_was_made_of(tmp_path, engine, spark):
    path = write_native(tmp_path / "r.parquet", Maker(9, "nhsa").rows(ROWS))
    spark.read.parquet(str(path)).write.saveAsTable("registry")
    test_rows.settle(tmp_path / "file", [path], "portable", "duckdb")
    ran = test_rows.settle(tmp_path / "table", ["spark:registry"], "portable", engine)
    spark.sql("DROP TABLE registry")
    assert "registry" in ran.out
    made, want = files(tmp_path / "table"), files(tmp_path / "file")
    assert made["ledger.parquet"] == want["ledger.parquet"]
    ran = suiren("settle", "spark:no_such_table", "-o", tmp_path / "none", "--engine", engine, "--lang", "en")
    assert ran.code == 1
    assert "no such table" in ran.err.lower()
