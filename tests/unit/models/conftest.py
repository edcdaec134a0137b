"""A small synthetic agency: customers with a latent rate of events, some of whom fall silent for good."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest

from models import evaluate
from models.features import DORMANCY_FEATURES
from models.train import train_dormancy
from models.trained import TrainedModel

HORIZON = 90
TRAINED_THROUGH = date(2026, 6, 30)


def _snapshots(months: int = 18, customers: int = 320, seed: int = 7, until: date = TRAINED_THROUGH) -> pd.DataFrame:
    """Snapshots at the last `months` month-ends up to `until`; labels whose window is open are null."""
    chance = np.random.default_rng(seed)
    as_of = pd.date_range(end=pd.Timestamp(until), periods=months, freq="ME").repeat(customers)
    rows = len(as_of)
    rate = chance.gamma(2.0, 2.0, rows)
    silent = chance.random(rows) < 1 / (1 + rate)
    since = np.where(silent, chance.integers(10, 60, rows), chance.integers(0, 35, rows))
    frame = pd.DataFrame(
        {feature.name: chance.poisson(rate / 3).astype("float64") for feature in DORMANCY_FEATURES},
    ).assign(
        customer_key=[f"crm:{number % (customers * 3):05d}" for number in range(rows)],
        as_of=as_of,
        horizon_days=HORIZON,
        is_dormant=pd.array(chance.random(rows) < np.where(silent, 0.65, 0.1), dtype="boolean"),
        days_since_customer_event=since,
        customer_events_60d=2 + chance.poisson(np.where(silent, 1, 2 * rate)),
        agent_contacts_answered_share_90d=np.where(chance.random(rows) < 0.3, np.nan, chance.random(rows)),
        satisfaction_last=np.where(chance.random(rows) < 0.8, np.nan, chance.integers(1, 6, rows)),
        budget_max_wan=np.where(chance.random(rows) < 0.1, np.nan, chance.lognormal(5.5, 0.5, rows)),
        first_channel=chance.choice(["online", "walk_in", "referral"], rows, p=[0.6, 0.3, 0.1]),
        demand_type=pd.Series(chance.choice(["new", "second_hand", "rental"], rows)).where(chance.random(rows) > 0.1),
        purpose=chance.choice(["self_use", "investment"], rows),
    )
    open_window = frame["as_of"] + pd.Timedelta(days=HORIZON) > pd.Timestamp(until)
    frame.loc[open_window, "is_dormant"] = pd.NA
    return frame


def _train(snapshots: pd.DataFrame, **changes: object) -> TrainedModel:
    arguments = {
        "trained_through": TRAINED_THROUGH, "horizon_days": HORIZON, "seed": 1,
        "data_hash": "d1", "code_revision": "c1",
    }  # fmt: skip
    with patch.object(evaluate, "RESAMPLES", 10):
        return train_dormancy(snapshots, **arguments | changes)


@pytest.fixture(scope="session")
def make_snapshots() -> Callable[..., pd.DataFrame]:
    return _snapshots


@pytest.fixture(scope="session")
def train() -> Callable[..., TrainedModel]:
    """`train_dormancy` with defaults, and fewer resamples than a real report needs."""
    return _train


@pytest.fixture(scope="session")
def _drawn() -> pd.DataFrame:
    return _snapshots()


@pytest.fixture
def snapshots(_drawn: pd.DataFrame) -> pd.DataFrame:
    return _drawn.copy()


@pytest.fixture(scope="session")
def model(_drawn: pd.DataFrame) -> TrainedModel:
    return _train(_drawn)


@pytest.fixture
def today(snapshots: pd.DataFrame) -> pd.DataFrame:
    """What is to be scored: the features at the last month-end, without labels."""
    return snapshots[snapshots["as_of"] == pd.Timestamp(TRAINED_THROUGH)].drop(columns=["is_dormant", "horizon_days"])
