"""The connections of a home as Dagster assets, one per connection file. They run before the sources are staged."""

import dagster as dg

from pipelines.errors import TierhouseError, plain_error
from pipelines.home.settings import Settings
from pipelines.ingest.sources import connection_key
from pipelines.orchestration.failures import errors_as_failures
from pipelines.orchestration.metadata import OWNERS, markdown_table
from pipelines.orchestration.resources import Home


def connection_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Return an asset per connection file of the home. Reads names only, because a file can have faults."""
    return [_asset(file.stem) for file in settings.connection_files]


def _asset(name: str) -> dg.AssetsDefinition:
    @dg.asset(
        key=connection_key(name),
        group_name="sources",
        description=f"Tables of the connection `{name}`: new, changed and deleted rows since the last pull.",
        owners=OWNERS,
        kinds={"dlt", "parquet"},
        check_specs=[
            dg.AssetCheckSpec(
                "pulled",
                asset=connection_key(name),
                description="All tables were pulled. If not, the run grades what earlier pulls have loaded.",
            )
        ],
    )
    def connection(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
        from pipelines.connect.pull import TableReport, pull

        reports: list[TableReport] = []
        problem = None
        with errors_as_failures(context):
            try:
                pull(home.settings, name, reports.append)
            except TierhouseError as error:
                problem = plain_error(error)
                context.log.error(f"not pulled: {problem}")
        for report in reports:
            context.log.info(f"{report.table}: {report.changed:,} new or changed rows, {report.deleted:,} deleted")
            for note in report.notes:
                context.log.warning(f"{report.table}: {note}")
        rows = [(report.table, report.changed, report.deleted) for report in reports]
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": sum(report.changed + report.deleted for report in reports),
                "tables": markdown_table(["table", "new or changed", "deleted"], rows),
            },
            check_results=[
                dg.AssetCheckResult(
                    check_name="pulled",
                    passed=problem is None,
                    severity=dg.AssetCheckSeverity.WARN,
                    description=problem,
                )
            ],
        )

    return connection
