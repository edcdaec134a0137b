"""Probabilities of new leads without history: label rates of similar leads, shrunk towards larger groups.

Beta-binomial shrinkage (x + m·p0) / (n + m), nested: all → channel → channel × demand. m is the weight of the larger
group in rows. Each level has its own m, by maximum likelihood of the beta-binomial. Source: Efron & Morris (1975), Data
analysis using Stein's estimator; Skellam (1948) for the beta-binomial.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import logit
from scipy.stats import betabinom

from models.learn.columns import NO_VALUE

NEW_EVENTS, NEW_DAYS = 1, 14
"""A new lead has at most NEW_EVENTS customer-initiated events and has been known for less than NEW_DAYS days."""
CHANNEL, DEMAND = "first_channel", "demand_type"
MIN_ROWS, MIN_EVENTS = 200, 10
"""Minimum of new leads, and of new leads in each class, for cells. With fewer, the model scores new leads too."""
STRENGTHS = (1.0, 10_000.0)

Counts = tuple[int, int]


@dataclass(frozen=True)
class Cells:
    """x of n rows have the label, by level; m: weight of the level above. Keys of `cells`: channel, tab, demand."""

    everyone: Counts
    channels: dict[str, Counts]
    cells: dict[str, Counts]
    m_channel: float
    m_cell: float

    def as_json(self) -> dict[str, Any]:
        """Return the content for a model card."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any] | None) -> Cells | None:
        """Return the cells that `as_json` wrote."""
        if content is None:
            return None
        everyone = _counts(content["everyone"])
        channels, cells = (
            {name: _counts(counts) for name, counts in content[level].items()} for level in ("channels", "cells")
        )
        return cls(everyone, channels, cells, content["m_channel"], content["m_cell"])

    def steps(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the log-odds of all new leads, the steps to channel and cell, and x and n of both, row by row."""
        keys = _keys(frame)
        distinct = keys.drop_duplicates()
        steps = pd.DataFrame([self._step(*key) for key in distinct.itertuples(index=False)], index=distinct.index)
        by_key = pd.concat([distinct, steps], axis=1)
        return keys.merge(by_key, on=["channel", "demand"], how="left").set_axis(frame.index)

    def _step(self, channel: str, demand: str) -> dict[str, float]:
        everyone = _rate(self.everyone)
        of_channel, of_cell = self.channels.get(channel, (0, 0)), self.cells.get(f"{channel}\t{demand}", (0, 0))
        by_channel = shrink(*of_channel, everyone, self.m_channel)
        by_cell = shrink(*of_cell, by_channel, self.m_cell)
        return {
            "base": logit(everyone),
            "by_channel": logit(by_channel) - logit(everyone),
            "by_demand": logit(by_cell) - logit(by_channel),
            "channel_x": of_channel[0],
            "channel_n": of_channel[1],
            "cell_x": of_cell[0],
            "cell_n": of_cell[1],
        }


def is_new(frame: pd.DataFrame) -> np.ndarray:
    """Return whether each row is a new lead."""
    events, known = frame["customer_events_30d"], frame["days_since_first_known"]
    return ((events <= NEW_EVENTS) & (known < NEW_DAYS)).to_numpy()


def shrink(x: float, n: float, prior: float, m: float) -> float:
    """Return (x + m·prior) / (n + m)."""
    return (x + m * prior) / (n + m)


def fit_cells(frame: pd.DataFrame, labels: np.ndarray) -> Cells | None:
    """Count new leads by cell. Returns None below MIN_ROWS rows or MIN_EVENTS rows of a class."""
    rows = _keys(frame).assign(x=labels.astype(int), n=1)
    x, n = rows["x"].sum(), len(rows)
    if n < MIN_ROWS or min(x, n - x) < MIN_EVENTS:
        return None
    channels = rows.groupby("channel")[["x", "n"]].sum()
    by_channel = {str(name): _counts(row) for name, row in zip(channels.index, channels.to_numpy(), strict=True)}
    m_channel = _strength(channels, np.full(len(channels), _rate((x, n))))
    above = {name: shrink(*counts, _rate((x, n)), m_channel) for name, counts in by_channel.items()}
    cells = rows.groupby(["channel", "demand"])[["x", "n"]].sum()
    m_cell = _strength(cells, np.array([above[channel] for channel, _ in cells.index]))
    by_cell = {"\t".join(name): _counts(row) for name, row in zip(cells.index, cells.to_numpy(), strict=True)}
    return Cells(_counts((x, n)), by_channel, by_cell, m_channel, m_cell)


def _strength(counts: pd.DataFrame, prior: np.ndarray) -> float:
    """Return the most likely m of x of n, given `prior`. A single group keeps its prior: its m is not identified."""
    if len(counts) < 2:
        return STRENGTHS[1]
    x, n = counts["x"].to_numpy(), counts["n"].to_numpy()
    optimum = minimize_scalar(
        lambda log_m: -betabinom.logpmf(x, n, np.exp(log_m) * prior, np.exp(log_m) * (1 - prior)).sum(),
        bounds=tuple(np.log(STRENGTHS)),
        method="bounded",
    )
    return round(float(np.exp(optimum.x)), 3)


def _counts(pair: Sequence[int] | np.ndarray) -> Counts:
    x, n = pair
    return int(x), int(n)


def _rate(counts: Counts) -> float:
    return counts[0] / counts[1]


def _keys(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "channel": frame[CHANNEL].fillna(NO_VALUE).astype(str).to_numpy(),
            "demand": frame[DEMAND].fillna(NO_VALUE).astype(str).to_numpy(),
        }
    )
