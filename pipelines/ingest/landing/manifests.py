"""What landing says of itself: which batches are committed, in which order, and which were set aside."""

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
    """A batch that was set aside, and why."""

    batch: Batch
    reason: str


def committed(settings: Settings) -> list[Batch]:
    """The batches of landing in the order of commit, without those set aside."""
    aside = {tombstone.batch.batch for tombstone in rejected(settings)}
    return [batch for batch in manifests(settings) if batch.batch not in aside]


def rejected(settings: Settings) -> list[Tombstone]:
    """The batches set aside, by name. Raises IntegrityError unless they are those that were set aside."""
    assert_place(settings.home, SET_ASIDE)
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(tombstone_folder(settings).glob("*.json"))]
    return [Tombstone(batch_from(data["batch"]), data["reason"]) for data in found]


def manifests(settings: Settings) -> list[Batch]:
    """Every batch that was ever committed, in the order of commit. Raises IntegrityError unless the manifests are those
    that were written, the last one included."""
    assert_place(settings.home, BATCH_MANIFESTS)
    paths = sorted(manifest_folder(settings).glob("*.json"))
    return [_read_once(path, (state := path.stat()).st_ino, state.st_size, state.st_mtime_ns) for path in paths]


@cache
def _read_once(path: Path, *_state: int) -> Batch:
    """The batch of a manifest, read once while the file's inode, size and time of change stay: a run asks often, and
    in a home of many days each manifest names the batches of all days before it."""
    return read_batch(path)


def manifest_folder(settings: Settings) -> Path:
    return settings.landing / "batches"


def tombstone_folder(settings: Settings) -> Path:
    return settings.landing / "rejected"
