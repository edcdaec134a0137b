"""Homes that are made once for all tests that read them, whichever worker asks first."""

from __future__ import annotations

import pickle
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from filelock import FileLock

from tests.e2e.crowded import Crowded, crowd
from tests.e2e.past import Past, give_past
from tests.home import LAST_DAY, SMALL, copy_home, started, tierhouse
from tests.young import young_agency

FIRST = [
    f"tests/e2e/{name}.py::"
    for name in (
        "runs/test_days",
        "runs/test_killed",
        "outputs/test_privacy",
        "runs/test_as_known_then",
        "runs/test_gates_block",
    )
]
"""The longest files, in the order in which they begin. The first two read different homes: neither worker waits."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; the others keep their order."""

    def place(item: pytest.Item) -> int:
        return next((at for at, file in enumerate(FIRST) if item.nodeid.startswith(file)), len(FIRST))

    items.sort(key=place)


class Demo(NamedTuple):
    home: Path
    done: subprocess.CompletedProcess[str]


Once = Callable[[str, Callable[[], Any]], Any]


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers of this test run share."""
    base = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
    folder = base / "homes"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def once(shared: Path) -> Once:
    """Returns what a function has returned to the first worker that called it under this name."""

    def call(name: str, make: Callable[[], Any]) -> Any:
        record = shared / f"{name}.pickle"
        with FileLock(shared / f"{name}.lock"):
            if not record.exists():
                record.write_bytes(pickle.dumps(make()))
        return pickle.loads(record.read_bytes())

    return call


@pytest.fixture(scope="session")
def demo(shared: Path, once: Once) -> Demo:
    """A trained demo with one graded day. Read only: a test that changes the home takes `home`."""
    home = shared / "demo"

    def make() -> subprocess.CompletedProcess[str]:
        return started(home, "demo", "--leads", SMALL, "--last-day-only", TIERHOUSE_REPORT="yes")

    return Demo(home, once("demo", make))


@pytest.fixture(scope="session")
def past(shared: Path, demo: Demo, once: Once) -> Past:
    """The demo with four more graded days, the last one live; read only."""
    return once("past", lambda: give_past(copy_home(demo.home, shared / "past")))


@pytest.fixture(scope="session")
def young(shared: Path, once: Once) -> Demo:
    """Fifty leads and their contacts of one week, graded by `tierhouse run` alone; read only. There is no model.

    Its path holds characters that SQL, YAML, Jinja, patterns and partitions of Parquet files treat as their own.
    """
    home = shared / "young" / 'it\'s {{ a }} "home" [1] * source=x 家'

    def make() -> subprocess.CompletedProcess[str]:
        young_agency(home)
        done = tierhouse(home, "run", "--as-of", LAST_DAY)
        tierhouse(home, "report")
        return done

    return Demo(home, once("young", make))


@pytest.fixture(scope="session")
def crowded(shared: Path, young: Demo, once: Once) -> Crowded:
    """The young home with eleven more sources, graded again; read only."""
    return once("crowded", lambda: crowd(copy_home(young.home, shared / "crowded"), shared / "exports"))


@pytest.fixture
def home(demo: Demo, tmp_path: Path) -> Path:
    return copy_home(demo.home, tmp_path / "home")
