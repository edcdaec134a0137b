"""Groups records into customers for many days: connected components of records with a shared contact.

Nothing is done per day. A key links records while enough of them and not too many have it: during spans of days. Only
records with such a key need work; each other record is its own customer. Among the linked records, components are found
twice: over all days, and then within each component for the spans between its changes.

The queries are SQL that DuckDB and Spark understand. Each writes the temporary table of its name. A span is from
`first_day` to before `end_day`.
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from pipelines.home.sql import first_value
from pipelines.identity.components import write_labels
from pipelines.identity.contacts import SHARED, SWITCHBOARD
from pipelines.identity.phones import is_mobile

EXTENSION = ";ext="

HOLDERS = "SELECT record, kind, key, first_day, end_day FROM stated WHERE key IS NOT NULL AND first_day < end_day"
"""Which record has which key on which days."""

NUMBERS = f"""
    SELECT DISTINCT split_part(key, '{EXTENSION}', 1) AS number
    FROM holders
    WHERE kind = 'phone' AND key LIKE '%{EXTENSION}%'
"""
"""Numbers that occur with an extension."""

KEY_SPANS = f"""
    WITH several AS (
        SELECT kind, key FROM holders GROUP BY kind, key HAVING min(record) <> max(record)
        UNION
        SELECT 'phone' AS kind, number AS key FROM switchboards
    ),

    changes AS (
        SELECT holders.kind, holders.key, holders.first_day AS day, 1 AS holders, 0 AS extensions
        FROM holders JOIN several ON holders.kind = several.kind AND holders.key = several.key
        UNION ALL
        SELECT holders.kind, holders.key, holders.end_day, -1, 0
        FROM holders JOIN several ON holders.kind = several.kind AND holders.key = several.key
        UNION ALL
        SELECT 'phone', switchboards.number, holders.first_day, 0, 1
        FROM holders
        JOIN switchboards ON split_part(holders.key, '{EXTENSION}', 1) = switchboards.number
        WHERE holders.kind = 'phone' AND holders.key LIKE '%{EXTENSION}%'
        UNION ALL
        SELECT 'phone', switchboards.number, holders.end_day, 0, -1
        FROM holders
        JOIN switchboards ON split_part(holders.key, '{EXTENSION}', 1) = switchboards.number
        WHERE holders.kind = 'phone' AND holders.key LIKE '%{EXTENSION}%'
    ),

    per_day AS (
        SELECT kind, key, day, sum(holders) AS holders, sum(extensions) AS extensions
        FROM changes
        GROUP BY kind, key, day
    ),

    counts AS (
        SELECT
            kind,
            key,
            day AS first_day,
            lead(day) OVER (PARTITION BY kind, key ORDER BY day) AS end_day,
            sum(holders) OVER (PARTITION BY kind, key ORDER BY day) AS holders,
            sum(extensions) OVER (PARTITION BY kind, key ORDER BY day) AS extensions
        FROM per_day
    )

    SELECT
        kind,
        key,
        first_day,
        end_day,
        holders,
        CASE
            WHEN extensions > 0 THEN '{SWITCHBOARD}'
            WHEN holders > {{shared_key_limit}} THEN '{SHARED}'
        END AS reason
    FROM counts
    WHERE holders > 0
"""
"""Spans of the keys that two records have, or that are a switchboard: the records with the key, and the reason why the
key links none of them. Other keys are usable on all days.

A key of more than `shared_key_limit` records belongs to an office. A number that also occurs with an extension is a
switchboard, unless it is a mobile number; without the extension it belongs to no single person.
"""

LINKS = """
    SELECT
        holders.record,
        holders.kind,
        holders.key,
        greatest(holders.first_day, key_spans.first_day) AS first_day,
        least(holders.end_day, key_spans.end_day) AS end_day
    FROM holders
    JOIN key_spans ON holders.kind = key_spans.kind AND holders.key = key_spans.key
    WHERE
        key_spans.holders > 1
        AND key_spans.reason IS NULL
        AND holders.first_day < key_spans.end_day
        AND holders.end_day > key_spans.first_day
