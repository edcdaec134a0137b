"""Dagster stores one sentence of a failed step, without values of rows and without the causing error."""

from pathlib import Path

import dagster as dg
import duckdb
import pandas as pd
import pytest

from pipelines.errors import REPORT
from pipelines.gates.asset_check import check_gate
from pipelines.ingest.errors import IngestError
from pipelines.orchestration.failures import errors_as_failures


def _cast() -> None:
    duckdb.execute("SELECT CAST(x AS INT) FROM (SELECT 'Zhang 13800138000' AS x)")


def _convert() -> None:
    pd.Series(["Zhang 13800138000"]).astype(float)


def _look_up() -> None:
    pd.Series({"a": 1})["Zhang 13800138000"]


def _refuse() -> None:
    try:
        _cast()
    except duckdb.Error as error:
        raise IngestError("a.csv, line 7: expected a number, found 11 digits") from error


@pytest.mark.parametrize(
    ("act", "description"),
    [
        (_cast, "unforeseen ConversionException: Conversion Error: Could not convert string (a text)"),
        (_convert, "unforeseen ValueError\n"),
        (_look_up, "unforeseen KeyError\n"),
        (_refuse, "a.csv, line 7: expected a number, found 11 digits"),
    ],
)
def test_a_failed_step_leaves_no_value_in_the_event_log(act, description) -> None:
    @dg.asset
    def broken(context: dg.AssetExecutionContext) -> None:
        with errors_as_failures(context):
            act()

    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([broken], instance=instance, raise_on_error=False)
        stored = "\n".join(map(repr, instance.all_logs(result.run_id)))
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    assert failed.step_failure_data.user_failure_data.description.startswith(description)
    assert "Zhang" not in stored and "13800138000" not in stored


def test_a_bug_shows_its_frames_and_where_to_report_it() -> None:
    @dg.asset
    def broken(context: dg.AssetExecutionContext) -> None:
        with errors_as_failures(context):
            _convert()

    result = dg.materialize([broken], raise_on_error=False)
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    description = failed.step_failure_data.user_failure_data.description
    assert "tests/unit/orchestration/test_failures.py" in description and " in _convert\n" in description
    assert "    pandas/core/" in description and description.endswith(REPORT)


def test_a_system_error_is_tried_three_times_and_then_reported() -> None:
    tries = []

    @dg.asset
    def broken(context: dg.AssetExecutionContext) -> None:
        with errors_as_failures(context):
            tries.append(1)
            raise FileNotFoundError(2, "No such file or directory", "/srv/a.csv")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("pipelines.orchestration.failures.FIRST_WAIT_SECONDS", 0)
        result = dg.materialize([broken], raise_on_error=False)
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    assert failed.step_failure_data.user_failure_data.description == "/srv/a.csv: No such file or directory, 3 times"
    assert len(tries) == 3


def test_a_gate_that_raises_stores_no_value(monkeypatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("Zhang 13800138000")

    monkeypatch.setattr("pipelines.gates.asset_check.run_gate", broken)

    @dg.asset
    def judged(context: dg.AssetExecutionContext) -> None:
        check_gate(context, "raw", duckdb.connect(), {}, Path("docs"))

    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([judged], instance=instance, raise_on_error=False)
        stored = "\n".join(map(repr, instance.all_logs(result.run_id)))
    assert not result.success
    assert "13800138000" not in stored
