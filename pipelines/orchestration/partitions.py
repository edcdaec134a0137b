"""The business days that can be graded, and which of them a run is for."""

from __future__ import annotations

from datetime import date

import dagster as dg

from pipelines.home.settings import Settings, load_settings


def business_days(settings: Settings) -> dg.DailyPartitionsDefinition:
    """One partition per business day, today included: today can be graded tonight."""
    return dg.DailyPartitionsDefinition(start_date=str(settings.first_day), timezone=settings.timezone, end_offset=1)


AS_OF = business_days(load_settings())

ONE_RUN = dg.BackfillPolicy.single_run()
"""A range of days is one run: core builds them together and the ledger is written in order of days."""


def as_of_dates(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> list[date]:
    """The days of the run, oldest first."""
    keys = context.partition_keys if hasattr(context, "partition_keys") else context.op_execution_context.partition_keys
    return sorted(date.fromisoformat(key) for key in keys)