"""
"""Records and the keys that link them to other records, by span."""

EDGES_OF_ALL_DAYS = "SELECT DISTINCT 0 AS span, record, kind, key FROM links"

SLICES = """
    WITH changes AS (
        SELECT groups.label AS component, links.first_day AS day
        FROM links JOIN groups ON links.record = groups.record
        UNION
        SELECT groups.label, links.end_day
        FROM links JOIN groups ON links.record = groups.record
    )

    SELECT component, day AS first_day, lead(day) OVER (PARTITION BY component ORDER BY day) AS end_day
    FROM changes
"""
"""Spans between the changes of a component."""

EDGES = """
    SELECT slices.first_day AS span, links.record, links.kind, links.key
    FROM links
    JOIN groups ON links.record = groups.record
    JOIN slices ON
        groups.label = slices.component
        AND slices.first_day >= links.first_day
        AND slices.first_day < links.end_day
"""

MERGED = """
    SELECT
        edges.record,
        slices.first_day,
        slices.end_day,
        labels.label AS customer,
        max(CASE WHEN edges.kind = 'phone' THEN 1 ELSE 0 END) AS by_phone,
        max(CASE WHEN edges.kind = 'email' THEN 1 ELSE 0 END) AS by_email
    FROM edges
    JOIN labels ON edges.span = labels.span AND edges.record = labels.record
    JOIN groups ON edges.record = groups.record
    JOIN slices ON groups.label = slices.component AND edges.span = slices.first_day
    GROUP BY edges.record, slices.first_day, slices.end_day, labels.label
"""
"""Customers of the records that share a contact, by span: the number of the earliest-known record of the component."""

MEMBERS = """
    SELECT DISTINCT versions.record, coalesce(groups.label, versions.record) AS component
    FROM versions
    LEFT JOIN groups ON versions.record = groups.record
    WHERE versions.first_day < versions.end_day
"""
"""The component over all days of each record that is known on one of them."""
SAMPLED = """
    WITH chosen AS (
        SELECT components.component
        FROM (SELECT DISTINCT component FROM members) AS components
        JOIN records ON components.component = records.record
        ORDER BY md5('sample:' || records.record_key), records.record_key
        LIMIT {sample}
    )

    SELECT members.record
    FROM members
    JOIN chosen ON members.component = chosen.component
"""
"""Records of a sample of components over all days, chosen by a hash of the key of the component."""


def resolve(connection: duckdb.DuckDBPyConnection, shared_key_limit: int, sample: int | None) -> None:
    """Write the temporary tables `holders`, `key_spans` and `merged`. Needs `versions` and `stated`.

    `sample`: keep only the records of this number of components in `versions` and `merged`.
    """

    def write(name: str, query: str) -> None:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")

    def count(query: str) -> int:
        return first_value(connection.execute(query))

    write_holders(connection)
    write_merged(write, count, shared_key_limit, sample)


def write_holders(connection: duckdb.DuckDBPyConnection) -> None:
    """Write the temporary tables `holders` and `switchboards` (numbers that are the switchboard of an office)."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE holders AS {HOLDERS}")
    numbers = [number for (number,) in connection.execute(NUMBERS).fetchall() if not is_mobile(number)]
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE switchboards AS SELECT unnest($numbers::VARCHAR[]) AS number",
        {"numbers": numbers},
    )


def write_merged(
    write: Callable[[str, str], None], count: Callable[[str], int], shared_key_limit: int, sample: int | None
) -> None:
    """Write the temporary tables `key_spans` and `merged`. Needs `holders` and `switchboards`; a sample, `versions`.

    `write` and `count` as in `write_labels`.
    """
    write("key_spans", KEY_SPANS.format(shared_key_limit=shared_key_limit))
    write("links", LINKS)
    write("edges", EDGES_OF_ALL_DAYS)
    write_labels(write, count)
    write("groups", "SELECT record, label FROM labels")
    if sample is not None:
        write("members", MEMBERS)
        write("sampled", SAMPLED.format(sample=sample))
        for name in ("versions", "links"):
            write(name, f"SELECT {name}.* FROM {name} JOIN sampled ON {name}.record = sampled.record")
    write("slices", SLICES)
    write("edges", EDGES)
    write_labels(write, count)
    write("merged", MERGED)
