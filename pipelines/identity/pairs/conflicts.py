"""Splits components in which some records must not be one customer.

Two records must stay apart if somebody has separated them, or if their names differ: a family with one phone and a
record without a name would else be one customer. Python reads the links of such components only. It makes one link
after the other: decisions, equal names, scored links, parts of names, missing names. It skips a link that would join
records that must stay apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import duckdb
import pyarrow as pa

WEAK = 3
"""`place` from which a link has a weak name."""

APART = """
    SELECT one.span, one.label, separated.record_a, separated.record_b
    FROM separated
    JOIN labels AS one ON separated.record_a = one.record
    JOIN labels AS other ON
        separated.record_b = other.record
        AND one.span = other.span
        AND one.label = other.label
    WHERE one.span >= separated.first_day AND one.span < separated.end_day
"""
"""Records of one component of a span that somebody has separated."""
CONFLICTS = """
    SELECT span, label
    FROM (
        SELECT
            edges.span,
            labels.label,
            unnest([coalesce(linked.name_a, linked.part_a), coalesce(linked.name_b, linked.part_b)]) AS name
        FROM edges
        JOIN linked ON edges.key = linked.link AND edges.record = linked.record_a
        JOIN labels ON edges.span = labels.span AND edges.record = labels.record
    )
    GROUP BY span, label
    HAVING min(name) <> max(name)
    UNION
    SELECT span, label FROM apart
"""
"""Components of a span in which records may have to stay apart."""
CONFLICTING = """
    SELECT
        labels.span, labels.label, linked.place, linked.score, linked.record_a, linked.record_b, linked.name_a,
        linked.name_b, linked.part_a, linked.part_b
    FROM edges
    JOIN linked ON edges.key = linked.link AND edges.record = linked.record_a
    JOIN labels ON edges.span = labels.span AND edges.record = labels.record
    JOIN conflicts ON labels.span = conflicts.span AND labels.label = conflicts.label
    ORDER BY ALL
"""
CLUSTERS = pa.schema([("span", pa.int64()), ("record", pa.int64()), ("label", pa.int64())])


@dataclass
class Cluster:
    """Records that are one person, with their full names and parts of names."""

    records: set[int]
    names: set[str]
    parts: set[str]


class Link(NamedTuple):
    """A link of a component of a span."""

    span: int
    label: int
    place: int
    score: float
    record_a: int
    record_b: int
    name_a: str | None
    name_b: str | None
    part_a: str | None
    part_b: str | None


def split_conflicts(connection: duckdb.DuckDBPyConnection) -> None:
    """Replace the labels of components in conflict in the table `labels`. Needs `edges`, `linked` and `separated`."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE apart AS {APART}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE conflicts AS {CONFLICTS}")
    links = [Link(*row) for row in connection.execute(CONFLICTING).fetchall()]
    if not links:
        return
    apart = defaultdict(list)
    for span, label, record_a, record_b in connection.execute("SELECT * FROM apart").fetchall():
        apart[span, label].append((record_a, record_b))
    rows = [
        {"span": component[0], "record": record, "label": label}
        for component, of_component in groupby(links, key=lambda link: (link.span, link.label))
        for record, label in clusters(of_component, apart[component])
    ]
    connection.register("incoming", pa.Table.from_pylist(rows, CLUSTERS))
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE labels AS
        SELECT labels.span, labels.record, coalesce(incoming.label, labels.label) AS label
        FROM labels
        LEFT JOIN incoming ON labels.span = incoming.span AND labels.record = incoming.record
    """)
    connection.unregister("incoming")


def clusters(links: Iterable[Link], apart: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield each record with the smallest record of its cluster. `apart`: pairs of records that stay apart."""
    ordered = sorted(links, key=lambda link: (link.place, -link.score, link.record_a, link.record_b))
    found: dict[int, Cluster] = {}
    for link in ordered:
        for record, name, part in (
            (link.record_a, link.name_a, link.part_a),
            (link.record_b, link.name_b, link.part_b),
        ):
            cluster = found.setdefault(record, Cluster({record}, set(), set()))
            cluster.names.update([name] if name else [])
            cluster.parts.update([part] if part else [])
    for link in ordered:
        one, other = found[link.record_a], found[link.record_b]
        if one is other or any({id(found[a]), id(found[b])} == {id(one), id(other)} for a, b in apart):
            continue
        if link.place >= WEAK and not _agree(one, other):
            continue
        merged = Cluster(one.records | other.records, one.names | other.names, one.parts | other.parts)
        found |= dict.fromkeys(merged.records, merged)
    for record, cluster in found.items():
        yield record, min(cluster.records)


def _agree(one: Cluster, other: Cluster) -> bool:
    """Whether the names of two clusters can be the name of one person. Names in different scripts are not compared."""
    for latin in (True, False):
        names, others = ({name for name in each.names if name.isascii() is latin} for each in (one, other))
        parts, other_parts = ({part for part in each.parts if part.isascii() is latin} for each in (one, other))
        if names and others and not names & others:
            return False
        if any(others and not _has_part(others, part) for part in parts):
            return False
        if any(names and not _has_part(names, part) for part in other_parts):
            return False
        if not names and not others and parts and other_parts and parts != other_parts:
            return False
    return True


def _has_part(names: set[str], part: str) -> bool:
    return any(name.startswith(part) or part in name.split() for name in names)
