"""The same figures by segment, with intervals: whether the model serves every channel and every demand alike."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.judge import metrics
from models.judge.bootstrap import Metric, Resamples, interval

SEGMENTS = {"channel": "first_channel", "demand_type": "demand_type", "city": "preferred_city",
            "district": "preferred_district"}  # fmt: skip
"""Name in the report → column of the snapshots; a column that is not there is left out."""
MIN_SEGMENT, MIN_SEGMENT_CLASS = 100, 15
"""Rows, and rows of each class, from which a segment is told: with fewer the interval says nothing."""
UNKNOWN = "(none)"
FIGURES: dict[str, Metric] = {
    "auc": metrics.auc, "calibration_error": metrics.calibration_error,
    "base_rate": metrics.base_rate, "mean_probability": metrics.mean_probability,
}  # fmt: skip


def by_segment(test: pd.DataFrame, probability: np.ndarray, model: str, *, seed: int) -> pd.DataFrame:
    """Report at grain segment × metric for labelled rows; the segment reads `channel=walk_in`.

    The PR-AUC is that of the class which is rarer among all rows, in every segment.
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
            score = probability[members]
            resamples = Resamples(test["customer_key"][members], labels, seed)
            plain = {"rows": {"value": float(members.sum()), "low": np.nan, "high": np.nan}}
            for name, metric in figures.items():
                low, high = interval(resamples.figures(metric, score))
                figure = float(metric(labels, score, metrics.once(labels))[0])
                plain[name] = {"value": figure, "low": low, "high": high}
            rows += [{"metric": name, "segment": f"{segment}={value}"} | told for name, told in plain.items()]
    return pd.DataFrame(rows, columns=["metric", "segment", "value", "low", "high"]).assign(
        model=model, snapshot=test["as_of"].max()
    )
