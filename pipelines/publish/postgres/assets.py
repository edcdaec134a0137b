"""The asset `postgres_publication`. It exists only if TIERHOUSE_POSTGRES_URL is set."""

import dagster as dg

from pipelines.home.settings import Settings
from pipelines.orchestration.failures import errors_as_failures
from pipelines.orchestration.metadata import OWNERS, markdown_table
from pipelines.orchestration.partitions import AS_OF, ONE_RUN
from pipelines.orchestration.resources import Home


@dg.asset(
    group_name="live",
    deps=["published_version"],
    partitions_def=AS_OF,
    backfill_policy=ONE_RUN,
    owners=OWNERS,
    kinds={"python", "postgres"},
    op_tags={"dagster/priority": "-1"},  # after every step that writes files
)
def postgres_publication(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
    """The live version as the schema `tierhouse` of PostgreSQL. A failure leaves the published files as they are."""
    from pipelines.publish.postgres.publish import publish

    with errors_as_failures(context):
        done = publish(home.settings, context.log.info)
        context.log.info(str(done))
        for note in done.notes:
            context.log.warning(note)
        return dg.MaterializeResult(
            metadata={
                "version": done.version,
                "schema": "tierhouse",
                "database": done.place,
                "seconds": round(done.seconds, 1),
                "rows loaded": sum(done.rows.values()),
                "rows": markdown_table(["table", "rows"], done.rows.items()),
                "notes": "; ".join(done.notes) or "none",
            }
        )


def postgres_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Return the asset if PostgreSQL publishing is set up, else nothing."""
    return [postgres_publication] if settings.postgres_url else []
