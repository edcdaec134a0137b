from __future__ import annotations

import dataclasses
import re
from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.errors import FeatureError, ModelTooNew
from models.features.frames import feature_frame
from models.features.targets import TARGETS
from models.learn.baselines import baseline_scorers
from models.learn.calibrate import Sigmoid
from models.learn.procedure import make_scorer, prepare, roll
from models.learn.scorer import contribution_gap
from models.score import SCORE_DTYPES, score

TODAY = date(2026, 6, 30)


@pytest.fixture
def odd(today: pd.DataFrame) -> pd.DataFrame:
    """Today's rows with categories and values outside the training rows, and with all possible nulls."""
    today = today.reset_index(drop=True)
    today.loc[:9, "first_channel"] = "hologram"
    today.loc[10:19, ["satisfaction_180d", "budget_max_wan", "agent_contacts_answered_share_90d"]] = np.nan
    today.loc[10:19, ["first_channel", "demand_type", "purpose"]] = None
    today.loc[20:29, "customer_events_30d"] = 9999
    return today


def log_odds(probability):
    return np.log(probability / (1 - probability))


def test_contributions_and_intercept_sum_to_the_log_odds_of_the_published_probability(model, odd):
    scorer = dataclasses.replace(model.scorer, sigmoid=Sigmoid(slope=0.8, intercept=0.1))
    model = dataclasses.replace(model, scorer=scorer)
    contributions, intercept = scorer.parts(feature_frame(odd, scorer.features, "today"))
    published = score(model, odd, as_of=TODAY).set_index("customer_key")["probability"][odd["customer_key"]]
    assert np.abs(contributions.sum(axis=1) + intercept - log_odds(published.to_numpy())).max() < 1e-6


@pytest.mark.parametrize("name", ["random_forest", "kernel_svm", "boosting", "decision_tree"])
def test_reasons_of_any_other_model_sum_to_its_published_log_odds_too(snapshots, odd, name):
    features = TARGETS["dormancy"].features
    target = dataclasses.replace(TARGETS["dormancy"], features=features[:5] + features[-3:])
    labelled = snapshots.dropna(subset=["label"]).sample(600, random_state=1).astype({"label": bool})
    prepared = prepare(target, labelled.reset_index(drop=True), horizon_days=90, seed=1)
    scorer, _ = make_scorer(prepared, name, roll(prepared, []))
    rows = feature_frame(odd.iloc[5:25:2], target.features, "today")
    assert contribution_gap(scorer, rows) < 1e-6
    contributions, _ = scorer.parts(rows)
    assert np.abs(contributions).max() > 0


def test_every_engaged_customer_gets_a_probability_with_three_reasons(model, odd):
    scores = score(model, odd, as_of=TODAY)
    assert scores.dtypes.astype(str).to_dict() == SCORE_DTYPES
    assert scores["customer_key"].tolist() == sorted(odd["customer_key"])
    assert scores["probability"].between(0, 1).all() and scores.notna().all(axis=None)
    assert (scores["probability"] == scores["probability"].round(12)).all()
    assert set(scores["model_version"]) == {model.model_id} and set(scores["horizon_days"]) == {90}


def test_a_customer_gets_the_same_probability_alone_and_in_a_batch(model, odd):
    batch = score(model, odd, as_of=TODAY)
    alone = [score(model, odd[odd["customer_key"] == key], as_of=TODAY) for key in batch["customer_key"][::50]]
    pd.testing.assert_frame_equal(pd.concat(alone, ignore_index=True), batch[::50].reset_index(drop=True))


def test_reasons_towards_the_label_come_first_and_the_largest_of_them_first(model, odd):
    odd = odd.sort_values("customer_key")
    every, _ = model.scorer.by_group(model.scorer.parts(feature_frame(odd, model.scorer.features, "today"))[0])
    shown = score(model, odd, as_of=TODAY)[[f"contribution_{place}" for place in (1, 2, 3)]]
    for row, chosen in zip(every.round(6), shown.to_numpy(), strict=True):
        towards = sorted((one for one in row if one > 0), reverse=True)
        against = sorted(one for one in row if one <= 0)
        assert chosen.tolist() == (towards + against)[:3]


def test_a_long_silence_is_named_as_a_reason(model, today):
    silent = today.head(1).assign(days_since_customer_event=59)
    scores = score(model, silent, as_of=TODAY).iloc[0]
    shown = scores[["reason_1", "reason_2", "reason_3"]].tolist()
    assert any(
        re.fullmatch(r"no contact by the customer for 59 days, since 2 May \(\+\d+ points\)", one) for one in shown
    )
    shown = scores[["reason_1_zh", "reason_2_zh", "reason_3_zh"]].tolist()
    assert any(re.fullmatch(r"客户 59 天未主动联系（5 月 2 日起）（\+\d+ 个百分点）", one) for one in shown)


def test_values_above_the_cap_and_nulls_count_as_the_cap(model, today):
    scorer = model.scorer
    frame = feature_frame(today, scorer.features, "today")
    for feature in scorer.features:
        if feature.cap:
            at_cap, beyond = (frame.assign(**{feature.name: feature.cap * times}) for times in (1, 3))
            assert np.array_equal(scorer.probability(at_cap), scorer.probability(beyond)), feature.name
            if feature.nullable:
                assert np.array_equal(
                    scorer.probability(at_cap), scorer.probability(frame.assign(**{feature.name: np.nan}))
                )


