"""Forecast of new leads per month: seasonal AR(1), or the same month of last year (seasonal naive).

Counts are modelled as log(1 + n). All channels share one season, estimated from their sum. The rest of each channel is
its level and an AR(1), by least squares (AutoReg of statsmodels).
"""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd
from scipy.stats import t as student

SEASON = 12
HORIZON_MONTHS = 3
LEVEL = 0.8
"""Nominal coverage of the interval."""
MODEL, NAIVE = "seasonal_ar", "seasonal_naive"
FEWEST_LEADS_A_MONTH = 5
COLUMNS = ("channel", "month", "point", "low", "high", "method")


def forecast(history: pd.DataFrame, method: str, months: int = HORIZON_MONTHS) -> pd.DataFrame:
    """Return the forecast of the next months of each channel. Columns COLUMNS.

    `history`: leads per month; index: first days of months, without a gap, at least SEASON + 1; columns: channels.
    """
    ahead = pd.date_range(history.index[-1], periods=months + 1, freq="MS")[1:]
    logs = cast("pd.DataFrame", np.log1p(history.astype("float64")))
    make = _autoregression if method == MODEL else _seasonal_naive
    index = seasonal_index(logs)
    rows = [_rows(channel, ahead, *make(logs[channel], index, ahead), method) for channel in sorted(history.columns)]
    return pd.concat(rows, ignore_index=True)


def seasonal_index(logs: pd.DataFrame) -> pd.Series:
    """Return the mean deviation of each calendar month (1–12) from the level of its year, of all channels together."""
    leads = cast("pd.DataFrame", np.expm1(logs))
    market = cast("pd.Series", np.log1p(leads.sum(axis="columns")))
    # The level changes within a year: a centred mean of twelve months, of fewer at the ends.
    level = market.rolling(SEASON, center=True, min_periods=SEASON // 2).mean()
    return (
        (market - level).groupby(pd.DatetimeIndex(market.index).month).mean().reindex(range(1, SEASON + 1)).fillna(0.0)
    )


def _autoregression(
    series: pd.Series, index: pd.Series, ahead: pd.DatetimeIndex
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    from statsmodels.tsa.ar_model import AutoReg  # imported here: takes a second

    values = (series - index.reindex(pd.DatetimeIndex(series.index).month).to_numpy()).to_numpy()
    fitted = AutoReg(values, lags=1, trend="c").fit()
    begin = len(values)
    prediction = fitted.get_prediction(begin, begin + len(ahead) - 1)
    season = index.reindex(ahead.month).to_numpy()
    # With few months, the errors of mean and index add to the residual, and Student's t is wider than the normal.
    spread = prediction.se_mean * np.sqrt(1 + 1 / max(begin // SEASON, 1) / 2)
    reach = student.ppf(0.5 + LEVEL / 2, max(begin - 3, 1)) * spread
    centre = prediction.predicted_mean + season
    return centre, centre - reach, centre + reach


def _seasonal_naive(
    series: pd.Series,
    index: pd.Series,  # noqa: ARG001 - both methods have the same parameters
    ahead: pd.DatetimeIndex,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    values = series.to_numpy()
    centre = values[[len(values) - SEASON + step % SEASON for step in range(len(ahead))]]
    # The spread is the change between years if half a year of changes is known, else twice the noise of a count.
    changes = values[SEASON:] - values[:-SEASON]
    counted = np.sqrt(2 / np.maximum(np.expm1(centre), 1.0))
    spread = np.maximum(np.sqrt((changes**2).mean()), counted) if len(changes) >= SEASON // 2 else counted
    reach = student.ppf(0.5 + LEVEL / 2, max(len(changes), 3)) * spread
    return centre, centre - reach, centre + reach


def _rows(
    channel: str, ahead: pd.DatetimeIndex, centre: np.ndarray, low: np.ndarray, high: np.ndarray, method: str
) -> pd.DataFrame:
    leads = {
        name: np.maximum(np.expm1(values), 0.0).round(2)
        for name, values in (("point", centre), ("low", low), ("high", high))
    }
    return pd.DataFrame({"channel": channel, "month": ahead, **leads, "method": method}, columns=list(COLUMNS))
