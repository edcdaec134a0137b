"""Why a run failed, as read from the history of an instance: steps, gates, and runs whose process died."""

import dagster as dg
import pytest

from pipelines.orchestration.causes import Cause, causes_of_run


@dg.asset
def sources() -> None:
    raise dg.Failure(description="crm.yml: expected a list, got text", allow_retries=False)


@dg.asset
def landing() -> None:
    raise ValueError("row of +86 138 0013 8000")


@dg.asset
def grades() -> None:
    pass


@dg.asset_check(asset=grades, blocking=True, name="gate_published")
def closed() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=False, description="published.grades: 3 of 40 rows failed (error)")


@pytest.fixture(scope="module")
def instance():
    with dg.DagsterInstance.ephemeral() as opened:
        yield opened


def causes(instance: dg.DagsterInstance, *assets) -> list[Cause]:
    done = dg.materialize(assets, instance=instance, raise_on_error=False)
    return causes_of_run(instance)(done.run_id)


def test_a_failed_step_has_its_description(instance):
    assert causes(instance, sources) == [Cause("sources", "crm.yml: expected a list, got text")]


def test_an_unforeseen_error_is_named_without_its_message(instance):
    (cause,) = causes(instance, landing)
    assert cause.step == "landing" and cause.reason.startswith("unforeseen ValueError\n") and "138" not in cause.reason


def test_a_closed_gate_has_its_name_and_counts(instance):
    defs = dg.Definitions(assets=[grades], asset_checks=[closed])
    done = defs.resolve_implicit_global_asset_job_def().execute_in_process(instance=instance, raise_on_error=False)
    (cause,) = causes_of_run(instance)(done.run_id)
    assert cause == Cause(
        "grades_gate_published", "published.grades: 3 of 40 rows failed (error)", gate="gate_published"
    )


def test_a_run_without_a_failed_step_has_the_reason_of_its_end(instance):
    run = dg.DagsterInstance.create_run_for_job(instance, dg.job(name="quiet")(lambda: None))
    instance.report_run_failed(run, "the process of the run is gone")
    assert causes_of_run(instance)(run.run_id) == [Cause("", "the process of the run is gone")]
