"""The forecast is better than seasonal naive if there is a season to learn, and seasonal naive otherwise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.mining.backtest import ENOUGH_MONTHS, back_test, judge, whole_months
from models.mining.forecast import HORIZON_MONTHS, MODEL, NAIVE, forecast

SEASON = np.array([0.9, 0.5, 1.5, 1.3, 1.0, 0.9, 0.8, 0.9, 1.3, 1.4, 1.0, 0.9])


def seasonal(months: int = 30, channels: int = 6, seed: int = 4) -> pd.DataFrame:
    chance = np.random.default_rng(seed)
    index = pd.date_range("2024-01-01", periods=months, freq="MS")
    level = np.linspace(50, 150, channels)
    counts = chance.poisson(SEASON[index.month.to_numpy() - 1][:, None] * level)
    return pd.DataFrame(counts.astype("float64"), index=index, columns=[f"channel_{n}" for n in range(channels)])


@pytest.fixture(scope="module")
def tested() -> pd.DataFrame:
    return back_test(seasonal())


def test_it_beats_last_years_month_on_seasonal_counts(tested):
    judged = judge(tested)
    assert judged["beats_naive"].mean() >= 0.8
    assert judged.loc[judged["beats_naive"], "error_ratio"].lt(1).all()
    assert set(judged.loc[judged["beats_naive"], "method"]) <= {MODEL}


def test_intervals_have_about_their_nominal_coverage():
    inside = [
        table["actual"].between(table["low"], table["high"]).groupby(table["method"]).mean()
        for table in (back_test(seasonal(seed=seed)) for seed in range(3))
    ]
    coverage = pd.concat(inside, axis=1).mean(axis=1)
    assert coverage.between(0.7, 0.93).all(), coverage.to_dict()


def test_if_the_season_repeats_exactly_seasonal_naive_is_chosen():
    index = pd.date_range("2024-01-01", periods=30, freq="MS")
    # Each channel has a season of its own, and every year is the same: nothing beats last year.
    months = index.month.to_numpy()
    history = pd.DataFrame(
        {f"c{shift}": np.round(80 * np.roll(SEASON, shift * 3)[months - 1]) for shift in range(4)}, index=index
    )
    judged = judge(back_test(history))
    assert not judged["beats_naive"].any()
    assert set(judged["method"]) == {NAIVE}
    assert judged["error_ratio"].isna().all()
    forecasts = forecast(history, NAIVE)
    expected = history.loc["2025-07-01":"2025-09-01", "c0"].to_numpy()
    assert forecasts.loc[forecasts["channel"].eq("c0"), "point"].to_numpy() == pytest.approx(expected)


def test_a_back_test_uses_no_later_month(tested):
    changed = seasonal()
    changed.iloc[-3:] *= 10
    early = tested["origin"] < changed.index[-3]
    again = back_test(changed)
    columns = ["channel", "origin", "month", "method", "point", "low", "high"]
    pd.testing.assert_frame_equal(again.loc[early, columns], tested.loc[early, columns])


def test_the_next_months_of_each_channel_have_an_interval_around_them():
    forecasts = pd.concat([forecast(seasonal(), method) for method in (MODEL, NAIVE)])
    assert sorted(forecasts["month"].unique()) == list(pd.date_range("2026-07-01", periods=HORIZON_MONTHS, freq="MS"))
    assert forecasts.groupby(["channel", "method"]).size().eq(HORIZON_MONTHS).all()
    assert (forecasts["low"] <= forecasts["point"]).all()
    assert (forecasts["point"] <= forecasts["high"]).all()
    assert forecasts["low"].ge(0).all()


def test_a_channel_that_stops_is_no_exception():
    history = seasonal()
    history.iloc[15:, 0] = 0.0
    judged = judge(back_test(history))
    assert len(judged) == 6
    assert np.isfinite(forecast(history, MODEL)[["point", "low", "high"]]).all(axis=None)


def test_only_whole_months_count_and_a_month_without_leads_is_a_zero():
    arrivals = pd.DataFrame(
        {"channel": ["a", "a", "a", "thin"], "month": ["2026-01-01", "2026-03-01", "2026-04-01", "2026-01-01"],
         "leads": [30, 40, 7, 1]}
    )  # fmt: skip
    history = whole_months(arrivals, pd.Timestamp("2026-04-29"))
    assert history["a"].to_dict() == {
        pd.Timestamp("2026-01-01"): 30.0, pd.Timestamp("2026-02-01"): 0.0, pd.Timestamp("2026-03-01"): 40.0,
    }  # fmt: skip
    assert list(history.columns) == ["a"]
    assert len(whole_months(arrivals, pd.Timestamp("2026-04-30"))) == 4
    assert whole_months(arrivals.head(0), pd.Timestamp("2026-04-30")).empty


def test_the_shortest_history_is_enough():
    judged = judge(back_test(seasonal(months=ENOUGH_MONTHS)))
    assert judged["months"].ge(HORIZON_MONTHS * 3).all()
