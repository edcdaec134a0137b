"""How much a file may ask for before it is refused. Ten times what honest exports need, or more; docs/sources.md."""

from __future__ import annotations

import gzip
from pathlib import Path

from pipelines.errors import TierhouseError

MAX_FILES = 20_000
"""Files that one entry of a mapping may match: each is hashed by every run."""

MAX_COLUMNS = 5_000
MAX_BLANK_ROWS = 2_000_000
"""Rows without a value. A spreadsheet that writes all its empty rows has 1,048,576."""

MAX_RAGGED_ROWS = 100_000
"""Rows of another width, where they are more than the others."""

PACKED_FREE_BYTES = 16 << 20
MAX_UNPACKED_SHARE = 250
"""How many times its size a .gz file may unpack to beyond PACKED_FREE_BYTES: tables reach 5 to 50."""

PARQUET_FREE_ROWS = 1_000_000
MAX_ROWS_PER_BYTE = 20
"""How many rows a byte of a Parquet file may stand for beyond PARQUET_FREE_ROWS: an id alone takes a byte."""


class UnpacksTooFar(TierhouseError, OSError):
    """A packed file that is no table."""


class BoundedGzip(gzip.GzipFile):
    """A .gz file that is read. Raises UnpacksTooFar once it has given more than it may."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "rb")
        self._allowed = max(PACKED_FREE_BYTES, MAX_UNPACKED_SHARE * path.stat().st_size)

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self._check()
        return data

    def read1(self, size: int = -1) -> bytes:
        data = super().read1(size)
        self._check()
        return data

    def _check(self) -> None:
        if self.tell() > self._allowed:
            told = f"expected at most {MAX_UNPACKED_SHARE} times the size of the file unpacked, found more"
            raise UnpacksTooFar(told)
