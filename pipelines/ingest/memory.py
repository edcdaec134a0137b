"""What a source has been through: which of its files need not be read again, and which are set aside."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from pipelines.home.settings import Settings
from pipelines.ingest.batches import Batch, FileReport
from pipelines.ingest.landing.manifests import Tombstone, committed, rejected
from pipelines.ingest.reading.files import SourceFile

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Memory:
    """The committed batches of one source in the order of commit, and its batches that were set aside."""

    source: str
    batches: tuple[Batch, ...]
    tombstones: tuple[Tombstone, ...]

    def not_before(self, moment: datetime) -> datetime:
        """The moment, or that of the latest commit where a clock is behind it: what is read later is known later."""
        return max([moment, *(datetime.fromisoformat(batch.ingested_at) for batch in self.batches)])

    def ahead_of(self, moment: datetime) -> list[str]:
        """The batches that were committed by a clock more than a day ahead of the moment."""
        return [batch.batch for batch in self.batches if datetime.fromisoformat(batch.ingested_at) > moment + DAY]

    @property
    def holders(self) -> list[tuple[str, int]]:
        """Every batch that may store rows, those set aside included, with its order of commit."""
        aside = (tombstone.batch for tombstone in self.tombstones)
        return [(batch.batch, batch.seq) for batch in (*self.batches, *aside) if batch.seq is not None]

    def known_reports(self, file: SourceFile) -> list[FileReport] | None:
        """The counts of a file that was last committed just as it is, all lines known; None for any other file.

        Only the latest commit of that name counts: a file that returns to an older content is a correction.
        """
        latest = self._latest(file.name)
        if latest is None or file.identity not in _identities(latest):
            return None
        return [
            FileReport(file.name, report.entity, report.lines, 0, 0, report.lines)
            for report in latest.reports
            if report.file == file.name
        ]

    def place(self, file: SourceFile) -> int | None:
        """The commit that brought the bytes of this file, where they are read again for another mapping."""
        latest = self._latest(file.name)
        records = latest.files if latest else ()
        record = next((one for one in records if (one.file, one.sha256) == (file.name, file.sha256)), None)
        return record and (record.place or latest.seq)

    def set_aside(self, files: Sequence[SourceFile]) -> dict[str, Tombstone]:
        """Files to refuse, by name. A tombstone holds while all files of its batch are there as they were."""
        present = {file.identity for file in files}
        holding = [tombstone for tombstone in self.tombstones if _identities(tombstone.batch) <= present]
        return {name: tombstone for tombstone in holding for name, _, _ in sorted(_identities(tombstone.batch))}

    def taken_again(self, files: Sequence[SourceFile]) -> dict[str, Tombstone]:
        """Files that were set aside just as they are, by name, and count again because their batch changed."""
        held = self.set_aside(files)
        aside = {identity: one for one in self.tombstones for identity in _identities(one.batch)}
        return {file.name: aside[file.identity] for file in files if file.identity in aside and file.name not in held}

    def batch_id(self, files: Sequence[SourceFile], bar: float) -> str:
        """Name of the batch of these files: the same for the same files, mapping, bar, and commits before it."""
        parts = []
        for file in sorted(files, key=lambda one: one.identity):
            latest = self._latest(file.name)
            parts.append([*file.identity, latest.batch if latest else None])
        digest = hashlib.sha256(json.dumps([self.source, bar, parts]).encode()).hexdigest()
        return f"{self.source}-{digest[:12]}"

    def _latest(self, name: str) -> Batch | None:
        return self._latest_by_file.get(name)

    @cached_property
    def _latest_by_file(self) -> dict[str, Batch]:
        return {record.file: batch for batch in self.batches for record in batch.files}


def remember(settings: Settings, source: str) -> Memory:
    """The memory of a source, from landing."""
    return Memory(
        source,
        tuple(batch for batch in committed(settings) if batch.source == source),
        tuple(tombstone for tombstone in rejected(settings) if tombstone.batch.source == source),
    )


def _identities(batch: Batch) -> set[tuple[str, str, str]]:
    return {(record.file, record.sha256, record.mapping_sha256) for record in batch.files}
