"""One published version: a folder with a DuckDB file and a Parquet file per table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from pipelines.home.sql import literal
from pipelines.publish.folders import partial_folder, put_in_place

STORAGE_VERSION = "v1.2.0"
"""What BI drivers of the last years can open; the engine's own default is newer than some of them."""

TABLES: Mapping[str, Sequence[str]] = {
    "customer_grades": ("customer_id",),
    "customer_profile": ("customer_id",),
    "customer_clv": ("customer_id",),
    "grade_reasons": ("customer_id", "component"),
    "customer_rfm": ("customer_id",),
    "customer_purchase_history": ("customer_id",),
    "customer_churn": ("customer_id", "horizon_days"),
    "lead_intent": ("customer_id", "horizon_days"),
    "customer_purchase_silence": ("customer_id", "horizon_days"),
    "winback_cases": ("case_id",),
    "winback_outcomes": ("origin", "campaign", "likely_cause", "action"),
    "agent_worklist": ("agent_id", "priority"),
    "grade_history": ("customer_id", "graded_as_of"),
    "grade_movements": ("grade_from", "grade_to"),
    "kpi_monthly": ("month", "dimension", "member"),
    "grade_performance": ("graded_as_of", "grade"),
    "data_quality": ("rule", "entity"),
    "history_checks": ("check_path",),
    "model_report": ("model_version", "model", "metric", "snapshot"),
    "customer_segments": ("customer_id",),
    "segment_profiles": ("persona_id", "measure"),
    "demand_rules": ("antecedent", "consequent"),
    "demand_forecast": ("channel", "month"),
    "demand_back_test": ("channel", "origin", "month", "method"),
    "listing_matches": ("customer_id", "match_rank"),
    "mining_report": ("topic", "subject", "metric"),
    "publication": ("as_of",),
}
"""Published tables and the columns that they are ordered by: equal content gives equal files."""


def build_version(warehouse: Path, versions: Path, version_id: str) -> dict[str, int]:
    """Copy the `published` schema of the warehouse into `versions/<version_id>`. Returns rows by table.

    `versions`: `<home>/published/versions`. The folder appears under its name only when it is whole and on disk, with a
    manifest of its files.
    """
    partial = partial_folder(versions, version_id)
    rows: dict[str, int] = {}
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH {literal(str(warehouse))} AS warehouse (READ_ONLY)")
        target = literal(str(partial / "tierhouse.duckdb"))
        connection.execute(f"ATTACH {target} AS target (STORAGE_VERSION '{STORAGE_VERSION}')")
        for table, order in TABLES.items():
            ordered = f"SELECT * FROM warehouse.marts.{table} ORDER BY {', '.join(order)}"
            connection.execute(f"CREATE TABLE target.{table} AS {ordered}")
            file = literal(str(partial / f"{table}.parquet"))
            connection.execute(f"COPY ({ordered}) TO {file} (FORMAT parquet, COMPRESSION zstd)")
            rows[table] = connection.execute(f"SELECT count(*) FROM target.{table}").fetchone()[0]  # type: ignore[index]
        connection.execute("CHECKPOINT target")
        connection.execute("DETACH target")
    put_in_place(partial, versions, version_id, rows)
    return rows
