"""Connected components in SQL that DuckDB and Spark understand: repeated exchange of the smallest label."""

from __future__ import annotations

from collections.abc import Callable

FIRST_LABELS = "SELECT DISTINCT span, record, record AS label FROM edges"
NEXT_LABELS = """
    WITH of_keys AS (
        SELECT edges.span, edges.kind, edges.key, min(labels.label) AS label
        FROM edges
        JOIN labels ON edges.span = labels.span AND edges.record = labels.record
        GROUP BY edges.span, edges.kind, edges.key
    ),

    of_neighbours AS (
        SELECT edges.span, edges.record, min(of_keys.label) AS label
        FROM edges
        JOIN of_keys ON edges.span = of_keys.span AND edges.kind = of_keys.kind AND edges.key = of_keys.key
        GROUP BY edges.span, edges.record
    )

    SELECT of_neighbours.span, of_neighbours.record, least(of_neighbours.label, jumps.label) AS label
    FROM of_neighbours
    JOIN labels AS jumps ON of_neighbours.span = jumps.span AND of_neighbours.label = jumps.record
"""
"""Each record takes the smallest label of the records with which it shares a key, and then the label of that record."""
CHANGED = """
    SELECT count(*)
    FROM labels
    JOIN next_labels ON labels.span = next_labels.span AND labels.record = next_labels.record
    WHERE labels.label <> next_labels.label
"""


def write_labels(write: Callable[[str, str], None], count: Callable[[str], int]) -> None:
    """Write the table `labels` of the table `edges` (span, record, kind, key): the smallest record of the component.

    Grain: span × record. `write` replaces the table of a name by the result of a query, `count` returns the number that
    a query finds. Ends after about log2(d) rounds, d: the longest path of a component.
    """
    write("labels", FIRST_LABELS)
    while True:
        write("next_labels", NEXT_LABELS)
        changed = count(CHANGED)
        write("labels", "SELECT span, record, label FROM next_labels")
        if not changed:
            return
