"""The whole history of the demo's agency, clean and complete, before anything is exported."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.demo import contacts, deals, listings, timeline, world
from pipelines.demo.config import DemoConfig
from pipelines.demo.people import make_people
from pipelines.demo.records import make_records


@dataclass(frozen=True)
class History:
    """Frames that name each other's rows by position.

    `staff`: agents. `people`: with their latent rates. `records`: leads. `events`: customer-initiated. `outgoing` and
    `cancelled`: agents' contacts and called-off appointments. `deals` and their `steps`. `stock`: listings.
    """

    staff: pd.DataFrame
    people: pd.DataFrame
    records: pd.DataFrame
    events: pd.DataFrame
    outgoing: pd.DataFrame
    cancelled: pd.DataFrame
    deals: pd.DataFrame
    steps: pd.DataFrame
    stock: pd.DataFrame


def make_history(config: DemoConfig) -> History:
    """All that happens from the first day to the last, by the latent rates and chance alone."""
    staff = world.agents(config)
    people = make_people(config, staff)
    events, closed = timeline.live(people, config)
    records, events = make_records(events, people, staff, config)
    stock, bought = listings.make_listings(closed, people, config)
    opening = events.iloc[closed["event_row"]]
    closed = closed.assign(listing=bought, record=opening["record"].to_numpy(), agent=opening["agent"].to_numpy())
    events = events.assign(
        answered=contacts.incoming_answered(events, staff, config),
        score=contacts.satisfaction(events, people, staff, config),
        listing=_listings_seen(events, closed, people, stock, config),
    )
    return History(
        staff=staff,
        people=people,
        records=records,
        events=events,
        outgoing=contacts.outgoing(events, staff, config),
        cancelled=contacts.cancelled_viewings(events, people, config),
        deals=closed,
        steps=deals.steps(closed, people, config),
        stock=stock,
    )


def _listings_seen(
    events: pd.DataFrame, closed: pd.DataFrame, people: pd.DataFrame, stock: pd.DataFrame, config: DemoConfig
) -> np.ndarray:
    """The listing of each viewing, -1 for other events; what was bought had been viewed."""
    listing = np.full(len(events), -1)
    seen = events["kind"].isin([timeline.VIEWING, timeline.ONLINE_VIEWING]).to_numpy()
    listing[seen] = listings.shown(events[seen], people, stock, config)
    listing[closed["event_row"]] = closed["listing"]
    return listing
