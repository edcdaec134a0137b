"""Assets of the training: snapshots, models, comparison with the champion, promotion."""

import json
from typing import Any

import dagster as dg
import pandas as pd

from models.judge.evaluate import EVERYONE, REPORT_COLUMNS
from models.learn.trained import TrainedModel
from pipelines.home.warehouse import connect
from pipelines.orchestration.failures import errors_as_failures
from pipelines.orchestration.metadata import OWNERS, markdown_table, picture, table_metadata
from pipelines.orchestration.partitions import AS_OF, as_of_dates
from pipelines.orchestration.resources import Home
from pipelines.scoring.build_snapshots import build_snapshots
from pipelines.scoring.figures import auc_figures
from pipelines.scoring.training import decide_all, kept_models, promote_all, train_all

BEST_SHOWN = 3
OPTIONS = {"group_name": "training", "partitions_def": AS_OF, "owners": OWNERS, "pool": "warehouse"}


@dg.asset(deps=["landing"], kinds={"python", "dbt", "duckdb"}, **OPTIONS)
def training_snapshots(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
    """Features and labels at past month-ends, by the same dbt models as the daily tables, in a separate file.

    Grain: target × customer × as_of × horizon_days. Labels are as known by the end of the day of the run.
    """
    settings = home.settings
    with errors_as_failures(context):
        build_snapshots(settings, as_of_dates(context)[-1], context.run.run_id, context.log.info)
        with connect(settings.training_warehouse, settings, read_only=True) as connection:
            return dg.MaterializeResult(metadata=table_metadata(connection, "core.target_labels"))


@dg.asset(
    deps=[training_snapshots],
    kinds={"python", "scikitlearn"},
    check_specs=[
        dg.AssetCheckSpec(
            "no_column_suspected",
            asset="trained_models",
            description="No column of the training rows seems to know the future. A suspected column may be honest.",
        )
    ],
    **OPTIONS,
)
def trained_models(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
    """A model for each target and horizon: candidates compared, calibrated, judged on later month-ends, saved by id.

    Grain: target × horizon_days. If the data are not enough yet, the row has the reason instead of a model.
    """
    with errors_as_failures(context):
        answered = train_all(home.settings, as_of_dates(context)[-1], context.log.info)
        suspected = no_column_suspected(kept_models(home.settings))
        if not suspected.passed:
            context.log.warning(suspected.description)
    return dg.MaterializeResult(metadata={"models": _table(answered)}, check_results=[suspected])


def no_column_suspected(models: list[TrainedModel]) -> dg.AssetCheckResult:
    """Warn of columns that the leak audit suspects, with question and reason.

    Metadata: the suspected columns and the best columns of each question. The model card has all columns.
    """
    suspects, rows = [], []
    for model in models:
        question = f"{model.target}, {model.horizon_days} days"
        for rank, row in enumerate(model.card["leak_audit"]):
            if row["suspected"]:
                suspects.append(f"{question}: {row['column']} {row['why']}")
            if row["suspected"] or rank < BEST_SHOWN:
                rows.append((question, *row.values()))
    return dg.AssetCheckResult(
        check_name="no_column_suspected",
        passed=not suspects,
        severity=dg.AssetCheckSeverity.WARN,
        description="; ".join(suspects) or None,
        metadata={"columns": markdown_table(["question", "column", "auc", "suspected", "why"], rows)},
    )


@dg.asset(deps=[trained_models], kinds={"python", "scikitlearn"}, **OPTIONS)
def model_evaluation(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
    """Comparison of each new model with candidates, baselines and the champion.

    Grain: target × horizon_days; the decision with its figures.
    """
    with errors_as_failures(context):
        decisions = decide_all(home.settings, context.log.info)
        models = kept_models(home.settings)
        shown: dict[str, Any] = {"decisions": _decisions(decisions)}
        for model in models:
            shown |= auc_figures(model)
        for model in models:
            rows = model.report[model.report["segment"] == EVERYONE][REPORT_COLUMNS]
            shown[model.model_id] = _table(rows)
            shown |= {
                f"{model.target}, {model.horizon_days} days, {name}": picture(png)
                for name, png in model.pictures.items()
            }
    return dg.MaterializeResult(metadata=shown)


@dg.asset(deps=[model_evaluation], kinds={"python"}, **OPTIONS)
def champion_models(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
    """The decisions about the new models, recorded in the model store: promoted models score from now on.

    Grain: target × horizon_days × decision.
    """
    settings = home.settings
    with errors_as_failures(context):
        promoted = promote_all(settings)
    return dg.MaterializeResult(
        metadata={"promoted": promoted, "store": dg.MetadataValue.path(str(settings.model_store))}
    )


def _decisions(decisions: pd.DataFrame) -> dg.MarkdownMetadataValue:
    """Return the decisions in four columns: the UI shows wider tables with a word per line."""
    rows = []
    for row in decisions.to_dict("records"):
        figures = ", ".join(f"{name} {value:.4g}" for name, value in json.loads(row["figures"]).items())
        rows.append((f"{row['target']}, {row['horizon_days']} days", row["promote"], row["reason"], figures))
    return markdown_table(["question", "promoted", "why", "figures"], rows)


def _table(frame: pd.DataFrame) -> dg.MarkdownMetadataValue:
    return markdown_table(list(frame.columns), frame.itertuples(index=False))
