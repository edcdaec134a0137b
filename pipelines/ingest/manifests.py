"""What landing says of itself: which batches are committed, in which order, and which were set aside."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from pipelines.ingest.batches import Batch, batch_from, read_batch
from pipelines.integrity.check import assert_place
from pipelines.integrity.places import BATCH_MANIFESTS, SET_ASIDE
from pipelines.settings import Settings


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
    return [read_batch(path) for path in sorted(manifest_folder(settings).glob("*.json"))]


def manifest_folder(settings: Settings) -> Path:
    return settings.landing / "batches"


def tombstone_folder(settings: Settings) -> Path:
    return settings.landing / "rejected"
