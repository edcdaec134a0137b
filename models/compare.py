"""Whether a challenger replaces the champion: a value with its figures, taken on rows that neither learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models import metrics
from models.baselines import RECENCY_RULE
from models.bootstrap import Resamples
from models.choose import SURE, pr_auc_gain
from models.evaluate import EVERYONE
from models.frames import feature_frame
from models.snapshots import split_by_time
from models.targets import feature_names
from models.trained import TrainedModel

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
    is_needed: bool = False,
) -> Decision:
    """Promote if P(PR-AUC gain > 0) ≥ 0.95, calibration error is not worse by > 0.005, and ≤ 10 % of levels flip.

    `snapshots`: what the challenger was trained on; the rows are its test month-ends. Both sides are the judged
    scorers, which learned from month-ends before their own tests: the published ones have seen these rows. `cuts`: the
    lower bounds of warning levels, in probability. A champion that reads a column which is no longer built is replaced:
    it could not score another day. Without a champion the recency rule is the one to beat, unless the model
    `is_needed`. Raises FeatureError if the snapshots lack a column of the challenger.
    """
    if champion is None:
        return _first(challenger, is_needed=is_needed)
    if champion.model_id == challenger.model_id:
        return Decision(False, "it is the champion itself", champion.model_id, {})
    if gone := [name for name in feature_names(champion.judged.features) if name not in snapshots]:
        return Decision(True, f"the champion reads {', '.join(gone)}, no longer built", champion.model_id, {})
    rows = split_by_time(
        snapshots, trained_through=challenger.trained_through, horizon_days=challenger.horizon_days
    ).test
    labels = rows["label"].to_numpy(dtype="float64")
    ours, theirs = (
        model.judged.probability(feature_frame(rows, model.judged.features, "test rows"))
        for model in (challenger, champion)
    )
    gain = pr_auc_gain(Resamples(rows["customer_key"], labels, seed), ours, theirs)
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


def _first(challenger: TrainedModel, *, is_needed: bool) -> Decision:
    """On the test month-ends, by the model's own report."""
    report = challenger.report[challenger.report["segment"] == EVERYONE].set_index(["model", "metric"])["value"]
    ours, rule = (float(report[name, "pr_auc"]) for name in (challenger.judged.kind, RECENCY_RULE))
    beaten = f"PR-AUC {rule:.3f} of the recency rule is {'not ' if ours <= rule else ''}beaten"
    exempt = ", but nothing can be graded without a model" if is_needed and ours <= rule else ""
    reason = f"first model of its target and horizon: {beaten}{exempt}"
    return Decision(ours > rule or is_needed, reason, None, {"pr_auc": ours, "recency_rule_pr_auc": rule})


def levels(probability: np.ndarray, cuts: Sequence[float]) -> np.ndarray:
    """Number of the warning level: how many cuts the probability reaches. Rounded as the published one is compared."""
    return np.searchsorted(np.sort(np.asarray(cuts, dtype="float64")), probability.round(6), side="right")
