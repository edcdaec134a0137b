"""Partitions: one per business day."""

from __future__ import annotations

from datetime import date

import dagster as dg

from pipelines.home.settings import Settings, load_settings


def business_days(settings: Settings) -> dg.DailyPartitionsDefinition:
    """Return one partition per business day from `first_day` to today. Today is included: it can be graded tonight."""
    return dg.DailyPartitionsDefinition(start_date=str(settings.first_day), timezone=settings.timezone, end_offset=1)


AS_OF = business_days(load_settings())

ONE_RUN = dg.BackfillPolicy.single_run()
"""Run a range of days as one run: dbt builds the days together, and the ledger is written in order of days."""


def as_of_dates(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> list[date]:
    """Return the days of the run, oldest first."""
    keys = context.partition_keys if hasattr(context, "partition_keys") else context.op_execution_context.partition_keys
    return sorted(date.fromisoformat(key) for key in keys)
