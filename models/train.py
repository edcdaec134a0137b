"""Training of the dormancy model: split, fit, calibrate, judge."""

from __future__ import annotations

import hashlib
import json
from datetime import date

import numpy as np
import pandas as pd
from sklearn.calibration import CalibratedClassifierCV
from sklearn.pipeline import Pipeline

from models.baselines import recency_rule
from models.calibrate import calibrate
from models.card import model_card
from models.evaluate import alarm_on_leak, judge
from models.explain import contribution_gap
from models.features import DORMANCY_FEATURES, feature_frame
from models.pipeline import fit_logistic
from models.snapshots import split_by_time
from models.trained import TrainedModel

TARGET = "dormancy"


def train_dormancy(
    snapshots: pd.DataFrame,
    *,
    trained_through: date,
    horizon_days: int,
    seed: int,
    data_hash: str,
    code_revision: str,
) -> TrainedModel:
    """Train on snapshots (customer × as_of, engaged relationships; features, horizon_days, is_dormant).

    Nothing later than `trained_through` is used. `seed` draws the bootstrap; the fit itself has no chance in it.
    Raises FeatureError, TooLittleHistory, FitError, LeakSuspected.
    """
    split = split_by_time(snapshots, trained_through=trained_through, horizon_days=horizon_days)
    train, test = (feature_frame(rows, "training snapshots") for rows in (split.train, split.test))
    model: CalibratedClassifierCV | Pipeline = fit_logistic(train, split.train["is_dormant"])
    estimator = model
    if len(split.calibrate):
        later = feature_frame(split.calibrate, "training snapshots")
        model = calibrate(estimator, later, split.calibrate["is_dormant"])

    probability = model.predict_proba(test)[:, 1]
    report = judge(split.test, probability, recency_rule(test), contribution_gap(estimator, test), seed=seed)
    alarm_on_leak(report, test, split.test["is_dormant"])

    inputs = {"data_hash": data_hash, "seed": seed, "horizon_days": horizon_days}
    model_id = f"{TARGET}-{trained_through:%Y%m%d}-{_fingerprint(inputs, estimator, probability)}"
    report.insert(0, "model_version", model_id)
    report.insert(1, "target", TARGET)
    facts = {"model_id": model_id, "target": TARGET, "trained_through": trained_through.isoformat(), **inputs}
    card = model_card(facts | {"code_revision": code_revision}, split, model, report)
    return TrainedModel(model_id, TARGET, trained_through, horizon_days, model, report, card)


def _fingerprint(inputs: dict[str, object], estimator: Pipeline, probability: np.ndarray) -> str:
    """The same data, seed and resulting scores give the same 10 hex digits; code that changes neither changes none."""
    logistic = estimator["logistic"]
    content = {
        "inputs": inputs,
        "features": [(feature.name, feature.scale) for feature in DORMANCY_FEATURES],
        "coefficients": np.append(logistic.coef_[0], logistic.intercept_).round(6).tolist(),
        "test_scores": probability.round(6).tolist(),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:10]
