from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from models.errors import FeatureError, UnknownTarget
from models.features.facts import AGES, WORDING, phrase
from models.features.features import FEATURES, Feature
from models.features.frames import feature_frame, sorted_by_key
from models.features.targets import TARGETS, feature_names, target_of
from models.features.wording import Value, day

DORMANCY = TARGETS["dormancy"].features

PROTECTED = re.compile(r"age\b|age_|birth|gender|sex|household|marital|famil|children|ethnic|nation|religion|name$")


def test_no_protected_attribute_is_a_feature():
    assert [name for name in FEATURES if PROTECTED.search(name)] == []
    assert PROTECTED.search("gender") and PROTECTED.search("age_band") and PROTECTED.search("full_name")


def test_a_clean_frame_returns_the_features_in_order(snapshots):
    checked = feature_frame(snapshots.assign(gender="f")[sorted([*snapshots, "gender"])], DORMANCY, "snapshots")
    assert list(checked) == feature_names(DORMANCY)
    assert set(checked.dtypes.astype(str)) == {"float64", "object"}


@pytest.mark.parametrize("kind", ["Int64", "Float64", "decimal", "object"])
def test_numbers_may_have_any_numeric_type(snapshots, kind):
    column = snapshots["customer_events_60d"]
    given = column.map(lambda number: Decimal(int(number))) if kind == "decimal" else column.astype(kind)
    pd.testing.assert_frame_equal(
        feature_frame(snapshots.assign(customer_events_60d=given), DORMANCY, "snapshots"),
        feature_frame(snapshots, DORMANCY, "snapshots"),
    )


@pytest.mark.parametrize(
    ("column", "value", "found"),
    [
        ("customer_events_60d", np.nan, "column customer_events_60d: expected no nulls, found 1 of"),
        ("customer_events_60d", -1.0, "column customer_events_60d: expected 0 or more, found -1"),
        ("customer_events_60d", np.inf, "column customer_events_60d: expected 0 or more, found inf"),
        ("agent_answer_share_180d", 1.5, "expected 0 to 1, found 1.5"),
        ("customer_events_60d", "three", "column customer_events_60d: expected numbers, found str"),
        ("customer_events_60d", True, "column customer_events_60d: expected numbers, found bool"),
        ("first_channel", 7, "column first_channel: expected text or null, found int"),
    ],
)
def test_a_value_that_breaks_the_schema_is_named_with_its_column(snapshots, column, value, found):
    snapshots[column] = snapshots[column].astype(object)
    snapshots.loc[3, column] = value
    with pytest.raises(FeatureError, match=re.escape(found)):
        feature_frame(snapshots, DORMANCY, "snapshots")


def test_missing_columns_are_all_named(snapshots):
    with pytest.raises(FeatureError, match=r"expected column\(s\) customer_events_60d, purpose, found"):
        feature_frame(snapshots.drop(columns=["purpose", "customer_events_60d"]), DORMANCY, "snapshots")


def test_a_repeated_or_null_key_is_refused(snapshots):
    with pytest.raises(FeatureError, match="one row per customer_key and as_of, found 1 repeated"):
        sorted_by_key(pd.concat([snapshots, snapshots.head(1)]), "snapshots")
    snapshots.loc[0, "customer_key"] = None
    with pytest.raises(FeatureError, match="column customer_key: expected no nulls, found 1"):
        sorted_by_key(snapshots, "snapshots")


def test_every_feature_is_worded_in_both_languages_for_every_value_it_may_take():
    assert set(WORDING) == set(FEATURES)
    for feature in FEATURES.values():
        values = ["x"] if feature.scale == "category" else [0.0, 1.0, 3.0]
        for value in [*values, np.nan] if feature.nullable else values:
            english, chinese = phrase(feature.name, value)
            assert english and english.isascii() and "{" not in english
            assert re.search("[\u4e00-\u9fff]", chinese) and "{" not in chinese
        assert feature.label_en and feature.label_zh


