"""Assets around `models/`: snapshots to learn from, the model, the scores of the day."""

import dagster as dg
from dagster_dbt import DbtCliResource

from models.evaluate import EVERYONE, REPORT_COLUMNS
from models.promote import offer
from models.store import save
from models.train import train
from pipelines.failures import plainly
from pipelines.metadata import OWNERS, markdown_table, table_metadata
from pipelines.partitions import AS_OF, ONE_RUN, as_of_dates
from pipelines.publish import ledger
from pipelines.resources import Home
from pipelines.scoring.revision import code_revision
from pipelines.scoring.scores import HORIZON_DAYS, TARGET, score_days, write_scores
from pipelines.scoring.snapshots import build_snapshots, data_hash, read_snapshots, warning_cuts
from pipelines.transform.scope import assert_scope
from pipelines.warehouse import connect

SEED = 20260630


@dg.asset(
    group_name="scoring",
    deps=["landing"],
    partitions_def=AS_OF,
    owners=OWNERS,
    kinds={"python", "dbt", "duckdb"},
    pool="warehouse",
)
def training_snapshots(context: dg.AssetExecutionContext, dbt: DbtCliResource, home: Home) -> dg.MaterializeResult:
    """Features and labels at past month-ends, by the same dbt models as the daily tables, in a file of their own.

    Grain: target × customer × as_of × horizon_days. Labels are what was known by the end of the day.
    """
    settings = home.settings
    with plainly(context):
        build_snapshots(settings, dbt, as_of_dates(context)[-1], context.run.run_id, context.log.info)
        with connect(settings.training_warehouse, settings, read_only=True) as connection:
            return dg.MaterializeResult(metadata=table_metadata(connection, "marts.target_labels"))


@dg.asset(
    group_name="scoring",
    deps=[training_snapshots],
    partitions_def=AS_OF,
    owners=OWNERS,
    kinds={"python", "scikitlearn"},
    pool="warehouse",
)
def dormancy_model(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
    """The model of dormancy trained through the day: fitted, calibrated, judged on later month-ends, kept by id."""
    settings, trained_through = home.settings, as_of_dates(context)[-1]
    with plainly(context):
        snapshots = read_snapshots(settings, trained_through, TARGET)
        model = train(
            TARGET,
            snapshots,
            trained_through=trained_through,
            horizon_days=HORIZON_DAYS,
            seed=SEED,
            data_hash=data_hash(snapshots),
            code_revision=code_revision(),
        )
        save(settings.model_store, model)
        decision = offer(settings.model_store, model, snapshots, cuts=warning_cuts(settings), seed=SEED)
    figures = model.report[model.report["segment"] == EVERYONE].set_index(["model", "metric"])["value"]
    auc, recency = figures[model.scorer.kind, "auc"], figures["recency_rule", "auc"]
    context.log.info(f"{model.model_id}: AUC {auc:.3f} on later month-ends, recency rule {recency:.3f}")
    context.log.info(f"{'promoted' if decision.promote else 'not promoted'}: {decision.reason}")
    return dg.MaterializeResult(
        metadata={
            "model": model.model_id,
            "path": dg.MetadataValue.path(str(settings.model_store / model.model_id)),
            "report": markdown_table(REPORT_COLUMNS, model.report[REPORT_COLUMNS].itertuples(index=False)),
        }
    )


@dg.asset(
    group_name="scoring",
    deps=[
        "customer_features",
        "customer_identity",
        dg.AssetDep(dormancy_model, partition_mapping=dg.AllPartitionMapping()),
    ],
    partitions_def=AS_OF,
    backfill_policy=ONE_RUN,
    owners=OWNERS,
    kinds={"python", "scikitlearn"},
    pool="warehouse",
)
def churn_scores(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
    """Probability of dormancy with its reasons for every engaged relationship, by the champion of each day.

    Grain: customer × as_of × horizon_days. Empty where no source can tell dormancy.
    """
    settings, days = home.settings, as_of_dates(context)
    with plainly(context), connect(settings.warehouse, settings, say=context.log.info) as connection:
        assert_scope(connection, days)
        ledger.register(connection, settings.ledger, days[0])
        scores, report = score_days(connection, settings.model_store, days)
        write_scores(connection, scores, report)
        context.log.info(f"{len(scores):,} engaged relationships scored")
        return dg.MaterializeResult(metadata=table_metadata(connection, "scoring.churn_scores"))
