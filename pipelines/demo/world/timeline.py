"""Customer events from the latent rates, and the deals that end a need."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.demo.chance import Floats, Integers, pick, stream
from pipelines.demo.config import DemoConfig
from pipelines.demo.world import campaigns
from pipelines.demo.world import deals as deal_rules
from pipelines.demo.world.season import day_factors

KINDS = ("enquiry", "message", "call", "viewing", "online_viewing", "survey", "referral", "complaint")
ENQUIRY, MESSAGE, VIEWING, ONLINE_VIEWING, COMPLAINT = map(
    KINDS.index, ("enquiry", "message", "viewing", "online_viewing", "complaint")
)
SHARE_BEFORE_SIGNING = np.array([0.20, 0.24, 0.18, 0.20, 0.08, 0.05, 0.02, 0.03])
SHARE_AFTER_SIGNING = np.array([0.05, 0.30, 0.20, 0.00, 0.00, 0.20, 0.13, 0.12])
DROPOUT_ON_COMPLAINT = 0.4


def live(people: pd.DataFrame, config: DemoConfig) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Simulate events and deals of all people, and members of win-back campaigns.

    Events: person, need (0 first, 1 second, 2 after a return), t, kind (position in KINDS), first (first event of the
    need), met (need met at t), dropout (of the need). Deals: see `deals.decide`. Both are in order of need, person and
    time. Members: see `campaigns.enrol`.
    """
    first = pd.DataFrame(
        {"person": np.arange(len(people)), "need": 0, "start": people["arrival"], "dropout": people["dropout"]}
    )
    terms = config.deals
    lived = _live_needs(first, people, 1.0, config)
    lived = _then(
        lived, _live_needs(_second_needs(lived[1], people, config), people, terms.second_need_conversion, config)
    )
    members = campaigns.enrol(*lived, people, config)
    back = campaigns.returning_needs(members, people, config)
    return *_then(lived, _live_needs(back, people, terms.returning_conversion, config)), members


def _then(
    lived: tuple[pd.DataFrame, pd.DataFrame], more: tuple[pd.DataFrame, pd.DataFrame]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    (events, deals), (again, new_deals) = lived, more
    new_deals = new_deals.assign(event_row=new_deals["event_row"] + len(events))
    return pd.concat([events, again], ignore_index=True), pd.concat([deals, new_deals], ignore_index=True)


def _live_needs(
    needs: pd.DataFrame, people: pd.DataFrame, conversion: float, config: DemoConfig
) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = stream(config.seed, f"events {conversion}")
    events = _poisson(rng, needs, people, config)
    events["kind"] = _kinds(rng, events, people, SHARE_BEFORE_SIGNING)
    events.loc[events["first"], "kind"] = ENQUIRY
    events["event_row"] = np.arange(len(events))
    viewings = events.loc[events["kind"] == VIEWING, ["event_row", "person", "need", "t", "dropout"]]
    deals = deal_rules.decide(viewings, people, conversion, config)
    events = _after_signing(rng, events, deals, people, config)
    deals["event_row"] = np.searchsorted(events["event_row"], deals["event_row"])
    events = pd.concat([events, _signing_messages(rng, deals, config)], ignore_index=True)
    order = np.lexsort((events["t"], events["person"]))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    deals["event_row"] = rank[deals["event_row"]]
    return events.drop(columns="event_row").iloc[order].reset_index(drop=True), deals


def _poisson(rng: np.random.Generator, needs: pd.DataFrame, people: pd.DataFrame, config: DemoConfig) -> pd.DataFrame:
    """The opening enquiry, then a Poisson process with the rate of the season until the dropout, by thinning."""
    season = day_factors(config)
    start, dropout = needs["start"].to_numpy(), needs["dropout"].to_numpy()
    length = np.minimum(dropout, config.horizon) - start
    rate = people["event_rate"].to_numpy()[needs["person"]] * season.max()
    row = np.repeat(np.arange(len(needs)), rng.poisson(rate * length))
    t = start[row] + rng.random(len(row)) * length[row]
    is_kept = rng.random(len(row)) * season.max() < season[t.astype(int)]
    row = np.concatenate([np.arange(len(needs)), row[is_kept]])
    t = np.concatenate([start, t[is_kept]])
    order = np.lexsort((t, row))
    events = needs.iloc[row[order]][["person", "need", "dropout"]].reset_index(drop=True)
    return events.assign(t=t[order], first=order < len(needs))


def _kinds(rng: np.random.Generator, events: pd.DataFrame, people: pd.DataFrame, shares: Floats) -> Integers:
    weights = np.tile(shares, (len(events), 1))
    weights[:, COMPLAINT] *= np.exp(DROPOUT_ON_COMPLAINT * people["z_dropout"].to_numpy()[events["person"]])
    return pick(rng, weights)


def _after_signing(
    rng: np.random.Generator, events: pd.DataFrame, deals: pd.DataFrame, people: pd.DataFrame, config: DemoConfig
) -> pd.DataFrame:
    """Fewer events and other kinds while the need is met. A cancelled deal opens the need again."""
    size = len(people)
    signed, until = np.full(size, np.inf), np.full(size, np.inf)
    done = deals["signed"].notna().to_numpy()
    signed[deals["person"][done]] = deals["signed"][done]
    until[deals["person"][done]] = deals["cancelled"][done].fillna(np.inf)
    person, t = events["person"].to_numpy(), events["t"].to_numpy()
    met = (t > signed[person]) & (t < until[person])
    events["met"] = met
    events.loc[met, "kind"] = _kinds(rng, events[met], people, SHARE_AFTER_SIGNING)
    return events[~met | (rng.random(len(events)) < config.latents.event_rate_after_signing)].reset_index(drop=True)


def _signing_messages(rng: np.random.Generator, deals: pd.DataFrame, config: DemoConfig) -> pd.DataFrame:
    """Messages of buyers on the day before the signing, so that a deal never looks like dormancy."""
    buys = deals[~deals["rents"] & deals["signed"].notna()]
    messages = buys[["person", "need", "dropout"]].assign(
        t=buys["signed"] - rng.uniform(0.05, 0.9, len(buys)), first=False, kind=MESSAGE, met=False
    )
    return messages[messages["t"] < config.horizon]


def _second_needs(deals: pd.DataFrame, people: pd.DataFrame, config: DemoConfig) -> pd.DataFrame:
    rng = stream(config.seed, "second needs")
    happy = deals[deals["signed"].notna() & deals["cancelled"].isna()]
    happy = happy[rng.random(len(happy)) < config.deals.second_need]
    start = happy["signed"] + 30 + rng.exponential(config.deals.second_need_delay, len(happy))
    lifetime = rng.exponential(1 / people["dropout_rate"].to_numpy()[happy["person"]])
    needs = pd.DataFrame({"person": happy["person"], "need": 1, "start": start, "dropout": start + lifetime})
    return needs[needs["start"] < config.horizon - 0.02].reset_index(drop=True)
