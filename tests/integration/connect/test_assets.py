"""A connection as a Dagster asset and as a command."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import dagster as dg
import pytest
from click.testing import CliRunner

from pipelines.cli.main import cli
from pipelines.connect.assets import connection_assets
from pipelines.home.settings import Settings
from pipelines.orchestration.jobs import GRADING
from pipelines.orchestration.resources import Home
from tests.integration.connect.servers import write_connection


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with a connection to a small database: `leads` exists, `deals` does not."""
    monkeypatch.setenv("TIERHOUSE_HOME", str(tmp_path / "home"))
    settings = Settings(home=tmp_path / "home")
    with sqlite3.connect(tmp_path / "crm.db") as database:
        database.execute("CREATE TABLE leads (id INTEGER, name TEXT)")
        database.execute("INSERT INTO leads VALUES (1, 'Wang'), (2, 'Li')")
    database.close()
    tables = "tables: {deals: {key: id}, leads: {key: id}}"
    write_connection(settings.connections_dir, f"kind: database\nurl: sqlite:///{tmp_path}/crm.db\n{tables}\n")
    return settings


def test_asset_warns_and_pulls_the_rest(settings: Settings) -> None:
    (asset,) = connection_assets(settings)
    assert GRADING.resolve([asset]) == {dg.AssetKey(["connections", "crm"])}
    result = dg.materialize([asset], resources={"home": Home()})
    assert result.success
    (check,) = result.get_asset_check_evaluations()
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "tables.deals: expected a table 'deals' in the database, found none" in (check.description or "")
    assert [file.name for file in settings.pulled.rglob("*.parquet")] == ["000001.parquet"]
    (event,) = result.asset_materializations_for_node("connections__crm")
    assert event.metadata["dagster/row_count"].value == 2


@pytest.mark.usefixtures("settings")
def test_command() -> None:
    result = CliRunner().invoke(cli, ["pull"])
    assert result.exit_code == 1
    assert "crm.leads: 2 new or changed rows, 0 deleted → " in result.output
    assert "not pulled: crm.yml, line 3, tables.deals: expected a table 'deals'" in result.output
    assert "Wang" not in result.output
    missing = CliRunner().invoke(cli, ["pull", "other"])
    assert "there is no connection 'other'" in missing.output
    assert missing.exit_code == 1
