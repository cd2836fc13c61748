"""The Spark engine: rows keep file and number, texts mean what they mean on DuckDB, nothing stays behind."""

import datetime as dt
import os
from pathlib import Path

import duckdb
import polars as pl
import pytest

from suiren.engines.engine import BLANKS
from suiren.engines.spark import SparkEngine, part_done, spark_engine
from suiren.engines.spark_read import duck_type, spark_type, unreadable
from suiren.engines.spark_start import LEAST_MEMORY, find_java, heap_mebibytes, is_local, java_version
from suiren.engines.tell import Tell
from suiren.errors import SuirenError

pytest_plugins = ("spark_session",)

NAMES = (
    "b c.parquet",
    "数据.parquet",
    "x*[1]{a}.parquet",
    "p%20q.parquet",
    "_hid.parquet",
    "h#?.parquet",
    "q'\".parquet",
)


def rows(engine: SparkEngine, sql: str) -> list[tuple]:
    engine.collect("asked", sql)
    return engine.local.execute("SELECT * FROM asked ORDER BY ALL NULLS LAST").fetchall()


def types(engine: SparkEngine, sql: str) -> dict[str, str]:
    engine.collect("asked", sql)
    return {row[0]: row[1] for row in engine.local.execute("DESCRIBE asked").fetchall()}


def test_rows_of_many_files_keep_their_file_and_their_position(engine, tmp_path):
    paths = [tmp_path / file for file in NAMES]
    for number, path in enumerate(paths):
        pl.DataFrame({"place": range(1, number + 2)}).write_parquet(path)
    engine.relation("people", paths, range(7, 7 + len(paths)), False)
    wanted = [(7 + number, place, place) for number in range(len(paths)) for place in range(1, number + 2)]
    assert rows(engine, "SELECT _file, _row, place FROM people") == wanted


def test_rows_of_a_split_file_keep_their_position(engine, tmp_path):
    path = tmp_path / "large.parquet"
    frame = pl.DataFrame({"place": range(1, 200_001)}).with_columns(word=(pl.col("place") * 7919 % 999_983).cast(str))
    frame.write_parquet(path, row_group_size=10_000)
    engine._spark.conf.set("spark.sql.files.maxPartitionBytes", "100k")
    engine.relation("people", [path], [0], False)
    assert engine._spark.table("people").rdd.getNumPartitions() > 5
    assert rows(engine, "SELECT count(*), count(DISTINCT _row), min(_row), max(_row) FROM people") == [
        (200_000, 200_000, 1, 200_000)
    ]
    assert rows(engine, "SELECT count(*) FROM people WHERE _row <> place") == [(0,)]
    assert rows(engine, "SELECT _row FROM people WHERE place IN (3, 150000)") == [(3,), (150_000,)]


def test_numbered_files_bring_their_own_numbers(engine, tmp_path):
    path = tmp_path / "copy.parquet"
    pl.DataFrame({"_row": [4, 9], "age": [30, None], "_file": [1, 1]}).write_parquet(path)
    engine.relation("people", [path], [2], True)
    assert rows(engine, "SELECT * FROM people") == [(2, 4, 30), (2, 9, None)]
    assert types(engine, "SELECT * FROM people") == {"_file": "INTEGER", "_row": "BIGINT", "age": "BIGINT"}


def test_columns_of_unknown_types_are_left_out_and_dates_of_data_frames_stay(engine, tmp_path):
    path = tmp_path / "odd.parquet"
    noon = dt.datetime(1990, 5, 1, 12, 30)  # noqa: DTZ001
    frame = pl.DataFrame({"born": [noon], "at": [dt.time(1, 2)], "u": pl.Series([2**64 - 1], dtype=pl.UInt64)})
    frame = frame.with_columns(pl.col("born").cast(pl.Datetime("ns")), pl.lit("a").cast(pl.Categorical).alias("c.d"))
    frame.write_parquet(path)
    assert unreadable(engine.local, path) == ("at",)
    engine.relation("people", [path], [0], False)
    asked = 'SELECT CAST(born AS DATE) AS day, CAST(born AS STRING) AS born, CAST(u AS STRING) AS u, "c.d" FROM people'
    assert rows(engine, asked) == [(dt.date(1990, 5, 1), "1990-05-01 12:30:00", "18446744073709551615", "a")]


def test_a_file_in_which_nothing_can_be_read_still_has_rows(engine, tmp_path):
    path = tmp_path / "times.parquet"
    pl.DataFrame({"at": [dt.time(1, 2)]}).write_parquet(path)
    engine.relation("people", [path], [0], False)
    assert rows(engine, "SELECT * FROM people") == [(0, 1)]


