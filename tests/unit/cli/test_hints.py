"""What to map next, and the schedules of a demo."""

from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
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


def test_what_is_empty_is_what_to_map_next_and_what_is_filled_is_not(landing):
    columns = "(source, created_at, known_at, channel)"
    landing.execute(f"INSERT INTO landing.leads {columns} SELECT 'crm', now(), now(), 'portal' FROM range(500)")
    landing.execute("INSERT INTO landing.transactions VALUES ('crm', now(), now(), NULL, NULL)")
    assert [line.split(" (")[0] for line in map_next(landing)] == ["budget", "demand type", "contacts"]


def test_a_column_that_is_mostly_masked_is_told_and_how_to_show_it(landing):
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


def test_a_demo_is_not_graded_beyond_its_files_and_a_home_with_a_source_of_its_own_is(tmp_path, monkeypatch):
    from pipelines.orchestration.schedules import daily_at_two, weekly_training

    monkeypatch.setenv("TIERHOUSE_HOME", str(tmp_path))
    for folder in ("demo", "sources"):
        (tmp_path / folder).mkdir()
    (tmp_path / "sources" / "demo.yml").touch()
    (tmp_path / "demo" / ".last_day").write_text("2026-06-30")

    def asked(schedule, day):
        context = dg.build_schedule_context(scheduled_execution_time=datetime(*day, 4, tzinfo=UTC))
        return schedule(context)

    assert asked(daily_at_two, (2026, 7, 1)).partition_key == "2026-06-30"
    for schedule in (daily_at_two, weekly_training):
        assert "end on 2026-06-30" in asked(schedule, (2026, 11, 30)).skip_message
    (tmp_path / "sources" / "crm.yml").touch()
    assert asked(daily_at_two, (2026, 11, 30)).partition_key == "2026-11-29"


def test_a_currency_without_a_rate_is_named_with_the_file_that_wants_one(landing):
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
