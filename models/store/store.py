"""The model store: one immutable directory per model id. `models.store.champions` says which models score.

<store>/<model_id>/model.skops, card.json, report.parquet, three pictures, manifest.json (SHA-256 of the others)
"""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import sklearn
from sklearn.pipeline import Pipeline

from models.errors import ModelStoreError
from models.features.features import Feature
from models.learn.calibrate import Sigmoid
from models.learn.candidates import Fitted
from models.learn.encoders import Encoder
from models.learn.scorer import Scorer
from models.learn.shrinkage import Cells
from models.learn.trained import TrainedModel
from models.store.json_files import as_json, read_json
from models.store.pipelines import fitted_of_pipeline
from models.store.plots import PICTURES
from pipelines.home.durable import move_into_place, sync

TRUSTED_TYPES = (
    "numpy.clip",
    "numpy.dtype",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
)
"""Types in a model file beyond the defaults of skops. Never `trusted=True`: loading must not run foreign code."""

STAGES = ("published", "judged")
FILES = ("model.skops", "card.json", "report.parquet", *PICTURES)


def save(store: Path, model: TrainedModel) -> Path:
    """Write the directory of the model in one step and return it. An existing directory is verified and kept.

    Raises ModelStoreError if the existing directory is damaged.
    """
    target = store / model.model_id
    if target.exists():
        load(store, model.model_id)
        return target
    draft = store / f".saving-{model.model_id}"
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(parents=True)
    (draft / "model.skops").write_bytes(_fitted(model))
    (draft / "card.json").write_bytes(as_json(model.card))
    (draft / "report.parquet").write_bytes(model.report.to_parquet(index=False))
    for name, png in model.pictures.items():
        (draft / name).write_bytes(png)
    hashes = {name: _sha256(draft / name) for name in FILES}
    (draft / "manifest.json").write_bytes(as_json({"model_id": model.model_id, "sha256": hashes}))
    sync(*draft.iterdir())
    move_into_place(draft, target)
    return target


def load(store: Path, model_id: str) -> TrainedModel:
    """Load the model of that id, after a check of every file against the manifest. Raises ModelStoreError."""
    folder = store / model_id
    from skops import io as skops_io  # takes 1.5 s

    if not folder.is_dir():
        raise ModelStoreError(f"expected a model at {folder}, found none")
    _verify(folder, model_id)
    card = read_json(folder / "card.json")
    trained_with = card["versions"]["sklearn"]
    if trained_with.split(".")[:2] != sklearn.__version__.split(".")[:2]:
        raise ModelStoreError(
            f"{folder}: expected a model of scikit-learn {sklearn.__version__}, found {trained_with}; train again"
        )
    try:
        content = skops_io.load(folder / "model.skops", trusted=list(TRUSTED_TYPES))
        published, judged = (_scorer(card, name, content[name]) for name in STAGES)
    except Exception as error:
        raise ModelStoreError(f"{folder}/model.skops: expected a model of trusted types, found: {error}") from error
    return TrainedModel(
        model_id=model_id,
        target=card["target"],
        trained_through=date.fromisoformat(card["trained_through"]),
        horizon_days=card["horizon_days"],
        scorer=published,
        judged=judged,
        report=pd.read_parquet(folder / "report.parquet"),
        card=card,
        pictures={name: (folder / name).read_bytes() for name in PICTURES},
    )


def _fitted(model: TrainedModel) -> bytes:
    from skops import io as skops_io  # takes 1.5 s

    content = {
        stage: {"encoder": scorer.fitted.encoder.as_content(), "model": scorer.fitted.model}
        for stage, scorer in zip(STAGES, (model.scorer, model.judged), strict=True)
    }
    return skops_io.dumps(content, compression=zipfile.ZIP_DEFLATED)


def _scorer(card: dict[str, Any], name: str, stored: dict[str, Any] | Pipeline) -> Scorer:
    content = card["scorers"][name]
    features = tuple(Feature.from_json(feature) for feature in card["features"])
    if isinstance(stored, Pipeline):
        fitted = fitted_of_pipeline(stored, features)
    else:
        fitted = Fitted(Encoder.from_content(stored["encoder"]), stored["model"])
    return Scorer(
        kind=content["kind"],
        features=features,
        fitted=fitted,
        sigmoid=Sigmoid(**content["sigmoid"]),
        reference=content["reference"],
        cells=Cells.from_json(content["cells"]),
    )


def _verify(folder: Path, model_id: str) -> None:
    manifest = read_json(folder / "manifest.json")
    hashes = manifest.get("sha256") if isinstance(manifest, dict) else None
    if not isinstance(hashes, dict) or set(hashes) != set(FILES) or manifest.get("model_id") != model_id:
        raise ModelStoreError(f"{folder}/manifest.json: expected the hashes of {', '.join(FILES)} of {model_id}")
    for name, expected in hashes.items():
        if not (folder / name).is_file():
            raise ModelStoreError(f"{folder}: expected {name}, found no such file; the model is half written")
        if (found := _sha256(folder / name)) != expected:
            raise ModelStoreError(f"{folder}/{name}: expected SHA-256 {expected}, found {found}")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
