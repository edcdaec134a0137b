"""Judging a model on the test month-ends, against the recency rule, with intervals and bars."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from models.errors import LeakSuspected
from models.metrics import brier_skill, calibration_error, top_decile_lift

MODEL, RECENCY_RULE = "logistic", "recency_rule"
REPORT_COLUMNS = ["model", "metric", "snapshot", "value", "low", "high", "bar", "passed"]

RESAMPLES = 200
PR_AUC_RATIO_BAR = 1.10
CALIBRATION_BAR, CALIBRATION_BAR_ROWS = 0.02, 5_000
"""The bar on calibration error holds from this many rows on: with fewer, a perfect model misses it too."""
CONTRIBUTION_BAR = 1e-6
AUC_ALARM = 0.95

Metric = Callable[[np.ndarray, np.ndarray], float]
RANKING: dict[str, Metric] = {
    "pr_auc": average_precision_score, "auc": roc_auc_score, "top_decile_lift": top_decile_lift,
}  # fmt: skip
PROBABILITY: dict[str, Metric] = {
    "brier": brier_score_loss, "brier_skill": brier_skill, "calibration_error": calibration_error,
}  # fmt: skip


def judge(
    test: pd.DataFrame, probability: np.ndarray, recency: np.ndarray, contribution_gap: float, *, seed: int
) -> pd.DataFrame:
    """Report at grain model × metric for labelled rows (customer_key, as_of, is_dormant) sorted by key.

    `low` and `high` bound 95 % of `RESAMPLES` bootstraps by customer. Without a bar, `bar` is NaN and `passed` None.
    `snapshot` is the last month-end judged. The ratio to the recency rule passes if its lower bound is above 1 too.
    `contribution_gap`: the largest distance between a row's contributions, summed, and its log-odds.
    """
    labels = test["is_dormant"].to_numpy(dtype=bool)
    value = _figures(labels, probability, recency)
    repeated = pd.DataFrame([
        _figures(labels[rows], probability[rows], recency[rows]) for rows in _resamples(test, labels, seed)
    ])  # fmt: skip
    low, high = repeated.quantile(0.025), repeated.quantile(0.975)

    report = pd.DataFrame([
        {"model": model, "metric": metric, "value": figure, "low": low[model, metric], "high": high[model, metric]}
        for (model, metric), figure in value.items()
    ])  # fmt: skip
    plain = {
        "rows": len(test), "snapshots": test["as_of"].nunique(), "base_rate": labels.mean(),
        "contribution_gap": contribution_gap,
    }  # fmt: skip
    without_interval = pd.DataFrame(
        [{"model": MODEL, "metric": name, "value": float(one)} for name, one in plain.items()]
    )
    report = pd.concat([report, without_interval], ignore_index=True).assign(snapshot=test["as_of"].max())
    return _with_bars(report, rows=len(test))


def alarm_on_leak(report: pd.DataFrame, features: pd.DataFrame, is_dormant: pd.Series) -> None:
    """Raises LeakSuspected if the model's AUC is above `AUC_ALARM`, with the numeric features that rank best alone."""
    auc = report.set_index(["model", "metric"])["value"][MODEL, "auc"]
    if auc <= AUC_ALARM:
        return
    labels = is_dormant.to_numpy(dtype=bool)
    alone = {}
    for name, column in features.select_dtypes("number").items():
        one = roc_auc_score(labels, column.fillna(-1))
        alone[name] = max(one, 1 - one)
    best = ", ".join(f"{name} {one:.3f}" for name, one in sorted(alone.items(), key=lambda item: -item[1])[:3])
    raise LeakSuspected(
        f"expected AUC of at most {AUC_ALARM} at {report['snapshot'].iloc[0]:%Y-%m-%d}, found {auc:.3f} on "
        f"{len(labels)} rows with base rate {labels.mean():.3f}: a feature knows the future. Best alone: {best}"
    )


def _figures(labels: np.ndarray, probability: np.ndarray, recency: np.ndarray) -> dict[tuple[str, str], float]:
    figures = {(MODEL, name): metric(labels, probability) for name, metric in (RANKING | PROBABILITY).items()}
    figures |= {(RECENCY_RULE, name): metric(labels, recency) for name, metric in RANKING.items()}
    figures[MODEL, "pr_auc_to_recency"] = figures[MODEL, "pr_auc"] / figures[RECENCY_RULE, "pr_auc"]
    return figures


def _resamples(test: pd.DataFrame, labels: np.ndarray, seed: int) -> list[np.ndarray]:
    """Row numbers of each resample of customers; one that draws a single class is drawn again."""
    codes, customers = pd.factorize(test["customer_key"])
    chance = np.random.default_rng(seed)
    drawn: list[np.ndarray] = []
    while len(drawn) < RESAMPLES:
        times = np.bincount(chance.integers(len(customers), size=len(customers)), minlength=len(customers))
        rows = np.repeat(np.arange(len(test)), times[codes])
        if 0 < labels[rows].sum() < len(rows):
            drawn.append(rows)
    return drawn


def _with_bars(report: pd.DataFrame, rows: int) -> pd.DataFrame:
    ratio = report["metric"].eq("pr_auc_to_recency")
    error = report["metric"].eq("calibration_error") & (rows >= CALIBRATION_BAR_ROWS)
    gap = report["metric"].eq("contribution_gap")
    report["bar"] = np.select([ratio, error, gap], [PR_AUC_RATIO_BAR, CALIBRATION_BAR, CONTRIBUTION_BAR], np.nan)
    beaten = np.where(ratio, (report["value"] >= report["bar"]) & (report["low"] > 1), report["value"] <= report["bar"])
    judged = report["bar"].notna()
    report["passed"] = pd.Series(
        [bool(one) if known else None for one, known in zip(beaten, judged, strict=True)], dtype="object"
    )
    return report[REPORT_COLUMNS]
