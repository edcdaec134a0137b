"""Freshness policies: by when the publication is due, and how long a source may be silent. Dagster's daemon judges."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg

from pipelines.home.settings import Settings

SILENT = timedelta(days=14)
"""`warn_least` of `silence` in `history_rules.csv`. That rule also knows the longest gap of each source."""

SOURCE_FRESHNESS = dg.FreshnessPolicy.time_window(fail_window=SILENT, warn_window=timedelta(days=3))
"""A source warns after three days without a new row, longer than a weekend, and fails once it counts as silent."""


def publication_freshness(settings: Settings) -> dg.FreshnessPolicy:
    """Return the policy of the publication: made between midnight and TIERHOUSE_PUBLICATION_DUE, business time."""
    due = settings.publication_due
    since_midnight = timedelta(hours=due.hour, minutes=due.minute)
    return dg.FreshnessPolicy.cron(
        deadline_cron=f"{due.minute} {due.hour} * * *",
        lower_bound_delta=min(max(since_midnight, timedelta(minutes=1)), timedelta(hours=23)),
        timezone=settings.timezone,
    )
