"""The model card: the facts needed to reproduce and to review a model, as content for JSON."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import scipy
import sklearn
import skops

from models.features.targets import Target
from models.judge.bootstrap import RESAMPLES
from models.judge.choose import RULE
from models.learn.rolling import Months
from models.learn.scorer import LINEAR, Scorer
from models.learn.snapshots import Split

REFIT = (
    "The figures are those of the procedure fitted on the month-ends `past` and judged on `test`. The model that "
    "scores is the same procedure fitted again on all labelled month-ends; its own later figures are not known yet."
)

MAY_SCORE_RULE = (
    "the chosen model if the lower bounds of its Brier skill over the base rate and of its PR-AUC over the best "
    "baseline lie above 0 and 1 on the judged month-ends; else the best baseline with a lower bound of Brier skill "
    "above 0; else the base rate"
)


def model_card(
    facts: dict[str, Any],
    target: Target,
    split: Split,
    scorer: Scorer,
    judged: Scorer,
    *,
    months: dict[str, Months],
    choice: dict[str, Any],
    audited: pd.DataFrame,
    drift: dict[str, Any],
    report: pd.DataFrame,
) -> dict[str, Any]:
    """Return `facts` (ids, dates, hashes, seed) with population, split, choice, scorers, drift reference and figures.

    `months`: rolling-origin month-ends behind the sigmoid of each scorer. `choice`: the chosen candidate, and the gain
    of each other candidate over the logistic. `audited`: result of `models.judge.leaks.audit`. `drift`: result of
    `models.judge.drift.reference`.
    """
    return facts | {
        "population": target.population,
        "label": target.label.format(horizon=facts["horizon_days"]),
        "snapshots": {name: _rows(getattr(split, name)) for name in ("past", "test", "labelled")},
        "censored": {
            "rows": int(split.censored.sum()),
            "by_as_of": dict(zip(_days(split.censored.index), split.censored.tolist(), strict=True)),
        },
        "refit": REFIT,
        "choice": {"rule": RULE, **choice},
        "scores": {"rule": MAY_SCORE_RULE, "kind": scorer.kind, "may_score": scorer.kind == choice["chosen"]},
        "features": [feature.as_json() for feature in scorer.features],
        "leak_audit": audited[["column", "auc", "suspected", "why"]].to_dict("records"),
        "scorers": {
            name: _scorer(fitted, months[name]) for name, fitted in (("published", scorer), ("judged", judged))
        },
        "bootstrap_resamples": RESAMPLES,
        "drift": drift,
        "figures": [
            {
                "model": row.model,
                "metric": row.metric,
                "segment": row.segment,
                "value": row.value,
                "low": _or_null(row.low),
                "high": _or_null(row.high),
                "bar": _or_null(row.bar),
                "passed": _or_null(row.passed),
            }
            for row in report.itertuples()
        ],
        "versions": library_versions(),
    }


def library_versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that a stored model depends on."""
    modules = (np, scipy, pd, sklearn, skops)
    return {"python": platform.python_version()} | {module.__name__: module.__version__ for module in modules}


def _scorer(scorer: Scorer, months: Months) -> dict[str, Any]:
    content: dict[str, Any] = {
        "kind": scorer.kind,
        "sigmoid": vars(scorer.sigmoid),
        "calibration": _calibration(scorer, months),
        "reference": scorer.reference,
        "cells": scorer.cells and scorer.cells.as_json(),
    }
    if scorer.kind in LINEAR:
        model = scorer.fitted.model
        content["intercept"] = float(model.intercept_[0])
        content["coefficients"] = dict(zip(scorer.fitted.encoder.outputs, model.coef_[0].tolist(), strict=True))
    return content


def _calibration(scorer: Scorer, months: Months) -> dict[str, Any]:
    if scorer.sigmoid.rows:
        return {
            "method": "sigmoid on pooled rolling-origin predictions",
            "as_of": _days(sorted(months)),
            "rows": scorer.sigmoid.rows,
        }
    return {
        "method": "none",
        "reason": "the logistic's own probabilities: the rows that it learned from set their level",
    }


def _rows(frame: pd.DataFrame) -> dict[str, Any]:
    return {
        "as_of": _days(sorted(frame["as_of"].unique())),
        "rows": len(frame),
        "with_label": frame["label"].sum().item(),
        "customers": frame["customer_key"].nunique(),
    }


def _days(moments: Iterable[pd.Timestamp]) -> list[str]:
    return [f"{moment:%Y-%m-%d}" for moment in moments]


def _or_null(value: Any) -> Any:
    if pd.isna(value):
        return None
    return value.item() if isinstance(value, np.generic) else value