def test_names_that_differ_in_case_alone_spoil_nothing(engine, tmp_path):
    path = tmp_path / "case.parquet"
    pl.DataFrame({"note": [1], "NOTE": [2], "age": [3]}).write_parquet(path)
    engine.relation("people", [path], [0], False)
    assert rows(engine, "SELECT * FROM people") == [(0, 1, 3)]


def test_small_tables_travel_both_ways(engine):
    engine.local.execute(
        "CREATE TABLE small AS SELECT sum(2::BIGINT ** 62::BIGINT)::HUGEINT AS s, 'a\\b''c' AS t, NULL::VARCHAR AS n, "
        "DATE '1990-05-01' AS d, true AS b, 7::TINYINT AS k FROM range(5)"
    )
    engine.send("small")
    assert types(engine, "SELECT * FROM small") == {
        "s": "DECIMAL(38,0)",
        "t": "VARCHAR",
        "n": "VARCHAR",
        "d": "DATE",
        "b": "BOOLEAN",
        "k": "TINYINT",
    }
    assert rows(engine, "SELECT * FROM small") == [(5 * 2**62, "a\\b'c", None, dt.date(1990, 5, 1), True, 7)]
    engine.local.execute("CREATE OR REPLACE TABLE small AS SELECT 1 AS one")
    engine.send("small")
    assert rows(engine, "SELECT * FROM small") == [(1,)]


def test_an_empty_result_keeps_its_columns(engine):
    assert types(engine, "SELECT 1 AS a, 'x' AS b WHERE 1 = 0") == {"a": "INTEGER", "b": "VARCHAR"}
    engine.send("asked")
    assert rows(engine, "SELECT * FROM asked") == []


def test_a_view_is_a_name_for_a_query(engine):
    engine.view("twice", "SELECT 2 * a AS a FROM (VALUES (1), (2)) AS v(a)")
    engine.view("plus", "SELECT a + 1 AS a FROM twice")
    assert rows(engine, "SELECT * FROM plus") == [(3,), (5,)]


@pytest.mark.parametrize("value", ["it's", "a\\nb", "\\", '"', "数 据", "$1", "a\nb\tc", "\\'"])
def test_a_literal_means_what_it_says(engine, value):
    assert rows(engine, f"SELECT {engine.literal(value)} AS a") == [(value,)]


@pytest.mark.parametrize(
    ("cell", "pattern", "fits"),
    [("12", "[0-9]{2}", True), ("12\n", "[0-9]{2}", False), ("123", "[0-9]{2}|3", False), ("a12", "[0-9]+", False)],
)
def test_a_pattern_fits_the_whole_or_not(engine, cell, pattern, fits):
    assert rows(engine, f"SELECT {engine.full_match(engine.literal(cell), pattern)} AS a") == [(fits,)]


def test_hashes_are_64_bits_and_equal_for_equal_texts(engine):
    asked = f"SELECT {engine.hash64('a')} AS h FROM (VALUES ('x'), ('x'), ('y')) AS v(a)"
    assert types(engine, asked) == {"h": "BIGINT"}
    assert len({row[0] for row in rows(engine, asked)}) == 2


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT sum(a) AS s FROM (VALUES (9223372036854775807), (1)) AS v(a)",
        "SELECT a + 1 AS s FROM (VALUES (9223372036854775807)) AS v(a)",
        "SELECT CAST(a AS INTEGER) AS s FROM (VALUES ('x')) AS v(a)",
    ],
)
def test_nothing_overflows_in_silence(engine, sql):
    with pytest.raises(SuirenError) as told:
        engine.collect("never", sql)
    assert "'x'" not in str(told.value)


