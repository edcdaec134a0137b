"""Checksums of files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import TierhouseError


class IntegrityError(TierhouseError):
    """A file of the home is not what was written. The text names the file and says what to do."""


@dataclass(frozen=True)
class FileSum:
    """Size and SHA-256 of a file."""

    bytes: int
    sha256: str


_known: dict[tuple[int, int, int, int], FileSum] = {}


def file_sum(path: Path) -> FileSum:
    """The sum of the bytes that the file holds now."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return FileSum(stream.tell(), digest)


def file_sum_once(path: Path) -> FileSum:
    """As `file_sum`, read once by this process while inode, size and time of change stay: a run reads files often."""
    state = path.stat()
    key = (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns)
    if key not in _known:
        _known[key] = file_sum(path)
    return _known[key]


def forget() -> None:
    """Read every file again."""
    _known.clear()
