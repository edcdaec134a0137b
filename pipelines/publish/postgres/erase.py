"""Removes customers from every version that PostgreSQL has."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.home.settings import Settings
from pipelines.home.sql import identifier, literal
from pipelines.publish.postgres.connection import database, run
from pipelines.publish.postgres.live import loaded_schemas


def erase_customers(settings: Settings, customers: Sequence[str]) -> int:
    """Delete the rows of these pseudonyms, and free their space. Returns the number of rows. Can be repeated.

    Raises PostgresError.
    """
    values, removed = ", ".join(map(literal, customers)), 0
    with database(settings) as connection:
        for schema in loaded_schemas(connection):
            tables = run(
                connection,
                "SELECT table_name FROM information_schema.columns JOIN information_schema.tables "
                "USING (table_schema, table_name) WHERE column_name = 'customer_id' AND table_type = 'BASE TABLE' "
                f"AND table_schema = {literal(schema)}",
            ).fetchall()
            for (table,) in tables:
                name = f"{identifier(schema)}.{identifier(table)}"
                gone = run(connection, f"DELETE FROM {name} WHERE customer_id IN ({values})").rowcount
                if gone:
                    run(connection, f"VACUUM FULL {name}")
                removed += max(gone, 0)
    return removed
