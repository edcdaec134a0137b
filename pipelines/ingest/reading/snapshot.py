"""A private copy of the files that are read, so that a writer cannot change them between hash, rows and quarantine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pipelines.ingest.errors import FileRefused
from pipelines.ingest.reading.files import SourceFile, refuse_unreadable
from pipelines.ingest.reading.workbook_checks import check_workbook

CHUNK = 1 << 20


class Snapshots:
    """Copies of source files below a scratch folder, one for all sheets of a workbook."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._copies: dict[Path, tuple[Path, str]] = {}
        self._checked: set[Path] = set()

    def of(self, file: SourceFile) -> SourceFile:
        """The file with the path of its copy. Raises FileRefused where its bytes are not those that were identified,
        and for a workbook that must not be opened."""
        if file.path not in self._copies:
            self._copies[file.path] = self._copied(file)
        copy, digest = self._copies[file.path]
        if digest != file.sha256:
            raise FileRefused(
                file.name, "it changed while it was read; nothing of it is loaded, and the next run reads it again"
            )
        if file.sheet is not None and copy not in self._checked:
            check_workbook(file.name.removesuffix(f"#{file.sheet}"), copy)
            self._checked.add(copy)
        return replace(file, path=copy)

    def _copied(self, file: SourceFile) -> tuple[Path, str]:
        # The name keeps the ending by which readers know a format, and is short where the file's is as long as may be.
        copy = self._folder / f"{len(self._copies)}{file.path.suffix}"
        digest = hashlib.sha256()
        self._folder.mkdir(parents=True, exist_ok=True)
        with copy.open("wb") as target:
            for chunk in _chunks(file):
                digest.update(chunk)
                target.write(chunk)
        return copy, digest.hexdigest()


def _chunks(file: SourceFile) -> Iterator[bytes]:
    """The bytes of a file. What cannot be read is refused; what cannot be written is no fault of the file."""
    try:
        with file.path.open("rb") as source:
            while chunk := source.read(CHUNK):
                yield chunk
    except OSError as error:
        raise refuse_unreadable(file.name, error) from error
