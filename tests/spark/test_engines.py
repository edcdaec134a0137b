"""A day on Spark publishes the tables of DuckDB; a server that ends leaves the live version as it is."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest

from pipelines.home.settings import PROJECT_ROOT
from tests.home import LAST_DAY, TIERHOUSE, copy_home, environment

pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(find_spec("pyspark") is None, reason="PySpark is not installed: make spark-test"),
    pytest.mark.skipif(shutil.which("java") is None, reason="Java is not installed"),
]
DATA = PROJECT_ROOT.parent / "shared" / "data"
MAPPINGS = PROJECT_ROOT / "tests" / "real_data" / "mappings"
LIMIT = 3600
"""Seconds. Two executors, their driver and the run share the cores of the machine with other tests."""
QUICK = {"JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1"}
"""With tables as small as these, Java's second compiler costs more than it saves."""
SPARK = QUICK | {"TIERHOUSE_ENGINE": "spark"}


@dataclass(frozen=True)
class Graded:
    """A demo that DuckDB has graded, and a copy that Spark graded again, after and during failures."""

    duckdb: Path
    spark: Path
    before: str
    server_killed: Run
    after_server_killed: str
    wrong_address: Run
    doctor: Run
    after_wrong_address: str
    executor_killed: Run


@pytest.fixture(scope="module")
def graded(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """One home, in this order: server killed, wrong address, executor killed. Only the last run succeeds."""
    home = copy_home(demo, tmp_path_factory.mktemp("engines") / "spark")
    before = live(home)
    server_killed = run_and_kill(home, "SparkConnectServer", "rules")
    after_server_killed = live(home)
    wrong = SPARK | {"TIERHOUSE_SPARK_URL": "sc://localhost:9"}
    wrong_address = run(home, "run", "--as-of", LAST_DAY, **wrong)
    doctor = run(home, "doctor", **wrong)
    after_wrong_address = live(home)
    executor_killed = run_and_kill(home, "CoarseGrainedExecutorBackend", "core")
    return Graded(
        demo,
        home,
        before,
        server_killed,
        after_server_killed,
        wrong_address,
        doctor,
        after_wrong_address,
        executor_killed,
    )


def test_killed_server_is_one_line_and_publishes_nothing(graded: Graded) -> None:
    done = graded.server_killed
    assert done.killed
    assert done.code == 1
    (line,) = (line for line in done.err.splitlines() if "Spark server" in line)
    assert "ended during dbt_" in line
    assert "start the run again" in line
    assert "Traceback" not in done.err
    assert graded.after_server_killed == graded.before


def test_wrong_address_is_one_line_and_publishes_nothing(graded: Graded) -> None:
    expected = "expected a Spark Connect server at localhost:9 (TIERHOUSE_SPARK_URL), got no answer"
    assert graded.wrong_address.code == 1
    assert sum(expected in line for line in graded.wrong_address.err.splitlines()) == 1
    assert graded.after_wrong_address == graded.before
    assert expected in " ".join(graded.doctor.out.split())


def test_killed_executor_is_replaced(graded: Graded) -> None:
    done = graded.executor_killed
    assert done.killed
    assert done.code == 0, done.err
    assert live(graded.spark) != graded.before
    assert uses_spark(graded.spark)


def test_demo_is_equal(graded: Graded) -> None:
    assert graded.executor_killed.code == 0, graded.executor_killed.err
    assert differences(graded.duckdb, graded.spark) == {}


def test_estate_crm_is_equal(tmp_path: Path) -> None:
    if not (DATA / "estate_crm").is_dir():
        pytest.skip(f"the real data is absent: {DATA / 'estate_crm'}")
    homes = []
    for engine in ("duckdb", "spark"):
        home = tmp_path / engine
        (home / "sources").mkdir(parents=True)
        mapping = (MAPPINGS / "estate_crm.yml").read_text(encoding="utf-8")
        mapping = mapping.replace("root: ../../../../shared/data/", f"root: {DATA}/")
        (home / "sources" / "estate_crm.yml").write_text(mapping, encoding="utf-8")
        settings = {"TIERHOUSE_TIMEZONE": "Asia/Kolkata", "TIERHOUSE_PSEUDONYM_KEY": "the-same-key-in-both-homes"}
        done = run(home, "run", "--as-of", "2025-07-31", **QUICK, TIERHOUSE_ENGINE=engine, **settings)
        assert done.code == 0, done.err
        homes.append(home)
    assert uses_spark(homes[1])
    assert differences(*homes) == {}


@dataclass(frozen=True)
class Run:
    """A command that has ended. `killed`: a process of it was there to be killed."""

    code: int
    out: str
    err: str
    killed: bool = False


def run(home: Path, *arguments: str, **settings: str) -> Run:
    done = subprocess.run(
        [TIERHOUSE, *arguments], env=environment(home, **settings), capture_output=True, text=True, timeout=LIMIT
    )
    return Run(done.returncode, done.stdout, done.stderr)


def run_and_kill(home: Path, program: str, schema: str) -> Run:
    """Grade a day on Spark; kill -9 a Java process of the run once Spark has written a table of a schema."""
    command = [TIERHOUSE, "run", "--as-of", LAST_DAY]
    running = subprocess.Popen(
        command, env=environment(home, **SPARK), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    written = home / "spark" / "warehouse"
    wait_until(lambda: running.poll() is not None or any(written.glob(f"{schema}/*/_SUCCESS")))
    found = java_processes(program, home)
    for process in found[:1]:
        os.kill(process, signal.SIGKILL)
    out, err = running.communicate(timeout=LIMIT)
    return Run(running.returncode, out, err, bool(found))


def live(home: Path) -> str:
    """Return the name of the published version."""
    return (home / "published" / "current").readlink().name


def java_processes(program: str, home: Path) -> list[int]:
    """Return the ids of the Java processes of a home that run a class with this name."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            command = file.read_text(errors="replace")
            if "java" in command.split("\0")[0] and program in command and str(home) in command:
                found.append(int(file.parent.name))
    return found


def wait_until(is_done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT
    while not is_done():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def uses_spark(home: Path) -> bool:
    """Whether the last run built the grades on Spark."""
    return (home / "spark" / "warehouse" / "grading" / "grades__by_as_of" / "_SUCCESS").exists()


def differences(one: Path, other: Path) -> dict[str, str]:
    """Return the published tables whose rows differ, with the columns; numbers with a fraction may differ by 1e-9."""
    with duckdb.connect() as connection:
        for name, home in (("one", one), ("other", other)):
            connection.execute(f"ATTACH '{home}/published/current/tierhouse.duckdb' AS {name} (READ_ONLY)")
        return dict(_differences(connection))


def _differences(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str, str]]:
    described = "SELECT table_name, list((column_name, data_type) ORDER BY column_index) FROM duckdb_columns() "
    columns = [
        dict(connection.execute(f"{described} WHERE database_name = '{name}' GROUP BY 1").fetchall())
        for name in ("one", "other")
    ]
    assert columns[0] == columns[1]
    assert len(columns[0]) >= 25
    for table, typed in columns[0].items():
        names = [name for name, _ in typed if name not in ("run_id", "published_at")]
        rows = []
        for name in ("one", "other"):
            picked = ", ".join(f'"{column}"' for column in names)
            # Floats last: two rows that differ in their last digits keep their place.
            order = ", ".join(f'"{column}"' for column, kind in typed if column in names and kind not in FLOATS)
            rows.append(connection.execute(f"SELECT {picked} FROM {name}.{table} ORDER BY {order}").fetchall())
        if len(rows[0]) != len(rows[1]):
            yield table, f"{len(rows[0])} and {len(rows[1])} rows"
            continue
        different = {
            column
            for pair in zip(*rows, strict=True)
            for column, left, right in zip(names, *pair, strict=True)
            if left != right and not _is_near(left, right)
        }
        if different:
            yield table, ", ".join(sorted(different))


FLOATS = ("DOUBLE", "FLOAT")


def _is_near(left: object, right: object) -> bool:
    return isinstance(left, float) and isinstance(right, float) and abs(left - right) <= 1e-9 * max(1, abs(left))
