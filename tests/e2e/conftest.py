"""One small home, trained and graded once by `tierhouse demo`, for every test that needs a finished one."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.home import copy_home, tierhouse

SMALL = "500"


class Demo(NamedTuple):
    home: Path
    said: subprocess.CompletedProcess[str]


@pytest.fixture(scope="session")
def demo(tmp_path_factory) -> Demo:
    """Read only: a test that changes the home takes `home`."""
    home = tmp_path_factory.mktemp("demo") / "home"
    return Demo(home, tierhouse(home, "demo", "--leads", SMALL))


@pytest.fixture
def home(demo, tmp_path) -> Path:
    return copy_home(demo.home, tmp_path / "home")
