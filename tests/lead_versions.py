"""Identity on lead versions that a test states, in a database in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa

from pipelines.home.settings import Settings
from pipelines.identity.customers import write_records
from pipelines.identity.known import write_versions
from tests.integration.dbt.properties.histories import rules

TIMES = ("created_at", "known_at", "superseded_at")
NUMBERS = ("area_min", "budget_min")
CONTACTS = "SELECT row_key, batch_seq, content_hash, phone, email, full_name FROM staging.stg_landing__leads"


class Version(NamedTuple):
    """A version of a lead record, in business local time."""

    record_key: str
    created_at: datetime
    known_at: datetime
    superseded_at: datetime | None
    phone: str | None = None
    email: str | None = None
    full_name: str | None = None
    agent_id: str | None = None
    project: str | None = None
    preferred_district: str | None = None
    demand_type: str | None = None
    purpose: str | None = None
    area_min: float | None = None
    budget_min: float | None = None


def resolved(
    versions: Iterable[Version],
    days: Sequence[date],
    shared_key_limit: int,
    sample: int | None = None,
    home: Path = Path(),
) -> duckdb.DuckDBPyConnection:
    """A database with the tables `identity.customer_records`, `contact_records` and `contact_checks`."""
    types = dict.fromkeys(TIMES, pa.timestamp("us")) | dict.fromkeys(NUMBERS, pa.float64())
    fields = [(name, types.get(name, pa.string())) for name in Version._fields]
    leads = pa.Table.from_pylist([version._asdict() for version in versions], pa.schema(fields))
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("CREATE SCHEMA staging; CREATE SCHEMA rules")
    connection.register("leads", leads)
    connection.execute(
        "CREATE TABLE staging.stg_landing__leads AS "
        "SELECT *, area_min AS area_max, budget_min AS budget_max, record_key AS row_key, "
        "row_number() OVER () AS batch_seq, '' AS content_hash FROM leads"
    )
    connection.register("placeholders", pa.Table.from_pylist(rules("placeholder_contacts")))
    connection.execute("CREATE TABLE rules.placeholder_contacts AS SELECT * FROM placeholders")
    write_versions(connection, days, CONTACTS)
    write_records(connection, Settings(home=home, shared_key_limit=shared_key_limit), sample)
    return connection