@pytest.mark.parametrize(
    ("feature", "value", "english", "chinese"),
    [
        ("days_since_customer_event", 41.0, "no contact by the customer for 41 days", "客户 41 天未主动联系"),
        ("days_since_customer_event", 1.0, "no contact by the customer for 1 day", "客户 1 天未主动联系"),
        ("days_since_customer_event", 0.0, "a contact by the customer on the day", "客户当天有主动联系"),
        ("viewings_60d", 0.0, "no viewing in the last 60 days", "近 60 天看房 0 次"),
        ("viewings_60d", 1.0, "1 viewing in the last 60 days", "近 60 天看房 1 次"),
        ("viewings_60d", 2.0, "2 viewings in the last 60 days", "近 60 天看房 2 次"),
        ("agent_contacts_answered_share_90d", 0.4,
         "40 % of the agent's contacts answered by the customer in the last 90 days",
         "近 90 天联系接通率 40 %"),
        ("budget_max_wan", 300.0, "budget up to CNY 3,000,000", "预算上限 3,000,000 元"),
        ("budget_max_wan", np.nan, "budget not known", "预算未知"),
        ("first_channel", "offline/walk_in", "first channel: walk-in", "首次来源渠道：自然到访"),
        ("first_channel", "friends", "first channel: friends", "首次来源渠道：friends"),
    ],
)  # fmt: skip
def test_reasons_name_the_fact(feature, value, english, chinese):
    assert phrase(feature, value) == (english, chinese)


@pytest.mark.parametrize(
    ("feature", "value", "english", "chinese"),
    [
        ("unanswered_since_last_event", 3.0, "no reply to 3 calls since 3 May", "5 月 3 日以来 3 次联系未回复"),
        ("unanswered_since_last_event", 1.0, "no reply to 1 call since 3 May", "5 月 3 日以来 1 次联系未回复"),
        ("unanswered_since_last_event", 0.0, "no unanswered call since 3 May", "5 月 3 日以来联系均有回复"),
        ("days_since_viewing", 58.0, "no viewing for 58 days, since 3 May", "58 天未看房（5 月 3 日起）"),
    ],
)
def test_reasons_name_the_day_on_which_the_fact_began(feature, value, english, chinese):
    assert phrase(feature, value, day(date(2026, 5, 3), date(2026, 6, 30))) == (english, chinese)
    assert feature in AGES


def test_a_contact_without_an_earlier_event_is_worded_without_a_day():
    assert phrase("unanswered_since_last_event", 3.0)[0] == "no reply to 3 calls so far"


def test_a_feature_can_be_read_back_from_its_card():
    for feature in FEATURES.values():
        assert Feature.from_json(json.loads(json.dumps(feature.as_json()))) == feature


def test_no_fact_counts_zero():
    for feature in FEATURES.values():
        if feature.scale == "log":
            for value in (0.0, 0.049) if isinstance(WORDING[feature.name], Value) else (0.0,):
                assert not re.search(r"\b0\.0\b|\b0 events", phrase(feature.name, value)[0]), feature.name


def test_no_feature_grows_with_the_age_of_a_home():
    """A total, an age or a time since an event needs a cap, or a window in its name."""
    windowed = re.compile(r"_\d+d$|_share_|since_last_event|expected|missed|^lease_|^open_|_mean$|budget")
    growing = [one.name for one in FEATURES.values() if one.scale == "log" and not windowed.search(one.name)]
    assert growing and all(FEATURES[name].cap is not None for name in growing)


def test_signs_are_for_silence_and_reversed_for_a_label_of_activity():
    silence, activity = ({one.name: one.sign for one in TARGETS[name].features} for name in ("dormancy", "intent"))
    assert silence["days_since_customer_event"] == silence["unanswered_since_last_event"] == 1
    assert silence["customer_events_60d"] == silence["satisfaction_180d"] == -1
    assert activity["days_since_customer_event"] == -1 and activity["customer_events_60d"] == 1


@pytest.mark.parametrize("target", TARGETS.values(), ids=lambda target: target.name)
def test_a_target_has_only_listed_features_and_its_recency_is_one_of_them(target):
    names = feature_names(target.features)
    assert len(set(names)) == len(names) and set(names) <= set(FEATURES) and target.recency in names


def test_an_unknown_target_or_horizon_is_named():
    with pytest.raises(
        UnknownTarget,
        match="expected a target of intent, dormancy, tenant_loss, winback, purchase_silence, found churn",
    ):
        target_of("churn", 90)
    with pytest.raises(UnknownTarget, match=r"winback: expected a horizon of \(60,\) days, found 90"):
        target_of("winback", 90)


def test_a_day_of_another_year_has_its_year():
    assert day(date(2025, 5, 3), date(2026, 1, 1)) == ("3 May 2025", "2025 年 5 月 3 日")
