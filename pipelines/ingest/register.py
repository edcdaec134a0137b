"""Landing as DuckDB views and tables, in the schema `landing`: what dbt and identity read (docs/architecture.md)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import duckdb
import pyarrow as pa

from pipelines.ingest.batches import Batch, places, revisions
from pipelines.ingest.contract import ENTITIES, LINEAGE, Entity, Field
from pipelines.ingest.errors import MappingError
from pipelines.ingest.expressions import identifier
from pipelines.ingest.known.live_rows import live_rows, places_sql
from pipelines.ingest.manifests import committed
from pipelines.ingest.mapping_file import load_mapping, mapping_paths
from pipelines.settings import Settings

BATCH_SEQ = Field("batch_seq", "integer", required=True)
FILES = (
    *(Field(name) for name in ("batch", "source", "file", "entity", "content")),
    *(Field(name, "integer") for name in ("batch_seq", "lines", "accepted", "quarantined", "known")),
    Field("ingested_at", "timestamp"),
)
QUARANTINE = (
    *(Field(name) for name in ("batch", "source", "file", "entity", "rule", "field")),
    Field("rows", "integer"),
)
SOURCES = (Field("source"), Field("interactions", "boolean"), Field("transactions", "boolean"))
REVISION = Field("revision", "integer", required=True)
BATCHES = (Field("batch"), BATCH_SEQ, REVISION, Field("known_until", "timestamp"))


def register(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Create the schema `landing`: a view per entity without direct identifiers and `extra`, and the tables batches,
    files, sources and quarantine. Replaces what was there."""
    batches = committed(settings)
    connection.execute("CREATE SCHEMA IF NOT EXISTS landing")
    _table(connection, "batches", BATCHES, _batch_rows(batches))
    _table(connection, "files", FILES, [row for batch in batches for row in _file_rows(batch)])
    _table(connection, "quarantine", QUARANTINE, [row for batch in batches for row in _fault_rows(batch)])
    _table(connection, "sources", SOURCES, _source_rows(settings, batches))
    for entity in ENTITIES.values():
        body = _versions(settings, batches, entity, (*LINEAGE, *entity.open_fields))
        connection.execute(f"CREATE OR REPLACE VIEW landing.{entity.name} AS {body}")


def restricted_contacts(connection: duckdb.DuckDBPyConnection, settings: Settings) -> duckdb.DuckDBPyRelation:
    """The direct identifiers of lead row versions: row_key, batch_seq, content_hash, phone, email.

    For identity alone; needs `register` first, and nothing of it may be written to the warehouse."""
    leads = ENTITIES["leads"]
    body = _versions(settings, committed(settings), leads, (*LINEAGE, leads.field("phone"), leads.field("email")))
    # A row may return to an older content within a batch: the same content, the same contacts.
    return connection.sql(f"SELECT DISTINCT row_key, batch_seq, content_hash, phone, email FROM ({body})")


def _versions(settings: Settings, batches: Sequence[Batch], entity: Entity, fields: Sequence[Field]) -> str:
    rows = live_rows(settings, batches, entity.name, [field.name for field in fields])
    if rows is None:
        typed = ", ".join(
            f"CAST(NULL AS {field.sql_type}) AS {identifier(field.name)}" for field in (*fields, BATCH_SEQ, REVISION)
        )
        return f"SELECT {typed} WHERE false"
    earlier = places(batches)
    if not earlier:
        return (
            f"SELECT rows.*, batches.batch_seq, batches.revision FROM ({rows}) AS rows "
            "JOIN landing.batches AS batches ON rows.batch = batches.batch"
        )
    return (
        "SELECT rows.*, batches.batch_seq, coalesce(places.revision, batches.revision) AS revision "
        f"FROM ({rows}) AS rows JOIN landing.batches AS batches ON rows.batch = batches.batch "
        f"LEFT JOIN {places_sql(earlier)} ON rows.batch = places.batch AND rows.file = places.file"
    )


def _table(connection: duckdb.DuckDBPyConnection, name: str, fields: Sequence[Field], rows: list[tuple]) -> None:
    body = ", ".join(f"{identifier(field.name)} {field.sql_type}" for field in fields)
    connection.execute(f"CREATE OR REPLACE TABLE landing.{name} ({body})")
    if rows:
        columns = dict(zip((field.name for field in fields), map(list, zip(*rows, strict=True)), strict=True))
        connection.register("incoming", pa.table(columns))
        connection.execute(f"INSERT INTO landing.{name} SELECT * FROM incoming")
        connection.unregister("incoming")


def _batch_rows(batches: Sequence[Batch]) -> list[tuple]:
    revision_of = revisions(batches)
    return [
        (
            batch.batch,
            batch.seq,
            revision_of[batch.batch],
            batch.known_until and datetime.fromisoformat(batch.known_until),
        )
        for batch in batches
    ]


def _file_rows(batch: Batch) -> list[tuple]:
    # Sheets of a workbook have the hash of the workbook.
    contents = {one.file: "".join([one.sha256, *one.file.partition("#")[1:]]) for one in batch.files}
    return [
        (
            batch.batch, batch.source, report.file, report.entity, contents[report.file], batch.seq,
            report.lines, report.accepted, report.quarantined, report.known, batch.ingested_at,
        )
        for report in batch.reports
    ]  # fmt: skip


def _fault_rows(batch: Batch) -> list[tuple]:
    return [
        (batch.batch, batch.source, fault.file, fault.entity, fault.rule, fault.field, fault.rows)
        for fault in batch.faults
    ]


def _source_rows(settings: Settings, batches: Sequence[Batch]) -> list[tuple]:
    """What each source of landing can tell, as its mapping says; as its latest batch does where no mapping loads."""
    told = {batch.source: set(batch.entities) for batch in batches}
    for path in mapping_paths(settings):
        try:
            mapping = load_mapping(path)
        except MappingError:
            continue
        if mapping.source in told:
            told[mapping.source] = {name for name in ENTITIES if mapping.fills(name)}
    return [
        (source, "interactions" in entities, "transactions" in entities) for source, entities in sorted(told.items())
    ]
