"""Three sets of dbt assets. Gates run between the sets: a blocking check stops no dbt model inside its own set."""

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import dagster as dg
from dagster_dbt import dbt_assets

from pipelines.home.settings import Settings
from pipelines.home.warehouse import connect
from pipelines.ingest import landing
from pipelines.orchestration.failures import errors_as_failures
from pipelines.orchestration.metadata import add_day_figures, table_metadata
from pipelines.orchestration.partitions import AS_OF, ONE_RUN, as_of_dates
from pipelines.orchestration.resources import Home
from pipelines.rules.check import assert_rules
from pipelines.rules.fx_rates import assert_rates
from pipelines.transform.day_figures import day_figures
from pipelines.transform.dbt import manifest, run_dbt
from pipelines.transform.project import Translator
from pipelines.transform.scope import assert_scope

if TYPE_CHECKING:
    from dbt.artifacts.schemas.results import NodeResult

STAGING = "fqn:tierhouse.rules fqn:tierhouse.staging.landing"
CORE = "fqn:tierhouse.staging.scope fqn:tierhouse.staging.identity fqn:tierhouse.intermediate fqn:tierhouse.core"
"""Includes the staging views of `scope` and `identity`: customer_identity fills these tables after the first set."""
BUILD = ("build", "--full-refresh", "--exclude-resource-type", "unit_test", "--indirect-selection", "buildable")
"""A test runs in the first set that has all of its inputs. Unit tests need no data and run in `make test`. Without
`--full-refresh`, a rules table with a new column does not fit the seed of yesterday's run."""
PUBLISHED = (
    "fqn:tierhouse.staging.scoring fqn:tierhouse.staging.ledger fqn:tierhouse.staging.mining fqn:tierhouse.value "
    "fqn:tierhouse.grading fqn:tierhouse.measures fqn:tierhouse.service fqn:tierhouse.marts"
)


@dbt_assets(
    manifest=manifest(),
    select=STAGING,
    name="dbt_staging",
    dagster_dbt_translator=Translator(),
    pool="warehouse",
)
def dbt_staging(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:
    settings = home.settings
    with errors_as_failures(context), connect(settings.warehouse, settings, say=context.log.info) as connection:
        assert_rules()
        assert_rates(settings)
        landing.register(connection, settings)
    yield from _build(context, settings, STAGING)


@dbt_assets(
    manifest=manifest(),
    select=CORE,
    name="dbt_core",
    dagster_dbt_translator=Translator(),
    partitions_def=AS_OF,
    backfill_policy=ONE_RUN,
    pool="warehouse",
)
def dbt_core(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:
    yield from _build_for_days(context, home.settings, CORE)


@dbt_assets(
    manifest=manifest(),
    select=PUBLISHED,
    name="dbt_published",
    dagster_dbt_translator=Translator(),
    partitions_def=AS_OF,
    backfill_policy=ONE_RUN,
    pool="warehouse",
)
def dbt_published(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:
    yield from _build_for_days(context, home.settings, PUBLISHED)


def _build_for_days(
    context: dg.AssetExecutionContext, settings: Settings, select: str
) -> Iterator[dg.MaterializeResult]:
    with errors_as_failures(context), connect(settings.warehouse, settings, say=context.log.info) as connection:
        assert_scope(connection, as_of_dates(context))
    yield from _build(context, settings, select)


def _build(context: dg.AssetExecutionContext, settings: Settings, select: str) -> Iterator[dg.MaterializeResult]:
    """Run `dbt build` for the selected nodes of the set. Yields row counts and columns of what was built.

    Yields also what was built before another node failed, and raises afterwards.
    """
    selected = {key.path[-1] for key in context.selected_asset_keys}
    if context.is_subset:
        select = " ".join(sorted(selected))
    target = settings.home / "dbt" / f"{context.op_execution_context.op.name}-{context.run.run_id[:8]}"
    built: dict[str, str] = {}

    def add_built(name: str, relation: str) -> None:
        built[name] = relation
        context.log.info(f"built {name}")

    results: list[NodeResult] = []
    failure = None
    try:
        with errors_as_failures(context):
            results = run_dbt(settings, settings.warehouse, *BUILD, "--select", select, target=target, built=add_built)
    except dg.Failure as error:
        failure = error
    with errors_as_failures(context), connect(settings.warehouse, settings, read_only=True) as connection:
        for name in built:
            add_day_figures(context, day_figures(connection, name), name)
        tables = [
            dg.MaterializeResult(asset_key=dg.AssetKey(name), metadata=table_metadata(connection, relation))
            for name, relation in built.items()
        ]
    yield from tables
    if failure:
        raise failure
    context.log.info(f"{len(results) - len(built)} dbt tests passed")
    # dbt succeeds although a selection leaves a node out; the table of that node would be yesterday's.
    if missing := selected - set(built):
        raise dg.Failure(f"dbt built nothing for {', '.join(sorted(missing))}", allow_retries=False)
    shutil.rmtree(target)
