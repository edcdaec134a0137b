"""The Bayes ceiling is calibrated, better than simple features, and does not use data after its month-end."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipelines.demo.ceiling.probability import Grid, with_ceiling
from pipelines.demo.config import DemoConfig
from pipelines.demo.world.history import until
from pipelines.demo.world.labels import dormancy

MIDDLING = DemoConfig(leads=12_000)
MONTH_ENDS = 8


@pytest.fixture(scope="module")
def labels(middling) -> pd.DataFrame:
    every = dormancy(middling.events, middling.deals, middling.people, MIDDLING)
    every = every[every["horizon_days"] == 90]
    return every[every["as_of"].isin(np.unique(every["as_of"])[-MONTH_ENDS:])].reset_index(drop=True)


@pytest.fixture(scope="module")
def labelled(middling, labels) -> pd.DataFrame:
    return with_ceiling(labels, middling, MIDDLING)


def area_under_curve(scores: np.ndarray, label: np.ndarray) -> float:
    ranks = pd.Series(scores).rank().to_numpy()
    positives = int(label.sum())
    return (ranks[label].sum() - positives * (positives + 1) / 2) / (positives * (len(label) - positives))


def test_the_ceiling_is_calibrated(labelled):
    tenth = pd.qcut(labelled["ceiling_probability"], 10, labels=False)
    means = labelled.groupby(tenth)[["ceiling_probability", "dormant"]].mean()
    gaps = (means["ceiling_probability"] - means["dormant"]).abs()

    assert len(labelled) >= 5_000
    assert gaps.mean() <= 0.025
    assert labelled["ceiling_probability"].mean() == pytest.approx(labelled["dormant"].mean(), abs=0.02)
    assert 0.75 <= area_under_curve(labelled["ceiling_probability"].to_numpy(), labelled["dormant"].to_numpy()) <= 0.85


def test_the_ceiling_is_better_than_simple_features(labelled, middling):
    cut = ((pd.to_datetime(labelled["as_of"]) - pd.Timestamp(MIDDLING.start)).dt.days + 1).astype(float)
    events = middling.events[["person", "t"]]
    pairs = labelled[["person"]].assign(cut=cut, row=labelled.index).merge(events, on="person")
    past = pairs[pairs["t"] < pairs["cut"]].groupby("row")["t"]
    gap = cut - past.max()
    recent = pairs[(pairs["t"] < pairs["cut"]) & (pairs["t"] >= pairs["cut"] - 60)].groupby("row").size()
    features = {
        "recency": gap,
        "few events": -recent,
        "few events ever": -past.count(),
        "gap to mean gap": gap / ((past.max() - past.min()) / past.count()).clip(lower=1),
        "short history": past.min() - cut,
    }
    label = labelled["dormant"].to_numpy()
    best = max(area_under_curve(values.sort_index().to_numpy(), label) for values in features.values())

    assert area_under_curve(labelled["ceiling_probability"].to_numpy(), label) > best + 0.03


def test_events_after_the_month_end_do_not_change_the_ceiling(labelled, middling):
    """A history that ends at the month-end has the same ceiling."""
    day = labelled["as_of"].iloc[0]
    rows = labelled[labelled["as_of"] == day]
    cut = (np.datetime64(day, "D") - np.datetime64(MIDDLING.start, "D")).astype(int) + 1
    then = until(middling, int(cut))
    # People and records are cut too, so that persons keep their numbers.
    again = with_ceiling(rows.drop(columns="ceiling_probability"), then, MIDDLING)

    assert again["ceiling_probability"].to_numpy() == pytest.approx(rows["ceiling_probability"].to_numpy(), abs=1e-4)


def test_a_finer_grid_has_the_same_result(labelled, middling):
    rows = labelled[labelled["as_of"] == labelled["as_of"].iloc[-1]].head(100)
    finer = with_ceiling(rows, middling, MIDDLING, Grid(0.1, 0.2, 72, 90))["ceiling_probability"]
    moved = (finer - rows["ceiling_probability"]).abs()

    assert moved.max() < 0.01 and moved.mean() < 0.0005


def test_rows_keep_their_order(labelled, middling):
    rows = labelled[labelled["as_of"] == labelled["as_of"].iloc[0]].head(100)
    shuffled = rows.sample(frac=1, random_state=1)

    again = with_ceiling(shuffled, middling, MIDDLING)["ceiling_probability"]
    assert list(again.index) == list(shuffled.index)
    assert again.to_numpy() == pytest.approx(shuffled["ceiling_probability"].to_numpy())
