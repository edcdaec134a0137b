"""Rules and simple models that a model must beat. Each is a score in the direction of the label, not a probability.

A baseline that needs columns the target does not have is left out.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.candidates import fit, margin
from models.mbg import fit_mbg
from models.targets import Target

RECENCY_RULE, RFM, MBG, TRIGGERS = "recency_rule", "rfm_logistic", "mbg_none", "handbook_triggers"

RFM_COLUMNS = (
    "days_since_customer_event", "customer_events_total", "budget_max_wan",
    "days_since_purchase", "purchases_365d", "purchase_contribution_mean",
)  # fmt: skip
"""Recency, frequency and money; a relationship without a deal has no money but its budget."""
PURCHASE_HISTORY = ("purchases_total", "days_since_first_purchase", "days_since_purchase")
TRIGGER_COUNT = "trigger_count"
"""How many of the handbook's warning signs a row of the snapshots shows, by the rules of the house."""


def baseline_scores(
    target: Target,
    past: pd.DataFrame,
    labels: np.ndarray,
    test: pd.DataFrame,
    triggers: pd.Series | None,
    *,
    horizon_days: int,
    seed: int,
    histories: tuple[pd.DataFrame, pd.DataFrame] | None = None,
) -> dict[str, np.ndarray]:
    """Score of each baseline for the test rows. `past` and `test`: checked frames of the target's features.

    `triggers`: how many handbook triggers each test row shows, None where the snapshots do not tell.
    `histories`: the rows of both as the snapshots have them, with the purchases so far where those are known.
    """
    scores = {RECENCY_RULE: _signed(target, _recency(test, target))}
    rfm = tuple(feature for feature in target.features if feature.name in RFM_COLUMNS)
    columns = [feature.name for feature in rfm]
    scores[RFM] = margin(fit("logistic", past[columns], labels, rfm, seed), test[columns])
    if target.name in ("dormancy", "intent") and {"customer_events_total", "days_since_first_known"} <= set(past):
        silent = fit_mbg(*history(past)).probability_none(*history(test), horizon_days)
        scores[MBG] = _signed(target, silent)
    if target.name == "purchase_silence" and histories:
        past_buyers, buyers = (purchase_history(rows) for rows in histories)
        scores[MBG] = _signed(target, fit_mbg(*past_buyers).probability_none(*buyers, horizon_days))
    if triggers is not None:
        scores[TRIGGERS] = _signed(target, triggers.to_numpy(dtype="float64"))
    return scores


def history(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, t_x and t of MBG/NBD from the features of a customer at a day; who had no event is taken as just begun.

    The mean gap tells the day of the first event exactly; where it is not a feature, the first contact stands in.
    """
    events = frame["customer_events_total"].to_numpy()
    recency = frame["days_since_customer_event"].fillna(frame["days_since_first_known"]).to_numpy()
    x = np.maximum(events - 1, 0)
    if "event_gap_mean_days" in frame:
        t_x = frame["event_gap_mean_days"].fillna(0).to_numpy() * x
    else:
        t_x = np.where(x > 0, np.maximum(frame["days_since_first_known"].to_numpy() - recency, 0), 0)
    return x, t_x, np.maximum(t_x + recency, 1)


def purchase_history(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, t_x and t of MBG/NBD from the purchases of buyers at a day."""
    total, first, last = (rows[name].to_numpy(dtype="float64") for name in PURCHASE_HISTORY)
    return total - 1, first - last, np.maximum(first, 1)


def _recency(frame: pd.DataFrame, target: Target) -> np.ndarray:
    """Days of silence; whoever never had an event has been silent longest."""
    days = frame[target.recency]
    return days.fillna(days.max() + 1 if days.notna().any() else 0).to_numpy(dtype="float64")


def _signed(target: Target, silence: np.ndarray) -> np.ndarray:
    return silence if target.recency_rises else -silence
