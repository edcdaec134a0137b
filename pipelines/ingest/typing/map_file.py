"""One file → rows of the tables `mapped_<entity>`: reads the file in portions and maps each portion."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines.errors import plain_error
from pipelines.ingest.engine import ENGINE_ERRORS
from pipelines.ingest.errors import FileRefused
from pipelines.ingest.mapping.source_mapping import EntityMapping, SourceMapping
from pipelines.ingest.reading.columns import absent_fields, check_columns, check_ignore
from pipelines.ingest.reading.files import SourceFile
from pipelines.ingest.reading.header import repeated_names
from pipelines.ingest.reading.read import Check, RawFile, read_file
from pipelines.ingest.reading.text import BadRow
from pipelines.ingest.typing.lookups import JOINED, LookUps
from pipelines.ingest.typing.map_rows import (
    ambiguous_numbers,
    count_ignored,
    count_mapped,
    map_rows,
    number_repetitions,
    unclaimed,
)
from pipelines.ingest.typing.row_query import FileContext
from pipelines.ingest.typing.two_readings import TwoReadings


class FileMapper:
    """Maps the files of one source. `ingested_at` is UTC without offset. Needs `create_mapped` for each entity.

    `absent`: the optional fields without a column, by file (`absent_fields`). `ignored`: lines by file.
    `repeated`: names of read columns that the header has more than once, by file.
    `readings`: counts the values that can be read in two ways.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        source: SourceMapping,
        ingested_at: datetime,
        scratch: Path,
        progress: Callable[[str], None],
        readings: TwoReadings | None = None,
    ) -> None:
        self._connection, self._source, self._ingested_at = connection, source, ingested_at
        self._scratch, self._progress, self._readings = scratch, progress, readings
        self.absent: dict[str, dict[str, str]] = {}
        self.ignored: dict[str, int] = {}
        self.repeated: dict[str, list[str]] = {}
        self._lookups = LookUps(connection, source, scratch, progress)

    def map(
        self, file: SourceFile, ids: Mapping[EntityMapping, int]
    ) -> tuple[dict[EntityMapping, int], dict[EntityMapping, list[BadRow]]]:
        """Append the rows of a file to `mapped_<entity>`. `ids`: the `__file` of its rows, by entity.

        Returns the number of rows, and the records that cannot be mapped, by entity. Raises FileRefused, also for an
        error of the engine in the mapping or in the rows; then no row of the file remains.
        """
        try:
            bad_rows = self._map(file, ids, {})
            ambiguous = {
                entity: ambiguous_numbers(self._connection, file_id, entity) for entity, file_id in ids.items()
            }
            if any(ambiguous.values()):
                self._delete(ids)
                bad_rows = self._map(file, ids, ambiguous)
            rows = {
                entity: count_mapped(self._connection, file.name, file_id, entity) for entity, file_id in ids.items()
            }
        except FileRefused:
            self._delete(ids)
            raise
        except ENGINE_ERRORS as error:
            self._delete(ids)
            raise FileRefused(file.name, f"its mapping cannot be evaluated: {plain_error(error)}") from error
        return rows, bad_rows

    def _delete(self, ids: Mapping[EntityMapping, int]) -> None:
        for entity, file_id in ids.items():
            self._connection.execute(f"DELETE FROM mapped_{entity.name} WHERE __file = ?", [file_id])

    def _map(
        self, file: SourceFile, ids: Mapping[EntityMapping, int], ambiguous: Mapping[EntityMapping, frozenset[str]]
    ) -> dict[EntityMapping, list[BadRow]]:
        entities = file.mapping.entities
        of_no_entity: list[BadRow] = []
        contexts: dict[EntityMapping, FileContext] = {}
        cells = file.mapping.format == "xlsx"
        tables = self._lookups.prepare(file)
        view = JOINED if tables else "raw"
        written = file.mapping.number_columns if cells else frozenset()

        def check(columns: Sequence[str], numbers: frozenset[str]) -> None:
            self.absent[file.name] = {}
            self.ignored[file.name] = 0
            self.repeated[file.name] = repeated_names(columns, file.mapping.reads)
            if self._readings:
                self._readings.begin(file.name)
            joined = self._lookups.join(file, columns, tables) if tables else ()
            available = (*columns, *joined)
            check_ignore(self._connection, file.name, file.mapping, available, view)
            for entity, file_id in ids.items():
                check_columns(self._connection, file.name, self._source, entity, available, view)
                self.absent[file.name] |= absent_fields(entity, available)
                contexts[entity] = FileContext(
                    self._source,
                    file.name,
                    file_id,
                    tuple(columns),
                    self._ingested_at,
                    cells=cells,
                    numbers=numbers,
                    written=written,
                    ambiguous=ambiguous.get(entity, ()),
                    ignore=file.mapping.ignore,
                    rows=view,
                    joined=joined,
                )

        def map_portion() -> None:
            of_no_entity.extend(unclaimed(self._connection, entities, file.mapping.ignore, view))
            self.ignored[file.name] += count_ignored(self._connection, file.mapping.ignore, view)
            for entity, context in contexts.items():
                map_rows(self._connection, context, entity)
                if self._readings:
                    self._readings.count(self._connection, context, entity)

        raw = self._read(file, check, map_portion, written)
        return {entity: [*raw.bad_rows, *(of_no_entity if entity is entities[0] else ())] for entity in entities}

    def _read(
        self, file: SourceFile, check: Check, map_portion: Callable[[], None], written: frozenset[str]
    ) -> RawFile:
        # Equal rows without an id are numbered over the whole file.
        is_whole = any(entity.keyed_by_content for entity in file.mapping.entities)
        try:
            raw = read_file(
                self._connection, file, self._scratch, check, self._progress, None if is_whole else map_portion
            )
            if not raw.rows:
                first = raw.bad_rows[0]
                raise FileRefused(file.name, f"no row can be read: {first.message}", line=first.line)
            if is_whole:
                number_repetitions(self._connection, raw.columns, written)
                map_portion()
        finally:
            self._connection.execute(f"DROP VIEW IF EXISTS {JOINED}")
            self._connection.execute("DROP VIEW IF EXISTS raw")
            self._connection.execute("DROP TABLE IF EXISTS whole")
        return raw
