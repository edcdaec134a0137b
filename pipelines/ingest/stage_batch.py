"""Stages the files of one source as one batch: read, map, compare with landing, write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Self

from pipelines.home.key import load_secret
from pipelines.home.settings import Settings
from pipelines.home.sql import first_value
from pipelines.ingest.batches import Batch, FileRecord, FileReport, Through, places, revisions
from pipelines.ingest.contract import ENTITIES
from pipelines.ingest.count_rows import count_rows
from pipelines.ingest.engine import open_engine
from pipelines.ingest.landing.erased import leave_out_erased
from pipelines.ingest.landing.live_rows import live_rows
from pipelines.ingest.landing.references import count_through, create_references
from pipelines.ingest.landing.resolve import INCOMING, Landed, compared_columns, resolve
from pipelines.ingest.mapping.private_ids import create_private_id
from pipelines.ingest.mapping.source_mapping import SourceMapping
from pipelines.ingest.past_batches import PastBatches
from pipelines.ingest.quarantine import add_bad_rows, add_broken_rows, count_faults, count_lines, create_quarantined
from pipelines.ingest.reading.files import SourceFile
from pipelines.ingest.reading.snapshot import Snapshots
from pipelines.ingest.typing.emptied import count_emptied
from pipelines.ingest.typing.map_file import FileMapper
from pipelines.ingest.typing.map_rows import create_mapped
from pipelines.ingest.typing.two_readings import TwoReadings
from pipelines.ingest.write_batch import write_batch


class BatchStage:
    """Use as a context: `add` each file, then `finish`. `ingested_at` is UTC without offset.

    `erased`: after `finish`, the rows of erased persons that were left out, by file id and entity.
    """

    def __init__(
        self,
        settings: Settings,
        mapping: SourceMapping,
        ingested_at: datetime,
        scratch: Path,
        progress: Callable[[str], None],
        readings: TwoReadings | None = None,
    ) -> None:
        self._settings, self._mapping, self._ingested_at = settings, mapping, ingested_at
        self._scratch, self._progress, self._readings = scratch, progress, readings
        self._snapshots = Snapshots(scratch / "read")
        self._files: dict[int, SourceFile] = {}
        self._lines: dict[tuple[int, str], int] = {}
        self._entities = [name for name in ENTITIES if mapping.fills(name)]
        self.erased: dict[tuple[int, str], int] = {}

    def __enter__(self) -> Self:
        home = self._settings
        self._connection = open_engine(home, [self._scratch, home.landing, home.quarantine], self._scratch / "spill")
        self._secret = load_secret(self._settings)
        create_private_id(self._connection, self._secret)
        for name in self._entities:
            create_mapped(self._connection, self._mapping, ENTITIES[name])
        create_quarantined(self._connection)
        self._mapper = FileMapper(
            self._connection, self._mapping, self._ingested_at, self._scratch, self._progress, self._readings
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def add(self, file: SourceFile) -> None:
        """Read and map one file. Raises FileRefused; then no row of the file remains."""
        file = self._snapshots.of(file)
        first_id = len(self._files)
        # If a line fills an entity twice, each part has its own id: rows are identified by entity, id and line.
        ids = {entity: first_id + entity.part for entity in file.mapping.entities}
        rows, bad_rows = self._mapper.map(file, ids)
        for entity, file_id in ids.items():
            add_bad_rows(self._connection, file_id, bad_rows[entity], entity.name)
            self._lines[file_id, entity.name] = rows[entity] + len(bad_rows[entity])
            self._files[file_id] = file

    def notes(self) -> list[str]:
        """Ignored lines by file, and optional fields without a column: one note for all files that lack it."""
        files: dict[tuple[str, str], list[str]] = {}
        for name in dict.fromkeys(file.name for file in self._files.values()):
            for absent in self._mapper.absent[name].items():
                files.setdefault(absent, []).append(name)
        ignored = [
            f"{name}: lines that `ignore` leaves out: {self._mapper.ignored[name]:,}"
            for name in dict.fromkeys(file.name for file in self._files.values())
            if self._mapper.ignored[name]
        ]
        repeated = [
            f"{name}: the header has {', '.join(map(repr, columns))} more than once; the first is read, the next is "
            f"{columns[0] + ' (2)'!r} in the mapping"
            for name, columns in self._mapper.repeated.items()
            if columns
        ]
        return (
            ignored
            + repeated
            + [
                f"{names[0]}{f' and {len(names) - 1:,} more' if len(names) > 1 else ''}, {field}: {expected}; "
                "the field is empty in all rows"
                for (field, expected), names in files.items()
            ]
        )

    def finish(self, past: PastBatches, bar: float) -> tuple[Batch | None, list[FileReport]]:
        """Compare the rows with landing and write what is new. Returns no batch if no file could be read.

        A file without a new row is part of a batch too: if the batch that brought its rows first is rejected, the rows
        must remain.
        """
        names = {file_id: file.name for file_id, file in self._files.items()}
        holders = {seq: batch for batch, seq in past.holders}
        self.erased = leave_out_erased(self._connection, self._settings, self._secret, self._mapping, self._entities)
        for place, rows in self.erased.items():
            self._lines[place] -= rows
        through = self._compare(past, holders)
        reports = count_rows(self._connection, self._entities, names, self._lines)
        if not self._files:
            return None, reports
        files = list({file.name: file for file in self._files.values()}.values())
        batch = Batch(
            batch=past.batch_id(files, bar),
            source=self._mapping.source,
            ingested_at=self._ingested_at.isoformat(sep=" "),
            quarantine_bar=bar,
            entities=tuple(self._entities),
            files=tuple(
                FileRecord(*file.identity, place=past.place(file), ignored=self._mapper.ignored[file.name])
                for file in files
            ),
            reports=tuple(reports),
            faults=count_faults(self._connection, names),
            states_known_at=self._mapping.known_at is not None,
            known_until=self._known_until(),
            through=tuple(through),
            quarantined_lines=count_lines(self._connection, names),
            emptied=count_emptied(self._connection, self._entities, names),
        )
        batch = write_batch(
            self._connection,
            self._settings,
            self._mapping,
            batch,
            self._files,
            holders,
            self._scratch,
            self._progress,
        )
        return batch, reports

    def _compare(self, past: PastBatches, holders: Mapping[int, str]) -> list[Through]:
        """Compare the rows of each entity with landing. Returns how many rows other batches store already."""
        revision_of = revisions(past.batches)
        places_of = {file_id: past.place(file) for file_id, file in self._files.items()}
        # If the files state known_at, that time orders the versions.
        scopes = {} if self._mapping.known_at else {id_: place for id_, place in places_of.items() if place is not None}
        through: list[Through] = []
        for name in self._entities:
            columns = compared_columns(self._mapping, ENTITIES[name])
            landed = Landed(
                live_rows(self._settings, past.batches, name, columns, located=True),
                [(batch.batch, batch.position, revision_of[batch.batch]) for batch in past.batches],
                past.holders,
                places(past.batches),
            )
            revision = self._revision(past, revision_of)
            resolve(self._connection, self._mapping, ENTITIES[name], landed, revision, scopes)
            create_references(self._connection, name)
            through += count_through(self._connection, name, holders)
            add_broken_rows(self._connection, name)
        return through

    def _revision(self, past: PastBatches, revision_of: Mapping[str, int]) -> int:
        """The revision of the rows of this batch."""
        latest = past.batches[-1] if past.batches else None
        if latest is not None and latest.states_known_at and self._mapping.known_at is not None:
            return revision_of[latest.batch]
        return INCOMING

    def _known_until(self) -> str | None:
        """The latest `known_at` of the good rows, known rows included: an export is no older than its latest row."""
        body = " UNION ALL ".join(f"SELECT known_at FROM mapped_{name} WHERE faults IS NULL" for name in self._entities)
        latest: datetime | None = first_value(
            self._connection.execute(f"SELECT max(known_at) FROM ({body}) WHERE known_at <= ?", [self._ingested_at])
        )
        return latest.isoformat(sep=" ") if latest else None
