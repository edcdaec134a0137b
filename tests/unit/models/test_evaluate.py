from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from models.judge import bootstrap, metrics
from models.judge.bootstrap import Resamples
from models.judge.evaluate import by_month, further_figures, judge, may_score, who_scores, with_bars, with_verdict
from models.judge.fairness import by_segment


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch):
    monkeypatch.setattr(bootstrap, "RESAMPLES", 25)


@pytest.fixture(scope="module")
def judged():
    """6,000 rows of 3,000 customers, with true probabilities, and a recency with half of their information."""
    chance = np.random.default_rng(5)
    rows = pd.DataFrame({
        "customer_key": np.repeat([f"c{number:04d}" for number in range(3000)], 2),
        "as_of": pd.to_datetime(["2026-02-28", "2026-03-31"] * 3000),
    })  # fmt: skip
    probability = chance.beta(1, 3, len(rows))
    rows["label"] = chance.random(len(rows)) < probability
    recency = np.round(probability * 20 + chance.normal(0, 6, len(rows)) + 30)
    return rows, probability, recency


def figure(report: pd.DataFrame, model: str, metric: str) -> pd.Series:
    return report.set_index(["model", "metric"]).loc[(model, metric)]


def report_of(rows, probability, recency, gap=0.0):
    fitted = {"recency_rule": np.where(recency > np.median(recency), 0.3, 0.2)}
    report = judge(rows, {"logistic": probability}, {"recency_rule": recency}, fitted, "logistic", seed=1)
    return with_bars(further_figures(report, {("logistic", "contribution_gap"): gap}), "logistic")


def once(metric, labels, score) -> float:
    labels = np.asarray(labels, dtype="float64")
    return float(metric(labels, np.asarray(score, dtype="float64"), metrics.once(labels))[0])


def test_lift_of_ten_of_a_hundred_is_computed_by_hand():
    labels = np.zeros(100)
    labels[:8] = 1
    labels[50:62] = 1
    assert once(metrics.top_decile_lift, labels, -np.arange(100.0)) == pytest.approx((8 / 10) / 0.20)


def test_lift_counts_ties_at_the_edge_by_their_mean():
    labels = np.array([1, 1, 0, 0] + [0] * 16)
    score = np.array([9, 5, 5, 5] + [1] * 16)
    assert once(metrics.top_decile_lift, labels, score) == pytest.approx((1 + 1 / 3) / 2 / 0.1)


def test_calibration_error_is_the_mean_gap_of_ten_bins():
    probability = np.repeat(np.arange(10) / 10 + 0.05, 10)
    labels = np.tile([1] + [0] * 9, 10)
    by_hand = np.mean(np.abs(np.arange(10) / 10 + 0.05 - 0.1))
    assert once(metrics.calibration_error, labels, probability) == pytest.approx(by_hand)
    assert once(metrics.calibration_error, np.array([0, 1] * 50), np.full(100, 0.5)) == pytest.approx(0)


ALL = (metrics.average_precision, metrics.auc, metrics.top_decile_lift, metrics.brier, metrics.brier_skill,
       metrics.calibration_error)  # fmt: skip
CASES = st.lists(st.tuples(st.booleans(), st.integers(0, 8), st.integers(1, 3)), min_size=10, max_size=60)


