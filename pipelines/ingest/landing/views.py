"""Landing as DuckDB views and tables in the schema `landing`, for dbt and identity (docs/architecture.md)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.home.settings import Settings
from pipelines.home.sql import identifier, parquet_files
from pipelines.ingest.batches import Batch, places, revisions
from pipelines.ingest.contract import ENTITIES, LINEAGE, Entity, Field
from pipelines.ingest.errors import MappingError
from pipelines.ingest.landing.live_rows import live_rows, places_sql
from pipelines.ingest.landing.manifests import committed
from pipelines.ingest.landing.refusals import register_refusals
from pipelines.ingest.mapping.load import load_mapping
from pipelines.ingest.typing.emptied import emptied_rows
from pipelines.texts.keys import ALWAYS, KEYED, write_keys
from pipelines.texts.labels import write_labels

ALL_RECORDS = 10**12
"""Number of records of a name in the table of agents: more than any label has."""
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
EMPTIED = (*(field for field in QUARANTINE if field.name != "rule"), Field("filled", "integer"))
SOURCES = (
    Field("source"),
    *(Field(name, "boolean") for name in ("interactions", "transactions", "is_mapped")),
)
PRESENCE = {"leads": ("phone",)}
"""Direct identifiers by entity. The view shows only whether they have a value: `has_<field>`."""
PERSONAL = ("phone", "email", "full_name")
"""Direct identifiers of a lead."""
REVISION = Field("revision", "integer", required=True)
BATCHES = (Field("batch"), BATCH_SEQ, REVISION, Field("known_until", "timestamp"))


def register(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Create or replace the schema `landing`.

    It has a view per entity without direct identifiers and `extra`, with keys in place of people, and the tables
    batches, files, sources, quarantine, emptied, refusals and labels.
    """
    batches = committed(settings)
    connection.execute("CREATE SCHEMA IF NOT EXISTS landing")
    _table(connection, "batches", BATCHES, _batch_rows(batches))
    _table(connection, "files", FILES, [row for batch in batches for row in _file_rows(batch)])
    _table(connection, "quarantine", QUARANTINE, [row for batch in batches for row in _fault_rows(batch)])
    _table(connection, "emptied", EMPTIED, [row for batch in batches for row in emptied_rows(batch)])
    _table(connection, "sources", SOURCES, _source_rows(settings, batches))
    people = _people(settings, batches)
    keys = write_keys(connection, settings, _keyed_texts(settings, batches), people)
    for entity in ENTITIES.values():
        body = _open_versions(settings, batches, entity, keys)
        connection.execute(f"CREATE OR REPLACE VIEW landing.{entity.name} AS {body}")
    register_refusals(connection, settings, batches)
    write_labels(connection, people)


def restricted_contacts(settings: Settings) -> str:
    """Return SQL of the direct identifiers of lead row versions: row_key, batch_seq, content_hash, phone, email,
    full_name.

    For identity only: the values must not reach the warehouse. Needs `register`.
    """
    leads = ENTITIES["leads"]
    body = _versions(settings, committed(settings), leads, (*LINEAGE, *map(leads.field, PERSONAL)))
    # Within a batch a row may return to an older content, which has the same values.
    return f"SELECT DISTINCT row_key, batch_seq, content_hash, {', '.join(PERSONAL)} FROM ({body})"


def restricted_agents(connection: duckdb.DuckDBPyConnection, settings: Settings) -> duckdb.DuckDBPyRelation:
    """Return the people behind the keys of agents and teams: kind, key, text (as in the source), name.

    For the restricted file only. Needs `register`.
    """
    agents = live_rows(settings, committed(settings), "agents", ["agent_id", "name", "known_at"])
    return connection.sql(
        f"""
        SELECT keys.kind, keys.key, keys.text, arg_max(named.name, named.known_at) AS name
        FROM {parquet_files([settings.restricted_keys])} AS keys
        LEFT JOIN ({agents or "SELECT NULL, NULL, NULL"}) AS named(agent_id, name, known_at)
            ON keys.kind = 'agent' AND keys.text = named.agent_id
        WHERE keys.kind IN ('agent', 'team')
        GROUP BY ALL
        ORDER BY ALL
        """
    )


def _open_versions(settings: Settings, batches: Sequence[Batch], entity: Entity, keys: Path | None) -> str:
    names = PRESENCE.get(entity.name, ())
    body = _versions(settings, batches, entity, (*LINEAGE, *entity.open_fields, *map(entity.field, names)), keys)
    if not names:
        return body
    present = ", ".join(f"{identifier(name)} IS NOT NULL AS has_{name}" for name in names)
    return f"SELECT * EXCLUDE ({', '.join(map(identifier, names))}), {present} FROM ({body})"


