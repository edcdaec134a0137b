"""Training of one target at one horizon: predict later from earlier, choose, judge on the latest, refit on all."""

from __future__ import annotations

import hashlib
import json
from datetime import date

import numpy as np
import pandas as pd

from models.features.frames import feature_frame
from models.features.targets import target_of
from models.judge.choose import choose
from models.judge.drift import reference
from models.judge.evaluate import (
    REPORT_COLUMNS,
    by_month,
    further_figures,
    judge,
    who_scores,
    with_bars,
    with_verdict,
)
from models.judge.fairness import by_segment
from models.judge.leaks import alarm_on_leak, audit
from models.learn.baselines import baseline_scorers, baseline_scores
from models.learn.candidates import CANDIDATES, LOGISTIC
from models.learn.procedure import make_scorer, prepare, roll
from models.learn.scorer import Scorer, contribution_gap
from models.learn.snapshots import WHERE, rows_of_last_year, split_by_time
from models.learn.trained import TrainedModel
from models.store.card import model_card
from models.store.plots import draw


def train(
    target_name: str,
    snapshots: pd.DataFrame,
    *,
    trained_through: date,
    horizon_days: int,
    seed: int,
    data_hash: str,
    code_revision: str,
) -> TrainedModel:
    """Train on snapshots (customer × as_of × horizon; features, horizon_days, label) of the target's population.

    With `trigger_count` the handbook's triggers are judged beside the model. A model that may not score (see
    `models.judge.evaluate.may_score`) gives way to the best baseline, or to the base rate: that one is returned.

    Nothing later than `trained_through` is used. All candidates compete at the horizon that grades; the others are
    logistic. Raises UnknownTarget, FeatureError, TooLittleHistory, FitError, LeakSuspected.
    """
    target = target_of(target_name, horizon_days)
    split = split_by_time(snapshots, trained_through=trained_through, horizon_days=horizon_days)
    past = prepare(target, split.past, horizon_days=horizon_days, seed=seed)
    rolled = roll(past, list(CANDIDATES) if horizon_days == target.horizons[0] else [LOGISTIC])
    # Nothing to choose by: the other candidates are not worth their seconds.
    names = list(rolled.margins) if len(rolled.labels) else [LOGISTIC]
    chosen, gains = choose(rolled.customers, rolled.labels, rolled.margins, seed=seed)

    judged, seconds = zip(*(make_scorer(past, name, rolled) for name in names), strict=True)
    fallbacks = baseline_scorers(target, split.past, seed)
    judged = dict(zip(names, judged, strict=True)) | fallbacks
    probabilities = {
        name: scorer.probability(feature_frame(split.test, scorer.features, WHERE)) for name, scorer in judged.items()
    }
    baselines = baseline_scores(target, split.past, split.test, fallbacks, horizon_days=horizon_days)
    report = judge(
        split.test, {name: probabilities[name] for name in names}, baselines,
        {name: probabilities[name] for name in fallbacks}, chosen, seed=seed,
    )  # fmt: skip
    audited = audit(past.frame, past.rows["label"], seed=seed)
    auc = report.set_index(["model", "metric"])["value"][chosen, "auc"]
    alarm_on_leak(auc, audited, f"at {split.test['as_of'].max():%Y-%m-%d}")

    scoring = who_scores(report, chosen, fallbacks)
    if scoring == chosen:
        everything = prepare(target, split.labelled, horizon_days=horizon_days, seed=seed)
        again = rolled if chosen == LOGISTIC else roll(everything, [chosen])
        scorer, _ = make_scorer(everything, chosen, again)
        months = {"judged": rolled.months, "published": again.months}
    else:
        scorer = baseline_scorers(target, split.labelled, seed)[scoring]
        months = {"judged": (), "published": ()}
    test = feature_frame(split.test, scorer.features, WHERE)
    known = rows_of_last_year(snapshots, trained_through=trained_through, horizon_days=horizon_days)
    seen = feature_frame(known, scorer.features, WHERE)

    spent = {(name, "fit_seconds"): one for name, one in zip(names, seconds, strict=True)}
    report = further_figures(report, spent | {(scoring, "contribution_gap"): contribution_gap(scorer, test)})
    parts = [
        with_verdict(report, chosen, scoring),
        by_month(split.test, probabilities[scoring], scoring, seed=seed),
        by_segment(split.test, probabilities[scoring], scoring, seed=seed),
    ]
    report = pd.concat([part for part in parts if len(part)], ignore_index=True)
    report = with_bars(report, chosen).assign(horizon_days=horizon_days)[REPORT_COLUMNS]

    inputs = {"data_hash": data_hash, "seed": seed, "horizon_days": horizon_days}
    fingerprint = _fingerprint(inputs, scorer, scorer.probability(test), probabilities[scoring])
    model_id = f"{target.name}-{horizon_days}-{trained_through:%Y%m%d}-{fingerprint}"
    report.insert(0, "model_version", model_id)
    report.insert(1, "target", target.name)
    facts = {"model_id": model_id, "target": target.name, "trained_through": trained_through.isoformat(), **inputs}
    card = model_card(
        facts | {"code_revision": code_revision}, target, split, scorer, judged[scoring],
        months=months, choice={"chosen": chosen, "gains_over_logistic": gains}, audited=audited,
        drift=reference(seen, scorer.features, scorer.probability(seen), known["as_of"]), report=report,
    )  # fmt: skip
    labels = split.test["label"].to_numpy(dtype=bool)
    shown = {name: probabilities[name] for name in (scoring, chosen)}
    shown |= {name: score for name, score in baselines.items() if name not in shown}
    pictures = draw(labels, shown, report, f"{target.name}, {horizon_days} days")
    return TrainedModel(
        model_id, target.name, trained_through, horizon_days, scorer, judged[scoring], report, card, pictures
    )  # fmt: skip


def _fingerprint(inputs: dict[str, object], scorer: Scorer, *probabilities: np.ndarray) -> str:
    """The same data, seed and resulting scores give the same 10 hex digits; code that changes neither changes none."""
    content = {
        "inputs": inputs,
        "kind": scorer.kind,
        "features": [(feature.name, feature.scale) for feature in scorer.features],
        "test_scores": [one.round(6).tolist() for one in probabilities],
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:10]
