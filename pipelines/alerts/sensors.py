"""Dagster sensors that evaluate the alerts: after each run, and every minute for what no run reports."""

import dagster as dg

from pipelines.alerts.evaluate import check_and_send
from pipelines.errors import full_error
from pipelines.home.settings import load_settings
from pipelines.orchestration.causes import causes_of_run

MINUTE = 60
STATUS = dg.DefaultSensorStatus.RUNNING if load_settings().alert_addresses else dg.DefaultSensorStatus.STOPPED
"""Without channels the sensors have nothing to do."""


class AlertsFailed(Exception):
    """An evaluation failed. Dagster stores the text, so it has no message of a library."""


@dg.sensor(
    minimum_interval_seconds=MINUTE,
    default_status=STATUS,
    description="Every minute: sends alerts about a late publication, silent sources, urgent customers, drift and dead "
    "runs, and sends again what a channel has not received.",
)
def alerts(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    problems = _evaluate(context.instance)
    return dg.SkipReason("; ".join(problems) or "every channel has received all alerts")


@dg.run_failure_sensor(
    minimum_interval_seconds=MINUTE // 2, default_status=STATUS, description="Sends an alert when a run has failed."
)
def failed_run(context: dg.RunFailureSensorContext) -> None:
    _evaluate(context.instance)


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    minimum_interval_seconds=MINUTE // 2,
    default_status=STATUS,
    description="Sends the news of a publication, and that a failed job has recovered.",
)
def finished_run(context: dg.RunStatusSensorContext) -> None:
    _evaluate(context.instance)


def _evaluate(instance: dg.DagsterInstance) -> list[str]:
    problems: list[str] = []
    try:
        check_and_send(load_settings(), causes_of_run(instance), problems.append)
    except Exception as error:
        raise AlertsFailed(full_error(error)) from None
    return problems
