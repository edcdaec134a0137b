"""Silent sources and what to map next, and the schedules of a demo."""

from datetime import UTC, date, datetime

import dagster as dg
import duckdb
import pytest

from pipelines.hints import map_next, silent_sources
from pipelines.settings import Settings

DAY = date(2026, 7, 31)


@pytest.fixture
def landing():
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA landing")
        connection.execute(
            "CREATE TABLE landing.leads (source VARCHAR, created_at TIMESTAMP, known_at TIMESTAMP, "
            "budget_max DOUBLE, demand_type VARCHAR, channel VARCHAR)"
        )
        connection.execute(
            "CREATE TABLE landing.interactions (source VARCHAR, occurred_at TIMESTAMP, known_at TIMESTAMP)"
        )
        connection.execute("CREATE TABLE landing.transactions (source VARCHAR)")
        yield connection


def test_a_source_that_went_silent_is_named_with_its_last_business_day(landing):
    landing.execute(
        "INSERT INTO landing.interactions VALUES ('crm', '2026-06-30 17:00', '2026-06-30 17:00'), "  # 1 July in China
        "('crm', '2026-09-01 00:00', '2026-07-01 00:00'), ('calls', '2026-07-20 00:00', '2026-07-20 00:00')"
    )
    said = silent_sources(landing, Settings(home="/none"), DAY)
    assert said == ["crm: no interaction known after 2026-07-01: has the source stopped?"]


def test_what_is_empty_is_what_to_map_next_and_what_is_filled_is_not(landing):
    landing.execute("INSERT INTO landing.leads SELECT 'crm', now(), now(), NULL, NULL, 'portal' FROM range(500)")
    landing.execute("INSERT INTO landing.transactions VALUES ('crm')")
    assert [line.split(" (")[0] for line in map_next(landing)] == ["budget", "demand type", "contacts"]


def test_a_demo_is_not_graded_beyond_its_files_and_a_home_with_a_source_of_its_own_is(tmp_path, monkeypatch):
    from pipelines.automation import daily_at_two, weekly_training

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
