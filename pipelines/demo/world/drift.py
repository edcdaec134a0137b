"""Sixty more days of the same world in another market: what monitoring has to notice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from pipelines.demo.chance import Booleans, Integers, stream
from pipelines.demo.config import DemoConfig
from pipelines.demo.world import world
from pipelines.demo.world.history import History

# Offline channels dry up; the other customers still come.
STILL_COMING = {"offline/walk_in": 0.25, "offline/store": 0.25, "offline/exhibition": 0.5, "online/portal": 0.6}
EVENTS_KEPT = 0.65
INTENT_NOT_STATED = 0.6


def drifted(history: History, config: DemoConfig) -> History:
    """The history, changed from the midnight after the last day on: channel mix, fewer events, intent rarely noted.

    Nothing before it changes, nor does any number by which rows name each other there.
    """
    rng = stream(config.seed, "drift")
    share = np.array([STILL_COMING.get(channel.code, 1.0) for channel in world.CHANNELS])
    people = history.people
    stays = (people["arrival"].to_numpy() < config.days) | (
        rng.random(len(people)) < share[people["channel"].to_numpy()]
    )
    records = history.records
    kept = stays[records["person"].to_numpy()]
    number = np.where(kept, np.cumsum(kept) - 1, -1)
    referred = records["referred_by"].to_numpy()
    unstated = (records["created"].to_numpy() >= config.days) & (rng.random(len(records)) < INTENT_NOT_STATED)
    records = records.assign(
        referred_by=np.where(referred >= 0, number[referred], -1), stated=np.where(unstated, -1, records["stated"])
    )[kept].reset_index(drop=True)
    events = history.events
    busy = (events["t"] < config.days) | events["opening"] | (rng.random(len(events)) < EVENTS_KEPT)
    frames = {"events": events[busy], "outgoing": history.outgoing, "cancelled": history.cancelled}
    frames |= {"deals": history.deals, "members": history.members}
    changed = {name: _of(frame, stays, number) for name, frame in frames.items()}
    steps = history.steps[history.steps["deal"].isin(changed["deals"].index)].reset_index(drop=True)
    for name in ("events", "outgoing", "cancelled", "members"):
        changed[name] = changed[name].reset_index(drop=True)
    return replace(history, records=records, steps=steps, **changed)


def _of(frame: pd.DataFrame, stays: Booleans, number: Integers) -> pd.DataFrame:
    """The rows of those who still come, with the new numbers of their records."""
    left = frame[stays[frame["person"].to_numpy()]]
    return left.assign(record=number[left["record"].to_numpy()])
