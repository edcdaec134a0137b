"""The state of each person at a moment: what a world knows exactly."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.demo.chance import Booleans


def net_signed(deals: pd.DataFrame, people: int, t: float) -> Booleans:
    """Whether each person had a signed deal that was not cancelled before t."""
    standing = (deals["signed"] < t) & ~(deals["cancelled"] < t)
    return np.bincount(deals.loc[standing, "person"], minlength=people) > 0


def gone(events: pd.DataFrame, people: pd.DataFrame, t: float) -> Booleans:
    """Whether each person who came before t had dropped out of every need by then."""
    opened = events[events["first"] & (events["t"] < t)]
    alive = np.bincount(opened.loc[opened["dropout"] > t, "person"], minlength=len(people)) > 0
    return (people["arrival"].to_numpy() < t) & ~alive
