"""Rules that a model must beat."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.features import RECENCY


def recency_rule(features: pd.DataFrame) -> np.ndarray:
    """Days since the last customer-initiated event: the longer, the likelier dormant. A rank, not a probability."""
    return features[RECENCY].to_numpy(dtype="float64")
