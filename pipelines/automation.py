"""Jobs and when they run. A job selects assets; the gates of the selected assets are always in it."""

from datetime import timedelta

import dagster as dg

from pipelines.settings import load_settings

TRAINING = dg.AssetSelection.groups("training")
GRADING = dg.AssetSelection.all() - TRAINING
HOUR = 60 * 60

daily_grading = dg.define_asset_job(
    "daily_grading",
    selection=GRADING,
    description="All that a day needs: ingest, customers, features, scores, grades, publication, and every gate.",
    tags={"dagster/max_runtime": 4 * HOUR},
)

train = dg.define_asset_job(
    "train",
    selection=dg.AssetSelection.groups("ingest") | TRAINING,
    description="Learn from the month-ends before the day, judge on later ones, promote what beats the champion.",
    tags={"dagster/max_runtime": 4 * HOUR},
)

backfill = dg.define_asset_job(
    "backfill",
    selection=GRADING,
    description="Grade a range of past days in one run, in order of days. Fills the ledger, leaves what is live alone.",
    tags={"dagster/max_runtime": 12 * HOUR},
)


@dg.schedule(
    job=daily_grading,
    cron_schedule="0 2 * * *",
    execution_timezone=load_settings().timezone,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def daily_at_two(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """At 02:00 business time, grade the day that has just ended."""
    day = context.scheduled_execution_time.astimezone(load_settings().zone).date() - timedelta(days=1)
    return dg.RunRequest(run_key=str(day), partition_key=str(day))


@dg.schedule(
    job=train,
    cron_schedule="0 4 * * 1",
    execution_timezone=load_settings().timezone,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def weekly_training(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """On Mondays at 04:00 business time, when the daily run is done: train through the day that has ended."""
    day = context.scheduled_execution_time.astimezone(load_settings().zone).date() - timedelta(days=1)
    return dg.RunRequest(run_key=f"train {day}", partition_key=str(day))
