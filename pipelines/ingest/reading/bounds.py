"""Limits above which a file is refused: at least ten times what real exports need (docs/sources.md)."""

from __future__ import annotations

import gzip
from pathlib import Path

from pipelines.errors import TierhouseError

MAX_FILES = 20_000
"""Files that one entry of a mapping may match. Each run hashes all of them."""

MAX_COLUMNS = 5_000
MAX_BLANK_ROWS = 2_000_000
"""Rows without a value. A spreadsheet that writes all its empty rows has 1,048,576."""

MAX_RAGGED_ROWS = 100_000
"""Rows with another number of fields than the header, beyond the number of good rows."""

PACKED_FREE_BYTES = 16 << 20
MAX_UNPACKED_SHARE = 250
"""Unpacked size of a .gz file, as a multiple of its packed size, above PACKED_FREE_BYTES. Tables reach 5 to 50."""

PARQUET_FREE_ROWS = 1_000_000
MAX_ROWS_PER_BYTE = 20
"""Rows for each byte of a Parquet file, above PARQUET_FREE_ROWS. An id alone takes a byte."""


class UnpacksTooFar(TierhouseError, OSError):
    """A packed file that unpacks to more than a table does."""


class BoundedGzip(gzip.GzipFile):
    """A .gz file opened for reading. Raises UnpacksTooFar above the limit."""

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
            raise UnpacksTooFar(
                f"expected at most {MAX_UNPACKED_SHARE} times the size of the file unpacked, found more"
            )
