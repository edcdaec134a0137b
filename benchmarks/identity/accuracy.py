"""Pairwise precision and recall of identity against the true persons of demo worlds."""

from __future__ import annotations

from typing import NamedTuple

import duckdb

from benchmarks.identity.worlds import World, resolve_staged, staged

PAIRS = """
    WITH records AS (
        SELECT identity.customer_records.customer_key, persons.person_id
        FROM identity.customer_records
        JOIN persons ON identity.customer_records.record_key = persons.lead_id
    ),

    sizes AS (
        SELECT
            (SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM records GROUP BY customer_key)) AS found,
            (SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM records GROUP BY person_id)) AS wanted,
            (
                SELECT sum(n * (n - 1) / 2)
                FROM (SELECT count(*) AS n FROM records GROUP BY customer_key, person_id)
            ) AS correct
    )

    SELECT correct / found AS precision, correct / wanted AS recall, found, wanted FROM sizes
"""


class Accuracy(NamedTuple):
    """Pairs of records: of those of one customer (`found`) and of one person (`wanted`), the share that is both."""

    precision: float
    recall: float
    found: float = 0
    wanted: float = 0

    def __str__(self) -> str:
        return (
            f"precision {self.precision:.4f} of {self.found:,.0f} pairs, "
            f"recall {self.recall:.4f} of {self.wanted:,.0f} pairs"
        )


def accuracy(connection: duckdb.DuckDBPyConnection) -> Accuracy:
    """Compare `identity.customer_records` with the table `persons`."""
    return Accuracy(*connection.execute(PAIRS).fetchall()[0])


def measure(world: World) -> Accuracy:
    """Resolve a world and compare."""
    with staged(world) as connection:
        resolve_staged(connection)
        return accuracy(connection)
