"""A home whose drop folder a sensor watches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from tests.ingest_home import IngestHome


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> IngestHome:
    monkeypatch.setenv("TIERHOUSE_HOME", str(tmp_path))
    home = IngestHome.at(tmp_path)
    home.mapping()
    return home


@pytest.fixture
def tick(home: IngestHome) -> Callable[[], dg.SensorResult]:
    """Evaluates the sensor once. Each evaluation gets the cursor of the one before, as in the daemon."""
    from pipelines.ingest.drop.sensor import drop_folder

    cursor: list[str | None] = [None]

    def evaluate() -> dg.SensorResult:
        with dg.DagsterInstance.ephemeral() as instance:
            result = drop_folder(dg.build_sensor_context(instance, cursor=cursor[0]))
        assert list(home.settings.drop.iterdir()), "expected a folder for each source"
        cursor[0] = result.cursor
        return result

    return evaluate
