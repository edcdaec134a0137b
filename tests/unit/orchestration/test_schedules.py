"""Schedules grade the day that has ended, and skip days after the end of a demo."""

from datetime import UTC, datetime

import dagster as dg

from pipelines.orchestration.schedules import daily_at_two, weekly_training


def test_schedules_skip_days_after_the_end_of_a_demo(tmp_path, monkeypatch):
    monkeypatch.setenv("TIERHOUSE_HOME", str(tmp_path))
    for folder in ("demo", "sources"):
        (tmp_path / folder).mkdir()
    (tmp_path / "sources" / "demo.yml").touch()
    (tmp_path / "demo" / ".last_day").write_text("2026-06-30")

    def evaluate(schedule, day):
        context = dg.build_schedule_context(scheduled_execution_time=datetime(*day, 4, tzinfo=UTC))
        return schedule(context)

    assert evaluate(daily_at_two, (2026, 7, 1)).partition_key == "2026-06-30"
    for schedule in (daily_at_two, weekly_training):
        assert "end on 2026-06-30" in evaluate(schedule, (2026, 11, 30)).skip_message
    (tmp_path / "sources" / "crm.yml").touch()
    assert evaluate(daily_at_two, (2026, 11, 30)).partition_key == "2026-11-29"
