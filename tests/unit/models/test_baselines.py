from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from lifetimes import ModifiedBetaGeoFitter
from scipy.stats import beta, gamma

from models.features.targets import target_of
from models.judge.choose import choose
from models.judge.leaks import audit
from models.learn.baselines import TRIGGERS, baseline_rankings, baseline_scorers, history, purchase_history
from models.learn.mbg import Mbg, fit_mbg


@pytest.fixture(scope="module")
def purchases():
    """Repeat events, days to the last event and days observed of 1,500 customers who buy until they drop out."""
    chance = np.random.default_rng(4)
    rows = []
    for _ in range(1500):
        rate, drop, until = chance.gamma(0.8, 1 / 20), chance.beta(1.2, 2.5), chance.integers(60, 300)
        at, x, last = 0.0, 0, 0.0
        while chance.random() > drop:
            at += chance.exponential(1 / rate)
            if at > until:
                break
            x, last = x + 1, at
        rows.append((x, last, until))
    return [np.array(column, dtype="float64") for column in zip(*rows, strict=True)]


def test_parameters_and_aliveness_are_those_of_lifetimes(purchases):
    theirs = ModifiedBetaGeoFitter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs.fit(*purchases)
    ours = fit_mbg(*purchases)
    for name in ("r", "alpha", "a", "b"):
        assert getattr(ours, name) == pytest.approx(theirs.params_[name], rel=0.02)
    same = Mbg(**theirs.params_.to_dict())
    alive = theirs.conditional_probability_alive(*purchases)
    assert np.abs(same.probability_alive(*purchases) - np.asarray(alive)).max() < 1e-9


@pytest.mark.parametrize(("x", "t_x", "t"), [(0, 0.0, 40.0), (3, 50.0, 60.0), (3, 10.0, 90.0)])
def test_silence_is_the_integral_over_rates_and_dropout(x, t_x, t):
    r, alpha, a, b, horizon = 0.8, 20.0, 1.2, 2.5, 91.0
    none = Mbg(r, alpha, a, b).probability_none(np.array([x]), np.array([t_x]), np.array([t]), horizon)[0]

    middles = (np.arange(1500) + 0.5) / 1500
    rate, p = np.meshgrid(gamma.ppf(middles, r, scale=1 / alpha), beta.ppf(middles, a, b))

    def likelihood(horizon):
        alive = (1 - p) ** (x + 1) * rate**x * np.exp(-rate * (t + horizon))
        gone = p * (1 - p) ** x * rate**x * np.exp(-rate * t_x)
        return (alive + gone).mean()

    assert none == pytest.approx(likelihood(horizon) / likelihood(0), rel=3e-3)


def test_the_history_of_a_customer_is_read_from_raw_rows():
    frame = pd.DataFrame({
        "customer_events_total": [4.0, 1.0, 0.0], "days_since_customer_event": [10.0, 5.0, np.nan],
        "days_since_first_known": [100.0, 7.0, 30.0], "event_gap_mean_days": [20.0, np.nan, np.nan],
    })  # fmt: skip
    x, t_x, t = history(frame)
    assert x.tolist() == [3, 0, 0] and t_x.tolist() == [60, 0, 0] and t.tolist() == [70, 5, 30]


def test_the_history_of_a_buyer_is_that_of_the_purchases():
    rows = pd.DataFrame({
        "purchases_total": [4, 1, 1], "days_since_first_purchase": [70, 5, 0], "days_since_purchase": [10, 5, 0],
    })  # fmt: skip
    x, t_x, t = purchase_history(rows)
    assert x.tolist() == [3, 0, 0] and t_x.tolist() == [60, 0, 0] and t.tolist() == [70, 5, 1]


