"""Back-test of the forecast against the same month of last year, with rolling origins."""

from __future__ import annotations

import pandas as pd

from models.mining.forecast import FEWEST_LEADS_A_MONTH, HORIZON_MONTHS, MODEL, NAIVE, SEASON, forecast

ORIGINS = 9
FEWEST_ORIGINS = 3
ENOUGH_MONTHS = SEASON + FEWEST_ORIGINS + HORIZON_MONTHS
TESTED_COLUMNS = ("channel", "origin", "month", "method", "actual", "point", "low", "high")
JUDGED_COLUMNS = ("channel", "months", "model_error", "naive_error", "error_ratio", "coverage", "beats_naive", "method")


def back_test(history: pd.DataFrame) -> pd.DataFrame:
    """Return the forecasts of both methods from each of the last origins, with the actual leads.

    `history`: as for `forecast`. `origin`: the last known month. Columns TESTED_COLUMNS; grain channel × origin ×
    month × method.
    """
    last = len(history) - HORIZON_MONTHS
    first = max(SEASON + 1, last - ORIGINS + 1)
    tested = []
    actual = history.rename_axis("month").reset_index().melt("month", var_name="channel", value_name="actual")
    for known in range(first, last + 1):
        for method in (MODEL, NAIVE):
            tested.append(forecast(history.iloc[:known], method).assign(origin=history.index[known - 1]))
    table = pd.concat(tested, ignore_index=True).merge(actual, on=["channel", "month"], how="inner")
    return table[list(TESTED_COLUMNS)].sort_values(["channel", "origin", "month", "method"], ignore_index=True)


def judge(tested: pd.DataFrame) -> pd.DataFrame:
    """Return by channel: mean absolute error of both methods, their ratio, coverage of the interval, and the choice.

    The model is chosen if its error is below that of seasonal naive. Columns JUDGED_COLUMNS.
    """
    tested = tested.assign(
        error=(tested["point"] - tested["actual"]).abs(),
        inside=tested["actual"].between(tested["low"], tested["high"]),
    )
    rows = []
    for channel, own in tested.groupby("channel"):
        errors = own.groupby("method")["error"].mean()
        beats = bool(errors[MODEL] < errors[NAIVE])
        method = MODEL if beats else NAIVE
        ratio = errors[MODEL] / errors[NAIVE] if errors[NAIVE] > 0 else None
        rows.append(
            {
                "channel": channel,
                "months": (own["method"] == MODEL).sum(),
                "model_error": round(float(errors[MODEL]), 4),
                "naive_error": round(float(errors[NAIVE]), 4),
                "error_ratio": None if ratio is None else round(float(ratio), 4),
                "coverage": round(float(own.loc[own["method"] == method, "inside"].mean()), 4),
                "beats_naive": beats,
                "method": method,
            }
        )
    return pd.DataFrame(rows, columns=list(JUDGED_COLUMNS))


def whole_months(arrivals: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Return leads by month (index) and channel (columns), from the first month with a lead to the last whole month.

    `arrivals`: channel, month, leads. A month without a lead is 0. Channels with fewer than FEWEST_LEADS_A_MONTH on
    average are left out.
    """
    arrivals = arrivals.assign(month=pd.to_datetime(arrivals["month"]))
    end = (as_of + pd.Timedelta(days=1)).to_period("M").to_timestamp()
    known = arrivals[arrivals["month"] < end]
    if known.empty:
        return pd.DataFrame()
    months = pd.date_range(known["month"].min(), end, freq="MS", inclusive="left")
    table = known.pivot_table(index="month", columns="channel", values="leads", aggfunc="sum").reindex(months)
    table = table.fillna(0.0).sort_index(axis="columns")
    return table.loc[:, table.mean() >= FEWEST_LEADS_A_MONTH]
