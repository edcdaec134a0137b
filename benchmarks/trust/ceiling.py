"""A model's scores beside the Bayes ceiling of the generator, on the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from models.judge import metrics


def with_truth(rows: pd.DataFrame, truth_dir: Path, horizon_days: int) -> pd.DataFrame:
    """`rows` (customer_key, as_of) with `dormant` and `ceiling_probability` of the person behind the customer.

    The person is that of the record that names the customer. Rows of people who were not engaged in truth, or without
    a ceiling, are dropped: dirt made them.
    """
    persons = pd.read_parquet(truth_dir / "record_person.parquet")
    truth = pd.read_parquet(truth_dir / "dormancy_labels.parquet")
    truth = truth[truth["horizon_days"] == horizon_days].assign(as_of=lambda frame: _days(frame["as_of"]))
    named = rows.assign(lead_id=rows["customer_key"].str.split(":", n=1).str[1], as_of=_days(rows["as_of"]))
    joined = named.merge(persons, on="lead_id").merge(
        truth[["person_id", "as_of", "dormant", "ceiling_probability"]].dropna(), on=["person_id", "as_of"]
    )
    if joined.empty:
        raise ValueError(f"{truth_dir}: expected the truth of {len(rows):,} judged rows, found that of none")
    return joined


def shares_of_attainable(
    labels: np.ndarray, probability: np.ndarray, ceiling: np.ndarray, baselines: Mapping[str, np.ndarray]
) -> dict[str, float]:
    """`auc_share` = (AUC − 0.5) ÷ (ceiling's AUC − 0.5), `lift_share` = top-decile lift ÷ the ceiling's, `gain_share` =
    PR-AUC above the best baseline's ÷ the ceiling's above it."""
    labels = labels.astype("float64")
    weights = metrics.once(labels)
    ours, best = (float(metrics.auc(labels, one, weights)[0]) for one in (probability, ceiling))
    lifts = [float(metrics.top_decile_lift(labels, one, weights)[0]) for one in (probability, ceiling)]
    if best <= 0.5:
        raise ValueError(f"expected a ceiling with an AUC above 0.5, found {best:.3f} on {len(labels):,} rows")
    precision, limit = (float(metrics.average_precision(labels, one, weights)[0]) for one in (probability, ceiling))
    beaten = max(float(metrics.average_precision(labels, one, weights)[0]) for one in baselines.values())
    gain = (precision - beaten) / (limit - beaten) if limit > beaten else np.nan
    return {"auc_share": (ours - 0.5) / (best - 0.5), "lift_share": lifts[0] / lifts[1], "gain_share": gain}


def ceiling_itself(labels: np.ndarray, ceiling: np.ndarray) -> tuple[float, float]:
    """PR-AUC and calibration error of the ceiling: what no model can be expected to beat."""
    labels = labels.astype("float64")
    weights = metrics.once(labels)
    found = (metric(labels, ceiling, weights)[0] for metric in (metrics.average_precision, metrics.calibration_error))
    return tuple(map(float, found))


def _days(column: pd.Series) -> pd.Series:
    return pd.to_datetime(column).astype("datetime64[s]")
