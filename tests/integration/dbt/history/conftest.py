"""A home with a past, and the judgement of its days."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.history.messages import Check
from pipelines.home.settings import Settings
from pipelines.ingest import landing
from pipelines.transform.scope import write_scope
from tests.integration.dbt.compiled import Compiled
from tests.integration.dbt.history.agency import DAY, SOURCE_CHECKS, Agency, Judge, found


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    names = [f"int_{kind}_checks__by_as_of" for kind in (*SOURCE_CHECKS, "grading")]
    return Compiled(tmp_path_factory.mktemp("history"), *names)


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Read only: months of leads and deals, up to the day before."""
    return Agency(tmp_path_factory.mktemp("agency") / "home").settings.home


@pytest.fixture
def agency(loaded: Path, tmp_path: Path) -> Agency:
    """The day before, in a home that a test may change."""
    copied = Agency.__new__(Agency)
    copied.settings = Settings(home=Path(shutil.copytree(loaded, tmp_path / "home")))
    return copied


@pytest.fixture
def judge(models: Compiled, tmp_path: Path) -> Judge:
    """Every comparison of the last of the days, by its path."""

    def judged(settings: Settings, *as_of: date, kinds: Sequence[str] = SOURCE_CHECKS) -> dict[str, Check]:
        file = tmp_path / "given.duckdb"
        file.unlink(missing_ok=True)
        with duckdb.connect(str(file)) as connection:
            landing.register(connection, settings)
            write_scope(connection, settings, as_of or [DAY], "run")
            for entity in ("leads", "interactions", "transactions", "agents", "properties", "costs"):
                connection.execute(f"CREATE TABLE landing.{entity}_rows AS SELECT * FROM landing.{entity}")
                connection.execute(f"DROP VIEW landing.{entity}")
                connection.execute(f"ALTER TABLE landing.{entity}_rows RENAME TO {entity}")
        models.run_on(file)
        return found(models, kinds, max(as_of or [DAY]))

    return judged
