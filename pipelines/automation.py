"""Jobs and when they run. A job selects assets; the gates of the selected assets are always in it."""

import json
from datetime import timedelta

import dagster as dg

from pipelines.demo.home import ends_before
from pipelines.errors import plain_error
from pipelines.ingest.drop import take_dropped
from pipelines.ingest.drop_batches import dropped_batches
from pipelines.ingest.errors import IngestError
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
def daily_at_two(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """At 02:00 business time, grade the day that has just ended."""
    return _request(context)


@dg.schedule(
    job=train,
    cron_schedule="0 4 * * 1",
    execution_timezone=load_settings().timezone,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def weekly_training(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """On Mondays at 04:00 business time, when the daily run is done: train through the day that has ended."""
    return _request(context, "train ")


def _request(context: dg.ScheduleEvaluationContext, key: str = "") -> dg.RunRequest | dg.SkipReason:
    """A run for the day that has just ended. A demo is not graded beyond its files: everybody would be silent."""
    settings = load_settings()
    day = context.scheduled_execution_time.astimezone(settings.zone).date() - timedelta(days=1)
    if last := ends_before(settings, day):
        return dg.SkipReason(f"the demo's files end on {last}: a source of your own is graded every night")
    return dg.RunRequest(run_key=f"{key}{day}", partition_key=str(day))


DROP_SECONDS = 30
"""Between two looks at the drop folder: a file that did not change for so long is complete."""


@dg.sensor(
    job=daily_grading,
    minimum_interval_seconds=DROP_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Takes complete files from the home's drop/<source>/ and grades today with them, in one run.",
)
def drop_folder(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """One run for all that came complete since the last look. It grades today: what came now is known from now on.

    The cursor holds the files that were seen, and up to which batch runs are requested.
    """
    settings = load_settings()
    before = json.loads(context.cursor) if context.cursor else {"requested": 0, "states": {}}
    try:
        tick = take_dropped(settings, {name: tuple(state) for name, state in before["states"].items()})
    except (OSError, ValueError) as error:
        raise IngestError(f"the drop folder cannot be looked at: {plain_error(error)}") from None
    new = [batch for batch in dropped_batches(settings) if batch.moved and batch.seq > before["requested"]]
    for folder in tick.aside:
        context.log.warning(f"not taken: {folder}, which says why in report.txt")
    for problem in tick.problems if new else ():
        context.log.warning(problem)
    cursor = {"requested": new[-1].seq if new else before["requested"], "states": dict(tick.states)}
    if not new:
        return dg.SensorResult(
            skip_reason="; ".join([*tick.problems, *tick.waiting]) or f"nothing new in {settings.drop}",
            cursor=json.dumps(cursor),
        )
    names = ", ".join(batch.batch for batch in new)
    today = settings.now().date()
    if last := ends_before(settings, today):
        context.log.warning(
            f"{names}: the demo's files end on {last}, what came now is known from {today} on and graded then: "
            "customers of the demo look silent; map a source of your own in another home"
        )
    request = dg.RunRequest(run_key=names, partition_key=str(today), tags={"tierhouse/dropped": names})
    return dg.SensorResult(run_requests=[request], cursor=json.dumps(cursor))
