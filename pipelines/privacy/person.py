"""Who a person is: the records, customers and contacts that belong to a record id, a phone or an e-mail."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.errors import TierhouseError
from pipelines.home.key import pseudonym, published_secrets
from pipelines.home.settings import Settings
from pipelines.home.sql import identifier, literal, parquet_files
from pipelines.ingest.contract import LINEAGE
from pipelines.ingest.landing.erased import BETWEEN_CONTACTS, contact_key_sql, contact_keys

SHORTEST_ID = 3


class PersonUnknown(TierhouseError):
    """Nothing of the home belongs to the person."""


@dataclass(frozen=True)
class Person:
    """`records`: row keys of leads, `source:id`. `contacts`: as `contact_keys` returns them, without those in `shared`.

    `keys`: the records, also as the warehouse names records whose id is a contact. `customers`: the pseudonyms that
    these keys can have. `shared`: number of contacts that leads of other persons
    have too: they stay with those.
    """

    records: tuple[str, ...]
    keys: tuple[str, ...]
    customers: tuple[str, ...]
    contacts: tuple[str, ...]
    shared: int = 0

    def ids(self, source: str) -> list[str]:
        """Return the ids of the person's leads in a source."""
        return [record.partition(":")[2] for record in self.records if record.startswith(f"{source}:")]

    @property
    def sources(self) -> list[str]:
        return sorted({record.partition(":")[0] for record in self.records})

    @property
    def contact_pattern(self) -> str | None:
        """A pattern of RE2 and of Python for a contact of the person within a text; None without contacts."""
        parts = []
        for contact in self.contacts:
            if "@" in contact:
                parts.append(rf"(?:^|[^0-9a-z._+-]){re.escape(contact)}(?:$|[^0-9a-z])")
            else:
                parts.append(rf"(?:^|[^0-9]|86){'[^0-9a-z]{0,3}'.join(contact)}(?:$|[^0-9])")
        return f"(?i){'|'.join(parts)}" if parts else None

    def marks(self, *, with_customers: bool = True) -> list[str]:
        """Return texts that identify the person by themselves: row keys, pseudonyms, contacts and long record ids."""
        ids = [record.partition(":")[2] for record in self.records]
        own = [text for text in ids if len(text) >= 6]
        return [*self.records, *(self.customers if with_customers else ()), *self.contacts, *own]


KEPT = {*(field.name for field in LINEAGE), "lead_id", "phone", "email", "full_name", "status", "kind"}
"""Columns of other persons' rows that stay as they are although they equal or contain something of the person."""


def mentions_sql(person: Person, columns: Mapping[str, str]) -> dict[str, str]:
    """Return SQL conditions by column of landing: a text of another record that names the person."""
    ids = " OR ".join(
        f"(source = {literal(source)} AND referred_by IN ({', '.join(map(literal, person.ids(source)))}))"
        for source in person.sources
    )
    pattern = person.contact_pattern
    result = {}
    for name, kind in columns.items():
        if kind != "VARCHAR" or name in KEPT or name.endswith("_id"):
            continue
        tests = [f"regexp_matches({identifier(name)}, {literal(pattern)})"] if pattern else []
        if name == "referred_by":
            tests.append(ids)
        if tests:
            result[name] = f"({' OR '.join(tests)})"
    return result


def leads_files(settings: Settings) -> list[Path]:
    """Return the files of leads of every batch, also of rejected batches."""
    files = [*settings.landing.glob("data/*/leads.parquet"), *settings.landing.glob("data/*/leads.implied.parquet")]
    return sorted(files)


def find_person(connection: duckdb.DuckDBPyConnection, settings: Settings, person: str) -> Person:
    """Find the records of a person in landing. Raises PersonUnknown.

    `person`: a record id `source:id`, a phone or an e-mail. Records that identity links with them belong to the same
    person, so they are included.
    """
    files = leads_files(settings)
    contacts = contact_keys(person)
    found: set[str] = set()
    if files:
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW person_leads AS SELECT row_key, phone, email FROM {parquet_files(files)}"
        )
        found = _column(connection, "SELECT DISTINCT row_key FROM person_leads WHERE row_key = ?", person)
        if not found and contacts:
            _contacts_of(connection)
            values = ", ".join(map(literal, sorted(contacts)))
            found = _column(connection, f"SELECT DISTINCT row_key FROM person_contacts WHERE contact IN ({values})")
            _assert_one_customer(connection, settings, found)
    if not found:
        raise PersonUnknown(
            f"no lead of {settings.home} has this record id, phone or e-mail: expected `source:id` as in the CRM "
            "export (such as crm:L0042), a phone with its digits, or an e-mail address"
        )
    found |= _linked(connection, settings, found)
    return _described(connection, settings, sorted(found))


