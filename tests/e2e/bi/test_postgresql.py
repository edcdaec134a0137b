"""Every dataset, metric and condition of a chart is SQL that a real PostgreSQL runs too."""

from __future__ import annotations

import psycopg
import pytest

from bi.superset.charts import PAGES, read_page
from bi.superset.datasets import contracts, datasets
from bi.superset.text import LANGUAGES, in_language
from tests.postgres import NoServer, running_server


def test_every_query_of_a_chart_runs_on_postgresql() -> None:
    try:
        with running_server() as server, psycopg.connect(server.url(), autocommit=True) as connection:
            empty_tables(connection)
            for language in LANGUAGES:
                for dataset in datasets().values():
                    metrics = ", ".join(
                        metric.export("", language)["expression"] for metric in dataset.metrics.values()
                    )
                    connection.execute(f"SELECT {metrics} FROM ({dataset.sql(language)}) AS dataset".encode())
                for chart in (chart for name in PAGES for chart in read_page(name).charts):
                    condition = in_language(chart.spec.get("where", "true"), language)
                    query = f"SELECT * FROM ({chart.dataset.sql(language)}) AS dataset WHERE {condition}"
                    connection.execute(query.encode())
    except NoServer as error:
        pytest.skip(f"no PostgreSQL server runs here: {error}")


POSTGRESQL = {"double": "double precision", "string": "text"}
"""Types of the contracts that PostgreSQL names in another way."""


def empty_tables(connection: psycopg.Connection) -> None:
    """Every published table as its contract says, without rows."""
    for table, columns in contracts().items():
        kinds = {name: POSTGRESQL.get(column["data_type"], column["data_type"]) for name, column in columns.items()}
        listed = ", ".join(f'"{name}" {kind}' for name, kind in kinds.items())
        connection.execute(f'CREATE TABLE "{table}" ({listed})'.encode())
