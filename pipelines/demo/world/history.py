"""The complete history of the demo's agency, before exports and dirt."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pipelines.demo.config import DemoConfig
from pipelines.demo.world import contacts, deals, listings, market, timeline
from pipelines.demo.world.identifiers import contact_fields
from pipelines.demo.world.people import make_people
from pipelines.demo.world.records import make_records


@dataclass(frozen=True)
class History:
    """Tables of the history. They refer to rows of each other by position.

    `staff`: agents. `people`: people with latent rates. `records`: lead records. `events`: customer events. `outgoing`:
    contacts by agents. `cancelled`: cancelled appointments. `deals` and their `steps`. `stock`: listings. `members`:
    members of win-back campaigns.
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
    """Simulate everything from the first day to the end of the tail from the latent rates."""
    staff = market.agents(config)
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
    """The history up to the midnight before `day` (days since the start).

    People, records, listings and deals keep their numbers.
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
    """Members with the record and agent of their first enquiry. `answered` is null for the hold-out."""
    first = records[records["copy"] == 0].reset_index(names="record").set_index("person")["record"]
    record = first[members["person"]].to_numpy()
    named = members.assign(record=record, agent=records["agent"].to_numpy()[record])
    return named.assign(answered=contacts.campaign_answers(named, events, staff, config))


def _listings_seen(
    events: pd.DataFrame, closed: pd.DataFrame, people: pd.DataFrame, stock: pd.DataFrame, config: DemoConfig
) -> np.ndarray:
    """The listing of each viewing, -1 for other events. The opening viewing of a deal has the listing of the deal."""
    listing = np.full(len(events), -1)
    seen = events["kind"].isin([timeline.VIEWING, timeline.ONLINE_VIEWING]).to_numpy()
    listing[seen] = listings.shown(events[seen], people, stock, config)
    listing[closed["event_row"]] = closed["listing"]
    return listing
