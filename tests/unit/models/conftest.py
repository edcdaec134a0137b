"""A small synthetic agency: customers with a latent tendency to fall silent, visible in their events."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from models import train as training
from models.features.targets import TARGETS
from models.judge import bootstrap
from models.learn import candidates
from models.learn.candidates import Fitted
from models.learn.encoders import Encoder
from models.learn.trained import TrainedModel

HORIZON = 90
TRAINED_THROUGH = date(2026, 6, 30)


def _snapshots(months: int = 18, customers: int = 320, seed: int = 7, until: date = TRAINED_THROUGH) -> pd.DataFrame:
    """Return snapshots at the last `months` month-ends up to `until`. Labels with an open window are null."""
    chance = np.random.default_rng(seed)
    as_of = pd.date_range(end=pd.Timestamp(until), periods=months, freq="ME").repeat(customers)
    rows = len(as_of)
    log_odds = chance.normal(-1.1, 1.0, rows)
    rate = chance.gamma(2.0, 2.0, rows)
    since = np.clip(25 + 8 * log_odds + chance.normal(0, 20, rows), 0, 59).round()
    frame = pd.DataFrame(
        {
            feature.name: "known" if feature.scale == "category" else chance.poisson(rate / 3).astype("float64")
            for feature in TARGETS["dormancy"].features
        },
        index=range(rows),
    ).assign(
        customer_key=[f"crm:{number % (customers * 3):05d}" for number in range(rows)],
        as_of=as_of,
        horizon_days=HORIZON,
        label=pd.array(chance.random(rows) < 1 / (1 + np.exp(-1.6 * log_odds)), dtype="boolean"),
        days_since_customer_event=since,
        customer_events_60d=2 + chance.poisson(np.exp(1 - log_odds)),
        agent_contacts_answered_share_90d=np.where(chance.random(rows) < 0.3, np.nan, chance.random(rows)),
        satisfaction_180d=np.where(chance.random(rows) < 0.8, np.nan, chance.integers(1, 6, rows)),
        **{share: chance.random(rows) for share in ("online_share_180d", "agent_answer_share_180d")},
        budget_max_wan=np.where(chance.random(rows) < 0.1, np.nan, chance.lognormal(5.5, 0.5, rows)),
        first_channel=chance.choice(["online", "walk_in", "referral"], rows, p=[0.6, 0.3, 0.1]),
        demand_type=pd.Series(chance.choice(["new", "second_hand", "rental"], rows)).where(chance.random(rows) > 0.1),
        purpose=chance.choice(["self_use", "investment"], rows),
    )
    open_window = frame["as_of"] + pd.Timedelta(days=HORIZON) > pd.Timestamp(until)
    frame.loc[open_window, "label"] = pd.NA
    return frame


def _train(snapshots: pd.DataFrame, target: str = "dormancy", **changes: object) -> TrainedModel:
    arguments = {
        "trained_through": TRAINED_THROUGH, "horizon_days": HORIZON, "seed": 1,
        "data_hash": "d1", "code_revision": "c1",
    }  # fmt: skip
    few = {name: candidates.CANDIDATES[name] for name in ("logistic", "decision_tree")}
    with patch.object(bootstrap, "RESAMPLES", 10), patch.dict(candidates.CANDIDATES, few, clear=True):
        return training.train(target, snapshots, **arguments | changes)


@pytest.fixture(scope="session")
def make_snapshots() -> Callable[..., pd.DataFrame]:
    return _snapshots


@pytest.fixture(scope="session")
def train() -> Callable[..., TrainedModel]:
    """`train` with defaults, two candidates, and fewer resamples than a real report needs."""
    return _train


@pytest.fixture(scope="session")
def snapshots_once() -> pd.DataFrame:
    return _snapshots()


@pytest.fixture
def snapshots(snapshots_once: pd.DataFrame) -> pd.DataFrame:
    return snapshots_once.copy()


@pytest.fixture(scope="session")
def model(snapshots_once: pd.DataFrame) -> TrainedModel:
    return _train(snapshots_once)


@pytest.fixture(scope="session")
def light(model: TrainedModel) -> TrainedModel:
    """The same card and report with classifiers of one weight, which are fast to save."""
    one_weight = Fitted(Encoder("linear", ()), LogisticRegression().fit([[0.0], [1.0]], [0, 1]))
    scorers = {stage: dataclasses.replace(getattr(model, stage), fitted=one_weight) for stage in ("scorer", "judged")}
    return dataclasses.replace(model, **scorers)


@pytest.fixture
def today(snapshots: pd.DataFrame) -> pd.DataFrame:
    """The rows to score: the features at the last month-end, without labels."""
    return snapshots[snapshots["as_of"] == pd.Timestamp(TRAINED_THROUGH)].drop(columns=["label", "horizon_days"])
