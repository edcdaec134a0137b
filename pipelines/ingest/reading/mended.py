"""Files of corrected rows. A run reads each of them as a file of its source, by the entry of the original file."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from pipelines.ingest.errors import FileRefused
from pipelines.ingest.mapping.source_mapping import FileMapping, SourceMapping
from pipelines.ingest.reading.files import SourceFile

MENDED = "mended/"
"""Begins the names of these files."""
ORIGIN = ("quarantined_batch", "quarantined_file", "quarantined_line")
"""First columns of the file: which quarantined row each line corrects. Landing keeps them as extra columns."""


def mended_files(mapping: SourceMapping, folder: Path) -> tuple[list[SourceFile], list[FileRefused]]:
    """Return the files of corrected rows in a folder by name, and refusals of files that no entry reads any more."""
    files, refused = [], []
    for path in sorted(folder.glob("*.csv")):
        try:
            files.append(mended_file(mapping, path))
        except FileRefused as refusal:
            refused.append(refusal)
    return files, refused


def mended_file(mapping: SourceMapping, path: Path) -> SourceFile:
    """Return a file of corrected rows, to be read as UTF-8 with commas by the entry of its original file.

    Raises FileRefused if the file does not say what it corrects, or if no entry matches the original file.
    """
    name = f"{MENDED}{path.name}"
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        if tuple(reader.fieldnames or ())[: len(ORIGIN)] != ORIGIN:
            raise FileRefused(name, f"expected the columns {', '.join(ORIGIN)} first, found others", line=1)
        first = next(reader, None)
    if first is None:
        raise FileRefused(name, "expected rows below the header, found none", line=1)
    original = first["quarantined_file"] or ""
    entry = entry_of(mapping, original)
    if entry is None:
        raise FileRefused(name, f"expected an entry of the mapping that matches {original}, found none")
    read_as = replace(entry, format="csv", delimiter=",", encoding="utf-8", header=None, sheet="*")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return SourceFile(name, path, read_as, digest, mapping.digest(entry))


def entry_of(mapping: SourceMapping, name: str) -> FileMapping | None:
    """Return the entry that reads a file of the source, which may be gone. `name`: as in `SourceFile`."""
    path, mark, _ = name.rpartition(".xlsx#")
    path = f"{path}.xlsx" if mark else name
    entries: Sequence[FileMapping] = [
        entry for entry in mapping.files if mapping.root / path in set(mapping.root.glob(entry.path))
    ] or [entry for entry in mapping.files if PurePosixPath(path).match(entry.path)]
    return entries[0] if entries else None
