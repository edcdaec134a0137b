"""Writes the accepted rows of one entity as a Parquet file with the columns of the contract."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from pipelines.home.sql import identifier, literal
from pipelines.ingest.batches import Batch
from pipelines.ingest.contract import ENTITIES, LINEAGE
from pipelines.ingest.landing.resolve import CONTENT_HASH, row_key_sql
from pipelines.ingest.mapping.source_mapping import SourceMapping


def file_names(files: Mapping[int, str]) -> str:
    """SQL for the name of the file of a row. `files`: names by id."""
    named = " ".join(f"WHEN {file_id} THEN {literal(file)}" for file_id, file in files.items())
    return f"CASE __file {named} END"


def write_rows(
    connection: duckdb.DuckDBPyConnection,
    mapping: SourceMapping,
    batch: Batch,
    name: str,
    files: Mapping[int, str],
    target: Path,
    chosen: str | None = None,
) -> None:
    """Write the good and new rows of `mapped_<name>`: lineage, fields, `extra`. `files`: names by id.

    `chosen`: SQL of a join that selects other rows than the new rows.
    """
    entity = ENTITIES[name]
    given = {
        "row_key": row_key_sql(mapping),
        "source": literal(batch.source),
        "file": file_names(files),
        "line": "__line",
        "batch": literal(batch.batch),
        "ingested_at": f"TIMESTAMP {literal(batch.ingested_at)}",
        "known_at": "known_at",
        "content_hash": CONTENT_HASH,
        **{field.name: identifier(field.name) for field in mapping.stored_fields(entity)},
        **({entity.key: "__key"} if entity.key else {}),
    }
    columns = [
        f"CAST({given.get(field.name, 'NULL')} AS {field.sql_type}) AS {identifier(field.name)}"
        for field in (*LINEAGE, *entity.fields)
    ]
    # The order of rows is undefined with several threads. Nothing depends on it, and a sort would be slow.
    connection.execute(f"""
        COPY (
            SELECT {", ".join(columns)}, extra
            FROM mapped_{name} {chosen or f"ANTI JOIN verdict_{name} USING (__file, __line)"}
            WHERE faults IS NULL
        ) TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)
    """)
