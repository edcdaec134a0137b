from __future__ import annotations

import dataclasses
from datetime import date

import numpy as np
import pandas as pd
import pytest
import sklearn
from skops import io as skops_io
from skops.io.exceptions import UntrustedTypesFoundException

from models.errors import ModelStoreError
from models.features.frames import feature_frame
from models.features.targets import TARGETS
from models.learn.candidates import CANDIDATES, Fitted, fit
from models.learn.columns import read_columns
from models.score import score
from models.store import store as model_store
from models.store.pipelines import fitted_of_pipeline
from models.store.store import FILES, TRUSTED_TYPES, load, save
from tests.unit.models.reference import reference, reference_margin

TODAY = date(2026, 6, 30)


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
        patched.setattr(model_store, "move_into_place", killed)
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
def test_a_changed_model_is_refused(tmp_path, light, name):
    path = save(tmp_path, light) / name
    path.write_bytes(path.read_bytes()[:-1] + b" ?")
    with pytest.raises(ModelStoreError, match=f"{name}: expected"):
        load(tmp_path, light.model_id)
    with pytest.raises(ModelStoreError):
        save(tmp_path, light)


def test_a_model_under_another_name_is_refused(tmp_path, light):
    save(tmp_path, light).rename(tmp_path / "dormancy-other")
    with pytest.raises(ModelStoreError, match=r"manifest.json: expected the hashes .* of dormancy-other"):
        load(tmp_path, "dormancy-other")


def test_a_model_file_of_foreign_types_is_refused(tmp_path, light):
    foreign = dataclasses.replace(
        light, scorer=dataclasses.replace(light.scorer, fitted=Fitted(light.scorer.fitted.encoder, FakeModel()))
    )
    save(tmp_path, foreign)
    with pytest.raises(ModelStoreError, match=r"trusted types, found: .*FakeModel"):
        load(tmp_path, light.model_id)


def test_the_allow_list_has_only_types_of_candidates_and_each_loads_unchanged(today):
    features = TARGETS["dormancy"].features
    frame = feature_frame(today, features, "today")
    columns = read_columns(frame, features)
    labels = (frame["customer_events_30d"] > 1).to_numpy()
    needed = set()
    for name in CANDIDATES:
        fitted = fit(name, columns, labels, features, 1)
        pipeline = reference(name, frame, labels, features, fitted)
        file = skops_io.dumps(pipeline)
        types = skops_io.get_untrusted_types(data=file)
        needed |= set(types)
        again = skops_io.loads(file, trusted=list(TRUSTED_TYPES))
        assert np.array_equal(fitted_of_pipeline(again, features).margin(columns), reference_margin(pipeline, frame))
        with pytest.raises(UntrustedTypesFoundException):
            skops_io.loads(file, trusted=types[1:])
    assert needed == set(TRUSTED_TYPES)


def test_a_model_of_another_scikit_learn_must_be_trained_again(tmp_path, light, monkeypatch):
    save(tmp_path, light)
    monkeypatch.setattr(sklearn, "__version__", "9.9.0")
    with pytest.raises(ModelStoreError, match=r"scikit-learn 9.9.0, found 1\..*; train again"):
        load(tmp_path, light.model_id)


class FakeModel:
    """A type that is not allowed in a model file."""
