"""The whole history of the demo's agency, clean and complete, before anything is exported."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pipelines.demo.config import DemoConfig
from pipelines.demo.world import contacts, deals, listings, timeline, world
from pipelines.demo.world.identifiers import contact_fields
from pipelines.demo.world.people import make_people
from pipelines.demo.world.records import make_records


@dataclass(frozen=True)
class History:
    """Frames that name each other's rows by position.

    `staff`: agents. `people`: with their latent rates. `records`: leads. `events`: customer-initiated. `outgoing` and
    `cancelled`: agents' contacts and called-off appointments. `deals` and their `steps`. `stock`: listings.
    `members`: of win-back campaigns.
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
    members: pd.DataFrame


def make_history(config: DemoConfig) -> History:
    """All that happens from the first day to the end of the tail, by the latent rates and chance alone."""
    staff = world.agents(config)
    people = make_people(config, staff)
    events, closed, members = timeline.live(people, config)
    closed = deals.in_blocks(closed, config)
    records, events = make_records(events, people, staff, config)
    records = records.join(contact_fields(records, people, config))
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
        members=_contacted(members, records, events, staff, config),
    )


def until(history: History, day: int) -> History:
    """The history up to the midnight before `day` (days since the start), as if the world had ended there.

    People, records, listings and deals keep the numbers by which others name them.
    """
    stock = history.stock[history.stock["listed"] < day]
    return replace(
        history,
        people=history.people[history.people["arrival"] < day],
        records=history.records[history.records["created"] < day],
        events=history.events[history.events["t"] < day].reset_index(drop=True),
        outgoing=history.outgoing[history.outgoing["t"] < day].reset_index(drop=True),
        cancelled=history.cancelled[history.cancelled["t"] < day].reset_index(drop=True),
        deals=history.deals[history.deals["opened"] < day],
        steps=history.steps[history.steps["t"] < day].reset_index(drop=True),
        stock=stock.assign(delisted=stock["delisted"].where(stock["delisted"] < day)),
        members=history.members[history.members["t"] < day].reset_index(drop=True),
    )


def _contacted(
    members: pd.DataFrame, records: pd.DataFrame, events: pd.DataFrame, staff: pd.DataFrame, config: DemoConfig
) -> pd.DataFrame:
    """Members with the record and the agent of their first enquiry; `answered` is null for the hold-out."""
    first = records[records["copy"] == 0].reset_index(names="record").set_index("person")["record"]
    record = first[members["person"]].to_numpy()
    named = members.assign(record=record, agent=records["agent"].to_numpy()[record])
    return named.assign(answered=contacts.campaign_answers(named, events, staff, config))


def _listings_seen(
    events: pd.DataFrame, closed: pd.DataFrame, people: pd.DataFrame, stock: pd.DataFrame, config: DemoConfig
) -> np.ndarray:
    """The listing of each viewing, -1 for other events; what was bought had been viewed."""
    listing = np.full(len(events), -1)
    seen = events["kind"].isin([timeline.VIEWING, timeline.ONLINE_VIEWING]).to_numpy()
    listing[seen] = listings.shown(events[seen], people, stock, config)
    listing[closed["event_row"]] = closed["listing"]
    return listing
