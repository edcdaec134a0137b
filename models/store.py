"""The model store: one immutable directory per model id, and `champions.json` that says which ones score.

<store>/<model_id>/model.skops, card.json, report.parquet, manifest.json (SHA-256 of the other three)
<store>/champions.json   {target: [{model_id, trained_through}, …]}, oldest first
"""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import sklearn
from skops import io as skops_io

from models.durable import replace_file, sync_directory, write_file
from models.errors import ModelStoreError, NoChampion
from models.trained import TrainedModel

TRUSTED_TYPES = (
    "numpy.dtype",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
)
"""What a model file may hold beyond skops' own defaults. Never `trusted=True`: loading must not run foreign code."""

CHAMPIONS = "champions.json"
FILES = ("model.skops", "card.json", "report.parquet")


def save(store: Path, model: TrainedModel) -> Path:
    """Write the model's directory in one step and return it. A model that is there already is verified and kept.

    Raises ModelStoreError if the directory of that id is damaged.
    """
    target = store / model.model_id
    if target.exists():
        load(store, model.model_id)
        return target
    draft = store / f".saving-{model.model_id}"
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(parents=True)
    write_file(draft / "model.skops", skops_io.dumps(model.calibrated, compression=zipfile.ZIP_DEFLATED))
    write_file(draft / "card.json", _json(model.card))
    write_file(draft / "report.parquet", model.report.to_parquet(index=False))
    hashes = {name: _sha256(draft / name) for name in FILES}
    write_file(draft / "manifest.json", _json({"model_id": model.model_id, "sha256": hashes}))
    sync_directory(draft)
    draft.rename(target)
    sync_directory(store)
    return target


def load(store: Path, model_id: str) -> TrainedModel:
    """The model of that id, after checking every file against the manifest. Raises ModelStoreError."""
    folder = store / model_id
    if not folder.is_dir():
        raise ModelStoreError(f"expected a model at {folder}, found none")
    _verify(folder, model_id)
    card = _read_json(folder / "card.json")
    trained_with = card["versions"]["sklearn"]
    if trained_with.split(".")[:2] != sklearn.__version__.split(".")[:2]:
        raise ModelStoreError(
            f"{folder}: expected a model of scikit-learn {sklearn.__version__}, found {trained_with}; train again"
        )
    try:
        calibrated = skops_io.load(folder / "model.skops", trusted=list(TRUSTED_TYPES))
    except Exception as error:
        raise ModelStoreError(f"{folder}/model.skops: expected a model of trusted types, found: {error}") from error
    return TrainedModel(
        model_id=model_id,
        target=card["target"],
        trained_through=date.fromisoformat(card["trained_through"]),
        horizon_days=card["horizon_days"],
        calibrated=calibrated,
        report=pd.read_parquet(folder / "report.parquet"),
        card=card,
    )


def promote(store: Path, model: TrainedModel) -> None:
    """Make a saved model the champion of its target from its `trained_through` on; one of the same day gives way."""
    load(store, model.model_id)
    others = [
        entry for entry in champions(store, model.target)
        if entry["trained_through"] != model.trained_through.isoformat()
    ]  # fmt: skip
    entry = {"model_id": model.model_id, "trained_through": model.trained_through.isoformat()}
    listed = sorted([*others, entry], key=lambda one: one["trained_through"])
    replace_file(store / CHAMPIONS, _json(_champions(store) | {model.target: listed}))


def champions(store: Path, target: str) -> list[dict[str, str]]:
    """Every {model_id, trained_through} that was promoted for the target, oldest first. Raises ModelStoreError."""
    return _champions(store).get(target, [])


def latest(store: Path, target: str = "dormancy") -> TrainedModel:
    """The champion with the latest `trained_through` of all. Raises NoChampion, ModelStoreError."""
    entries = champions(store, target)
    if not entries:
        raise NoChampion(
            f"expected a {target} model in {store}, found none; train one with `tierhouse train --as-of YYYY-MM-DD`"
        )
    return load(store, entries[-1]["model_id"])


def champion(store: Path, target: str, as_of: date) -> TrainedModel:
    """The champion with the latest `trained_through` that is not after `as_of`. Raises NoChampion, ModelStoreError."""
    entries = champions(store, target)
    old_enough = [entry for entry in entries if entry["trained_through"] <= as_of.isoformat()]
    if not old_enough:
        found = ", ".join(entry["trained_through"] for entry in entries) or "none"
        raise NoChampion(
            f"expected a {target} model trained through {as_of} or earlier in {store}, found {found}; "
            f"train one with `tierhouse train --as-of {as_of}`"
        )
    return load(store, old_enough[-1]["model_id"])


def _verify(folder: Path, model_id: str) -> None:
    manifest = _read_json(folder / "manifest.json")
    hashes = manifest.get("sha256") if isinstance(manifest, dict) else None
    if not isinstance(hashes, dict) or set(hashes) != set(FILES) or manifest.get("model_id") != model_id:
        raise ModelStoreError(f"{folder}/manifest.json: expected the hashes of {', '.join(FILES)} of {model_id}")
    for name, expected in hashes.items():
        if not (folder / name).is_file():
            raise ModelStoreError(f"{folder}: expected {name}, found no such file; the model is half written")
        if (found := _sha256(folder / name)) != expected:
            raise ModelStoreError(f"{folder}/{name}: expected SHA-256 {expected}, found {found}")


def _champions(store: Path) -> dict[str, list[dict[str, str]]]:
    path = store / CHAMPIONS
    champions = _read_json(path) if path.exists() else {}
    try:
        return {
            target: sorted(
                ({name: entry[name] for name in ("model_id", "trained_through")} for entry in entries),
                key=lambda entry: entry["trained_through"],
            )
            for target, entries in champions.items()
        }
    except (AttributeError, KeyError, TypeError) as error:
        raise ModelStoreError(
            f"{path}: expected {{target: [{{model_id, trained_through}}]}}, found another shape"
        ) from error


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelStoreError(f"{path}: expected readable JSON, found: {error}") from error


def _json(content: Any) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
