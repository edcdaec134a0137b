"""Decides which good rows are new, known, or contradict a later line: one verdict per row that is not new.

Key and known_at identify a row version. If two lines have the same key and known_at, the last line counts; of leads the
last line that refuses marketing. Another line with the same content is known, another line with other content is
quarantined as `duplicate_key`. A version is known if it changes nothing after its known_at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import duckdb

from pipelines.home.sql import identifier, literal
from pipelines.ingest.contract import Entity
from pipelines.ingest.landing.live_rows import places_sql
from pipelines.ingest.mapping.source_mapping import SourceMapping

INCOMING = 2**31 - 1
"""Order of commit of rows that are not committed yet: after all committed rows."""

IN_BATCH = -1
"""Place in landing of a row of the batch itself."""

CONSENT = "marketing_consent"
"""Field whose most restrictive line counts, in any order of lines."""

CONTENT_HASH = "lower(to_hex(__content))"
"""SQL for `content_hash` of a mapped row."""


@dataclass(frozen=True)
class Landed:
    """Rows of an entity in landing.

    `rows`: SQL of `live_rows` with `located`; None if there is no row. `batches`: the live batches with order of commit
    and revision. `holders`: every batch that may store a row, with its order of commit. `places`: batch, file and
    revision of files with an earlier revision than their batch.
    """

    rows: str | None
    batches: Sequence[tuple[str, int, int]]
    holders: Sequence[tuple[str, int]]
    places: Sequence[tuple[str, str, Decimal]] = ()


def compared_columns(source: SourceMapping, entity: Entity) -> list[str]:
    """Return the columns that `Landed.rows` must have."""
    columns = ["row_key", "known_at", "content_hash", "batch", "file"]
    return [*columns, "currency"] if _has_default_currency(source, entity) else columns


def _has_default_currency(source: SourceMapping, entity: Entity) -> bool:
    """Whether the source has a default currency. The content hash does not contain it, because it is not mapped."""
    return source.currency is not None and any(field.name == "currency" for field in entity.fields)


def _compared(source: SourceMapping, entity: Entity, content_hash: str, currency: str) -> str:
    """SQL for the text by which the contents of two versions of a row are compared."""
    return f"{content_hash} || coalesce({currency}, '')" if _has_default_currency(source, entity) else content_hash


def row_key_sql(source: SourceMapping) -> str:
    """SQL for `row_key` of a mapped row."""
    return f"{literal(source.source + ':')} || __key"


def resolve(
    connection: duckdb.DuckDBPyConnection,
    source: SourceMapping,
    entity: Entity,
    landed: Landed,
    revision: int,
    scopes: Mapping[int, int] | None = None,
) -> None:
    """Fill `verdict_<entity>` (__file, __line, verdict, held) for good rows that are not new.

    `verdict`: known or duplicate_key. `held`: the row of the table `landed` that makes the row known; null if another
    row of the batch does. `landed`: the rows of live batches. `revision`: revision of the compared rows. `scopes`: the
    commits whose place files take that are read again for a changed mapping, by id of the file.
    """
    _landed(connection, source, entity, landed)
    _candidates(connection, source, entity, scopes or {})
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE verdict_{entity.name} AS
        WITH lines AS (
            SELECT
                *,
                row_number() OVER last_first = 1 AS is_last,
                first_value(content_hash) OVER last_first AS last_content
            FROM candidates
            WHERE NOT implied
            WINDOW last_first AS (
                PARTITION BY row_key, known_at, scope ORDER BY refuses DESC, __file DESC, __line DESC
            )
        ), known AS ({_after_all(bool(scopes)) if revision == INCOMING else _among_stated(revision)}), implied AS (
            SELECT
                __file, __line, row_key,
                row_number() OVER (PARTITION BY row_key ORDER BY happened NULLS LAST, __file, __line) > 1
                OR row_key IN (SELECT row_key FROM candidates WHERE NOT implied) AS in_batch
            FROM candidates
            WHERE implied
        ), first_landed AS (
            SELECT row_key, arg_min(rowid, batch_seq) AS held FROM landed GROUP BY row_key
        )
        SELECT
            __file, __line, CASE WHEN content_hash = last_content THEN 'known' ELSE 'duplicate_key' END AS verdict,
            NULL::BIGINT AS held
        FROM lines WHERE NOT is_last
        UNION ALL
        SELECT __file, __line, 'known', held FROM known
        UNION ALL
        SELECT __file, __line, 'known', CASE WHEN NOT in_batch THEN held END
        FROM implied LEFT JOIN first_landed USING (row_key)
        WHERE in_batch OR held IS NOT NULL
    """)


