"""Figures that scikit-learn does not have. Pure functions of labels and scores; ties never depend on row order."""

from __future__ import annotations

import numpy as np
import pandas as pd


def top_decile_lift(is_dormant: np.ndarray, score: np.ndarray) -> float:
    """Dormancy rate among the tenth of rows with the highest score ÷ the rate of all.

    The tenth is rounded up to whole rows; rows tied at its edge count with their mean, as if drawn at random.
    """
    labels = np.asarray(is_dormant, dtype="float64")
    score = np.asarray(score, dtype="float64")
    size = int(np.ceil(len(score) / 10))
    edge = np.sort(score)[-size]
    above, tied = score > edge, score == edge
    dormant = labels[above].sum() + (size - above.sum()) * labels[tied].mean()
    return float(dormant / size / labels.mean())


def brier_skill(is_dormant: np.ndarray, probability: np.ndarray) -> float:
    """1 − Brier score ÷ that of the base rate of the same rows: 0 says no more than the base rate, 1 is perfect."""
    labels = np.asarray(is_dormant, dtype="float64")
    return float(1 - np.mean((probability - labels) ** 2) / np.mean((labels.mean() - labels) ** 2))


def calibration_error(is_dormant: np.ndarray, probability: np.ndarray, bins: int = 10) -> float:
    """ECE: mean |observed rate − mean probability| over bins of equal mass, weighted by their rows.

    Source: Nixon et al. (2019), Measuring calibration in deep learning (adaptive bins). Rows of one probability
    share their observed rate before they are cut into bins.
    """
    rows = pd.DataFrame({"p": np.asarray(probability), "y": np.asarray(is_dormant, dtype="float64")}).sort_values("p")
    rate = rows.groupby("p")["y"].transform("mean").to_numpy()
    gaps = np.array_split(rate - rows["p"].to_numpy(), bins)
    return float(sum(abs(gap.sum()) for gap in gaps) / len(rows))
