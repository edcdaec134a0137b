"""Retention periods: persons without activity and old quarantined lines are removed when their period has ended.

`<home>/retention.csv` has the periods. Without the file everything is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from pipelines.home.durable import remove
from pipelines.home.settings import Settings
from pipelines.home.sql import first_value, literal, parquet_files
from pipelines.home.warehouse import connect_in_memory
from pipelines.ingest.landing.manifests import manifests
from pipelines.privacy.audit import record
from pipelines.privacy.erase import erase
from pipelines.privacy.landing import LandingErasure
from pipelines.privacy.person import Person, customer_ids, keys_of, leads_files
from pipelines.privacy.redo import Redo, apply, plan_file
from pipelines.rules.check import RulesRefused, table_faults
from pipelines.rules.table import read_table

PERSONS_AT_ONCE = 200
"""Each erasure reads the home once, and searches logs for each person."""
LINES = "quarantine: texts of lines"
ENTITIES = ("leads", "customers", "quarantine")
NOBODY = Person((), (), (), ())
SPEC: dict[str, Any] = {
    "config": {
        "column_types": {"entity": "varchar", "days": "integer"},
        "meta": {
            "checks": {
                "not_null": ["entity", "days"],
                "unique": [["entity"]],
                "accepted_values": {"entity": list(ENTITIES)},
                "between_values": {"days": {"minimum": 30}},
            }
        },
    }
}

ACTIVITY = """
    SELECT row_key, max(moment) AS last_day, bool_or(is_deal) AS has_deal FROM ({parts}) GROUP BY row_key
"""
LEADS = "SELECT row_key, greatest(created_at, updated_at) AS moment, false AS is_deal FROM {files}"
INTERACTIONS = "SELECT source || ':' || lead_id AS row_key, occurred_at AS moment, false AS is_deal FROM {files}"
TRANSACTIONS = (
    "SELECT source || ':' || lead_id AS row_key, "
    "greatest(occurred_at, CAST(lease_end AS TIMESTAMP)) AS moment, true AS is_deal FROM {files}"
)
DUE = """
    WITH persons AS (
        SELECT
            coalesce(directory.customer_key, activity.row_key) AS person,
            list(activity.row_key ORDER BY activity.row_key) AS records,
            max(activity.last_day) AS last_day,
            bool_or(activity.has_deal) AS has_deal
        FROM activity LEFT JOIN directory ON activity.row_key = directory.row_key
        GROUP BY ALL
    )
    SELECT CASE WHEN has_deal THEN 'customers' ELSE 'leads' END AS entity, records FROM persons
    WHERE (has_deal AND last_day < $customers) OR (NOT has_deal AND last_day < $leads)
    ORDER BY last_day, person
