"""New leads without history: how often leads like them did it, pulled towards a larger group where there are few.

Beta-binomial shrinkage (x + m·p0) / (n + m), nested: all → channel → channel × demand. m, the weight of the larger
group in rows, is estimated per level by maximum likelihood of the beta-binomial. Source: Efron & Morris (1975), Data
analysis using Stein's estimator; Skellam (1948) for the beta-binomial.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import logit
from scipy.stats import betabinom

from models.learn.encoders import NO_VALUE

NEW_EVENTS, NEW_DAYS = 1, 14
"""A lead is new with at most this many customer-initiated events and known for less than this many days."""
CHANNEL, DEMAND = "first_channel", "demand_type"
MIN_ROWS, MIN_EVENTS = 200, 10
"""New leads, and those of them with the label, that cells of their own need; with fewer the model scores them too."""
STRENGTHS = (1.0, 10_000.0)

Counts = tuple[int, int]


@dataclass(frozen=True)
class Cells:
    """x of n by level, and the weight m of the level above. Keys of `cells` are channel + tab + demand."""

    everyone: Counts
    channels: dict[str, Counts]
    cells: dict[str, Counts]
    m_channel: float
    m_cell: float

    def as_json(self) -> dict[str, Any]:
        """Ready for a card."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any] | None) -> Cells | None:
        """What `as_json` wrote."""
        return None if content is None else cls(
            tuple(content["everyone"]),
            *({name: tuple(counts) for name, counts in content[level].items()} for level in ("channels", "cells")),
            content["m_channel"], content["m_cell"],
        )  # fmt: skip

    def steps(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Log-odds of everyone and what channel and demand add; x and n of the channel and the cell. Row by row."""
        keys = _keys(frame)
        distinct = keys.drop_duplicates()
        told = pd.DataFrame([self._step(*key) for key in distinct.itertuples(index=False)], index=distinct.index)
        return keys.merge(pd.concat([distinct, told], axis=1), on=["channel", "demand"], how="left").set_axis(
            frame.index
        )

    def _step(self, channel: str, demand: str) -> dict[str, float]:
        everyone = _rate(self.everyone)
        of_channel, of_cell = self.channels.get(channel, (0, 0)), self.cells.get(f"{channel}\t{demand}", (0, 0))
        by_channel = shrink(*of_channel, everyone, self.m_channel)
        by_cell = shrink(*of_cell, by_channel, self.m_cell)
        return {
            "base": logit(everyone), "by_channel": logit(by_channel) - logit(everyone),
            "by_demand": logit(by_cell) - logit(by_channel),
            "channel_x": of_channel[0], "channel_n": of_channel[1], "cell_x": of_cell[0], "cell_n": of_cell[1],
        }  # fmt: skip


def is_new(frame: pd.DataFrame) -> np.ndarray:
    """Whether each row is a lead without history."""
    events, known = frame["customer_events_30d"], frame["days_since_first_known"]
    return ((events <= NEW_EVENTS) & (known < NEW_DAYS)).to_numpy()


def shrink(x: float, n: float, prior: float, m: float) -> float:
    """(x + m·prior) / (n + m)."""
    return (x + m * prior) / (n + m)


def fit_cells(frame: pd.DataFrame, labels: np.ndarray) -> Cells | None:
    """Count new leads by cell; None with fewer than MIN_ROWS of them or MIN_EVENTS with (or without) the label."""
    rows = _keys(frame).assign(x=labels.astype(int), n=1)
    x, n = int(rows["x"].sum()), len(rows)
    if n < MIN_ROWS or min(x, n - x) < MIN_EVENTS:
        return None
    channels = rows.groupby("channel")[["x", "n"]].sum()
    m_channel = _strength(channels, np.full(len(channels), _rate((x, n))))
    above = {
        name: shrink(*row, _rate((x, n)), m_channel)
        for name, row in zip(channels.index, channels.to_numpy(), strict=True)
    }
    cells = rows.groupby(["channel", "demand"])[["x", "n"]].sum()
    m_cell = _strength(cells, np.array([above[channel] for channel, _ in cells.index]))
    return Cells(
        (x, n),
        {name: (int(row.x), int(row.n)) for name, row in channels.iterrows()},
        {"\t".join(name): (int(row.x), int(row.n)) for name, row in cells.iterrows()},
        m_channel, m_cell,
    )  # fmt: skip


def _strength(counts: pd.DataFrame, prior: np.ndarray) -> float:
    """The m under which x of n, given prior, is likeliest; a single group tells nothing of it and keeps its prior."""
    if len(counts) < 2:
        return STRENGTHS[1]
    x, n = counts["x"].to_numpy(), counts["n"].to_numpy()
    found = minimize_scalar(
        lambda log_m: -betabinom.logpmf(x, n, np.exp(log_m) * prior, np.exp(log_m) * (1 - prior)).sum(),
        bounds=tuple(np.log(STRENGTHS)), method="bounded",
    )  # fmt: skip
    return round(float(np.exp(found.x)), 3)


def _rate(counts: Counts) -> float:
    return counts[0] / counts[1]


def _keys(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "channel": frame[CHANNEL].fillna(NO_VALUE).astype(str).to_numpy(),
        "demand": frame[DEMAND].fillna(NO_VALUE).astype(str).to_numpy(),
    })  # fmt: skip
