"""The version of a lead record that counts on a day: the rule of the dbt macro `was_known`, in pandas.

Identity reads the versions of dbt's staging, so `superseded_at` has one definition (macro `versions`).
"""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import pandas as pd

VERSIONS = """
    SELECT
        leads.record_key,
        leads.created_at,
        leads.known_at,
        leads.superseded_at,
        min(leads.known_at) OVER (PARTITION BY leads.record_key) AS first_known_at,
        contacts.phone,
        contacts.email
    FROM staging.stg_landing__leads AS leads
    JOIN contacts ON
        leads.row_key = contacts.row_key
        AND leads.batch_seq = contacts.batch_seq
        AND leads.content_hash = contacts.content_hash
    ORDER BY first_known_at, leads.record_key, leads.known_at, leads.batch_seq
"""


def lead_versions(contacts: duckdb.DuckDBPyRelation) -> pd.DataFrame:
    """All versions of all lead records with phone and e-mail as in the source. Times are business local time.

    Ordered by the time at which the record was first known. `contacts`: `restricted_contacts` of a connection to the
    warehouse.
    """
    return contacts.query("contacts", VERSIONS).df()


def known_on(versions: pd.DataFrame, day: date) -> pd.Series:
    """True for the versions that count on the day, at most one per record."""
    cutoff = pd.Timestamp(day + timedelta(days=1))
    superseded = versions["superseded_at"]
    return (
        (versions["created_at"] < cutoff)
        & (versions["known_at"] < cutoff)
        & (superseded.isna() | (superseded >= cutoff))
    )