SAME_TEXT = (
    "SELECT k, count(*) AS n, CAST(sum(n) AS BIGINT) AS s FROM t GROUP BY ALL ORDER BY ALL NULLS LAST",
    "SELECT t.n FROM t SEMI JOIN (SELECT 2 AS k) AS b USING (k) ORDER BY n",
    "SELECT t.n FROM t ANTI JOIN (SELECT 2 AS k) AS b USING (k) ORDER BY n",
    "SELECT a.n, b.n AS m FROM t AS a JOIN t AS b ON a.k IS NOT DISTINCT FROM b.k ORDER BY 1, 2",
    "SELECT n, CAST(row_number() OVER (PARTITION BY k ORDER BY s NULLS LAST, n) AS BIGINT) AS r FROM t ORDER BY n",
    "SELECT CAST(bit_or(CASE WHEN n > 10 THEN 4 ELSE 1 END) AS INTEGER) AS b, min_by(s, n) AS m FROM t",
    "SELECT try_cast('2021-02-30' AS DATE) AS a, try_cast('2020-02-29' AS DATE) AS b, try_cast('x' AS INTEGER) AS c",
    "SELECT substr('11010519491231002X', 7, 8) || '-' || lpad('7', 3, '0') AS a, split_part('1/2', '/', 2) AS b",
    "SELECT (ascii('9') - 48) * 7 % 11 AS a, substr('10X98765432', 1 + 167 % 11, 1) AS b, 7 & 5 AS c, 7 | 8 AS d",
    "SELECT CAST(CAST(440000199001011264 AS DOUBLE) AS BIGINT) AS a, CAST(DATE '1990-05-01' AS STRING) AS b",
    "SELECT k AS a, a + 1 AS b FROM t WHERE n = 10",
    "SELECT upper('a数x') AS a, translate('a12', '0123456789', '') AS b, length('a😀数') = 3 AS c, 'a' < 'ab' AS d",
    f"SELECT trim(BOTH '{BLANKS}' FROM '{BLANKS}a{BLANKS}b{BLANKS}') AS a, length('{BLANKS}') = 7 AS b",
    "SELECT 'it''s' AS a, coalesce(NULL, 'b') AS b, nullif('', '') AS c, '数' > '据' AS d, 'é' = 'e' AS e",
)


@pytest.mark.parametrize("sql", SAME_TEXT)
def test_the_same_text_says_the_same_on_both_engines(engine, sql):
    made = "SELECT * FROM (VALUES (1, 'a', 10), (2, 'b', 20), (2, NULL, 30), (NULL, 'b', 40)) AS v(k, s, n)"
    engine.view("t", made)
    engine.local.execute(f"CREATE TABLE t AS {made}")
    engine.collect("asked", sql)
    assert engine.local.execute("SELECT * FROM asked").fetchall() == engine.local.execute(sql).fetchall()


def test_parts_are_written_in_order_and_nothing_beside_them(engine, tmp_path):
    target = tmp_path / "bills"
    engine.write("SELECT id AS person_id FROM range(0, 5000, 1, 3) ORDER BY id", target)
    parts = sorted(path.name for path in target.iterdir())
    assert parts == [f"part-{number:05}.parquet" for number in range(len(parts))]
    assert pl.read_parquet(target / "*.parquet")["person_id"].to_list() == list(range(5000))


def test_a_failed_write_leaves_nothing(engine, tmp_path):
    target = tmp_path / "bills"
    with pytest.raises(SuirenError):
        engine.write("SELECT CAST(s AS INTEGER) AS a FROM (VALUES ('1'), ('x')) AS v(s)", target)
    assert not target.exists()


def test_rows_of_a_table_are_counted_through_its_files(engine):
    engine._spark.sql("DROP TABLE IF EXISTS registry")
    engine._spark.sql(
        "CREATE TABLE registry USING parquet AS SELECT CAST(id AS STRING) AS who FROM range(0, 900, 1, 3)"
    )
    assert "files" in engine.relation_of_table("people", "registry", 4)
    first = rows(engine, "SELECT * FROM people")
    assert sorted(row[1] for row in first) == list(range(1, 901))
    assert {row[0] for row in first} == {4}
    engine.relation_of_table("again", "registry", 4)
    assert rows(engine, "SELECT * FROM again") == first
    assert engine.types_of_table("registry") == {"who": "VARCHAR"}
    engine._spark.sql("DROP TABLE registry")


def test_rows_of_a_view_are_counted_in_a_copy(engine):
    engine._spark.sql("CREATE OR REPLACE TEMP VIEW chosen AS SELECT id FROM range(0, 90, 1, 3) WHERE id % 2 = 0")
    assert "copy" in engine.relation_of_table("people", "chosen", 0)
    assert [row[1] for row in rows(engine, "SELECT * FROM people")] == list(range(1, 46))


def test_a_table_that_is_not_there_is_told(engine):
    with pytest.raises(SuirenError, match="no such table"):
        engine.relation_of_table("people", "nowhere_at_all", 0)


def test_a_file_that_is_no_longer_whole_is_told(engine, tmp_path):
    path = tmp_path / "cut.parquet"
    pl.DataFrame({"a": range(1000)}).write_parquet(path)
    engine.relation("people", [path], [0], False)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(SuirenError, match="Spark stopped"):
        engine.collect("never", "SELECT sum(a) AS s FROM people")


