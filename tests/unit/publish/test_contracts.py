"""Comments, keys and ranks of the published tables follow dbt's contracts and tests."""

from __future__ import annotations

import json

import duckdb
import pytest

from pipelines.home.settings import DBT_PROJECT
from pipelines.publish import contracts as contracts_of_tables
from pipelines.publish import version
from pipelines.publish.contracts import contracts
from pipelines.publish.tables import published_tables
from pipelines.publish.version import build_version

MODELS = {
    node["name"]: node
    for node in json.loads((DBT_PROJECT / "target" / "manifest.json").read_bytes())["nodes"].values()
    if node["resource_type"] == "model" and node["schema"] == "marts"
}


def test_the_duckdb_file_has_a_comment_on_every_table_and_every_column(tmp_path, monkeypatch) -> None:
    tables = published_tables()
    monkeypatch.setattr(version, "published_tables", lambda: dict.fromkeys(tables, ("as_of",)))
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute("CREATE SCHEMA marts")
        for name, model in MODELS.items():
            columns = ", ".join(f"{column['name']} {column['data_type']}" for column in model["columns"].values())
            connection.execute(f"CREATE TABLE marts.{name} ({columns})")
    build_version(tmp_path / "warehouse.duckdb", tmp_path / "published" / "versions", "2026-06-30-1f0c2a9b")
    file = tmp_path / "published" / "versions" / "2026-06-30-1f0c2a9b" / "tierhouse.duckdb"
    with duckdb.connect(str(file), read_only=True) as connection:
        of_tables = dict(connection.execute("SELECT table_name, comment FROM duckdb_tables()").fetchall())
        of_columns = {
            (table, column): comment
            for table, column, comment in connection.execute(
                "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal"
            ).fetchall()
        }
    assert set(of_tables) == set(MODELS)
    assert set(of_columns) == {(name, column) for name, model in MODELS.items() for column in model["columns"]}
    assert all(of_tables.values()) and all(of_columns.values())
    assert of_columns["customer_grades", "warning_level_rank"] == (
        "Order of `warning_level`: from 0 (`none`) to 4 (`urgent`). Null when `warning_level` is null."
    )
    assert not [comment for comment in of_columns.values() if "](" in comment]


@pytest.mark.parametrize("table", MODELS)
def test_the_key_of_a_table_is_what_dbt_tests_for_uniqueness_and_is_never_null(table: str) -> None:
    contract = contracts()[table]
    assert set(published_tables()[table]) <= set(contract.key) <= set(contract.comments)
    assert not [column for column in contract.key if "Null when" in contract.comments[column]]


def test_a_table_with_several_unique_tests_has_the_key_that_it_is_ordered_by() -> None:
    assert contracts()["agent_worklist"].key == ("agent_id", "priority")
    assert contracts()["agent_worklist"].unique == (("customer_id",),)


def test_a_table_without_a_unique_test_is_refused(monkeypatch) -> None:
    monkeypatch.setattr(contracts_of_tables, "unique_keys", lambda _: [])
    with pytest.raises(LookupError, match="unique_combination"):
        contracts.__wrapped__()
