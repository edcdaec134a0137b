"""Compares what a pull has read with the files of earlier pulls, in DuckDB."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from pipelines.connect.connection import OWN_COLUMNS, Table
from pipelines.home.sql import first_row, first_value, identifier, parquet_files

if TYPE_CHECKING:
    import pyarrow as pa

BY_NAME = "union_by_name = true, filename = true"


class Comparison:
    """The rows of one pull beside those of earlier pulls.

    Views: `latest` (the last version of each key in earlier files), `fetched` (the last version of each key that this
    pull read), `scan` (the keys that exist). `__key` is the text of the key columns.
    """

    def __init__(self, engine: duckdb.DuckDBPyConnection, table: Table, files: list[Path], work: Path) -> None:
        self.engine, self.table, self.work = engine, table, work
        self.has_files = bool(files)
        self._parts = 0
        self._fetched: list[Path] = []
        self._key = f"concat_ws(chr(31), {', '.join(f'CAST({identifier(name)} AS VARCHAR)' for name in table.key)})"
        if files:
            self._last_versions("latest", files)
        else:
            engine.execute("CREATE TEMP VIEW latest AS SELECT '' AS __key, false AS _deleted WHERE false")
        hidden = ("__key", "filename", *OWN_COLUMNS)
        self.known_columns = [name for name in self._columns("latest") if name not in hidden]
        engine.execute("CREATE TEMP TABLE scan (__key VARCHAR)")

    def since(self) -> Any | None:
        """Return the last cursor minus the overlap; None if all rows must be read."""
        if self.table.cursor is None or self.table.cursor not in self.known_columns:
            return None
        last = first_value(self.engine.execute(f"SELECT max({identifier(self.table.cursor)}) FROM latest"))
        overlap = self.table.overlap
        if isinstance(last, datetime):
            return last - (overlap if isinstance(overlap, timedelta) else timedelta(seconds=overlap))
        if isinstance(last, date):
            return last - (overlap if isinstance(overlap, timedelta) else timedelta(days=overlap))
        return last - (overlap if isinstance(overlap, int) else 0) if isinstance(last, int) else None

    def add_fetched(self, parts: Iterable[pa.Table]) -> None:
        self._fetched += self._store(parts)
        if self._fetched:
            self._last_versions("fetched", self._fetched)

    def scan_fetched(self) -> None:
        """The pull has read all rows: they are the keys that exist."""
        if self._fetched:
            self.engine.execute("INSERT INTO scan SELECT __key FROM fetched")

    def add_scan(self, parts: Iterable[pa.Table]) -> None:
        """Add the keys that exist, and remember the rows that the cursor has missed."""
        files = self._store(parts)
        if files:
            self.engine.execute(f"CREATE TEMP VIEW listed AS SELECT *, {self._key} AS __key FROM {_read(files)}")
            self.engine.execute("INSERT INTO scan SELECT DISTINCT __key FROM listed")

    def add_deleted(self, parts: Iterable[pa.Table]) -> None:
        """The system lists deleted keys: all other known keys exist. A row that was just read exists too."""
        self.engine.execute("INSERT INTO scan SELECT __key FROM latest WHERE NOT _deleted")
        files = self._store(parts)
        if files:
            self.engine.execute(f"DELETE FROM scan WHERE __key IN (SELECT {self._key} FROM {_read(files)})")

    def missed(self, at_once: int) -> Iterator[list[tuple[Any, ...]]]:
        """Yield keys to read by themselves: of rows behind the cursor that are new or changed, and of rows that the
        list of keys lacks, because a row can move between the pages of a list."""
        keys = ", ".join(map(identifier, self.table.key))
        fetched = "SELECT __key FROM fetched" if self._fetched else "SELECT '' WHERE false"
        parts = []
        if self.has_files:
            parts.append(f"""SELECT {keys} FROM latest WHERE NOT _deleted
                             AND __key NOT IN (SELECT __key FROM scan) AND __key NOT IN ({fetched})""")
        if self._columns("listed"):
            cursor = identifier(self.table.cursor or "")
            is_known = self.table.cursor in self.known_columns
            changed = f"OR listed.{cursor} IS DISTINCT FROM latest.{cursor}" if is_known else ""
            names = ", ".join(f"listed.{identifier(name)}" for name in self.table.key)
            parts.append(f"""SELECT {names} FROM listed LEFT JOIN latest USING (__key)
                             WHERE (latest.__key IS NULL OR latest._deleted {changed})
                             AND listed.__key NOT IN ({fetched})""")
        found = self.engine.execute(" UNION ".join(parts)).fetchall() if parts else []
        for start in range(0, len(found), at_once):
            yield found[start : start + at_once]

    def notes(self) -> list[str]:
        """Describe a cursor that went backward."""
        cursor = self.table.cursor
        if not cursor or not self._fetched or not self.has_files or cursor not in self.known_columns:
            return []
        name = identifier(cursor)
        rows = first_value(
            self.engine.execute(f"""
                SELECT count(*) FROM fetched JOIN latest USING (__key)
                WHERE NOT latest._deleted AND fetched.{name} < latest.{name}
            """)
        )
        if not rows:
            return []
        return [f"the cursor {cursor} of {rows:,} rows went backward; these rows were taken. Was a backup restored?"]

    def vanished(self) -> tuple[int, int]:
        """Return the number of known rows, and of those that are gone."""
        known, gone = first_row(
            self.engine.execute(f"SELECT count(*), count(*) FILTER ({self._gone}) FROM latest WHERE NOT _deleted")
        )
        return known, gone

    def write(self, file: Path, at: datetime) -> int:
        """Write new, changed and deleted rows, ordered by key. Returns the number of new and changed rows."""
        stamp = f"TIMESTAMPTZ '{at.isoformat(timespec='seconds')}'"
        parts = []
        if self._fetched:
            names = [name for name in self._columns("fetched") if name not in ("__key", "filename")]
            differs = [f"{_text('fetched', name)} IS DISTINCT FROM {self._known_text(name)}" for name in names]
            columns = ", ".join(f"fetched.{identifier(name)}" for name in names)
            parts.append(f"""
                SELECT {columns}, false AS _deleted, {stamp} AS _pulled_at, fetched.__key
                FROM fetched LEFT JOIN latest USING (__key)
                WHERE latest.__key IS NULL OR latest._deleted OR {" OR ".join(differs)}""")
        if self.has_files:
            columns = "".join(f"{identifier(name)}, " for name in self.known_columns)
            parts.append(f"""
                SELECT {columns} true AS _deleted, {stamp} AS _pulled_at, __key
                FROM latest WHERE NOT _deleted AND {self._gone}""")
        if not parts:
            return 0
        self.engine.execute(f"""
            COPY (SELECT * EXCLUDE (__key) FROM ({" UNION ALL BY NAME ".join(parts)}) ORDER BY __key)
            TO '{str(file).replace("'", "''")}' (FORMAT parquet)""")
        return first_value(self.engine.execute(f"SELECT count(*) FROM {parquet_files([file])} WHERE NOT _deleted"))

    @property
    def _gone(self) -> str:
        fetched = " AND __key NOT IN (SELECT __key FROM fetched)" if self._fetched else ""
        return f"(__key NOT IN (SELECT __key FROM scan){fetched})"

    def _known_text(self, name: str) -> str:
        return _text("latest", name) if name in self.known_columns else "NULL"

    def _last_versions(self, view: str, files: list[Path]) -> None:
        self.engine.execute(f"""
            CREATE OR REPLACE TEMP VIEW {view} AS
            SELECT *, {self._key} AS __key FROM {_read(files, BY_NAME)}
            QUALIFY row_number() OVER (PARTITION BY {self._key} ORDER BY filename DESC) = 1""")

    def _columns(self, view: str) -> list[str]:
        sql = "SELECT column_name FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index"
        return [name for (name,) in self.engine.execute(sql, [view]).fetchall()]

    def _store(self, parts: Iterable[pa.Table]) -> list[Path]:
        """Write each part to a file of its own. An error of the reader passes through."""
        import pyarrow.parquet as pq

        files = []
        for part in parts:
            if part.num_rows:
                self._parts += 1
                files.append(self.work / f"part-{self._parts:08d}.parquet")
                pq.write_table(part, files[-1])
        return files


def _text(view: str, name: str) -> str:
    return f"CAST({view}.{identifier(name)} AS VARCHAR)"


def _read(files: list[Path], options: str = "union_by_name = true") -> str:
    return parquet_files(files, options)
