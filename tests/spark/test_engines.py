"""A day on Spark publishes the tables of DuckDB; a server that ends leaves the live version as it is."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest

from pipelines.home.settings import PROJECT_ROOT
from tests.home import LAST_DAY, SMALL, TIERHOUSE, copy_home, environment, started

pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(find_spec("pyspark") is None, reason="PySpark is not installed: make spark-test"),
    pytest.mark.skipif(shutil.which("java") is None, reason="Java is not installed"),
]
DATA = PROJECT_ROOT.parent / "shared" / "data"
MAPPINGS = PROJECT_ROOT / "tests" / "real_data" / "mappings"
SPARK = {"TIERHOUSE_ENGINE": "spark"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo that DuckDB has graded."""
    home = tmp_path_factory.mktemp("duckdb") / "home"
    started(home, "demo", "--leads", SMALL, "--last-day-only")
    return home


@pytest.fixture
def on_spark(demo: Path, tmp_path: Path) -> Path:
    """A copy of the demo, to be graded again by Spark."""
    return copy_home(demo, tmp_path / "home")


def test_demo_is_equal(demo: Path, on_spark: Path) -> None:
    started(on_spark, "run", "--as-of", LAST_DAY, **SPARK)
    assert differences(demo, on_spark) == {}
    assert uses_spark(on_spark)


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
        started(home, "run", "--as-of", "2025-07-31", TIERHOUSE_ENGINE=engine, **settings)
        homes.append(home)
    assert differences(*homes) == {}


def test_killed_executor_is_replaced(demo: Path, on_spark: Path) -> None:
    done, killed = run_and_kill(on_spark, "CoarseGrainedExecutorBackend")
    assert killed
    assert done.returncode == 0, done.stderr
    assert differences(demo, on_spark) == {}


def test_killed_server_stops_the_run_and_the_next_run_succeeds(demo: Path, on_spark: Path) -> None:
    live = (on_spark / "published" / "current").readlink()
    done, killed = run_and_kill(on_spark, "SparkConnectServer")
    assert killed
    assert done.returncode == 1
    (line,) = (line for line in done.stderr.splitlines() if "Spark server" in line)
    assert "ended during dbt_" in line
    assert "start the run again" in line
    assert (on_spark / "published" / "current").readlink() == live
    started(on_spark, "run", "--as-of", LAST_DAY, **SPARK)
    assert differences(demo, on_spark) == {}


def test_wrong_address_is_one_line(on_spark: Path) -> None:
    live = (on_spark / "published" / "current").readlink()
    settings = SPARK | {"TIERHOUSE_SPARK_URL": "sc://localhost:9"}
    done = started(on_spark, "run", "--as-of", LAST_DAY, check=False, **settings)
    assert done.returncode == 1
    assert "expected a Spark Connect server at localhost:9 (TIERHOUSE_SPARK_URL), got no answer" in done.stderr
    assert (on_spark / "published" / "current").readlink() == live
    doctor = started(on_spark, "doctor", check=False, **settings)
    assert "localhost:9 (TIERHOUSE_SPARK_URL)" in " ".join(doctor.stdout.split())


def run_and_kill(home: Path, program: str) -> tuple[subprocess.CompletedProcess[str], bool]:
    """Grade a day on Spark; kill -9 a Java process of the run while dbt builds core. Returns whether one was there."""
    command = [TIERHOUSE, "run", "--as-of", LAST_DAY]
    run = subprocess.Popen(
        command, env=environment(home, **SPARK), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_until(lambda: run.poll() is not None or any((home / "spark" / "warehouse").glob("core/*/_SUCCESS")))
    found = java_processes(program, home)
    for process in found[:1]:
        os.kill(process, signal.SIGKILL)
    out, err = run.communicate(timeout=900)
    return subprocess.CompletedProcess(command, run.returncode, out, err), bool(found)


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
    deadline = time.monotonic() + 600
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
