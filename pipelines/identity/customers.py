"""Customers of the run's days: written to the warehouse by key and pseudonym, to the restricted file by contact."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd

from pipelines.errors import TierhouseError
from pipelines.home.key import load_secret
from pipelines.home.pseudonyms import pseudonyms
from pipelines.home.settings import Settings
from pipelines.home.warehouse import replace_table
from pipelines.identity.contacts import REASONS, Placeholders, contact_keys, read_email, read_phone
from pipelines.identity.known import known_on, lead_versions
from pipelines.identity.resolve import resolve, unusable
from pipelines.ingest.landing import restricted_agents, restricted_contacts

RECORDS = "as_of DATE, record_key VARCHAR, customer_key VARCHAR, matched_on VARCHAR"
ARRIVING = "as_of DATE, record_key VARCHAR, customer_key VARCHAR"
CHECKS = "as_of DATE, rule VARCHAR, rows_checked BIGINT, rows_failed BIGINT"


class NothingKnown(TierhouseError):
    """No lead record is known at any of the days."""


@dataclass(frozen=True)
class Versions:
    """Every version of every lead record, and the contacts of all versions by the position of the version."""

    rows: pd.DataFrame
    keys: pd.DataFrame
    faults: pd.DataFrame


@dataclass(frozen=True)
class Day:
    """What identity says of a day. `records`: record_key, customer_key, matched_on. `keys`: the usable contacts by the
    position of the record. `checks`: rule, rows_checked, rows_failed. `arriving`: record_key, customer_key."""

    records: pd.DataFrame
    keys: pd.DataFrame
    checks: pd.DataFrame
    arriving: pd.DataFrame


def write_customers(
    connection: duckdb.DuckDBPyConnection, settings: Settings, days: Sequence[date], *, directory: bool
) -> pd.DataFrame:
    """Fill `identity.customer_records`, `identity.arriving_records`, `identity.contact_checks` and
    `identity.customers`; with `directory`, `restricted.duckdb` too. Reads dbt's staging and rules, which must be built.

    Returns the records of the last day: record_key, customer_key, matched_on. Raises NothingKnown where landing holds
    no lead for the last day, so that an empty day is never graded.
    """
    versions = read_versions(connection, settings)
    resolved = {day: resolve_day(versions, day, settings.shared_key_limit) for day in sorted(days)}
    last_day = max(days)
    last = resolved[last_day]
    if last.records.empty:
        first = versions.rows["created_at"].min()
        reach = f"the first lead was created on {first:%Y-%m-%d}" if len(versions.rows) else "landing holds no leads"
        raise NothingKnown(f"no lead is known at {last_day}: {reach}")
    _replace(connection, "customer_records", RECORDS, {day: one.records for day, one in resolved.items()})
    _replace(connection, "arriving_records", ARRIVING, {day: one.arriving for day, one in resolved.items()})
    _replace(connection, "contact_checks", CHECKS, {day: one.checks for day, one in resolved.items()})
    keys = sorted({key for one in resolved.values() for key in one.records["customer_key"].unique()})
    ids = pd.DataFrame({"customer_key": keys, "customer_id": pseudonyms(keys, load_secret(settings))})
    replace_table(connection, "identity.customers", ids)
    if directory:
        _write_directory(settings.restricted, last, ids, restricted_agents(connection, settings).df())
    return last.records


def read_versions(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Versions:
    """The versions of dbt's staging with the contacts that their texts give."""
    rows = lead_versions(restricted_contacts(connection, settings))
    listed = Placeholders.of(connection.execute("SELECT kind, text FROM rules.placeholder_contacts").fetchall())
    found = [
        contact_keys(rows["phone"], "phone", lambda text: read_phone(text, settings.phone_region, listed)),
        contact_keys(rows["email"], "email", lambda text: read_email(text, listed)),
    ]
    keys, faults = (pd.concat(parts, ignore_index=True) for parts in zip(*found, strict=True))
    filled = pd.DataFrame({kind: rows[kind].str.strip().fillna("") != "" for kind in REASONS})
    return Versions(rows.drop(columns=list(REASONS)).join(filled), keys, faults)


