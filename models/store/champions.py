"""Champions, the models that score: `champions.json` lists every decision in order.

<store>/champions.json   {"dormancy-90": [{"event", "model_id", "trained_through", "decision"}, …]}

Events are `promoted`, `kept` (the champion stays; the challenger is named) and `rolled_back`. A champion is a promoted
model that was not rolled back. It never scores a day before its own `trained_through`, whenever it was promoted.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import ModelStoreError, NoChampion
from models.store.json_files import as_json, read_json
from pipelines.home.durable import write_atomically

if TYPE_CHECKING:
    from models.judge.compare import Decision
    from models.learn.trained import TrainedModel

CHAMPIONS = "champions.json"
PROMOTED, KEPT, ROLLED_BACK = "promoted", "kept", "rolled_back"
FIELDS = {"event", "model_id", "trained_through", "decision"}

Event = dict[str, Any]


def load(store: Path, model_id: str) -> TrainedModel:
    """Load a stored model. Imports scikit-learn only here: other functions of this module do not need it."""
    from models.store.store import load as load_model

    return load_model(store, model_id)


def latest(store: Path) -> dict[str, str]:
    """Return the id of the last champion by question, such as `dormancy-90`. Raises ModelStoreError."""
    by_question = {question: champions(store, *_split(question)) for question in _read(store)}
    return {question: promotions[-1]["model_id"] for question, promotions in by_question.items() if promotions}


def _split(question: str) -> tuple[str, int]:
    target, _, horizon = question.rpartition("-")
    return target, int(horizon)


def events(store: Path, target: str, horizon_days: int) -> list[Event]:
    """Return all decisions about the target at that horizon, oldest first. Raises ModelStoreError."""
    return _read(store).get(f"{target}-{horizon_days}", [])


def champions(store: Path, target: str, horizon_days: int) -> list[Event]:
    """Return the promotions that were not rolled back, in order of `trained_through` and of decision."""
    history = events(store, target, horizon_days)
    rolled_back = {event["model_id"] for event in history if event["event"] == ROLLED_BACK}
    promotions = [event for event in history if event["event"] == PROMOTED and event["model_id"] not in rolled_back]
    return sorted(promotions, key=lambda event: event["trained_through"])


def champion(store: Path, target: str, horizon_days: int, as_of: date) -> TrainedModel:
    """Load the champion with the latest `trained_through` up to `as_of`. Raises NoChampion, ModelStoreError."""
    return load(store, champion_id(store, target, horizon_days, as_of))


def champion_id(store: Path, target: str, horizon_days: int, as_of: date) -> str:
    """Return the id of the champion with the latest `trained_through` up to `as_of`. Raises NoChampion."""
    promotions = champions(store, target, horizon_days)
    old_enough = [event for event in promotions if event["trained_through"] <= as_of.isoformat()]
    if not old_enough:
        found = ", ".join(event["trained_through"] for event in promotions) or "none"
        raise NoChampion(
            f"expected a {target} model for {horizon_days} days trained through {as_of} or earlier in {store}, found "
            f"{found}; train one with `tierhouse train --as-of {as_of}`"
        )
    return old_enough[-1]["model_id"]


def record(store: Path, model: TrainedModel, decision: Decision) -> None:
    """Record the decision about a saved model. A decision that is already recorded changes nothing.

    Raises ModelStoreError if the model is not in the store, or if a model that was rolled back would be promoted.
    """
    load(store, model.model_id)
    event = {
        "event": PROMOTED if decision.promote else KEPT,
        "model_id": model.model_id,
        "trained_through": model.trained_through.isoformat(),
        "decision": asdict(decision),
    }
    history = events(store, model.target, model.horizon_days)
    if decision.promote and was_rolled_back(store, model):
        raise ModelStoreError(f"expected a model that was never rolled back, found {model.model_id}")
    if event not in history:
        _append(store, model.target, model.horizon_days, event)


def rollback(store: Path, target: str, horizon_days: int) -> TrainedModel:
    """Take the last champion back and return the champion before it, which scores from now on.

    Raises NoChampion if there is no earlier champion, ModelStoreError if it is damaged; then nothing changes.
    """
    promotions = champions(store, target, horizon_days)
    if len(promotions) < 2:
        found = ", ".join(event["model_id"] for event in promotions) or "none"
        raise NoChampion(
            f"expected two {target} champions for {horizon_days} days, to return to the first; found {found}"
        )
    previous = load(store, promotions[-2]["model_id"])
    last = promotions[-1] | {"event": ROLLED_BACK, "decision": {"returned_to": previous.model_id}}
    _append(store, target, horizon_days, last)
    return previous


def was_rolled_back(store: Path, model: TrainedModel) -> bool:
    """Return whether this model was rolled back."""
    history = events(store, model.target, model.horizon_days)
    return any(event["event"] == ROLLED_BACK and event["model_id"] == model.model_id for event in history)


def _append(store: Path, target: str, horizon_days: int, event: Event) -> None:
    history = _read(store)
    key = f"{target}-{horizon_days}"
    write_atomically(store / CHAMPIONS, as_json(history | {key: [*history.get(key, []), event]}))


def _read(store: Path) -> dict[str, list[Event]]:
    path = store / CHAMPIONS
    content = read_json(path) if path.exists() else {}
    if not isinstance(content, dict) or not all(
        isinstance(history, list) and all(isinstance(event, dict) and set(event) == FIELDS for event in history)
        for history in content.values()
    ):
        raise ModelStoreError(
            f"{path}: expected {{target-horizon: [{{{', '.join(sorted(FIELDS))}}}]}}, found {json.dumps(content)[:80]}"
        )
    return content
