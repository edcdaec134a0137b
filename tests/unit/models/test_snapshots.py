from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import FeatureError, TooLittleHistory
from models.learn.rolling import MIN_CALIBRATED, rolling_origins
from models.learn.snapshots import MIN_PER_CLASS, choose_months, split_by_time


def counts(*per_month: tuple[int, int], until: str = "2026-03-31") -> pd.DataFrame:
    index = pd.date_range(end=until, periods=len(per_month), freq="ME")
    return pd.DataFrame(per_month, columns=["with", "without"], index=index)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 900)), min_size=1, max_size=30),
    st.sampled_from([30, 60, 90, 120]),
)
def test_no_label_window_reaches_into_a_later_set(per_month, horizon_days):
    table = counts(*per_month)
    try:
        past, test = choose_months(table, horizon_days)
    except TooLittleHistory:
        return
    horizon = pd.Timedelta(days=horizon_days)
    assert max(past) + horizon < min(test)
    assert max(test) == table.index.max()
    assert (table.loc[list(test)].sum() >= MIN_PER_CLASS).all()
    assert (table.loc[list(past)].sum() >= MIN_PER_CLASS).all()
    origins = rolling_origins(table.loc[list(past)], horizon_days)
    for fitted_on, predicted in origins:
        assert max(fitted_on) + horizon < min(predicted)
        assert (table.loc[list(fitted_on)].sum() >= MIN_CALIBRATED).all()
    pooled = [month for _, predicted in origins for month in predicted]
    assert len(pooled) == len(set(pooled)) and set(pooled) <= set(past)
    assert not origins or (table.loc[pooled].sum() >= MIN_CALIBRATED).all()


def test_the_test_has_the_fewest_month_ends_and_origins_roll_over_the_rest():
    table = counts(*[(100, 300)] * 20)
    past, test = choose_months(table, 90)
    assert [f"{as_of:%Y-%m}" for as_of in test] == ["2026-03"]
    assert f"{max(past):%Y-%m}" == "2025-11"
    origins = rolling_origins(table.loc[list(past)], 90)
    assert [(f"{max(fitted):%Y-%m}", f"{predicted[0]:%Y-%m}", len(predicted)) for fitted, predicted in origins] == [
        ("2024-09", "2024-12", 4), ("2024-12", "2025-04", 4), ("2025-05", "2025-08", 4),
    ]  # fmt: skip


def test_small_month_ends_are_pooled_for_the_test_and_leave_no_rolling_origins():
    table = counts(*[(8, 20)] * 20)
    past, test = choose_months(table, 90)
    assert len(test) == 4
    assert rolling_origins(table.loc[list(past)], 90) == []
    assert len(past) == 14


@pytest.mark.parametrize(
    ("per_month", "found"),
    [
        ([(0, 500)] * 12, "found 0 with and 6000 without in 12 month-end"),
        ([(3, 7)], "found 3 with and 7 without in 1 month-end"),
        ([(100, 300)] * 3, "window ends before the test snapshot 2026-03-31; found 0 with and 0 without in 0 month"),
    ],
)
def test_too_little_history_names_the_required_and_the_available_rows(per_month, found):
    with pytest.raises(TooLittleHistory, match=found) as raised:
        choose_months(counts(*per_month), 90)
    assert "expected at least 25 rows with and 25 without the label" in str(raised.value)


def test_rows_without_a_usable_label_are_counted_as_censored_and_never_as_active(snapshots):
    split = split_by_time(snapshots, trained_through=date(2026, 6, 30), horizon_days=90)
    assert split.censored.to_dict() == {pd.Timestamp(day): 320 for day in ("2026-04-30", "2026-05-31", "2026-06-30")}
    for part in (split.past, split.test, split.labelled):
        assert part["label"].dtype == bool and len(part)
        assert not part["as_of"].isin(split.censored.index).any()


def test_a_label_from_after_trained_through_is_not_used_even_if_it_is_there(snapshots):
    through = date(2026, 3, 15)
    split = split_by_time(snapshots, trained_through=through, horizon_days=90)
    assert split.test["as_of"].max() + timedelta(days=90) <= pd.Timestamp(through)
    assert split.censored.sum() == (snapshots["as_of"] > pd.Timestamp("2025-12-15")).sum()


def test_other_horizons_are_ignored_and_a_missing_horizon_is_an_error(snapshots):
    both = pd.concat([snapshots, snapshots.assign(horizon_days=60)])
    for_one = split_by_time(both, trained_through=date(2026, 6, 30), horizon_days=90)
    pd.testing.assert_frame_equal(
        for_one.past, split_by_time(snapshots, trained_through=date(2026, 6, 30), horizon_days=90).past
    )
    with pytest.raises(FeatureError, match=r"column horizon_days: expected 120, found \[90\]"):
        split_by_time(snapshots, trained_through=date(2026, 6, 30), horizon_days=120)


def test_a_horizon_longer_than_the_history_is_a_clear_error(snapshots):
    with pytest.raises(TooLittleHistory, match="90-day label window has closed by 2025-02-10, found none"):
        split_by_time(snapshots, trained_through=date(2025, 2, 10), horizon_days=90)
    with pytest.raises(TooLittleHistory, match="there are no snapshots"):
        split_by_time(snapshots.head(0), trained_through=date(2026, 6, 30), horizon_days=90)


@pytest.mark.parametrize("null", [None, np.nan, pd.NA])
def test_labels_may_be_objects_with_any_null(snapshots, null):
    plain = snapshots["label"].astype(object).where(snapshots["label"].notna(), null)
    split = split_by_time(snapshots.assign(label=plain), trained_through=date(2026, 6, 30), horizon_days=90)
    assert split.censored.sum() == 960


def test_a_label_that_is_no_boolean_is_refused(snapshots):
    with pytest.raises(FeatureError, match="column label: expected true, false or null"):
        split_by_time(snapshots.assign(label=0.5), trained_through=date(2026, 6, 30), horizon_days=90)


def test_with_enough_history_the_test_has_the_required_rows():
    past, test = choose_months(counts(*[(300, 1_100)] * 22), 90)
    assert [f"{as_of:%Y-%m}" for as_of in test] == ["2025-12", "2026-01", "2026-02", "2026-03"]
    assert f"{max(past):%Y-%m}" == "2025-09"
