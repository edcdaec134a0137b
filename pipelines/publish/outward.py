"""Counts the rows of outward tables that market to opted-out customers.

An outward table invites people to contact customers. `config.meta.outward` of a dbt model declares it: `false` for a
table without instructions; else `columns` names the columns with instructions and `rows` the condition of the rows that
count (default: all). In a table without such columns, each row is an invitation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd

from pipelines.publish.tables import SCHEMA
from pipelines.transform.dbt import manifest_models

COLUMNS = ("as_of", "table_name", "rows_opted_out", "rows_marketing")

NO_MARKETING = """
    SELECT unnest([strategy_en, strategy_zh]) AS line FROM rules.strategies WHERE NOT is_marketing
    UNION ALL SELECT unnest([strategy_en, strategy_zh]) FROM rules.lead_statuses WHERE is_closed
    UNION ALL SELECT unnest([action_en, action_zh]) FROM rules.tasks WHERE NOT is_marketing
    UNION ALL SELECT unnest([label_en, label_zh]) FROM rules.actions WHERE NOT is_marketing
"""
"""The instructions that a table may give for an opted-out customer. Any other text is marketing."""

CUSTOMERS = {
    "customer_id": "identity.customers AS keys ON outward.customer_id = keys.customer_id",
    "lead_id": "identity.customer_records AS keys "
    "ON outward.as_of = keys.as_of AND outward.source || ':' || outward.lead_id = keys.record_key",
}
"""Join from a row to its customer, by the column that the table has: the pseudonym or the record of the source."""


@dataclass(frozen=True)
class Outward:
    """An outward table as its dbt model declares it. `key`: the column of CUSTOMERS that the table has."""

    schema: str
    table: str
    key: str
    columns: tuple[str, ...]
    rows: str

    @property
    def name(self) -> str:
        return f"{self.schema}.{self.table}"

    def counts(self) -> str:
        """Return SQL that counts the rows of opted-out customers. One row with COLUMNS per day."""
        is_marketing = [f"coalesce(outward.{column} NOT IN (SELECT line FROM lines), false)" for column in self.columns]
        return f"""
            WITH lines AS (SELECT line FROM ({NO_MARKETING}) WHERE line IS NOT NULL)
            SELECT
                outward.as_of, '{self.table}' AS table_name, count(*) AS rows_opted_out,
                count(*) FILTER ({" OR ".join(is_marketing) or "true"}) AS rows_marketing
            FROM {self.name} AS outward
            JOIN {CUSTOMERS[self.key]}
            JOIN intermediate.int_opt_outs__by_customer_as_of AS opt_outs
                ON outward.as_of = opt_outs.as_of AND keys.customer_key = opt_outs.customer_key
            WHERE {self.rows}
            GROUP BY outward.as_of
        """


def outward_tables() -> list[Outward]:
    """Return the outward tables by name. Raises KeyError if a published model does not declare `outward`."""
    models = sorted(manifest_models(), key=lambda model: model["name"])
    return [_outward(model) for model in models if _declared(model)]


def count_marketing(connection: duckdb.DuckDBPyConnection, tables: list[Outward]) -> pd.DataFrame:
    """Return one row per outward table for the published day. The counts of a missing table are null."""
    as_of = connection.execute("SELECT publication_as_of FROM scope.run").fetchall()[0][0]
    built = {
        f"{schema}.{name}"
        for schema, name in connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = current_database()"
        ).fetchall()
    }
    rows: list[tuple[Any, ...]] = []
    for table in tables:
        if table.name in built:
            rows += connection.execute(table.counts()).fetchall() or [(as_of, table.table, 0, 0)]
        else:
            rows.append((as_of, table.table, None, None))
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.astype({"as_of": "datetime64[us]", "rows_opted_out": "Int64", "rows_marketing": "Int64"})


def marketing_lines(counts: pd.DataFrame) -> list[str]:
    """Return a line per table with marketing to opted-out customers."""
    failing = counts[counts["rows_marketing"].fillna(0) > 0]
    return [
        f"{row.table_name}: {row.rows_marketing} of {row.rows_opted_out} rows of opted-out customers are marketing"
        for row in failing.itertuples()
    ]


def _declared(model: dict[str, Any]) -> Any:
    meta = model["config"]["meta"]
    return meta["outward"] if model["schema"] == SCHEMA else meta.get("outward")


def _outward(model: dict[str, Any]) -> Outward:
    declared = _declared(model)
    return Outward(
        schema=model["schema"],
        table=model["name"],
        key=next(key for key in CUSTOMERS if key in model["columns"]),
        columns=tuple(declared["columns"]),
        rows=declared.get("rows", "true"),
    )
