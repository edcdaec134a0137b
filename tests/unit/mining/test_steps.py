"""The steps on an almost empty warehouse: typed empty tables and a reason, never an exception."""

from __future__ import annotations

from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest

from pipelines.home.settings import DBT_PROJECT
from pipelines.mining.matching.step import match_listings
from pipelines.mining.read import CUSTOMERS, PATTERNS, read
from pipelines.mining.steps import forecast_demand, mine_rules
from pipelines.mining.tables import TABLES, write_table

DAY = date(2026, 6, 30)
MARTS = {
    "customer_features": "as_of DATE, customer_key VARCHAR, first_channel VARCHAR, demand_type VARCHAR, "
    "purpose VARCHAR, is_dormancy_available BOOLEAN, days_since_customer_event INTEGER, "
    "days_since_first_known INTEGER, customer_events_90d INTEGER, customer_events_total INTEGER, "
    "viewings_total INTEGER, subscriptions_total INTEGER, budget_max_wan DOUBLE",
    "customer_rfm__by_as_of": "as_of DATE, customer_key VARCHAR, frequency INTEGER, monetary_total DECIMAL(18, 4)",
    "customer_lifecycle": "as_of DATE, customer_key VARCHAR, lifecycle_stage VARCHAR",
    "customer_demand": "as_of DATE, customer_key VARCHAR, demand_type VARCHAR, project VARCHAR, district VARCHAR, "
    "layout VARCHAR, area_min DOUBLE, area_max DOUBLE, budget_min DOUBLE, budget_max DOUBLE, is_open_lead BOOLEAN, "
    "last_known_on DATE, asked_project VARCHAR, asked_district VARCHAR, asked_layout VARCHAR",
    "listings": "as_of DATE, property_key VARCHAR, project VARCHAR, district VARCHAR, layout VARCHAR, "
    "market_use VARCHAR, area DOUBLE, list_price DOUBLE, listed_on DATE, delisted_on DATE, is_on_market BOOLEAN",
    "listing_viewings": "as_of DATE, customer_key VARCHAR, property_key VARCHAR, viewed_on DATE, viewings INTEGER",
    "lead_arrivals": "as_of DATE, channel VARCHAR, arrived_month DATE, leads INTEGER",
}

OPT_OUTS = "int_opt_outs__by_customer_as_of"


@pytest.fixture
def warehouse():
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA core; CREATE SCHEMA rules")
        for name, columns in MARTS.items():
            connection.execute(f"CREATE TABLE core.{name} ({columns})")
        connection.execute("CREATE SCHEMA intermediate")
        connection.execute(f"CREATE TABLE intermediate.{OPT_OUTS} (as_of DATE, customer_key VARCHAR, heeded_on DATE)")
        connection.execute(
            f"CREATE TABLE rules.match_weights AS FROM read_csv('{DBT_PROJECT / 'seeds/rules/match_weights.csv'}')"
        )
        yield connection


@pytest.mark.parametrize(
    ("step", "table", "report", "reason"),
    [
        (mine_rules, "demand_rules", "rule_report", "0 customers, 200 are needed"),
        (forecast_demand, "demand_forecast", "forecast_report", "0 whole months of leads, 18 are needed"),
        (match_listings, "listing_matches", "match_report", "no listing is known to be on the market"),
    ],
)
def test_an_empty_warehouse_gives_an_empty_table_and_a_reason(warehouse, step, table, report, reason):
    assert step(warehouse, DAY) == reason
    assert warehouse.execute(f"SELECT count(*) FROM mining.{table}").fetchone() == (0,)
    assert warehouse.execute(f"SELECT metric, value, note FROM mining.{report}").fetchall() == [
        ("available", 0.0, reason)
    ]


def test_no_open_customer_and_thin_channels_are_reasons(warehouse):
    warehouse.execute(
        "INSERT INTO core.listings BY NAME SELECT DATE '2026-06-30' AS as_of, 'crm:h' AS property_key, "
        "DATE '2026-01-01' AS listed_on, true AS is_on_market"
    )
    assert match_listings(warehouse, DAY) == "no customer is open and agrees to marketing"
    warehouse.execute(
        "INSERT INTO core.lead_arrivals SELECT DATE '2026-06-30', 'online', "
        "DATE '2024-01-01' + to_months(i::INTEGER), 2 FROM range(30) AS t(i)"
    )
    assert forecast_demand(warehouse, DAY) == "every channel has too few leads a month"


def test_a_customer_who_has_opted_out_gets_no_listing(warehouse):
    warehouse.execute(
        "INSERT INTO core.listings BY NAME SELECT DATE '2026-06-30' AS as_of, 'crm:h' AS property_key, "
        "'p' AS project, 'sale' AS market_use, DATE '2026-01-01' AS listed_on, true AS is_on_market"
    )
    warehouse.execute(
        "INSERT INTO core.customer_demand BY NAME SELECT DATE '2026-06-30' AS as_of, "
        "unnest(['a', 'b']) AS customer_key, 'buy' AS demand_type, 'p' AS asked_project, true AS is_open_lead, "
        "DATE '2026-01-01' AS last_known_on"
    )
    warehouse.execute(f"INSERT INTO intermediate.{OPT_OUTS} VALUES ('2026-06-30', 'a', '2026-06-01')")
    assert match_listings(warehouse, DAY) is None
    assert warehouse.execute("SELECT customer_key FROM mining.listing_matches").fetchall() == [("b",)]


def test_customers_without_deal_demand_or_contact_are_read(warehouse):
    warehouse.execute(
        "INSERT INTO core.customer_features BY NAME SELECT DATE '2026-06-30' AS as_of, 'crm:1' AS customer_key, "
        "false AS is_dormancy_available UNION ALL BY NAME SELECT DATE '2026-06-29' AS as_of, 'crm:2' AS customer_key"
    )
    customers = read(warehouse, CUSTOMERS, DAY)
    assert customers["customer_key"].tolist() == ["crm:1"]
    assert customers.loc[0, ["frequency", "monetary_total"]].tolist() == [0, 0]


def test_budget_tiers_are_thirds_among_those_who_want_the_same(warehouse):
    wishes = [("rent", 1), ("rent", 2), ("rent", 3), ("buy", 300), (None, 400), ("buy", 500), ("buy", None)]
    for number, (demand_type, budget) in enumerate(wishes):
        warehouse.execute(
            "INSERT INTO core.customer_features BY NAME SELECT $day AS as_of, $key AS customer_key, "
            "$demand_type AS demand_type, $budget AS budget_max_wan",
            {"day": DAY, "key": f"c{number}", "demand_type": demand_type, "budget": budget},
        )
    tiers = read(warehouse, PATTERNS, DAY)
    assert tiers.value_counts(["demand_type", "budget_tier"], dropna=False).to_dict() == {
        ("rent", "low"): 1, ("rent", "middle"): 1, ("rent", "high"): 1,
        ("buy", "low"): 1, (np.nan, "middle"): 1, ("buy", "high"): 1, ("buy", np.nan): 1,
    }  # fmt: skip


def test_every_table_is_typed_even_when_empty(warehouse):
    for name, columns in TABLES.items():
        write_table(warehouse, name, pd.DataFrame())
        described = warehouse.execute(f"DESCRIBE mining.{name}").fetchall()
        assert {row[0]: row[1] for row in described} == dict(columns)
