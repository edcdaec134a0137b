"""The two other contestants for RFM, each as a process: a plain DuckDB query, and the library `lifetimes`."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import pandas as pd

from benchmarks.rfm_landed import AS_OF

PLAIN_SQL = Path(__file__).with_name("rfm_plain.sql")


def plain(warehouse: Path) -> None:
    """Run the hand-written query in a warehouse, with the limits of dbt. The result is the table `plain_rfm`."""
    with duckdb.connect(str(warehouse), config={"threads": 2, "memory_limit": "4GB"}) as connection:
        connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
        connection.execute(PLAIN_SQL.read_text(encoding="utf-8"))


def lifetimes(transactions: Path) -> None:
    """Summarise frequency, recency and monetary value of the sales in a Parquet file."""
    from lifetimes.utils import summary_data_from_transaction_data

    frame = pd.read_parquet(transactions, columns=["lead_id", "occurred_at", "amount"])
    frame["amount"] = frame["amount"].astype(float)
    summary_data_from_transaction_data(
        frame, "lead_id", "occurred_at", monetary_value_col="amount", observation_period_end=pd.Timestamp(AS_OF)
    )


if __name__ == "__main__":
    {"plain": plain, "lifetimes": lifetimes}[sys.argv[1]](Path(sys.argv[2]))
