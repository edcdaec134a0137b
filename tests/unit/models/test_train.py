from __future__ import annotations

import json
from datetime import date
from unittest.mock import patch

import numpy as np
import pytest
from dagster import AssetCheckSeverity

from models import train as training
from models.errors import FeatureError, FitError, LeakSuspected, TooLittleHistory
from models.features.frames import feature_frame
from models.features.targets import TARGETS
from models.learn.calibrate import Sigmoid
from models.learn.candidates import CANDIDATES, fit
from models.learn.columns import read_columns
from models.learn.procedure import make_scorer, prepare, roll
from models.learn.scorer import RECENCY_RULE
from models.score import score
from pipelines.scoring.training_assets import no_column_suspected

pytestmark = pytest.mark.filterwarnings("error")

TODAY = date(2026, 6, 30)


def test_the_card_describes_the_training(model):
    card = json.loads(json.dumps(model.card, allow_nan=False))
    assert card["model_id"] == model.model_id and model.model_id.startswith("dormancy-90-20260630-")
    assert {"data_hash", "code_revision", "seed", "trained_through", "horizon_days", "versions"} <= set(card)
    for scorer in card["scorers"].values():
        assert scorer["calibration"]["method"] == "none" and "own probabilities" in scorer["calibration"]["reason"]
    assert "judged on `test`" in card["refit"] and card["choice"]["chosen"] == "logistic"
    assert card["snapshots"]["labelled"]["rows"] == 15 * 320 and max(card["snapshots"]["past"]["as_of"]) < "2026-01"
    assert card["censored"] == {"rows": 960, "by_as_of": {"2026-04-30": 320, "2026-05-31": 320, "2026-06-30": 320}}
    assert card["snapshots"]["test"]["as_of"] == ["2026-03-31"]
    assert len(card["figures"]) == len(model.report)


def test_the_report_names_its_model_and_beats_guessing(model):
    assert set(model.report["model_version"]) == {model.model_id}
    assert set(model.report["target"]) == {"dormancy"}
    value = model.report[model.report["segment"] == "all"].set_index(["model", "metric"])["value"]
    assert 0.65 < value["logistic", "auc"] < 0.95
    assert value["logistic", "contribution_gap"] < 1e-6


def test_shuffled_rows_give_the_same_parameters_scores_and_id(model, snapshots, today, train):
    again = train(snapshots.sample(frac=1, random_state=3))
    assert again.model_id == model.model_id
    assert np.array_equal(again.scorer.fitted.model.coef_, model.scorer.fitted.model.coef_)
    assert score(again, today.sample(frac=1, random_state=4), as_of=TODAY).equals(score(model, today, as_of=TODAY))


def test_other_data_get_another_id(model, snapshots, train):
    assert train(snapshots, data_hash="d2").model_id != model.model_id


def test_a_protected_attribute_or_another_revision_of_the_code_changes_neither_model_nor_id(model, snapshots, train):
    leaning = snapshots.assign(gender=snapshots["label"].map({True: "f", False: "m"}), age=40)
    sample = {"customers": 200, "all_customers": 9_000}
    again = train(leaning, code_revision="c2", sample=sample)
    assert again.model_id == model.model_id
    assert again.card["sample"] == sample


def test_with_too_few_rows_the_logistic_is_the_only_candidate(make_snapshots, train):
    small = train(make_snapshots(customers=40))
    assert small.scorer.kind == "logistic" and not set(CANDIDATES) - {"logistic"} & set(small.report["model"])


def test_the_logistic_has_no_sigmoid_and_other_candidates_fit_it_on_later_months(snapshots):
    labelled = snapshots.dropna(subset=["label"]).astype({"label": bool}).reset_index(drop=True)
    prepared = prepare(TARGETS["dormancy"], labelled, horizon_days=90, seed=1)
    names = ["logistic", "decision_tree"]
    rolled = roll(prepared, names)
    own, tree = (make_scorer(prepared, name, rolled)[0] for name in names)
    assert own.sigmoid == Sigmoid()
    assert own.probability(prepared.frame).mean() == pytest.approx(prepared.labels.mean(), abs=0.001)
    assert tree.sigmoid.rows == len(rolled.labels) and tree.sigmoid.slope != 1


@pytest.mark.parametrize("name", CANDIDATES)
def test_every_candidate_accepts_constant_and_empty_columns(snapshots, name):
    features = TARGETS["dormancy"].features
    rows = snapshots.dropna(subset="label").head(800).assign(viewings_per_30d=4, budget_max_wan=None, purpose=None)
    columns = read_columns(feature_frame(rows, features, "snapshots"), features)
    fitted = fit(name, columns, rows["label"].to_numpy(dtype=bool), features, 1)
    assert np.isfinite(fitted.margin(columns)).all()


