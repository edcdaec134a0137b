from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.features.targets import TARGETS
from models.judge.drift import MIN_ROWS, PROBABILITY, DriftCounts, drift, reference
from models.store.plots import comparison, drift_bars, gain_curve, reliability


@pytest.fixture(scope="module")
def then(model):
    return model.card["drift"]


@pytest.fixture
def now(snapshots):
    """2,000 rows of the months that the model learned from."""
    return snapshots[snapshots["as_of"] < "2026-04-01"].sample(2000, random_state=1)


def level(found, feature):
    return found.table.set_index("feature")["level"][feature]


def test_rows_like_those_in_training_neither_warn_nor_block(model, then, now):
    found = drift(then, now, np.random.default_rng(1).random(0))
    assert found.blocks == () and len(found.table) == len(model.scorer.features) + 1
    assert set(drift(then, now).table["level"]) == {"none"}


@pytest.mark.parametrize(("times", "expected"), [(1.6, "notable"), (4.0, "large")])
def test_a_shifted_number_warns_by_its_size(then, now, times, expected):
    now["budget_max_wan"] *= times
    found = drift(then, now)
    assert level(found, "budget_max_wan") in {expected, "large"} and level(found, "viewings_per_30d") == "none"
    assert found.blocks == ()


def test_a_new_channel_that_takes_over_warns(then, now):
    assert level(drift(then, now.assign(first_channel="livestream")), "first_channel") == "large"


def test_drift_of_the_probability_is_reported(then, now):
    assert level(drift(then, now, np.full(len(now), 0.99)), PROBABILITY) == "large"


def test_counts_of_several_processes_add_up(then, now):
    broken = now.assign(first_channel=7.0)
    for frame in (now, broken, now.drop(columns="first_channel")):
        probability = np.linspace(0, 1, len(frame))
        whole, added = drift(then, frame, probability), DriftCounts(then)
        for rows in np.array_split(np.arange(len(frame)), 3):
            counted = DriftCounts(then)
            counted.add(frame.iloc[rows], probability[rows])
            added.add_json(counted.to_json())
        pd.testing.assert_frame_equal(added.drift().table, whole.table)
        assert added.drift().blocks == whole.blocks


def test_a_seasonal_feature_does_not_warn_on_the_training_day_or_a_month_later(make_snapshots):
    """The budget swings with the season by a factor of three; the training day and its neighbour are in the trough."""
    snapshots = make_snapshots(months=18, customers=600)
    month = snapshots["as_of"].dt.month
    season = np.select([month.isin([12, 1, 2]), month.isin([6, 7])], [0.4, 1.5], 1.0)
    snapshots["budget_max_wan"] *= season
    day = snapshots[snapshots["as_of"] == "2026-02-28"]
    known = snapshots[snapshots["as_of"] < "2026-02-28"]
    features = TARGETS["dormancy"].features
    kept = reference(known, features, np.linspace(0, 1, len(known)), known["as_of"])
    assert drift(kept, day).table["level"].eq("none").all()
    pooled = reference(known, features, np.linspace(0, 1, len(known)), pd.Series("2026-01-31", index=known.index))
    assert level(drift(pooled, day), "budget_max_wan") != "none"
    assert level(drift(kept, day.assign(budget_max_wan=day["budget_max_wan"] * 10)), "budget_max_wan") == "large"


def test_a_base_rate_rounded_to_twelve_decimals_does_not_drift(now):
    rate = np.full(len(now), 0.2187654321987654)
    kept = reference(now, TARGETS["dormancy"].features, rate, now["as_of"])
    assert level(drift(kept, now, rate.round(12)), PROBABILITY) == "none"


def test_few_rows_do_not_warn(then, now):
    few = now.head(MIN_ROWS - 1).assign(first_channel="livestream")
    found = drift(then, few.assign(budget_max_wan=np.nan))
    assert set(found.table["level"]) == {"too_few"} and found.blocks == ()


def test_a_missing_column_or_a_changed_type_blocks(then, now):
    found = drift(then, now.drop(columns="viewings_per_30d").assign(purpose=1.0, budget_max_wan="much"))
    assert found.blocks == (
        "viewings_per_30d: expected a column, found none",
        "budget_max_wan: expected numbers, found str",
        "purpose: expected text, found numbers",
    )


def test_a_jump_in_nulls_blocks_and_a_small_rise_does_not(then, now):
    chance = np.random.default_rng(3).random(len(now))
    a_little = now.assign(budget_max_wan=now["budget_max_wan"].mask(chance < 0.1))
    assert drift(then, a_little).blocks == ()
    found = drift(then, now.assign(budget_max_wan=now["budget_max_wan"].mask(chance < 0.5)))
    assert len(found.blocks) == 1 and found.blocks[0].startswith("budget_max_wan: expected about 10% nulls")


def test_an_empty_day_is_no_drift(then, now):
    found = drift(then, now.head(0))
    assert found.blocks == () and set(found.table["level"]) == {"too_few"}


def test_psi_equals_the_formula(then):
    edges = then["days_since_customer_event"]["edges"]
    shares = np.array(then["days_since_customer_event"]["shares"])
    row = pd.DataFrame({name: [np.nan] for name in then if name != PROBABILITY}, dtype=object)
    row["days_since_customer_event"] = edges[-1] + 1.0
    expected = np.full(len(shares), 1e-4)
    expected[-2] = 1
    shares = shares.clip(1e-4)
    by_hand = ((expected - shares) * np.log(expected / shares)).sum()
    found = drift(then, row).table.set_index("feature")["psi"]["days_since_customer_event"]
    assert found == pytest.approx(by_hand)


def test_plots_are_png_and_the_same_twice(model, then, now):
    pytest.importorskip("matplotlib")
    labels = now["label"].to_numpy(dtype="float64")
    score = np.random.default_rng(1).random(len(now))
    drawn = [
        [
            reliability(labels, score, "Reliability"),
            gain_curve(labels, {"logistic": score, "recency_rule": -score}, "Gain"),
            comparison(model.report, "pr_auc", "PR-AUC"),
            drift_bars(drift(then, now), "Drift"),
        ]
        for _ in range(2)
    ]
    assert all(image.startswith(b"\x89PNG") and len(image) > 4000 for image in drawn[0])
    assert drawn[0] == drawn[1]
