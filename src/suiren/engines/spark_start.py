"""Spark's session: found, started without a word on the terminal, bounded in memory, and ended with all it left."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shutil
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import Any

from suiren.errors import fail

MASTER = "local[*]"
JAVA = 17
"""The oldest Java that Spark runs on."""
LEAST_MEMORY = 1 << 30
"""Bytes of memory below which Spark does not work well."""
UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
ZONE = "Asia/Shanghai"
SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.caseSensitive": "false",
    "spark.sql.session.timeZone": ZONE,
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.legacy.parquet.nanosAsLong": "true",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.parquet.compression.codec": "zstd",
}
"""Settings of SQL, set in every session: texts and numbers mean what they mean on DuckDB, no overflow is silent."""


@contextlib.contextmanager
def session(master: str | None, memory: str, folder: Path) -> Generator[Any]:
    """Yield a session; one that runs in this process already is borrowed and stays, a new one is ended afterwards.

    A borrowed session keeps its own memory and, on this machine alone, its own number of cores.

    Raises:
        SuirenError: PySpark or Java is missing, another master runs already, the session does not start.
    """
    try:
        import pyspark  # noqa: F401
    except ImportError as error:
        raise fail(
            "E-spark-missing",
            "PySpark is not installed.",
            "--engine spark needs it.",
            "Install it with: pip install 'suiren[spark]'. DuckDB, the default engine, needs nothing more.",
        ) from error
    logging.getLogger("SQLQueryContextLogger").disabled = True
    running = _running(master)
    if running is not None:
        yield _set_up(running.newSession())
        return
    find_java()
    private = folder / "spark"
    private.mkdir(mode=0o700, parents=True, exist_ok=True)
    started, gateway = _start(master or MASTER, memory, private)
    try:
        yield _set_up(started)
    finally:
        _end(started, gateway)
        shutil.rmtree(private, ignore_errors=True)


def find_java() -> str:
    """Return the path of the Java that Spark will use.

    Raises:
        SuirenError: there is none, or it is too old.
    """
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")
    do = f"Install Java {JAVA} or later (Debian: apt-get install openjdk-{JAVA}-jre-headless), or use --engine duckdb."
    if java is None:
        where = f"JAVA_HOME ({home}) holds no Java." if home else "There is no Java on this machine."
        raise fail("E-java-missing", where, "Spark runs on Java.", do)
    version = java_version(java)
    if version < JAVA:
        what = f"Java {version} is too old." if version else "The Java of this machine does not tell its version."
        raise fail("E-java-old", what, f"Spark 4 needs Java {JAVA} or later.", do)
    return java


def java_version(java: str) -> int:
    """Return the main version of a Java, 17 of "17.0.15", 8 of "1.8.0_452"; 0 where it does not say."""
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False, timeout=60)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r'version "(?:1\.)?(\d+)', told.stderr + told.stdout)
    return int(found[1]) if found else 0


def heap_mebibytes(memory: str) -> int:
    """Return a memory limit such as 4GB, 1.5 GiB or 300MB in whole mebibytes, not below what Spark needs.

    Raises:
        SuirenError: no such amount.
    """
    found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([kmgt]?)(i?)b?\s*", memory.lower())
    if not found:
        raise fail("E-memory", f"{memory!r} is no amount of memory.", do="Write it as 4GB or 500MB.")
    unit = 1024 ** "kmgt".index(found[2]) * 1024 if found[3] and found[2] else UNITS[found[2]]
    return max(int(float(found[1]) * unit), LEAST_MEMORY) >> 20


def is_local(master: str) -> bool:
    """Return whether a master runs on this machine alone, so that its nodes see this machine's folders."""
    return master.startswith("local")


def _running(master: str | None) -> Any:
    """Return the session that runs in this process, or None."""
    from pyspark.sql import SparkSession

    running: Any = SparkSession.getActiveSession()
    if running is None or running.sparkContext._jsc is None:  # noqa: SLF001
        return None
    there = running.sparkContext.master
    if master is not None and master != there and not (is_local(master) and is_local(there)):
        raise fail(
            "E-spark-running",
            f"A Spark session with the master {there} runs in this process already.",
            "A process has one Spark at a time.",
            f"Leave out --master {master}, or end that session first.",
        )
    return running


def _set_up(made: Any) -> Any:
    for key, value in SETTINGS.items():
        made.conf.set(key, value)
    return made


def _start(master: str, memory: str, private: Path) -> tuple[Any, Any]:
    """Return a new session and the way to its Java, whose words go to a file in the private folder."""
    from py4j.protocol import Py4JError
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkException
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    conf = SparkConf(loadDefaults=False)
    for key, value in _settings(master, memory, private).items():
        conf.set(key, value)
    said, gateway = private / "said.log", None
    try:
        with said.open("wb") as log:
            gateway = launch_gateway(conf, {"stdout": log, "stderr": log})
        context: Any = SparkContext(gateway=gateway, conf=conf)
        return SparkSession(context), gateway
    except (PySparkException, Py4JError, OSError, ValueError) as error:
        _close(gateway)
        words = [line.strip() for line in said.read_text(errors="replace").splitlines() if ": " in line]
        why = f"It says: {words[-1][:300]}" if words else "It says nothing."
        raise fail(
            "E-spark-start",
            f"Spark does not start with the master {master}.",
            why,
            "Check --master and --memory; --debug shows more.",
        ) from error


def _settings(master: str, memory: str, private: Path) -> dict[str, str]:
    """Return what a new session is started with; what a cluster decides for itself is left to its own files."""
    log = Path(__file__).with_name("log4j2.properties").as_uri()
    java = f"-Dlog4j2.configurationFile={log} -XX:-UsePerfData"
    settings = {
        "spark.master": master,
        "spark.app.name": "suiren",
        "spark.submit.deployMode": "client",
        "spark.driver.memory": f"{heap_mebibytes(memory)}m",
        "spark.driver.maxResultSize": "0",
        "spark.driver.extraJavaOptions": f"{java} -Djava.io.tmpdir={private}",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        **SETTINGS,
    }
    if is_local(master):
        cores = os.cpu_count() or 1
        settings |= {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.local.dir": str(private),
            "spark.sql.warehouse.dir": str(private / "warehouse"),
            "spark.sql.shuffle.partitions": str(min(max(16 * cores, 32), 400)),
            "spark.executor.extraJavaOptions": java,
        }
    return settings


def _end(started: Any, gateway: Any) -> None:
    """Stop the session and its Java, and wait until both are gone."""
    with contextlib.suppress(Exception):
        started.stop()
    _close(gateway)


def _close(gateway: Any) -> None:
    """End the Java behind a gateway, and let a later session start another."""
    from pyspark import SparkContext

    SparkContext._gateway = SparkContext._jvm = None  # noqa: SLF001
    if gateway is None:
        return
    with contextlib.suppress(Exception):
        gateway.shutdown()
    process: subprocess.Popen[bytes] = gateway.proc
    with contextlib.suppress(OSError):
        if process.stdin is not None:
            process.stdin.close()
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
