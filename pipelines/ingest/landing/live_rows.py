"""The rows of live batches as SQL.

A batch stores each row that is new, and a reference for each row that landing held already: the batch and the place
that hold the same content. So a delivery keeps all its rows when an earlier batch is rejected.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

from pipelines.home.settings import Settings
from pipelines.home.sql import identifier, literal, parquet_files
from pipelines.ingest.batches import Batch
from pipelines.integrity.check import assert_rows

OF_DELIVERY = ("batch", "file", "line", "ingested_at", "known_at")
"""Columns that a shared row has from the delivery that refers to it, not from the batch that stores it."""


def data_file(settings: Settings, batch: str, name: str) -> Path:
    """A Parquet file of a committed batch."""
    return settings.landing / "data" / batch / f"{name}.parquet"


def reference_name(entity: str) -> str:
    """The stem of the file with the references of a batch: batch, file, line, ingested_at, known_at, holder, row."""
    return f"{entity}.known"


def implied_name(entity: str) -> str:
    """The stem of the file with implied rows of a batch whose key landing held already."""
    return f"{entity}.implied"


def live_rows(
    settings: Settings, batches: Sequence[Batch], entity: str, columns: Iterable[str], *, located: bool = False
) -> str | None:
    """SELECT of the columns of all rows of an entity that these live batches hold; None where there is no row.

    `located` adds `holder` and `holder_row`: the batch and the row number of the Parquet file that store the row
    (holder_row is null for an implied row that an implied row of a rejected batch had made known).

    Raises IntegrityError unless the files of these rows are as they were written.
    """
    columns = list(dict.fromkeys(columns))
    live = {batch.batch for batch in batches}
    parts = []
    stored = [data_file(settings, batch.batch, entity) for batch in batches if entity in batch.accepted]
    if stored:
        place = ", batch AS holder, file_row_number AS holder_row" if located else ""
        source = _files(settings, stored, "file_row_number = true" if located else "")
        parts.append(f"SELECT {', '.join(map(identifier, columns))}{place} FROM {source}")
    if any(not batch.holders.get(entity, frozenset()) <= live for batch in batches):
        shared = [
            _referenced(settings, batches, live, entity, columns, located),
            _implied(settings, batches, live, entity, columns, located),
        ]
        parts += [part for part in shared if part]
    return " UNION ALL ".join(parts) or None


def _files(settings: Settings, paths: Sequence[Path], options: str = "") -> str:
    """Files of landing as SQL, once their bytes are those that were written. Raises IntegrityError."""
    assert_rows(settings.home, paths)
    return parquet_files(paths, options)


def _referring(batches: Sequence[Batch], live: set[str], entity: str, *, implied: bool) -> tuple[list[str], list[str]]:
    """The live batches that share rows with batches that are not live, and those, both in order."""
    referring = {
        (batch.batch, through.batch)
        for batch in batches
        for through in batch.through
        if through.entity == entity and through.implied == implied and through.batch not in live
    }
    return sorted({one for one, _ in referring}), sorted({holder for _, holder in referring})


def _referenced(
    settings: Settings, batches: Sequence[Batch], live: set[str], entity: str, columns: list[str], located: bool
) -> str | None:
    """Known rows of ids of which a batch knew a row through one that is not live.

    All of them, with those of such an id that live batches store: in a history a later commit supersedes what was
    committed before from the day of its first row on, so its other rows must follow at the same place.
    """
    referring, gone = _referring(batches, live, entity, implied=False)
    if not referring:
        return None
    holders = {
        through.batch
        for batch in batches
        for through in batch.through
        if batch.batch in referring and through.entity == entity and not through.implied
    }
    references = _files(settings, [data_file(settings, batch, reference_name(entity)) for batch in referring])
    rows = _files(settings, [data_file(settings, one, entity) for one in sorted(holders)], "file_row_number = true")
    given = {name: f"refs.{identifier(name)}" for name in OF_DELIVERY}
    given["known_at"] = "coalesce(refs.known_at, refs.stored_known_at) AS known_at"
    names = ", ".join(given.get(name, f"rows.{identifier(name)}") for name in columns)
    place = ", refs.holder, refs.holder_row" if located else ""
    key = "rows.batch = refs.holder AND rows.file_row_number = refs.holder_row"
    return f"""(
        WITH refs AS (
            SELECT
                refs.*, rows.row_key, rows.known_at AS stored_known_at, deliveries.place, deliveries.may_repeat,
                CASE WHEN refs.known_at IS DISTINCT FROM refs.ingested_at THEN refs.known_at END AS stated
            FROM {references} AS refs
            JOIN (VALUES {_deliveries(batches)}) AS deliveries (batch, place, may_repeat) USING (batch)
            JOIN {rows} AS rows ON {key}
        ), firsts AS (
            SELECT holder, holder_row, stated, min(place) AS first_place FROM refs GROUP BY ALL
        ), repeats AS (
            SELECT refs.*, refs.may_repeat AND refs.place > firsts.first_place AS is_repeat
            FROM refs JOIN firsts ON refs.holder = firsts.holder AND refs.holder_row = firsts.holder_row
            AND refs.stated IS NOT DISTINCT FROM firsts.stated
        ), told AS (
            SELECT * FROM repeats
            SEMI JOIN (SELECT batch, row_key FROM repeats WHERE NOT is_repeat) AS fresh USING (batch, row_key)
            QUALIFY bool_or(holder IN ({", ".join(map(literal, gone))})) OVER (PARTITION BY batch, row_key)
            AND NOT bool_and(is_repeat) OVER (
                PARTITION BY batch, row_key ORDER BY coalesce(known_at, stored_known_at) ROWS UNBOUNDED PRECEDING
            )
        )
        SELECT {names}{place} FROM told AS refs JOIN {rows} AS rows ON {key}
    )"""


def _deliveries(batches: Sequence[Batch]) -> str:
    """Batch, order of commit, and whether references that only repeat those of earlier batches may be left out.

    They may not where a file was read again later for another mapping: it has slipped rows in before them.
    """
    slipped = {batch.source: batch.seq or 0 for batch in batches if any(one.place is not None for one in batch.files)}
    return ", ".join(
        f"({literal(batch.batch)}, {number}, {(batch.seq or 0) > slipped.get(batch.source, 0)})"
        for number, batch in enumerate(batches)
    )


def _implied(
    settings: Settings, batches: Sequence[Batch], live: set[str], entity: str, columns: list[str], located: bool
) -> str | None:
    """Implied rows of ids that no live batch before them holds any more; of several the first in order of commit."""
    referring, _ = _referring(batches, live, entity, implied=True)
    if not referring:
        return None
    order = ", ".join(f"({literal(batch.batch)}, {number})" for number, batch in enumerate(batches))
    spare = _files(settings, [data_file(settings, batch, implied_name(entity)) for batch in referring])
    stored = [data_file(settings, batch.batch, entity) for batch in batches if entity in batch.accepted]
    held = [f"SELECT row_key, batch FROM {_files(settings, stored)}"] if stored else []
    shared = _referenced(settings, batches, live, entity, ["row_key", "batch"], located=False)
    held += [shared] if shared else []
    before = (
        f" WHERE NOT EXISTS (FROM ({' UNION ALL '.join(held)}) AS held "
        "JOIN places AS earlier ON held.batch = earlier.batch "
        "WHERE held.row_key = spare.row_key AND earlier.place < places.place)"
        if held
        else ""
    )
    names = ", ".join(f"spare.{identifier(name)}" for name in columns)
    place = ", spare.batch AS holder, NULL AS holder_row" if located else ""
    return (
        f"(WITH places AS (FROM (VALUES {order}) AS one (batch, place)) "
        f"SELECT {names}{place} FROM {spare} AS spare JOIN places ON spare.batch = places.batch{before} "
        "QUALIFY row_number() OVER (PARTITION BY spare.row_key ORDER BY places.place) = 1)"
    )


def places_sql(earlier: Sequence[tuple[str, str, Decimal]]) -> str:
    """`places` (batch, file, revision) as SQL."""
    rows = ", ".join(f"({literal(batch)}, {literal(file)}, {revision:.6f})" for batch, file, revision in earlier)
    return f"(VALUES {rows}) AS places (batch, file, revision)"
