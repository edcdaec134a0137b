from __future__ import annotations

from types import SimpleNamespace

import pytest

from models.store import store
from models.store.json_files import as_json
from models.store.store import FILES
from pipelines.home.settings import Settings
from pipelines.integrity.log import reread
from pipelines.integrity.sums import IntegrityError, file_sum
from pipelines.integrity.verify import verify
from pipelines.scoring.signatures import assert_models, keep

MODEL = SimpleNamespace(model_id="dormancy-90-20260630-aa")


@pytest.fixture
def save(monkeypatch):
    """Replaces the store: the content of files differs from save to save, as that of pictures may."""
    saves = []

    def written(folder, model):
        target = folder / model.model_id
        if not target.exists():
            target.mkdir(parents=True)
            saves.append(model)
            for name in FILES:
                (target / name).write_bytes(f"{name} {len(saves)}".encode())
            hashes = {name: file_sum(target / name).sha256 for name in FILES}
            (target / "manifest.json").write_bytes(as_json({"model_id": model.model_id, "sha256": hashes}))

    monkeypatch.setattr(store, "save", written)
    return saves


@pytest.mark.parametrize("name", ["card.json", "manifest.json"])
@pytest.mark.parametrize("gone", [True, False])
def test_a_damaged_model_is_replaced_when_it_is_trained_again(tmp_path, save, name, gone):
    settings = Settings(home=tmp_path)
    keep(settings, MODEL)
    keep(settings, MODEL)
    assert len(save) == 1, "a whole model stays"
    damaged = settings.model_store / MODEL.model_id / name
    damaged.unlink() if gone else damaged.write_bytes(b"other")
    reread()
    with pytest.raises(IntegrityError, match="train again as of the day in its name"):
        assert_models(settings, [MODEL.model_id])
    keep(settings, MODEL)
    assert_models(settings, [MODEL.model_id])
    assert len(save) == 2
    assert verify(tmp_path).faults == []
