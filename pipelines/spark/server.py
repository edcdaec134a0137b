"""The Spark Connect server of a run: the server of TIERHOUSE_SPARK_URL, or an own one that ends with this process."""

from __future__ import annotations

import logging
import os
import shutil
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.home.settings import Settings
from pipelines.spark.errors import SparkGone, SparkMissing
from pipelines.spark.process import Server, answers, host_and_port, start

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession


_SERVERS: dict[Path, Server] = {}
"""Home → its server in this process."""


def session(settings: Settings, say: Callable[[str], None] = lambda _line: None) -> SparkSession:
    """Return the Spark session of this process; start the server first, if it is an own one that is not there.

    Raises SparkMissing and SparkGone.
    """
    server = _SERVERS.get(settings.home)
    if server is None or not server.is_there():
        stop(settings)
        check(settings)
        server = _reach(settings) if settings.spark_url else start(settings, say)
        _SERVERS[settings.home] = server
    return _session(server.url, settings.timezone)


def check(settings: Settings) -> str:
    """Return a description of the server that a run would use. Raises SparkMissing and SparkGone."""
    if find_spec("pyspark") is None:
        raise SparkMissing(
            "TIERHOUSE_ENGINE=spark needs PySpark, which this environment does not have: install "
            "requirements-spark.lock (docs/scaling.md), or set TIERHOUSE_ENGINE=duckdb"
        )
    if settings.spark_url is not None:
        url = settings.spark_url.get_secret_value()
        shown = "{}:{}".format(*host_and_port(url))
        if not answers(url):
            raise SparkGone(
                f"expected a Spark Connect server at {shown} (TIERHOUSE_SPARK_URL), got no answer: start it, correct "
                "the address, or remove the setting to let tierhouse start its own"
            )
        return f"server {shown}"
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        raise SparkMissing("TIERHOUSE_ENGINE=spark needs Java 17, found no java: install it, or set JAVA_HOME")
    return f"a server of its own with {settings.threads} executors"


def connect_url(settings: Settings) -> str:
    """Return the address of the server of this process. Call after `session`."""
    return _SERVERS[settings.home].url


def is_gone(settings: Settings) -> bool:
    """Whether the server that this process used does not answer any more."""
    server = _SERVERS.get(settings.home)
    return server is not None and not server.is_there()


def gone(settings: Settings, during: str) -> SparkGone:
    """Return the error for a server that ended during a step."""
    server = _SERVERS[settings.home]
    remedy = f"its log is {server.log}; start the run again" if server.log else "start it, then start the run again"
    return SparkGone(f"the Spark server {server.shown} ended during {during}; nothing is published. {remedy}")


@contextmanager
def named_step(settings: Settings, step: str) -> Generator[None]:
    """Turn any error of a step on Spark into SparkGone, if the server has ended."""
    try:
        yield
    except Exception:
        if is_gone(settings):
            raise gone(settings, step) from None
        raise


def stop(settings: Settings) -> None:
    """End the own server of a home, if this process has one, and forget its session."""
    server = _SERVERS.pop(settings.home, None)
    _session.cache_clear()
    if server is None:
        return
    from pyspark.sql import SparkSession

    if (active := SparkSession.getActiveSession()) is not None:
        # A server that is gone cannot release the session.
        active.release_session_on_close = server.is_there()
        active.stop()
    if server.own is not None and server.own.stdin is not None:
        server.own.stdin.close()
        server.own.wait()


def _reach(settings: Settings) -> Server:
    assert settings.spark_url is not None
    url = settings.spark_url.get_secret_value()
    return Server(url, "{}:{}".format(*host_and_port(url)))


@cache
def _session(url: str, timezone: str) -> SparkSession:  # noqa: ARG001 - a session per address
    from pyspark.sql import SparkSession
    from pyspark.sql.connect.client.retries import DefaultPolicy

    # dbt-spark opens the session that SPARK_REMOTE names, and asks for Hive; the catalog of the server decides.
    warnings.filterwarnings("ignore", message="Failed to set spark.sql.catalogImplementation")
    # Its messages can quote a cell; dbt reports the same error without values.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    os.environ["SPARK_REMOTE"] = url
    active = SparkSession.builder.remote(url).getOrCreate()
    active.client.set_retry_policies([DefaultPolicy(max_retries=3, initial_backoff=200, max_backoff=1000)])
    for name, value in SESSION.items():
        active.conf.set(name, value)
    return active


SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.legacy.allowNonEmptyLocationInCTAS": "true",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
}
"""Times are UTC without offset, as in DuckDB. A table replaces what a killed run left in its folder.
Python gets as many rows at once as from DuckDB."""
