"""Win-back campaigns: random arms of dormant people, and an effect that equals the documented one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipelines.demo.config import Campaign, DemoConfig
from pipelines.demo.world import campaigns
from pipelines.demo.world.history import make_history
from pipelines.demo.world.latent_state import gone, net_signed

MIDDLING = DemoConfig(leads=12_000)


def test_members_are_dormant_without_a_signed_deal_and_enrolled_once(middling):
    members = middling.members
    last = pd.merge_asof(
        members.sort_values("t"),
        middling.events[["person", "t"]].sort_values("t").assign(last=lambda e: e["t"]),
        on="t",
        by="person",
    )

    assert members["person"].is_unique and len(members) > 2_000
    assert (last["t"] - last["last"]).min() >= campaigns.DORMANT_DAYS
    for number, campaign in enumerate(MIDDLING.campaigns):
        person = members.loc[members["campaign"] == number, "person"]
        assert not net_signed(middling.deals, len(middling.people), campaign.day)[person].any()


def test_arms_are_random_and_the_hold_out_is_ten_to_twenty_per_cent(middling):
    members = middling.members
    intent = middling.people["z_intent"].to_numpy()[members["person"]]
    treated = members["treated"].to_numpy()
    error = np.sqrt(1 / treated.sum() + 1 / (~treated).sum())

    assert 0.10 <= 1 - treated.mean() <= 0.20
    assert abs(intent[treated].mean() - intent[~treated].mean()) < 4 * error


def test_in_a_campaign_without_effect_the_contact_changes_nothing(middling):
    without = [number for number, campaign in enumerate(MIDDLING.campaigns) if campaign.uplift == 0]
    members = middling.members[middling.members["campaign"].isin(without)]

    assert without and len(members) > 200
    assert members["returns_if_treated"].equals(members["returns_if_held_out"])


def test_the_difference_of_the_arms_is_the_configured_uplift():
    """Measured from observable data: any customer event in the 60 days after the contact."""
    strong = (Campaign(400, "price", "call", 0.05, 0.20, 1.0),)
    history = make_history(replace(MIDDLING, campaigns=strong))
    members = history.members
    event = history.events[["person", "t"]].merge(members[["person", "t"]], on="person", suffixes=("", "_sent"))
    returned = event[(event["t"] > event["t_sent"]) & (event["t"] <= event["t_sent"] + 60)]["person"].unique()
    back, treated = members["person"].isin(returned).to_numpy(), members["treated"].to_numpy()
    error = np.sqrt(sum(back[arm].var() / arm.sum() for arm in (treated, ~treated)))

    assert error < 0.03
    assert abs(back[treated].mean() - back[~treated].mean() - 0.20) < 3.5 * error
    left = gone(history.events, history.people, 400)[members["person"]]
    assert not members.loc[~left, "returns_if_treated"].any()


def test_people_who_return_have_a_new_need_with_events(middling):
    back = middling.members.dropna(subset="start")
    opened = middling.events[(middling.events["need"] == 2) & middling.events["first"]].set_index("person")["t"]

    assert len(back) > 50
    assert (opened[back["person"]].to_numpy() == back["start"].to_numpy()).all()
    assert middling.events["need"].eq(2).sum() > 2 * len(back)


def test_the_files_contain_the_arm_of_each_member(demo):
    rows = demo.text("interactions.csv.gz")
    rows = rows[rows["campaign"].notna()].drop_duplicates("interaction_id")
    held_out = rows[rows["arm"] == "hold_out"]
    treated = rows[rows["arm"] == "treated"]

    assert len(held_out) and len(treated) > len(held_out)
    assert len(held_out) + len(treated) == len(rows)
    assert set(held_out["kind"]) <= {"follow_up", "walkthrough"}
    assert held_out[["direction", "answered", "channel"]].isna().all(axis=None)
    assert set(treated["kind"]) <= {"call", "message", "walkthrough"}
    assert (treated["direction"] == "out").all() and treated["answered"].notna().mean() > 0.9


def test_the_truth_of_campaigns_is_consistent(demo):
    truth, members = demo.truth_of("campaigns.parquet"), demo.truth_of("campaign_members.parquet")

    assert (truth["uplift"] == 0).sum() >= 1 and truth["campaign"].is_unique
    assert truth["members"].sum() == len(members)
    assert truth["treated"].sum() == (members["arm"] == "treated").sum()
    both = members.groupby("campaign")[["returns_if_treated", "returns_if_held_out"]].mean()
    effect = (both["returns_if_treated"] - both["returns_if_held_out"]).reindex(truth["campaign"]).fillna(0)
    assert effect.to_numpy() == pytest.approx(truth["sample_effect"].to_numpy())
