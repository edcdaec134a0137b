from __future__ import annotations

import dataclasses
from copy import deepcopy

import numpy as np
import pytest

from models.features.features import FEATURES
from models.features.targets import TARGETS
from models.judge import bootstrap
from models.judge import compare as comparing
from models.judge.compare import compare, levels
from models.learn.baselines import baseline_scorers
from models.learn.calibrate import Sigmoid
from models.store.champions import champion, events, record, rollback
from models.store.promote import decide
from models.store.store import save

CUTS = (0.2, 0.35, 0.5, 0.7)


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch):
    monkeypatch.setattr(bootstrap, "RESAMPLES", 40)


@pytest.fixture(scope="module")
def poor(model):
    """A model of the same day whose weights were drawn by chance."""
    fitted = deepcopy(model.judged.fitted)
    fitted.model.coef_ = np.random.default_rng(2).normal(0, 0.3, fitted.model.coef_.shape)
    judged = dataclasses.replace(model.judged, fitted=fitted)
    return dataclasses.replace(model, model_id=f"{model.model_id[:-10]}{'b' * 10}", judged=judged)


def compared(challenger, incumbent, snapshots):
    return compare(challenger, incumbent, snapshots, cuts=CUTS, seed=1)


def offer(store, challenger, snapshots, **options):
    decision = decide(store, challenger, snapshots, **options)
    if decision.champion != challenger.model_id:
        record(store, challenger, decision)
    return decision


def with_sigmoid(model, digits, **changes):
    sigmoid = Sigmoid(**vars(model.judged.sigmoid) | changes)
    judged = dataclasses.replace(model.judged, sigmoid=sigmoid)
    return dataclasses.replace(model, model_id=f"{model.model_id[:-10]}{digits * 10}", judged=judged)


@pytest.fixture(scope="module")
def baselines(model, make_snapshots):
    """The model, replaced by the recency rule and by the base rate."""
    labelled = make_snapshots().dropna(subset=["label"]).astype({"label": bool})
    scorers = baseline_scorers(TARGETS["dormancy"], labelled, 1)
    return [
        dataclasses.replace(
            model, model_id=f"{model.model_id[:-10]}{digit * 10}", judged=scorers[kind], scorer=scorers[kind]
        )
        for digit, kind in (("c", "recency_rule"), ("d", "base_rate"))
    ]


def test_the_first_model_is_promoted_and_the_decision_names_its_source(model, baselines, snapshots):
    for one, source in ((model, "model"), (baselines[1], "base_rate")):
        decision = compared(one, None, snapshots)
        assert decision.promote and decision.reason.endswith(f"scored by {source}")


def test_a_baseline_is_replaced_and_never_replaces_a_model_that_may_score(model, poor, baselines, snapshots):
    rule, rate = baselines
    assert compared(model, rule, snapshots).promote and compared(rate, rule, snapshots).promote
    kept = compared(rate, model, snapshots)
    assert not kept.promote and kept.reason == "a model that may score keeps its place before a baseline"
    fallen = compared(rule, with_sigmoid(poor, "a", intercept=6.0), snapshots)
    assert fallen.promote and fallen.reason.startswith("the champion may no longer score: the lower bound of its Brier")


def test_a_model_does_not_replace_itself(model, snapshots):
    decision = compared(model, model, snapshots)
    assert not decision.promote and decision.reason == "it is the champion itself"


def test_an_equal_challenger_is_not_promoted(model, snapshots):
    decision = compared(with_sigmoid(model, "e"), model, snapshots)
    assert not decision.promote and decision.figures["probability_of_gain"] == 0
    assert decision.reason == "P(PR-AUC gain > 0) is 0.000, below 0.95"


@pytest.fixture
def lawful(monkeypatch):
    """The champion may score with any Brier skill."""
    monkeypatch.setattr(comparing, "_lost", lambda *_: "")


@pytest.mark.usefixtures("lawful")
def test_a_better_challenger_is_promoted_unless_too_many_levels_change(model, poor, snapshots):
    decision = compared(model, poor, snapshots)
    assert decision.figures["probability_of_gain"] >= 0.95 and decision.figures["pr_auc_gain"] > 0
    assert not decision.promote and "of warning levels flip, above 10%" in decision.reason
    assert compare(model, poor, snapshots, cuts=(0.999,), seed=1).promote


def test_a_champion_that_reads_columns_which_are_no_longer_built_is_replaced(model, poor, snapshots):
    judged = dataclasses.replace(poor.judged, features=(*poor.judged.features, FEATURES["lease_days_left"]))
    decision = compared(model, dataclasses.replace(poor, judged=judged), snapshots)
    assert decision.promote and decision.reason == "the champion reads lease_days_left, no longer built"


@pytest.mark.usefixtures("lawful")
def test_a_challenger_that_is_worse_calibrated_is_not_promoted(model, poor, snapshots):
    sharp = with_sigmoid(model, "f", intercept=model.judged.sigmoid.intercept + 2.0)
    decision = compare(sharp, poor, snapshots, cuts=(0.999,), seed=1)
    assert not decision.promote and "calibration error rises by" in decision.reason


def test_the_comparison_uses_test_rows_that_neither_side_learned_from(model, poor, snapshots):
    decision = compared(model, poor, snapshots)
    assert decision.figures["rows"] == model.card["snapshots"]["test"]["rows"]
    for one in (model, poor):
        assert max(one.card["snapshots"]["past"]["as_of"]) < min(model.card["snapshots"]["test"]["as_of"])


def test_levels_count_the_cuts_reached_as_rounded():
    assert levels(np.array([0.1, 0.2, 0.1999999, 0.5, 0.9]), CUTS).tolist() == [0, 1, 1, 3, 4]


def test_training_again_on_the_same_data_promotes_and_records_nothing(tmp_path, model, snapshots):
    save(tmp_path, model)
    assert offer(tmp_path, model, snapshots, cuts=CUTS, seed=1).promote
    assert not offer(tmp_path, model, snapshots, cuts=CUTS, seed=1).promote
    assert [event["event"] for event in events(tmp_path, "dormancy", 90)] == ["promoted"]


def test_a_model_that_was_rolled_back_is_not_promoted_again(tmp_path, model, poor, snapshots):
    for one in (poor, model):
        save(tmp_path, one)
        assert offer(tmp_path, one, snapshots, cuts=(0.999,), seed=1).promote
    rollback(tmp_path, "dormancy", 90)
    decision = offer(tmp_path, model, snapshots, cuts=(0.999,), seed=1)
    assert not decision.promote and decision.reason == "it was rolled back before"
    assert champion(tmp_path, "dormancy", 90, model.trained_through).model_id == poor.model_id


def test_a_champion_of_a_later_day_does_not_decide_about_an_earlier_one(tmp_path, model, make_snapshots, train):
    save(tmp_path, model)
    offer(tmp_path, model, make_snapshots(), cuts=CUTS, seed=1)
    earlier = train(make_snapshots(), trained_through=model.trained_through.replace(month=4))
    save(tmp_path, earlier)
    decision = offer(tmp_path, earlier, make_snapshots(), cuts=CUTS, seed=1)
    assert decision.promote and decision.champion is None
    assert champion(tmp_path, "dormancy", 90, model.trained_through).model_id == model.model_id
