"""Dagster: assets, gates, publishing and the command line. Folders follow the way of the data.

Nothing here trains a model (`models/`), states a business rule (`dbt_project/seeds/rules`) or a quality bar
(`expectations/`).
"""
