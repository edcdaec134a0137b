"""The job `retention`, and its schedule: before the daily run, so that the run grades without the erased persons."""

import dagster as dg

from pipelines.errors import full_error
from pipelines.home.settings import load_settings
from pipelines.orchestration.failures import failure
from pipelines.orchestration.resources import Home


@dg.op(description="Erase persons without activity, and old quarantined lines, as `retention.csv` of the home says.")
def apply_retention_periods(context: dg.OpExecutionContext, home: Home) -> None:
    from pipelines.privacy.retention import apply_periods, find_due, read_periods

    settings = home.settings
    try:
        due = find_due(settings, read_periods(settings))
        counts = apply_periods(settings, due, context.log.info)
    except Exception as error:
        raise failure(full_error(error)) from None
    context.add_output_metadata({"persons": len(due.persons), "batches": len(due.quarantine), "removed": counts})


@dg.job(description="Remove what has reached the end of its retention period.", tags={"dagster/max_runtime": 4 * 3600})
def retention() -> None:
    apply_retention_periods()


@dg.schedule(
    job=retention,
    cron_schedule="0 1 * * 0",
    execution_timezone=load_settings().timezone,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def weekly_retention(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """On Sundays at 01:00 business time, an hour before the daily run."""
    settings = load_settings()
    if not settings.retention.exists():
        return dg.SkipReason(f"{settings.retention} does not exist: everything is kept")
    return dg.RunRequest(run_key=f"retention {context.scheduled_execution_time:%Y-%m-%d}")
