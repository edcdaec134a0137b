"""The Spark Connect server of a run: the server of TIERHOUSE_SPARK_URL, or an own one that ends with this process."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipelines.home.settings import Settings
from pipelines.spark.errors import SparkGone, SparkMissing

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

START_SECONDS = 180.0
ANSWER_SECONDS = 5.0
PORT = 15002
"""Spark Connect's own port, if an address names none."""
TOKEN = "SPARK_CONNECT_AUTHENTICATE_TOKEN"
"""Variable with the secret that an own server expects: other accounts of the machine can reach its port."""

WATCH = 'exec 3<&0; "$@" </dev/null 3<&- & server=$!; (cat <&3 >/dev/null; kill -9 $server) & wait $server; kill $!'
"""Shell that runs the server until this process closes its end of a pipe: also if this process is killed."""

LOG4J = """rootLogger.level = warn
rootLogger.appenderRef.stdout.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n
"""


@dataclass(frozen=True)
class Server:
    """A server that answers. `own`: its process, if this process has started it. `log`: what an own server wrote."""

    url: str
    shown: str
    own: subprocess.Popen[bytes] | None = None
    log: Path | None = None

    def is_there(self) -> bool:
        """Whether the server can be reached."""
        if self.own is not None and self.own.poll() is not None:
            return False
        return answers(self.url)


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
        server = _reach(settings) if settings.spark_url else _start(settings, say)
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


def stop(settings: Settings) -> None:
    """End the own server of a home, if this process has one, and forget its session."""
    server = _SERVERS.pop(settings.home, None)
    _session.cache_clear()
    if server is None:
        return
    from pyspark.sql import SparkSession

    if (active := SparkSession.getActiveSession()) is not None:
        # `stop` of a session asks the server; a server that is gone cannot answer.
        SparkSession._set_default_and_active_session(None) if not server.is_there() else active.stop()
    if server.own is not None and server.own.stdin is not None:
        server.own.stdin.close()
        server.own.wait()


def answers(url: str) -> bool:
    """Whether the port of an address accepts a connection."""
    host, port = host_and_port(url)
    try:
        with socket.create_connection((host, port), timeout=ANSWER_SECONDS):
            return True
    except OSError:
        return False


def host_and_port(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "localhost", parts.port or PORT


def _reach(settings: Settings) -> Server:
    assert settings.spark_url is not None
    url = settings.spark_url.get_secret_value()
    return Server(url, "{}:{}".format(*host_and_port(url)))


def _start(settings: Settings, say: Callable[[str], None]) -> Server:
    """Start a server with an executor per thread of the settings. Raises SparkMissing and SparkGone."""
    folder = settings.spark / "server"
    shutil.rmtree(folder, ignore_errors=True)
    home = _spark_home(folder)
    port, token = _free_port(), secrets.token_hex(16)
    log = folder / "server.log"
    environment = os.environ | {
        "SPARK_HOME": str(home),
        "SPARK_CONF_DIR": str(home / "conf"),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
        TOKEN: token,
    }
    say(f"starting Spark with {settings.threads} executors")
    with log.open("wb") as stream:
        own = subprocess.Popen(
            ["sh", "-c", WATCH, "sh", *_command(settings, home, port)],
            stdin=subprocess.PIPE,
            stdout=stream,
            stderr=stream,
            env=environment,
            start_new_session=True,
        )
    os.environ[TOKEN] = token
    server = Server(f"sc://localhost:{port}", f"localhost:{port}", own, log)
    deadline = time.monotonic() + START_SECONDS
    while not server.is_there():
        if own.poll() is not None or time.monotonic() > deadline:
            raise SparkGone(f"expected Spark to start within {START_SECONDS:.0f} s, it did not: see {log}")
        time.sleep(0.5)
    return server


def _command(settings: Settings, home: Path, port: int) -> list[str]:
    memory = max(512, int(_megabytes(settings.memory_limit) / settings.threads))
    conf = {
        "spark.executor.memory": f"{memory}m",
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": port,
        "spark.ui.enabled": "false",
        "spark.local.dir": home.parent / "local",
        "spark.sql.warehouse.dir": settings.spark / "warehouse",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.shuffle.partitions": max(8, 4 * settings.threads),
        "spark.task.maxFailures": 4,
    }
    return [
        str(home / "bin" / "spark-submit"),
        *("--class", "org.apache.spark.sql.connect.service.SparkConnectServer"),
        *("--name", "tierhouse", "--driver-memory", "1g"),
        *("--master", f"local-cluster[{settings.threads},1,{memory}]"),
        *(part for name, value in conf.items() for part in ("--conf", f"{name}={value}")),
        "spark-internal",
    ]


def _megabytes(limit: str) -> float:
    return float(limit.rstrip("MGiB ")) * (1024 if "G" in limit else 1)


def _spark_home(folder: Path) -> Path:
    """Return a folder with links to the program: executors write their logs below it, not into the environment."""
    import pyspark

    home = folder / "home"
    (home / "conf").mkdir(parents=True)
    (home / "conf" / "log4j2.properties").write_text(LOG4J)
    for name in ("bin", "jars", "sbin", "python"):
        (home / name).symlink_to(Path(pyspark.__file__).parent / name)
    return home


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@cache
def _session(url: str, timezone: str) -> SparkSession:  # noqa: ARG001 - a session per address
    from pyspark.sql import SparkSession
    from pyspark.sql.connect.client.retries import DefaultPolicy

    # dbt-spark opens the session that SPARK_REMOTE names, and asks for Hive; the catalog of the server decides.
    warnings.filterwarnings("ignore", message="Failed to set spark.sql.catalogImplementation")
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
}
"""Times are UTC without offset, as in DuckDB. A table replaces what a killed run left in its folder."""
