"""Writes the customers of the days of a run: keys and pseudonyms to the warehouse, contacts to the restricted file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import duckdb

from pipelines.errors import TierhouseError
from pipelines.home.key import hmac_parameters, published_secret
from pipelines.home.settings import Settings
from pipelines.home.sql import first_row, first_value, literal
from pipelines.identity.contacts import SHARED
from pipelines.identity.known import count_known, write_versions
from pipelines.identity.pairs.overrides import write_overrides
from pipelines.identity.resolve import resolve
from pipelines.identity.tables import CONTACT_CHECKS, CONTACT_RECORDS, CUSTOMER_RECORDS, CUSTOMERS, DIRECTORY, LINKS
from pipelines.identity.texts import write_stated
from pipelines.ingest.landing import restricted_agents, restricted_contacts


class NothingKnown(TierhouseError):
    """No lead record is known on the last day of the run."""


@dataclass(frozen=True)
class Found:
    """Numbers of the last day. `warnings`: decisions without effect, contacts of too many records. `sampled_from`: the
    customers over all days before the sample, if one was taken.
    """

    records: int
    customers: int
    warnings: tuple[str, ...] = ()
    sampled_from: int | None = None


def write_customers(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    days: Sequence[date],
    *,
    directory: bool,
    sample: int | None = None,
) -> Found:
    """Write `identity.customer_records`, `identity.contact_records`, `identity.contact_checks`, `identity.links` and
    `identity.customers`; with `directory`, also `restricted.duckdb`. Requires dbt's staging and rules.

    `sample`: write only the records of at most this number of customers. A hash of the customer's key chooses them. A
    customer who is several customers on earlier days counts once, and is in the sample on every day or on none.
    `contact_checks` counts all records.

    Raises NothingKnown if no lead is known on the last day, so that an empty day is never graded.
    """
    write_versions(connection, days, restricted_contacts(settings))
    if not count_known(connection):
        first = first_value(connection.execute("SELECT min(created_at) FROM staging.stg_landing__leads"))
        reason = f"the first lead was created on {first:%Y-%m-%d}" if first else "landing has no leads"
        raise NothingKnown(f"expected leads on {max(days)}, found none: {reason}")
    warnings = write_records(connection, settings, sample)
    secret = hmac_parameters(published_secret(settings))
    connection.execute(f"CREATE OR REPLACE TABLE identity.customers AS {CUSTOMERS}", secret)
    connection.execute(f"CREATE OR REPLACE TABLE identity.links AS {LINKS}", secret)
    if directory:
        _write_directory(connection, settings)
    counted = connection.execute(
        "SELECT count(*), count(DISTINCT customer_key) FROM identity.customer_records WHERE as_of = ?", [max(days)]
    )
    records, customers = first_row(counted)
    found = Found(records, customers, (*warnings, *shared_contacts(connection, settings.shared_key_limit)))
    if sample is None:
        return found
    components = first_value(connection.execute("SELECT count(DISTINCT component) FROM members"))
    return replace(found, sampled_from=components)


_SHARED = f"""
    SELECT key_spans.kind, count(*) AS contacts, max(key_spans.holders) AS records
    FROM key_spans
    JOIN (SELECT max(day) AS day FROM days) AS last ON
        last.day >= key_spans.first_day
        AND last.day < key_spans.end_day
    WHERE key_spans.reason = '{SHARED}'
    GROUP BY key_spans.kind
    ORDER BY key_spans.kind DESC
"""


def shared_contacts(connection: duckdb.DuckDBPyConnection, limit: int) -> list[str]:
    """Return a warning per kind of contact that more than `limit` records have on the last day."""
    names = {"phone": "phone", "email": "e-mail"}
    return [
        f"{contacts:,} {names[kind]}{'s' if contacts > 1 else ''} of more than {limit} records (up to {records:,}) "
        f"link{'' if contacts > 1 else 's'} no records: data_quality counts them as {kind}_{SHARED}"
        for kind, contacts, records in connection.execute(_SHARED).fetchall()
    ]


def write_records(connection: duckdb.DuckDBPyConnection, settings: Settings, sample: int | None) -> list[str]:
    """Write `identity.customer_records`, `identity.contact_records` and `identity.contact_checks`.

    Needs the temporary tables of `write_versions`, and the rules. Returns warnings about decisions without effect.
    """
    write_stated(connection, settings.phone_region)
    warnings = write_overrides(connection, settings)
    resolve(connection, settings, sample)
    connection.execute("CREATE SCHEMA IF NOT EXISTS identity")
    connection.execute(f"CREATE OR REPLACE TABLE identity.customer_records AS {CUSTOMER_RECORDS}")
    connection.execute(f"CREATE OR REPLACE TABLE identity.contact_records AS {CONTACT_RECORDS}")
    connection.execute(f"CREATE OR REPLACE TABLE identity.contact_checks AS {CONTACT_CHECKS}")
    return warnings


def _write_directory(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Replace the restricted file.

    `directory`: one row per record, with its usable phones and e-mails. `agents`: one row per agent and team, with the
    name in the source.
    """
    path = settings.restricted
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    umask = os.umask(0o077)
    try:
        connection.execute(f"ATTACH {literal(str(partial))} AS restricted_file")
        connection.execute(f"CREATE TABLE restricted_file.directory AS {DIRECTORY}")
        restricted_agents(connection, settings).create("restricted_file.agents")
        connection.execute("DETACH restricted_file")
    finally:
        os.umask(umask)
    partial.chmod(0o600)
    partial.replace(path)
