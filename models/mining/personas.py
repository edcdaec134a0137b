"""Personas by K-means with stable ids: centres are kept between two fits, and matched at a new fit."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from models.errors import FeatureError
from models.mining.choose_k import choose, evidence
from models.mining.persona_features import FEATURES, Scale

REFIT_AFTER_DAYS = 28
"""Between two fits the centres stay, so that a customer without a new event keeps the persona."""
ENOUGH_CUSTOMERS = 200
DECIMALS = 6
ROW_COLUMNS = (
    "persona_id",
    "feature",
    "centre",
    "low",
    "high",
    "mean",
    "sd",
    "fitted_on",
    "highest_id",
    "label_en",
    "label_zh",
    "evidence",
)


@dataclass(frozen=True)
class Personas:
    """Fitted personas.

    `centres`: in scaled space; index persona_id, columns FEATURES. `names`: label_en, label_zh by persona_id.
    `highest_id`: the highest id ever used; ids are never reused. `evidence`: figures by k behind the number of
    personas, with the column `chosen`.
    """

    fitted_on: date
    centres: pd.DataFrame
    scale: Scale
    names: pd.DataFrame
    highest_id: int
    evidence: pd.DataFrame

    def is_due(self, as_of: date) -> bool:
        """Return whether a new fit is due on this day."""
        return (as_of - self.fitted_on).days >= REFIT_AFTER_DAYS or tuple(self.centres.columns) != FEATURES

    def assign(self, features: pd.DataFrame) -> pd.DataFrame:
        """Return the nearest centre of each customer: persona_id, distance (in s.d.). Index as in `features`."""
        distances = cdist(self.scale.apply(features), self.centres.to_numpy())
        nearest = distances.argmin(axis=1)
        return pd.DataFrame(
            {
                "persona_id": self.centres.index.to_numpy()[nearest],
                "distance": distances.min(axis=1).round(DECIMALS),
            },
            index=features.index,
        )

    def to_rows(self) -> pd.DataFrame:
        """Return the rows of the ledger: persona × feature, columns ROW_COLUMNS."""
        rows = self.centres.rename_axis("persona_id").reset_index()
        rows = rows.melt(id_vars="persona_id", var_name="feature", value_name="centre")
        rows = rows.merge(self.scale.table, left_on="feature", right_index=True)
        rows = rows.merge(self.names, left_on="persona_id", right_index=True)
        rows = rows.assign(
            fitted_on=self.fitted_on, highest_id=self.highest_id, evidence=self.evidence.to_json(orient="records")
        )
        return rows[list(ROW_COLUMNS)].sort_values(["persona_id", "feature"], ignore_index=True)

    @classmethod
    def from_rows(cls, rows: pd.DataFrame) -> Personas:
        """Return the personas of rows by `to_rows`. Raises FeatureError for a missing column or rows of two fits."""
        missing = set(ROW_COLUMNS) - set(rows.columns)
        if missing:
            raise FeatureError(f"kept personas: expected columns {ROW_COLUMNS}, missing {sorted(missing)}")
        if rows["fitted_on"].nunique() != 1:
            raise FeatureError(f"kept personas: expected one day of fit, found {rows['fitted_on'].nunique()}")
        known = [name for name in FEATURES if name in set(rows["feature"])]
        order = known + sorted(set(rows["feature"]) - set(known))
        centres = rows.pivot(index="persona_id", columns="feature", values="centre")[order].rename_axis(columns=None)
        scale = rows.drop_duplicates("feature").set_index("feature").loc[order, ["low", "high", "mean", "sd"]]
        names = rows.drop_duplicates("persona_id").set_index("persona_id")[["label_en", "label_zh"]].sort_index()
        fitted_on = pd.Timestamp(rows["fitted_on"].iloc[0]).date()
        table = pd.DataFrame(json.loads(rows["evidence"].iloc[0]))
        return cls(fitted_on, centres, Scale(scale.rename_axis(None)), names, int(rows["highest_id"].iloc[0]), table)


def fit_personas(features: pd.DataFrame, as_of: date, seed: int, kept: Personas | None = None) -> Personas:
    """Fit centres on the customers of a day. Groups that existed before keep their ids. Names are empty.

    Raises FeatureError below ENOUGH_CUSTOMERS.
    """
    if len(features) < ENOUGH_CUSTOMERS:
        raise FeatureError(f"personas: expected at least {ENOUGH_CUSTOMERS} customers, found {len(features)}")
    features = features.sort_index()
    scale = Scale.learn(features)
    scaled = scale.apply(features)
    # One thread: sums have a fixed order, and waiting threads would cost more than they save.
    with threadpool_limits(1):
        table = evidence(scaled, seed)
        k = choose(table, len(features), in_use=len(kept.centres) if kept else None)
        fitted = KMeans(k, n_init=10, random_state=seed).fit(scaled).cluster_centers_.round(DECIMALS)
    # Sorted, so that first ids depend on the centres and not on the random start.
    fitted = fitted[np.lexsort(fitted.T[::-1])]
    ids, highest = match_ids(fitted, scale, kept)
    centres = pd.DataFrame(fitted, index=ids, columns=list(FEATURES)).sort_index()
    blank = pd.DataFrame({"label_en": "", "label_zh": ""}, index=centres.index)
    table = table.round(DECIMALS).assign(chosen=table["k"].eq(k))
    return Personas(as_of, centres, scale, blank, highest, table)


def match_ids(fitted: np.ndarray, scale: Scale, kept: Personas | None) -> tuple[list[int], int]:
    """Return ids of new centres, and the highest id ever used.

    New and kept centres are paired with the least total distance (Hungarian method). Other centres get new ids.
    """
    if kept is None or tuple(kept.centres.columns) != FEATURES:
        first = kept.highest_id if kept else 0
        return [first + number + 1 for number in range(len(fitted))], first + len(fitted)
    before = scale.apply(pd.DataFrame(kept.scale.undo(kept.centres.to_numpy()), columns=list(FEATURES)))
    new, old = linear_sum_assignment(cdist(fitted, before))
    matched = dict(zip(new.tolist(), kept.centres.index[old].tolist(), strict=True))
    ids, highest = [], kept.highest_id
    for number in range(len(fitted)):
        if number not in matched:
            highest += 1
        ids.append(int(matched.get(number, highest)))
    return ids, highest