def _after_all(scoped: bool) -> str:
    """SELECT of the known lines of a batch whose versions supersede all versions in landing, for any known_at.

    `scoped`: some lines supersede only versions up to the revision `scope`.

    A line is known if landing has its content from its known_at until the known_at of the next line of its key. After a
    new line the versions in landing are superseded. From then on a line is known if it repeats the line before it.
    """
    scopes = "JOIN (SELECT DISTINCT row_key, scope FROM lines) AS keys USING (row_key)" if scoped else ""
    up_to_scope = "AND revision <= scope" if scoped else ""
    return f"""
        WITH placed AS (
            SELECT *, landed.rowid AS held, {"" if scoped else f"{INCOMING} AS scope,"} min(known_at) OVER (
                PARTITION BY row_key{", scope" if scoped else ""} ORDER BY revision, known_at, batch_seq
                ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
            ) AS superseded_from
            FROM landed {scopes}
            WHERE holder_row IS NOT NULL {up_to_scope}
        ), dated AS (
            SELECT NULL AS __file, NULL AS __line, row_key, scope, known_at, content_hash, held
            FROM placed WHERE superseded_from IS NULL OR superseded_from > known_at
            UNION ALL
            SELECT __file, __line, row_key, scope, known_at, content_hash, NULL FROM lines WHERE is_last
        ), spans AS (
            SELECT
                *,
                arg_max(content_hash, known_at) FILTER (__file IS NULL) OVER by_day AS landed_content,
                arg_max(held, known_at) FILTER (__file IS NULL) OVER by_day AS landed_row,
                count(__file) OVER by_day AS span
            FROM dated
            WINDOW by_day AS (PARTITION BY row_key, scope ORDER BY known_at)
        ), compared AS (
            SELECT *, coalesce(content_hash = landed_content, false)
                AND min(content_hash) OVER in_span = max(content_hash) OVER in_span AS is_landed
            FROM spans
            WINDOW in_span AS (PARTITION BY row_key, scope, span)
        ), followed AS (
            SELECT
                __file, __line, landed_row,
                bool_and(is_landed) OVER (by_day ROWS UNBOUNDED PRECEDING) AS all_landed,
                bool_and(is_landed) OVER (by_day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before_landed,
                content_hash = lag(content_hash) OVER by_day AS repeats
            FROM compared
            WHERE __file IS NOT NULL
            WINDOW by_day AS (PARTITION BY row_key, scope ORDER BY known_at)
        )
        SELECT __file, __line, CASE WHEN all_landed THEN landed_row END AS held
        FROM followed WHERE all_landed OR (repeats AND NOT before_landed)
    """


def _among_stated(revision: int) -> str:
    """SELECT of the known lines of a batch whose files state known_at, which orders them among the landed versions."""
    return f"""
        WITH versions AS (
            SELECT
                NULL AS __file, NULL AS __line, row_key, known_at, content_hash, batch_seq, revision, rowid AS held
            FROM landed
            WHERE holder_row IS NOT NULL
            UNION ALL
            SELECT __file, __line, row_key, known_at, content_hash, {INCOMING}, {revision}, {IN_BATCH}
            FROM lines WHERE is_last
        ), placed AS (
            SELECT *, row_number() OVER (PARTITION BY row_key ORDER BY revision, known_at, batch_seq) AS place
            FROM versions
        ), compared AS (
            SELECT
                * EXCLUDE (held),
                arg_max(content_hash, place) OVER before AS content_before,
                arg_max(held, place) OVER before AS held
            FROM placed
            WINDOW before AS (
                PARTITION BY row_key ORDER BY known_at, place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            )
        )
        SELECT __file, __line, nullif(held, {IN_BATCH}) AS held
        FROM compared WHERE __file IS NOT NULL AND content_hash = content_before
    """


def _landed(connection: duckdb.DuckDBPyConnection, source: SourceMapping, entity: Entity, landed: Landed) -> None:
    """Create `landed`: the versions of the incoming keys in landing, and the places that store them (`live_rows`)."""
    number = "DECIMAL(18, 6)" if landed.places else "INTEGER"
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE landed (row_key VARCHAR, known_at TIMESTAMP, content_hash VARCHAR, "
        f"batch_seq INTEGER, revision {number}, holder INTEGER, holder_row BIGINT)"
    )
    if not landed.rows:
        return
    seqs = ", ".join(f"({literal(batch)}, {seq}, {revision})" for batch, seq, revision in landed.batches)
    holders = ", ".join(f"({literal(batch)}, {seq})" for batch, seq in landed.holders)
    earlier = (
        f"LEFT JOIN {places_sql(landed.places)} ON rows.batch = places.batch AND rows.file = places.file"
        if landed.places
        else ""
    )
    content = _compared(source, entity, "rows.content_hash", "rows.currency")
    revision = "coalesce(places.revision, seqs.revision)" if earlier else "seqs.revision"
    connection.execute(f"""
        INSERT INTO landed
        SELECT rows.row_key, rows.known_at, {content}, seqs.seq, {revision}, holders.seq, rows.holder_row
        FROM ({landed.rows}) AS rows
        JOIN (VALUES {seqs}) AS seqs (batch, seq, revision) ON rows.batch = seqs.batch
        JOIN (VALUES {holders}) AS holders (batch, seq) ON rows.holder = holders.batch
        {earlier}
        WHERE rows.row_key IN (SELECT {row_key_sql(source)} FROM mapped_{entity.name} WHERE faults IS NULL)
    """)


def _candidates(
    connection: duckdb.DuckDBPyConnection, source: SourceMapping, entity: Entity, scopes: Mapping[int, int]
) -> None:
    """Create `candidates`: good rows whose key is in landing or occurs more than once. All other rows are new."""
    stored = {field.name for field in source.stored_fields(entity)}
    happened = f"CAST({identifier(entity.happened) if entity.happened in stored else 'NULL'} AS TIMESTAMP)"
    refuses = f"coalesce(NOT CAST({CONSENT if CONSENT in stored else 'NULL'} AS BOOLEAN), false)"
    good = f"mapped_{entity.name} WHERE faults IS NULL"
    read_again = " ".join(f"WHEN {file} THEN {place}.999999" for file, place in scopes.items())
    scope = f"CASE __file {read_again} ELSE {INCOMING} END" if scopes else INCOMING
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE candidates AS
        SELECT
            __file, __line, {row_key_sql(source)} AS row_key, known_at,
            {_compared(source, entity, CONTENT_HASH, "currency")} AS content_hash, implied,
            {happened} AS happened, {scope} AS scope, {refuses} AS refuses
        FROM {good} AND (
            hash(__key) IN (SELECT hash(__key) FROM {good} GROUP BY ALL HAVING count(*) > 1)
            OR {row_key_sql(source)} IN (SELECT row_key FROM landed)
        )
    """)
