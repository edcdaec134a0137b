"""Checksums of files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import TierhouseError


class IntegrityError(TierhouseError):
    """A file of the home differs from what was written. The text names the file and says what to do."""


@dataclass(frozen=True)
class FileSum:
    """Size and SHA-256 of a file."""

    bytes: int
    sha256: str


_known: dict[tuple[int, int, int, int], FileSum] = {}


def file_sum(path: Path) -> FileSum:
    """Return the size and SHA-256 of a file. Reads the file."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return FileSum(stream.tell(), digest)


def file_sum_once(path: Path) -> FileSum:
    """As `file_sum`, but read the file again only if its inode, size or time of change differ."""
    state = path.stat()
    key = (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns)
    if key not in _known:
        _known[key] = file_sum(path)
    return _known[key]


def forget() -> None:
    """Forget all known sums, so that each file is read again."""
    _known.clear()
