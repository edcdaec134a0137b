"""The days of the tail in another market: a drift that monitoring must find."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from pipelines.demo.chance import Booleans, Integers, stream
from pipelines.demo.config import DemoConfig
from pipelines.demo.world import market
from pipelines.demo.world.history import History

# Share of customers who still come, by channel. Other channels do not change.
STILL_COMING = {"offline/walk_in": 0.25, "offline/store": 0.25, "offline/exhibition": 0.5, "online/portal": 0.6}
EVENTS_KEPT = 0.65
INTENT_NOT_STATED = 0.6


def drifted(history: History, config: DemoConfig) -> History:
    """The history with another channel mix, fewer events and less stated intent after the last day.

    Days up to the last day do not change, and their rows keep their numbers.
    """
    rng = stream(config.seed, "drift")
    share = np.array([STILL_COMING.get(channel.code, 1.0) for channel in market.CHANNELS])
    people = history.people
    stays = (people["arrival"].to_numpy() < config.days) | (
        rng.random(len(people)) < share[people["channel"].to_numpy()]
    )
    records = history.records
    is_kept = stays[records["person"].to_numpy()]
    number = np.where(is_kept, np.cumsum(is_kept) - 1, -1)
    referred = records["referred_by"].to_numpy()
    unstated = (records["created"].to_numpy() >= config.days) & (rng.random(len(records)) < INTENT_NOT_STATED)
    records = records.assign(
        referred_by=np.where(referred >= 0, number[referred], -1), stated=np.where(unstated, -1, records["stated"])
    )[is_kept].reset_index(drop=True)
    events = history.events
    happens = (events["t"] < config.days) | events["opening"] | (rng.random(len(events)) < EVENTS_KEPT)
    frames = {"events": events[happens], "outgoing": history.outgoing, "cancelled": history.cancelled}
    frames |= {"deals": history.deals, "members": history.members}
    changed = {name: _of(frame, stays, number) for name, frame in frames.items()}
    steps = history.steps[history.steps["deal"].isin(changed["deals"].index)].reset_index(drop=True)
    for name in ("events", "outgoing", "cancelled", "members"):
        changed[name] = changed[name].reset_index(drop=True)
    return replace(history, records=records, steps=steps, **changed)


def _of(frame: pd.DataFrame, stays: Booleans, number: Integers) -> pd.DataFrame:
    """The rows of people who still come, with the new numbers of their records."""
    remaining = frame[stays[frame["person"].to_numpy()]]
    return remaining.assign(record=number[remaining["record"].to_numpy()])
