"""Which days a model learns from, and from which day on a young home can train one."""

from datetime import date, timedelta

import pandas as pd
import pytest

from models.errors import TooLittleHistory
from models.snapshots import split_by_time
from pipelines.scoring.build_snapshots import first_possible, snapshot_days

FIRST = date(2025, 1, 1)


def test_an_old_home_learns_from_month_ends_after_the_longest_window():
    days = snapshot_days(FIRST, date(2026, 6, 30))
    assert days[0] == date(2025, 4, 30)
    assert days[-1] == date(2026, 5, 31)
    assert len(days) == 14


def test_a_young_home_learns_from_weeks_and_a_newborn_one_from_nothing():
    assert snapshot_days(FIRST, date(2025, 2, 20)) == [
        date(2025, 1, 29),
        date(2025, 2, 5),
        date(2025, 2, 12),
        date(2025, 2, 19),
    ]
    assert snapshot_days(FIRST, FIRST + timedelta(days=28)) == []
    assert snapshot_days(None, date(2025, 2, 20)) == []


def labelled(trained_through):
    rows = [
        (f"k{n:03}", pd.Timestamp(day), bool(n % 2)) for day in snapshot_days(FIRST, trained_through) for n in range(60)
    ]
    return pd.DataFrame(rows, columns=["customer_key", "as_of", "label"]).assign(horizon_days=90)


def test_the_day_that_is_named_is_the_first_on_which_enough_customers_suffice():
    day = first_possible(FIRST, 90)
    assert (day - FIRST).days == 209
    split = split_by_time(labelled(day), trained_through=day, horizon_days=90)
    assert len(split.past) == len(split.test) == 60
    with pytest.raises(TooLittleHistory):
        split_by_time(labelled(day - timedelta(days=1)), trained_through=day - timedelta(days=1), horizon_days=90)
