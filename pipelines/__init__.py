"""Dagster assets, gates, publishing and the command line. One folder per step of the data.

Models are trained in `models/`. Business rules are in `dbt_project/seeds/rules`, quality bars in `expectations/`.
"""
