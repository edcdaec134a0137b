"""Why a score is what it is: signed contributions of the logistic model, and the strongest of them as reasons."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from models.features import feature_names
from models.wording import phrase

REASONS = 3
DECIMALS = 6


def contributions(estimator: Pipeline, features: pd.DataFrame) -> pd.DataFrame:
    """Log-odds that each feature adds to the average row's, at grain row × feature.

    A row's contributions and `intercept(estimator)` sum to the estimator's `decision_function`. Positive ones push
    towards dormancy. A feature's indicator of missing values and its categories are summed into it.
    """
    columns, model = estimator["columns"], estimator["logistic"]
    weighted = columns.transform(features) * model.coef_[0]
    return pd.DataFrame(
        {name: weighted[:, columns.output_indices_[name]].sum(axis=1) for name in feature_names()}, index=features.index
    )


def intercept(estimator: Pipeline) -> float:
    """Log-odds of the average training row."""
    return float(estimator["logistic"].intercept_[0])


def contribution_gap(estimator: Pipeline, features: pd.DataFrame) -> float:
    """Largest |contributions + intercept − log-odds| of any row: the reasons must add up to the score."""
    summed = contributions(estimator, features).sum(axis=1) + intercept(estimator)
    return float(np.abs(summed - estimator.decision_function(features)).max())


def reasons(estimator: Pipeline, features: pd.DataFrame) -> pd.DataFrame:
    """reason_1..3 (a fact in English) and contribution_1..3 (log-odds, 6 decimals), one row per row.

    Contributions towards dormancy come first, the largest first; if there are fewer than three, those against it
    follow, the largest first. Equal ones keep the order of the whitelist.
    """
    rounded = contributions(estimator, features).round(DECIMALS).to_numpy()
    order = np.lexsort((-np.abs(rounded), rounded <= 0), axis=-1)[:, :REASONS]
    texts = np.empty(order.shape, dtype=object)
    for number, name in enumerate(feature_names()):
        chosen = order == number
        if chosen.any():
            values = features[name].to_numpy()[np.nonzero(chosen)[0]]
            codes, distinct = pd.factorize(values, use_na_sentinel=False)
            texts[chosen] = np.array([phrase(name, value) for value in distinct], dtype=object)[codes]
    strongest = np.take_along_axis(rounded, order, axis=1)
    return pd.DataFrame(
        {f"reason_{place + 1}": texts[:, place] for place in range(REASONS)}
        | {f"contribution_{place + 1}": strongest[:, place] for place in range(REASONS)},
        index=features.index,
    )