def test_triggers_are_a_baseline_if_the_rows_have_their_count(snapshots):
    target = target_of("dormancy", 90)
    snapshots = snapshots.dropna(subset=["label"])
    scorers = baseline_scorers(target, snapshots, 1)
    fired = np.arange(len(snapshots)) % 4
    triggered, silent = (
        baseline_rankings(target, snapshots, rows, scorers, horizon_days=90)
        for rows in (snapshots.assign(trigger_count=fired), snapshots)
    )
    assert triggered[TRIGGERS].tolist() == fired.tolist()
    assert set(triggered) - set(silent) == {TRIGGERS}


def test_logistic_is_chosen_unless_another_candidate_is_significantly_better():
    chance = np.random.default_rng(6)
    customers = pd.Series([f"c{number}" for number in range(2000)])
    truth = chance.normal(size=2000)
    labels = chance.random(2000) < 1 / (1 + np.exp(-2 * truth))
    near, far = truth + chance.normal(size=2000), truth
    assert choose(customers, labels, {"logistic": near, "boosting": far}, seed=1)[0] == "boosting"
    assert choose(customers, labels, {"logistic": far, "boosting": near}, seed=1)[0] == "logistic"
    hair = far + 1e-3 * chance.normal(size=2000)
    chosen, gains = choose(customers, labels, {"logistic": hair, "boosting": far}, seed=1)
    assert chosen == "logistic" and abs(gains["boosting"]["gain"]) < 0.01
    assert choose(customers[:0], labels[:0], {"logistic": near[:0]}, seed=1) == ("logistic", {})


@pytest.fixture(scope="module")
def leads():
    """Honest columns (the best has AUC 0.75), a key, and a label."""
    chance = np.random.default_rng(8)
    truth = chance.normal(size=4000)
    frame = pd.DataFrame({f"noise_{number}": chance.normal(size=4000) for number in range(8)}).assign(
        visits=truth + chance.normal(0, 1.0, 4000),
        source=chance.choice(["portal", "walk_in"], 4000),
        lead_id=[f"L{number:05d}" for number in range(4000)],
    )
    return frame, pd.Series(chance.random(4000) < 1 / (1 + np.exp(-1.5 * truth)))


def suspected(frame, label):
    table = audit(frame, label, seed=1).set_index("column")
    return table.loc[table["suspected"], "why"].to_dict()


def test_honest_columns_are_not_suspected(leads):
    assert suspected(*leads) == {}


def test_many_honest_columns_that_predict_an_easy_label_are_not_suspected():
    """Twelve recencies, counts and paces of frequent buyers, beside empty columns, were once suspected."""
    chance = np.random.default_rng(10)
    truth = chance.normal(size=4000)
    label = pd.Series(chance.random(4000) < 1 / (1 + np.exp(-4 * truth)))
    honest = {f"pace_{number}": truth + chance.normal(0, 0.55 + number / 40, 4000) for number in range(12)}
    frame = pd.DataFrame(honest | {f"empty_{number}": np.zeros(4000) for number in range(15)})
    table = audit(frame, label, seed=1)
    assert table["auc"].nlargest(12).min() > 0.80 and not table["suspected"].any()


def test_planted_leaks_are_suspected_with_a_reason(leads):
    frame, label = leads
    chance = np.random.default_rng(9)
    status = np.where(label, "deal", "lost")
    planted = frame.assign(
        outcome=label.astype(float) + chance.normal(0, 0.1, len(label)),
        status=np.where(chance.random(len(label)) < 0.6, status, "open"),
        quality=pd.Series("good", index=frame.index).where(chance.random(len(label)) < np.where(label, 0.9, 0.4)),
    )
    found = suspected(planted, label)
    assert set(found) == {"outcome", "status", "quality"}
    assert "alone is above 0.95" in found["outcome"]
    assert "moves the odds tenfold" in found["status"]
    assert found["quality"].startswith("is filled in when the label is known")


def test_a_label_of_one_class_cannot_be_audited(leads):
    with pytest.raises(ValueError, match="expected a label of two classes, found 1"):
        audit(leads[0], leads[1] & False, seed=1)
