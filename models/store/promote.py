"""A challenger meets the champion of its day."""

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
    """Whether a saved challenger replaces the champion that scores its `trained_through`; changes nothing.

    A champion trained through a later day is left out: it must not decide about an earlier one. A model that was
    rolled back is not promoted again. Raises what `compare` raises.
    """
    day = challenger.trained_through
    held = champions(store, challenger.target, challenger.horizon_days)
    earlier = any(event["trained_through"] <= day.isoformat() for event in held)
    incumbent = champion(store, challenger.target, challenger.horizon_days, day) if earlier else None
    decision = compare(challenger, incumbent, snapshots, cuts=cuts, seed=seed)
    if decision.promote and was_rolled_back(store, challenger):
        return replace(decision, promote=False, reason="it was rolled back before")
    return decision
