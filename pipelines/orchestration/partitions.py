"""Partitions: one per business day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import dagster as dg

from pipelines.errors import TierhouseError
from pipelines.home.days import last_demo_day
from pipelines.home.first_day import first_day
from pipelines.home.settings import Settings, load_settings


def business_days(settings: Settings) -> dg.DailyPartitionsDefinition:
    """Return one partition per business day, from the first day through the last day that can be graded."""
    last = last_demo_day(settings)
    # Not `end_date`: Dagster's list of the latest partitions, which the plots use, does not end there.
    offset = 1 + (last - settings.now().date()).days if last else 1
    return dg.DailyPartitionsDefinition(
        start_date=str(first_day(settings)), timezone=settings.timezone, end_offset=offset
    )


AS_OF = business_days(load_settings())

ONE_RUN = dg.BackfillPolicy.single_run()
"""Run a range of days as one run: dbt builds the days together, and the ledger is written in order of days."""


FIRST_DAY_TAG, LAST_DAY_TAG = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
"""Run tags of Dagster that select a range of partitions."""

DAYS_TAG = "tierhouse/days"
"""Run tag for days with gaps, such as month-ends: days as YYYY-MM-DD with commas between them, oldest first. Dagster
knows ranges only, so the partition of the run is the last of the days."""


class DaysNotValid(TierhouseError):
    """The tag with the days of a run cannot be used."""


def tags_of_days(days: Sequence[date]) -> dict[str, str]:
    """Return the run tags that select more than one day, oldest first; none for a single day."""
    first, last = days[0], days[-1]
    if first == last:
        return {}
    if (last - first).days + 1 == len(days):
        return {FIRST_DAY_TAG: str(first), LAST_DAY_TAG: str(last)}
    return {DAYS_TAG: ",".join(map(str, days))}


def as_of_dates(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> list[date]:
    """Return the days of the run, oldest first. Raises DaysNotValid."""
    of_op = context.op_execution_context
    keys = of_op.partition_keys
    listed = of_op.run.tags.get(DAYS_TAG)
    return _listed_days(listed, keys[-1]) if listed else sorted(map(date.fromisoformat, keys))


def _listed_days(tag: str, partition: str) -> list[date]:
    try:
        days = [date.fromisoformat(day.strip()) for day in tag.split(",")]
    except ValueError:
        days = []
    if not days or days != sorted(set(days)) or str(days[-1]) != partition:
        raise DaysNotValid(
            f"expected the run tag {DAYS_TAG} to have days as YYYY-MM-DD with commas between them, oldest first, up to "
            f"the partition {partition}, got {tag!r}"
        )
    return days
