"""Removes records from Parquet files of the sources, such as those of `tierhouse pull`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.home.sql import identifier, literal, parquet_files
from pipelines.privacy.records import Columns, is_contact


@dataclass(frozen=True)
class StrippedParquet:
    """Removed rows, and cells that were blanked in rows of others. `key`: name of the id column."""

    removed: int
    blanked: int
    key: str | None


class ParquetFile:
    """One file and the rows of a person in it. The arguments are those of `strip_records`."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        path: Path,
        ids: Collection[str],
        pattern: str | None,
        lines: Collection[int],
        columns: Columns,
    ) -> None:
        self._connection, self._ids, self._columns = connection, list(ids), columns
        self._rows = parquet_files([path], "file_row_number = true")
        described = connection.execute(f"DESCRIBE FROM {self._rows}").fetchall()
        self._kinds = {name: kind for name, kind, *_ in described if name != "file_row_number"}
        self.key = self._find_key(lines)
        own = (
            self._has_id(self.key, self._ids) if self.key else self._has_contact(pattern if columns.has_rows else None)
        )
        named = {name: self._names(name, pattern) for name in self._kinds if name != self.key}
        self._own, self._named = own, {name: test for name, test in named.items() if test}

    def found(self) -> StrippedParquet:
        """Return what `write` would remove."""
        blanked = " + ".join(f"count_if(NOT ({self._own}) AND {test})" for test in self._named.values()) or "0"
        removed, cells = self._connection.execute(
            f"SELECT count_if({self._own}), {blanked} FROM {self._rows}"
        ).fetchall()[0]
        return StrippedParquet(removed, cells, self.key)

    def write(self, target: Path) -> None:
        """Write the file without the person."""
        blank = ", ".join(
            f"CASE WHEN NOT {test} THEN {identifier(name)} END AS {identifier(name)}"
            for name, test in self._named.items()
        )
        self._connection.execute(
            f"COPY (SELECT * EXCLUDE (file_row_number) {f'REPLACE ({blank})' if blank else ''} FROM {self._rows} "
            f"WHERE NOT ({self._own}) ORDER BY file_row_number) TO {literal(str(target))} "
            "(FORMAT parquet, COMPRESSION zstd)"
        )

    def _has_id(self, name: str, ids: Collection[str]) -> str:
        values = ", ".join(map(literal, ids))
        return f"coalesce(CAST({identifier(name)} AS VARCHAR) IN ({values}), false)" if values else "false"

    def _has_contact(self, pattern: str | None) -> str:
        tests = [
            f"coalesce(regexp_matches({identifier(name)}, {literal(pattern)}), false)"
            for name, kind in self._kinds.items()
            if pattern and kind == "VARCHAR"
        ]
        return f"({' OR '.join(tests)})" if tests else "false"

    def _names(self, name: str, pattern: str | None) -> str | None:
        """Return the condition that a cell names the person; None for a column that cannot."""
        ids = self._columns.ids_in(name, self._ids)
        if self._kinds[name] != "VARCHAR":
            return self._has_id(name, ids) if ids else None
        if is_contact(name):
            return None
        mention = f" OR coalesce(regexp_matches({identifier(name)}, {literal(pattern)}), false)" if pattern else ""
        return f"({self._has_id(name, ids)}{mention})"

    def _find_key(self, lines: Collection[int]) -> str | None:
        """Return the column that has the ids of the rows' own records."""
        names = list(self._kinds)
        if not names:
            return None
        counts = ", ".join(f"count_if({self._has_id(name, self._ids)})" for name in names)
        known = f"WHERE file_row_number + 1 IN ({', '.join(map(str, sorted(lines)))})" if lines else ""
        hits = self._connection.execute(f"SELECT {counts} FROM {self._rows} {known}").fetchall()[0]
        found = [name for name, number in zip(names, hits, strict=True) if number]
        if lines and found:
            return max(found, key=lambda name: (hits[names.index(name)], -names.index(name)))
        named = [name for name in names if self._columns.are_keys(name)]
        return next((name for name in found if name in named or (not named and "id" in name.casefold())), None)
