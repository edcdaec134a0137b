"""Past win-back campaigns with random arms and a known effect."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.demo.chance import stream
from pipelines.demo.config import Campaign, DemoConfig
from pipelines.demo.world.latent_state import gone, net_signed

DORMANT_DAYS = 90
SENDING_DAYS = 5.0
HOLD_OUT = 0.15
INTENT_ON_RETURN = 0.35
RETURN_DELAY = 12.0
RETURN_WITHIN = 45.0
TREATED, HELD_OUT = "treated", "hold_out"


def enrol(events: pd.DataFrame, deals: pd.DataFrame, people: pd.DataFrame, config: DemoConfig) -> pd.DataFrame:
    """Enrol a share of the people without an event for 90 days and without a net signed deal. Row: person, once each.

    Columns: person, campaign (position in config.campaigns), t (contact or assignment, days), treated,
    returns_if_treated and returns_if_held_out (potential outcomes of one draw), start (of the new need, NaN without a
    return). Only people who have dropped out can return. Probabilities are scaled so that their mean over the members
    of a campaign is exactly its base, or base + uplift.
    """
    enrolled = np.zeros(len(people), dtype=bool)
    members = []
    for number, campaign in enumerate(config.campaigns):
        if campaign.day + SENDING_DAYS >= config.horizon:
            continue
        rng = stream(config.seed, f"campaign {campaign.day}")
        chosen = rng.random(len(people)) < campaign.reach
        eligible = _dormant(events, deals, people, campaign.day) & ~enrolled
        person = np.flatnonzero(chosen & eligible)
        enrolled[person] = True
        members.append(_arms(rng, person, people, gone(events, people, campaign.day)[person], campaign, number))
    return pd.concat(members, ignore_index=True).sort_values(["t", "person"], ignore_index=True)


def _dormant(events: pd.DataFrame, deals: pd.DataFrame, people: pd.DataFrame, day: int) -> np.ndarray:
    t, person = events["t"].to_numpy(), events["person"].to_numpy()
    recent = np.bincount(person[(t >= day - DORMANT_DAYS) & (t < day + SENDING_DAYS)], minlength=len(people)) > 0
    known = people["arrival"].to_numpy() < day - DORMANT_DAYS
    return known & ~recent & ~net_signed(deals, len(people), day)


def _arms(
    rng: np.random.Generator,
    person: np.ndarray,
    people: pd.DataFrame,
    gone: np.ndarray,
    campaign: Campaign,
    number: int,
) -> pd.DataFrame:
    size = len(person)
    arm, luck = rng.random(size), rng.random(size)
    sent, delay = (
        rng.uniform(0, SENDING_DAYS, size),
        np.minimum(0.3 + rng.exponential(RETURN_DELAY, size), RETURN_WITHIN),
    )
    treated = arm >= HOLD_OUT
    weight = gone * np.exp(INTENT_ON_RETURN * people["z_intent"].to_numpy()[person])
    weight = weight / max(weight.mean(), 1e-9) if size else weight
    if_treated, if_held_out = luck < (campaign.base + campaign.uplift) * weight, luck < campaign.base * weight
    t = campaign.day + sent
    returns = np.where(treated, if_treated, if_held_out)
    return pd.DataFrame(
        {
            "person": person,
            "campaign": number,
            "t": t,
            "treated": treated,
            "returns_if_treated": if_treated,
            "returns_if_held_out": if_held_out,
            "start": np.where(returns, t + delay, np.nan),
        }
    )


def returning_needs(members: pd.DataFrame, people: pd.DataFrame, config: DemoConfig) -> pd.DataFrame:
    """Row: new need of a person who returned. Columns: person, need, start, dropout."""
    rng = stream(config.seed, "returning")
    back = members[members["start"] < config.horizon - 0.02].sort_values("person")
    lifetime = rng.exponential(1 / people["dropout_rate"].to_numpy()[back["person"]])
    start = back["start"].to_numpy()
    return pd.DataFrame({"person": back["person"].to_numpy(), "need": 2, "start": start, "dropout": start + lifetime})


def codes(config: DemoConfig) -> np.ndarray:
    """The name of each campaign in the exports."""
    months = [np.datetime64(config.start, "D") + campaign.day for campaign in config.campaigns]
    return np.array(
        [
            f"winback/{str(month)[:7]}/{campaign.cause}/{campaign.action}"
            for month, campaign in zip(months, config.campaigns, strict=True)
        ],
        dtype=object,
    )


def truth(members: pd.DataFrame, config: DemoConfig) -> pd.DataFrame:
    """Row: campaign. `uplift`: true mean effect of the contact; `sample_effect`: its effect on these members.

    `base`: mean probability to return without a contact, over all members.
    """
    by = members.groupby("campaign")
    size, treated = by.size(), by["treated"].sum()
    effect = by["returns_if_treated"].mean() - by["returns_if_held_out"].mean()
    rows = [
        {
            "campaign": code,
            "started_on": np.datetime64(config.start, "D") + campaign.day,
            "action": campaign.action,
            "cause": campaign.cause,
            "base": campaign.base,
            "uplift": campaign.uplift,
            "hold_out_share": HOLD_OUT,
            "members": int(size.get(number, 0)),
            "treated": int(treated.get(number, 0)),
            "sample_effect": float(effect.get(number, 0.0)),
        }
        for number, (code, campaign) in enumerate(zip(codes(config), config.campaigns, strict=True))
    ]
    return pd.DataFrame(rows).assign(started_on=lambda frame: frame["started_on"].astype("datetime64[s]"))
