"""Whether a challenger replaces the champion: a value with its figures, taken on rows that neither learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.features.frames import feature_frame
from models.features.targets import feature_names
from models.judge import metrics
from models.judge.bootstrap import Resamples, interval
from models.judge.choose import SURE, pr_auc_gain
from models.learn.scorer import MODEL
from models.learn.snapshots import split_by_time
from models.learn.trained import TrainedModel

WORSE_CALIBRATED = 0.005
FLIPPED = 0.10


@dataclass(frozen=True)
class Decision:
    """`promote`: the challenger takes over. `reason` in words; `figures` behind it."""

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
    """Promote if P(PR-AUC gain > 0) ≥ 0.95, calibration error is not worse by > 0.005, and ≤ 10 % of levels flip.

    `snapshots`: what the challenger was trained on; the rows are its test month-ends. Both sides are the judged
    scorers, which learned from month-ends before their own tests: the published ones have seen these rows. `cuts`: the
    lower bounds of warning levels, in probability. A champion that reads a column which is no longer built is replaced:
    it could not score another day. So is a baseline, which was never chosen for its merits, and a model that may no
    longer score: its Brier skill is not above 0 beyond chance, or it does not beat the baseline that challenges it.
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
    errors = [float(metrics.calibration_error(labels, one, metrics.once(labels))[0]) for one in (ours, theirs)]
    flipped = float(np.mean(levels(ours, cuts) != levels(theirs, cuts)))
    failed = [
        words for words, holds in (
            (f"P(PR-AUC gain > 0) is {gain.probability:.3f}, below {SURE}", gain.is_sure),
            (f"calibration error rises by {errors[0] - errors[1]:.4f}, above {WORSE_CALIBRATED}",
             errors[0] - errors[1] <= WORSE_CALIBRATED),
            (f"{flipped:.1%} of warning levels flip, above {FLIPPED:.0%}", flipped <= FLIPPED),
        ) if not holds
    ]  # fmt: skip
    figures = {
        "rows": float(len(rows)), "pr_auc_gain": gain.value, "probability_of_gain": gain.probability,
        "calibration_error": errors[0], "champion_calibration_error": errors[1], "levels_flipped": flipped,
    }  # fmt: skip
    return Decision(not failed, "; ".join(failed) or "every rule holds", champion.model_id, figures)


def _lost(resamples: Resamples, challenger: TrainedModel, ours: np.ndarray, theirs: np.ndarray) -> str:
    """Why the champion may no longer score on these rows; empty if it may."""
    skill, _ = interval(resamples.figures(metrics.brier_skill, theirs))
    if skill <= 0:
        return f"the lower bound of its Brier skill is {skill:.3f}"
    if challenger.scorer.source != MODEL:
        precision = [resamples.figures(metrics.rarer_average_precision, one) for one in (theirs, ours)]
        ratio, _ = interval(precision[0] / precision[1])
        if ratio <= 1:
            return f"the lower bound of its PR-AUC over that of {challenger.scorer.source} is {ratio:.3f}"
    return ""


def levels(probability: np.ndarray, cuts: Sequence[float]) -> np.ndarray:
    """Number of the warning level: how many cuts the probability reaches. Rounded as the published one is compared."""
    return np.searchsorted(np.sort(np.asarray(cuts, dtype="float64")), probability.round(6), side="right")
