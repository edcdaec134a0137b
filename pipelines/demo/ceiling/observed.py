"""The observations of people before a cut, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.demo.chance import Booleans, Floats, Integers
from pipelines.demo.world.history import History


@dataclass(frozen=True)
class Rows:
    """Parallel arrays with one element per person. Times are days since the start.

    `position`: element of each person of the world, -1 for people who are not included. `start`: start of the current
    need. `last`: last event. `events`: number of events after the one that opened the need. `past`: all events before
    the cut, with `row`. `deal`: day of an unsigned 认筹, else NaN. `refunded`: whether it was refunded.
    """

    cut: float
    person: Integers
    position: Integers
    start: Floats
    last: Floats
    events: Integers
    log_event_median: Floats
    log_dropout_median: Floats
    past: pd.DataFrame
    deal: Floats
    refunded: Booleans

    def of(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of a frame (person, t) of these people before the cut, with `row`."""
        row = self.position[frame["person"].to_numpy()]
        is_included: Booleans = (row >= 0) & (frame["t"].to_numpy() < self.cut)
        return frame[is_included].assign(row=row[is_included])


def observed_rows(history: History, person: Integers, cut: float) -> Rows:
    """The observations before the cut. `person`: ascending positions of people with an event before the cut."""
    people = history.people
    position = np.full(len(people), -1)
    position[person] = np.arange(len(person))
    row = position[history.events["person"].to_numpy()]
    is_past = (row >= 0) & (history.events["t"].to_numpy() < cut)
    past = history.events[is_past].assign(row=row[is_past]).sort_values(["row", "t"], kind="stable")
    opened = past[past["first"]].groupby("row")["t"].max()
    start = opened.reindex(np.arange(len(person))).to_numpy()
    since = past[past["t"].to_numpy() > start[past["row"]]]
    who = people.iloc[person]
    deal, refunded = _unsigned_deals(history.deals, position, cut, len(person))
    return Rows(
        cut=cut,
        person=person,
        position=position,
        start=start,
        last=past.groupby("row")["t"].max().reindex(np.arange(len(person))).to_numpy(),
        events=np.bincount(since["row"], minlength=len(person)),
        log_event_median=who["log_event_median"].to_numpy(),
        log_dropout_median=who["log_dropout_median"].to_numpy(),
        past=past,
        deal=deal,
        refunded=refunded,
    )


def _unsigned_deals(deals: pd.DataFrame, position: Integers, cut: float, size: int) -> tuple[Floats, Booleans]:
    """The latest 认筹 of a purchase that is not signed by the cut, and whether it was refunded by then."""
    row = position[deals["person"].to_numpy()]
    unsigned = (deals["opened"] < cut) & ~(deals["signed"] < cut) & ~deals["rents"] & (row >= 0)
    latest = deals.assign(row=row)[unsigned].sort_values("opened").drop_duplicates("row", keep="last")
    opened, refunded = np.full(size, np.nan), np.zeros(size, dtype=bool)
    opened[latest["row"]] = latest["opened"]
    refunded[latest["row"]] = latest["refunded"] < cut
    return opened, refunded
