"""Jobs. A job selects assets by group; the asset checks of the selected assets always run with them."""

import dagster as dg

TRAINING = dg.AssetSelection.groups("training")
GRADING = dg.AssetSelection.all() - TRAINING
HOUR = 60 * 60

daily_grading = dg.define_asset_job(
    "daily_grading",
    selection=GRADING,
    description="All that a day needs: ingest, customers, features, scores, grades, publication, and every gate.",
    tags={"dagster/max_runtime": 4 * HOUR},
)

train = dg.define_asset_job(
    "train",
    selection=dg.AssetSelection.groups("ingest") | TRAINING,
    description="Learn from the month-ends before the day, judge on later ones, promote what beats the champion.",
    tags={"dagster/max_runtime": 4 * HOUR},
)

backfill = dg.define_asset_job(
    "backfill",
    selection=GRADING,
    description="Grade a range of past days in one run, in order of days. Fills the ledger, leaves what is live alone.",
    tags={"dagster/max_runtime": 12 * HOUR},
)
