"""One table of every model and baseline on the test month-ends, with intervals and bars."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models import metrics
from models.bootstrap import Metric, Resamples, interval

REPORT_COLUMNS = ["horizon_days", "model", "metric", "segment", "snapshot", "value", "low", "high", "bar", "passed"]
EVERYONE = "all"

PR_AUC_RATIO_BAR = 1.10
CALIBRATION_BAR, CALIBRATION_BAR_ROWS = 0.02, 5_000
"""The bar on calibration error holds from this many rows on: with fewer, a perfect model misses it too."""
CONTRIBUTION_BAR = 1e-6

RATIO = "pr_auc_to_best_baseline"
RANKING: dict[str, Metric] = {
    "pr_auc": metrics.rarer_average_precision, "auc": metrics.auc, "top_decile_lift": metrics.top_decile_lift,
}  # fmt: skip
PROBABILITY: dict[str, Metric] = {
    "brier": metrics.brier, "brier_skill": metrics.brier_skill, "calibration_error": metrics.calibration_error,
}  # fmt: skip


def judge(
    test: pd.DataFrame,
    probabilities: dict[str, np.ndarray],
    baselines: dict[str, np.ndarray],
    chosen: str,
    *,
    seed: int,
) -> pd.DataFrame:
    """Report at grain model × metric for labelled rows (customer_key, as_of, label) sorted by key.

    `low` and `high` bound 95 % of the bootstraps by customer. Without a bar, `bar` is NaN and `passed` None.
    `snapshot` is the last month-end judged. Bars are held for the chosen model alone; its PR-AUC is divided by that of
    the best baseline, best by value, and passes if the lower bound of the paired ratio is above 1 too.
    """
    labels = test["label"].to_numpy(dtype="float64")
    resamples = Resamples(test["customer_key"], labels, seed)
    rows, pr_auc = [], {}
    for model, score in (probabilities | baselines).items():
        for name, metric in (RANKING | (PROBABILITY if model in probabilities else {})).items():
            repeated = resamples.figures(metric, score)
            value = float(metric(labels, score, metrics.once(labels))[0])
            rows.append(_row(model, name, value, *interval(repeated)))
            if name == "pr_auc":
                pr_auc[model] = value, repeated
    best = max(baselines, key=lambda name: pr_auc[name][0])
    ratio, repeated = (ours / theirs for ours, theirs in zip(pr_auc[chosen], pr_auc[best], strict=True))
    rows.append(_row(chosen, RATIO, ratio, *interval(repeated)))
    counts = {"rows": len(test), "snapshots": test["as_of"].nunique(), "base_rate": labels.mean()}
    rows += [_row(chosen, name, float(value)) for name, value in counts.items()]
    return pd.DataFrame(rows).assign(segment=EVERYONE, snapshot=test["as_of"].max())


def further_figures(report: pd.DataFrame, figures: dict[tuple[str, str], float]) -> pd.DataFrame:
    """The report with single figures (model, metric) without an interval, such as seconds."""
    rows = pd.DataFrame([_row(model, metric, value) for (model, metric), value in figures.items()])
    rows = rows.assign(segment=EVERYONE, snapshot=report["snapshot"].iloc[0])
    return pd.concat([report, rows], ignore_index=True)


def with_bars(report: pd.DataFrame, chosen: str) -> pd.DataFrame:
    """The report with `bar` and `passed` for the chosen model's rows about everyone."""
    report = report.copy()
    ours = report["model"].eq(chosen) & report["segment"].eq(EVERYONE)
    rows = report.loc[ours & report["metric"].eq("rows"), "value"].iloc[0]
    ratio, gap = (ours & report["metric"].eq(name) for name in (RATIO, "contribution_gap"))
    error = ours & report["metric"].eq("calibration_error") & (rows >= CALIBRATION_BAR_ROWS)
    report["bar"] = np.select([ratio, error, gap], [PR_AUC_RATIO_BAR, CALIBRATION_BAR, CONTRIBUTION_BAR], np.nan)
    beaten = np.where(ratio, (report["value"] >= report["bar"]) & (report["low"] > 1), report["value"] <= report["bar"])
    judged = report["bar"].notna()
    report["passed"] = pd.Series(
        [bool(one) if known else None for one, known in zip(beaten, judged, strict=True)],
        dtype="object", index=report.index,
    )  # fmt: skip
    return report


def _row(model: str, metric: str, value: float, low: float = np.nan, high: float = np.nan) -> dict[str, object]:
    return {"model": model, "metric": metric, "value": value, "low": low, "high": high}
