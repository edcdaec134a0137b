"""The versions of lead records that count on the days of a run: the rule of the dbt macro `was_known`, for many days.

A version counts during an interval of days. Intervals name days by their number in the table `days`, so that versions
without a day of the run disappear. Identity reads the versions of dbt's staging, so `superseded_at` has one definition
(macro `versions`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb

from pipelines.home.sql import first_value
from pipelines.identity.names import write_names

DAYS = """
    SELECT
        row_number() OVER (ORDER BY as_of) - 1 AS day,
        as_of,
        CAST(as_of + INTERVAL 1 DAY AS DATE) AS next_date
    FROM (SELECT DISTINCT unnest($days::DATE[]) AS as_of)
"""

RECORDS = """
    SELECT
        row_number() OVER (ORDER BY min(known_at), record_key) AS record,
        record_key
    FROM staging.stg_landing__leads
    GROUP BY record_key
"""
"""All lead records, numbered by the time at which they were first known."""

HISTORIES = """
    WITH leads AS (
        SELECT
            record_key,
            row_key,
            batch_seq,
            content_hash,
            created_at,
            known_at,
            CAST(known_at AS DATE) AS known_on,
            CAST(greatest(created_at, known_at) AS DATE) AS counts_from,
            CAST(superseded_at AS DATE) AS superseded_on,
            agent_id AS agent,
            project,
            preferred_district AS district,
            demand_type || coalesce('/' || purpose, '') AS wish,
            coalesce(area_min, area_max) AS area,
            coalesce(budget_min, budget_max) AS budget
        FROM staging.stg_landing__leads
    ),

    dates AS (
        SELECT happened_on.happened_on, count(days.day) AS day
        FROM (SELECT counts_from AS happened_on FROM leads UNION SELECT superseded_on FROM leads) AS happened_on
        LEFT JOIN days ON days.as_of < happened_on.happened_on
        GROUP BY happened_on.happened_on
    )

    SELECT
        row_number() OVER () AS version,
        records.record,
        starts.day AS first_day,
        coalesce(ends.day, (SELECT count(*) FROM days)) AS end_day,
        eves.day AS eve,
        contacts.phone,
        contacts.email,
        contacts.full_name,
        leads.created_at,
        leads.known_at,
        leads.agent,
        leads.project,
        leads.district,
        leads.wish,
        leads.area,
        leads.budget
    FROM leads
    JOIN records ON leads.record_key = records.record_key
    JOIN dates AS starts ON leads.counts_from = starts.happened_on
    LEFT JOIN dates AS ends ON leads.superseded_on = ends.happened_on
    LEFT JOIN days AS eves ON leads.known_on = eves.next_date
    JOIN lead_contacts AS contacts ON
        leads.row_key = contacts.row_key
        AND leads.batch_seq = contacts.batch_seq
        AND leads.content_hash = contacts.content_hash
"""
"""One row per version of a lead record.

`record`; `first_day` and `end_day`: the version counts from the first day on, and no longer on the end day; `eve`: the
day before the version becomes known, null if that is no day of the run; the direct identifiers as in the source; the
fields that the score compares.
"""

VERSIONS = "SELECT * FROM histories WHERE first_day < end_day OR eve IS NOT NULL"
"""The versions that count on a day of the run, or become known on the day after such a day."""


def write_versions(connection: duckdb.DuckDBPyConnection, days: Sequence[date], contacts: str) -> None:
    """Write the temporary tables `days`, `records`, `histories` and `versions`. Needs the rules.

    `contacts`: SQL, see `restricted_contacts`.
    """
    connection.execute(f"CREATE OR REPLACE TEMP TABLE days AS {DAYS}", {"days": list(days)})
    connection.execute(f"CREATE OR REPLACE TEMP TABLE records AS {RECORDS}")
    connection.execute(f"CREATE OR REPLACE TEMP VIEW lead_contacts AS {contacts}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE histories AS {HISTORIES}")
    write_names(connection)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE versions AS {VERSIONS}")


def count_known(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the number of records that are known on the last day."""
    return first_value(
        connection.execute(
            "SELECT count(*) FROM versions WHERE first_day < end_day AND end_day = (SELECT count(*) FROM days)"
        )
    )
