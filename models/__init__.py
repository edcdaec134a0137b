"""Models by scikit-learn: frames in, models, probabilities and reports out. No Dagster, no SQL, no clock.

The SQL models live in `dbt_project/models`.
"""

SEED = 20260630
"""Seed of all random steps, so that equal data give equal models."""
