"""Two homes, made once for every test that reads them: a trained demo, and one whose data are a week old."""

from __future__ import annotations

import pickle
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from filelock import FileLock

from tests.home import LAST_DAY, SMALL, copy_home, tierhouse
from tests.young import young_agency


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


@pytest.fixture(scope="session")
def young(tmp_path_factory, worker_id) -> Demo:
    """Fifty leads and their contacts of one week, graded by `tierhouse run` alone; read only. There is no model.

    Its path holds what SQL, YAML, Jinja, patterns and partitions of Parquet files might read as theirs.
    """
    base = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
    home, record = base / "young" / 'it\'s {{ a }} "home" [1] * source=x 家', base / "young.pickle"
    with FileLock(base / "young.lock"):
        if not record.exists():
            young_agency(home)
            record.write_bytes(pickle.dumps(tierhouse(home, "run", "--as-of", LAST_DAY)))
    return Demo(home, pickle.loads(record.read_bytes()))


@pytest.fixture
def home(demo, tmp_path) -> Path:
    return copy_home(demo.home, tmp_path / "home")
