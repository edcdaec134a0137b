"""Three sets of dbt assets: a blocking check does not stop a dbt child inside its own set, so gates stand between."""

import shutil
from collections.abc import Iterator
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliInvocation, DbtCliResource, dbt_assets
from dagster_dbt.errors import DagsterDbtCliRuntimeError

from pipelines.failures import plainly
from pipelines.ingest import landing
from pipelines.metadata import table_metadata
from pipelines.partitions import AS_OF, ONE_RUN, as_of_dates
from pipelines.resources import Home
from pipelines.settings import Settings
from pipelines.transform.project import MANIFEST, Translator, dbt_on, plain_dbt_error
from pipelines.transform.scope import assert_scope
from pipelines.warehouse import connect

STAGING = "fqn:tierhouse.rules fqn:tierhouse.staging"
CORE = "fqn:tierhouse.intermediate fqn:tierhouse.marts"
BUILD = ("build", "--exclude-resource-type", "unit_test", "--indirect-selection", "buildable")
"""Tests run in the first set that holds all they read; unit tests need no data and run in `make test`."""
PUBLISHED = "fqn:tierhouse.grading fqn:tierhouse.published"


@dbt_assets(
    manifest=MANIFEST, select=STAGING, name="dbt_staging", dagster_dbt_translator=Translator(), pool="warehouse"
)
def dbt_staging(context: dg.AssetExecutionContext, dbt: DbtCliResource, home: Home) -> Iterator[Any]:
    settings = home.settings
    with plainly(context), connect(settings.warehouse, settings, say=context.log.info) as connection:
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
    with plainly(context), connect(settings.warehouse, settings, say=context.log.info) as connection:
        assert_scope(connection, as_of_dates(context))
    yield from _build(context, dbt, settings)


def _build(context: dg.AssetExecutionContext, dbt: DbtCliResource, settings: Settings) -> Iterator[Any]:
    """Run `dbt build` for the selected nodes of the set; rows and columns are read once dbt has let the file go."""
    target = settings.home / "dbt" / f"{context.op_execution_context.op.name}-{context.run_id[:8]}"
    with dbt_on(settings, settings.warehouse):
        invocation = dbt.cli(BUILD, context=context, target_path=target)
        events, failure = _events(context, invocation)
    with connect(settings.warehouse, settings, read_only=True) as connection:
        for event in events:
            yield _with_table(event, connection) if isinstance(event, dg.Output) else event
    if failure:
        raise failure
    _assert_all_built(context, events)
    shutil.rmtree(target)


def _events(context: dg.AssetExecutionContext, invocation: DbtCliInvocation) -> tuple[list[Any], dg.Failure | None]:
    """What dbt has done, and why it stopped, if it did: what it built and tested before is shown all the same."""
    events: list[Any] = []
    try:
        for event in invocation.stream():
            if isinstance(event, dg.Output):
                context.log.info(f"built {_name(event)}")
            events.append(event)
    except DagsterDbtCliRuntimeError as error:
        return events, dg.Failure(plain_dbt_error(error), allow_retries=False)
    return events, None


def _assert_all_built(context: dg.AssetExecutionContext, events: list[Any]) -> None:
    """dbt ends well although a selection has left a node out; what was left out would be yesterday's."""
    built = {_name(event) for event in events if isinstance(event, dg.Output)}
    missing = {key.path[-1] for key in context.selected_asset_keys} - built
    if missing:
        raise dg.Failure(f"dbt built nothing for {', '.join(sorted(missing))}", allow_retries=False)


def _name(event: dg.Output[Any]) -> str:
    return event.metadata["unique_id"].value.rpartition(".")[2]


def _with_table(event: dg.Output[Any], connection: Any) -> dg.Output[Any]:
    name = _name(event)
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
