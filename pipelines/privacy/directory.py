"""Finds a person by record, phone or e-mail, in the directory that the last run wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from pipelines.errors import TierhouseError
from pipelines.home.settings import DBT_PROJECT, Settings
from pipelines.home.sql import literal, parquet_files
from pipelines.identity.contacts import Placeholders
from pipelines.identity.emails import read_email
from pipelines.identity.phones import read_phone

PLACEHOLDERS = DBT_PROJECT / "seeds" / "rules" / "placeholder_contacts.csv"
SHOWN = 5
"""Records that an error names."""


class PersonNotFound(TierhouseError):
    """Nobody has this record, phone or e-mail, or several customers have it."""


@dataclass(frozen=True)
class Record:
    """A lead record of a source. `key`: as identity names it. `lead_id`: the text of the source."""

    key: str
    source: str
    lead_id: str


@dataclass(frozen=True)
class Person:
    """A customer of the last run. `phones` and `emails`: as identity read them (E.164, lower case)."""

    customer_key: str
    customer_id: str
    records: tuple[Record, ...]
    phones: tuple[str, ...]
    emails: tuple[str, ...]


def find_person(settings: Settings, stated: str) -> Person:
    """Return the customer of a record (`source:lead_id`), phone or e-mail.

    Raises PersonNotFound if there is none, or if the contact belongs to several customers, such as an office.
    """
    if not settings.restricted.exists():
        raise PersonNotFound(f"expected {settings.restricted.name}, found none: grade a day first with `tierhouse run`")
    with duckdb.connect(str(settings.restricted), read_only=True) as connection:
        connection.execute(f"CREATE TEMP VIEW keys AS {_record_keys(settings)}")
        records = _matching(connection, settings, stated)
        customers = sorted({customer for _, customer in records})
        if not customers:
            raise PersonNotFound(
                "expected a record as source:lead_id, or a phone or e-mail of a customer of the last run, found nobody"
            )
        if len(customers) > 1:
            named = ", ".join(record for record, _ in records[:SHOWN])
            more = f" and {len(records) - SHOWN:,} more" if len(records) > SHOWN else ""
            raise PersonNotFound(
                f"expected one customer, found {len(customers):,} with this contact: name a record ({named}{more})"
            )
        return _person(connection, customers[0])


def _record_keys(settings: Settings) -> str:
    """SQL of the keys in place of record ids that are contact data: key, text."""
    if not settings.restricted_keys.exists():
        return "SELECT NULL::VARCHAR AS key, NULL::VARCHAR AS text WHERE false"
    return f"SELECT key, text FROM {parquet_files([settings.restricted_keys])} WHERE kind = 'record'"


def _matching(connection: duckdb.DuckDBPyConnection, settings: Settings, stated: str) -> list[tuple[str, str]]:
    """Return record and customer of each record with this id, or else with this contact."""
    source, _, lead_id = stated.strip().partition(":")
    rows = connection.execute(
        "SELECT record_key, customer_key FROM directory WHERE record_key = ? "
        "OR record_key IN (SELECT ? || ':' || key FROM keys WHERE text = ?) ORDER BY ALL",
        [stated.strip(), source, lead_id],
    ).fetchall()
    if rows:
        return rows
    placeholders = connection.execute(
        f"SELECT kind, text FROM read_csv({literal(str(PLACEHOLDERS))}, all_varchar = true)"
    )
    known = Placeholders.of(placeholders.fetchall())
    found = {
        "phone": read_phone(stated, settings.phone_region, known).keys,
        "email": read_email(stated, known).keys,
    }
    return sorted(
        {
            row
            for column, contacts in found.items()
            for contact in contacts
            for row in connection.execute(
                f"SELECT record_key, customer_key FROM directory WHERE list_contains(string_split({column}, ', '), ?)",
                [contact],
            ).fetchall()
        }
    )


def _person(connection: duckdb.DuckDBPyConnection, customer_key: str) -> Person:
    rows = connection.execute(
        "SELECT record_key, customer_id, phone, email FROM directory WHERE customer_key = ? ORDER BY record_key",
        [customer_key],
    ).fetchall()
    texts = dict(connection.execute("SELECT key, text FROM keys").fetchall())
    records = []
    for key, *_ in rows:
        source, _, lead_id = key.partition(":")
        records.append(Record(key, source, texts.get(lead_id, lead_id)))
    return Person(
        customer_key,
        rows[0][1],
        tuple(records),
        _distinct([phone for _, _, phone, _ in rows]),
        _distinct([email for _, _, _, email in rows]),
    )


def _distinct(texts: Sequence[str | None]) -> tuple[str, ...]:
    return tuple(sorted({part for text in texts if text for part in text.split(", ")}))
