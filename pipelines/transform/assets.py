"""Three sets of dbt assets: a blocking check does not stop a dbt child inside its own set, so gates stand between."""

import shutil
from collections.abc import Iterator
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DbtCliInvocation, DbtCliResource, dbt_assets
from dagster_dbt.errors import DagsterDbtCliRuntimeError

from pipelines.failures import plainly
from pipelines.ingest import landing
from pipelines.metadata import table_metadata
from pipelines.partitions import AS_OF, ONE_RUN, as_of_dates
from pipelines.resources import Home
from pipelines.settings import Settings
from pipelines.transform.project import Translator, dbt_on, manifest, plain_dbt_error
from pipelines.transform.rules_check import assert_rules
from pipelines.transform.scope import assert_scope
from pipelines.warehouse import connect

STAGING = "fqn:tierhouse.rules fqn:tierhouse.staging"
CORE = "fqn:tierhouse.intermediate fqn:tierhouse.marts"
RULES_TESTS = "fqn:tierhouse.rules,resource_type:test"
"""What the rules must hold is tested before dbt, where a fault can name its line (`rules_check`)."""
BUILD = ("build", "--full-refresh", "--exclude-resource-type", "unit_test", "--indirect-selection", "buildable")
"""Tests run in the first set that holds all they read; unit tests need no data and run in `make test`. Without the full
refresh a rules table with a new column would not fit the seed that yesterday left in the warehouse."""
PUBLISHED = (
    "fqn:tierhouse.value fqn:tierhouse.grading fqn:tierhouse.measures fqn:tierhouse.service fqn:tierhouse.published"
)


@dbt_assets(
    manifest=manifest(),
    select=STAGING,
    exclude=RULES_TESTS,
    name="dbt_staging",
    dagster_dbt_translator=Translator(),
    pool="warehouse",
)
def dbt_staging(context: dg.AssetExecutionContext, dbt: DbtCliResource, home: Home) -> Iterator[Any]:
    settings = home.settings
    with plainly(context), connect(settings.warehouse, settings, say=context.log.info) as connection:
        assert_rules()
        landing.register(connection, settings)
    yield from _build(context, dbt, settings)


@dbt_assets(
    manifest=manifest(),
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
    manifest=manifest(),
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
    target = settings.home / "dbt" / f"{context.op_execution_context.op.name}-{context.run.run_id[:8]}"
    with dbt_on(settings, settings.warehouse):
        invocation = dbt.cli(BUILD, context=context, target_path=target)
        outputs, failure = _outputs(context, invocation)
    with connect(settings.warehouse, settings, read_only=True) as connection:
        for output in outputs:
            yield _with_table(output, connection)
    if failure:
        raise failure
    _assert_all_built(context, outputs)
    shutil.rmtree(target)


def _outputs(
    context: dg.AssetExecutionContext, invocation: DbtCliInvocation
) -> tuple[list[dg.Output[Any]], dg.Failure | None]:
    """What dbt has built, and why it stopped, if it did."""
    outputs: list[dg.Output[Any]] = []
    tests = 0
    try:
        for event in invocation.stream():
            if isinstance(event, dg.Output):
                outputs.append(event)
                context.log.info(f"built {_name(event)}")
            else:
                tests += 1
    except DagsterDbtCliRuntimeError as error:
        return outputs, dg.Failure(plain_dbt_error(error), allow_retries=False)
    context.log.info(f"{tests} dbt tests passed")
    return outputs, None


def _assert_all_built(context: dg.AssetExecutionContext, outputs: list[dg.Output[Any]]) -> None:
    """dbt ends well although a selection has left a node out; what was left out would be yesterday's."""
    built = set(map(_name, outputs))
    missing = {key.path[-1] for key in context.selected_asset_keys} - built
    if missing:
        raise dg.Failure(f"dbt built nothing for {', '.join(sorted(missing))}", allow_retries=False)


def _name(output: dg.Output[Any]) -> str:
    return output.metadata["unique_id"].value.rpartition(".")[2]


def _with_table(output: dg.Output[Any], connection: duckdb.DuckDBPyConnection) -> dg.Output[Any]:
    name = _name(output)
    schema = connection.execute(
        "SELECT schema_name FROM duckdb_tables() WHERE table_name = ? AND database_name = current_database() "
        "UNION ALL SELECT schema_name FROM duckdb_views() WHERE view_name = ? AND database_name = current_database()",
        [name, name],
    ).fetchone()[0]
    return dg.Output(
        value=output.value,
        output_name=output.output_name,
        metadata={**output.metadata, **table_metadata(connection, f"{schema}.{name}")},
    )
