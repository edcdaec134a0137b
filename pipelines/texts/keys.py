"""Keys that replace agents and teams, and ids of records and listings that look like a contact."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.home.key import load_secret, pseudonym
from pipelines.home.settings import Settings
from pipelines.home.sql import literal, parquet_files
from pipelines.texts.names import with_names
from pipelines.texts.shapes import CONTACT_IN_PLAIN_ID, PLAIN_ID, is_contact, is_contact_id

KEYED: Mapping[str, str] = {
    "agent_id": "agent",
    "team": "team",
    "lead_id": "record",
    "referred_by": "record",
    "property_id": "property",
}
"""Field of an entity → kind of its keys."""

LENGTH = 16
ALWAYS = ("agent", "team")
"""Kinds in which every text gets a key."""
_HAS_NO_CONTACT = (
    f"regexp_full_match(text, {literal(PLAIN_ID)}) AND NOT regexp_matches(text, {literal(CONTACT_IN_PLAIN_ID)})"
)
"""Fast test that sorts out most ids."""


def write_keys(
    connection: duckdb.DuckDBPyConnection, settings: Settings, texts: Mapping[str, Sequence[str]], people: Sequence[str]
) -> Path:
    """Replace the restricted file of keys: kind, text (as in the source), key. Returns its path.

    `texts`: SQL queries of one column `text`, by kind. `people`: see `with_names`. With `publish_agent_names` the key
    of an agent or a team is its own text, unless the text looks like a contact.
    """
    secret = load_secret(settings)
    rows = [
        (kind, text, text.strip() if is_shown else key_of(kind, text, secret))
        for kind, queries in texts.items()
        for text, is_shown in _keyed(connection, kind, queries, people, settings.publish_agent_names)
    ]
    schema = pa.schema([(name, pa.string()) for name in ("kind", "text", "key")])
    table = pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in sorted(rows)], schema=schema)
    _write_restricted(settings.restricted_keys, table)
    return settings.restricted_keys


def replace_with_keys(connection: duckdb.DuckDBPyConnection, settings: Settings, table: str, column: str) -> None:
    """Replace ids of agents, which an older version of tierhouse stored in a table, with their keys."""
    file = parquet_files([settings.restricted_keys])
    connection.execute(
        f"UPDATE {table} SET {column} = keys.key FROM (SELECT text, key FROM {file} WHERE kind = 'agent') "
        f"AS keys WHERE {table}.{column} = keys.text"
    )


def key_of(kind: str, text: str, secret: bytes) -> str:
    """Return the key of a text: its kind, such as `agent-`, and 16 hexadecimal digits of an HMAC."""
    return f"{kind}-{pseudonym(f'{kind}:{text.strip()}', secret)[:LENGTH]}"


def _keyed(
    connection: duckdb.DuckDBPyConnection, kind: str, queries: Sequence[str], people: Sequence[str], names_open: bool
) -> Iterator[tuple[str, bool]]:
    """Yield the texts that need a key, and whether the text itself may be shown."""
    if not queries:
        return
    texts = f"SELECT DISTINCT text FROM ({' UNION ALL '.join(queries)}) WHERE text IS NOT NULL"
    if kind in ALWAYS:
        for (text,) in connection.execute(texts).fetchall():
            yield text, names_open and not is_contact(text)
        return
    odd = [text for (text,) in connection.execute(f"{texts} AND NOT ({_HAS_NO_CONTACT})").fetchall()]
    without_digits = [text for text in odd if not any(sign.isdigit() for sign in text)]
    hidden = {text for text in odd if is_contact_id(text)} | set(with_names(connection, without_digits, people))
    for text in hidden:
        yield text, False


def _write_restricted(path: Path, table: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
        pq.write_table(table, handle)
    partial.replace(path)
