"""The sensor that takes complete files from the drop folder and requests a run for them."""

import json

import dagster as dg

from pipelines.errors import TierhouseError, plain_error
from pipelines.home.demo_end import demo_ends_before
from pipelines.home.settings import load_settings
from pipelines.ingest.drop.batches import dropped_batches
from pipelines.ingest.drop.take import take_dropped
from pipelines.ingest.errors import IngestError
from pipelines.orchestration.jobs import daily_grading

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
    except (OSError, ValueError, TierhouseError) as error:
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
    if last := demo_ends_before(settings, today):
        context.log.warning(
            f"{names}: the demo's files end on {last}, what came now is known from {today} on and graded then: "
            "customers of the demo look silent; map a source of your own in another home"
        )
    request = dg.RunRequest(run_key=names, partition_key=str(today), tags={"tierhouse/dropped": names})
    return dg.SensorResult(run_requests=[request], cursor=json.dumps(cursor))
