"""References of a batch to known rows: rows that landing had already when the batch was read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from pipelines.home.sql import literal
from pipelines.ingest.batches import Batch, Through
from pipelines.ingest.landing.live_rows import implied_name, reference_name
from pipelines.ingest.landing.write_rows import file_names, write_rows
from pipelines.ingest.mapping.source_mapping import SourceMapping


def create_references(connection: duckdb.DuckDBPyConnection, entity: str) -> None:
    """Create `known_<entity>` with the stored row behind each known row, from the tables of `resolve`.

    Columns: __file, __line, known_at (null if the stored row has the same), implied, holder (the seq of the batch that
    stores the row), holder_row.
    """
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE known_{entity} AS
        SELECT
            verdicts.__file, verdicts.__line, nullif(lines.known_at, landed.known_at) AS known_at, lines.implied,
            landed.holder, landed.holder_row
        FROM verdict_{entity} AS verdicts
        JOIN landed ON verdicts.held = landed.rowid
        JOIN candidates AS lines ON verdicts.__file = lines.__file AND verdicts.__line = lines.__line
    """)


def count_through(
    connection: duckdb.DuckDBPyConnection, entity: str, holders: Mapping[int, str]
) -> tuple[Through, ...]:
    """Count the rows of `known_<entity>` by the batch that stores their content. `holders`: batches by seq."""
    rows = connection.execute(
        f"SELECT holder, implied, count(*) FROM known_{entity} GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    return tuple(Through(entity, holders[holder], count, implied) for holder, implied, count in rows)


def write_references(
    connection: duckdb.DuckDBPyConnection,
    mapping: SourceMapping,
    batch: Batch,
    holders: Mapping[int, str],
    files: Mapping[int, str],
    folder: Path,
) -> None:
    """Write the references, which `live_rows` reads once an earlier batch is rejected.

    `holders`: batches by seq. `files`: names by id. The order of lines keeps the files small (delta encoding).
    """
    for entity in {through.entity for through in batch.through if not through.implied}:
        stored = ", ".join(f"({seq}, {literal(name)})" for seq, name in holders.items())
        connection.execute(f"""
            COPY (
                SELECT
                    {literal(batch.batch)} AS batch, {file_names(files)} AS file, __line AS line,
                    TIMESTAMP {literal(batch.ingested_at)} AS ingested_at, known_at,
                    holders.batch AS holder, holder_row
                FROM known_{entity} JOIN (VALUES {stored}) AS holders (seq, batch) ON holder = holders.seq
                WHERE NOT implied
                ORDER BY __file, __line
            ) TO {literal(str(folder / f"{reference_name(entity)}.parquet"))}
            (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION V2)
        """)
    for entity in {through.entity for through in batch.through if through.implied}:
        target = folder / f"{implied_name(entity)}.parquet"
        rows = f"SEMI JOIN (FROM known_{entity} WHERE implied) AS again USING (__file, __line)"
        write_rows(connection, mapping, batch, entity, files, target, rows)
