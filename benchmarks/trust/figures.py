"""The trust figures of one trained home."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd

from benchmarks.trust.aged import aged_figures
from benchmarks.trust.ceiling import ceiling_itself, shares_of_attainable, with_truth
from benchmarks.trust.rules import rule_figures
from models import SEED
from models.explain import REASONS
from models.features.frames import feature_frame
from models.features.targets import GRADING, TARGETS
from models.judge.evaluate import CALIBRATION_BAR_ROWS, EVERYONE, LEVEL, RATIO, may_score
from models.learn.baselines import baseline_rankings, baseline_scorers
from models.learn.scorer import MODEL
from models.learn.snapshots import WHERE, split_by_time
from models.learn.trained import TrainedModel
from models.score import score
from models.train import train
from pipelines.home.settings import Settings
from pipelines.home.warehouse import connect
from pipelines.scoring.days import CONTACTS, first_days
from pipelines.scoring.scores import BATCH
from pipelines.scoring.snapshots import data_hash, read_population, read_snapshots, warning_cuts
from pipelines.scoring.training import kept_models

ALERT_CUT = 1
"""Position of the cut of alerts in `warning_cuts`: low is the first, middle the second."""
PROTECTED = {"age": (25, 70), "gender": ("female", "male")}


def figures_of(settings: Settings, day: date, say: Callable[[str], None]) -> dict[str, float]:
    """Return the figures of `bars.BARS` for the model that grades, trained through `day`.

    Reports the details by `say`. Contributions and protected attributes are checked for every model of the home.
    """
    models = kept_models(settings)
    model = next(model for model in models if (model.target, model.horizon_days) == GRADING)
    snapshots = read_snapshots(settings, day, *GRADING)
    everyone = model.report[model.report["segment"] == EVERYONE].set_index(["model", "metric"])
    ours = everyone.loc[model.card["choice"]["chosen"]]
    kinds = ", ".join(f"{each.target} {each.horizon_days}: {each.scorer.kind}" for each in models)
    say(f"PR-AUC ÷ best baseline {ours.at[RATIO, 'value']:.3f}; scored by {kinds}")
    levels = model.report.loc[model.report["metric"] == LEVEL, "value"]
    say(f"predicted ÷ realised by month-end: {', '.join(f'{level:.3f}' for level in levels)}")
    # With fewer rows a perfect model would miss the bar: the lower bound counts then.
    error = ours.at["calibration_error", "value" if ours.at["rows", "value"] >= CALIBRATION_BAR_ROWS else "low"]
    return {
        "pr_auc_ratio_low": ours.at[RATIO, "low"],
        "scored_unproven": float(sum(each.scorer.source == MODEL and not _proven(each) for each in models)),
        "level_least": levels.min(),
        "level_most": levels.max(),
        **aged_figures(snapshots, _first_contact(settings, day), say),
        **_attainable(model, snapshots, settings, day, error, say),
        **_trained_again(model, snapshots, day),
        "contribution_gap": max(_gap(each) for each in models),
        "protected": max(_flipped(each, settings, day) for each in models),
        "alerts_short_of_reasons": float(_short_of_reasons(model, settings, day, say)),
        **rule_figures(model, snapshots, _population(model, settings, day), warning_cuts(settings), SEED),
    }


def _attainable(
    model: TrainedModel,
    snapshots: pd.DataFrame,
    settings: Settings,
    day: date,
    error: float,
    say: Callable[[str], None],
) -> dict[str, float]:
    """Return the shares of the ceiling of the judged scorer, on the test month-ends with the generated future."""
    split = split_by_time(snapshots, trained_through=day, horizon_days=model.horizon_days)
    test, target = split.test, TARGETS[model.target]
    probability = model.judged.probability(feature_frame(test, model.judged.features, WHERE))
    baselines = baseline_rankings(
        target, split.past, test, baseline_scorers(target, split.past, SEED), horizon_days=model.horizon_days
    )
    rows = test[["customer_key", "as_of", "label"]].assign(probability=probability, **baselines)
    joined = with_truth(rows, settings.home / "demo_truth", model.horizon_days)
    ceiling = joined["ceiling_probability"].to_numpy()
    in_truth, as_recorded = (
        shares_of_attainable(
            joined[label].to_numpy(),
            joined["probability"].to_numpy(),
            ceiling,
            {name: joined[name].to_numpy() for name in baselines},
        )
        for label in ("dormant", "label")
    )
    say(
        f"{model.judged.kind} on {test['as_of'].nunique()} month-ends, {len(test):,} rows, truth known of "
        f"{len(joined):,}; {joined['dormant'].mean():.3f} went quiet, recorded labels agree for "
        f"{(joined['label'] == joined['dormant']).mean():.3f}; on recorded labels, share of AUC "
        f"{as_recorded['auc_share']:.3f}, of lift {as_recorded['lift_share']:.3f}, of the gain "
        f"{as_recorded['gain_share']:.3f}"
    )
    own = ceiling_itself(joined["dormant"].to_numpy(), ceiling)[1]
    by_month = joined.groupby("as_of")[["ceiling_probability", "dormant"]].mean()
    levels = by_month["ceiling_probability"] / by_month["dormant"]
    say(
        f"calibration error {error:.4f}, the ceiling's own {own:.4f}; its predicted ÷ realised by month-end: "
        f"{', '.join(f'{level:.3f}' for level in levels)}"
    )
    return {**in_truth, "gain_share_mean": in_truth["gain_share"], "calibration_over_ceiling": error - own}


def _proven(model: TrainedModel) -> bool:
    return may_score(model.report, model.card["choice"]["chosen"])


def _first_contact(settings: Settings, day: date) -> date:
    with connect(settings.training_warehouse, settings, read_only=True) as connection:
        first = first_days(connection, settings, day)[CONTACTS]
    if first is None:
        raise ValueError(f"{settings.training_warehouse}: expected contacts known by {day}, found none")
    return first


def _trained_again(model: TrainedModel, snapshots: pd.DataFrame, day: date) -> dict[str, float]:
    """Train again on the same snapshots in reverse order; return whether the id differs, and the largest change."""
    again = train(
        model.target,
        snapshots.iloc[::-1],
        trained_through=day,
        horizon_days=model.horizon_days,
        seed=SEED,
        data_hash=data_hash(snapshots),
        code_revision=model.card["code_revision"],
    )
    frame = feature_frame(snapshots, model.scorer.features, WHERE)
    change = np.abs(model.scorer.probability(frame) - again.scorer.probability(frame)).max()
    return {"retrained_ids": float(again.model_id != model.model_id), "retrained": float(change)}


def _gap(model: TrainedModel) -> float:
    return float(model.report.loc[model.report["metric"] == "contribution_gap", "value"].max())


def _flipped(model: TrainedModel, settings: Settings, day: date) -> float:
    """Return the largest change of a probability if protected attributes take another value."""
    rows = _population(model, settings, day)
    before, after = (
        score(model, rows.assign(**{name: values[side] for name, values in PROTECTED.items()}), as_of=day)
        for side in (0, 1)
    )
    return float((before["probability"] - after["probability"]).abs().max()) if len(rows) else 0.0


def _short_of_reasons(model: TrainedModel, settings: Settings, day: date, say: Callable[[str], None]) -> int:
    """Count the alerts of the day (middle level or higher) with fewer than three different reasons."""
    scored = score(model, _population(model, settings, day), as_of=day)
    alerts = scored[scored["probability"] >= warning_cuts(settings)[ALERT_CUT]]
    texts = alerts[[f"reason_{place + 1}" for place in range(REASONS)]]
    say(f"{len(alerts):,} alerts among {len(scored):,} open relationships on {day}")
    return (texts.nunique(axis=1) < REASONS).sum()


def _population(model: TrainedModel, settings: Settings, day: date) -> pd.DataFrame:
    """Return the features of the population of the model on the day."""
    with connect(settings.training_warehouse, settings, read_only=True) as connection:
        batches = read_population(connection, model.target, model.horizon_days, day, rows=BATCH)
        return pd.concat(batches, ignore_index=True)
