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
from pipelines.home.sql import identifier, literal, parquet_files
from pipelines.ingest.errors import MappingError
from pipelines.ingest.landing.manifests import manifests
from pipelines.ingest.mapping.load import load_mapping
from pipelines.privacy.landing import LandingErasure
from pipelines.privacy.person import Person
from pipelines.privacy.records import NotDelimited, strip_records
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
        self._key_names: dict[str, set[str]] = {}

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
        roots = dict(_roots(self._settings))
        names = {(batch.source, record.file) for batch in manifests(self._settings) for record in batch.files}
        return sorted((source, roots[source], name) for source, name in names if source in roots)

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
        kind = path.suffix.lower()
        ids = self._person.ids(source)
        try:
            if kind == ".parquet":
                after, removed = self._parquet(path, ids)
            elif kind in TEXTS:
                text = gzip.decompress(content) if kind == ".gz" else content
                names = self._key_names.setdefault(source, set())
                stripped = strip_records(text, ids, self._person.contact_pattern, lines, names)
                names |= {stripped.key} if stripped.key and lines else set()
                removed = stripped.removed + stripped.blanked
                self._landing.repeated[source, before, name or ""] += stripped.removed
                after = gzip.compress(stripped.content, mtime=0) if kind == ".gz" else stripped.content
            else:
                raise NotDelimited
        except (NotDelimited, OSError, EOFError):
            if lines or _contains(content, self._person):
                self._redo.left.append(f"{path}: cannot be rewritten here; remove the person{_at(lines)} by hand")
            return
        if not removed:
            return
        if not self._is_inside(path):
            self._redo.left.append(f"{path}: is outside the home; remove the person{_at(lines)} by hand")
            return
        self._redo.new(path).write_bytes(after)
        self._landing.new_sums[source, before] = hashlib.sha256(after).hexdigest()
        self._redo.counts["files of sources: lines and cells"] += removed

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

    def _parquet(self, path: Path, ids: list[str]) -> tuple[bytes, int]:
        """Return the file without the rows whose first id column has an id of the person, and their number."""
        source = parquet_files([path])
        columns = [name for name, *_ in self._connection.execute(f"DESCRIBE FROM {source}").fetchall()]
        values = ", ".join(map(literal, ids))
        hit = " OR ".join(
            f"coalesce(CAST({identifier(name)} AS VARCHAR) IN ({values}), false)"
            for name in columns
            if "id" in name.lower()
        )
        if not hit or not ids:
            return b"", 0
        count = self._connection.execute(f"SELECT count(*) FROM {source} WHERE {hit}").fetchall()[0][0]
        if not count:
            return b"", 0
        target = self._redo.new(path) if self._is_inside(path) else None
        if target is None:
            return b"", count
        self._connection.execute(
            f"COPY (SELECT * FROM {source} WHERE NOT ({hit})) TO {literal(str(target))} "
            "(FORMAT parquet, COMPRESSION zstd)"
        )
        return target.read_bytes(), count


def _roots(settings: Settings) -> Iterator[tuple[str, Path]]:
    for file in settings.mapping_files:
        try:
            mapping = load_mapping(file)
        except MappingError:
            continue
        yield mapping.source, mapping.root


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
