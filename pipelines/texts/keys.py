"""Keys in place of people: agents and teams always, ids of records and listings where they look like a contact."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.home.key import load_secret
from pipelines.home.pseudonyms import pseudonym
from pipelines.home.settings import Settings
from pipelines.home.sql import literal, parquet_files
from pipelines.texts.names import with_names
from pipelines.texts.shapes import CONTACT_IN_PLAIN_ID, PLAIN_ID, is_contact, is_contact_id

KEYED: Mapping[str, str] = {
    "agent_id": "agent", "team": "team", "lead_id": "record", "referred_by": "record", "property_id": "property",
}  # fmt: skip
"""Field of an entity -> kind of its keys."""

LENGTH = 16
ALWAYS = ("agent", "team")
"""Kinds of which every text has a key."""
_HOLDS_NONE = (
    f"regexp_full_match(text, {literal(PLAIN_ID)}) AND NOT regexp_matches(text, {literal(CONTACT_IN_PLAIN_ID)})"
)
"""Most ids are passed over here."""


def write_keys(
    connection: duckdb.DuckDBPyConnection, settings: Settings, texts: Mapping[str, Sequence[str]], people: Sequence[str]
) -> Path:
    """Replace the restricted file of keys: kind, text (as the source wrote it), key. Returns its path.

    `texts`: SQL queries of one column `text`, by kind. With `publish_agent_names` agents and teams stand for
    themselves, unless they look like a contact.
    """
    secret = load_secret(settings)
    rows = [
        (kind, text, text.strip() if open_ else key_of(kind, text, secret))
        for kind, queries in texts.items()
        for text, open_ in _keyed(connection, kind, queries, people, settings.publish_agent_names)
    ]
    columns = zip(*sorted(rows), strict=True) if rows else ([], [], [])
    table = pa.table(dict(zip(("kind", "text", "key"), (pa.array(c, pa.string()) for c in columns), strict=True)))
    _write_restricted(settings.restricted_keys, table)
    return settings.restricted_keys


def replace_with_keys(connection: duckdb.DuckDBPyConnection, settings: Settings, table: str, column: str) -> None:
    """Put the keys of agents in place of ids that an older version of this house kept in a table."""
    file = parquet_files([settings.restricted_keys])
    connection.execute(
        f"UPDATE {table} SET {column} = keys.key FROM (SELECT text, key FROM {file} WHERE kind = 'agent') "
        f"AS keys WHERE {table}.{column} = keys.text"
    )


def key_of(kind: str, text: str, secret: bytes) -> str:
    """The key of a text: `agent-` and 16 hexadecimal digits of an HMAC."""
    return f"{kind}-{pseudonym(f'{kind}:{text.strip()}', secret)[:LENGTH]}"


def _keyed(
    connection: duckdb.DuckDBPyConnection, kind: str, queries: Sequence[str], people: Sequence[str], names_open: bool
) -> Iterator[tuple[str, bool]]:
    """Texts that need an entry, and whether they may stand for themselves."""
    if not queries:
        return
    told = f"SELECT DISTINCT text FROM ({' UNION ALL '.join(queries)}) WHERE text IS NOT NULL"
    if kind in ALWAYS:
        for (text,) in connection.execute(told).fetchall():
            yield text, names_open and not is_contact(text)
        return
    odd = [text for (text,) in connection.execute(f"{told} AND NOT ({_HOLDS_NONE})").fetchall()]
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
