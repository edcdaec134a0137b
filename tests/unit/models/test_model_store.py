from __future__ import annotations

import dataclasses
import json
from datetime import date

import pandas as pd
import pytest
import sklearn
from sklearn.linear_model import LogisticRegression
from skops import io as skops_io
from skops.io.exceptions import UntrustedTypesFoundException

from models import store as model_store
from models.errors import ModelStoreError, NoChampion
from models.score import score
from models.store import FILES, TRUSTED_TYPES, champion, champions, latest, load, promote, save

TODAY = date(2026, 6, 30)


@pytest.fixture(scope="module")
def light(model):
    """The same card and report with a classifier of one weight within, which is quick to write."""
    return dataclasses.replace(model, calibrated=LogisticRegression().fit([[0.0], [1.0]], [0, 1]))


def test_a_stored_model_scores_as_it_did_in_memory(tmp_path, model, today):
    folder = save(tmp_path, model)
    assert sorted(path.name for path in tmp_path.iterdir()) == [model.model_id]
    assert sorted(path.name for path in folder.iterdir()) == sorted([*FILES, "manifest.json"])
    loaded = load(tmp_path, model.model_id)
    assert loaded.card == model.card
    assert (loaded.target, loaded.trained_through, loaded.horizon_days) == ("dormancy", TODAY, 90)
    pd.testing.assert_frame_equal(loaded.report, model.report, check_dtype=False)
    pd.testing.assert_frame_equal(score(loaded, today, as_of=TODAY), score(model, today, as_of=TODAY))


def test_saving_again_changes_no_byte(tmp_path, light):
    folder = save(tmp_path, light)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert save(tmp_path, light) == folder
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_save_that_was_killed_leaves_no_model_and_the_next_one_succeeds(tmp_path, light, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(model_store, "sync_directory", killed)
        with pytest.raises(KeyboardInterrupt):
            save(tmp_path, light)
    with pytest.raises(ModelStoreError, match="found none"):
        load(tmp_path, light.model_id)
    save(tmp_path, light)
    assert [path.name for path in tmp_path.iterdir()] == [light.model_id]


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_a_half_written_model_is_refused(tmp_path, light, name):
    (save(tmp_path, light) / name).unlink()
    with pytest.raises(ModelStoreError, match=name):
        load(tmp_path, light.model_id)


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_a_model_that_was_tampered_with_is_refused(tmp_path, light, name):
    path = save(tmp_path, light) / name
    path.write_bytes(path.read_bytes()[:-1] + b" ?")
    with pytest.raises(ModelStoreError, match=f"{name}: expected"):
        load(tmp_path, light.model_id)
    with pytest.raises(ModelStoreError):
        save(tmp_path, light)
    with pytest.raises(ModelStoreError):
        promote(tmp_path, light)
    assert not (tmp_path / "champions.json").exists()


def test_a_model_under_another_name_is_refused(tmp_path, light):
    save(tmp_path, light).rename(tmp_path / "dormancy-other")
    with pytest.raises(ModelStoreError, match=r"manifest.json: expected the hashes .* of dormancy-other"):
        load(tmp_path, "dormancy-other")


def test_a_model_file_of_foreign_types_is_refused(tmp_path, light):
    foreign = dataclasses.replace(light, calibrated=FakeModel())
    save(tmp_path, foreign)
    with pytest.raises(ModelStoreError, match=r"trusted types, found: .*FakeModel"):
        load(tmp_path, light.model_id)


def test_the_allow_list_holds_no_more_than_a_model_needs(model):
    file = skops_io.dumps(model.calibrated)
    assert set(TRUSTED_TYPES) == set(skops_io.get_untrusted_types(data=file))
    with pytest.raises(UntrustedTypesFoundException):
        skops_io.loads(file, trusted=list(TRUSTED_TYPES[1:]))


def test_a_model_of_another_scikit_learn_must_be_trained_again(tmp_path, light, monkeypatch):
    save(tmp_path, light)
    monkeypatch.setattr(sklearn, "__version__", "9.9.0")
    with pytest.raises(ModelStoreError, match=r"scikit-learn 9.9.0, found 1\..*; train again"):
        load(tmp_path, light.model_id)


def trained_through(model, day: date):
    name = f"dormancy-{day:%Y%m%d}-0123456789"
    card = model.card | {"model_id": name, "trained_through": day.isoformat()}
    return dataclasses.replace(model, model_id=name, trained_through=day, card=card)


def test_the_champion_of_a_day_is_the_latest_that_was_trained_by_then(tmp_path, light):
    april, may, june = (trained_through(light, date(2026, month, 28)) for month in (4, 5, 6))
    for one in (june, april, may):
        save(tmp_path, one)
        promote(tmp_path, one)
    assert champion(tmp_path, "dormancy", date(2026, 6, 27)).model_id == may.model_id
    assert champion(tmp_path, "dormancy", date(2026, 6, 28)).model_id == june.model_id
    assert [entry["model_id"] for entry in champions(tmp_path, "dormancy")] == [
        one.model_id for one in (april, may, june)
    ]
    assert latest(tmp_path).model_id == june.model_id
    assert champion(tmp_path, "dormancy", date(2026, 5, 27)).trained_through == date(2026, 4, 28)


def test_a_model_of_the_same_day_takes_the_place_of_the_old_one(tmp_path, light):
    other = dataclasses.replace(light, model_id="dormancy-20260630-0000000000")
    for one in (light, other):
        save(tmp_path, one)
        promote(tmp_path, one)
    listed = json.loads((tmp_path / "champions.json").read_text())
    assert listed == {"dormancy": [{"model_id": other.model_id, "trained_through": "2026-06-30"}]}
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["champions.json", light.model_id, other.model_id]
    )


def test_without_a_champion_the_error_says_how_to_train(tmp_path, light):
    with pytest.raises(NoChampion, match=r"found none; train one with `tierhouse train --as-of 2026-06-30`"):
        champion(tmp_path / "nowhere", "dormancy", TODAY)
    with pytest.raises(NoChampion, match="found none; train one"):
        latest(tmp_path)
    save(tmp_path, light)
    promote(tmp_path, light)
    with pytest.raises(NoChampion, match=r"through 2026-01-31 or earlier .* found 2026-06-30; .* --as-of 2026-01-31`"):
        champion(tmp_path, "dormancy", date(2026, 1, 31))


def test_a_model_that_is_not_saved_cannot_become_champion(tmp_path, light):
    with pytest.raises(ModelStoreError, match="found none"):
        promote(tmp_path, light)


@pytest.mark.parametrize("content", ["{", "[]", '{"dormancy": [{"model_id": "x"}]}', '{"dormancy": 3}'])
def test_a_broken_list_of_champions_is_a_clear_error(tmp_path, content):
    (tmp_path / "champions.json").write_text(content)
    with pytest.raises(ModelStoreError, match=r"champions.json: expected"):
        champion(tmp_path, "dormancy", TODAY)


class FakeModel:
    """A type that no model file may hold."""
