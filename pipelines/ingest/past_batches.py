"""The past batches of a source in landing: which of its files need no second reading, and which are rejected."""

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
class PastBatches:
    """The committed batches of one source in the order of commit, and its rejected batches."""

    source: str
    batches: tuple[Batch, ...]
    tombstones: tuple[Tombstone, ...]

    def not_before(self, moment: datetime) -> datetime:
        """Return the moment, or the moment of the latest commit if that is later: rows read later are known later."""
        return max([moment, *(datetime.fromisoformat(batch.ingested_at) for batch in self.batches)])

    def ahead_of(self, moment: datetime) -> list[str]:
        """Return the batches that a clock more than a day ahead of the moment committed."""
        return [batch.batch for batch in self.batches if datetime.fromisoformat(batch.ingested_at) > moment + DAY]

    @property
    def holders(self) -> list[tuple[str, int]]:
        """Every batch that may store rows, also rejected batches, with its order of commit."""
        aside = (tombstone.batch for tombstone in self.tombstones)
        return [(batch.batch, batch.seq) for batch in (*self.batches, *aside) if batch.seq is not None]

    def known_reports(self, file: SourceFile) -> list[FileReport] | None:
        """Return the counts of a file that the latest commit of its name read unchanged, with all lines as known.

        Returns None for any other file. A file that returns to an older content is a correction, and is read again.
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
        """Return the commit that first brought the bytes of this file, if they are read again for a changed mapping."""
        latest = self._latest(file.name)
        if latest is None:
            return None
        record = next((item for item in latest.files if (item.file, item.sha256) == (file.name, file.sha256)), None)
        return (record.place or latest.seq) if record else None

    def rejected_files(self, files: Sequence[SourceFile]) -> dict[str, Tombstone]:
        """Return the files to refuse, by name. A rejection applies while all files of its batch are unchanged."""
        present = {file.identity for file in files}
        applying = [tombstone for tombstone in self.tombstones if _identities(tombstone.batch) <= present]
        return {name: tombstone for tombstone in applying for name, _, _ in sorted(_identities(tombstone.batch))}

    def reread_files(self, files: Sequence[SourceFile]) -> dict[str, Tombstone]:
        """Return unchanged files of rejected batches that are read again because their batch changed, by name."""
        refused = self.rejected_files(files)
        tombstone_of = {
            identity: tombstone for tombstone in self.tombstones for identity in _identities(tombstone.batch)
        }
        return {
            file.name: tombstone_of[file.identity]
            for file in files
            if file.identity in tombstone_of and file.name not in refused
        }

    def batch_id(self, files: Sequence[SourceFile], bar: float) -> str:
        """Return the name of the batch of these files: a hash of files, mapping, bar and the commits before it."""
        parts = []
        for file in sorted(files, key=lambda file: file.identity):
            latest = self._latest(file.name)
            parts.append([*file.identity, latest.batch if latest else None])
        digest = hashlib.sha256(json.dumps([self.source, bar, parts]).encode()).hexdigest()
        return f"{self.source}-{digest[:12]}"

    def _latest(self, name: str) -> Batch | None:
        return self._latest_by_file.get(name)

    @cached_property
    def _latest_by_file(self) -> dict[str, Batch]:
        return {record.file: batch for batch in self.batches for record in batch.files}


def past_batches(settings: Settings, source: str) -> PastBatches:
    """Read the past batches of a source from landing."""
    return PastBatches(
        source,
        tuple(batch for batch in committed(settings) if batch.source == source),
        tuple(tombstone for tombstone in rejected(settings) if tombstone.batch.source == source),
    )


def _identities(batch: Batch) -> set[tuple[str, str, str]]:
    return {(record.file, record.sha256, record.mapping_sha256) for record in batch.files}
