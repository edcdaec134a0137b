"""Commits and rejects batches. A batch is in landing once its manifest exists: readers see all of it or nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from pipelines.home.durable import remove, sync, write_atomically
from pipelines.home.settings import Settings
from pipelines.ingest.batches import Batch, staged, with_seq
from pipelines.ingest.errors import IngestError
from pipelines.ingest.landing.manifests import committed, manifest_folder, manifests, rejected, tombstone_folder
from pipelines.integrity.log import changing
from pipelines.integrity.sums import file_sum_once


def commit(settings: Settings, batches: Sequence[Batch]) -> list[Batch]:
    """Move staged batches into landing, in this order. Returns the batches with their `seq`.

    The process may be killed at any moment and call this again: rows move first, and count once the manifest exists.
    Raises IngestError if a batch is rejected, if its staged files are missing, or if they changed since staging.
    """
    done = {batch.batch: batch for batch in manifests(settings)}
    aside = {tombstone.batch.batch for tombstone in rejected(settings)}
    result = []
    for batch in batches:
        if batch.batch in aside:
            raise IngestError(f"{batch.batch} was rejected and cannot be committed")
        if batch.batch not in done:
            numbered = with_seq(batch, max((item.position for item in done.values()), default=0) + 1)
            manifest = manifest_folder(settings) / f"{numbered.seq:06d}-{batch.batch}.json"
            _assert_as_staged(settings, batch)
            with changing(settings.home, manifest):
                _move(settings, batch.batch)
                write_atomically(manifest, numbered.to_json().encode())
            done[batch.batch] = numbered
        remove(settings.staged / batch.batch)
        result.append(done[batch.batch])
    return result


def reject(settings: Settings, batch: str, reason: str) -> list[Batch]:
    """Reject a staged or committed batch: nothing reads it any more, and its files are refused until they or their
    mapping change.

    Rows that other batches brought too remain. Returns these batches. Raises IngestError for an unknown batch.
    """
    known = {item.batch: item for item in [*manifests(settings), *staged(settings)]}
    aside = {tombstone.batch.batch for tombstone in rejected(settings)}
    if batch in aside:
        raise IngestError(f"{batch} is already rejected")
    if batch not in known:
        names = ", ".join(sorted(known.keys() - aside)) or "none"
        raise IngestError(f"expected a staged or committed batch, found {batch!r}; there are: {names}")
    text = {"batch": json.loads(known[batch].to_json()), "reason": reason}
    tombstone = json.dumps(text, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    path = tombstone_folder(settings) / f"{batch}.json"
    with changing(settings.home, path):
        write_atomically(path, tombstone.encode())
    remove(settings.staged / batch)
    return [item for item in committed(settings) if any(through.batch == batch for through in item.through)]


def _assert_as_staged(settings: Settings, batch: Batch) -> None:
    folder = settings.staged / batch.batch
    if not folder.is_dir():
        return
    for name, expected in batch.listed.items():
        path = folder / Path(name).name if name.startswith("landing/") else settings.home / name
        if not path.is_file() or file_sum_once(path) != expected:
            raise IngestError(f"{path}: its bytes have changed since they were staged; run the day again")


def _move(settings: Settings, batch: str) -> None:
    source, target = settings.staged / batch, settings.landing / "data" / batch
    if source.is_dir():
        # A target without a manifest is left over from a killed run.
        remove(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
        sync(*target.iterdir(), target, target.parent)
    elif not (target / "batch.json").exists():
        raise IngestError(f"expected staged rows in {source}, found none: stage the sources again")
