"""A trained model, in memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from models.learn.scorer import Scorer


@dataclass(frozen=True)
class TrainedModel:
    """The result of a training, and the content of a folder of the store.

    `scorer`: fitted on all labelled month-ends; gives the published probabilities. `judged`: fitted in the same way on
    the month-ends before the test; the report is about it, and challengers are compared with it. `report`: grain
    model × metric × segment, with model_version and target. `card`: content for JSON. `pictures`: PNG by name of
    `plots.PICTURES`, about the judged scorer on the test.
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
