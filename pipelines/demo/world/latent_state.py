"""The true state of each person at a time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.demo.chance import Booleans


def net_signed(deals: pd.DataFrame, people: int, t: float) -> Booleans:
    """Whether each person has a deal that was signed and not cancelled before t."""
    is_net_signed = (deals["signed"] < t) & ~(deals["cancelled"] < t)
    return np.bincount(deals.loc[is_net_signed, "person"], minlength=people) > 0


def gone(events: pd.DataFrame, people: pd.DataFrame, t: float) -> Booleans:
    """Whether each person arrived before t and has dropped out of all needs by t."""
    opened = events[events["first"] & (events["t"] < t)]
    alive = np.bincount(opened.loc[opened["dropout"] > t, "person"], minlength=len(people)) > 0
    return (people["arrival"].to_numpy() < t) & ~alive
