"""The steps that make a scorer from labelled rows. The judged and the published scorer use the same steps."""

from __future__ import annotations

from dataclasses import dataclass
from time import process_time

import numpy as np
import pandas as pd

from models.features.frames import feature_frame
from models.features.targets import Target
from models.learn.calibrate import Sigmoid, fit_sigmoid
from models.learn.candidates import LOGISTIC, fit
from models.learn.columns import Columns, read_columns
from models.learn.rolling import class_counts, rolling_origins, rows_of
from models.learn.scorer import Scorer, typical_row
from models.learn.shrinkage import Cells, fit_cells, is_new
from models.learn.snapshots import WHERE


@dataclass(frozen=True)
class Prepared:
    """Labelled rows to fit on: `frame` (checked features), `columns` (the same) and `rows` (keys, label), row by row.

    New leads are counted in `cells` instead, if there are enough of them."""

    target: Target
    horizon_days: int
    seed: int
    rows: pd.DataFrame
    frame: pd.DataFrame
    columns: Columns
    cells: Cells | None

    @property
    def labels(self) -> np.ndarray:
        """Return the label of each row."""
        return self.rows["label"].to_numpy(dtype=bool)


@dataclass(frozen=True)
class Rolled:
    """Pooled rolling-origin predictions: the rows, and the margins of each candidate."""

    labels: np.ndarray
    customers: pd.Series
    months: tuple[pd.Timestamp, ...]
    margins: dict[str, np.ndarray]


def prepare(target: Target, labelled: pd.DataFrame, *, horizon_days: int, seed: int) -> Prepared:
    """Check the frame and separate new leads. Raises FeatureError."""
    frame = feature_frame(labelled, target.features, WHERE)
    cells = None
    if target.routes_new_leads:
        new = is_new(frame)
        cells = fit_cells(frame[new], labelled["label"].to_numpy(dtype=bool)[new])
        if cells:
            labelled, frame = labelled[~new].reset_index(drop=True), frame[~new].reset_index(drop=True)
    columns = read_columns(frame, target.features)
    return Prepared(target, horizon_days, seed, labelled, frame, columns, cells)


def roll(prepared: Prepared, names: list[str]) -> Rolled:
    """Predict later month-ends from earlier ones. The result is empty if there is too little history."""
    as_of = prepared.rows["as_of"]
    origins = rolling_origins(class_counts(prepared.rows), prepared.horizon_days)
    picked, margins = [np.array([], dtype=int)], {name: [np.array([])] for name in names}
    for fitted_on, predicted in origins:
        before, after = rows_of(as_of, fitted_on), rows_of(as_of, predicted)
        picked.append(np.nonzero(after)[0])
        learnt, later = prepared.columns.take(before), prepared.columns.take(after)
        for name in names:
            fitted = fit(name, learnt, prepared.labels[before], prepared.target.features, prepared.seed)
            margins[name].append(fitted.margin(later))
    rows = np.concatenate(picked)
    return Rolled(
        prepared.labels[rows],
        prepared.rows["customer_key"].iloc[rows],
        tuple(month for _, predicted in origins for month in predicted),
        {name: np.concatenate(parts) for name, parts in margins.items()},
    )


def make_scorer(prepared: Prepared, name: str, rolled: Rolled) -> tuple[Scorer, float]:
    """Fit a candidate on all prepared rows and return the scorer and the seconds of processor time.

    The sigmoid is fitted on the rolled predictions. The logistic, and any candidate without rolled predictions, has
    none. Raises FitError, also if the ranking is reversed on the rolled predictions.
    """
    sigmoid = fit_sigmoid(rolled.margins[name], rolled.labels, name) if len(rolled.labels) else Sigmoid()
    if name == LOGISTIC:
        # The rolled predictions come from models with fewer rows. Above all in a young home, a sigmoid fitted on them
        # raised the probabilities of later months by up to 0.03.
        sigmoid = Sigmoid()
    begun = process_time()
    fitted = fit(name, prepared.columns, prepared.labels, prepared.target.features, prepared.seed)
    seconds = process_time() - begun
    typical = typical_row(prepared.frame, prepared.target.features)
    return Scorer(name, prepared.target.features, fitted, sigmoid, typical, prepared.cells), seconds
