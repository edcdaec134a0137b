"""Assets around `models/mining`. With too little data, each asset writes an empty table and reports the reason."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import dagster as dg
import duckdb
import pandas as pd

from models.mining.personas import ENOUGH_CUSTOMERS
from pipelines.home.warehouse import connect
from pipelines.mining.chart import persona_chart
from pipelines.mining.matching.step import match_listings
from pipelines.mining.personas import kept_personas, personas_of, report, write_segments
from pipelines.mining.read import SAMPLE, read
from pipelines.mining.steps import NOTHING, forecast_demand, mine_rules
from pipelines.mining.tables import availability, write_table
from pipelines.orchestration.failures import errors_as_failures
from pipelines.orchestration.metadata import OWNERS, markdown_table, table_metadata
from pipelines.orchestration.partitions import AS_OF, ONE_RUN, as_of_dates
from pipelines.orchestration.resources import Home
from pipelines.transform.scope import assert_scope

COMMON: Mapping[str, Any] = {
    "group_name": "mining",
    "partitions_def": AS_OF,
    "backfill_policy": ONE_RUN,
    "owners": OWNERS,
    "kinds": {"python", "duckdb"},
    "pool": "warehouse",
}
CUSTOMER_MARTS = ["customer_features", "customer_rfm__by_as_of", "customer_demand", "customer_lifecycle"]


@dg.asset(deps=CUSTOMER_MARTS, **COMMON)
def personas(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
    """The persona of each customer on the last day of the run; the centres of each day, for the ledger.

    Grain: customer. Between two fits, customers are assigned to the centres of the ledger. Empty below 200 customers.
    """
    settings, days = home.settings, as_of_dates(context)
    with errors_as_failures(context), connect(settings.warehouse, settings, say=context.log.info) as connection:
        assert_scope(connection, days)
        current, centres, sample = kept_personas(settings.ledger, days[0]), [], NOTHING
        for day, next_day in zip(days, [*days[1:], None], strict=True):
            sample = read(connection, SAMPLE, day)
            current = personas_of(current, day, sample, next_day)
            centres += [current.to_rows().assign(as_of=pd.Timestamp(day))] if current else []
        write_table(connection, "persona_centres", pd.concat(centres) if centres else NOTHING)
        if current is None:
            reason = f"{len(sample):,} customers, {ENOUGH_CUSTOMERS} are needed"
            evidence = availability("personas", reason)
            for name in ("customer_segments", "segment_profiles"):
                write_table(connection, name, NOTHING)
            metadata: dict[str, Any] = {"not enough": reason}
            context.log.info(f"no personas: {reason}")
        else:
            sizes = write_segments(connection, days[-1], sample, current)
            evidence = report(current)
            judged = current.evidence
            metadata = {
                "personas": persona_chart(current, dict(zip(sizes["persona_id"], sizes["customers"], strict=True))),
                "fitted on": str(current.fitted_on),
                "evidence by k": markdown_table(list(judged.columns), judged.itertuples(index=False)),
                "outliers": float(sizes["outliers"].sum() / sizes["customers"].sum()),
            }
            context.log.info(f"{len(current.centres)} personas, fitted on {current.fitted_on}")
        write_table(connection, "persona_report", evidence.assign(as_of=pd.Timestamp(days[-1])))
        return dg.MaterializeResult(metadata={**table_metadata(connection, "mining.customer_segments"), **metadata})


@dg.asset(deps=CUSTOMER_MARTS, **COMMON)
def association_rules(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
    """Demand attributes that go with subscribing, signing or going dormant, more often than by chance.

    Grain: antecedent × consequent. Empty below 200 customers, or if no outcome has happened yet.
    """
    return _materialise(context, home, mine_rules, "demand_rules")


@dg.asset(deps=["lead_arrivals"], **COMMON)
def lead_forecast(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
    """New leads of the next three months by channel, with intervals, and the back-test that chose the method.

    Grain: channel × month. Empty below 18 whole months of leads.
    """
    return _materialise(context, home, forecast_demand, "demand_forecast")


@dg.asset(deps=["customer_demand", "listings", "listing_viewings"], **COMMON)
def listing_recommendations(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
    """The ten best listings on the market for each open customer, with reasons; none for customers who opted out.

    Grain: customer × rank. Empty if no listing or no open customer is known.
    """
    return _materialise(context, home, match_listings, "listing_matches")


def _materialise(
    context: dg.AssetExecutionContext,
    home: Home,
    step: Callable[[duckdb.DuckDBPyConnection, date], str | None],
    table: str,
) -> dg.MaterializeResult:
    """Run a step for the last day of the run, which is the published day, and describe its table."""
    settings, days = home.settings, as_of_dates(context)
    with errors_as_failures(context), connect(settings.warehouse, settings, say=context.log.info) as connection:
        assert_scope(connection, days)
        reason = step(connection, days[-1])
        metadata = dict(table_metadata(connection, f"mining.{table}"))
        if reason:
            metadata["not enough"] = reason
            context.log.info(f"no {table}: {reason}")
        else:
            context.log.info(f"{metadata['dagster/row_count']:,} rows of {table}")
        return dg.MaterializeResult(metadata=metadata)