class Heard(Tell):
    heard = True

    def __init__(self) -> None:
        self.parts: list[float] = []

    def part(self, done: float) -> None:
        self.parts.append(done)


def test_progress_grows_to_at_most_one(spark, tmp_path, monkeypatch):
    monkeypatch.setattr("suiren.engines.spark.LOOK_EVERY", 0.01)
    told = Heard()
    with duckdb.connect() as local, spark_engine(local, tmp_path, tell=told) as engine:
        engine.collect("counted", "SELECT count(*) AS n FROM range(0, 3000000, 1, 8) GROUP BY id % 1000")
    assert told.parts == sorted(set(told.parts))
    assert all(0 < part <= 1 for part in told.parts)
    assert part_done(spark.sparkContext.statusTracker(), "no such group") == 0


def test_a_running_session_is_borrowed_and_another_master_told(spark, tmp_path):
    with duckdb.connect() as local:
        with spark_engine(local, tmp_path, "local[*]") as engine:
            engine.view("mine", "SELECT 1 AS a")
        with (
            pytest.raises(SuirenError, match=r"local\[2\]"),
            spark_engine(local, tmp_path, "spark://nowhere:7077", work=tmp_path),
        ):
            pass
    assert spark.sql("SELECT 1 AS a").collect()[0][0] == 1
    assert "mine" not in [table.name for table in spark.catalog.listTables()]


def test_a_work_folder_is_left_as_it_was(spark, tmp_path):
    work, folder = tmp_path / "work", tmp_path / "run"
    work.mkdir()
    folder.mkdir()
    with duckdb.connect() as local, spark_engine(local, folder, work=work) as engine:
        engine.collect("one", "SELECT 1 AS a")
        inside = list(work.iterdir())
        assert [path.stat().st_mode & 0o777 for path in inside] == [0o700]
        assert inside[0].name.startswith(f"suiren-{os.getpid()}-")
    assert not list(work.iterdir())
    assert spark is not None


def test_a_cluster_without_a_common_folder_is_told(tmp_path):
    with (
        duckdb.connect() as local,
        pytest.raises(SuirenError, match="--work"),
        spark_engine(local, tmp_path, "spark://nowhere:7077"),
    ):
        pass


@pytest.mark.parametrize(
    ("memory", "mebibytes"),
    [("4GB", 3814), ("4 GiB", 4096), ("1.5gb", 1430), ("2000000KB", 1907), ("300MB", LEAST_MEMORY >> 20), ("2g", 1907)],
)
def test_memory_is_a_heap_in_mebibytes(memory, mebibytes):
    assert heap_mebibytes(memory) == mebibytes


@pytest.mark.parametrize("memory", ["much", "", "4XB", "-1GB"])
def test_an_amount_of_memory_that_is_none_is_told(memory):
    with pytest.raises(SuirenError, match="memory"):
        heap_mebibytes(memory)


def fake_java(folder: Path, line: str) -> Path:
    java = folder / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!/bin/sh\necho '{line}' >&2\n")
    java.chmod(0o755)
    return java


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('java version "1.8.0_452"', 8),
        ('openjdk version "25" 2025-09-16', 25),
        ("no version", 0),
    ],
)
def test_the_version_of_a_java(tmp_path, line, version):
    assert java_version(str(fake_java(tmp_path, line))) == version


def test_a_java_that_is_missing_or_old_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "none"))
    with pytest.raises(SuirenError, match="E-java-missing"):
        find_java()
    fake_java(tmp_path, 'openjdk version "11.0.2"')
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(SuirenError, match="E-java-old"):
        find_java()
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SuirenError, match="openjdk-17"):
        find_java()


def test_types_are_named_on_both_sides():
    assert spark_type("UBIGINT") == "decimal(20,0)"
    assert spark_type("DECIMAL(18,3)") == "decimal(18,3)"
    assert [spark_type(kind) for kind in ("UUID", "INTERVAL", "TIME", "STRUCT(a INTEGER)", "INTEGER[]")] == [None] * 5
    known = ("varchar(20)", "char(2)", "string", "timestamp", "timestamp_ntz", "decimal(5,2)", "array<int>")
    assert [duck_type(kind) for kind in known] == [
        "VARCHAR",
        "VARCHAR",
        "VARCHAR",
        "TIMESTAMP WITH TIME ZONE",
        "TIMESTAMP",
        "DECIMAL(5,2)",
        "ARRAY<INT>",
    ]
    assert is_local("local[*]")
    assert is_local("local-cluster[2,1,1024]")
    assert not is_local("spark://host:7077")
