"""Lead records of demo worlds as dbt's staging has them, with the true persons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa

from pipelines.demo import truth
from pipelines.demo.generate import raw_tables
from pipelines.demo.presets import preset
from pipelines.demo.world.history import make_history, until
from pipelines.home.settings import Settings
from pipelines.home.sql import literal
from pipelines.identity.customers import write_records
from pipelines.identity.known import write_versions
from pipelines.rules.version import RULES

PRESETS = ("demo", "hard")
TRUTH, PERSONS = "demo_truth", "record_person-*.parquet"
CONTACTS = "SELECT row_key, batch_seq, content_hash, phone, email, full_name FROM staging.stg_landing__leads"
STAGED = """
    SELECT
        lead_id AS record_key,
        lead_id AS row_key,
        1 AS batch_seq,
        '' AS content_hash,
        full_name,
        phone,
        email,
        agent_id,
        project,
        preferred_district,
        demand_type,
        purpose,
        CAST(area_min AS DOUBLE) AS area_min,
        CAST(area_max AS DOUBLE) AS area_max,
        CAST("预算下限" AS DOUBLE) * 10000 AS budget_min,
        CAST("预算上限" AS DOUBLE) * 10000 AS budget_max,
        TRY_CAST(created_at AS TIMESTAMP) AS created_at,
        TRY_CAST(entered_at AS TIMESTAMP) AS known_at,
        CAST(NULL AS TIMESTAMP) AS superseded_at
    FROM leads
    WHERE lead_id IS NOT NULL AND TRY_CAST(created_at AS TIMESTAMP) IS NOT NULL AND "预算下限" NOT LIKE '-%'
"""
"""The leads that keep the contract, with the columns that identity reads."""


@dataclass(frozen=True)
class World:
    """Raw leads and persons (columns lead_id and person_id) of a demo."""

    leads: pd.DataFrame
    persons: pd.DataFrame


def worlds(seed: int, leads: int) -> Iterator[tuple[str, World]]:
    """Yield the presets of a seed: the same people, with few and with many defects."""
    history = None
    for name in PRESETS:
        config = preset(name, leads, seed).config
        history = history or until(make_history(config), config.days)
        raw, _ = raw_tables(history, config)
        yield name, World(raw["leads.csv"], truth.record_person(history.records))


def staged(world: World) -> duckdb.DuckDBPyConnection:
    """Return a database in memory with the staging of leads, the rules and the view `persons`."""
    connection = _empty()
    connection.register("leads", pa.Table.from_pandas(world.leads, preserve_index=False))
    connection.register("persons", world.persons)
    connection.execute(f"CREATE TABLE staging.stg_landing__leads AS {STAGED}")
    return connection


def files_world(home: Path) -> duckdb.DuckDBPyConnection:
    """Return such a database of the raw files of a demo's home."""
    connection = _empty()
    for view, files in (("leads", home / "demo" / "leads-*.parquet"), ("persons", home / TRUTH / PERSONS)):
        connection.execute(f"CREATE TEMP VIEW {view} AS SELECT * FROM read_parquet({literal(str(files))})")
    connection.execute(f"CREATE TABLE staging.stg_landing__leads AS {STAGED}")
    return connection


def resolve_staged(connection: duckdb.DuckDBPyConnection) -> None:
    """Write `identity.customer_records` of the last day."""
    last_day = connection.execute("SELECT CAST(max(known_at) AS DATE) FROM staging.stg_landing__leads").fetchall()
    write_versions(connection, last_day[0], CONTACTS)
    write_records(connection, Settings(home=Path("nowhere")), None)


def _empty() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 2})
    connection.execute("CREATE SCHEMA staging; CREATE SCHEMA rules")
    connection.execute(
        "CREATE TABLE rules.placeholder_contacts AS SELECT * FROM read_csv($file, all_varchar = true)",
        {"file": str(RULES / "placeholder_contacts.csv")},
    )
    return connection
