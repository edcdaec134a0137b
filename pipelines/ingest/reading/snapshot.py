"""Private copies of the files that are read: nobody can change a file between hash, rows and quarantine."""

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
    """Copies of source files below a scratch folder. All sheets of a workbook share one copy."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._copies: dict[Path, tuple[Path, str]] = {}
        self._checked: set[Path] = set()

    def of(self, file: SourceFile) -> SourceFile:
        """Return the file with the path of its copy.

        Raises FileRefused if the bytes have changed since `identify`, and for a workbook that must not be opened.
        """
        if file.path not in self._copies:
            self._copies[file.path] = self._copied(file)
        copy, digest = self._copies[file.path]
        if digest != file.sha256:
            raise FileRefused(
                file.name, "the file changed while it was read; none of it is loaded, and the next run reads it again"
            )
        if file.sheet is not None and copy not in self._checked:
            check_workbook(file.name.removesuffix(f"#{file.sheet}"), copy)
            self._checked.add(copy)
        return replace(file, path=copy)

    def _copied(self, file: SourceFile) -> tuple[Path, str]:
        # The copy keeps the suffix, from which readers see whether the file is packed. Its name is short, because the
        # name of the file may have the maximum length already.
        copy = self._folder / f"{len(self._copies)}{file.path.suffix}"
        digest = hashlib.sha256()
        self._folder.mkdir(parents=True, exist_ok=True)
        with copy.open("wb") as target:
            for chunk in _chunks(file):
                digest.update(chunk)
                target.write(chunk)
        return copy, digest.hexdigest()


def _chunks(file: SourceFile) -> Iterator[bytes]:
    """Yield the bytes of a file. Raises FileRefused if it cannot be read. Errors in writing the copy stay OSErrors."""
    try:
        with file.path.open("rb") as source:
            while chunk := source.read(CHUNK):
                yield chunk
    except OSError as error:
        raise refuse_unreadable(file.name, error) from error
