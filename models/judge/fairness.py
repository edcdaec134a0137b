"""Fairness: the figures of a model by segment (channel, demand, city, district), with intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.judge import metrics
from models.judge.bootstrap import Metric, Resamples, interval

SEGMENTS = {
    "channel": "first_channel",
    "demand_type": "demand_type",
    "city": "preferred_city",
    "district": "preferred_district",
}
"""Name in the report → column of the snapshots. Absent columns are skipped."""
MIN_SEGMENT, MIN_SEGMENT_CLASS = 100, 15
"""Minimum rows, and rows of each class, of a segment: with fewer, the interval is too wide."""
UNKNOWN = "(none)"
FIGURES: dict[str, Metric] = {
    "auc": metrics.auc,
    "calibration_error": metrics.calibration_error,
    "base_rate": metrics.base_rate,
    "mean_probability": metrics.mean_probability,
}


def by_segment(test: pd.DataFrame, probability: np.ndarray, model: str, *, seed: int) -> pd.DataFrame:
    """Return a report at grain segment × metric of labelled rows, with segments such as `channel=walk_in`.

    The PR-AUC of every segment is about the class that is rarer among all rows.
    """
    figures = {"pr_auc": metrics.precision_of_rarer(test["label"].to_numpy(dtype="float64"))} | FIGURES
    rows = []
    for segment, column in SEGMENTS.items():
        if column not in test:
            continue
        values = test[column].fillna(UNKNOWN).astype(str)
        for value in sorted(values.unique()):
            members = (values == value).to_numpy()
            labels = test["label"].to_numpy(dtype="float64")[members]
            if members.sum() < MIN_SEGMENT or min(labels.sum(), (1 - labels).sum()) < MIN_SEGMENT_CLASS:
                continue
            predicted = probability[members]
            resamples = Resamples(test["customer_key"][members], labels, seed)
            by_metric = {"rows": {"value": float(members.sum()), "low": np.nan, "high": np.nan}}
            for name, metric in figures.items():
                low, high = interval(resamples.figures(metric, predicted))
                point = float(metric(labels, predicted, metrics.once(labels))[0])
                by_metric[name] = {"value": point, "low": low, "high": high}
            rows += [{"metric": name, "segment": f"{segment}={value}"} | figure for name, figure in by_metric.items()]
    return pd.DataFrame(rows, columns=["metric", "segment", "value", "low", "high"]).assign(
        model=model, snapshot=test["as_of"].max()
    )
