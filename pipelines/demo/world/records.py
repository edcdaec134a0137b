"""Lead records: one per person, and further records of people who also come by another channel."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.demo.chance import Floats, Integers, stream
from pipelines.demo.config import DemoConfig, DemoConfigError
from pipelines.demo.world import market
from pipelines.demo.world.timeline import ENQUIRY, KINDS, VIEWING

THIRD_RECORD = 0.05
"""Share of people with two records who can open a third."""
REFERRED = 0.5
REFERRAL_DAYS = 45
INTENT_NOISE = 1.2
INTENT_CUTS = (-0.3, 0.8)
INTENT_STATED = 0.88


def make_records(
    events: pd.DataFrame, people: pd.DataFrame, staff: pd.DataFrame, config: DemoConfig
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The lead records, and the events with their record and agent.

    Records are in order of creation, `config.leads` of them by the last day. Columns: person, created (days), channel,
    agent, copy (0 for the first record of the person), referred_by (position of a record or -1), stated (intent: 0 to
    2, or -1). The event that opens a record becomes an enquiry and has `opening`.
    """
    rng = stream(config.seed, "records")
    opening = np.concatenate([_first_events(events), _second_openings(rng, events, people, config)])
    opening = opening[np.argsort(events["t"].to_numpy()[opening], kind="stable")]
    records = events.iloc[opening][["person", "t"]].rename(columns={"t": "created"}).reset_index(drop=True)
    records["copy"] = records.groupby("person").cumcount()
    second = records["copy"].to_numpy() > 0
    channel = people["channel"].to_numpy()[records["person"]]
    shift = rng.integers(1, len(market.CHANNELS), len(records))
    records["channel"] = np.where(second, (channel + shift) % len(market.CHANNELS), channel)
    same_agent = ~second | (rng.random(len(records)) < 0.5)
    records["agent"] = np.where(
        same_agent, people["agent"].to_numpy()[records["person"]], market.assign_agents(rng, staff, len(records))
    )
    record = _record_of_events(rng, events, records, opening)
    events = events.assign(record=record, agent=records["agent"].to_numpy()[record], opening=events["first"])
    is_opening = np.isin(np.arange(len(events)), opening)
    events["kind"] = events["kind"].mask(is_opening, ENQUIRY)
    events["opening"] = events["opening"] | is_opening
    records["stated"] = _stated_intent(people["z_intent"].to_numpy()[records["person"]], config)
    records["referred_by"] = _referrers(rng, events, records)
    return records, events


def _stated_intent(z_intent: Floats, config: DemoConfig) -> Integers:
    """The stated intent, a noisy observation of the latent intent: 0 low, 1 middle, 2 high, -1 not stated."""
    rng = stream(config.seed, "stated intent")
    seen = (z_intent + rng.normal(0, INTENT_NOISE, len(z_intent))) / np.hypot(1, INTENT_NOISE)
    return np.where(rng.random(len(seen)) < INTENT_STATED, np.digitize(seen, INTENT_CUTS), -1)


def _first_events(events: pd.DataFrame) -> Integers:
    return np.flatnonzero(events["first"] & (events["need"] == 0))


def _second_openings(
    rng: np.random.Generator, events: pd.DataFrame, people: pd.DataFrame, config: DemoConfig
) -> Integers:
    """Later events of open needs, except viewings, at which the person comes by another channel.

    Events are drawn until enough exported ones open a record. The earliest drawn events of a person open records, so
    that a record contains no information about later events.
    """
    wanted = config.leads - config.people
    later = rng.permutation(np.flatnonzero(~events["first"] & ~events["met"] & (events["kind"] != VIEWING)))
    person, t = events["person"].to_numpy()[later], events["t"].to_numpy()[later]
    most = np.where(rng.random(len(people)) < THIRD_RECORD, 2, 1)
    exported = np.flatnonzero(t < config.days)
    opening = exported[_nth(person[exported]) < most[person[exported]]]
    if len(opening) < wanted:
        raise DemoConfigError(f"second_records: expected {wanted} events that can open a record, found {len(opening)}")
    drawn = np.arange(opening[wanted - 1] + 1)
    drawn = drawn[np.argsort(t[drawn], kind="stable")]
    return later[drawn[_nth(person[drawn]) < most[person[drawn]]]]


def _nth(person: Integers) -> Integers:
    """The number of rows of the same person before each row."""
    return pd.Series(person).groupby(person).cumcount().to_numpy().astype(np.int64)


def _record_of_events(
    rng: np.random.Generator, events: pd.DataFrame, records: pd.DataFrame, opening: Integers
) -> Integers:
    """A random existing record of the person for each event. An event that opens a record belongs to it."""
    by_person = np.lexsort((records["created"], records["person"]))
    person = records["person"].to_numpy()[by_person]
    span = events["t"].max() + 1
    key = person * span + records["created"].to_numpy()[by_person]
    event_person = events["person"].to_numpy()
    begin = np.searchsorted(person, event_person)
    until = np.searchsorted(key, event_person * span + events["t"].to_numpy(), side="right")
    record = by_person[begin + (rng.random(len(events)) * (until - begin)).astype(int)]
    record[opening] = np.arange(len(records))
    return record


def _referrers(rng: np.random.Generator, events: pd.DataFrame, records: pd.DataFrame) -> Integers:
    """The referring record of each record, or -1: some referrals lead to a first record within the next weeks."""
    referrals = events[events["kind"] == KINDS.index("referral")].sort_values(["t", "person"])
    referred = np.full(len(records), -1)
    if referrals.empty:
        return referred
    brings = referrals[rng.random(len(referrals)) < REFERRED]
    created = records["created"].to_numpy()
    target = np.searchsorted(created, brings["t"].to_numpy() + rng.uniform(1, REFERRAL_DAYS, len(brings)))
    fits = target < len(records)
    target, source = target[fits], brings["record"].to_numpy()[fits]
    fits = (records["copy"].to_numpy()[target] == 0) & (
        records["person"].to_numpy()[target] != records["person"].to_numpy()[source]
    )
    referred[target[fits]] = source[fits]
    return referred
