"""Customers of the run's days: written to the warehouse by key and pseudonym, to the restricted file by contact."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from pipelines.identity.contacts import contact_keys
from pipelines.identity.pseudonyms import load_secret, pseudonyms
from pipelines.identity.resolve import resolve_at
from pipelines.ingest.landing import restricted_contacts
from pipelines.settings import Settings
from pipelines.transform.scope import cutoff_utc
from pipelines.warehouse import replace_table


class NothingKnown(ValueError):
    """No lead record is known at any of the days."""


def write_customers(
    connection: duckdb.DuckDBPyConnection, settings: Settings, days: Sequence[date], *, directory: bool
) -> pd.DataFrame:
    """Fill `identity.customer_records` and `identity.customers`; with `directory`, `restricted.duckdb` too.

    Returns the records of the last day: record_key, customer_key, matched_on. Raises NothingKnown where landing holds
    no lead for the last day, so that an empty day is never graded.
    """
    versions = contact_keys(restricted_contacts(connection, settings).df(), settings.phone_region)
    resolved = {day: resolve_at(versions, cutoff_utc(day, settings), settings.shared_key_limit) for day in sorted(days)}
    last_day = max(days)
    last = resolved[last_day]
    if last.empty:
        first = versions["created_at"].min()
        reach = f"the first lead was created on {first:%Y-%m-%d}" if len(versions) else "landing holds no leads"
        raise NothingKnown(f"no lead is known at {last_day}: {reach}")
    records = pd.concat([frame.assign(as_of=pd.Timestamp(day)) for day, frame in resolved.items()], ignore_index=True)
    replace_table(
        connection, "identity.customer_records", records[["as_of", "record_key", "customer_key", "matched_on"]]
    )
    connection.execute("ALTER TABLE identity.customer_records ALTER as_of TYPE DATE")
    connection.execute("ALTER TABLE identity.customer_records ALTER matched_on TYPE VARCHAR")
    keys = sorted(records["customer_key"].unique())
    ids = pd.DataFrame({"customer_key": keys, "customer_id": pseudonyms(keys, load_secret(settings))})
    replace_table(connection, "identity.customers", ids)
    if directory:
        _write_directory(settings.restricted, last.merge(ids, on="customer_key"), versions)
    return last


def _write_directory(path: Path, customers: pd.DataFrame, versions: pd.DataFrame) -> None:
    """Replace the restricted file: `directory`, one row per record, with the contacts that linked it."""
    latest = versions.sort_values(["known_at", "batch_seq"]).drop_duplicates("record_key", keep="last")
    directory = customers.merge(latest[["record_key", "phone", "email"]], on="record_key", how="left")
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    umask = os.umask(0o077)
    try:
        with duckdb.connect(str(partial)) as connection:
            replace_table(connection, "main.directory", directory.sort_values("record_key"))
    finally:
        os.umask(umask)
    partial.chmod(0o600)
    partial.replace(path)
