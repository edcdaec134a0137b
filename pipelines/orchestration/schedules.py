"""Schedules: the daily grading and the weekly training."""

from datetime import timedelta

import dagster as dg

from pipelines.home.days import demo_ends_before
from pipelines.home.settings import load_settings
from pipelines.orchestration.jobs import daily_grading, train


@dg.schedule(
    job=daily_grading,
    cron_schedule="0 2 * * *",
    execution_timezone=load_settings().timezone,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def daily_at_two(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """At 02:00 business time, grade the day that has ended."""
    return _request(context)


@dg.schedule(
    job=train,
    cron_schedule="0 4 * * 1",
    execution_timezone=load_settings().timezone,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def weekly_training(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """On Mondays at 04:00 business time, after the daily run: train through the day that has ended."""
    return _request(context, "train ")


def _request(context: dg.ScheduleEvaluationContext, key: str = "") -> dg.RunRequest | dg.SkipReason:
    """Request a run for the day that has ended. Skips days after the end of a demo: all customers would look silent."""
    settings = load_settings()
    day = context.scheduled_execution_time.astimezone(settings.zone).date() - timedelta(days=1)
    if last := demo_ends_before(settings, day):
        return dg.SkipReason(f"the demo's files end on {last}; schedules grade homes with other sources")
    return dg.RunRequest(run_key=f"{key}{day}", partition_key=str(day))
