"""The columns of a frame before they are encoded: each text is numbered once, and each logarithm is taken once.

No value here depends on other rows, except the numbers of texts, which encoders do not depend on. Therefore a part of
the rows is a slice, and the fits of a training share one preparation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.features.features import Feature

NO_VALUE = "(none)"


@dataclass(frozen=True)
class Columns:
    """The features of rows, by name.

    `numbers`: as they are. `linear`: capped and on the scale of the feature; null only in features without a cap.
    `codes`: the place of each text in `texts`; null is the text NO_VALUE.
    """

    size: int
    numbers: dict[str, np.ndarray]
    linear: dict[str, np.ndarray]
    codes: dict[str, np.ndarray]
    texts: dict[str, np.ndarray]

    def __len__(self) -> int:
        """The number of rows."""
        return self.size

    def take(self, rows: np.ndarray) -> Columns:
        """Return some rows: `rows` are their positions in ascending order, or a mask."""
        places = np.nonzero(rows)[0] if rows.dtype == bool else rows
        numbers, linear, codes = (
            {name: values[places] for name, values in part.items()} for part in (self.numbers, self.linear, self.codes)
        )
        return Columns(len(places), numbers, linear, codes, self.texts)


def read_columns(frame: pd.DataFrame, features: Sequence[Feature]) -> Columns:
    """Read the features of a checked frame (see `feature_frame`)."""
    numbers, linear, codes, texts = {}, {}, {}, {}
    for feature in features:
        column = frame[feature.name]
        if feature.scale == "category":
            codes[feature.name], distinct = pd.factorize(column.fillna(NO_VALUE))
            texts[feature.name] = np.asarray(distinct, dtype=object)
        else:
            numbers[feature.name] = column.to_numpy(dtype="float64")
            linear[feature.name] = _linear(numbers[feature.name], feature)
    return Columns(len(frame), numbers, linear, codes, texts)


def _linear(values: np.ndarray, feature: Feature) -> np.ndarray:
    if feature.cap is not None:
        values = np.clip(np.where(np.isnan(values), feature.cap, values), 0.0, feature.cap)
    return np.log1p(values) if feature.scale == "log" else values
