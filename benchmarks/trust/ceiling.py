"""The probabilities of a model beside the Bayes ceiling of the generator, on the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from models.judge import metrics


def with_truth(rows: pd.DataFrame, truth_dir: Path, horizon_days: int) -> pd.DataFrame:
    """Return `rows` (customer_key, as_of) with `dormant` and `ceiling_probability` of the generated person.

    The person belongs to the record that names the customer. Rows of people who were not engaged, or have no ceiling,
    are dropped: they are artefacts of dirty data. Raises ValueError if no row is left.
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
    """Return the shares of the ceiling.

    `auc_share` = (AUC − 0.5) ÷ (AUC of the ceiling − 0.5). `lift_share` = top-decile lift ÷ lift of the ceiling.
    `gain_share` = gain in PR-AUC over the best baseline ÷ gain of the ceiling.
    """
    labels = labels.astype("float64")
    weights = metrics.once(labels)
    ours, best = (float(metrics.auc(labels, ranking, weights)[0]) for ranking in (probability, ceiling))
    lifts = [float(metrics.top_decile_lift(labels, ranking, weights)[0]) for ranking in (probability, ceiling)]
    if best <= 0.5:
        raise ValueError(f"expected a ceiling with an AUC above 0.5, found {best:.3f} on {len(labels):,} rows")
    precision, limit, *of_baselines = (
        float(metrics.average_precision(labels, ranking, weights)[0])
        for ranking in (probability, ceiling, *baselines.values())
    )
    beaten = max(of_baselines)
    gain = (precision - beaten) / (limit - beaten) if limit > beaten else np.nan
    return {"auc_share": (ours - 0.5) / (best - 0.5), "lift_share": lifts[0] / lifts[1], "gain_share": gain}


def ceiling_itself(labels: np.ndarray, ceiling: np.ndarray) -> tuple[float, float]:
    """Return PR-AUC and calibration error of the ceiling."""
    labels = labels.astype("float64")
    weights = metrics.once(labels)
    precision = metrics.average_precision(labels, ceiling, weights)[0]
    return float(precision), float(metrics.calibration_error(labels, ceiling, weights)[0])


def _days(column: pd.Series) -> pd.Series:
    return pd.to_datetime(column).astype("datetime64[s]")