def test_a_constant_and_an_empty_column_have_no_effect(make_snapshots, train):
    snapshots = make_snapshots(customers=60).assign(viewings_per_30d=4, satisfaction_180d=None, purpose=None)
    flat = train(snapshots)
    today = snapshots[snapshots["as_of"] == "2026-06-30"]
    moved = today.assign(viewings_per_30d=4.0)
    assert score(flat, moved, as_of=TODAY)["probability"].between(0, 1).all()
    weights = {
        name: weight
        for name, weight in flat.card["scorers"]["published"]["coefficients"].items()
        if "viewings_per_30d" in name
    }
    assert list(weights.values()) == pytest.approx([0], abs=1e-9)


@pytest.mark.parametrize("label", [True, False])
def test_one_class_only_is_a_clear_error(snapshots, train, label):
    snapshots["label"] = snapshots["label"].where(snapshots["label"].isna(), label)
    with pytest.raises(TooLittleHistory, match=r"found (0 with|4800 with and 0 without)"):
        train(snapshots)


def test_ten_customers_are_too_few(make_snapshots, train):
    with pytest.raises(TooLittleHistory, match="expected at least 25 rows with and 25 without"):
        train(make_snapshots(customers=10, months=8))


def test_a_column_without_values_that_must_have_them_is_refused(snapshots, train):
    with pytest.raises(FeatureError, match="column customer_events_60d: expected no nulls"):
        train(snapshots.assign(customer_events_60d=np.nan))


def test_the_alarm_fires_on_a_feature_that_knows_the_future(snapshots, train):
    leak = snapshots["label"].fillna(False).astype(float) * 5
    with pytest.raises(
        LeakSuspected, match=r"at most 0.95 at 2026-03-31, found (1.000|0.999): .* referrals_180d 1.000"
    ):
        train(snapshots.assign(referrals_180d=leak))


def test_honest_columns_pass_the_check_of_the_leak_audit(snapshots, train):
    model = train(snapshots.assign(customer_events_60d=4.0))
    found = no_column_suspected([model])
    assert found.passed
    assert len(model.card["leak_audit"]) == len(TARGETS["dormancy"].features)
    assert "days_since_customer_event" in found.metadata["columns"].value


def test_a_column_that_ranks_far_better_than_the_others_warns(snapshots, train):
    noise = np.random.default_rng(5).normal(3, 0.9, len(snapshots))
    better = (noise - 1.6 * snapshots["label"].fillna(False).astype(float)).clip(lower=0)
    found = no_column_suspected([train(snapshots.assign(customer_events_60d=better))])
    assert not found.passed
    assert found.description.startswith("dormancy, 90 days: customer_events_60d AUC 0.8")


def test_a_status_written_afterwards_warns_with_question_and_column(snapshots, train):
    status = np.where(snapshots["label"].fillna(False), "lost", "kept")
    written = np.random.default_rng(3).random(len(status)) < 0.45
    flat = snapshots.assign(customer_events_60d=4.0, purpose=np.where(written, status, "open"))
    found = no_column_suspected([train(flat)])
    assert not found.passed
    assert found.severity == AssetCheckSeverity.WARN
    assert found.description.startswith("dormancy, 90 days: purpose ")


def test_a_ranking_that_is_reversed_on_the_calibration_months_is_an_error(snapshots, train):
    later = snapshots["as_of"] >= "2025-09-01"
    snapshots.loc[later, "label"] = ~snapshots.loc[later, "label"]
    with pytest.raises(FitError, match="expected a positive slope on later month-ends, found -"):
        train(snapshots)


def test_the_report_has_segments_with_enough_rows_with_intervals(model):
    segments = model.report[model.report["segment"] != "all"]
    assert {"channel", "as_of"} <= set(segments["segment"].str.partition("=")[0])
    auc_rows = segments[segments["metric"] == "auc"]
    assert auc_rows["value"].between(auc_rows["low"], auc_rows["high"]).all() and len(auc_rows)
    assert not model.report.duplicated(["model", "metric", "segment"]).any()
    rows = segments[segments["metric"] == "rows"].set_index("segment")["value"]
    assert (rows >= 100).all()


def test_the_pictures_show_the_scoring_and_the_chosen_model(make_snapshots, train):
    snapshots = make_snapshots(months=12, customers=150)
    drawn = {}

    def draw(_labels, scores, *_):
        drawn.update(scores)
        return {}

    with (
        patch.object(training, "draw", draw),
        patch.object(training, "who_scores", lambda *_: RECENCY_RULE),
        patch.object(training, "by_month", wraps=training.by_month) as by_month,
    ):
        model = train(snapshots)
    assert list(drawn)[:2] == [RECENCY_RULE, model.card["choice"]["chosen"]]
    assert drawn[RECENCY_RULE] is by_month.call_args.args[1]
    assert set(drawn) >= {"rfm_logistic", "base_rate"}


def test_other_horizons_train_only_the_logistic(make_snapshots, train):
    snapshots = make_snapshots(customers=120).assign(horizon_days=60)
    short = train(snapshots, horizon_days=60)
    fitted = short.report.loc[short.report["metric"] == "fit_seconds", "model"]
    assert short.model_id.startswith("dormancy-60-") and fitted.tolist() == ["logistic"]