def _versions(
    settings: Settings, batches: Sequence[Batch], entity: Entity, fields: Sequence[Field], keys: Path | None = None
) -> str:
    """SQL of the row versions of an entity. `keys`: the file of keys that replace texts (`KEYED`)."""
    rows = live_rows(settings, batches, entity.name, [field.name for field in fields])
    if rows is None:
        typed = ", ".join(
            f"CAST(NULL AS {field.sql_type}) AS {identifier(field.name)}" for field in (*fields, BATCH_SEQ, REVISION)
        )
        return f"SELECT {typed} WHERE false"
    earlier = places(batches)
    revision = "coalesce(places.revision, batches.revision)" if earlier else "batches.revision"
    joins = [
        f"LEFT JOIN {places_sql(earlier)} ON rows.batch = places.batch AND rows.file = places.file" if earlier else "",
        *(
            f"LEFT JOIN (SELECT text, key FROM {parquet_files([keys])} WHERE kind = '{KEYED[field.name]}') "
            f"AS {field.name}_keys ON rows.{field.name} = {field.name}_keys.text"
            for field in fields
            if keys is not None and field.name in KEYED
        ),
    ]
    names = ", ".join(_shown(field.name, keys is not None) for field in fields)
    return (
        f"SELECT {names}, batches.batch_seq, {revision} AS revision FROM ({rows}) AS rows "
        f"JOIN landing.batches AS batches ON rows.batch = batches.batch {' '.join(joins)}"
    )


def _shown(field: str, keyed: bool) -> str:
    column = f"rows.{identifier(field)}"
    if not keyed or field not in KEYED:
        return column
    # Every agent and team has a key. An id without a key is shown unchanged.
    shown = f"{field}_keys.key" if KEYED[field] in ALWAYS else f"coalesce({field}_keys.key, {column})"
    return f"{shown} AS {identifier(field)}"


def _keyed_texts(settings: Settings, batches: Sequence[Batch]) -> dict[str, list[str]]:
    """Return SQL queries of the texts that may need a key, by kind."""
    queries: dict[str, list[str]] = {kind: [] for kind in KEYED.values()}
    for name, entity in ENTITIES.items():
        for field in entity.fields:
            if field.name in KEYED and (rows := live_rows(settings, batches, name, [field.name])):
                queries[KEYED[field.name]].append(f"SELECT {field.name} AS text FROM ({rows})")
    return queries


def _people(settings: Settings, batches: Sequence[Batch]) -> list[str]:
    """Return SQL queries of names of people, with the number of records of each name.

    Names come from customers, agents and ids of agents, which may be names. Each name in the table of agents counts as
    ALL_RECORDS, because that table contains only names.
    """
    fields = [("leads", "full_name", "count(DISTINCT row_key)"), ("agents", "name", str(ALL_RECORDS))]
    fields += [
        (name, "agent_id", "count(*)")
        for name, entity in ENTITIES.items()
        if any(field.name == "agent_id" for field in entity.fields)
    ]
    return [
        f"SELECT {field} AS name, {records} AS records FROM ({rows}) GROUP BY 1"
        for name, field, records in fields
        if (rows := live_rows(settings, batches, name, [field, "row_key"]))
    ]


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
    # All sheets of a workbook have the hash of the workbook.
    contents = {file.file: "".join([file.sha256, *file.file.partition("#")[1:]]) for file in batch.files}
    return [
        (
            batch.batch,
            batch.source,
            report.file,
            report.entity,
            contents[report.file],
            batch.seq,
            report.lines,
            report.accepted,
            report.quarantined,
            report.known,
            batch.ingested_at,
        )
        for report in batch.reports
    ]


def _fault_rows(batch: Batch) -> list[tuple]:
    return [
        (batch.batch, batch.source, fault.file, fault.entity, fault.rule, fault.field, fault.rows)
        for fault in batch.faults
    ]


def _source_rows(settings: Settings, batches: Sequence[Batch]) -> list[tuple]:
    """Rows of `landing.sources`: the entities that each source fills, by its mapping, else by its latest batch.

    A mapping with faults counts as a mapping of the source with the name of its file.
    """
    filled = {batch.source: set(batch.entities) for batch in batches}
    mapped = set()
    for path in settings.mapping_files:
        try:
            mapping = load_mapping(path)
        except MappingError:
            mapped.add(path.stem)
            continue
        mapped.add(mapping.source)
        if mapping.source in filled:
            filled[mapping.source] = {name for name in ENTITIES if mapping.fills(name)}
    return [
        (source, "interactions" in entities, "transactions" in entities, source in mapped)
        for source, entities in sorted(filled.items())
    ]