@settings(max_examples=50, deadline=None)
@given(CASES, st.randoms())
def test_no_figure_depends_on_the_order_of_rows(rows, chance):
    labels, score = np.array([row[0] for row in rows]), np.array([row[1] for row in rows]) / 10
    if labels.all() or not labels.any():
        return
    order = chance.sample(range(len(rows)), len(rows))
    for metric in ALL:
        assert once(metric, labels[order], score[order]) == pytest.approx(once(metric, labels, score), abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(CASES)
def test_a_weight_of_three_is_three_rows_and_ranking_figures_are_those_of_scikit_learn(rows):
    labels, score, weights = (np.array(column, dtype="float64") for column in zip(*rows, strict=True))
    if labels.all() or not labels.any():
        return
    many_labels, many_scores = (np.repeat(one, weights.astype(int)) for one in (labels, score / 10))
    for metric in ALL:
        weighted = float(metric(labels, score / 10, weights[None, :])[0])
        assert weighted == pytest.approx(once(metric, many_labels, many_scores), abs=1e-9)
    assert once(metrics.average_precision, labels, score) == pytest.approx(average_precision_score(labels, score))
    assert once(metrics.auc, labels, score) == pytest.approx(roc_auc_score(labels, score))


def test_the_report_has_the_figures_of_scikit_learn_within_their_intervals(judged):
    rows, probability, recency = judged
    report = report_of(rows, probability, recency)
    labels = rows["label"]
    assert not report.duplicated(["model", "metric", "segment"]).any()
    expected = {
        ("logistic", "pr_auc"): average_precision_score(labels, probability),
        ("logistic", "auc"): roc_auc_score(labels, probability),
        ("logistic", "brier"): brier_score_loss(labels, probability),
        ("recency_rule", "pr_auc"): average_precision_score(labels, recency),
        ("recency_rule", "auc"): roc_auc_score(labels, recency),
        ("logistic", "base_rate"): labels.mean(),
        ("logistic", "rows"): 6000,
    }
    for (model, metric), value in expected.items():
        assert figure(report, model, metric)["value"] == pytest.approx(value)
    resampled = report.dropna(subset=["low"])
    assert len(resampled) == 13
    ranked = resampled[resampled["metric"] != "calibration_error"]
    assert ranked["value"].between(ranked["low"], ranked["high"]).all()
    assert report["snapshot"].eq(pd.Timestamp("2026-03-31")).all()


def test_a_calibrated_model_passes_its_bars_and_a_bad_model_fails_them(judged):
    rows, probability, recency = judged
    good = report_of(rows, probability, recency)
    assert good.dropna(subset=["bar"])["metric"].tolist() == [
        "brier_skill", "calibration_error", "pr_auc_to_best_baseline", "contribution_gap",
    ]  # fmt: skip
    assert good["passed"].dropna().all()
    bad = report_of(rows, recency.clip(0, 100) / 100, recency, gap=0.1)
    assert not bad["passed"].dropna().any()


def test_calibration_is_judged_at_any_number_of_rows_below_5000_by_its_interval(judged):
    rows, probability, recency = judged
    few = figure(report_of(rows[:300], probability[:300], recency[:300]), "logistic", "calibration_error")
    assert few["value"] > few["bar"] == 0.02
    assert few["passed"] == (few["low"] <= 0.02)
    off = report_of(rows[:300], np.clip(probability[:300] + 0.3, 0, 1), recency[:300])
    assert figure(off, "logistic", "calibration_error")["passed"] is False


def test_a_month_end_with_a_wrong_level_fails_its_bar(judged):
    rows, probability, _ = judged
    levels = by_month(rows, probability, "logistic", seed=1)
    assert levels["segment"].tolist() == ["as_of=2026-02-28", "as_of=2026-03-31"]
    report = pd.concat(
        [report_of(*judged), levels, by_month(rows, probability / 2, "halved", seed=1)], ignore_index=True
    )
    rows_by_name = with_bars(report, "logistic")
    rows_by_name = rows_by_name[rows_by_name["metric"] == "predicted_to_realised"].set_index("model")
    assert rows_by_name.loc["logistic", "passed"].all() and not rows_by_name.loc["halved", "passed"].any()
    assert rows_by_name.loc["halved", "value"].between(0.45, 0.55).all()


@pytest.mark.parametrize(
    ("ours", "recency_skill", "scores"),
    [
        ("good", "some", "logistic"),
        ("worse_than_recency", "some", "recency_rule"),
        ("miscalibrated", "none", "base_rate"),
    ],
)
def test_a_model_scores_only_if_it_beats_baselines_and_base_rate(judged, ours, recency_skill, scores):
    """A model with a Brier skill of -0.34 and an AUC below that of the recency rule once scored tenant loss."""
    rows, probability, recency = judged
    chance = np.random.default_rng(2)
    ranked = {
        "good": probability,
        "worse_than_recency": chance.random(len(rows)) * 0.5,
        "miscalibrated": 0.5 + probability / 2,
    }
    labels = rows["label"].to_numpy()
    fitted = {
        "recency_rule": np.where(recency > np.median(recency), 0.3, 0.2)
        if recency_skill == "some"
        else np.full(len(rows), 0.9),
        "base_rate": np.full(len(rows), labels.mean()),
    }
    report = judge(
        rows,
        {"logistic": ranked[ours]},
        {"recency_rule": recency, "base_rate": np.zeros(len(rows))},
        fitted,
        "logistic",
        seed=1,
    )
    assert may_score(report, "logistic") == (ours == "good")
    assert who_scores(report, "logistic", fitted) == scores
    rows_by_name = with_verdict(report, "logistic", scores).set_index(["model", "metric"])["value"]
    assert rows_by_name["logistic", "may_score"] == float(ours == "good") and rows_by_name[scores, "scores"] == 1


def test_repeated_rows_of_customers_do_not_narrow_intervals(judged):
    rows, probability, recency = (part[:400] for part in judged)
    once = report_of(rows, probability, recency)
    fivefold = report_of(pd.concat([rows] * 5), np.tile(probability, 5), np.tile(recency, 5))
    width = [one["high"] - one["low"] for one in (figure(report, "logistic", "auc") for report in (once, fivefold))]
    assert width[1] == pytest.approx(width[0], rel=0.01)
    pd.testing.assert_frame_equal(once, report_of(rows, probability, recency))


def test_resamples_do_not_depend_on_the_size_of_blocks(judged, monkeypatch):
    rows, probability, _ = (part[:400] for part in judged)
    at_once = Resamples(rows["customer_key"], rows["label"], 1).figures(metrics.auc, probability)
    monkeypatch.setattr(bootstrap, "BLOCK_CELLS", 900)
    assert np.array_equal(Resamples(rows["customer_key"], rows["label"], 1).figures(metrics.auc, probability), at_once)


def test_a_gain_over_recency_within_chance_does_not_pass(judged):
    rows, probability, recency = (part[:60] for part in judged)
    ratio = figure(report_of(rows, probability, recency), "logistic", "pr_auc_to_best_baseline")
    assert ratio["value"] > 1 >= ratio["low"]
    assert ratio["passed"] is False


def test_the_ratio_is_to_the_best_of_the_baselines(judged):
    rows, probability, recency = judged
    report = judge(
        rows, {"logistic": probability}, {"a": recency, "b": probability, "c": -recency}, {}, "logistic", seed=1
    )
    assert figure(report, "logistic", "pr_auc_to_best_baseline")["value"] == pytest.approx(1)


def test_pr_auc_is_about_the_rarer_class():
    labels, score = np.array([1, 1, 1, 0, 1, 0, 1, 1]), np.array([0.9, 0.8, 0.7, 0.75, 0.6, 0.1, 0.2, 0.3])
    found = once(metrics.rarer_average_precision, labels, score)
    assert found == pytest.approx(average_precision_score(1 - labels, -score))
    assert once(metrics.rarer_average_precision, 1 - labels, -score) == pytest.approx(found)


def test_every_segment_is_judged_on_the_class_that_is_rarer_among_all(judged):
    rows, probability, _ = judged
    likely = probability > np.quantile(probability, 0.6)
    rows = rows.assign(
        first_channel=np.where(likely, "portal", "walk_in"), label=rows["label"] | (likely & (rows.index % 3 > 0))
    )
    assert rows["label"].mean() < 0.5 < rows["label"][likely].mean()
    rows_by_name = by_segment(rows, probability, "logistic", seed=1).set_index(["segment", "metric"])["value"]
    for segment, members in (("channel=portal", likely), ("channel=walk_in", ~likely)):
        expected = average_precision_score(rows["label"][members], probability[members])
        assert rows_by_name[segment, "pr_auc"] == pytest.approx(expected)
    turned = by_segment(rows.assign(label=~rows["label"]), 1 - probability, "logistic", seed=1)
    assert turned.set_index(["segment", "metric"])["value"]["channel=portal", "pr_auc"] == pytest.approx(
        rows_by_name["channel=portal", "pr_auc"]
    )
