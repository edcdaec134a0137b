"""Progress lines of a run: steps, and the log messages of steps and resources."""

from io import StringIO

import dagster as dg

from pipelines.orchestration.progress import PROGRESS, progress_logger


class Door(dg.ConfigurableResource):
    """Opened once for all steps of a run: what it says belongs to none of them."""

    def setup_for_execution(self, context):
        context.log.info("waiting at the door")


@dg.asset(required_resource_keys={"door"})
def hall(context):
    context.log.info("inside")
    context.log.debug("whispered")


@dg.asset(deps=[hall], required_resource_keys={"door"})
def room(context):
    context.log.info("further inside")


def test_lines_of_steps_and_resources_are_shown_and_those_of_the_engine_are_not(monkeypatch):
    output = StringIO()
    monkeypatch.setattr(PROGRESS, "_stream", output)
    job = dg.Definitions(
        assets=[hall, room], resources={"door": Door()}, loggers={"progress": progress_logger}
    ).resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        assert job.execute_in_process(
            instance=instance, run_config={"loggers": {"progress": {}}}, resources={"io_manager": dg.mem_io_manager}
        ).success
    assert [line.split("] ")[1] for line in output.getvalue().splitlines()] == [
        "  waiting at the door",
        "hall",
        "  inside",
        "room",
        "  further inside",
    ]
