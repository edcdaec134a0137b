"""A challenger meets the champion of its day; the store keeps the decision."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from models.champions import champion, champions, record, was_rolled_back
from models.compare import Decision, compare
from models.trained import TrainedModel


def offer(
    store: Path, challenger: TrainedModel, snapshots: pd.DataFrame, *, cuts: Sequence[float], seed: int
) -> Decision:
    """Compare a saved challenger with the champion that scores its `trained_through`, and record the decision.

    A champion trained through a later day is left out: it must not decide about an earlier one. A model that was
    rolled back is not promoted again. Raises what `compare` and `record` raise.
    """
    day = challenger.trained_through
    held = champions(store, challenger.target, challenger.horizon_days)
    earlier = any(event["trained_through"] <= day.isoformat() for event in held)
    incumbent = champion(store, challenger.target, challenger.horizon_days, day) if earlier else None
    decision = compare(challenger, incumbent, snapshots, cuts=cuts, seed=seed)
    if decision.promote and was_rolled_back(store, challenger):
        decision = Decision(False, "it was rolled back before", decision.champion, decision.figures)
    if incumbent is None or incumbent.model_id != challenger.model_id:
        record(store, challenger, decision)
    return decision
