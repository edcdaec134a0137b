"""What a kind of connection offers to a pull."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from pipelines.connect.connection import Table

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_AT_ONCE = 20_000


class Reader(Protocol):
    """Reads a system. Every method raises ConnectError, with one line, if the system refuses or fails."""

    keys_at_once: int
    """How many keys `by_keys` takes."""
    is_snapshot: bool
    """Whether `changed` reads one state of the table. The pages of an API can miss a row that moves between them."""

    def columns(self, table: Table) -> list[str]:
        """Return the columns of the table."""
        ...

    def changed(self, table: Table, since: Any | None) -> Iterator[pa.Table]:
        """Yield the rows whose cursor is at or after `since`; all rows if it is None."""
        ...

    def keys(self, table: Table) -> Iterator[pa.Table] | None:
        """Yield key and cursor of all rows; None if the system lists deleted rows instead."""
        ...

    def by_keys(self, table: Table, keys: Sequence[tuple[Any, ...]]) -> Iterator[pa.Table]:
        """Yield the rows with these keys, as far as they exist."""
        ...

    def deleted(self, table: Table, since: Any | None) -> Iterator[pa.Table]:
        """Yield the keys of rows that were deleted since then. Only of a system without `keys`."""
        ...
