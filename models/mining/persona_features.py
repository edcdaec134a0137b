"""The features of personas: value, activity and demand of a customer. No protected attribute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

FEATURES = (
    "deals",
    "contribution",
    "subscriptions",
    "quiet",
    "events_90d",
    "events_total",
    "viewings",
    "renting",
    "investing",
    "budget_to_buy",
    "budget_to_rent",
)
BUDGET_WEIGHT = 0.5
"""Budget is one attribute on two axes (to buy, to rent): each axis has half the weight."""
CLIPPED_SHARE = 0.005
"""Share clipped at both ends before scaling: an amount in a wrong unit must not stretch an axis."""


def persona_features(customers: pd.DataFrame) -> pd.DataFrame:
    """Return features with comparable distances: logarithms of counts and amounts, 0/1 for demand.

    `customers`: one row per customer with customer_key, frequency, monetary_total, subscriptions_total,
    days_since_customer_event, days_since_first_known, customer_events_90d, customer_events_total, viewings_total,
    demand_type, budget_max_wan, is_dormancy_available. Result: index customer_key in order, columns FEATURES; null
    if unknown or not applicable.
    """
    rows = customers.sort_values("customer_key").set_index("customer_key")
    has_contacts = rows["is_dormancy_available"].astype(bool)
    rents = rows["demand_type"].eq("rent")
    quiet = rows["days_since_customer_event"].astype("float64").fillna(rows["days_since_first_known"])
    amount = rows["budget_max_wan"].astype("float64")
    budget = cast("pd.Series", np.log(amount.where(amount > 0)))
    known_demand = rows["demand_type"].notna()
    return pd.DataFrame(
        {
            "deals": _log_count(rows["frequency"]),
            "contribution": _log_count(rows["monetary_total"].astype("float64").clip(lower=0) / 1_000),
            "subscriptions": _log_count(rows["subscriptions_total"]),
            "quiet": _log_count(quiet).where(has_contacts),
            "events_90d": _log_count(rows["customer_events_90d"]).where(has_contacts),
            "events_total": _log_count(rows["customer_events_total"]).where(has_contacts),
            "viewings": _log_count(rows["viewings_total"]).where(has_contacts),
            "renting": rents.astype("float64").where(known_demand),
            "investing": rows["demand_type"].eq("invest").astype("float64").where(known_demand),
            "budget_to_buy": budget.where(~rents),
            "budget_to_rent": budget.where(rents),
        },
        columns=list(FEATURES),
    )


_WEIGHTS = pd.Series({name: BUDGET_WEIGHT if name.startswith("budget") else 1.0 for name in FEATURES})


@dataclass(frozen=True)
class Scale:
    """Clipping bounds, mean and standard deviation of each feature (index), kept with the centres."""

    table: pd.DataFrame

    @classmethod
    def learn(cls, features: pd.DataFrame) -> Scale:
        low, high = features.quantile(CLIPPED_SHARE), features.quantile(1 - CLIPPED_SHARE)
        # If most rows are equal, clipping would remove rare events: the extremes stay.
        flat = low.eq(high)
        low, high = low.where(~flat, features.min()), high.where(~flat, features.max())
        clipped = features.clip(low, high, axis="columns")
        sd = clipped.std(ddof=0)
        table = pd.DataFrame({"low": low, "high": high, "mean": clipped.mean(), "sd": sd.where(sd > 1e-9, 1.0)})
        return cls(table.fillna({"low": 0.0, "high": 0.0, "mean": 0.0, "sd": 1.0}).round(9))

    def apply(self, features: pd.DataFrame) -> np.ndarray:
        """Return customer × feature in weighted standard deviations; 0, the average, for unknown values."""
        clipped = features.clip(self.table["low"], self.table["high"], axis="columns")
        return ((clipped - self.table["mean"]) / self.table["sd"] * _WEIGHTS).fillna(0.0).to_numpy()

    def undo(self, centres: np.ndarray) -> np.ndarray:
        """Return the centres in the units of the features."""
        return centres / _WEIGHTS.to_numpy() * self.table["sd"].to_numpy() + self.table["mean"].to_numpy()


def _log_count(values: pd.Series) -> pd.Series:
    return cast("pd.Series", np.log1p(values.astype("float64")))
