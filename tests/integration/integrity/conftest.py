"""The small home, created once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipelines.home.settings import Settings
from tests.integration.integrity.small_home import small_home


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Read only; a test that changes the home puts it back, or takes `home`."""
    with pytest.MonkeyPatch.context() as patch:
        return small_home(tmp_path_factory.mktemp("integrity") / "home", patch)


@pytest.fixture
def home(made: Settings, tmp_path: Path) -> Settings:
    shutil.copytree(made.home, tmp_path / "home", symlinks=True)
    return Settings(home=tmp_path / "home")