def test_every_reason_has_the_sign_of_its_feature(model, today):
    """A long silence never makes contact more likely, and an event never makes silence more likely."""
    scorer = model.scorer
    frame = feature_frame(today, scorer.features, "today")
    before = scorer.probability(frame)
    for feature in scorer.features:
        if feature.sign and feature.scale != "category":
            more = scorer.probability(
                frame.assign(**{feature.name: (frame[feature.name] * 2 + 1).clip(upper=feature.maximum)})
            )
            assert ((more - before) * feature.sign >= -1e-12)[frame[feature.name].notna()].all(), feature.name


def test_features_of_one_group_are_one_reason_with_the_effect_of_the_group(model, today):
    scorer = model.scorer
    frame = feature_frame(today, scorer.features, "today")
    contributions, intercept = scorer.parts(frame)
    groups, telling = scorer.by_group(contributions)
    assert np.abs(groups.sum(axis=1) + intercept - log_odds(scorer.probability(frame))).max() < 1e-6
    assert groups.shape[1] == len({feature.group for feature in scorer.features}) < len(scorer.features)
    shown = np.take_along_axis(contributions, telling, axis=1)
    assert (shown * np.sign(groups) >= -1e-12).all()
    scores = score(model, today, as_of=TODAY)
    points = scores["reason_1"].str.extract(r"\(([+-]\d+) points?\)")[0].dropna().astype(float)
    assert len(points)
    without = 1 / (1 + np.exp(-(log_odds(scores["probability"]) - scores["contribution_1"])))
    assert np.abs(points - 100 * (scores["probability"] - without)[points.index]).max() <= 0.5


def test_a_baseline_that_scores_has_the_same_interface(snapshots, today, model):
    labelled = snapshots.dropna(subset=["label"]).astype({"label": bool})
    baselines = baseline_scorers(TARGETS["dormancy"], labelled, 1)
    assert set(baselines) == {"recency_rule", "rfm_logistic", "base_rate"}
    for kind, scorer in baselines.items():
        scores = score(dataclasses.replace(model, scorer=scorer), today, as_of=TODAY)
        assert set(scores["probability_source"]) == {kind} and scores[["reason_1", "contribution_1"]].notna().all(
            axis=None
        )
        assert contribution_gap(scorer, feature_frame(today, scorer.features, "today")) < 1e-6
    assert scores["probability"].nunique() == 1 and scores["contribution_1"].eq(0).all()
    assert scores["reason_1"].str.contains("% of engaged customers went quiet within 90 days").all()
    assert set(score(model, today, as_of=TODAY)["probability_source"]) == {"model"}


def test_an_empty_frame_gives_an_empty_result_with_all_columns(model, today):
    empty = score(model, today.head(0), as_of=TODAY)
    assert empty.empty and empty.dtypes.astype(str).to_dict() == SCORE_DTYPES


def test_a_missing_column_is_refused_even_if_there_are_no_rows(model, today):
    with pytest.raises(FeatureError, match=r"features of 2026-06-30: expected column\(s\) customer_events_60d"):
        score(model, today.head(0).drop(columns="customer_events_60d"), as_of=TODAY)


def test_rows_of_another_day_are_refused(model, snapshots):
    with pytest.raises(FeatureError, match="column as_of: expected 2026-06-30 alone, found 2025-01-31"):
        score(model, snapshots, as_of=TODAY)


def test_a_model_never_scores_a_day_before_its_own_training(model, today):
    with pytest.raises(ModelTooNew, match="trained through 2026-06-29 or earlier"):
        score(model, today, as_of=date(2026, 6, 29))


def test_a_protected_attribute_changes_no_probability(model, today):
    chance = np.random.default_rng(1)
    leaning = today.assign(gender=chance.choice(["f", "m"], len(today)), age=chance.integers(18, 80, len(today)))
    flipped = leaning.assign(gender=leaning["gender"].map({"f": "m", "m": "f"}), age=98 - leaning["age"])
    before, after = (score(model, one, as_of=TODAY)["probability"] for one in (leaning, flipped))
    assert (before - after).abs().max() == 0


def test_a_customer_without_optional_values_is_scored_with_reasons(model, today):
    nullable = [feature.name for feature in model.scorer.features if feature.nullable]
    scores = score(model, today.assign(**dict.fromkeys(nullable)), as_of=TODAY)
    assert scores.notna().all(axis=None)


@pytest.mark.parametrize(("size", "customers"), [(1, 35), (7, None), (100, None)])
def test_a_batch_of_any_size_gives_the_same_result(model, odd, size, customers):
    odd = odd.head(customers or len(odd))
    whole = score(model, odd, as_of=TODAY)
    rows = odd.sort_values("customer_key", ignore_index=True)
    batches = [score(model, rows.iloc[start : start + size], as_of=TODAY) for start in range(0, len(rows), size)]
    pd.testing.assert_frame_equal(pd.concat(batches, ignore_index=True), whole)
