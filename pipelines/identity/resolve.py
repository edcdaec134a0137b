"""Groups records into customers for many days: connected components of linked records.

Nothing is done per day. A key (phone or e-mail) is usable while enough records and not too many have it: during spans
of days. Records that share a usable key or more than a name are compared (`pairs/candidates.py`) and linked by a rule,
a score or a decision (`pairs/links.py`). Linked records form components (`groups.py`), of which some are split
(`pairs/conflicts.py`). Each other record is its own customer.

Each query writes the temporary table of its name. A span is from `first_day` to before `end_day`.
"""

from __future__ import annotations

import duckdb

from pipelines.home.settings import Settings
from pipelines.home.sql import first_value
from pipelines.identity.contacts import SHARED, SWITCHBOARD
from pipelines.identity.groups import write_groups
from pipelines.identity.pairs.candidates import write_candidates
from pipelines.identity.pairs.conflicts import split_conflicts
from pipelines.identity.pairs.links import write_linked
from pipelines.identity.pairs.score import write_scores
from pipelines.identity.phones import is_mobile

EXTENSION = ";ext="

HOLDERS = (
    "SELECT version, record, kind, key, first_day, end_day FROM stated WHERE key IS NOT NULL AND first_day < end_day"
)
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
        holders.version,
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

MADE = """
    SELECT one.span, one.label, linked.*
    FROM linked
    JOIN edges ON linked.link = edges.key AND linked.record_a = edges.record
    JOIN labels AS one ON edges.span = one.span AND linked.record_a = one.record
    JOIN labels AS other ON edges.span = other.span AND linked.record_b = other.record
    WHERE one.label = other.label
"""
"""Links within a customer, by span."""

MERGED = """
    WITH evidence AS (
        SELECT
            span,
            record,
            bool_or(by_phone) AS by_phone,
            bool_or(by_email) AS by_email,
            bool_or(rule = 'score') AS by_score
        FROM (SELECT *, unnest([record_a, record_b]) AS record FROM made)
        GROUP BY span, record
    )

    SELECT
        labels.record,
        slices.first_day,
        slices.end_day,
        labels.label AS customer,
        evidence.by_phone,
        evidence.by_email,
        evidence.by_score
    FROM labels
    JOIN groups ON labels.record = groups.record
    JOIN slices ON groups.label = slices.component AND labels.span = slices.first_day
    JOIN evidence ON labels.span = evidence.span AND labels.record = evidence.record
"""
"""Customers of the linked records, by span: the number of the earliest-known record of the component."""


def resolve(connection: duckdb.DuckDBPyConnection, settings: Settings, sample: int | None) -> None:
    """Write the temporary tables `holders`, `key_spans`, `made` and `merged`. Needs the tables of `write_versions`,
    `stated` and `decided`.

    `sample`: keep only the records of this number of components in `versions` and `merged`. Without a sample, Spark
    finds the components if it is the engine. Raises SparkMissing and SparkGone.
    """

    def write(name: str, query: str) -> None:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")

    def count(query: str) -> int:
        return first_value(connection.execute(query))

    write("holders", HOLDERS)
    numbers = [number for (number,) in connection.execute(NUMBERS).fetchall() if not is_mobile(number)]
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE switchboards AS SELECT unnest($numbers::VARCHAR[]) AS number",
        {"numbers": numbers},
    )
    write("key_spans", KEY_SPANS.format(shared_key_limit=settings.shared_key_limit))
    write("links", LINKS)
    write_candidates(write)
    write_scores(connection, settings)
    write_linked(write)
    if settings.engine == "spark" and sample is None:
        from pipelines.identity.on_spark import write_groups_on_spark

        write_groups_on_spark(connection, settings)
    else:
        write_groups(write, count, sample)
    split_conflicts(connection)
    write("made", MADE)
    write("merged", MERGED)