"""


@dataclass(frozen=True)
class Due:
    """What has reached the end of its period. `persons`: entity and records of each, longest inactive first."""

    persons: list[tuple[str, list[str]]]
    quarantine: list[Path]

    def count(self, entity: str) -> int:
        return len(self.quarantine) if entity == "quarantine" else sum(kind == entity for kind, _ in self.persons)


def read_periods(settings: Settings) -> dict[str, int]:
    """Return days by entity; empty without `<home>/retention.csv`. Raises RulesRefused with file, line and field."""
    file = settings.retention
    if not file.exists():
        return {}
    faults: list[str] = []
    table = read_table(file.parent, file.stem, SPEC, faults)
    faults = faults or list(table_faults(table, {}))
    if faults:
        raise RulesRefused("\n".join([f"the periods in {file} cannot be used:", *faults]))
    return {row.values["entity"]: row.values["days"] for row in table.rows}


def find_due(settings: Settings, periods: dict[str, int]) -> Due:
    """Return what is due now. Reads only.

    Activity of a person: a lead that was created or changed, an interaction, a step of a deal, the end of a lease. The
    records of a person are those that the last run linked.
    """
    now = settings.now().astimezone(UTC).replace(tzinfo=None)
    ends = {name: now - timedelta(days=periods[name]) for name in ENTITIES if name in periods}
    persons: list[tuple[str, list[str]]] = []
    files = leads_files(settings)
    if files and {"leads", "customers"} & set(ends):
        with connect_in_memory(settings) as connection:
            _read_activity(connection, settings, files)
            limits = {name: ends.get(name) for name in ("leads", "customers")}
            persons = connection.execute(DUE, limits).fetchall()
    old = []
    if end := ends.get("quarantine"):
        begun = {batch.batch: datetime.fromisoformat(batch.ingested_at) for batch in manifests(settings)}
        old = [
            path
            for path in sorted(settings.quarantine.glob("*.parquet"))
            if begun.get(path.stem, now) < end and _has_texts(path)
        ]
    return Due(persons, old)


def apply_periods(settings: Settings, due: Due, say: Callable[[str], None]) -> dict[str, int]:
    """Erase the persons and the texts of the quarantined lines that are due. Returns counts by place.

    Can be killed: the next call goes on. The caller holds `home_lock`.
    """
    counts: dict[str, int] = {}
    for done, group in _groups([records for _, records in due.persons]):
        person = _persons(settings, group)
        for place, number in erase(settings, person, lambda _: None).counts.items():
            counts[place] = counts.get(place, 0) + number
        say(f"erased {done:,} of {len(due.persons):,} persons")
    if due.quarantine:
        counts[LINES] = _remove_texts(settings, due.quarantine)
        say(f"removed the texts of {counts[LINES]:,} quarantined lines")
    record(settings, "retention", "periods", {name: due.count(name) for name in ENTITIES})
    return counts


def _read_activity(connection: duckdb.DuckDBPyConnection, settings: Settings, files: Sequence[Path]) -> None:
    data = settings.landing / "data"
    parts = [LEADS.format(files=parquet_files(files))]
    for query, name in ((INTERACTIONS, "interactions"), (TRANSACTIONS, "transactions")):
        if found := sorted(data.glob(f"*/{name}.parquet")):
            parts.append(query.format(files=parquet_files(found)))
    connection.execute(f"CREATE TEMP TABLE activity AS {ACTIVITY.format(parts=' UNION ALL '.join(parts))}")
    # An interaction of an unknown lead is nobody's: it goes with the lead that explains it.
    connection.execute(f"DELETE FROM activity WHERE row_key NOT IN (SELECT row_key FROM {parquet_files(files)})")
    connection.execute("CREATE TEMP TABLE directory (row_key VARCHAR, customer_key VARCHAR)")
    if not settings.restricted.exists():
        return
    connection.execute(f"ATTACH {literal(str(settings.restricted))} AS restricted (READ_ONLY)")
    connection.execute("INSERT INTO directory SELECT record_key, customer_key FROM restricted.directory")
    if settings.restricted_keys.exists():
        connection.execute(
            "INSERT INTO directory SELECT split_part(record_key, ':', 1) || ':' || keys.text, customer_key "
            f"FROM restricted.directory JOIN {parquet_files([settings.restricted_keys])} AS keys "
            "ON keys.kind = 'record' AND record_key = split_part(record_key, ':', 1) || ':' || keys.key"
        )
    connection.execute("DETACH restricted")


def _groups(persons: Sequence[list[str]]) -> Iterator[tuple[int, list[str]]]:
    for begin in range(0, len(persons), PERSONS_AT_ONCE):
        group = persons[begin : begin + PERSONS_AT_ONCE]
        yield begin + len(group), sorted(record for records in group for record in records)


def _persons(settings: Settings, records: Sequence[str]) -> Person:
    """Return persons as one, without their contacts: notes of others keep a phone that they mention."""
    with connect_in_memory(settings) as connection:
        keys = (*records, *keys_of(connection, settings, records))
    return Person(tuple(records), keys, customer_ids(settings, keys), ())


def _has_texts(path: Path) -> bool:
    with duckdb.connect() as connection:
        return bool(first_value(connection.execute(f"SELECT count(*) FROM {parquet_files([path])} WHERE text <> ''")))


def _remove_texts(settings: Settings, paths: Sequence[Path]) -> int:
    """Empty the raw lines of quarantine files. Rule, field and line stay, so that the counts of a batch add up."""
    redo, removed = Redo(settings), 0
    redo.begin()
    try:
        with connect_in_memory(settings) as connection:
            for path in paths:
                rows = parquet_files([path])
                removed += first_value(connection.execute(f"SELECT count(*) FROM {rows} WHERE text <> ''"))
                connection.execute(
                    f"COPY (SELECT * REPLACE ('' AS text) FROM {rows}) TO {literal(str(redo.new(path)))} "
                    "(FORMAT parquet, COMPRESSION zstd)"
                )
            LandingErasure(connection, settings, NOBODY, redo).rewrite_manifests()
        redo.seal()
    finally:
        if not plan_file(settings.erasing).exists():
            remove(settings.erasing)
    apply(settings)
    return removed
