"""Baselines: rules and simple models that a model must beat, or that score in its place.

Each baseline gives a ranking of rows: a higher number means that the label is more likely. Baselines without their
columns are left out. The recency rule, RFM and the base rate also give probabilities: each is a logistic regression.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.features.features import Feature
from models.features.frames import feature_frame
from models.features.targets import Target
from models.learn.calibrate import Sigmoid
from models.learn.candidates import LOGISTIC, fit
from models.learn.columns import read_columns
from models.learn.mbg import fit_mbg
from models.learn.scorer import BASE_RATE, RECENCY_RULE, RFM, Scorer, typical_row
from models.learn.snapshots import WHERE

MBG, TRIGGERS = "mbg_none", "handbook_triggers"

RFM_COLUMNS = (
    "days_since_customer_event",
    "need_events",
    "budget_max_wan",
    "days_since_purchase",
    "purchases_365d",
    "purchase_contribution_mean",
)
"""Recency, frequency and money. Before the first deal, the budget replaces money."""
PURCHASE_HISTORY = ("purchases_total", "days_since_first_purchase", "days_since_purchase")
TRIGGER_COUNT = "trigger_count"
"""Column of the snapshots: the number of triggers of the handbook that a row shows."""
MBG_COLUMNS = ("customer_events_total", "days_since_customer_event", "days_since_first_known", "event_gap_mean_days")


def baseline_scorers(target: Target, labelled: pd.DataFrame, seed: int) -> dict[str, Scorer]:
    """Return the baselines that give probabilities, fitted on labelled rows: recency rule, RFM, base rate."""
    labels = labelled["label"].to_numpy(dtype=bool)
    recency = tuple(feature for feature in target.features if feature.name == target.recency)
    scorers = {}
    for kind, features in ((RECENCY_RULE, recency), (RFM, _rfm(target)), (BASE_RATE, recency)):
        frame = feature_frame(labelled, features, WHERE)
        fitted = fit(LOGISTIC, read_columns(frame, features), labels, features, seed)
        if kind == BASE_RATE:
            model = fitted.model
            model.coef_ = np.zeros_like(model.coef_)
            model.intercept_ = np.array([np.log(labels.mean() / (1 - labels.mean()))])
        scorers[kind] = Scorer(kind, features, fitted, Sigmoid(), typical_row(frame, features))
    return scorers


def baseline_rankings(
    target: Target, past: pd.DataFrame, test: pd.DataFrame, scorers: dict[str, Scorer], *, horizon_days: int
) -> dict[str, np.ndarray]:
    """Return the ranking of the test rows by each baseline.

    `past`, `test`: raw rows, also with columns that are no features. `scorers`: the result of `baseline_scorers` on
    `past`. MBG/NBD reads the events of engaged customers and of open leads, and the purchases of buyers.
    """
    rfm = scorers[RFM]
    rankings = {
        RECENCY_RULE: _signed(target, _recency(test, target)),
        RFM: rfm.margin(feature_frame(test, rfm.features, WHERE)),
        BASE_RATE: np.zeros(len(test)),
    }
    if target.name in ("dormancy", "intent") and set(MBG_COLUMNS) <= set(past):
        silent = fit_mbg(*history(past)).probability_none(*history(test), horizon_days)
        rankings[MBG] = _signed(target, silent)
    if target.name == "purchase_silence" and set(PURCHASE_HISTORY) <= set(past):
        silent = fit_mbg(*purchase_history(past)).probability_none(*purchase_history(test), horizon_days)
        rankings[MBG] = _signed(target, silent)
    if TRIGGER_COUNT in test:
        rankings[TRIGGERS] = _signed(target, test[TRIGGER_COUNT].to_numpy(dtype="float64"))
    return rankings


def _rfm(target: Target) -> tuple[Feature, ...]:
    return tuple(feature for feature in target.features if feature.name in RFM_COLUMNS)


def history(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x, t_x and t of MBG/NBD from raw rows. A customer without an event counts as new today.

    x × the mean gap is exactly the time from the first event to the last.
    """
    numbers = rows[list(MBG_COLUMNS)].astype("float64")
    recency = numbers["days_since_customer_event"].fillna(numbers["days_since_first_known"]).to_numpy()
    x = np.maximum(numbers["customer_events_total"].to_numpy() - 1, 0)
    t_x = numbers["event_gap_mean_days"].fillna(0).to_numpy() * x
    return x, t_x, np.maximum(t_x + recency, 1)


def purchase_history(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x, t_x and t of MBG/NBD from the purchases of buyers."""
    total, first, last = (rows[name].to_numpy(dtype="float64") for name in PURCHASE_HISTORY)
    return total - 1, first - last, np.maximum(first, 1)


def _recency(frame: pd.DataFrame, target: Target) -> np.ndarray:
    """Return the days of silence. Customers without an event rank as silent longest."""
    days = frame[target.recency].astype("float64")
    return days.fillna(days.max() + 1 if days.notna().any() else 0).to_numpy(dtype="float64")


def _signed(target: Target, silence: np.ndarray) -> np.ndarray:
    return silence if target.recency_rises else -silence
