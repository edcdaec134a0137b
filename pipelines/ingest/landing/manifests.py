"""Reads the manifests of landing: the committed batches in their order, and the rejected batches."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipelines.home.settings import Settings
from pipelines.ingest.batches import Batch, batch_from, read_batch
from pipelines.integrity.check import assert_place
from pipelines.integrity.places import BATCH_MANIFESTS, SET_ASIDE


@dataclass(frozen=True)
class Tombstone:
    """A rejected batch and the reason."""

    batch: Batch
    reason: str


def committed(settings: Settings) -> list[Batch]:
    """Return the live batches, which are committed and not rejected, in the order of commit."""
    aside = {tombstone.batch.batch for tombstone in rejected(settings)}
    return [batch for batch in manifests(settings) if batch.batch not in aside]


def rejected(settings: Settings) -> list[Tombstone]:
    """Return the rejected batches by name. Raises IntegrityError if their files have changed."""
    assert_place(settings.home, SET_ASIDE)
    paths = sorted(tombstone_folder(settings).glob("*.json"))
    tombstones = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    return [Tombstone(batch_from(data["batch"]), data["reason"]) for data in tombstones]


def manifests(settings: Settings) -> list[Batch]:
    """Return every batch that was ever committed, in the order of commit.

    Raises IntegrityError if a manifest, also the last one, is missing or has changed.
    """
    assert_place(settings.home, BATCH_MANIFESTS)
    paths = sorted(manifest_folder(settings).glob("*.json"))
    return [_read_once(path, (state := path.stat()).st_ino, state.st_size, state.st_mtime_ns) for path in paths]


@cache
def _read_once(path: Path, *_state: int) -> Batch:
    """Read the batch of a manifest once, while inode, size and time of change of the file stay the same.

    A run reads manifests often, and in an old home each manifest names the batches of all days before it.
    """
    return read_batch(path)


def manifest_folder(settings: Settings) -> Path:
    return settings.landing / "batches"


def tombstone_folder(settings: Settings) -> Path:
    return settings.landing / "rejected"
