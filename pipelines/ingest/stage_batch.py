"""One source's files on their way into one batch: read, map, compare with landing, write."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Self

from pipelines.errors import plain_error
from pipelines.home.durable import sync, write_atomically
from pipelines.home.key import load_secret
from pipelines.home.settings import Settings
from pipelines.ingest.batches import Batch, FileRecord, FileReport, Through, places, revisions
from pipelines.ingest.contract import ENTITIES
from pipelines.ingest.count_rows import count_rows
from pipelines.ingest.data_files import data_files
from pipelines.ingest.engine import ENGINE_ERRORS, open_engine
from pipelines.ingest.errors import FileRefused
from pipelines.ingest.landing.live_rows import live_rows
from pipelines.ingest.landing.references import count_through, create_references, write_references
from pipelines.ingest.landing.refusals import write_refusals
from pipelines.ingest.landing.resolve import INCOMING, Landed, compared_columns, resolve
from pipelines.ingest.landing.write_rows import write_rows
from pipelines.ingest.mapping.private_ids import create_private_id
from pipelines.ingest.mapping.source_mapping import EntityMapping, SourceMapping
from pipelines.ingest.memory import Memory
from pipelines.ingest.quarantine import (
    add_bad_rows,
    add_broken_rows,
    count_faults,
    count_lines,
    create_quarantined,
    write_quarantine,
)
from pipelines.ingest.reading.columns import check_columns
from pipelines.ingest.reading.files import SourceFile
from pipelines.ingest.reading.read import read_file
from pipelines.ingest.reading.snapshot import Snapshots
from pipelines.ingest.reading.text import BadRow
from pipelines.ingest.typing.map_rows import (
    ambiguous_numbers,
    count_mapped,
    create_mapped,
    map_rows,
    number_repetitions,
    unclaimed,
)
from pipelines.ingest.typing.row_query import FileContext


class BatchStage:
    """Use as a context: `add` each file, then `finish`. `ingested_at` is UTC without offset."""

    def __init__(
        self,
        settings: Settings,
        mapping: SourceMapping,
        ingested_at: datetime,
        scratch: Path,
        progress: Callable[[str], None],
    ) -> None:
        self._settings, self._mapping, self._ingested_at = settings, mapping, ingested_at
        self._scratch, self._progress = scratch, progress
        self._snapshots = Snapshots(scratch / "read")
        self._files: dict[int, SourceFile] = {}
        self._lines: dict[tuple[int, str], int] = {}
        self._entities = [name for name in ENTITIES if mapping.fills(name)]

    def __enter__(self) -> Self:
        home = self._settings
        self._connection = open_engine(home, [self._scratch, home.landing, home.quarantine], self._scratch / "spill")
        create_private_id(self._connection, load_secret(self._settings))
        for name in self._entities:
            create_mapped(self._connection, self._mapping, ENTITIES[name])
        create_quarantined(self._connection)
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def add(self, file: SourceFile) -> None:
        """Read and map one file. Raises FileRefused, and then holds nothing of it.

        What the engine cannot work out is a fault of the file's mapping: a pattern that is none, more than the memory.
        """
        file = self._snapshots.of(file)
        file_id = len(self._files)
        # An entity that a line fills twice has an id of the file for each time: rows are told by entity, id and line.
        ids = {entity: file_id + entity.part for entity in file.mapping.entities}
        try:
            bad_rows = self._map(file, ids, {})
            ambiguous = {
                entity: ambiguous_numbers(self._connection, part_id, entity) for entity, part_id in ids.items()
            }
            if any(ambiguous.values()):
                self._forget(ids)
                bad_rows = self._map(file, ids, ambiguous)
            for entity, part_id in ids.items():
                self._lines[part_id, entity.name] = count_mapped(self._connection, file.name, part_id, entity)
        except FileRefused:
            self._forget(ids)
            raise
        except ENGINE_ERRORS as error:
            self._forget(ids)
            raise FileRefused(file.name, f"its mapping cannot be worked out: {plain_error(error)}") from error
        for entity, part_id in ids.items():
            add_bad_rows(self._connection, part_id, bad_rows[entity], entity.name)
            self._lines[part_id, entity.name] += len(bad_rows[entity])
            self._files[part_id] = file

    def _forget(self, ids: Mapping[EntityMapping, int]) -> None:
        for entity, part_id in ids.items():
            self._connection.execute(f"DELETE FROM mapped_{entity.name} WHERE __file = ?", [part_id])
            self._lines.pop((part_id, entity.name), None)

    def _map(
        self, file: SourceFile, ids: Mapping[EntityMapping, int], ambiguous: Mapping[EntityMapping, frozenset[str]]
    ) -> dict[EntityMapping, list[BadRow]]:
        """Append the file's rows to `mapped_<entity>`; the records that cannot be mapped at all, by entity."""
        entities = file.mapping.entities
        of_no_entity: list[BadRow] = []
        contexts: dict[EntityMapping, FileContext] = {}
        cells = file.mapping.format == "xlsx"
        written = file.mapping.number_columns if cells else frozenset()

        def check(columns: Sequence[str], numbers: frozenset[str]) -> None:
            for entity, part_id in ids.items():
                check_columns(self._connection, file.name, self._mapping, entity, columns)
                contexts[entity] = FileContext(
                    self._mapping,
                    file.name,
                    part_id,
                    tuple(columns),
                    self._ingested_at,
                    cells=cells,
                    numbers=numbers,
                    written=written,
                    ambiguous=ambiguous.get(entity, ()),
                )

        def map_portion() -> None:
            of_no_entity.extend(unclaimed(self._connection, entities))
            for entity, context in contexts.items():
                map_rows(self._connection, context, entity)

        # Equal rows without an id are counted over the whole file.
        keyed_by_content = any(entity.keyed_by_content for entity in entities)
        try:
            raw = read_file(
                self._connection, file, self._scratch, check, self._progress, None if keyed_by_content else map_portion
            )
            if not raw.rows:
                first = raw.bad_rows[0]
                raise FileRefused(file.name, f"no row can be read: {first.message}", line=first.line)
            if keyed_by_content:
                number_repetitions(self._connection, raw.columns, written)
                map_portion()
        finally:
            self._connection.execute("DROP VIEW IF EXISTS raw")
            self._connection.execute("DROP TABLE IF EXISTS whole")
        return {entity: [*raw.bad_rows, *(of_no_entity if entity is entities[0] else ())] for entity in entities}

    def finish(self, memory: Memory, bar: float) -> tuple[Batch | None, list[FileReport]]:
        """Compare with landing and write what is new. No batch if no file could be read.

        A file without a new row makes a batch too: its rows must outlive the batch that brought them before.
        """
        names = {file_id: file.name for file_id, file in self._files.items()}
        holders = {seq: batch for batch, seq in memory.holders}
        revision_of = revisions(memory.batches)
        places_of = {file_id: memory.place(file) for file_id, file in self._files.items()}
        # Where the files state known_at, that time orders the versions.
        scopes = {} if self._mapping.known_at else {one: place for one, place in places_of.items() if place is not None}
        through: list[Through] = []
        for name in self._entities:
            landed = Landed(
                live_rows(
                    self._settings,
                    memory.batches,
                    name,
                    compared_columns(self._mapping, ENTITIES[name]),
                    located=True,
                ),
                [(batch.batch, batch.seq or 0, revision_of[batch.batch]) for batch in memory.batches],
                memory.holders,
                places(memory.batches),
            )
            revision = self._revision(memory, revision_of)
            resolve(self._connection, self._mapping, ENTITIES[name], landed, revision, scopes)
            create_references(self._connection, name)
            through += count_through(self._connection, name, holders)
            add_broken_rows(self._connection, name)
        reports = count_rows(self._connection, self._entities, names, self._lines)
        if not self._files:
            return None, reports
        files = list({file.name: file for file in self._files.values()}.values())
        batch = Batch(
            batch=memory.batch_id(files, bar),
            source=self._mapping.source,
            ingested_at=self._ingested_at.isoformat(sep=" "),
            quarantine_bar=bar,
            entities=tuple(self._entities),
            files=tuple(FileRecord(*file.identity, place=memory.place(file)) for file in files),
            reports=tuple(reports),
            faults=count_faults(self._connection, names),
            states_known_at=self._mapping.known_at is not None,
            known_until=self._known_until(),
            through=tuple(through),
            quarantined_lines=count_lines(self._connection, names),
        )
        return self._write(batch, holders, names), reports

    def _revision(self, memory: Memory, revision_of: Mapping[str, int]) -> int:
        """The revision of the rows of this batch."""
        latest = memory.batches[-1] if memory.batches else None
        if latest is not None and latest.states_known_at and self._mapping.known_at is not None:
            return revision_of[latest.batch]
        return INCOMING

    def _known_until(self) -> str | None:
        """How far the good rows tell, those that landing has included: an export is no older than its latest row."""
        body = " UNION ALL ".join(f"SELECT known_at FROM mapped_{name} WHERE faults IS NULL" for name in self._entities)
        found = self._connection.execute(
            f"SELECT max(known_at) FROM ({body}) WHERE known_at <= ?", [self._ingested_at]
        ).fetchone()
        return found[0].isoformat(sep=" ") if found and found[0] else None

    def _write(self, batch: Batch, holders: Mapping[int, str], names: Mapping[int, str]) -> Batch:
        """Parquet and batch.json appear together, by one rename. Returns the batch with the sums of its files."""
        partial = self._scratch / batch.batch
        partial.mkdir()
        for name in batch.accepted:
            self._progress(f"{batch.batch}: writing {batch.accepted[name]:,} {name}")
            write_rows(self._connection, self._mapping, batch, name, names, partial / f"{name}.parquet")
        write_references(self._connection, self._mapping, batch, holders, names, partial)
        write_refusals(self._connection, self._mapping, batch, names, partial)
        if batch.faults:
            write_quarantine(
                self._connection,
                self._settings.quarantine / f"{batch.batch}.parquet",
                batch.batch,
                batch.source,
                self._files,
                self._scratch,
            )
        batch = replace(batch, data=data_files(self._settings, batch, partial))
        write_atomically(partial / "batch.json", batch.to_json().encode())
        partial.rename(self._settings.staged / batch.batch)
        sync(self._settings.staged)
        return batch
