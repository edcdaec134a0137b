"""The asset `scores`: probabilities of the champions of each day."""

from functools import partial

import dagster as dg
import duckdb

from models.store.plots import drift_bars
from pipelines.home.settings import Settings
from pipelines.home.warehouse import connect
from pipelines.ledger.register import register_ledger
from pipelines.orchestration.failures import errors_as_failures
from pipelines.orchestration.metadata import OWNERS, add_day_figures, picture, table_metadata
from pipelines.orchestration.partitions import AS_OF, ONE_RUN, as_of_dates
from pipelines.orchestration.resources import Home
from pipelines.scoring.figures import score_figures
from pipelines.scoring.scores import ScoreDay, score_days, write_results
from pipelines.scoring.signatures import assert_champions
from pipelines.scoring.training_assets import champion_models
from pipelines.texts.keys import replace_with_keys
from pipelines.transform.scope import assert_scope


def _score_day(connection: duckdb.DuckDBPyConnection, settings: Settings) -> ScoreDay | None:
    if settings.engine == "duckdb":
        return None
    from pipelines.scoring.on_spark import score_on_spark

    return partial(score_on_spark, connection, settings)


@dg.asset(
    group_name="scoring",
    deps=[
        "customer_features",
        "customer_identity",
        dg.AssetDep(champion_models, partition_mapping=dg.AllPartitionMapping()),
    ],
    partitions_def=AS_OF,
    backfill_policy=ONE_RUN,
    owners=OWNERS,
    kinds={"python", "scikitlearn"},
    pool="warehouse",
)
def scores(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
    """Probability of every target with its reasons, for the population of the target, by the champions of each day.

    Grain: target × customer × as_of × horizon_days. A target without a model has no rows.
    """
    settings, days = home.settings, as_of_dates(context)
    with errors_as_failures(context), connect(settings.warehouse, settings, say=context.log.info) as connection:
        assert_scope(connection, days)
        register_ledger(connection, settings.ledger, days[0])
        assert_champions(settings, days)
        replace_with_keys(connection, settings, "ledger.cases", "owner_agent_id")
        scored = score_days(connection, settings.model_store, days, context.log.info, _score_day(connection, settings))
        write_results(connection, scored)
        context.log.info(f"{scored.rows:,} probabilities")
        add_day_figures(context, score_figures(connection, scored.drift))
        pictures = {
            f"drift of {question}": picture(drift_bars(drift, f"{question}: drift since training"))
            for question, drift in scored.drifts.items()
        }
        return dg.MaterializeResult(metadata={**table_metadata(connection, "scoring.scores"), **pictures})
