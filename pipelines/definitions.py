"""The Dagster definitions of all rooms. `workspace.yaml` loads this module.

The import reads the settings and dbt's manifest and writes nothing. It sets the umask of the process, because an
operator can start `dagster-daemon` without our command line.
"""

from __future__ import annotations

import warnings

import dagster as dg

warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", category=dg.PreviewWarning)

from pipelines.alerts.sensors import alerts, failed_run, finished_run
from pipelines.connect.assets import connection_assets
from pipelines.home.modes import keep_private
from pipelines.home.settings import load_settings
from pipelines.identity.assets import customer_identity
from pipelines.ingest.assets import SOURCES, landing, staged_batches
from pipelines.ingest.drop.sensor import drop_folder
from pipelines.mining.assets import association_rules, lead_forecast, listing_recommendations, personas
from pipelines.orchestration.jobs import backfill, daily_grading, train
from pipelines.orchestration.progress import progress_logger
from pipelines.orchestration.resources import Home
from pipelines.orchestration.schedules import daily_at_two, weekly_training
from pipelines.privacy.job import retention, weekly_retention
from pipelines.publish.assets import case_ledger, grade_ledger, published_version
from pipelines.publish.checks import history_gate, published_gate
from pipelines.publish.consumers import consumers
from pipelines.publish.postgres.assets import postgres_assets
from pipelines.report.assets import report
from pipelines.scoring.assets import scores
from pipelines.scoring.checks import scores_gate, training_gate
from pipelines.scoring.training_assets import (
    champion_models,
    model_evaluation,
    trained_models,
    training_snapshots,
)
from pipelines.transform.assets import dbt_core, dbt_published, dbt_staging
from pipelines.transform.checks import features_gate

keep_private()

defs = dg.Definitions(
    assets=dg.with_source_code_references(
        [
            *connection_assets(load_settings()),
            *SOURCES,
            staged_batches,
            landing,
            dbt_staging,
            customer_identity,
            dbt_core,
            training_snapshots,
            trained_models,
            model_evaluation,
            champion_models,
            scores,
            personas,
            association_rules,
            lead_forecast,
            listing_recommendations,
            grade_ledger,
            case_ledger,
            dbt_published,
            published_version,
            *consumers(),
            report,
            *postgres_assets(load_settings()),
        ]
    ),
    asset_checks=[training_gate, features_gate, scores_gate, history_gate, published_gate],
    jobs=[daily_grading, train, backfill, retention],
    schedules=[daily_at_two, weekly_training, weekly_retention],
    sensors=[drop_folder, alerts, failed_run, finished_run],
    resources={"home": Home()},
    loggers={"console": dg.colored_console_logger, "progress": progress_logger},
    # One process per run: only one process can open the warehouse, and the lock of a run ends with its process.
    executor=dg.in_process_executor,
)
