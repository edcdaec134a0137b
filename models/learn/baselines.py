"""Rules and simple models that a model must beat, and that score where it does not.

Each is a score in the direction of the label. A baseline that needs columns the target does not have is left out. The
recency rule, RFM and the base rate can score: they are fitted as logistic regressions of few columns.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.features.features import Feature
from models.features.frames import feature_frame
from models.features.targets import Target
from models.learn.calibrate import Sigmoid
from models.learn.candidates import LOGISTIC, fit, margin
from models.learn.mbg import fit_mbg
from models.learn.scorer import BASE_RATE, RECENCY_RULE, RFM, Scorer, typical_row
from models.learn.snapshots import WHERE

MBG, TRIGGERS = "mbg_none", "handbook_triggers"

RFM_COLUMNS = (
    "days_since_customer_event", "need_events", "budget_max_wan",
    "days_since_purchase", "purchases_365d", "purchase_contribution_mean",
)  # fmt: skip
"""Recency, frequency and money; a relationship without a deal has no money but its budget."""
PURCHASE_HISTORY = ("purchases_total", "days_since_first_purchase", "days_since_purchase")
TRIGGER_COUNT = "trigger_count"
"""How many of the handbook's warning signs a row of the snapshots shows, by the rules of the house."""
MBG_COLUMNS = ("customer_events_total", "days_since_customer_event", "days_since_first_known", "event_gap_mean_days")


def baseline_scorers(target: Target, labelled: pd.DataFrame, seed: int) -> dict[str, Scorer]:
    """The baselines that can score, fitted on labelled rows: the recency rule, RFM, the base rate."""
    labels = labelled["label"].to_numpy(dtype=bool)
    recency = tuple(feature for feature in target.features if feature.name == target.recency)
    scorers = {}
    for kind, features in ((RECENCY_RULE, recency), (RFM, _rfm(target)), (BASE_RATE, recency)):
        frame = feature_frame(labelled, features, WHERE)
        pipeline = fit(LOGISTIC, frame, labels, features, seed)
        if kind == BASE_RATE:
            pipeline["model"].coef_ = np.zeros_like(pipeline["model"].coef_)
            pipeline["model"].intercept_ = np.array([np.log(labels.mean() / (1 - labels.mean()))])
        scorers[kind] = Scorer(kind, features, pipeline, Sigmoid(), typical_row(frame, features))
    return scorers


def baseline_scores(
    target: Target, past: pd.DataFrame, test: pd.DataFrame, scorers: dict[str, Scorer], *, horizon_days: int
) -> dict[str, np.ndarray]:
    """Score of each baseline for the test rows. `past` and `test`: raw rows, of which some columns are no features.

    `scorers`: what `baseline_scorers` fitted on `past`. The triggers are those that the snapshots tell, if they do.
    The MBG of buyers reads their purchases so far.
    """
    rfm = scorers[RFM]
    scores = {
        RECENCY_RULE: _signed(target, _recency(test, target)),
        RFM: margin(rfm.pipeline, feature_frame(test, rfm.features, WHERE)),
        BASE_RATE: np.zeros(len(test)),
    }
    if target.name in ("dormancy", "intent") and set(MBG_COLUMNS) <= set(past):
        silent = fit_mbg(*history(past)).probability_none(*history(test), horizon_days)
        scores[MBG] = _signed(target, silent)
    if target.name == "purchase_silence" and set(PURCHASE_HISTORY) <= set(past):
        silent = fit_mbg(*purchase_history(past)).probability_none(*purchase_history(test), horizon_days)
        scores[MBG] = _signed(target, silent)
    if TRIGGER_COUNT in test:
        scores[TRIGGERS] = _signed(target, test[TRIGGER_COUNT].to_numpy(dtype="float64"))
    return scores


def _rfm(target: Target) -> tuple[Feature, ...]:
    return tuple(feature for feature in target.features if feature.name in RFM_COLUMNS)


def history(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, t_x and t of MBG/NBD from raw rows; who had no event is taken as just begun.

    The mean gap tells the day of the first event exactly.
    """
    numbers = rows[list(MBG_COLUMNS)].astype("float64")
    recency = numbers["days_since_customer_event"].fillna(numbers["days_since_first_known"]).to_numpy()
    x = np.maximum(numbers["customer_events_total"].to_numpy() - 1, 0)
    t_x = numbers["event_gap_mean_days"].fillna(0).to_numpy() * x
    return x, t_x, np.maximum(t_x + recency, 1)


def purchase_history(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, t_x and t of MBG/NBD from the purchases of buyers at a day."""
    total, first, last = (rows[name].to_numpy(dtype="float64") for name in PURCHASE_HISTORY)
    return total - 1, first - last, np.maximum(first, 1)


def _recency(frame: pd.DataFrame, target: Target) -> np.ndarray:
    """Days of silence; whoever never had an event has been silent longest."""
    days = frame[target.recency].astype("float64")
    return days.fillna(days.max() + 1 if days.notna().any() else 0).to_numpy(dtype="float64")


def _signed(target: Target, silence: np.ndarray) -> np.ndarray:
    return silence if target.recency_rises else -silence
