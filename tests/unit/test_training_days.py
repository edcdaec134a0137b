"""Which days a model learns from, and from which day on a young home can train one."""

from datetime import date, timedelta
from itertools import pairwise

import pandas as pd
import pytest

from models.errors import TooLittleHistory
from models.snapshots import split_by_time
from pipelines.scoring.build_snapshots import first_possible, snapshot_days

FIRST = date(2025, 1, 1)


def test_an_old_home_learns_from_month_ends_after_the_longest_window():
    days = snapshot_days(FIRST, None, date(2026, 6, 30))
    assert days[0] == date(2025, 4, 30)
    assert days[-1] == date(2026, 5, 31)
    assert len(days) == 14


def test_a_young_home_learns_from_weeks_and_a_newborn_one_from_nothing():
    assert snapshot_days(FIRST, None, date(2025, 2, 20)) == [
        date(2025, 1, 29),
        date(2025, 2, 5),
        date(2025, 2, 12),
        date(2025, 2, 19),
    ]
    assert snapshot_days(FIRST, None, FIRST + timedelta(days=28)) == []
    assert snapshot_days(None, None, date(2025, 2, 20)) == []


def test_deals_alone_are_learnt_from_and_old_deals_add_their_month_ends_to_young_contacts():
    through = date(2025, 2, 20)
    assert snapshot_days(None, FIRST, through) == snapshot_days(FIRST, None, through)
    assert snapshot_days(FIRST, FIRST + timedelta(days=3), through) == snapshot_days(FIRST, None, through)
    year = snapshot_days(None, FIRST, FIRST + timedelta(days=300))
    assert len(year) == 20 and {(after - before).days for before, after in pairwise(year)} == {14}
    both = snapshot_days(FIRST, date(2020, 1, 1), through)
    assert both == sorted(both) and len(set(both)) == len(both)
    assert set(snapshot_days(FIRST, None, through)) < set(both)
    assert len(both) == 24 + 4 and date(2025, 1, 31) in both


def labelled(trained_through):
    rows = [
        (f"k{n:03}", pd.Timestamp(day), bool(n % 2))
        for day in snapshot_days(FIRST, None, trained_through)
        for n in range(60)
    ]
    return pd.DataFrame(rows, columns=["customer_key", "as_of", "label"]).assign(horizon_days=90)


def test_the_day_that_is_named_is_the_first_on_which_enough_customers_suffice():
    day = first_possible(FIRST, 90)
    assert (day - FIRST).days == 209
    split = split_by_time(labelled(day), trained_through=day, horizon_days=90)
    assert len(split.past) == len(split.test) == 60
    with pytest.raises(TooLittleHistory):
        split_by_time(labelled(day - timedelta(days=1)), trained_through=day - timedelta(days=1), horizon_days=90)
