"""Checks that landing lost no row, over the whole life of a home."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache

import pyarrow.parquet as pq

from pipelines.home.settings import Settings
from pipelines.ingest.batches import Batch
from pipelines.ingest.landing.live_rows import data_file, implied_name, reference_name
from pipelines.ingest.landing.manifests import committed, manifests


def unbalanced(settings: Settings) -> list[str]:
    """Return the faults of landing, one sentence each.

    For each live batch: lines = accepted + quarantined + known, by file and entity. Its files contain its accepted rows
    and its references. The files of a live or rejected batch contain the rows that a reference names.
    """
    every = {batch.batch: batch for batch in manifests(settings)}
    is_there = cache(lambda batch, entity: data_file(settings, batch, entity).is_file())
    return [problem for batch in committed(settings) for problem in _problems(settings, batch, every, is_there)]


def _problems(
    settings: Settings, batch: Batch, every: Mapping[str, Batch], is_there: Callable[[str, str], bool]
) -> Iterator[str]:
    for report in batch.reports:
        rows = report.accepted + report.quarantined + report.known
        if report.lines != rows:
            yield (
                f"{batch.batch}, {report.file}, {report.entity}: expected {report.lines:,} rows, found "
                f"{report.accepted:,} accepted, {report.quarantined:,} quarantined and {report.known:,} known: {rows:,}"
            )
    quarantined = batch.quarantined
    if quarantined != sum(fault.rows for fault in batch.faults):
        yield f"{batch.batch}: expected a rule for each of {quarantined:,} quarantined rows, found other counts by rule"
    for entity, rows in batch.accepted.items():
        yield from _stored(settings, batch.batch, entity, rows)
    for entity in sorted({through.entity for through in batch.through}):
        for implied, name in ((False, reference_name(entity)), (True, implied_name(entity))):
            rows = sum(item.rows for item in batch.through if (item.entity, item.implied) == (entity, implied))
            yield from _stored(settings, batch.batch, name, rows)
    for through in batch.through:
        holder = every.get(through.batch)
        if not through.implied and (holder is None or through.entity not in holder.accepted):
            yield (
                f"{batch.batch}: {through.rows:,} known rows of {through.entity} are stored in {through.batch}, "
                "which landing does not have"
            )
        elif not through.implied and not is_there(through.batch, through.entity):
            yield f"{through.batch}: {through.entity}.parquet is missing; {batch.batch} refers to its rows"


def _stored(settings: Settings, batch: str, name: str, rows: int) -> Iterator[str]:
    if not rows:
        return
    path = data_file(settings, batch, name)
    try:
        stored = pq.read_metadata(path).num_rows
    except FileNotFoundError:
        yield f"{batch}: {path.name} is missing; expected {rows:,} rows"
    except (OSError, ValueError):  # ArrowInvalid is a ValueError
        yield f"{batch}: {path.name} is no longer a Parquet file; expected {rows:,} rows"
    else:
        if stored != rows:
            yield f"{batch}: {path.name}: expected {rows:,} rows, found {stored:,}"
