"""A DuckDB file that holds what Python hands to dbt (docs/architecture.md), filled from small Python rows."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
from dbt.artifacts.schemas.results import NodeResult

from pipelines.home.settings import Settings
from pipelines.ingest.contract import ENTITIES, LINEAGE
from pipelines.ingest.landing.views import PRESENCE
from pipelines.mining.tables import TABLES as MINED
from pipelines.texts.labels import LABELS
from pipelines.transform.dbt import run_dbt

Row = Mapping[str, Any]

HANDED_OVER = {
    "landing.batches": "batch VARCHAR, batch_seq BIGINT, revision BIGINT, known_until TIMESTAMP",
    "landing.labels": "label_kind VARCHAR, label VARCHAR, shown_from TIMESTAMP",
    "landing.sources": "source VARCHAR, interactions BOOLEAN, transactions BOOLEAN, is_mapped BOOLEAN",
    "landing.files": "batch VARCHAR, batch_seq BIGINT, source VARCHAR, file VARCHAR, entity VARCHAR, content VARCHAR, "
    "lines BIGINT, accepted BIGINT, quarantined BIGINT, known BIGINT, ingested_at TIMESTAMP",
    "landing.quarantine": "batch VARCHAR, source VARCHAR, file VARCHAR, entity VARCHAR, rule VARCHAR, field VARCHAR, "
    "rows BIGINT",
    "landing.emptied": "batch VARCHAR, source VARCHAR, file VARCHAR, entity VARCHAR, field VARCHAR, rows BIGINT, "
    "filled BIGINT",
    "landing.refusals": "source VARCHAR, lead_id VARCHAR, row_key VARCHAR, batch VARCHAR, file VARCHAR, line BIGINT, "
    "ingested_at TIMESTAMP, known_at TIMESTAMP, updated_at TIMESTAMP, marketing_consent BOOLEAN, status VARCHAR",
    "scope.as_of_dates": "as_of DATE",
    "scope.acceptances": "source VARCHAR, entity VARCHAR, rule VARCHAR, field VARCHAR, accepted_from DATE",
    "scope.run": "run_id VARCHAR, publication_as_of DATE, rule_version VARCHAR, published_at TIMESTAMP",
    "identity.customer_records": "as_of DATE, record_key VARCHAR, customer_key VARCHAR, matched_on VARCHAR",
    "identity.contact_records": "as_of DATE, record_key VARCHAR, customer_key VARCHAR",
    "scope.fx_rates": "currency VARCHAR, valid_from DATE, rate DECIMAL(18, 9)",
    "identity.contact_checks": "as_of DATE, rule VARCHAR, rows_checked BIGINT, rows_failed BIGINT",
    "identity.links": "as_of DATE, customer_key VARCHAR, record_id VARCHAR, linked_record_id VARCHAR, rule VARCHAR, "
    "evidence VARCHAR, score DOUBLE",
    "identity.customers": "customer_key VARCHAR, customer_id VARCHAR",
    "scoring.scores": "target VARCHAR, customer_key VARCHAR, as_of DATE, horizon_days INTEGER, model_version VARCHAR, "
    "probability_source VARCHAR, probability DOUBLE, reason_1 VARCHAR, reason_2 VARCHAR, reason_3 VARCHAR, "
    "reason_1_zh VARCHAR, reason_2_zh VARCHAR, reason_3_zh VARCHAR, contribution_1 DOUBLE, contribution_2 DOUBLE, "
    "contribution_3 DOUBLE",
    "scoring.champions": "target VARCHAR, horizon_days INTEGER, as_of DATE, model_version VARCHAR, "
    "trained_through DATE",
    "scoring.model_report": "model_version VARCHAR, target VARCHAR, horizon_days INTEGER, model VARCHAR, "
    "metric VARCHAR, segment VARCHAR, snapshot DATE, value DOUBLE, low DOUBLE, high DOUBLE, bar DOUBLE, passed BOOLEAN",
    "ledger.grades": "customer_key VARCHAR, graded_as_of DATE, grade VARCHAR, score DOUBLE, rule_version VARCHAR, "
    "model_version VARCHAR, warning_level VARCHAR",
    **{
        f"mining.{name}": ", ".join(f"{column} {kind}" for column, kind in columns.items())
        for name, columns in MINED.items()
    },
    "ledger.cases": "as_of DATE, case_id VARCHAR, customer_key VARCHAR, opened_on DATE, level VARCHAR, "
    "likely_cause VARCHAR, action VARCHAR, owner_agent_id VARCHAR, due_on DATE, arm VARCHAR, status VARCHAR, "
    "closed_on DATE, outcome VARCHAR",
}

SCHEMAS = sorted({table.partition(".")[0] for table in HANDED_OVER})


def landed_columns(entity: str) -> str:
    """The columns of `landing.<entity>` with their types, as the contract has them."""
    fields = (*LINEAGE, *ENTITIES[entity].open_fields)
    flags = [f"has_{name} BOOLEAN" for name in PRESENCE.get(entity, ())]
    return ", ".join(
        [*(f"{field.name} {field.sql_type}" for field in fields), *flags, "batch_seq BIGINT", "revision BIGINT"]
    )


def landed(entity: str, row: Row, number: int) -> dict[str, Any]:
    """A landed row: lineage is filled in where the row does not state it; known when it happened."""
    contract = ENTITIES[entity]
    happened = row[contract.happened]
    key = row.get(contract.key) or f"{entity}-{number}"
    return {
        "row_key": key, "source": "crm", "file": f"{entity}.csv", "line": number, "batch": "b1",
        "ingested_at": happened, "known_at": happened, "content_hash": f"{number:08d}", "batch_seq": 1,
        "revision": row.get("batch_seq", 1), **row,
    }  # fmt: skip


@dataclass
class Warehouse:
    """One DuckDB file with the tables that dbt reads. Customers default to one per lead, at each as_of; every text
    of a source may be shown."""

    path: Path
    as_of_dates: list[date]
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def land(self, entity: str, rows: Iterable[Row]) -> Warehouse:
        """Add rows of a contract entity; only what matters to the test has to be stated."""
        table = self.tables.setdefault(f"landing.{entity}", [])
        for row in rows:
            table.append(landed(entity, row, len(table) + 1))
        return self

    def put(self, table: str, rows: Iterable[Row]) -> Warehouse:
        """Add rows to one of the other tables, in place of the defaults."""
        self.tables.setdefault(table, []).extend(dict(row) for row in rows)
        return self

    def write(self) -> Warehouse:
        """Write the file anew."""
        self.path.unlink(missing_ok=True)
        tables = {**self._defaults(), **self.tables}
        with duckdb.connect(self.path) as connection:
            for schema in SCHEMAS:
                connection.execute(f"CREATE SCHEMA {schema}")
            for table, columns in HANDED_OVER.items():
                connection.execute(f"CREATE TABLE {table} ({columns})")
            for entity in ENTITIES:
                connection.execute(f"CREATE TABLE landing.{entity} ({landed_columns(entity)})")
            for table, rows in tables.items():
                _insert(connection, table, rows)
        return self

    def copy(self, folder: Path) -> Warehouse:
        """Another warehouse with the same file, as it was built."""
        return Warehouse(Path(shutil.copy(self.path, folder / self.path.name)), self.as_of_dates)

    def insert(self, table: str, rows: Iterable[Row]) -> None:
        """Add rows to a table of the written file."""
        with duckdb.connect(self.path) as connection:
            _insert(connection, table, rows)

    def execute(self, sql: str) -> None:
        """Change the written file."""
        with duckdb.connect(self.path) as connection:
            connection.execute(sql)

    def _defaults(self) -> dict[str, list[dict[str, Any]]]:
        keys = sorted({f"{row['source']}:{row['lead_id']}" for row in self.tables.get("landing.leads", [])})
        scored = {row["as_of"] for row in self.tables.get("scoring.scores", []) if row["target"] == "dormancy"}
        return {
            "scoring.champions": [
                {"target": "dormancy", "horizon_days": 90, "as_of": day, "model_version": model}
                for day in self.as_of_dates
                for model in ["m1" if day in scored else None]
            ],
            "scope.as_of_dates": [{"as_of": day} for day in self.as_of_dates],
            "scope.run": [{
                "run_id": "run", "publication_as_of": max(self.as_of_dates), "rule_version": "rules-1",
                "published_at": datetime(2025, 1, 1),  # noqa: DTZ001 - the contract's times carry no offset
            }],
            "landing.sources": [{"source": "crm", "interactions": True, "transactions": True, "is_mapped": True}],
            "landing.labels": [
                {"label_kind": kind, "label": label, "shown_from": datetime(1990, 1, 1)}  # noqa: DTZ001 - as above
                for kind, label in sorted(self._labels())
            ],
            "identity.customer_records": [
                {"as_of": day, "record_key": key, "customer_key": key} for day in self.as_of_dates for key in keys
            ],
            "identity.customers": [{"customer_key": key, "customer_id": f"id-{key}"} for key in keys],
        }  # fmt: skip

    def _labels(self) -> set[tuple[str, str]]:
        """Every text of the fields that hold labels: all may be shown."""
        return {
            (kind, row[field].strip().lower())
            for kind, fields in LABELS.items()
            for entity, field in fields
            for row in self.tables.get(f"landing.{entity}", [])
            if row.get(field)
        }

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the built file."""
        with duckdb.connect(self.path, read_only=True) as connection:
            return connection.execute(sql).fetchall()


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[Row]) -> None:
    for row in rows:
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))


def dbt(warehouse: Path, artefacts: Path, *arguments: str) -> list[NodeResult]:
    """Run dbt on the project against this file, as the pipeline does. Raises DbtFailed."""
    return run_dbt(Settings(home=warehouse.parent), warehouse, *arguments, target=artefacts / "target")
