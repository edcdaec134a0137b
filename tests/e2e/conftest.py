"""One small home, trained and graded once by `tierhouse demo`, for every test that needs a finished one."""

from __future__ import annotations

import pickle
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from filelock import FileLock

from tests.home import SMALL, copy_home, tierhouse


class Demo(NamedTuple):
    home: Path
    said: subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def demo(tmp_path_factory, worker_id) -> Demo:
    """Read only: a test that changes the home takes `home`. Made once, by the first of the parallel workers."""
    base = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
    home, record = base / "demo" / "home", base / "demo.pickle"
    with FileLock(base / "demo.lock"):
        if not record.exists():
            record.write_bytes(pickle.dumps(tierhouse(home, "demo", "--leads", SMALL)))
    return Demo(home, pickle.loads(record.read_bytes()))


@pytest.fixture
def home(demo, tmp_path) -> Path:
    return copy_home(demo.home, tmp_path / "home")
