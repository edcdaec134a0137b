"""A Spark Connect server that ends with this process, in the mode `local-cluster` of the package pyspark."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pipelines.home.settings import Settings
from pipelines.spark.errors import SparkGone

START_SECONDS = 180.0
ANSWER_SECONDS = 5.0
PORT = 15002
"""Spark Connect's own port, if an address names none."""
TOKEN = "SPARK_CONNECT_AUTHENTICATE_TOKEN"
"""Variable with the secret that an own server expects: other accounts of the machine can reach its port."""

WATCH = 'exec 3<&0; "$@" </dev/null 3<&- & server=$!; (cat <&3 >/dev/null; kill -9 $server) & wait $server; kill $!'
"""Shell that runs the server until this process closes its end of a pipe: also if this process is killed."""

QUICK_START = "-XX:TieredStopAtLevel=1"
"""The driver plans each query once: Java's second compiler would take a third of its processor time."""

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


def start(settings: Settings, say: Callable[[str], None]) -> Server:
    """Start a server with an executor per thread of the settings. Raises SparkMissing and SparkGone."""
    folder = settings.spark / "server"
    shutil.rmtree(folder, ignore_errors=True)
    home = _spark_home(folder)
    port, token = _free_port(), secrets.token_hex(16)
    log = folder / "server.log"
    # An earlier session of this process leaves its address, which a server must not have.
    environment = {name: value for name, value in os.environ.items() if name != "SPARK_REMOTE"} | {
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
        "spark.sql.warehouse.dir": home.parent / "catalog",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.shuffle.partitions": max(8, 4 * settings.threads),
        "spark.task.maxFailures": 4,
        # A small table that is joined takes a whole page in each executor; a model of the marts joins thirty.
        "spark.buffer.pageSize": "2m",
    }
    return [
        str(home / "bin" / "spark-submit"),
        *("--class", "org.apache.spark.sql.connect.service.SparkConnectServer"),
        *("--name", "tierhouse", "--driver-memory", "1g", "--driver-java-options", QUICK_START),
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
