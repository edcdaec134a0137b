"""Removes a person from the files of the sources below the home, and names the files outside it."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

from pipelines.home.settings import Settings
from pipelines.ingest.errors import FileRefused, MappingError
from pipelines.ingest.landing.manifests import manifests
from pipelines.ingest.mapping.load import load_mapping
from pipelines.ingest.mapping.source_mapping import FileMapping, SourceMapping
from pipelines.ingest.reading.mended import entry_of, mended_file
from pipelines.privacy.landing import LandingErasure
from pipelines.privacy.parquet import ParquetFile
from pipelines.privacy.person import Person
from pipelines.privacy.records import LONG_ID, Columns, NotDelimited, strip_records
from pipelines.privacy.redo import Redo

TEXTS = (".csv", ".tsv", ".txt", ".gz")


class SourceErasure:
    """Rewrites files of the sources. A file that cannot be rewritten here is named in `redo.left`."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        settings: Settings,
        person: Person,
        redo: Redo,
        landing: LandingErasure,
    ) -> None:
        self._connection, self._settings, self._person, self._redo = connection, settings, person, redo
        self._landing = landing
        self._mappings = dict(_mappings(settings))

    def remove(self) -> None:
        """Rewrite the files that landing has read, and everything below the folders of the sources in the home."""
        done: set[Path] = set()
        for source, root, name in self._landed():
            path = root / name.partition("#")[0]
            if path.is_file() and path.resolve() not in done:
                done.add(path.resolve())
                self._remove_from(path, source, name)
        home = self._settings.home
        for source in self._person.sources:
            roots = {root for name, root, _ in self._landed() if name == source}
            folders = [home / "drop" / source, home / "mended" / source]
            folders += [root for root in roots if root.resolve() != home.resolve()]
            self._remove_below(folders, source, done)
        self._remove_below([home / "drop" / "rejected"], None, done)

    def _landed(self) -> list[tuple[str, Path, str]]:
        """Return source, root and name of each file that a batch has read."""
        names = {(batch.source, record.file) for batch in manifests(self._settings) for record in batch.files}
        return sorted((source, self._mappings[source].root, name) for source, name in names if source in self._mappings)

    def _remove_below(self, folders: Iterable[Path], source: str | None, done: set[Path]) -> None:
        for folder in folders:
            if not folder.resolve().is_relative_to(self._settings.home.resolve()):
                continue
            for path in sorted(folder.rglob("*")):
                if path.is_file() and path.resolve() not in done and path.suffix not in (".yml", ".yaml"):
                    done.add(path.resolve())
                    for one in [source] if source else self._person.sources:
                        self._remove_from(path, one, None)

    def _remove_from(self, path: Path, source: str, name: str | None) -> None:
        if path.resolve().is_relative_to(self._settings.home.resolve()):
            path = self._settings.home / path.resolve().relative_to(self._settings.home.resolve())
        content = self._redo.current(path).read_bytes() if self._is_inside(path) else path.read_bytes()
        before = hashlib.sha256(content).hexdigest()
        lines = self._lines(source, name, before)
        ids, columns = self._ids_in(path, source, name)
        pattern = self._person.contact_pattern
        rows, after = None, b""
        try:
            kind = path.suffix.lower()
            if kind == ".parquet":
                stored = self._redo.current(path) if self._is_inside(path) else path
                rows = ParquetFile(self._connection, stored, ids, pattern, lines, columns)
                stripped = rows.found()
            elif kind in TEXTS:
                text = gzip.decompress(content) if kind == ".gz" else content
                stripped = strip_records(text, ids, pattern, lines, columns)
                after = gzip.compress(stripped.content, mtime=0) if kind == ".gz" else stripped.content
            else:
                raise NotDelimited
        except (NotDelimited, OSError, EOFError, duckdb.InvalidInputException):
            if lines or _contains(content, self._person):
                self._redo.left.append(f"{path}: cannot be rewritten here; remove the person{_at(lines)} by hand")
            return
        removed = stripped.removed + stripped.blanked
        self._landing.repeated[source, before, name or ""] += stripped.removed
        if not removed:
            return
        if not self._is_inside(path):
            self._redo.left.append(f"{path}: is outside the home; remove the person{_at(lines)} by hand")
            return
        target = self._redo.new(path)
        if rows:
            rows.write(aside := target.with_name(f"{target.name}.aside"))
            aside.replace(target)
            after = target.read_bytes()
        else:
            target.write_bytes(after)
        self._landing.new_sums[source, before] = hashlib.sha256(after).hexdigest()
        self._redo.counts["files of sources: lines and cells"] += removed

    def _ids_in(self, path: Path, source: str, name: str | None) -> tuple[list[str], Columns]:
        """Return the ids to look for in a file, and the columns that have them.

        A file of listings or agents has the ids of others, which may be equal. In a file that no entry of the mapping
        reads, only long ids count.
        """
        ids = self._person.ids(source)
        entry = _entry(self._mappings.get(source), path, name)
        if entry is None:
            return [text for text in ids if len(text) >= LONG_ID], Columns()
        keys, references = _read_by(entry, "lead_id"), _read_by(entry, "referred_by")
        return (ids if keys else []), Columns(keys, references, has_rows=bool(keys))

    def _is_inside(self, path: Path) -> bool:
        return path.is_relative_to(self._settings.home) and not path.is_symlink()

    def _lines(self, source: str, name: str | None, sha256: str) -> set[int]:
        """Return the lines of the person in a file with this content, as landing knows them."""
        batches = {
            batch.batch
            for batch in manifests(self._settings)
            if batch.source == source
            for record in batch.files
            if record.file == name and record.sha256 == sha256
        }
        return {line for batch, file, line in self._landing.lines if batch in batches and file == name}


def _mappings(settings: Settings) -> Iterator[tuple[str, SourceMapping]]:
    for file in settings.mapping_files:
        try:
            mapping = load_mapping(file)
        except MappingError:
            continue
        yield mapping.source, mapping


def _read_by(entry: FileMapping, name: str) -> frozenset[str]:
    """Return the columns that a field reads, over the entities of a file."""
    fields = [entity.field(name) for entity in entry.entities]
    return frozenset(column for field in fields if field for column in field.reads)


def _entry(mapping: SourceMapping | None, path: Path, name: str | None) -> FileMapping | None:
    """Return the entry of the mapping that reads a file. `name`: as landing knows the file; None for other files."""
    if mapping is None:
        return None
    if path.parent.parent.name == "mended":
        try:
            return mended_file(mapping, path).mapping
        except (FileRefused, UnicodeDecodeError):
            return None
    return entry_of(mapping, name or path.name)


def _at(lines: set[int]) -> str:
    shown = ", ".join(f"{line:,}" for line in sorted(lines)[:20])
    return f" (lines {shown}{', …' if len(lines) > 20 else ''})" if lines else ""


def _contains(content: bytes, person: Person) -> bool:
    """Whether raw bytes, or a part of a workbook or another zip file, have a mark of the person."""
    marks = [mark.encode() for mark in person.marks()]
    if content.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as parts:
                content = b"".join(parts.read(name) for name in parts.namelist())
        except zipfile.BadZipFile:
            pass
    return any(mark in content for mark in marks)
