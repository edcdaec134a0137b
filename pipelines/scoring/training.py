"""Training, comparison with the champion and promotion, for every target at each of its horizons.

Each step writes its result to a table of the training warehouse, where the next step reads it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from datetime import date

import duckdb
import pandas as pd

from models import SEED
from models.errors import FitError, TooLittleHistory
from models.features.targets import QUESTIONS, TARGETS
from models.judge.compare import Decision
from models.judge.evaluate import EVERYONE, RATIO, SKILL
from models.learn.scorer import MODEL
from models.learn.trained import TrainedModel
from models.store.champions import CHAMPIONS, record
from models.store.promote import decide
from models.store.store import load
from models.train import train
from pipelines.errors import TierhouseError
from pipelines.home.settings import Settings
from pipelines.home.warehouse import connect
from pipelines.integrity.log import changing
from pipelines.scoring.days import CONTACTS, DEALS, NEEDS, Firsts, first_days, first_possible
from pipelines.scoring.offers import NOT_OFFERED, refusal
from pipelines.scoring.revision import code_revision
from pipelines.scoring.signatures import assert_champions, assert_log_of_champions, assert_models, keep
from pipelines.scoring.snapshots import data_hash, read_sample, read_snapshots, warning_cuts
from pipelines.scoring.workers import workers

NO_MODEL = (TooLittleHistory, FitError)
"""Expected results, not failures: the data are not enough yet."""
WORDS = {CONTACTS: "contacts", DEALS: "deals"}
MODELS = "scoring.trained_models"
MODELS_COLUMNS = ["target", "horizon_days", "model_version", "reason", "possible_from"]
DECISIONS = "scoring.decisions"


class TrainingIncomplete(TierhouseError):
    """A table of an earlier step of the training is missing."""


def train_all(settings: Settings, trained_through: date, say: Callable[[str], None]) -> pd.DataFrame:
    """Train and save a model for every question that the data can answer.

    The processes of `workers` train one question each.

    Returns a row per target × horizon_days: model_version, or null with the reason and, if the history is too short,
    the first possible day. Raises FeatureError and LeakSuspected.
    """
    answered = []
    waits = _waits(settings, trained_through)
    with workers(settings) as pool:
        futures = {
            question: pool.submit(_train_one, settings, trained_through, *question)
            for question in QUESTIONS
            if question not in waits
        }
        for target, horizon_days in QUESTIONS:
            model_version = summary = None
            reason, possible_from = waits.get((target, horizon_days), ("", None))
            if (target, horizon_days) in futures:
                try:
                    model_version, summary = futures[target, horizon_days].result()
                except NO_MODEL as error:
                    reason = str(error)
                except BaseException:
                    pool.shutdown(cancel_futures=True)
                    raise
            say(f"{target}, {horizon_days} days: {summary or _without_model(reason)}")
            answered.append((target, horizon_days, model_version, reason or None, possible_from))
    return _keep(settings, MODELS, pd.DataFrame(answered, columns=MODELS_COLUMNS))


def _waits(settings: Settings, trained_through: date) -> dict[tuple[str, int], tuple[str, date | None]]:
    """Return the questions that cannot be trained on this day: the reason, and the first possible day if known.

    Questions that the home does not offer are included.
    """
    with connect(settings.training_warehouse, settings, read_only=True) as connection:
        refusals = {target: refusal(connection, target, trained_through) for target in TARGETS}
        firsts = first_days(connection, settings, trained_through)
    waits: dict[tuple[str, int], tuple[str, date | None]] = {}
    for target, horizon_days in QUESTIONS:
        if refused := refusals[target]:
            waits[target, horizon_days] = refused.reason, None
        elif wait := waits_for(NEEDS[target], firsts, trained_through, horizon_days):
            waits[target, horizon_days] = wait
    return waits


def waits_for(
    needs: Sequence[str], firsts: Firsts, trained_through: date, horizon_days: int
) -> tuple[str, date | None] | None:
    """Return why a question with these needs has to wait, and the first possible day; None if it need not wait."""
    begun = {entity: first for entity in needs if (first := firsts[entity])}
    if missing := [entity for entity in needs if entity not in begun]:
        words, names = " and ".join(WORDS[entity] for entity in missing), " and ".join(f"`{name}`" for name in missing)
        return f"needs {words}: map {names} (none is known yet)", None
    day = first_possible(needs, firsts, horizon_days)
    if day <= trained_through:
        return None
    latest = max(begun, key=lambda entity: begun[entity])
    words = " and ".join(WORDS[entity] for entity in needs)
    return f"{WORDS[latest]} begin on {begun[latest]}: first possible on {day}, if {words} go on", day


def _without_model(reason: str) -> str:
    return reason if reason.startswith(NOT_OFFERED) else f"no model yet: {reason}"


def _train_one(settings: Settings, trained_through: date, target: str, horizon_days: int) -> tuple[str, str]:
    """Train and save a model; return its id and its summary."""
    snapshots = read_snapshots(settings, trained_through, target, horizon_days)
    model = train(
        target,
        snapshots,
        trained_through=trained_through,
        horizon_days=horizon_days,
        seed=SEED,
        data_hash=data_hash(snapshots),
        code_revision=code_revision(),
        sample=asdict(read_sample(settings)),
    )
    keep(settings, model)
    return model.model_id, f"{model.model_id}, {headline(model)}"


def decide_all(settings: Settings, say: Callable[[str], None]) -> pd.DataFrame:
    """Compare each trained model with the champion of its day. Returns a `Decision` per target × horizon_days."""
    rows = []
    for model in kept_models(settings):
        assert_champions(settings, [model.trained_through])
        snapshots = read_snapshots(settings, model.trained_through, model.target, model.horizon_days)
        decision = decide(settings.model_store, model, snapshots, cuts=warning_cuts(settings), seed=SEED)
        verdict = "takes over" if decision.promote else "is not promoted"
        say(f"{model.model_id} {verdict}: {decision.reason}")
        question = {"target": model.target, "horizon_days": model.horizon_days, "model_version": model.model_id}
        rows.append(question | asdict(decision) | {"figures": json.dumps(decision.figures, sort_keys=True)})
    columns = ["target", "horizon_days", "model_version", *(field.name for field in fields(Decision))]
    return _keep(settings, DECISIONS, pd.DataFrame(rows, columns=columns))


def promote_all(settings: Settings) -> list[str]:
    """Record every decision in the store; return the ids of the promoted models."""
    promoted = []
    for row in _read(settings, DECISIONS).to_dict("records"):
        model_id = row["model_version"]
        champion = None if pd.isna(row["champion"]) else row["champion"]
        if champion == model_id:
            continue
        decision = Decision(bool(row["promote"]), row["reason"], champion, json.loads(row["figures"]))
        assert_log_of_champions(settings)
        assert_models(settings, [model_id])
        with changing(settings.home, settings.model_store / CHAMPIONS):
            record(settings.model_store, load(settings.model_store, model_id), decision)
        if decision.promote:
            promoted.append(model_id)
    return promoted


def answers(settings: Settings) -> pd.DataFrame:
    """Return the last result of `train_all`: a row per question, in the order of `QUESTIONS`."""
    return _read(settings, MODELS)


def kept_models(settings: Settings) -> list[TrainedModel]:
    """Load the models of the last `train_all`, in the order of `QUESTIONS`."""
    ids = answers(settings)["model_version"].dropna()
    assert_models(settings, ids)
    return [load(settings.model_store, model_id) for model_id in ids]


def headline(model: TrainedModel) -> str:
    """Return the AUC on later month-ends beside that of the recency rule, and what scores if the model may not."""
    figures = model.report[model.report["segment"] == EVERYONE].set_index(["model", "metric"])
    chosen = model.card["choice"]["chosen"]
    summary = (
        f"{chosen} AUC {figures.at[(chosen, 'auc'), 'value']:.3f} on later month-ends, "
        f"recency rule {figures.at[('recency_rule', 'auc'), 'value']:.3f}"
    )
    if model.scorer.source == MODEL:
        return summary
    return (
        f"{summary}; it may not score (lower bounds: Brier skill {figures.at[(chosen, SKILL), 'low']:.3f}, PR-AUC over "
        f"the best baseline {figures.at[(chosen, RATIO), 'low']:.3f}), {model.scorer.source} scores"
    )


def _keep(settings: Settings, table: str, frame: pd.DataFrame) -> pd.DataFrame:
    with connect(settings.training_warehouse, settings) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS scoring")
        connection.register("incoming", frame)
        connection.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM incoming")
    return frame


def _read(settings: Settings, table: str) -> pd.DataFrame:
    with connect(settings.training_warehouse, settings, read_only=True) as connection:
        try:
            return connection.table(table).df()
        except duckdb.CatalogException as error:
            raise TrainingIncomplete(
                f"{settings.training_warehouse}: expected the table {table}, found none; run the job `train` whole"
            ) from error
