"""Stored models against the checksum log, before a byte of them is loaded: the log signs a model's manifest, the
manifest its files, the card included; and the log signs `champions.json`, which names the models that score."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from models.features.targets import TARGETS
from models.learn.trained import TrainedModel
from models.store.champions import CHAMPIONS, champions, rollback
from pipelines.home.durable import remove
from pipelines.home.settings import Settings
from pipelines.integrity.check import assert_files, assert_folder, folder_is_damaged
from pipelines.integrity.log import changing

MANIFEST = "manifest.json"


def assert_champions(settings: Settings, days: Sequence[date]) -> None:
    """Raise IntegrityError unless `champions.json`, and each model that may score one of the days, is as written."""
    assert_log_of_champions(settings)
    needed = {
        old_enough[-1]
        for target, one in TARGETS.items()
        for horizon in one.horizons
        for day in days
        if (old_enough := _trained_by(settings, target, horizon, day))
    }
    assert_models(settings, needed)


def assert_log_of_champions(settings: Settings) -> None:
    """Raise IntegrityError unless `champions.json` is as it was written."""
    assert_files(settings.home, [settings.model_store / CHAMPIONS])


def assert_models(settings: Settings, model_ids: Iterable[str]) -> None:
    """Raise IntegrityError unless every file of these models is as it was written."""
    for model_id in sorted(model_ids):
        assert_folder(settings.home, settings.model_store / model_id)


def keep(settings: Settings, model: TrainedModel) -> None:
    """Save a model that was just trained; one of the same id whose files have changed is written anew."""
    from models.store.store import FILES, save  # with scikit-learn, which no other caller of this module needs

    folder = settings.model_store / model.model_id
    is_damaged = folder.exists() and folder_is_damaged(settings.home, folder)
    written = [MANIFEST, *(FILES if is_damaged else ()), *(path.name for path in folder.glob("*") if is_damaged)]
    with changing(settings.home, *(folder / name for name in dict.fromkeys(written))):
        if is_damaged:
            remove(folder)
        save(settings.model_store, model)


def take_back(settings: Settings, target: str, horizon_days: int) -> TrainedModel:
    """Take back the last champion; the one before it scores from now on. Raises as `champions.rollback`."""
    assert_log_of_champions(settings)
    held = champions(settings.model_store, target, horizon_days)
    assert_models(settings, [event["model_id"] for event in held[-2:-1]])
    with changing(settings.home, settings.model_store / CHAMPIONS):
        return rollback(settings.model_store, target, horizon_days)


def _trained_by(settings: Settings, target: str, horizon_days: int, day: date) -> list[str]:
    held = champions(settings.model_store, target, horizon_days)
    return [event["model_id"] for event in held if event["trained_through"] <= day.isoformat()]
