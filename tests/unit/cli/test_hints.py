"""Hints after a run: what to map next, currencies without a rate, masked columns."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.cli.hints import map_next, masked_texts, missing_rates
from pipelines.home.settings import Settings

DAY = date(2026, 7, 31)


@pytest.fixture
def landing():
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA landing")
        connection.execute(
            "CREATE TABLE landing.leads (source VARCHAR, created_at TIMESTAMP, known_at TIMESTAMP, "
            "budget_min DOUBLE, budget_max DOUBLE, currency VARCHAR, demand_type VARCHAR, channel VARCHAR)"
        )
        connection.execute(
            "CREATE TABLE landing.interactions (source VARCHAR, occurred_at TIMESTAMP, known_at TIMESTAMP)"
        )
        connection.execute(
            "CREATE TABLE landing.transactions (source VARCHAR, occurred_at TIMESTAMP, known_at TIMESTAMP, "
            "amount DOUBLE, currency VARCHAR)"
        )
        yield connection


def test_empty_columns_are_what_to_map_next(landing):
    columns = "(source, created_at, known_at, channel)"
    landing.execute(f"INSERT INTO landing.leads {columns} SELECT 'crm', now(), now(), 'portal' FROM range(500)")
    landing.execute("INSERT INTO landing.transactions VALUES ('crm', now(), now(), NULL, NULL)")
    assert [line.split(" (")[0] for line in map_next(landing)] == ["budget", "demand type", "contacts"]


def test_a_column_that_is_mostly_masked_is_reported_with_the_way_to_show_it(landing):
    assert masked_texts(landing) == []
    landing.execute("CREATE SCHEMA intermediate")
    landing.execute(
        "CREATE TABLE intermediate.int_masked_texts AS SELECT * FROM (VALUES "
        "('masked_project', 'leads', 50, 50), ('masked_campaign', 'leads', 50, 2), ('masked_lead_id', 'leads', 50, 50))"
        "AS t(rule, entity, rows_checked, rows_failed)"
    )
    (line,) = masked_texts(landing)
    assert line.startswith("leads.project: 50 of 50 texts are masked")
    assert "published_texts.csv" in line


def test_a_currency_without_a_rate_is_reported_with_the_file_of_rates(landing):
    landing.execute("CREATE SCHEMA intermediate")
    landing.execute(
        "CREATE TABLE intermediate.int_fx_rates AS SELECT * FROM "
        "(VALUES ('CNY', DATE '1900-01-01'), ('USD', DATE '2020-01-01')) AS rates (currency, valid_from)"
    )
    landing.execute(
        "INSERT INTO landing.transactions BY NAME SELECT TIMESTAMP '2026-07-01' AS known_at, * FROM (VALUES "
        "('AED', 5, TIMESTAMP '2026-06-01'), ('AED', 6, TIMESTAMP '2026-06-01'), ('CNY', 7, TIMESTAMP '2026-06-01'), "
        "('USD', 8, TIMESTAMP '2019-06-01'), ('USD', 8, TIMESTAMP '2021-06-01')) "
        "AS steps (currency, amount, occurred_at)"
    )
    landing.execute(
        "INSERT INTO landing.leads BY NAME SELECT 'TWD' AS currency, 9 AS budget_max, "
        "TIMESTAMP '2026-06-01' AS created_at, TIMESTAMP '2026-06-01' AS known_at"
    )
    settings = Settings(home=Path("/home"))
    until = "these amounts are in no sum until /home/fx_rates.csv has one"
    assert missing_rates(landing, settings, DAY) == [
        f"AED: no rate (deals, rows: 2): {until}",
        f"USD: no rate (deals, rows: 1): {until}",
        f"TWD: no rate (budgets, rows: 1): {until}",
    ]
    assert missing_rates(landing, settings, date(2026, 6, 15)) == [f"TWD: no rate (budgets, rows: 1): {until}"]
