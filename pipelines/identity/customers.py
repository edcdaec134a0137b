"""Writes the customers of the days of a run: keys and pseudonyms to the warehouse, contacts to the restricted file."""

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
from pipelines.identity.contacts import REASONS, Placeholders, contact_keys
from pipelines.identity.emails import read_email
from pipelines.identity.known import known_on, lead_versions
from pipelines.identity.phones import read_phone
from pipelines.identity.resolve import resolve, unusable
from pipelines.ingest.landing import restricted_agents, restricted_contacts

RECORDS = "as_of DATE, record_key VARCHAR, customer_key VARCHAR, matched_on VARCHAR"
ARRIVING = "as_of DATE, record_key VARCHAR, customer_key VARCHAR"
CHECKS = "as_of DATE, rule VARCHAR, rows_checked BIGINT, rows_failed BIGINT"


class NothingKnown(TierhouseError):
    """No lead record is known on the last day of the run."""


@dataclass(frozen=True)
class Versions:
    """All versions of all lead records with their contacts.

    `rows`: one row per version. `keys` and `faults`: the contacts (see `contact_keys`) by the position in `rows`.
    """

    rows: pd.DataFrame
    keys: pd.DataFrame
    faults: pd.DataFrame


@dataclass(frozen=True)
class Day:
    """The customers of one day.

    `records`: record_key, customer_key, matched_on. `keys`: the usable contacts by the position of the record.
    `checks`: rule, rows_checked, rows_failed. `arriving`: record_key, customer_key.
    """

    records: pd.DataFrame
    keys: pd.DataFrame
    checks: pd.DataFrame
    arriving: pd.DataFrame


def write_customers(
    connection: duckdb.DuckDBPyConnection, settings: Settings, days: Sequence[date], *, directory: bool
) -> pd.DataFrame:
    """Write `identity.customer_records`, `identity.arriving_records`, `identity.contact_checks` and
    `identity.customers`; with `directory`, also `restricted.duckdb`. Requires dbt's staging and rules.

    Returns the records of the last day: record_key, customer_key, matched_on. Raises NothingKnown if no lead is known
    on the last day, so that an empty day is never graded.
    """
    versions = read_versions(connection, settings)
    resolved = {day: resolve_day(versions, day, settings.shared_key_limit) for day in sorted(days)}
    last_day = max(days)
    last = resolved[last_day]
    if last.records.empty:
        first = versions.rows["created_at"].min()
        reason = f"the first lead was created on {first:%Y-%m-%d}" if len(versions.rows) else "landing has no leads"
        raise NothingKnown(f"expected leads on {last_day}, found none: {reason}")
    _replace(connection, "customer_records", RECORDS, {day: of_day.records for day, of_day in resolved.items()})
    _replace(connection, "arriving_records", ARRIVING, {day: of_day.arriving for day, of_day in resolved.items()})
    _replace(connection, "contact_checks", CHECKS, {day: of_day.checks for day, of_day in resolved.items()})
    keys = sorted({key for of_day in resolved.values() for key in of_day.records["customer_key"].unique()})
    ids = pd.DataFrame({"customer_key": keys, "customer_id": pseudonyms(keys, load_secret(settings))})
    replace_table(connection, "identity.customers", ids)
    if directory:
        _write_directory(settings.restricted, last, ids, restricted_agents(connection, settings).df())
    return last.records


