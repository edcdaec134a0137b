from pathlib import Path

import pytest

from tests.home import SMALL, started


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo that DuckDB has graded. Tests copy it."""
    home = tmp_path_factory.mktemp("demo") / "duckdb"
    started(home, "demo", "--leads", SMALL, "--last-day-only")
    return home
