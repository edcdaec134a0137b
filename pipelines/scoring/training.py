"""Every target at each of its horizons: trained, compared with its champion, promoted by the stated rule.

What one step has found out is a table of the training warehouse, so that the next one, or a person, can read it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, fields
from datetime import date
from multiprocessing import get_context

import duckdb
import pandas as pd

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
from pipelines.home.processes import end_with
from pipelines.home.settings import Settings
from pipelines.home.warehouse import connect
from pipelines.integrity.log import changing
from pipelines.scoring.days import CONTACTS, DEALS, NEEDS, Firsts, first_days, first_possible
from pipelines.scoring.offers import NOT_OFFERED, refusal
from pipelines.scoring.revision import code_revision
from pipelines.scoring.signatures import assert_champions, assert_log_of_champions, assert_models, keep
from pipelines.scoring.snapshots import data_hash, read_snapshots, warning_cuts

SEED = 20260630
NO_MODEL = (TooLittleHistory, FitError)
"""Answers, not faults: the data cannot tell yet."""
WORDS = {CONTACTS: "contacts", DEALS: "deals"}
MODELS = "scoring.trained_models"
MODELS_COLUMNS = ["target", "horizon_days", "model_version", "reason", "possible_from"]
DECISIONS = "scoring.decisions"


class TrainingIncomplete(TierhouseError):
    """A table that an earlier step of the training makes is missing."""


def train_all(settings: Settings, trained_through: date, say: Callable[[str], None]) -> pd.DataFrame:
    """Train and keep a model for every question that landing can answer, and say why where it cannot.

    Questions share nothing: `settings.threads` processes train one each at a time. Spawned ones: a fork would copy
    the threads' locks of Dagster and DuckDB.

    Row: target × horizon_days, with model_version or, where that is null, the reason and, where contacts do not yet go
    back far enough, the day from which they do. Raises FeatureError and LeakSuspected.
    """
    found = []
    waits = _waits(settings, trained_through)
    with ProcessPoolExecutor(
        settings.threads, get_context("spawn"), initializer=end_with, initargs=(os.getpid(),)
    ) as pool:  # fmt: skip
        asked = {
            question: pool.submit(_train_one, settings, trained_through, *question)
            for question in QUESTIONS
            if question not in waits
        }
        for target, horizon_days in QUESTIONS:
            model_version = None
            reason, possible_from = waits.get((target, horizon_days), (None, None))
            told = None
            if (target, horizon_days) in asked:
                try:
                    model_version, told = asked[target, horizon_days].result()
                except NO_MODEL as error:
                    reason = str(error)
                except BaseException:
                    pool.shutdown(cancel_futures=True)
                    raise
            say(f"{target}, {horizon_days} days: {told or _told(reason)}")
            found.append((target, horizon_days, model_version, reason, possible_from))
    return _keep(settings, MODELS, pd.DataFrame(found, columns=MODELS_COLUMNS))


def _waits(settings: Settings, trained_through: date) -> dict[tuple[str, int], tuple[str, date | None]]:
    """Questions that no number of customers could answer yet: why, and the day from which one could.

    Those that the home is not asked are among them.
    """
    with connect(settings.training_warehouse, settings, read_only=True) as connection:
        refusals = {target: refusal(connection, target, trained_through) for target in TARGETS}
        firsts = first_days(connection, settings, trained_through)
    waits: dict[tuple[str, int], tuple[str, date | None]] = {}
    for target, horizon_days in QUESTIONS:
        if refused := refusals[target]:
            waits[target, horizon_days] = refused.reason, None
        elif found := waits_for(NEEDS[target], firsts, trained_through, horizon_days):
            waits[target, horizon_days] = found
    return waits


def waits_for(
    needs: Sequence[str], firsts: Firsts, trained_through: date, horizon_days: int
) -> tuple[str, date | None] | None:
    """What a question that needs these entities lacks, and the day from which on it may not; None if nothing."""
    if missing := [entity for entity in needs if firsts[entity] is None]:
        words, names = (" and ".join(one) for one in ([WORDS[e] for e in missing], [f"`{e}`" for e in missing]))
        return f"needs {words}: map {names} (none is known yet)", None
    day = first_possible(needs, firsts, horizon_days)
    if day <= trained_through:
        return None
    latest = max(needs, key=lambda entity: firsts[entity])
    words = " and ".join(WORDS[entity] for entity in needs)
    return f"{WORDS[latest]} begin on {firsts[latest]}: first possible on {day}, if {words} go on", day


def _told(reason: str) -> str:
    return reason if reason.startswith(NOT_OFFERED) else f"no model yet: {reason}"


def _train_one(settings: Settings, trained_through: date, target: str, horizon_days: int) -> tuple[str, str]:
    """Id of the model that was trained and kept, and what to say of it."""
    snapshots = read_snapshots(settings, trained_through, target, horizon_days)
    model = train(
        target,
        snapshots,
        trained_through=trained_through,
        horizon_days=horizon_days,
        seed=SEED,
        data_hash=data_hash(snapshots),
        code_revision=code_revision(),
    )
    keep(settings, model)
    return model.model_id, f"{model.model_id}, {headline(model)}"


def decide_all(settings: Settings, say: Callable[[str], None]) -> pd.DataFrame:
    """Compare each model just trained with the champion of its day. Row: target × horizon_days, as `Decision`."""
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
    """Record every decision in the store; the ids of the models that score from their day on."""
    promoted = []
    for row in _read(settings, DECISIONS).itertuples():
        champion = None if pd.isna(row.champion) else row.champion
        if champion == row.model_version:
            continue
        decision = Decision(bool(row.promote), row.reason, champion, json.loads(row.figures))
        assert_log_of_champions(settings)
        assert_models(settings, [row.model_version])
        with changing(settings.home, settings.model_store / CHAMPIONS):
            record(settings.model_store, load(settings.model_store, row.model_version), decision)
        if decision.promote:
            promoted.append(row.model_version)
    return promoted


def answers(settings: Settings) -> pd.DataFrame:
    """What `train_all` has found last: a row per question, in the order of `QUESTIONS`."""
    return _read(settings, MODELS)


def kept_models(settings: Settings) -> list[TrainedModel]:
    """The models that `train_all` has kept last, in the order of `QUESTIONS`."""
    ids = answers(settings)["model_version"].dropna()
    assert_models(settings, ids)
    return [load(settings.model_store, model_id) for model_id in ids]


def headline(model: TrainedModel) -> str:
    """AUC on later month-ends beside that of the recency rule, and what scores where the model may not."""
    figures = model.report[model.report["segment"] == EVERYONE].set_index(["model", "metric"])
    chosen = model.card["choice"]["chosen"]
    told = (
        f"{chosen} AUC {figures.at[(chosen, 'auc'), 'value']:.3f} on later month-ends, "
        f"recency rule {figures.at[('recency_rule', 'auc'), 'value']:.3f}"
    )
    if model.scorer.source == MODEL:
        return told
    return (
        f"{told}; it may not score (lower bounds: Brier skill {figures.at[(chosen, SKILL), 'low']:.3f}, PR-AUC over "
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
