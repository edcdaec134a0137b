"""The asset of the report. It comes after the publication, which neither waits for the report nor fails with it."""

from typing import Any

import dagster as dg

from pipelines.orchestration.failures import errors_as_failures
from pipelines.orchestration.metadata import OWNERS, picture
from pipelines.orchestration.partitions import AS_OF, ONE_RUN, as_of_dates
from pipelines.orchestration.resources import Home
from pipelines.report.build import build_report, first_chart, version_to_report


@dg.asset(
    group_name="live",
    deps=["published_version"],
    partitions_def=AS_OF,
    backfill_policy=ONE_RUN,
    owners=OWNERS,
    kinds={"python", "html"},
    output_required=False,
)
def report(context: dg.AssetExecutionContext, home: Home) -> Any:
    """The report of the version that the run publishes: `report.html`, and a page per agent with the work list.

    Skipped if TIERHOUSE_REPORT is `no`.
    """
    settings = home.settings
    if not settings.report:
        context.log.info("no report: TIERHOUSE_REPORT is no")
        return
    with errors_as_failures(context):
        version_id = version_to_report(settings.published, as_of_dates(context)[-1])
        page = build_report(settings, version_id)
        chart = first_chart(page.parent)
        metadata: dict[str, Any] = {
            "path": dg.MetadataValue.path(str(page)),
            "version": version_id,
            "bytes": page.stat().st_size,
            "pages of agents": len(list((page.parent / "report" / "agents").glob("*.html"))),
        }
        if chart:
            metadata["first chart"] = picture(chart)
    yield dg.MaterializeResult(metadata=metadata)
