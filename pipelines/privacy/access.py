"""What is held about a person, as one file for the person: rows of the sources, and grades with their reasons."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from pipelines.home.durable import move_into_place
from pipelines.home.settings import Settings
from pipelines.home.sql import identifier, literal, parquet_files
from pipelines.privacy.person import Person, find_person
from pipelines.privacy.records import LONG_ID

ENTITIES = ("leads", "interactions", "transactions")
"""Entities whose rows belong to a lead record."""


def write_access(settings: Settings, stated: str, output: Path) -> tuple[str, dict[str, int]]:
    """Write everything that the home holds about a person as JSON (UTF-8, mode 0600).

    Returns the first record of the person, and rows by kind.

    The kinds: `leads`, `interactions` and `transactions` of landing, in every version, also of rejected batches;
    `quarantine`: lines with a record id, phone or e-mail of the person; `published`: the rows of each published table;
    `ledger`: grades and cases of past days. Raises PersonUnknown.
    """
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        person = find_person(connection, settings, stated)
        connection.execute("CREATE TABLE records (source VARCHAR, lead_id VARCHAR)")
        written = [(source, lead_id) for source in person.sources for lead_id in person.ids(source)]
        connection.executemany("INSERT INTO records VALUES (?, ?)", written)
        landed = {entity: _landed(connection, settings, entity) for entity in ENTITIES}
        held: dict[str, Any] = {
            "records": person.records,
            "contacts": person.contacts,
            **landed,
            "quarantine": _quarantined(connection, settings, person, landed["leads"]),
            "published": _published(connection, settings, person),
            "ledger": _ledger(connection, settings, person),
        }
    partial = output.with_name(f".{output.name}.partial")
    partial.touch(mode=0o600)
    partial.write_text(json.dumps(held, ensure_ascii=False, indent=1, default=str) + "\n", encoding="utf-8")
    move_into_place(partial, output)
    counts = {kind: len(held[kind]) for kind in (*ENTITIES, "quarantine")}
    counts |= {kind: sum(len(rows) for rows in held[kind].values()) for kind in ("published", "ledger")}
    return person.records[0], counts


def _rows(connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[object] = ()) -> list[dict[str, Any]]:
    result = connection.execute(query, list(values))
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _landed(connection: duckdb.DuckDBPyConnection, settings: Settings, entity: str) -> list[dict[str, Any]]:
    files = sorted(settings.landing.glob(f"data/*/{entity}.parquet"))
    files += sorted(settings.landing.glob(f"data/*/{entity}.implied.parquet"))
    if not files:
        return []
    rows = parquet_files(files, "union_by_name = true")
    return _rows(
        connection,
        f"SELECT rows.* EXCLUDE (content_hash) FROM {rows} AS rows SEMI JOIN records "
        "ON rows.source = records.source AND rows.lead_id = records.lead_id ORDER BY source, file, line",
    )


def _quarantined(
    connection: duckdb.DuckDBPyConnection, settings: Settings, person: Person, leads: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Rows of the quarantine whose line contains a record id as a whole cell, a phone or an e-mail of the person.

    A short number is no record id here: the answer must not show the line of somebody else who has 77 square metres.
    """
    files = sorted(settings.quarantine.glob("*.parquet"))
    if not files:
        return []
    contacts = {text for lead in leads for text in (lead["phone"], lead["email"]) if text}
    contacts |= set(person.contacts)
    connection.execute("CREATE TABLE contacts (text VARCHAR)")
    connection.executemany("INSERT INTO contacts VALUES (?)", [(text,) for text in sorted(contacts)] or [("\0",)])
    return _rows(
        connection,
        f"""
        SELECT * FROM {parquet_files(files)} AS quarantined
        WHERE EXISTS (FROM contacts WHERE contains(lower(quarantined.text), lower(contacts.text)))
            OR EXISTS (
                FROM records WHERE records.source = quarantined.source
                AND (length(records.lead_id) >= {LONG_ID} OR NOT regexp_full_match(records.lead_id, '[0-9]+'))
                AND list_contains(regexp_split_to_array(quarantined.text, '[,;\\t|"]+'), records.lead_id)
            )
        ORDER BY batch, file, line, entity
        """,
    )


def _published(
    connection: duckdb.DuckDBPyConnection, settings: Settings, person: Person
) -> dict[str, list[dict[str, Any]]]:
    """The rows of the live version by table."""
    file = settings.published / "current" / "tierhouse.duckdb"
    if not file.exists():
        return {}
    connection.execute(f"ATTACH {literal(str(file))} AS live (READ_ONLY)")
    tables = connection.execute(
        "SELECT table_name FROM duckdb_columns() "
        "WHERE database_name = 'live' AND column_name = 'customer_id' ORDER BY table_name"
    ).fetchall()
    found = {
        table: _rows(
            connection,
            f"SELECT * FROM live.{identifier(table)} WHERE list_contains(?, customer_id)",
            [list(person.customers)],
        )
        for (table,) in tables
    }
    return {table: rows for table, rows in found.items() if rows}


def _ledger(
    connection: duckdb.DuckDBPyConnection, settings: Settings, person: Person
) -> dict[str, list[dict[str, Any]]]:
    """Grades and cases of past days, of every key that a record of the person had."""
    found = {}
    for kind in ("grades", "cases"):
        files = sorted(settings.ledger.glob(f"{kind}/as_of=*/*.parquet"))
        if not files:
            continue
        rows = parquet_files(files, "union_by_name = true")
        found[kind] = _rows(
            connection,
            f"SELECT * FROM {rows} AS entries WHERE list_contains(?, customer_key) ORDER BY ALL",
            [list(person.keys)],
        )
    return found
