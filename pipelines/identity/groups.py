"""Components of linked records, in SQL that DuckDB and Spark understand. No query reads a name or a contact.

Components are found twice: over all days, and then within each component for the spans between its changes.
"""

from __future__ import annotations

from collections.abc import Callable

from pipelines.identity.components import write_labels

_SIDES = """
    SELECT link, record_a AS record, first_day, end_day FROM linked
    UNION ALL
    SELECT link, record_b AS record, first_day, end_day FROM linked
"""
EDGES_OF_ALL_DAYS = f"SELECT 0 AS span, record, 'link' AS kind, link AS key FROM ({_SIDES})"

SLICES = """
    WITH changes AS (
        SELECT groups.label AS component, linked.first_day AS day
        FROM linked JOIN groups ON linked.record_a = groups.record
        UNION
        SELECT groups.label, linked.end_day
        FROM linked JOIN groups ON linked.record_a = groups.record
        UNION
        SELECT groups.label, separated.first_day
        FROM separated JOIN groups ON separated.record_a = groups.record
        UNION
        SELECT groups.label, separated.end_day
        FROM separated JOIN groups ON separated.record_a = groups.record
    )

    SELECT component, day AS first_day, lead(day) OVER (PARTITION BY component ORDER BY day) AS end_day
    FROM changes
"""
"""Spans between the changes of a component."""

EDGES = f"""
    SELECT slices.first_day AS span, sides.record, 'link' AS kind, sides.link AS key
    FROM ({_SIDES}) AS sides
    JOIN groups ON sides.record = groups.record
    JOIN slices ON
        groups.label = slices.component
        AND slices.first_day >= sides.first_day
        AND slices.first_day < sides.end_day
"""

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


def write_groups(write: Callable[[str, str], None], count: Callable[[str], int], sample: int | None) -> None:
    """Write the tables `groups`, `slices`, `edges` and `labels`. Needs `linked` and `separated`; a sample, `versions`.

    `groups`: record and its component over all days. `slices`: component × span. `edges` and `labels`: span × record,
    as in `write_labels`. `sample`: keep only the records of this number of components, also in `versions` and `linked`.
    `write` and `count` as in `write_labels`.
    """
    write("edges", EDGES_OF_ALL_DAYS)
    write_labels(write, count)
    write("groups", "SELECT record, label FROM labels")
    if sample is not None:
        write("members", MEMBERS)
        write("sampled", SAMPLED.format(sample=sample))
        write("versions", "SELECT versions.* FROM versions JOIN sampled ON versions.record = sampled.record")
        write("linked", "SELECT linked.* FROM linked JOIN sampled ON linked.record_a = sampled.record")
    write("slices", SLICES)
    write("edges", EDGES)
    write_labels(write, count)
