"""The decision about a challenger and the champion of its day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from models.judge.compare import Decision, compare
from models.learn.trained import TrainedModel
from models.store.champions import champion, champions, was_rolled_back


def decide(
    store: Path,
    challenger: TrainedModel,
    snapshots: pd.DataFrame,
    *,
    cuts: Sequence[float],
    seed: int,
) -> Decision:
    """Return whether a saved challenger replaces the champion that scores the day `trained_through`. Changes nothing.

    Champions trained through a later day are ignored. A model that was rolled back is not promoted again. Raises what
    `compare` raises.
    """
    day = challenger.trained_through
    promotions = champions(store, challenger.target, challenger.horizon_days)
    has_earlier = any(event["trained_through"] <= day.isoformat() for event in promotions)
    incumbent = champion(store, challenger.target, challenger.horizon_days, day) if has_earlier else None
    decision = compare(challenger, incumbent, snapshots, cuts=cuts, seed=seed)
    if decision.promote and was_rolled_back(store, challenger):
        return replace(decision, promote=False, reason="it was rolled back before")
    return decision
