"""How often warning levels change from day to day."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from pipelines.home.settings import Settings
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
    """Shares from open relationships × day: customer_key, as_of, warning_level, events (known by the end of the day).

    `level_changes`: of those open on two days that follow each other, how many changed, mean of the days.
    `quiet_changes`: the same with no event become known in between. `reversals`: share of changes, among those with
    seven more days to see, after which the level of before is back within seven days.
    """
    known = levels.assign(as_of=pd.to_datetime(levels["as_of"]))
    keys = ["customer_key", "as_of"]
    before = known.assign(as_of=known["as_of"] + timedelta(days=1))
    pairs = known.merge(before, on=keys, suffixes=("", "_before"))
    if pairs.empty:
        raise ValueError("expected levels of two days that follow each other, found none")
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
    """Published levels of the days of the last run, with the interactions of each customer known by each day.

    Grain: customer_key × as_of, of open relationships: open leads and the engaged (`is_engaged`).
    Who is not engaged has the level none. The ledger tells the levels, so that days of several runs read the same.
    """
    with connect(settings.warehouse, settings, read_only=True) as connection:
        last = connection.execute("SELECT max(as_of) FROM core.customer_features").fetchone()[0]
        paths = [str(path) for path in grades_before(settings.ledger, last + timedelta(days=1))]
        return connection.execute(LEVELS, [paths]).df()
