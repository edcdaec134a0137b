"""The jobs. A job selects assets by group. The checks of the selected assets run with them."""

import dagster as dg

TRAINING = dg.AssetSelection.groups("training")
GRADING = dg.AssetSelection.all() - TRAINING
HOUR = 60 * 60

daily_grading = dg.define_asset_job(
    "daily_grading",
    selection=GRADING,
    description="Grade one business day: ingest, customers, features, scores, grades, publication, with all gates.",
    tags={"dagster/max_runtime": 4 * HOUR},
)

train = dg.define_asset_job(
    "train",
    selection=dg.AssetSelection.groups("ingest") | TRAINING,
    description="Train on month-ends before the day, evaluate on later ones, promote models that beat the champion.",
    tags={"dagster/max_runtime": 4 * HOUR},
)

backfill = dg.define_asset_job(
    "backfill",
    selection=GRADING,
    description="Grade a range of past days in one run, oldest first. Writes the ledger; the live version stays.",
    tags={"dagster/max_runtime": 12 * HOUR},
)
