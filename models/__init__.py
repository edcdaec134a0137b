"""scikit-learn only: frames in, models, scores and reports out. No Dagster, no SQL, no clock.

The SQL models live in `dbt_project/models`.
"""
