"""A trained model, in memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from models.learn.scorer import Scorer


@dataclass(frozen=True)
class TrainedModel:
    """What training hands over, and what the store keeps.

    `scorer` learned from all labelled month-ends and gives the published probabilities. `judged` is the same procedure
    on the month-ends before the test: the report's figures are its own, and challengers are compared with it.
    `report`: grain model × metric × segment, with model_version and target. `card`: JSON-ready. `pictures`: PNG by the
    name of `plots.PICTURES`, of the judged scorer on the test.
    """

    model_id: str
    target: str
    trained_through: date
    horizon_days: int
    scorer: Scorer
    judged: Scorer
    report: pd.DataFrame
    card: dict[str, Any]
    pictures: dict[str, bytes]
