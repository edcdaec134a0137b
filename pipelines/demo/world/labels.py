"""The true dormancy labels at each month-end."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.demo.config import DemoConfig
from pipelines.demo.world.latent_state import gone, net_signed

ENGAGED_EVENTS = 2
ENGAGED_DAYS = 60
HORIZONS = (60, 90, 120)


def dormancy(events: pd.DataFrame, deals: pd.DataFrame, people: pd.DataFrame, config: DemoConfig) -> pd.DataFrame:
    """Row: engaged person x as_of (month-end) x horizon_days, if the horizon ends by the last day.

    Engaged: at least two customer events in the 60 days that end with as_of, and no net signed deal. `dormant`: no
    event in the horizon. `alive`: whether the person has not dropped out (latent).
    """
    span = float(config.horizon + max(HORIZONS) + 1)
    key = np.sort(events["person"].to_numpy() * span + events["t"].to_numpy())
    base, rows = np.arange(len(people)) * span, []
    start = np.datetime64(config.start, "D")
    for cut in _month_ends(config):
        before = np.searchsorted(key, base + cut)
        recent = before - np.searchsorted(key, base + max(cut - ENGAGED_DAYS, 0))
        engaged = np.flatnonzero((recent >= ENGAGED_EVENTS) & ~net_signed(deals, len(people), cut))
        alive = ~gone(events, people, cut)[engaged]
        for horizon in (days for days in HORIZONS if cut + days <= config.days):
            later = np.searchsorted(key, base[engaged] + cut + horizon) - before[engaged]
            rows.append(
                pd.DataFrame(
                    {
                        "person": engaged,
                        "as_of": start + (cut - 1),
                        "horizon_days": horizon,
                        "dormant": later == 0,
                        "alive": alive,
                    }
                )
            )
    return pd.concat(rows, ignore_index=True)


def _month_ends(config: DemoConfig) -> list[int]:
    """The midnight that ends each month, as days since the start."""
    days = np.datetime64(config.start, "D") + np.arange(1, config.days + 1)
    return [int(day) for day in 1 + np.flatnonzero(days.astype("datetime64[M]").astype("datetime64[D]") == days)]