def resolve_day(versions: Versions, day: date, shared_key_limit: int) -> Day:
    """The customers of the records that are known at the end of the day."""
    counts = known_on(versions.rows, day).to_numpy()
    records = versions.rows[counts]
    position = counts.cumsum() - 1
    keys, faults = (
        found[counts[found["position"].to_numpy(dtype=int)]].assign(
            position=lambda frame: position[frame["position"].to_numpy(dtype=int)]
        )
        for found in (versions.keys, versions.faults)
    )
    why = unusable(keys, shared_key_limit)
    late = keys.assign(reason=why)[why.notna()]
    usable = keys[why.isna()]
    resolved = resolve(records, usable)
    checks = _checks(records, pd.concat([faults, late]), usable)
    return Day(resolved, usable, checks, _arriving(versions, day, resolved, usable))


def _arriving(versions: Versions, day: date, resolved: pd.DataFrame, usable: pd.DataFrame) -> pd.DataFrame:
    """Records that become known, or change, on the day after, with each customer of the day whose contact they show.

    Who refuses marketing in a new record is heeded the same night: actions are decided on that day.
    """
    rows = versions.rows
    cutoff = pd.Timestamp(day + timedelta(days=1))
    arrives = ((rows["known_at"] >= cutoff) & (rows["known_at"] < cutoff + timedelta(days=1))).to_numpy()
    shown = versions.keys[arrives[versions.keys["position"].to_numpy(dtype=int)]]
    shown = shown.assign(record_key=rows["record_key"].to_numpy()[shown["position"].to_numpy(dtype=int)])
    held = usable.assign(customer_key=resolved["customer_key"].to_numpy()[usable["position"].to_numpy(dtype=int)])
    links = shown[["record_key", "kind", "key"]].merge(held[["customer_key", "kind", "key"]], on=["kind", "key"])
    return links[["record_key", "customer_key"]].drop_duplicates().sort_values(["record_key", "customer_key"])


def _checks(records: pd.DataFrame, faults: pd.DataFrame, usable: pd.DataFrame) -> pd.DataFrame:
    """Records with a contact of the kind, and those of them without a usable contact of the kind, by reason."""
    places = ["position", "kind"]
    lacking = ~pd.MultiIndex.from_frame(faults[places]).isin(pd.MultiIndex.from_frame(usable[places]))
    failed = faults[lacking].groupby(["kind", "reason"])["position"].nunique()
    rows = [
        (f"{kind}_{reason}", int(records[kind].sum()), int(failed.get((kind, reason), 0)))
        for kind, reasons in REASONS.items()
        for reason in reasons
    ]
    return pd.DataFrame(rows, columns=["rule", "rows_checked", "rows_failed"])


def _replace(connection: duckdb.DuckDBPyConnection, name: str, columns: str, by_day: dict[date, pd.DataFrame]) -> None:
    """Write the rows of all days as `identity.<name>`, with the day as `as_of`."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS identity")
    connection.execute(f"CREATE OR REPLACE TABLE identity.{name} ({columns})")
    for day, frame in by_day.items():
        connection.register("incoming", frame)
        connection.execute(f"INSERT INTO identity.{name} SELECT ?::DATE, * FROM incoming", [day])
        connection.unregister("incoming")


def _write_directory(path: Path, last: Day, ids: pd.DataFrame, agents: pd.DataFrame) -> None:
    """Replace the restricted file: `directory`, one row per record, with its phones and e-mails that may link;
    `agents`, one row per agent and team, with what the source calls them."""
    found = last.keys.sort_values(["position", "key"])
    lists = {
        kind: found[found["kind"] == kind].groupby("position")["key"].agg(", ".join).reindex(range(len(last.records)))
        for kind in REASONS
    }
    directory = last.records.assign(**lists).merge(ids, on="customer_key").sort_values("record_key")
    partial = path.with_name(f".{path.name}.partial")
    partial.unlink(missing_ok=True)
    umask = os.umask(0o077)
    try:
        with duckdb.connect(str(partial)) as connection:
            replace_table(connection, "main.directory", directory)
            replace_table(connection, "main.agents", agents)
    finally:
        os.umask(umask)
    partial.chmod(0o600)
    partial.replace(path)
