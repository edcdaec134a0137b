"""A run publishes what `check` passes: row faults are found before landing, for any values."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.gates.run import run_gate
from pipelines.gates.suites import load_suite
from pipelines.home.warehouse import connect
from pipelines.identity.customers import write_customers
from pipelines.ingest import landing
from pipelines.ingest.dry_run import dry_run
from pipelines.ingest.gate_tables import file_counts, staged_tables, write_file_counts
from pipelines.transform.assets import CORE, STAGING
from pipelines.transform.dbt import run_dbt
from pipelines.transform.engine import BUILD
from pipelines.transform.scope import write_scope
from tests.home import published, tierhouse
from tests.ingest_home import IngestHome, counts
from tests.odd_tables import mapping, odd_tables

AS_OF = date(2026, 6, 30)
NOW = datetime(2026, 7, 1, 3, tzinfo=UTC)


def odd_home(folder: Path, seed: int, count: int) -> IngestHome:
    home = IngestHome.at(folder)
    home.mapping(mapping(), "odd")
    for name, data in odd_tables(seed, count):
        home.raw(data, name, "odd")
    return home


def test_what_check_passes_core_accepts(tmp_path: Path) -> None:
    home = odd_home(tmp_path, seed=1, count=120)
    settings = home.settings
    said = dry_run(settings, "odd", 10_000)
    reports = home.stage(NOW)
    write_file_counts(settings, file_counts(reports))
    (report,) = reports
    assert counts(report) == counts(said.report)
    assert counts(report)[1] > 300
    assert [(line.line, line.message) for line in said.lines] == [(row[0], row[4]) for row in home.quarantine()]
    assert all(row[3] or row[2] in ("encoding", "ragged_row", "where") for row in home.quarantine()), (
        "each names its field"
    )
    with duckdb.connect() as connection:
        outcomes = run_gate(load_suite("raw"), connection, staged_tables(settings), docs_dir=None).outcomes
    assert [one for one in outcomes if one.severity == "error" and not one.success] == []
    landing.commit(settings, [report.batch])
    with connect(settings.warehouse, settings) as connection:
        landing.register(connection, settings)
    run_dbt(settings, settings.warehouse, *BUILD, "--select", STAGING, target=tmp_path / "dbt")
    with connect(settings.warehouse, settings) as connection:
        write_scope(connection, settings, [AS_OF], "run")
        write_customers(connection, settings, [AS_OF], directory=True)
    run_dbt(settings, settings.warehouse, *BUILD, "--select", CORE, target=tmp_path / "dbt")


@pytest.mark.soak
def test_what_check_passes_of_300_files_the_run_publishes(tmp_path: Path) -> None:
    home = odd_home(tmp_path, seed=2, count=300)
    said = tierhouse(home.settings.home, "check", "odd", check=False)
    assert "quarantined" in said.stdout
    tierhouse(home.settings.home, "run", "--as-of", str(AS_OF))
    assert len(published(home.settings.home, "customer_grades")) > 40
