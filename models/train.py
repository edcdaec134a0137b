"""Training of one target at one horizon.

The candidates are fitted on earlier month-ends, one is chosen on rolling-origin predictions, judged on the latest
month-ends, and fitted again on all labelled month-ends.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from models.features.frames import feature_frame
from models.features.targets import Target, target_of
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
from models.learn.baselines import baseline_rankings, baseline_scorers
from models.learn.candidates import CANDIDATES, LOGISTIC
from models.learn.one_thread import one_thread
from models.learn.procedure import Prepared, Rolled, make_scorer, prepare, roll
from models.learn.rolling import Months
from models.learn.scorer import Scorer, contribution_gap
from models.learn.snapshots import WHERE, Split, rows_of_last_year, split_by_time
from models.learn.trained import TrainedModel
from models.store.card import model_card
from models.store.plots import draw


@dataclass(frozen=True)
class _Judgement:
    """Candidates and baselines on the test, by name.

    `fallbacks`: the baselines that give probabilities. `baselines`: the ranking of the test rows by each baseline.
    `seconds`: of each fit, as figures of the report. `audited`: the leak audit of the columns.
    """

    scorers: dict[str, Scorer]
    fallbacks: tuple[str, ...]
    probabilities: dict[str, np.ndarray]
    baselines: dict[str, np.ndarray]
    report: pd.DataFrame
    seconds: dict[tuple[str, str], float]
    audited: pd.DataFrame


def train(
    target_name: str,
    snapshots: pd.DataFrame,
    *,
    trained_through: date,
    horizon_days: int,
    seed: int,
    data_hash: str,
    code_revision: str,
    sample: Mapping[str, int] | None = None,
) -> TrainedModel:
    """Train on snapshots (customer × as_of × horizon; features, horizon_days, label) of the target's population.

    All candidates compete at the horizon that grades; at other horizons only the logistic is trained. If the chosen
    model may not score (see `models.judge.evaluate.may_score`), the returned model is the best baseline or the base
    rate. With a column `trigger_count`, the triggers of the handbook are judged as a baseline. No row later than
    `trained_through` is used. `sample`, for the card: whose customers the rows are.

    Raises UnknownTarget, FeatureError, TooLittleHistory, FitError, LeakSuspected.
    """
    with one_thread():
        return _train(
            target_of(target_name, horizon_days),
            snapshots,
            trained_through,
            {"data_hash": data_hash, "seed": seed, "horizon_days": horizon_days},
            {"code_revision": code_revision, "sample": dict(sample) if sample else None},
        )


def _train(
    target: Target,
    snapshots: pd.DataFrame,
    trained_through: date,
    inputs: dict[str, Any],
    origin: dict[str, Any],
) -> TrainedModel:
    horizon_days, seed = inputs["horizon_days"], inputs["seed"]
    split = split_by_time(snapshots, trained_through=trained_through, horizon_days=horizon_days)
    past = prepare(target, split.past, horizon_days=horizon_days, seed=seed)
    rolled = roll(past, list(CANDIDATES) if horizon_days == target.grading_horizon else [LOGISTIC])
    chosen, gains = choose(rolled.customers, rolled.labels, rolled.margins, seed=seed)
    judgement = _judge(past, split, rolled, chosen)
    probabilities, report = judgement.probabilities, judgement.report

    scoring = who_scores(report, chosen, judgement.fallbacks)
    if scoring == chosen:
        scorer, months = _refit(target, split.labelled, chosen, rolled, horizon_days=horizon_days, seed=seed)
    else:
        scorer = baseline_scorers(target, split.labelled, seed)[scoring]
        months: dict[str, Months] = {"judged": (), "published": ()}
    test = feature_frame(split.test, scorer.features, WHERE)
    figures = judgement.seconds | {(scoring, "contribution_gap"): contribution_gap(scorer, test)}
    report = _whole_report(further_figures(report, figures), split.test, probabilities[scoring], chosen, scoring, seed)
    fingerprint = _fingerprint(inputs, scorer, scorer.probability(test), probabilities[scoring])
    model_id = f"{target.name}-{horizon_days}-{trained_through:%Y%m%d}-{fingerprint}"
    report = report.assign(model_version=model_id, target=target.name, horizon_days=horizon_days)
    report = report[["model_version", "target", *REPORT_COLUMNS]]
    facts = {"model_id": model_id, "target": target.name, "trained_through": trained_through.isoformat(), **inputs}
    facts |= origin
    recent = rows_of_last_year(snapshots, trained_through=trained_through, horizon_days=horizon_days)
    card = model_card(
        facts,
        target,
        split,
        scorer,
        judgement.scorers[scoring],
        months=months,
        choice={"chosen": chosen, "gains_over_logistic": gains},
        audited=judgement.audited,
        drift=_drift_reference(scorer, recent),
        report=report,
    )
    drawn = {name: probabilities[name] for name in (scoring, chosen)}
    drawn |= {name: ranking for name, ranking in judgement.baselines.items() if name not in drawn}
    pictures = draw(split.test["label"].to_numpy(dtype=bool), drawn, report, f"{target.name}, {horizon_days} days")
    return TrainedModel(
        model_id, target.name, trained_through, horizon_days, scorer, judgement.scorers[scoring], report, card, pictures
    )


def _judge(past: Prepared, split: Split, rolled: Rolled, chosen: str) -> _Judgement:
    """Fit candidates and baselines on the past and judge them on the test.

    Raises LeakSuspected if the chosen candidate ranks better than a model without knowledge of the future can.
    """
    # Without rolling-origin predictions the logistic is chosen: the other candidates would cost time for nothing.
    names = list(rolled.margins) if len(rolled.labels) else [LOGISTIC]
    candidates, seconds = {}, {}
    for name in names:
        candidates[name], seconds[name, "fit_seconds"] = make_scorer(past, name, rolled)
    fallbacks = baseline_scorers(past.target, split.past, past.seed)
    scorers = candidates | fallbacks
    probabilities = {
        name: scorer.probability(feature_frame(split.test, scorer.features, WHERE)) for name, scorer in scorers.items()
    }
    baselines = baseline_rankings(past.target, split.past, split.test, fallbacks, horizon_days=past.horizon_days)
    report = judge(
        split.test,
        {name: probabilities[name] for name in candidates},
        baselines,
        {name: probabilities[name] for name in fallbacks},
        chosen,
        seed=past.seed,
    )
    audited = audit(past.frame, past.rows["label"], seed=past.seed)
    auc = report.set_index(["model", "metric"])["value"][chosen, "auc"]
    alarm_on_leak(auc, audited, f"at {split.test['as_of'].max():%Y-%m-%d}")
    return _Judgement(scorers, tuple(fallbacks), probabilities, baselines, report, seconds, audited)


def _refit(
    target: Target, labelled: pd.DataFrame, chosen: str, rolled: Rolled, *, horizon_days: int, seed: int
) -> tuple[Scorer, dict[str, Months]]:
    """Return the chosen candidate fitted on all labelled rows, and the month-ends behind each sigmoid."""
    everything = prepare(target, labelled, horizon_days=horizon_days, seed=seed)
    again = rolled if chosen == LOGISTIC else roll(everything, [chosen])
    scorer, _ = make_scorer(everything, chosen, again)
    return scorer, {"judged": rolled.months, "published": again.months}


def _whole_report(
    report: pd.DataFrame, test: pd.DataFrame, probability: np.ndarray, chosen: str, scoring: str, seed: int
) -> pd.DataFrame:
    """Return the report with the verdict, the figures by month and by segment of the scoring model, and the bars."""
    parts = [
        with_verdict(report, chosen, scoring),
        by_month(test, probability, scoring, seed=seed),
        by_segment(test, probability, scoring, seed=seed),
    ]
    return with_bars(pd.concat([part for part in parts if len(part)], ignore_index=True), chosen)


def _drift_reference(scorer: Scorer, rows: pd.DataFrame) -> dict[str, Any]:
    frame = feature_frame(rows, scorer.features, WHERE)
    return reference(frame, scorer.features, scorer.probability(frame), rows["as_of"])


def _fingerprint(inputs: dict[str, Any], scorer: Scorer, *probabilities: np.ndarray) -> str:
    """Return 10 hex digits of the data hash, the seed and the resulting probabilities."""
    content = {
        "inputs": inputs,
        "kind": scorer.kind,
        "features": [(feature.name, feature.scale) for feature in scorer.features],
        "test_scores": [values.round(6).tolist() for values in probabilities],
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:10]
