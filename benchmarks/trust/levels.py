"""Changes of warning levels from day to day."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from pipelines.home.settings import Settings
from pipelines.home.sql import first_value
from pipelines.home.warehouse import connect
from pipelines.ledger.grades import grades_before

REVERSAL_DAYS = 7
LEVELS = """
    WITH counted AS (
        SELECT as_of, customer_key, count(*) AS events FROM intermediate.int_interactions__by_as_of GROUP BY ALL
    )
    SELECT
        features.customer_key, features.as_of, features.is_engaged,
        coalesce(kept.warning_level, 'none') AS warning_level,
        coalesce(counted.events, 0) AS events
    FROM core.customer_features AS features
    INNER JOIN read_parquet(?, hive_partitioning = false, union_by_name = true) AS kept
        ON features.customer_key = kept.customer_key AND features.as_of = kept.graded_as_of
    LEFT JOIN counted ON features.customer_key = counted.customer_key AND features.as_of = counted.as_of
    WHERE features.is_open_lead OR features.is_engaged
    ORDER BY ALL
"""


def level_figures(levels: pd.DataFrame) -> dict[str, float]:
    """Return the shares of changed levels. `levels`: open customer × day; customer_key, as_of, warning_level, events.

    `level_changes`: share of customers open on two consecutive days whose level changes, mean of the days.
    `quiet_changes`: the same, without a new event. `reversals`: share of changes that are undone within seven days,
    among changes with seven more days of data. Raises ValueError without two consecutive days.
    """
    known = levels.assign(as_of=pd.to_datetime(levels["as_of"]))
    keys = ["customer_key", "as_of"]
    before = known.assign(as_of=known["as_of"] + timedelta(days=1))
    pairs = known.merge(before, on=keys, suffixes=("", "_before"))
    if pairs.empty:
        raise ValueError("expected levels of two consecutive days, found none")
    changed = pairs["warning_level"] != pairs["warning_level_before"]
    quiet = changed & (pairs["events"] <= pairs["events_before"])
    return {
        "level_changes": float(changed.groupby(pairs["as_of"]).mean().mean()),
        "quiet_changes": float(quiet.groupby(pairs["as_of"]).mean().mean()),
        "reversals": _reversals(pairs[changed], known),
    }


def _reversals(changes: pd.DataFrame, known: pd.DataFrame) -> float:
    seen = changes[changes["as_of"] + timedelta(days=REVERSAL_DAYS) <= known["as_of"].max()]
    later = seen[["customer_key", "as_of", "warning_level_before"]].merge(
        known, on="customer_key", suffixes=("", "_later")
    )
    days = (later["as_of_later"] - later["as_of"]).dt.days
    back = days.between(1, REVERSAL_DAYS) & (later["warning_level"] == later["warning_level_before"])
    reversed_ = later[back].drop_duplicates(["customer_key", "as_of"])
    return len(reversed_) / len(seen) if len(seen) else 0.0


def read_levels(settings: Settings) -> pd.DataFrame:
    """Return the levels of the days of the last run, with the number of interactions known by each day.

    Grain: customer_key × as_of, of open leads and engaged customers (`is_engaged`). Customers who are not engaged have
    the level `none`. Levels come from the ledger, which has the days of all runs.
    """
    with connect(settings.warehouse, settings, read_only=True) as connection:
        last = first_value(connection.execute("SELECT max(as_of) FROM core.customer_features"))
        paths = [str(path) for path in grades_before(settings.ledger, last + timedelta(days=1))]
        return connection.execute(LEVELS, [paths]).df()
