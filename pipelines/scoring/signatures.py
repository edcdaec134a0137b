"""Checks of stored models against the checksum log, before a file is loaded.

The log signs the manifest of each model, which signs the other files of the model. The log also signs `champions.json`,
which names the models that score.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from models.features.targets import QUESTIONS
from models.learn.trained import TrainedModel
from models.store.champions import CHAMPIONS, champions, rollback
from pipelines.home.durable import remove
from pipelines.home.settings import Settings
from pipelines.integrity.check import assert_files, assert_folder, folder_is_damaged
from pipelines.integrity.log import changing

MANIFEST = "manifest.json"


def assert_champions(settings: Settings, days: Sequence[date]) -> None:
    """Raise IntegrityError if `champions.json`, or a model that may score one of the days, has changed."""
    assert_log_of_champions(settings)
    needed = {
        old_enough[-1]
        for target, horizon in QUESTIONS
        for day in days
        if (old_enough := _trained_by(settings, target, horizon, day))
    }
    assert_models(settings, needed)


def assert_log_of_champions(settings: Settings) -> None:
    """Raise IntegrityError if `champions.json` has changed."""
    assert_files(settings.home, [settings.model_store / CHAMPIONS])


def assert_models(settings: Settings, model_ids: Iterable[str]) -> None:
    """Raise IntegrityError if a file of these models has changed."""
    for model_id in sorted(model_ids):
        assert_folder(settings.home, settings.model_store / model_id)


def keep(settings: Settings, model: TrainedModel) -> None:
    """Save a trained model. If the store has a damaged model of the same id, replace it."""
    from models.store.store import FILES, save  # imports scikit-learn, which other callers of this module do not need

    folder = settings.model_store / model.model_id
    is_damaged = folder.exists() and folder_is_damaged(settings.home, folder)
    written = [MANIFEST, *(FILES if is_damaged else ()), *(path.name for path in folder.glob("*") if is_damaged)]
    with changing(settings.home, *(folder / name for name in dict.fromkeys(written))):
        if is_damaged:
            remove(folder)
        save(settings.model_store, model)


def take_back(settings: Settings, target: str, horizon_days: int) -> TrainedModel:
    """Take the last champion back; the champion before it scores from now on. Raises as `champions.rollback`."""
    assert_log_of_champions(settings)
    promotions = champions(settings.model_store, target, horizon_days)
    assert_models(settings, [event["model_id"] for event in promotions[-2:-1]])
    with changing(settings.home, settings.model_store / CHAMPIONS):
        return rollback(settings.model_store, target, horizon_days)


def _trained_by(settings: Settings, target: str, horizon_days: int, day: date) -> list[str]:
    promotions = champions(settings.model_store, target, horizon_days)
    return [event["model_id"] for event in promotions if event["trained_through"] <= day.isoformat()]
