"""The model card: everything needed to repeat or to doubt a model, ready for JSON."""

from __future__ import annotations

import platform
from typing import Any

import numpy as np
import pandas as pd
import scipy
import sklearn
import skops
from sklearn.calibration import CalibratedClassifierCV
from sklearn.pipeline import Pipeline

from models.calibrate import sigmoid_slope, uncalibrated
from models.evaluate import RESAMPLES
from models.explain import intercept
from models.features import DORMANCY_FEATURES
from models.pipeline import INVERSE_PENALTY, RARE_SHARE
from models.snapshots import MIN_CALIBRATED, Split


def model_card(
    facts: dict[str, Any], split: Split, model: CalibratedClassifierCV | Pipeline, report: pd.DataFrame
) -> dict[str, Any]:
    """`facts` (ids, dates, hashes, seed) with population, split, calibration, features, figures and versions."""
    estimator = uncalibrated(model)
    weights = zip(estimator["columns"].get_feature_names_out(), estimator["logistic"].coef_[0], strict=True)
    return facts | {
        "population": "engaged relationships at month-ends",
        "label": f"no customer-initiated event in the {facts['horizon_days']} days after as_of",
        "snapshots": {name: _rows(getattr(split, name)) for name in ("train", "calibrate", "test")},
        "censored": {
            "rows": int(split.censored.sum()),
            "by_as_of": {f"{as_of:%Y-%m-%d}": int(rows) for as_of, rows in split.censored.items()},
        },
        "calibration": _calibration(model),
        "features": [
            {"name": one.name, "scale": one.scale, "label_en": one.label_en, "label_zh": one.label_zh}
            for one in DORMANCY_FEATURES
        ],
        "settings": {"C": INVERSE_PENALTY, "rare_share": RARE_SHARE, "bootstrap_resamples": RESAMPLES},
        "intercept": intercept(estimator),
        "coefficients": {name: float(weight) for name, weight in weights},
        "figures": [
            {"model": row.model, "metric": row.metric, "value": row.value, "low": _or_null(row.low),
             "high": _or_null(row.high), "bar": _or_null(row.bar), "passed": _or_null(row.passed)}
            for row in report.itertuples()
        ],
        "versions": library_versions(),
    }  # fmt: skip


def library_versions() -> dict[str, str]:
    """Versions of python and of the libraries that a stored model depends on."""
    modules = (np, scipy, pd, sklearn, skops)
    return {"python": platform.python_version()} | {module.__name__: module.__version__ for module in modules}


def _rows(frame: pd.DataFrame) -> dict[str, Any]:
    return {
        "as_of": [f"{as_of:%Y-%m-%d}" for as_of in sorted(frame["as_of"].unique())],
        "rows": len(frame),
        "dormant": int(frame["is_dormant"].sum()),
        "customers": int(frame["customer_key"].nunique()),
    }


def _calibration(model: CalibratedClassifierCV | Pipeline) -> dict[str, Any]:
    if isinstance(model, CalibratedClassifierCV):
        return {"method": "sigmoid", "slope": sigmoid_slope(model)}
    return {
        "method": "none",
        "reason": f"fewer than {MIN_CALIBRATED} dormant or {MIN_CALIBRATED} active rows were left for a calibration "
        "set between training and test, or for training before it; probabilities are the logistic model's own",
    }


def _or_null(value: Any) -> Any:
    if pd.isna(value):
        return None
    return value.item() if isinstance(value, np.generic) else value
