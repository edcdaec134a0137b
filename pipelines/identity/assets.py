"""The asset that turns records into customers."""

import dagster as dg

from pipelines.home.warehouse import connect
from pipelines.identity.customers import write_customers
from pipelines.orchestration.failures import errors_as_failures
from pipelines.orchestration.metadata import OWNERS, table_metadata
from pipelines.orchestration.partitions import AS_OF, ONE_RUN, as_of_dates
from pipelines.orchestration.resources import Home
from pipelines.transform.scope import write_scope


@dg.asset(
    group_name="identity",
    deps=["landing", "stg_landing__leads", "rules"],
    partitions_def=AS_OF,
    backfill_policy=ONE_RUN,
    owners=OWNERS,
    kinds={"python", "duckdb"},
    pool="warehouse",
)
def customer_identity(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
    """The customer of each lead record, as known on each day of the run. Grain: as_of × record.

    Records with the same phone or e-mail and no different names are one customer, and records that a score or a
    decision links. A name alone links no records, nor do texts that are no contact of one person (masked, a
    placeholder, an office's). Also sets the days that core builds.
    """
    settings, days = home.settings, as_of_dates(context)
    with errors_as_failures(context), connect(settings.warehouse, settings, say=context.log.info) as connection:
        write_scope(connection, settings, days, context.run.run_id)
        found = write_customers(connection, settings, days, directory=True)
        for warning in found.warnings:
            context.log.warning(warning)
        merged = found.records - found.customers
        context.log.info(f"{found.records:,} records are {found.customers:,} customers ({merged:,} merged)")
        return dg.MaterializeResult(
            metadata={
                **table_metadata(connection, "identity.customer_records"),
                "customers": found.customers,
                "records merged into another's customer": merged,
            }
        )
