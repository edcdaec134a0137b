"""A trained model, in memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from sklearn.calibration import CalibratedClassifierCV
from sklearn.pipeline import Pipeline

from models.calibrate import uncalibrated


@dataclass(frozen=True)
class TrainedModel:
    """What training hands over, and what the store keeps.

    `calibrated` gives the probabilities; it is the bare pipeline where there was too little history to calibrate.
    `report`: grain model × metric, with model_version and target. `card`: JSON-ready; says how the model came about.
    """

    model_id: str
    target: str
    trained_through: date
    horizon_days: int
    calibrated: CalibratedClassifierCV | Pipeline
    report: pd.DataFrame
    card: dict[str, Any]

    @property
    def estimator(self) -> Pipeline:
        """The pipeline whose contributions explain the score."""
        return uncalibrated(self.calibrated)
