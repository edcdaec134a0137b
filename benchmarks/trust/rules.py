"""Rules about drift, promotion and the model card. Each figure counts violations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from models.judge.compare import compare
from models.judge.drift import MIN_ROWS, drift
from models.learn.trained import TrainedModel

KEPT_FACTS = ("data_hash", "code_revision", "seed", "versions", "trained_through")


def rule_figures(
    model: TrainedModel, snapshots: pd.DataFrame, population: pd.DataFrame, cuts: Sequence[float], seed: int
) -> dict[str, float]:
    """Return the counts. `population`: scored rows of the day. `snapshots`: the training rows of the model.

    `early_warnings`: features that warn of drift with too few rows. `unblocked`: faults that do not block, of a column
    removed, a column turned into text and a column emptied. `unproven`: promotions of a challenger with the same
    probabilities as the champion. `facts_not_kept`: facts missing on the card.
    """
    reference = model.card["drift"]
    number = next(feature.name for feature in model.scorer.features if not feature.nullable)
    enough = pd.concat([population] * -(-MIN_ROWS // len(population)), ignore_index=True)
    faults = (
        enough.drop(columns=[number]),
        enough.assign(**{number: enough[number].astype(str)}),
        enough.assign(**{number: np.nan}),
    )
    few = drift(reference, population.head(MIN_ROWS - 1)).table
    twin = compare(replace(model, model_id="twin"), model, snapshots, cuts=cuts, seed=seed)
    return {
        "early_warnings": float(few["level"].isin(["notable", "large"]).sum()),
        "unblocked": float(sum(not drift(reference, fault).blocks for fault in faults)),
        "unproven": float(twin.promote),
        "facts_not_kept": float(sum(model.card.get(fact) in (None, "", {}) for fact in KEPT_FACTS)),
    }
