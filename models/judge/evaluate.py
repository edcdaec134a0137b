"""One table of every model and baseline on the test month-ends, with intervals and bars."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from models.judge import metrics
from models.judge.bootstrap import Metric, Resamples, interval
from models.learn.scorer import BASE_RATE

REPORT_COLUMNS = ["horizon_days", "model", "metric", "segment", "snapshot", "value", "low", "high", "bar", "passed"]
EVERYONE = "all"

CALIBRATION_BAR, CALIBRATION_BAR_ROWS = 0.02, 5_000
"""With fewer rows a perfect model would miss the bar: then only the lower bound has to meet it."""
LEVEL_BARS = 0.9, 1.1
"""Mean predicted ÷ realised of a month-end: its interval must overlap this range."""
CONTRIBUTION_BAR = 1e-6

RATIO, SKILL, LEVEL = "pr_auc_to_best_baseline", "brier_skill", "predicted_to_realised"
MAY_SCORE, SCORES = "may_score", "scores"
RANKING: dict[str, Metric] = {
    "pr_auc": metrics.rarer_average_precision,
    "auc": metrics.auc,
    "top_decile_lift": metrics.top_decile_lift,
}
PROBABILITY: dict[str, Metric] = {
    "brier": metrics.brier,
    SKILL: metrics.brier_skill,
    "calibration_error": metrics.calibration_error,
}


def judge(
    test: pd.DataFrame,
    probabilities: dict[str, np.ndarray],
    baselines: dict[str, np.ndarray],
    fitted: dict[str, np.ndarray],
    chosen: str,
    *,
    seed: int,
) -> pd.DataFrame:
    """Report at grain model × metric for labelled rows (customer_key, as_of, label) sorted by key.

    `probabilities`: of the candidates. `baselines`: rankings of all baselines; `fitted`: probabilities of the baselines
    that can score. `low`, `high`: 95 % interval by bootstrap over customers. `snapshot`: the last judged month-end. The
    ratio divides the PR-AUC of the chosen model by that of the baseline with the highest PR-AUC.
    """
    labels = test["label"].to_numpy(dtype="float64")
    resamples = Resamples(test["customer_key"], labels, seed)
    rows, pr_auc = [], {}
    for model, ranking in (probabilities | baselines).items():
        figures = [(name, metric, ranking) for name, metric in RANKING.items()]
        probability = (probabilities | fitted).get(model)
        if probability is not None:
            figures += [(name, metric, probability) for name, metric in PROBABILITY.items()]
        for name, metric, judged in figures:
            repeated = resamples.figures(metric, judged)
            value = float(metric(labels, judged, metrics.once(labels))[0])
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
    """Add single figures (model, metric) without an interval, such as seconds, to the report."""
    rows = pd.DataFrame([_row(model, metric, value) for (model, metric), value in figures.items()])
    rows = rows.assign(segment=EVERYONE, snapshot=report["snapshot"].iloc[0])
    return pd.concat([report, rows], ignore_index=True)


def by_month(test: pd.DataFrame, probability: np.ndarray, model: str, *, seed: int) -> pd.DataFrame:
    """Return mean predicted ÷ realised of each judged month-end, as segment `as_of=2026-03-31`, with interval.

    Month-ends of a single class are skipped.
    """
    rows = []
    for as_of in sorted(test["as_of"].unique()):
        members = (test["as_of"] == as_of).to_numpy()
        labels, predicted = test["label"].to_numpy(dtype="float64")[members], probability[members]
        if not 0 < labels.sum() < len(labels):
            continue
        repeated = Resamples(test["customer_key"][members], labels, seed).figures(_level, predicted)
        value = float(_level(labels, predicted, metrics.once(labels))[0])
        rows.append(_row(model, LEVEL, value, *interval(repeated)) | {"segment": f"as_of={as_of:%Y-%m-%d}"})
    columns = ["model", "metric", "value", "low", "high", "segment"]
    return pd.DataFrame(rows, columns=columns).assign(snapshot=test["as_of"].max())


def _level(labels: np.ndarray, probability: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return metrics.mean_probability(labels, probability, weights) / metrics.base_rate(labels, probability, weights)


def may_score(report: pd.DataFrame, chosen: str) -> bool:
    """Return whether the chosen model is better than base rate and baselines, beyond chance.

    The lower bound of its Brier skill must be above 0, that of its PR-AUC over the best baseline above 1.
    """
    low = report[report["segment"] == EVERYONE].set_index(["model", "metric"])["low"]
    return bool(low[chosen, SKILL] > 0 and low[chosen, RATIO] > 1)


def who_scores(report: pd.DataFrame, chosen: str, fitted: Iterable[str]) -> str:
    """Return the chosen model if it may score, else the best baseline, else the base rate.

    `fitted`: the baselines that can score. A baseline needs a Brier skill above 0 beyond chance; the best one has the
    highest PR-AUC.
    """
    if may_score(report, chosen):
        return chosen
    everyone = report[report["segment"] == EVERYONE].set_index(["model", "metric"])
    low, value = everyone["low"], everyone["value"]
    useful = [name for name in fitted if low[name, SKILL] > 0]
    return max(useful, key=lambda name: value[name, "pr_auc"], default=BASE_RATE)


def with_verdict(report: pd.DataFrame, chosen: str, scoring: str) -> pd.DataFrame:
    """Add `may_score` of the chosen model and `scores` of the scoring model or baseline to the report."""
    return further_figures(report, {(chosen, MAY_SCORE): float(may_score(report, chosen)), (scoring, SCORES): 1.0})


def with_bars(report: pd.DataFrame, chosen: str) -> pd.DataFrame:
    """Add `bar` and `passed` to the report: rows of the chosen model and of the scoring model.

    Rows without a bar have `bar` NaN and `passed` None.
    """
    report = report.copy()
    metric, value, low, high = (report[name] for name in ("metric", "value", "low", "high"))
    ours = report["model"].eq(chosen) & report["segment"].eq(EVERYONE)
    rows = value[ours & metric.eq("rows")].iloc[0]
    error = value if rows >= CALIBRATION_BAR_ROWS else low
    bars: list[tuple[pd.Series, float, pd.Series]] = [
        (ours & metric.eq(RATIO), 1.0, low > 1),
        (ours & metric.eq(SKILL), 0.0, low > 0),
        (ours & metric.eq(MAY_SCORE), 1.0, value >= 1),
        (ours & metric.eq("calibration_error"), CALIBRATION_BAR, error <= CALIBRATION_BAR),
        (metric.eq("contribution_gap"), CONTRIBUTION_BAR, value <= CONTRIBUTION_BAR),
        (metric.eq(LEVEL), LEVEL_BARS[1], (low <= LEVEL_BARS[1]) & (high >= LEVEL_BARS[0])),
    ]
    report["bar"] = np.select([where for where, _, _ in bars], [bar for _, bar, _ in bars], np.nan)
    is_met = np.select([where for where, _, _ in bars], [met for _, _, met in bars], default=False)
    report["passed"] = pd.Series(
        [bool(met) if known else None for met, known in zip(is_met, report["bar"].notna(), strict=True)],
        dtype="object",
        index=report.index,
    )
    return report


def _row(model: str, metric: str, value: float, low: float = np.nan, high: float = np.nan) -> dict[str, object]:
    return {"model": model, "metric": metric, "value": value, "low": low, "high": high}
