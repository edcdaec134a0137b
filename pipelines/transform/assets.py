"""Three sets of dbt assets. Gates run between the sets: a blocking check stops no dbt model inside its own set."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg
import duckdb

from pipelines.home.settings import Settings
from pipelines.home.sql import first_value
from pipelines.home.warehouse import connect
from pipelines.ingest import landing
from pipelines.orchestration.failures import errors_as_failures
from pipelines.orchestration.metadata import add_day_figures, markdown_table, table_metadata
from pipelines.orchestration.partitions import AS_OF, ONE_RUN, as_of_dates
from pipelines.orchestration.progress import PROGRESS
from pipelines.orchestration.resources import Home
from pipelines.rules.check import assert_rules
from pipelines.rules.fx_rates import assert_rates
from pipelines.rules.version import rule_version
from pipelines.transform.day_figures import day_figures
from pipelines.transform.dbt import DbtFailed
from pipelines.transform.engine import BUILD
from pipelines.transform.graph import RULES, assets_of_tests, members, node, with_steps
from pipelines.transform.grouped_tests import build_and_test
from pipelines.transform.project import asset_specs, rules_spec, test_checks
from pipelines.transform.scope import assert_scope
from pipelines.transform.test_results import test_results

if TYPE_CHECKING:
    from dbt.artifacts.schemas.results import NodeResult

STAGING = "fqn:tierhouse.rules fqn:tierhouse.staging.landing"
CORE = "fqn:tierhouse.staging.scope fqn:tierhouse.staging.identity fqn:tierhouse.intermediate fqn:tierhouse.core"
"""Includes the staging views of `scope` and `identity`: customer_identity fills these tables after the first set."""
PUBLISHED = (
    "fqn:tierhouse.staging.scoring fqn:tierhouse.staging.ledger fqn:tierhouse.staging.mining fqn:tierhouse.value "
    "fqn:tierhouse.grading fqn:tierhouse.measures fqn:tierhouse.service fqn:tierhouse.marts"
)

TESTS_OF_STAGING = assets_of_tests(STAGING, (), RULES)
TESTS_OF_CORE = assets_of_tests(CORE, members(STAGING), "customers")
TESTS_OF_PUBLISHED = assets_of_tests(PUBLISHED, [*members(STAGING), *members(CORE)], "publication")
"""Test → the asset whose check `dbt_tests` has its result, for each set."""

OF_DAYS: Mapping[str, Any] = {"partitions_def": AS_OF}
OPTIONS: Mapping[str, Any] = {"can_subset": True, "pool": "warehouse"}


@dg.multi_asset(
    name="dbt_staging",
    specs=[rules_spec(), *asset_specs(STAGING)],
    check_specs=test_checks(TESTS_OF_STAGING.values()),
    **OPTIONS,
)
def dbt_staging(context: dg.AssetExecutionContext, home: Home) -> Iterator[Any]:
    settings = home.settings
    with errors_as_failures(context), connect(settings.warehouse, settings, say=context.log.info) as connection:
        assert_rules()
        assert_rates(settings)
        landing.register(connection, settings)
    yield from _build(context, settings, STAGING, TESTS_OF_STAGING)


@dg.multi_asset(
    name="dbt_core",
    specs=asset_specs(CORE, **OF_DAYS),
    check_specs=test_checks(TESTS_OF_CORE.values()),
    backfill_policy=ONE_RUN,
    **OPTIONS,
)
def dbt_core(context: dg.AssetExecutionContext, home: Home) -> Iterator[Any]:
    yield from _build_for_days(context, home.settings, CORE, TESTS_OF_CORE)


@dg.multi_asset(
    name="dbt_published",
    specs=asset_specs(PUBLISHED, **OF_DAYS),
    check_specs=test_checks(TESTS_OF_PUBLISHED.values()),
    backfill_policy=ONE_RUN,
    **OPTIONS,
)
def dbt_published(context: dg.AssetExecutionContext, home: Home) -> Iterator[Any]:
    yield from _build_for_days(context, home.settings, PUBLISHED, TESTS_OF_PUBLISHED)


def _build_for_days(
    context: dg.AssetExecutionContext, settings: Settings, select: str, tests: Mapping[str, str]
) -> Iterator[Any]:
    with errors_as_failures(context), connect(settings.warehouse, settings, say=context.log.info) as connection:
        assert_scope(connection, as_of_dates(context))
    yield from _build(context, settings, select, tests)


def _build(
    context: dg.AssetExecutionContext, settings: Settings, select: str, tests: Mapping[str, str]
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Run `dbt build` for the selected assets of the set. Yields row counts, columns and the results of dbt's tests.

    Yields also what was built and tested before another node failed, and raises afterwards.
    """
    selected = {key.path[-1] for key in context.selected_asset_keys}
    planned = with_steps(selected, select) if context.is_subset else [node(each)["name"] for each in members(select)]
    step = context.op_execution_context.op.name
    target = settings.home / "dbt" / f"{step}-{context.run.run_id[:8]}"
    built: dict[str, str] = {}

    def add_built(name: str, relation: str) -> None:
        built[name] = relation
        if len(built) == 1:
            context.log.info(f"built {name}, the first of {len(planned)} tables and views")
        PROGRESS.at(f"{step}: {len(built)} of {len(planned)} tables and views are built, {name} last")

    results: Sequence[NodeResult] = []
    failure = None
    try:
        with errors_as_failures(context):
            chosen = planned if context.is_subset else [select]
            try:
                arguments = (*BUILD, "--select", *chosen)
                results = build_and_test(settings, arguments, tests, members(select), target=target, built=add_built)
            except DbtFailed as error:
                results = error.results
                raise
    except dg.Failure as error:
        failure = error
    PROGRESS.at(None)
    yield from _tables(context, settings, built, selected)
    yield from test_results(results, tests, {key.asset_key.path[-1] for key in context.selected_asset_check_keys})
    if failure:
        raise failure
    context.log.info(f"{len(built)} tables and views are built, {len(results) - len(built)} dbt tests have run")
    # dbt succeeds although a selection leaves a node out; the table of that node would be yesterday's.
    if missing := set(planned) - set(built):
        raise dg.Failure(f"dbt built nothing for {', '.join(sorted(missing))}", allow_retries=False)
    shutil.rmtree(target)


def _tables(
    context: dg.AssetExecutionContext, settings: Settings, built: Mapping[str, str], selected: set[str]
) -> list[dg.MaterializeResult]:
    """Return a result per selected asset that was built. `built`: relations by name."""
    with errors_as_failures(context), connect(settings.warehouse, settings, read_only=True) as connection:
        seeds = {name: relation for name, relation in built.items() if relation.startswith(f"{RULES}.")}
        results = [_rules(connection, settings, seeds)] if RULES in selected and seeds else []
        for name, relation in built.items():
            if name in selected:
                add_day_figures(context, day_figures(connection, name), name)
                results.append(dg.MaterializeResult(asset_key=name, metadata=table_metadata(connection, relation)))
    return results


def _rules(connection: duckdb.DuckDBPyConnection, settings: Settings, seeds: Mapping[str, str]) -> dg.MaterializeResult:
    """Return the result of all rules tables. `seeds`: relations by name."""
    rows = {name: first_value(connection.execute(f"SELECT count(*) FROM {seeds[name]}")) for name in sorted(seeds)}
    return dg.MaterializeResult(
        asset_key=RULES,
        metadata={
            "rule version": rule_version(rates=settings.fx_rates),
            "tables": len(rows),
            "dagster/row_count": sum(rows.values()),
            "rows by table": markdown_table(["table", "rows"], rows.items()),
        },
    )
