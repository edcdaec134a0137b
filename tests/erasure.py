"""Every byte of a home, also of rows inside Parquet, DuckDB, SQLite and compressed files, searched for texts."""

from __future__ import annotations

import gzip
import sqlite3
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import duckdb


def places_with(home: Path, texts: Sequence[str]) -> list[str]:
    """Return the files of a home, and the tables in them, that have one of the texts."""
    found = []
    for path in sorted(home.rglob("*")):
        if path.is_file() and not path.is_symlink():
            for place, content in _contents(path):
                hits = [text for text in texts if text.encode() in content]
                if hits:
                    found.append(f"{path.relative_to(home)} {place}: {', '.join(hits)}")
    return found


def _contents(path: Path) -> Iterator[tuple[str, bytes]]:
    content = path.read_bytes()
    yield "bytes", content
    if content.startswith(b"\x1f\x8b"):
        yield "unpacked", gzip.decompress(content)
    elif content.startswith(b"PK"):
        with zipfile.ZipFile(path) as parts:
            yield from ((name, parts.read(name)) for name in parts.namelist())
    elif content.startswith(b"PAR1"):
        with duckdb.connect() as connection:
            yield "rows", _text(connection.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall())
    elif content.startswith(b"SQLite format 3"):
        with closing(sqlite3.connect(path)) as history:
            names = [row[0] for row in history.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for name in names:
                yield name, _text(history.execute(f'SELECT * FROM "{name}"').fetchall())
    elif content[8:12] == b"DUCK":
        with duckdb.connect(str(path), read_only=True) as connection:
            tables = "SELECT schema_name, table_name FROM duckdb_tables()"
            for schema, name in connection.execute(tables).fetchall():
                yield name, _text(connection.execute(f'SELECT * FROM "{schema}"."{name}"').fetchall())


def _text(rows: Sequence[tuple]) -> bytes:
    return "\n".join(map(str, rows)).encode()
