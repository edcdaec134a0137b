"""Whether every row that was ever read is accounted for, over the life of a home."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache

import pyarrow.parquet as pq

from pipelines.home.settings import Settings
from pipelines.ingest.batches import Batch
from pipelines.ingest.landing.live_rows import data_file, implied_name, reference_name
from pipelines.ingest.landing.manifests import committed, manifests


def unbalanced(settings: Settings) -> list[str]:
    """What does not add up in landing, a sentence each.

    Of each live batch: lines = accepted + quarantined + known, for each file and entity; its accepted rows and its
    references lie in its files; what the references name lies in the files of a batch, live or rejected.
    """
    every = {batch.batch: batch for batch in manifests(settings)}
    is_there = cache(lambda batch, entity: data_file(settings, batch, entity).is_file())
    return [problem for batch in committed(settings) for problem in _problems(settings, batch, every, is_there)]


def _problems(
    settings: Settings, batch: Batch, every: Mapping[str, Batch], is_there: Callable[[str, str], bool]
) -> Iterator[str]:
    for one in batch.reports:
        found = one.accepted + one.quarantined + one.known
        if one.lines != found:
            yield (
                f"{batch.batch}, {one.file}, {one.entity}: expected {one.lines:,} rows, found {one.accepted:,} "
                f"accepted, {one.quarantined:,} quarantined and {one.known:,} known: {found:,}"
            )
    quarantined = sum(one.quarantined for one in batch.reports)
    if quarantined != sum(fault.rows for fault in batch.faults):
        yield f"{batch.batch}: expected a rule for each of {quarantined:,} quarantined rows, found other counts by rule"
    for entity, rows in batch.accepted.items():
        yield from _stored(settings, batch.batch, entity, rows)
    for entity in sorted({through.entity for through in batch.through}):
        for implied, name in ((False, reference_name(entity)), (True, implied_name(entity))):
            rows = sum(one.rows for one in batch.through if (one.entity, one.implied) == (entity, implied))
            yield from _stored(settings, batch.batch, name, rows)
    for through in batch.through:
        holder = every.get(through.batch)
        if not through.implied and (holder is None or through.entity not in holder.accepted):
            yield (
                f"{batch.batch}: {through.rows:,} known rows of {through.entity} are stored in {through.batch}, "
                "which landing does not hold"
            )
        elif not through.implied and not is_there(through.batch, through.entity):
            yield f"{through.batch}: {through.entity}.parquet is missing; {batch.batch} refers to its rows"


def _stored(settings: Settings, batch: str, name: str, rows: int) -> Iterator[str]:
    if not rows:
        return
    path = data_file(settings, batch, name)
    try:
        found = pq.read_metadata(path).num_rows
    except FileNotFoundError:
        yield f"{batch}: {path.name} is missing; expected {rows:,} rows"
    except (OSError, ValueError):  # ArrowInvalid is a ValueError
        yield f"{batch}: {path.name} is no Parquet file any more; expected {rows:,} rows"
    else:
        if found != rows:
            yield f"{batch}: {path.name}: expected {rows:,} rows, found {found:,}"
