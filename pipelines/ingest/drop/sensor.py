"""The sensor that takes complete files from the drop folder and requests a run for them."""

import json

import dagster as dg

from pipelines.errors import full_error
from pipelines.home.days import demo_ends_before
from pipelines.home.settings import load_settings
from pipelines.ingest.drop.batches import dropped_batches
from pipelines.ingest.drop.take import take_dropped
from pipelines.ingest.errors import IngestError
from pipelines.orchestration.jobs import daily_grading

DROP_SECONDS = 30
"""Time between two scans of the drop folder. A file that did not change in this time is complete."""


@dg.sensor(
    job=daily_grading,
    minimum_interval_seconds=DROP_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Takes complete files from the home's drop/<source>/ and grades today with them, in one run.",
)
def drop_folder(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Request one run for all files that became complete since the last evaluation.

    The run grades today, because the rows are known from today on. The cursor contains the states of the files and the
    number of the last batch with a requested run.
    """
    settings = load_settings()
    before = json.loads(context.cursor) if context.cursor else {"requested": 0, "states": {}}
    try:
        tick = take_dropped(settings, {name: tuple(state) for name, state in before["states"].items()})
        new = [batch for batch in dropped_batches(settings) if batch.moved and batch.seq > before["requested"]]
    except Exception as error:  # Dagster stores the message of any error, and a library's message can quote a cell
        raise IngestError(f"cannot read the drop folder: {full_error(error)}") from None
    for folder in tick.aside:
        context.log.warning(f"rejected: {folder}; the reason is in report.txt")
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
    if last := demo_ends_before(settings, today):
        context.log.warning(
            f"{names}: the demo's files end on {last}; the new rows are known from {today} on, and that day is graded. "
            "All customers of the demo look silent on it: map your own source in another home"
        )
    request = dg.RunRequest(run_key=names, partition_key=str(today), tags={"tierhouse/dropped": names})
    return dg.SensorResult(run_requests=[request], cursor=json.dumps(cursor))
