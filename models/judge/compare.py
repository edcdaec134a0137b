"""Comparison of a challenger with the champion, on rows that neither learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.features.frames import feature_frame
from models.features.targets import feature_names
from models.judge import metrics
from models.judge.bootstrap import Resamples, interval
from models.judge.choose import SURE, Gain, pr_auc_gain
from models.learn.scorer import MODEL
from models.learn.snapshots import split_by_time
from models.learn.trained import TrainedModel

WORSE_CALIBRATED = 0.005
FLIPPED = 0.10


@dataclass(frozen=True)
class Decision:
    """The result. `promote`: the challenger replaces the champion; `reason` and `figures` explain why."""

    promote: bool
    reason: str
    champion: str | None
    figures: dict[str, float]


def compare(
    challenger: TrainedModel,
    champion: TrainedModel | None,
    snapshots: pd.DataFrame,
    *,
    cuts: Sequence[float],
    seed: int,
) -> Decision:
    """Promote if P(PR-AUC gain > 0) ≥ 0.95, calibration error rises by ≤ 0.005, and ≤ 10 % of levels change.

    `snapshots`: the training rows of the challenger; the comparison uses its test month-ends. It compares the judged
    scorers, because the published scorers learned from these rows. `cuts`: lower bounds of warning levels, in
    probability.

    The champion is replaced in any case if it is a baseline, if it reads a column that is no longer built, or if it may
    no longer score: its Brier skill is not above 0 beyond chance, or it does not beat the baseline that challenges it.
    Raises FeatureError if the snapshots lack a column of the challenger.
    """
    if champion is None:
        return Decision(True, f"first of its target and horizon: scored by {challenger.scorer.source}", None, {})
    if champion.model_id == challenger.model_id:
        return Decision(False, "it is the champion itself", champion.model_id, {})
    if gone := [name for name in feature_names(champion.judged.features) if name not in snapshots]:
        return Decision(True, f"the champion reads {', '.join(gone)}, no longer built", champion.model_id, {})
    if champion.scorer.source != MODEL:
        return Decision(True, f"the champion is a baseline, {champion.scorer.source}", champion.model_id, {})
    rows = split_by_time(
        snapshots, trained_through=challenger.trained_through, horizon_days=challenger.horizon_days
    ).test
    labels = rows["label"].to_numpy(dtype="float64")
    ours, theirs = (
        model.judged.probability(feature_frame(rows, model.judged.features, "test rows"))
        for model in (challenger, champion)
    )
    resamples = Resamples(rows["customer_key"], labels, seed)
    gain = pr_auc_gain(resamples, ours, theirs)
    if lost := _lost(resamples, challenger, ours, theirs):
        return Decision(
            True, f"the champion may no longer score: {lost}", champion.model_id, {"rows": float(len(rows))}
        )
    if challenger.scorer.source != MODEL:
        return Decision(False, "a model that may score keeps its place before a baseline", champion.model_id, {})
    return _decide(gain, labels, ours, theirs, champion.model_id, cuts)


def _decide(
    gain: Gain, labels: np.ndarray, ours: np.ndarray, theirs: np.ndarray, champion: str, cuts: Sequence[float]
) -> Decision:
    """Apply the three rules of promotion to the probabilities of challenger and champion."""
    error, champion_error = (
        float(metrics.calibration_error(labels, probability, metrics.once(labels))[0]) for probability in (ours, theirs)
    )
    changed = float(np.mean(levels(ours, cuts) != levels(theirs, cuts)))
    rules = (
        (gain.is_sure, f"P(PR-AUC gain > 0) is {gain.probability:.3f}, below {SURE}"),
        (
            error - champion_error <= WORSE_CALIBRATED,
            f"calibration error rises by {error - champion_error:.4f}, above {WORSE_CALIBRATED}",
        ),
        (changed <= FLIPPED, f"{changed:.1%} of warning levels flip, above {FLIPPED:.0%}"),
    )
    broken = [reason for is_met, reason in rules if not is_met]
    figures = {
        "rows": float(len(labels)),
        "pr_auc_gain": gain.value,
        "probability_of_gain": gain.probability,
        "calibration_error": error,
        "champion_calibration_error": champion_error,
        "levels_flipped": changed,
    }
    return Decision(not broken, "; ".join(broken) or "every rule holds", champion, figures)


def _lost(resamples: Resamples, challenger: TrainedModel, ours: np.ndarray, theirs: np.ndarray) -> str:
    """Return why the champion may no longer score on these rows; empty if it may."""
    skill, _ = interval(resamples.figures(metrics.brier_skill, theirs))
    if skill <= 0:
        return f"the lower bound of its Brier skill is {skill:.3f}"
    if challenger.scorer.source != MODEL:
        pr_auc, baseline = (resamples.figures(metrics.rarer_average_precision, ranking) for ranking in (theirs, ours))
        ratio, _ = interval(pr_auc / baseline)
        if ratio <= 1:
            return f"the lower bound of its PR-AUC over that of {challenger.scorer.source} is {ratio:.3f}"
    return ""


def levels(probability: np.ndarray, cuts: Sequence[float]) -> np.ndarray:
    """Return the number of cuts that each probability reaches. Rounded to 6 decimals, as dbt compares it."""
    return np.searchsorted(np.sort(np.asarray(cuts, dtype="float64")), probability.round(6), side="right")
