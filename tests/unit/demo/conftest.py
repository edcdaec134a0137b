"""Two worlds: a small one as files, and a larger one in memory for tests that need more rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from pipelines.demo.config import DemoConfig
from pipelines.demo.generate import DemoSummary, generate
from pipelines.demo.world.history import History, make_history

SMALL = DemoConfig(leads=500)
MIDDLING = DemoConfig(leads=12_000)


@dataclass(frozen=True)
class Demo:
    """A written demo. `text` reads a raw file as text, with null for empty fields."""

    config: DemoConfig
    summary: DemoSummary
    raw: Path
    truth: Path

    def text(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.raw / name, dtype="object", keep_default_na=False).replace({"": None})

    def truth_of(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.truth / name)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    home = tmp_path_factory.mktemp("demo_home")
    summary = generate(SMALL, home / "demo", home / "demo_truth", lambda _: None)
    return Demo(SMALL, summary, home / "demo", home / "demo_truth")


@pytest.fixture(scope="session")
def middling() -> History:
    return make_history(MIDDLING)
