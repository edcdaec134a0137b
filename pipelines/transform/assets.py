"""Three sets of dbt assets: a blocking check does not stop a dbt child inside its own set, so gates stand between."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource, dbt_assets

from pipelines.failures import plainly
from pipelines.ingest import landing
from pipelines.metadata import table_metadata
from pipelines.partitions import AS_OF, ONE_RUN, as_of_dates
from pipelines.resources import Home
from pipelines.settings import Settings
from pipelines.transform.project import MANIFEST, Translator, dbt_on
from pipelines.transform.scope import assert_scope
from pipelines.warehouse import connect

STAGING = "path:seeds path:models/staging"
CORE = "path:models/intermediate path:models/marts"
PUBLISHED = "path:models/grading path:models/published"


@dbt_assets(
    manifest=MANIFEST, select=STAGING, name="dbt_staging", dagster_dbt_translator=Translator(), pool="warehouse"
)
def dbt_staging(context: dg.AssetExecutionContext, dbt: DbtCliResource, home: Home) -> Iterator[Any]:
    settings = home.settings
    with plainly(), connect(settings.warehouse, settings, say=context.log.info) as connection:
        landing.register(connection, settings)
    yield from _build(context, dbt, settings)


@dbt_assets(
    manifest=MANIFEST,
    select=CORE,
    name="dbt_core",
    dagster_dbt_translator=Translator(),
    partitions_def=AS_OF,
    backfill_policy=ONE_RUN,
    pool="warehouse",
)
def dbt_core(context: dg.AssetExecutionContext, dbt: DbtCliResource, home: Home) -> Iterator[Any]:
    yield from _build_for_days(context, dbt, home.settings)


@dbt_assets(
    manifest=MANIFEST,
    select=PUBLISHED,
    name="dbt_published",
    dagster_dbt_translator=Translator(),
    partitions_def=AS_OF,
    backfill_policy=ONE_RUN,
    pool="warehouse",
)
def dbt_published(context: dg.AssetExecutionContext, dbt: DbtCliResource, home: Home) -> Iterator[Any]:
    yield from _build_for_days(context, dbt, home.settings)


def _build_for_days(context: dg.AssetExecutionContext, dbt: DbtCliResource, settings: Settings) -> Iterator[Any]:
    with plainly(), connect(settings.warehouse, settings, say=context.log.info) as connection:
        assert_scope(connection, as_of_dates(context))
    yield from _build(context, dbt, settings)


def _build(context: dg.AssetExecutionContext, dbt: DbtCliResource, settings: Settings) -> Iterator[Any]:
    """Run `dbt build` for the selected nodes of the set; rows and columns are read once dbt has let the file go."""
    target = settings.home / "dbt" / f"{context.op_execution_context.op.name}-{context.run_id[:8]}"
    with dbt_on(settings, settings.warehouse):
        invocation = dbt.cli(["build", "--exclude-resource-type", "unit_test"], context=context, target_path=target)
        events = []
        for event in invocation.stream():
            if isinstance(event, (dg.Output, dg.AssetMaterialization)):
                context.log.info(f"built {event.metadata['unique_id'].value}")
            events.append(event)
    with connect(settings.warehouse, settings, read_only=True) as connection:
        for event in events:
            yield _with_table(event, connection) if isinstance(event, dg.Output) else event
    shutil.rmtree(target)


def _with_table(event: dg.Output[Any], connection: Any) -> dg.Output[Any]:
    _, _, name = event.metadata["unique_id"].value.rpartition(".")
    schema = connection.execute(
        "SELECT schema_name FROM duckdb_tables() WHERE table_name = ? AND database_name = current_database() "
        "UNION ALL SELECT schema_name FROM duckdb_views() WHERE view_name = ? AND database_name = current_database()",
        [name, name],
    ).fetchone()[0]
    return dg.Output(
        value=event.value,
        output_name=event.output_name,
        metadata={**event.metadata, **table_metadata(connection, f"{schema}.{name}")},
    )
