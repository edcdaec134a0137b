"""Marks of erased persons: keyed hashes of record ids and contacts, so that a re-sent file brings no person back."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from pipelines.errors import TierhouseError
from pipelines.home.key import PSEUDONYM, hmac_parameters, pseudonym
from pipelines.home.settings import Settings
from pipelines.home.sql import identifier, literal
from pipelines.ingest.contract import ENTITIES
from pipelines.ingest.mapping.source_mapping import SourceMapping

BETWEEN_CONTACTS = r"[/;,、，；|]"
RECORD, CONTACT = "erased record ", "erased contact "
"""Begin the texts that are hashed, so that no mark equals a `customer_id`."""
SHORTEST_PHONE = 7


class MarksUnreadable(TierhouseError):
    """The file of the marks is damaged."""


@dataclass(frozen=True)
class ErasedMarks:
    """Marks of all erased persons. `contacts`: mark → time of the erasure, UTC: a later lead may have the contact."""

    records: frozenset[str] = frozenset()
    contacts: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.records or self.contacts)

    def adding(self, secret: bytes, records: Iterable[str], contacts: Iterable[str], at: datetime) -> ErasedMarks:
        """Return the marks with those of a person. `records`: row keys. `contacts`: as `contact_keys` returns them."""
        new = {pseudonym(CONTACT + contact, secret): at.isoformat(sep=" ", timespec="seconds") for contact in contacts}
        return ErasedMarks(
            self.records | {pseudonym(RECORD + record, secret) for record in records}, {**self.contacts, **new}
        )

    def to_json(self) -> str:
        content = {"records": sorted(self.records), "contacts": dict(sorted(self.contacts.items()))}
        return json.dumps(content, indent=1) + "\n"


def marks_file(settings: Settings) -> Path:
    return settings.landing / "erased.json"


def read_marks(settings: Settings) -> ErasedMarks:
    """Return the marks of the home. Raises MarksUnreadable."""
    file = marks_file(settings)
    if not file.exists():
        return ErasedMarks()
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return ErasedMarks(frozenset(content["records"]), dict(content["contacts"]))
    except (ValueError, KeyError, TypeError) as error:
        raise MarksUnreadable(
            f"{file}: expected the marks of erased persons, got something else: restore it from your backup, or "
            "erased persons come back with the next file that has them"
        ) from error


def contact_keys(text: str | None) -> set[str]:
    """Return the contacts in a cell as they are compared: the last 11 digits of a phone, an e-mail in lower case."""
    keys = set()
    for part in re.split(BETWEEN_CONTACTS, text or ""):
        digits = re.sub(r"[^0-9]", "", part)
        if "@" in part:
            keys.add(part.strip().lower())
        elif len(digits) >= SHORTEST_PHONE:
            keys.add(digits[-11:])
    return keys


def contact_key_sql(part: str) -> str:
    """SQL of `contact_keys` for one part of a cell; null for a part without a contact."""
    digits = f"regexp_replace({part}, '[^0-9]', '', 'g')"
    return (
        f"CASE WHEN contains({part}, '@') THEN lower(trim({part})) "
        f"WHEN length({digits}) >= {SHORTEST_PHONE} THEN right({digits}, 11) END"
    )


def leave_out_erased(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    secret: bytes,
    mapping: SourceMapping,
    entities: Collection[str],
) -> dict[tuple[int, str], int]:
    """Delete the rows of erased persons from `mapped_<entity>`. Returns the number of rows by file id and entity.

    A lead is left out if its id is marked, or if it has a marked contact and was created before the erasure: a later
    enquiry of the person is a new record. An interaction or a deal step follows its lead.
    """
    marks = read_marks(settings)
    if not marks:
        return {}
    prefix, parameters = literal(f"{RECORD}{mapping.source}:"), hmac_parameters(secret)
    connection.execute("CREATE OR REPLACE TEMP TABLE erased_marks (mark VARCHAR, erased_at TIMESTAMP)")
    rows = [(mark, None) for mark in sorted(marks.records)] + sorted(marks.contacts.items())
    connection.executemany("INSERT INTO erased_marks VALUES (?, ?)", rows)
    connection.execute("CREATE OR REPLACE TEMP TABLE erased_leads (lead_id VARCHAR)")
    owned = {name: _lead_id(mapping, name) for name in entities}
    ids = " UNION ".join(f"SELECT {column} AS lead_id FROM mapped_{name}" for name, column in owned.items() if column)
    if not ids:
        return {}
    connection.execute(
        f"INSERT INTO erased_leads SELECT lead_id FROM (SELECT lead_id, {prefix} || lead_id AS customer_key "
        f"FROM ({ids}) WHERE lead_id IS NOT NULL) WHERE {PSEUDONYM} IN (SELECT mark FROM erased_marks)",
        parameters,
    )
    _add_by_contact(connection, mapping, entities, parameters)
    counts: dict[tuple[int, str], int] = {}
    for name, column in owned.items():
        if column:
            gone = f"FROM mapped_{name} WHERE {column} IN (SELECT lead_id FROM erased_leads)"
            for file_id, number in connection.execute(f"SELECT __file, count(*) {gone} GROUP BY ALL").fetchall():
                counts[file_id, name] = number
            connection.execute(f"DELETE {gone}")
    return counts


def _lead_id(mapping: SourceMapping, name: str) -> str | None:
    """The column of `mapped_<entity>` with the id of the lead, None for an entity without leads."""
    entity = ENTITIES[name]
    if name == "leads":
        return "__key"
    stored = {field.name for field in mapping.stored_fields(entity)}
    return "lead_id" if "lead_id" in stored else None


def _add_by_contact(
    connection: duckdb.DuckDBPyConnection, mapping: SourceMapping, entities: Collection[str], parameters: dict
) -> None:
    if "leads" not in entities:
        return
    stored = {field.name for field in mapping.stored_fields(ENTITIES["leads"])}
    parts = [
        f"SELECT __key, created_at, "
        f"unnest(string_split_regex({identifier(name)}, {literal(BETWEEN_CONTACTS)})) AS part "
        f"FROM mapped_leads WHERE {identifier(name)} IS NOT NULL"
        for name in ("phone", "email")
        if name in stored and "created_at" in stored
    ]
    if parts:
        connection.execute(
            f"INSERT INTO erased_leads SELECT __key FROM (SELECT __key, created_at, {PSEUDONYM} AS mark FROM ("
            f"SELECT __key, created_at, {literal(CONTACT)} || {contact_key_sql('part')} AS customer_key "
            f"FROM ({' UNION ALL '.join(parts)})) WHERE customer_key IS NOT NULL) JOIN erased_marks USING (mark) "
            "WHERE CAST(created_at AS TIMESTAMP) <= erased_at AND __key IS NOT NULL",
            parameters,
        )
