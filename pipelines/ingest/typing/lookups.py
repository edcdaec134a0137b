"""Look-ups: columns of other files of the same source, joined to the rows of a file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from pipelines.home.sql import identifier
from pipelines.ingest.errors import FileRefused
from pipelines.ingest.mapping.source_mapping import FileMapping, LookUp, SourceMapping
from pipelines.ingest.reading.files import SourceFile, find_files, format_of, identify
from pipelines.ingest.reading.read import read_file
from pipelines.ingest.reading.workbook import find_sheets

JOINED = "joined"
"""The view of `raw` with the columns of the look-ups."""


def with_files_of_lookups(file: SourceFile, source: SourceMapping) -> SourceFile:
    """Return the file with a mapping hash that contains the files of its look-ups.

    A file is read again if they change, as for a changed mapping: also by the next run, if they change during this one.
    Raises FileRefused.
    """
    if not file.mapping.lookups:
        return file
    sums = [file.mapping_sha256]
    for lookup in file.mapping.lookups:
        sums += [other.sha256 for other in _files(file, source, lookup)]
    return replace(file, mapping_sha256=hashlib.sha256("".join(sums).encode()).hexdigest())


class LookUps:
    """Joins the look-ups of the files of one source. Each file of a look-up is read once for its columns."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        source: SourceMapping,
        scratch: Path,
        progress: Callable[[str], None],
    ) -> None:
        self._connection, self._source, self._scratch, self._progress = connection, source, scratch, progress
        self._tables: dict[tuple[str, str, tuple[str, ...]], str] = {}

    def prepare(self, file: SourceFile) -> dict[str, str]:
        """Read the files of the look-ups. Returns the table of each look-up. Raises FileRefused."""
        return {lookup.name: self._table(file, lookup) for lookup in file.mapping.lookups}

    def join(self, file: SourceFile, columns: Sequence[str], tables: dict[str, str]) -> tuple[str, ...]:
        """Define `joined` over `raw`. Returns the added columns. Raises FileRefused for a missing column."""
        known, added, joins = set(columns), [], []
        for lookup in file.mapping.lookups:
            if lookup.column not in known:
                raise FileRefused(
                    file.name,
                    f"expected a column {lookup.column!r} for the look-up, found none",
                    line=1,
                    field=f"lookups.{lookup.name}.on",
                )
            own = f"raw.{identifier(lookup.column)}" if lookup.column in columns else self._sql(lookup.column, added)
            joins.append(f"LEFT JOIN {tables[lookup.name]} AS {lookup.name} ON {lookup.name}.__key = {own}")
            for name in _columns_of(file.mapping, lookup):
                full = f"{lookup.name}.{name}"
                if full in columns:
                    message = f"the file has a column {full!r} of its own: give the look-up another name"
                    raise FileRefused(file.name, message, line=1, field=f"lookups.{lookup.name}")
                added.append((full, f"{lookup.name}.{identifier(name)}"))
                known.add(full)
        body = ", ".join(["raw.*", *(f"{sql} AS {identifier(full)}" for full, sql in added)])
        self._connection.execute(f"CREATE OR REPLACE TEMP VIEW {JOINED} AS SELECT {body} FROM raw {' '.join(joins)}")
        return tuple(full for full, _ in added)

    @staticmethod
    def _sql(column: str, added: Sequence[tuple[str, str]]) -> str:
        return dict(added)[column]

    def _table(self, file: SourceFile, lookup: LookUp) -> str:
        names = _columns_of(file.mapping, lookup)
        place = (lookup.path, lookup.key, names)
        if place not in self._tables:
            table = f"lookup_{len(self._tables)}"
            self._read(file, lookup, names, table)
            self._tables[place] = table
        return self._tables[place]

    def _read(self, file: SourceFile, lookup: LookUp, names: Sequence[str], table: str) -> None:
        """Create a table with one row for each key: the last row of the last file by name."""
        values = "".join(f", {identifier(name)}" for name in names)
        kinds = "".join(f", {identifier(name)} VARCHAR" for name in names)
        self._connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} (__file INTEGER, __line BIGINT, __key VARCHAR{kinds})"
        )
        for number, other in enumerate(_files(file, self._source, lookup)):

            def check(columns: Sequence[str], _: frozenset[str], other: SourceFile = other) -> None:
                for name in (lookup.key, *names):
                    if name not in columns:
                        message = f"expected a column {name!r}, which {file.name} looks up, found none"
                        raise FileRefused(other.name, message, line=1, field=f"lookups.{lookup.name}")

            def use(number: int = number) -> None:
                self._connection.execute(
                    f"INSERT INTO {table} SELECT {number}, __line, {identifier(lookup.key)}{values} FROM raw "
                    f"WHERE {identifier(lookup.key)} IS NOT NULL"
                )

            read_file(self._connection, other, self._scratch, check, self._progress, use)
        self._connection.execute(
            f"DELETE FROM {table} WHERE rowid NOT IN "
            f"(SELECT max_by(rowid, (__file, __line)) FROM {table} GROUP BY __key)"
        )


def _columns_of(mapping: FileMapping, lookup: LookUp) -> tuple[str, ...]:
    """Return the columns that fields, conditions and later look-ups read through a look-up."""
    texts = [mapping.ignore.sql] if mapping.ignore else []
    names = {one.column for one in mapping.lookups}
    for entity in mapping.entities:
        names |= {name for field in entity.fields for name in field.reads}
        texts += [rule.sql for rule in (*entity.rules, *([entity.where] if entity.where else []))]
    start = f"{lookup.name}."
    found = {name.removeprefix(start) for name in names if name.startswith(start)}
    for text in texts:
        found |= {part.removeprefix(start) for part in text.split('"')[1::2] if part.startswith(start)}
    return tuple(sorted(found))


def _paths(file: SourceFile, source: SourceMapping, lookup: LookUp) -> tuple[FileMapping, list[Path]]:
    entry = next(entry for entry in source.files if entry.path == lookup.path)
    try:
        return entry, find_files(source, entry)[0]
    except FileRefused as refused:
        message = f"its look-up needs a file {lookup.path}: {refused.reason}"
        raise FileRefused(file.name, message, field=f"lookups.{lookup.name}.in") from refused


def _files(file: SourceFile, source: SourceMapping, lookup: LookUp) -> Iterator[SourceFile]:
    entry, paths = _paths(file, source, lookup)
    for path in paths:
        name = path.relative_to(source.root).as_posix()
        is_workbook = format_of(name, entry) == "xlsx"
        sheets = find_sheets(name, path, entry.sheet) if is_workbook else (None,)
        yield from identify(source, entry, path, sheets)
