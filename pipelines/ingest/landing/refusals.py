"""Refusals of marketing in quarantined rows. The row does not count, but its refusal does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from pipelines.home.settings import Settings
from pipelines.home.sql import literal, parquet_files
from pipelines.ingest.batches import Batch
from pipelines.ingest.contract import ENTITIES
from pipelines.ingest.landing.live_rows import data_file
from pipelines.ingest.landing.resolve import CONSENT, row_key_sql
from pipelines.ingest.landing.write_rows import file_names
from pipelines.ingest.mapping.source_mapping import SourceMapping
from pipelines.integrity.check import assert_rows

NAME = "leads.refusals"
"""Stem of the file of a batch. A batch without such a row has no file."""

COLUMNS = (
    "source VARCHAR, lead_id VARCHAR, row_key VARCHAR, batch VARCHAR, file VARCHAR, line BIGINT, "
    "ingested_at TIMESTAMP, known_at TIMESTAMP, updated_at TIMESTAMP, marketing_consent BOOLEAN, status VARCHAR"
)


def write_refusals(
    connection: duckdb.DuckDBPyConnection, mapping: SourceMapping, batch: Batch, files: Mapping[int, str], folder: Path
) -> None:
    """Write the quarantined lead rows that have an id, and a refused consent or a status.

    A rules table says which status refuses, so dbt decides that. `files`: names by id. Needs `verdict_leads`.
    """
    if not any(report.entity == "leads" and report.quarantined for report in batch.reports):
        return
    stored = {field.name for field in mapping.stored_fields(ENTITIES["leads"])}
    updated, consent, status = (
        name if name in stored else f"CAST(NULL AS {ENTITIES['leads'].field(name).sql_type})"
        for name in ("updated_at", CONSENT, "status")
    )
    moment = f"TIMESTAMP {literal(batch.ingested_at)}"
    body = f"""
        SELECT
            {row_key_sql(mapping)} AS row_key, {literal(batch.batch)} AS batch, {file_names(files)} AS file,
            __line AS line, {moment} AS ingested_at, coalesce(known_at, {moment}) AS known_at,
            {updated} AS updated_at, {consent} AS marketing_consent, {status} AS status
        FROM mapped_leads LEFT JOIN verdict_leads AS verdicts USING (__file, __line)
        WHERE (faults IS NOT NULL OR verdicts.verdict = 'duplicate_key') AND __key IS NOT NULL
            AND (NOT {consent} OR {status} IS NOT NULL)
        ORDER BY __file, __line
    """
    if connection.execute(f"SELECT 1 FROM ({body}) LIMIT 1").fetchone():
        target = literal(str(folder / f"{NAME}.parquet"))
        connection.execute(f"COPY ({body}) TO {target} (FORMAT parquet, COMPRESSION zstd)")


def register_refusals(connection: duckdb.DuckDBPyConnection, settings: Settings, batches: Sequence[Batch]) -> None:
    """Create the table `landing.refusals`, for records in landing. Needs `landing.leads`."""
    connection.execute(f"CREATE OR REPLACE TABLE landing.refusals ({COLUMNS})")
    files = [
        data_file(settings, batch.batch, NAME)
        for batch in batches
        if f"landing/data/{batch.batch}/{NAME}.parquet" in batch.listed
    ]
    if files:
        assert_rows(settings.home, files)
        connection.execute(f"""
            INSERT INTO landing.refusals BY NAME
            SELECT records.source, records.lead_id, refusals.*
            FROM {parquet_files(files)} AS refusals
            JOIN (SELECT DISTINCT row_key, source, lead_id FROM landing.leads) AS records USING (row_key)
        """)
