"""The rows of live batches as SQL. Live batches are committed and not rejected.

A batch stores each new row, and for each known row a reference to the batch and the place with the same content. A
delivery therefore keeps all its rows when an earlier batch is rejected.
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
"""Columns whose values a shared row takes from the delivery that refers to it, not from the batch that stores it."""


def data_file(settings: Settings, batch: str, name: str) -> Path:
    """Path of a Parquet file of a committed batch. `name`: its stem."""
    return settings.landing / "data" / batch / f"{name}.parquet"


def reference_name(entity: str) -> str:
    """Stem of the file with the references of a batch: batch, file, line, ingested_at, known_at, holder, holder_row."""
    return f"{entity}.known"


def implied_name(entity: str) -> str:
    """Stem of the file with the implied rows of a batch whose key was known already."""
    return f"{entity}.implied"


def live_rows(
    settings: Settings, batches: Sequence[Batch], entity: str, columns: Iterable[str], *, located: bool = False
) -> str | None:
    """SELECT of the columns of all rows of an entity in these live batches. None if there is no row.

    `located` adds `holder` and `holder_row`: the batch that stores the row, and the row number in its Parquet file.
    `holder_row` is null for an implied row that was known through an implied row of a rejected batch.

    Raises IntegrityError if a file of these rows has changed since it was written.
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
    """SQL that reads files of landing. Raises IntegrityError if a file has changed since it was written."""
    assert_rows(settings.home, paths)
    return parquet_files(paths, options)


def _referring(batches: Sequence[Batch], live: set[str], entity: str, *, implied: bool) -> tuple[list[str], list[str]]:
    """Return the live batches that refer to rows of rejected batches, and these rejected batches, both in order."""
    referring = {
        (batch.batch, through.batch)
        for batch in batches
        for through in batch.through
        if through.entity == entity and through.implied == implied and through.batch not in live
    }
    return sorted({batch for batch, _ in referring}), sorted({holder for _, holder in referring})


def _referenced(
    settings: Settings, batches: Sequence[Batch], live: set[str], entity: str, columns: list[str], located: bool
) -> str | None:
    """SELECT of the known rows of each id of which a batch knew a row through a rejected batch.

    It returns all rows of such an id, also rows that live batches store. In a history a later commit supersedes earlier
    commits from the day of its first row on, so all rows of the id must follow at the place of this commit.
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
    rows = _files(settings, [data_file(settings, batch, entity) for batch in sorted(holders)], "file_row_number = true")
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
        ), shown AS (
            SELECT * FROM repeats
            SEMI JOIN (SELECT batch, row_key FROM repeats WHERE NOT is_repeat) AS fresh USING (batch, row_key)
            QUALIFY bool_or(holder IN ({", ".join(map(literal, gone))})) OVER (PARTITION BY batch, row_key)
            AND NOT bool_and(is_repeat) OVER (
                PARTITION BY batch, row_key ORDER BY coalesce(known_at, stored_known_at) ROWS UNBOUNDED PRECEDING
            )
        )
        SELECT {names}{place} FROM shown AS refs JOIN {rows} AS rows ON {key}
    )"""


def _deliveries(batches: Sequence[Batch]) -> str:
    """SQL rows: batch, order of commit, and whether references that repeat an earlier batch may be left out.

    They may not be left out if a later commit read a file again for a changed mapping: that commit puts rows before
    them.
    """
    read_again = {
        batch.source: batch.position for batch in batches if any(file.place is not None for file in batch.files)
    }
    return ", ".join(
        f"({literal(batch.batch)}, {number}, {batch.position > read_again.get(batch.source, 0)})"
        for number, batch in enumerate(batches)
    )


def _implied(
    settings: Settings, batches: Sequence[Batch], live: set[str], entity: str, columns: list[str], located: bool
) -> str | None:
    """SELECT of the implied rows of ids that no earlier live batch has: for each id the row committed first."""
    referring, _ = _referring(batches, live, entity, implied=True)
    if not referring:
        return None
    order = ", ".join(f"({literal(batch.batch)}, {number})" for number, batch in enumerate(batches))
    spare = _files(settings, [data_file(settings, batch, implied_name(entity)) for batch in referring])
    stored = [data_file(settings, batch.batch, entity) for batch in batches if entity in batch.accepted]
    live_keys = [f"SELECT row_key, batch FROM {_files(settings, stored)}"] if stored else []
    shared = _referenced(settings, batches, live, entity, ["row_key", "batch"], located=False)
    live_keys += [shared] if shared else []
    before = (
        f" WHERE NOT EXISTS (FROM ({' UNION ALL '.join(live_keys)}) AS live "
        "JOIN places AS earlier ON live.batch = earlier.batch "
        "WHERE live.row_key = spare.row_key AND earlier.place < places.place)"
        if live_keys
        else ""
    )
    names = ", ".join(f"spare.{identifier(name)}" for name in columns)
    place = ", spare.batch AS holder, NULL AS holder_row" if located else ""
    return (
        f"(WITH places AS (FROM (VALUES {order}) AS orders (batch, place)) "
        f"SELECT {names}{place} FROM {spare} AS spare JOIN places ON spare.batch = places.batch{before} "
        "QUALIFY row_number() OVER (PARTITION BY spare.row_key ORDER BY places.place) = 1)"
    )


def places_sql(earlier: Sequence[tuple[str, str, Decimal]]) -> str:
    """SQL of a relation `places` (batch, file, revision)."""
    rows = ", ".join(f"({literal(batch)}, {literal(file)}, {revision:.6f})" for batch, file, revision in earlier)
    return f"(VALUES {rows}) AS places (batch, file, revision)"
