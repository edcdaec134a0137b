"""What one trained home shows of the rows of the table "Trust"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd

from benchmarks.trust_ceiling import ceiling_itself, shares_of_attainable, with_truth
from benchmarks.trust_rules import rule_figures
from models.candidates import CANDIDATES
from models.evaluate import CALIBRATION_BAR_ROWS, EVERYONE, RATIO
from models.explain import REASONS
from models.frames import feature_frame
from models.score import score
from models.snapshots import WHERE, split_by_time
from models.train import train
from models.trained import TrainedModel
from pipelines.scoring.snapshots import data_hash, read_snapshots, warning_cuts
from pipelines.scoring.training import GRADING, SEED, kept_models
from pipelines.settings import Settings
from pipelines.warehouse import connect

ALERT_CUT = 1
"""Of the cuts above the lowest level, low is the first and middle the second; alerts begin there."""
PROTECTED = {"age": (25, 70), "gender": ("female", "male")}


def figures_of(settings: Settings, day: date, say: Callable[[str], None]) -> dict[str, float]:
    """Figures by the rows of `trust_bars.BARS`, of the model that grades as trained through `day`.

    Says what stands behind them. Contributions and protected attributes are those of every model of the home.
    """
    models = kept_models(settings)
    model = next(one for one in models if (one.target, one.horizon_days) == GRADING)
    snapshots = read_snapshots(settings, day, *GRADING)
    everyone = model.report[model.report["segment"] == EVERYONE].set_index(["model", "metric"])
    ours = everyone.loc[model.judged.kind]
    error = ours.at["calibration_error", "value"]
    return {
        "pr_auc_ratio": ours.at[RATIO, "value"],
        "pr_auc_ratio_low": ours.at[RATIO, "low"],
        "calibration_error": error if ours.at["rows", "value"] >= CALIBRATION_BAR_ROWS else np.nan,
        **_attainable(model, snapshots, settings, day, say),
        **_trained_again(model, snapshots, day),
        "contribution_gap": max(_gap(one) for one in models),
        "protected": max(_flipped(one, settings, day) for one in models),
        "alerts_short_of_reasons": float(_short_of_reasons(model, settings, day, say)),
        **rule_figures(model, snapshots, _population(model, settings, day), warning_cuts(settings), SEED),
    }


def _attainable(
    model: TrainedModel, snapshots: pd.DataFrame, settings: Settings, day: date, say: Callable[[str], None]
) -> dict[str, float]:
    """The judged scorer on the test month-ends, both sides held to the realised future."""
    test = split_by_time(snapshots, trained_through=day, horizon_days=model.horizon_days).test
    probability = model.judged.probability(feature_frame(test, model.judged.features, WHERE))
    rows = test[["customer_key", "as_of", "label"]].assign(probability=probability)
    joined = with_truth(rows, settings.home / "demo_truth", model.horizon_days)
    in_truth, as_recorded = (
        shares_of_attainable(*(joined[name].to_numpy() for name in (label, "probability", "ceiling_probability")))
        for label in ("dormant", "label")
    )
    say(
        f"{model.judged.kind} on {test['as_of'].nunique()} month-ends, {len(test):,} rows, truth known of "
        f"{len(joined):,}; {joined['dormant'].mean():.3f} went quiet, recorded labels agree for "
        f"{(joined['label'] == joined['dormant']).mean():.3f}; held to those instead, share of AUC "
        f"{as_recorded['auc_share']:.3f}, of lift {as_recorded['lift_share']:.3f}"
    )
    baselines = set(model.report["model"]) - set(CANDIDATES)
    everyone = model.report[model.report["segment"].eq(EVERYONE) & model.report["metric"].eq("pr_auc")]
    best = everyone.loc[everyone["model"].isin(baselines), "value"].max()
    pr_auc, error = ceiling_itself(joined["dormant"].to_numpy(), joined["ceiling_probability"].to_numpy())
    say(f"the ceiling itself: PR-AUC ÷ best baseline {pr_auc / best:.3f}, calibration error {error:.4f}")
    return in_truth


def _trained_again(model: TrainedModel, snapshots: pd.DataFrame, day: date) -> dict[str, float]:
    """The same snapshots in the reverse order of rows, trained once more: another id (1), largest change of a score."""
    again = train(
        model.target, snapshots.iloc[::-1], trained_through=day, horizon_days=model.horizon_days, seed=SEED,
        data_hash=data_hash(snapshots), code_revision=model.card["code_revision"],
    )  # fmt: skip
    frame = feature_frame(snapshots, model.scorer.features, WHERE)
    change = np.abs(model.scorer.probability(frame) - again.scorer.probability(frame)).max()
    return {"retrained_ids": float(again.model_id != model.model_id), "retrained": float(change)}


def _gap(model: TrainedModel) -> float:
    return float(model.report.loc[model.report["metric"] == "contribution_gap", "value"].max())


def _flipped(model: TrainedModel, settings: Settings, day: date) -> float:
    """Largest change of a probability when attributes that must not matter take another value."""
    rows = _population(model, settings, day)
    one, other = (
        score(model, rows.assign(**{name: values[side] for name, values in PROTECTED.items()}), as_of=day)
        for side in (0, 1)
    )
    return float((one["probability"] - other["probability"]).abs().max()) if len(rows) else 0.0


def _short_of_reasons(model: TrainedModel, settings: Settings, day: date, say: Callable[[str], None]) -> int:
    """Alerts of the day (probability of a middle level or higher) that lack one of three different reasons."""
    scored = score(model, _population(model, settings, day), as_of=day)
    alerts = scored[scored["probability"] >= warning_cuts(settings)[ALERT_CUT]]
    texts = alerts[[f"reason_{place + 1}" for place in range(REASONS)]]
    say(f"{len(alerts):,} alerts among {len(scored):,} open relationships on {day}")
    return int((texts.nunique(axis=1) < REASONS).sum())


def _population(model: TrainedModel, settings: Settings, day: date) -> pd.DataFrame:
    """Features of everybody whom the model is about on the day."""
    with connect(settings.training_warehouse, settings, read_only=True) as connection:
        return connection.execute(
            "SELECT features.* FROM marts.customer_features AS features "
            "INNER JOIN marts.target_labels AS labels USING (customer_key, as_of) "
            "WHERE features.as_of = ? AND labels.target = ? AND labels.horizon_days = ? ORDER BY customer_key",
            [day, model.target, model.horizon_days],
        ).df()