def _described(connection: duckdb.DuckDBPyConnection, settings: Settings, records: list[str]) -> Person:
    _contacts_of(connection)
    values = ", ".join(map(literal, records))
    own = _column(connection, f"SELECT DISTINCT contact FROM person_contacts WHERE row_key IN ({values})")
    others = _column(
        connection,
        "SELECT DISTINCT contact FROM person_contacts WHERE contact IN "
        f"(SELECT contact FROM person_contacts WHERE row_key IN ({values})) AND row_key NOT IN ({values})",
    )
    keys = (*records, *keys_of(connection, settings, records))
    return Person(tuple(records), keys, customer_ids(settings, keys), tuple(sorted(own - others)), len(others))


def customer_ids(settings: Settings, keys: Iterable[str]) -> tuple[str, ...]:
    """Return the pseudonyms that these keys have, and had before the key was rotated."""
    return tuple(pseudonym(key, secret) for secret in published_secrets(settings) for key in keys)


def keys_of(connection: duckdb.DuckDBPyConnection, settings: Settings, records: Iterable[str]) -> list[str]:
    """Return the keys in place of record ids that are contacts."""
    if not settings.restricted_keys.exists():
        return []
    written = {tuple(record.split(":", 1)) for record in records}
    values = ", ".join(f"({literal(source)}, {literal(text)})" for source, text in sorted(written))
    return sorted(
        _column(
            connection,
            f"SELECT source || ':' || key FROM (VALUES {values}) AS records (source, text) "
            f"JOIN {parquet_files([settings.restricted_keys])} AS keys USING (text) WHERE keys.kind = 'record'",
        )
    )


def _contacts_of(connection: duckdb.DuckDBPyConnection) -> None:
    parts = " UNION ALL ".join(
        f"SELECT row_key, unnest(string_split_regex({name}, {literal(BETWEEN_CONTACTS)})) AS part FROM person_leads "
        f"WHERE {name} IS NOT NULL"
        for name in ("phone", "email")
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE person_contacts AS SELECT DISTINCT row_key, contact FROM "
        f"(SELECT row_key, {contact_key_sql('part')} AS contact FROM ({parts})) WHERE contact IS NOT NULL"
    )


def _linked(connection: duckdb.DuckDBPyConnection, settings: Settings, records: Iterable[str]) -> set[str]:
    """Return the records that the last run linked with these as one customer, as landing names them."""
    customers = _customers(connection, settings, records)
    own = ", ".join(map(literal, sorted(customers)))
    if not own:
        return set()
    with duckdb.connect(str(settings.restricted), read_only=True) as directory:
        linked = _column(directory, f"SELECT record_key FROM directory WHERE customer_key IN ({own})")
    values = ", ".join(map(literal, sorted(linked)))
    found = _column(connection, f"SELECT DISTINCT row_key FROM person_leads WHERE row_key IN ({values})")
    if settings.restricted_keys.exists():
        found |= _column(
            connection,
            "SELECT DISTINCT row_key FROM person_leads JOIN "
            f"{parquet_files([settings.restricted_keys])} AS keys ON keys.kind = 'record' "
            "AND split_part(row_key, ':', 1) || ':' || keys.text = row_key "
            f"AND split_part(row_key, ':', 1) || ':' || keys.key IN ({values})",
        )
    return found


def _customers(connection: duckdb.DuckDBPyConnection, settings: Settings, records: Iterable[str]) -> set[str]:
    """Return the customers of records in the directory of the last run; empty if there is none."""
    if not settings.restricted.exists():
        return set()
    keys = ", ".join(map(literal, [*records, *keys_of(connection, settings, records)]))
    with duckdb.connect(str(settings.restricted), read_only=True) as directory:
        return _column(directory, f"SELECT customer_key FROM directory WHERE record_key IN ({keys})")


def _assert_one_customer(connection: duckdb.DuckDBPyConnection, settings: Settings, records: set[str]) -> None:
    """Raise PersonUnknown if a contact belongs to several customers, such as the phone of an office or a family."""
    customers = _customers(connection, settings, records) if records else set()
    if len(customers) > 1 or len(records) > settings.shared_key_limit:
        named = ", ".join(sorted(records)[:5])
        raise PersonUnknown(
            f"expected a contact of one customer, found {len(records):,} records of {max(len(customers), 1):,} "
            f"customers: name a record of the person ({named}{', …' if len(records) > 5 else ''})"
        )


def _column(connection: duckdb.DuckDBPyConnection, sql: str, *parameters: str) -> set[str]:
    return {row[0] for row in connection.execute(sql, list(parameters)).fetchall()}
