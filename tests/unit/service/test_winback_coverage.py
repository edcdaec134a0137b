"""The lift that is published against the uplift that the demo's generator knows, over fifty of its worlds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipelines.demo.config import DemoConfig
from pipelines.demo.world import campaigns
from pipelines.demo.world.history import make_history
from tests.rendered import run

SEEDS = range(20260630, 20260680)
WINDOW_DAYS = 60
RULES = {
    "stg_scope__run": "SELECT DATE '2026-06-30' AS publication_as_of",
    "causes": "SELECT 'price' AS cause, 'Price' AS label_en, '价格' AS label_zh",
    "actions": "SELECT 'call' AS action, 'Call' AS label_en, '致电' AS label_zh",
}


def outcomes(members: pd.DataFrame) -> pd.DataFrame:
    """What `winback_outcomes` says of members with the columns campaign, arm and is_returned."""
    members = members.assign(origin="campaign", likely_cause="price", action="call")
    return run("models/marts/service/winback_outcomes.sql", int_winback_members=members, **RULES)


def generated(config: DemoConfig) -> pd.DataFrame:
    """Members of the campaigns of one world, as an outsider sees them: whether an event of their own followed."""
    history = make_history(config)
    members = history.members[history.members["t"] + WINDOW_DAYS <= config.horizon]
    events = history.events[["person", "t"]].merge(members[["person", "t"]], on="person", suffixes=("", "_sent"))
    after = (events["t"] > events["t_sent"]) & (events["t"] <= events["t_sent"] + WINDOW_DAYS)
    return pd.DataFrame(
        {
            "campaign": campaigns.codes(config)[members["campaign"]],
            "arm": np.where(members["treated"], "treated", "hold_out"),
            "is_returned": members["person"].isin(events.loc[after, "person"].unique()).to_numpy(),
        }
    )


def held(found: pd.DataFrame, uplift: pd.Series) -> pd.Series:
    """Whether the interval of each campaign holds its uplift."""
    known = found["campaign"].map(uplift)
    return (found["lift_low"] <= known) & (known <= found["lift_high"])


@pytest.mark.soak
def test_the_interval_covers_the_uplift_of_generated_campaigns_in_85_of_100_worlds():
    config = DemoConfig(leads=8_000)
    uplift = pd.Series([campaign.uplift for campaign in config.campaigns], campaigns.codes(config))
    found = pd.concat([outcomes(generated(replace(config, seed=seed))) for seed in SEEDS])
    covered = held(found, uplift)

    assert (uplift == 0).any() and len(found) >= 8 * len(SEEDS)
    assert covered.mean() >= 0.85
    assert covered[found["campaign"].map(uplift) == 0].mean() >= 0.85


@pytest.mark.soak
@pytest.mark.parametrize("base", [0.02, 0.10, 0.35])
@pytest.mark.parametrize("uplift", [0.0, 0.05, 0.15])
@pytest.mark.parametrize("size", [100, 600])
def test_the_interval_covers_the_uplift_with_a_tenth_held_out(base, uplift, size):
    members = pd.concat([drawn(seed, base, uplift, size) for seed in SEEDS])
    assert held(outcomes(members), pd.Series(uplift, [str(seed) for seed in SEEDS])).mean() >= 0.85


def drawn(seed: int, base: float, uplift: float, size: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    treated = rng.random(size) >= 0.1
    arms = np.where(treated, "treated", "hold_out")
    return pd.DataFrame({"campaign": str(seed), "arm": arms, "is_returned": rng.random(size) < base + uplift * treated})


def test_the_lift_is_the_difference_of_the_arms_as_drawn():
    members = pd.DataFrame(
        {
            "campaign": "a campaign",
            "arm": ["treated"] * 50 + ["hold_out"] * 10,
            "is_returned": [True] * 20 + [False] * 30 + [True] * 1 + [False] * 9,
        }
    )
    (found,) = outcomes(members).itertuples()
    assert found.lift == pytest.approx(0.3)
    assert found.lift_low < found.lift < found.lift_high


def test_shuffled_members_have_the_same_lift():
    members = generated(DemoConfig(leads=1_500))
    shuffled = members.sample(frac=1, random_state=1)
    key = ["campaign", "likely_cause", "action"]
    pd.testing.assert_frame_equal(
        outcomes(members).sort_values(key, ignore_index=True), outcomes(shuffled).sort_values(key, ignore_index=True)
    )
