"""The scores of the day, by the champions of the day."""

import dagster as dg

from pipelines.failures import plainly
from pipelines.metadata import OWNERS, table_metadata
from pipelines.partitions import AS_OF, ONE_RUN, as_of_dates
from pipelines.publish import ledger
from pipelines.resources import Home
from pipelines.scoring.scores import score_days, write_scores
from pipelines.scoring.training_assets import champion_models
from pipelines.transform.scope import assert_scope
from pipelines.warehouse import connect


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
def churn_scores(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
    """Probability of dormancy with its reasons for every engaged relationship, by the champion of each day.

    Grain: target × customer × as_of × horizon_days. Empty where no source can tell dormancy.
    """
    settings, days = home.settings, as_of_dates(context)
    with plainly(context), connect(settings.warehouse, settings, say=context.log.info) as connection:
        assert_scope(connection, days)
        ledger.register(connection, settings.ledger, days[0])
        scores, report = score_days(connection, settings.model_store, days)
        write_scores(connection, scores, report)
        context.log.info(f"{len(scores):,} engaged relationships scored")
        return dg.MaterializeResult(metadata=table_metadata(connection, "scoring.scores"))
