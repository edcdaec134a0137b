from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer

from models.features.features import Feature
from models.features.frames import feature_frame
from models.features.targets import TARGETS
from models.learn.columns import read_columns
from models.learn.encoders import RARE, Encoder, Kind, fit_encoder
from tests.unit.models.reference import linear_columns, tree_columns

FEATURES = TARGETS["dormancy"].features


@pytest.fixture
def frame(snapshots: pd.DataFrame) -> pd.DataFrame:
    """Rows with nulls, with rare categories, and with a column and a category that are empty."""
    rows = snapshots.assign(satisfaction_180d=None, stated_intent=None)
    rows.loc[:3, "first_channel"] = ["fax", "letter", "radio", None]
    rows.loc[rows.index % 3 == 0, ["budget_max_wan", "events_missed", "purpose"]] = None
    return feature_frame(rows, FEATURES, "rows")


@pytest.mark.parametrize(("kind", "columns_of"), [("linear", linear_columns), ("tree", tree_columns)])
def test_every_output_is_that_of_scikit_learn(
    frame: pd.DataFrame, kind: Kind, columns_of: Callable[[tuple[Feature, ...]], ColumnTransformer]
) -> None:
    learnt, later = frame.iloc[:600], frame.iloc[600:].assign(first_channel="hologram", demand_type="barter")
    expected = columns_of(FEATURES).fit(learnt)
    columns = read_columns(frame, FEATURES)
    encoder = fit_encoder(kind, columns.take(np.arange(len(frame)) < 600), FEATURES)
    assert encoder.outputs == expected.get_feature_names_out().tolist()
    assert f"first_channel__first_channel_{RARE}" in encoder.outputs
    for rows in (learnt, later):
        assert np.array_equal(encoder.encode(read_columns(rows, FEATURES)), expected.transform(rows))


def test_an_encoder_is_the_same_after_json(frame: pd.DataFrame) -> None:
    encoder = fit_encoder("linear", read_columns(frame, FEATURES), FEATURES)
    assert Encoder.from_content(json.loads(json.dumps(encoder.as_content()))) == encoder
