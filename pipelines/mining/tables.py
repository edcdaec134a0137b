"""The tables of the schema `mining`: their columns, and the function that writes them.

Each table has the published day; `persona_centres` has all days of the run.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pandas as pd

REPORT = {
    "as_of": "DATE",
    "topic": "VARCHAR",
    "subject": "VARCHAR",
    "metric": "VARCHAR",
    "value": "DOUBLE",
    "low": "DOUBLE",
    "high": "DOUBLE",
    "bar": "DOUBLE",
    "passed": "BOOLEAN",
    "note": "VARCHAR",
}
TABLES: Mapping[str, Mapping[str, str]] = {
    "customer_segments": {
        "as_of": "DATE",
        "customer_key": "VARCHAR",
        "persona_id": "INTEGER",
        "label_en": "VARCHAR",
        "label_zh": "VARCHAR",
        "distance": "DOUBLE",
        "is_outlier": "BOOLEAN",
    },
    "segment_profiles": {
        "as_of": "DATE",
        "persona_id": "INTEGER",
        "label_en": "VARCHAR",
        "label_zh": "VARCHAR",
        "customers": "BIGINT",
        "share": "DOUBLE",
        "measure": "VARCHAR",
        "value": "DOUBLE",
        "overall": "DOUBLE",
        "words_en": "VARCHAR",
        "words_zh": "VARCHAR",
        "fitted_on": "DATE",
    },
    "demand_rules": {
        "as_of": "DATE",
        "antecedent": "VARCHAR",
        "consequent": "VARCHAR",
        "support": "DOUBLE",
        "confidence": "DOUBLE",
        "lift": "DOUBLE",
        "p_value": "DOUBLE",
        "n": "BIGINT",
        "customers": "BIGINT",
        "antecedent_en": "VARCHAR",
        "antecedent_zh": "VARCHAR",
        "consequent_en": "VARCHAR",
        "consequent_zh": "VARCHAR",
        "rule_en": "VARCHAR",
        "rule_zh": "VARCHAR",
    },
    "demand_forecast": {
        "as_of": "DATE",
        "channel": "VARCHAR",
        "month": "DATE",
        "point": "DOUBLE",
        "low": "DOUBLE",
        "high": "DOUBLE",
        "method": "VARCHAR",
        "beats_naive": "BOOLEAN",
        "model_error": "DOUBLE",
        "naive_error": "DOUBLE",
        "error_ratio": "DOUBLE",
        "coverage": "DOUBLE",
        "months": "BIGINT",
    },
    "demand_back_test": {
        "as_of": "DATE",
        "channel": "VARCHAR",
        "origin": "DATE",
        "month": "DATE",
        "method": "VARCHAR",
        "actual": "DOUBLE",
        "point": "DOUBLE",
        "low": "DOUBLE",
        "high": "DOUBLE",
    },
    "listing_matches": {
        "as_of": "DATE",
        "customer_key": "VARCHAR",
        "rank": "INTEGER",
        "property_key": "VARCHAR",
        "score": "DOUBLE",
        "why_en": "VARCHAR",
        "why_zh": "VARCHAR",
    },
    "persona_centres": {
        "as_of": "DATE",
        "persona_id": "INTEGER",
        "feature": "VARCHAR",
        "centre": "DOUBLE",
        "low": "DOUBLE",
        "high": "DOUBLE",
        "mean": "DOUBLE",
        "sd": "DOUBLE",
        "fitted_on": "DATE",
        "highest_id": "INTEGER",
        "label_en": "VARCHAR",
        "label_zh": "VARCHAR",
        "evidence": "VARCHAR",
    },
    "persona_report": REPORT,
    "rule_report": REPORT,
    "forecast_report": REPORT,
    "match_report": REPORT,
}


def write_table(connection: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    """Replace `mining.<name>` by the columns of TABLES of the frame. An empty frame needs no columns."""
    columns = list(TABLES[name])
    connection.register("incoming", (frame if len(frame) else pd.DataFrame(columns=columns, dtype=object))[columns])
    write_query(connection, name, "SELECT * FROM incoming")
    connection.unregister("incoming")


def append_rows(connection: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    """Append the columns of TABLES of the frame to `mining.<name>`."""
    connection.register("incoming", frame[list(TABLES[name])])
    connection.execute(f"INSERT INTO mining.{name} BY NAME SELECT {_casts(name)} FROM incoming")
    connection.unregister("incoming")


def write_query(connection: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    """Replace `mining.<name>` by the columns of TABLES of a query."""
    connection.execute("CREATE SCHEMA IF NOT EXISTS mining")
    connection.execute(f"CREATE OR REPLACE TABLE mining.{name} AS SELECT {_casts(name)} FROM ({query})")


def _casts(name: str) -> str:
    return ", ".join(f"{column}::{kind} AS {column}" for column, kind in TABLES[name].items())


def availability(topic: str, reason: str | None) -> pd.DataFrame:
    """Return the row of a report that says whether a step had enough data, and if not, why."""
    row = {"topic": topic, "subject": "all", "metric": "available", "value": 0.0 if reason else 1.0, "note": reason}
    return pd.DataFrame([row], columns=[name for name in REPORT if name != "as_of"])
