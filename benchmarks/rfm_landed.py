"""Synthetic landed transactions: ten rows per customer; 1 % are cancellations that name no deal."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tests.integration.dbt.warehouse import HANDED_OVER, SCHEMAS, landed_columns

AS_OF = "2025-01-31"
ROWS_PER_CUSTOMER = 10


def write_transactions(target: Path, rows: int) -> None:
    """Write four years of landed transactions as Parquet. Amounts repeat, so that cancellations match a sale."""
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(f"CREATE TABLE landed ({landed_columns('transactions')})")
        connection.execute(f"""
            COPY (
                FROM landed
                UNION ALL BY NAME
                SELECT 't' || i AS row_key, 's' AS source, 'f' AS file, i AS line, 'b' AS batch, moment AS ingested_at,
                    moment AS known_at, md5(i::VARCHAR) AS content_hash, 't' || i AS transaction_id,
                    (hash(i * 7) % {rows // ROWS_PER_CUSTOMER})::VARCHAR AS lead_id, moment AS occurred_at,
                    CASE WHEN hash(i * 11) % 100 = 0 THEN 'cancellation' ELSE 'sale' END AS kind,
                    (1 + hash(i * 3) % 5000)::DECIMAL(18, 4) / 100 AS amount, 'CNY' AS currency, 1 AS batch_seq
                FROM (
                    SELECT i, TIMESTAMP '2021-01-01' + to_seconds((hash(i) % 126000000)::BIGINT) AS moment
                    FROM range({rows}) AS numbers (i)
                )
            ) TO '{target}' (FORMAT parquet, COMPRESSION zstd)
        """)


def hand_over(warehouse: Path, transactions: Path, rows: int) -> None:
    """Write the tables that dbt expects from Python: landed transactions, one customer per lead, one as_of."""
    with duckdb.connect(str(warehouse)) as connection:
        for schema in SCHEMAS:
            connection.execute(f"CREATE SCHEMA {schema}")
        for table, columns in HANDED_OVER.items():
            connection.execute(f"CREATE TABLE {table} ({columns})")
        for entity in ("leads", "interactions"):
            connection.execute(f"CREATE TABLE landing.{entity} ({landed_columns(entity)})")
        connection.execute(f"CREATE VIEW landing.transactions AS FROM read_parquet('{transactions}')")
        connection.execute(f"INSERT INTO scope.as_of_dates VALUES ('{AS_OF}')")
        connection.execute(f"INSERT INTO scope.run VALUES ('run', '{AS_OF}', 'rules', TIMESTAMP '{AS_OF}')")
        connection.execute("INSERT INTO landing.sources VALUES ('s', false, true)")
        connection.execute(f"""
            INSERT INTO identity.customer_records
            SELECT '{AS_OF}', 's:' || i, 's:' || i, NULL FROM range({rows // ROWS_PER_CUSTOMER}) AS numbers (i)
        """)
