from __future__ import annotations

import re
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from models.errors import FeatureError
from models.features import DORMANCY_FEATURES, feature_frame, feature_names, sorted_by_key
from models.wording import WORDING, phrase

PROTECTED = re.compile(r"age\b|age_|birth|gender|sex|household|marital|famil|children|ethnic|nation|religion|name$")


def test_no_protected_attribute_is_on_the_whitelist():
    assert [name for name in feature_names() if PROTECTED.search(name)] == []
    assert PROTECTED.search("gender") and PROTECTED.search("age_band") and PROTECTED.search("full_name")


def test_a_clean_frame_comes_out_as_the_whitelist_in_its_order(snapshots):
    checked = feature_frame(snapshots.assign(gender="f")[sorted([*snapshots, "gender"])], "snapshots")
    assert list(checked) == feature_names()
    assert set(checked.dtypes.astype(str)) == {"float64", "object"}


@pytest.mark.parametrize("kind", ["Int64", "Float64", "decimal", "object"])
def test_numbers_may_come_as_any_numeric_type(snapshots, kind):
    column = snapshots["viewings_60d"]
    given = column.map(lambda number: Decimal(int(number))) if kind == "decimal" else column.astype(kind)
    pd.testing.assert_frame_equal(
        feature_frame(snapshots.assign(viewings_60d=given), "snapshots"), feature_frame(snapshots, "snapshots")
    )


@pytest.mark.parametrize(
    ("column", "value", "found"),
    [
        ("viewings_60d", np.nan, "column viewings_60d: expected no nulls, found 1 of"),
        ("viewings_60d", -1.0, "column viewings_60d: expected 0 or more, found -1"),
        ("viewings_60d", np.inf, "column viewings_60d: expected 0 or more, found inf"),
        ("agent_contacts_answered_share_90d", 1.5, "expected 0 to 1, found 1.5"),
        ("viewings_60d", "three", "column viewings_60d: expected numbers, found str"),
        ("viewings_60d", True, "column viewings_60d: expected numbers, found bool"),
        ("first_channel", 7, "column first_channel: expected text or null, found int"),
    ],
)
def test_a_value_that_breaks_the_schema_is_named_with_its_column(snapshots, column, value, found):
    snapshots[column] = snapshots[column].astype(object)
    snapshots.loc[3, column] = value
    with pytest.raises(FeatureError, match=re.escape(found)):
        feature_frame(snapshots, "snapshots")


def test_missing_columns_are_all_named(snapshots):
    with pytest.raises(FeatureError, match=r"expected column\(s\) viewings_60d, purpose, found"):
        feature_frame(snapshots.drop(columns=["purpose", "viewings_60d"]), "snapshots")


def test_a_repeated_or_null_key_is_refused(snapshots):
    with pytest.raises(FeatureError, match="one row per customer_key and as_of, found 1 repeated"):
        sorted_by_key(pd.concat([snapshots, snapshots.head(1)]), "snapshots")
    snapshots.loc[0, "customer_key"] = None
    with pytest.raises(FeatureError, match="column customer_key: expected no nulls, found 1"):
        sorted_by_key(snapshots, "snapshots")


def test_every_feature_is_worded_for_every_value_it_may_take():
    assert list(WORDING) == feature_names()
    for feature in DORMANCY_FEATURES:
        values = ["x"] if feature.scale == "category" else [0.0, 1.0, 3.0]
        for value in [*values, np.nan] if feature.nullable else values:
            assert "{" not in phrase(feature.name, value)
        assert feature.label_en and feature.label_zh


@pytest.mark.parametrize(
    ("feature", "value", "fact"),
    [
        ("days_since_customer_event", 41.0, "no customer-initiated event for 41 days"),
        ("days_since_customer_event", 1.0, "no customer-initiated event for 1 day"),
        ("days_since_customer_event", 0.0, "a customer-initiated event on the day"),
        ("viewings_60d", 0.0, "no viewing in the last 60 days"),
        ("viewings_60d", 1.0, "1 viewing in the last 60 days"),
        ("viewings_60d", 2.0, "2 viewings in the last 60 days"),
        ("agent_contacts_answered_share_90d", 0.4, "40 % of agent contacts answered in the last 90 days"),
        ("budget_max_wan", 300.0, "budget up to 3,000,000"),
        ("budget_max_wan", np.nan, "budget not known"),
        ("first_channel", "walk_in", "first channel: walk_in"),
    ],
)
def test_reasons_name_the_fact(feature, value, fact):
    assert phrase(feature, value) == fact