def read_versions(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Versions:
    """Read the versions of dbt's staging with their contacts."""
    rows = lead_versions(restricted_contacts(connection, settings))
    placeholders = Placeholders.of(connection.execute("SELECT kind, text FROM rules.placeholder_contacts").fetchall())
    contacts = [
        contact_keys(rows["phone"], "phone", lambda text: read_phone(text, settings.phone_region, placeholders)),
        contact_keys(rows["email"], "email", lambda text: read_email(text, placeholders)),
    ]
    keys, faults = (pd.concat(parts, ignore_index=True) for parts in zip(*contacts, strict=True))
    filled = pd.DataFrame({kind: rows[kind].str.strip().fillna("") != "" for kind in REASONS})
    return Versions(rows.drop(columns=list(REASONS)).join(filled), keys, faults)


def resolve_day(versions: Versions, day: date, shared_key_limit: int) -> Day:
    """The customers of the records that are known at the end of the day."""
    is_known = known_on(versions.rows, day).to_numpy()
    records = versions.rows[is_known]
    position_of_version = is_known.cumsum() - 1
    keys, faults = (
        contacts[is_known[contacts["position"].to_numpy(dtype=int)]].assign(
            position=lambda frame: position_of_version[frame["position"].to_numpy(dtype=int)]
        )
        for contacts in (versions.keys, versions.faults)
    )
    reason = unusable(keys, shared_key_limit)
    unusable_keys = keys.assign(reason=reason)[reason.notna()]
    usable = keys[reason.isna()]
    resolved = resolve(records, usable)
    checks = _checks(records, pd.concat([faults, unusable_keys]), usable)
    return Day(resolved, usable, checks, _arriving(versions, day, resolved, usable))


def _arriving(versions: Versions, day: date, resolved: pd.DataFrame, usable: pd.DataFrame) -> pd.DataFrame:
    """Records that become known or change on the next day, with each customer of the day who has one of their contacts.

    Actions of the day are carried out on the next day. They must respect a marketing refusal in such a record.
    """
    rows = versions.rows
    cutoff = pd.Timestamp(day + timedelta(days=1))
    arrives = ((rows["known_at"] >= cutoff) & (rows["known_at"] < cutoff + timedelta(days=1))).to_numpy()
    shown = versions.keys[arrives[versions.keys["position"].to_numpy(dtype=int)]]
    shown = shown.assign(record_key=rows["record_key"].to_numpy()[shown["position"].to_numpy(dtype=int)])
    owners = usable.assign(customer_key=resolved["customer_key"].to_numpy()[usable["position"].to_numpy(dtype=int)])
    links = shown[["record_key", "kind", "key"]].merge(owners[["customer_key", "kind", "key"]], on=["kind", "key"])
    return links[["record_key", "customer_key"]].drop_duplicates().sort_values(["record_key", "customer_key"])


def _checks(records: pd.DataFrame, faults: pd.DataFrame, usable: pd.DataFrame) -> pd.DataFrame:
    """Per kind of contact: records with such a contact, and by reason those of them without a usable one."""
    record_and_kind = ["position", "kind"]
    has_no_usable = ~pd.MultiIndex.from_frame(faults[record_and_kind]).isin(
        pd.MultiIndex.from_frame(usable[record_and_kind])
    )
    failed = faults[has_no_usable].groupby(["kind", "reason"])["position"].nunique()
    rows = [
        (f"{kind}_{reason}", int(records[kind].sum()), int(failed.get((kind, reason), 0)))
        for kind, reasons in REASONS.items()
        for reason in reasons
    ]
    return pd.DataFrame(rows, columns=["rule", "rows_checked", "rows_failed"])


def _replace(connection: duckdb.DuckDBPyConnection, name: str, columns: str, by_day: dict[date, pd.DataFrame]) -> None:
    """Replace the table `identity.<name>` by the rows of all days, with the day as `as_of`."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS identity")
    connection.execute(f"CREATE OR REPLACE TABLE identity.{name} ({columns})")
    for day, frame in by_day.items():
        connection.register("incoming", frame)
        connection.execute(f"INSERT INTO identity.{name} SELECT ?::DATE, * FROM incoming", [day])
        connection.unregister("incoming")


def _write_directory(path: Path, last: Day, ids: pd.DataFrame, agents: pd.DataFrame) -> None:
    """Replace the restricted file.

    `directory`: one row per record, with its usable phones and e-mails. `agents`: one row per agent and team, with the
    name in the source.
    """
    keys = last.keys.sort_values(["position", "key"])
    lists = {
        kind: keys[keys["kind"] == kind].groupby("position")["key"].agg(", ".join).reindex(range(len(last.records)))
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
