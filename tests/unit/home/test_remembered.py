"""`home.json` stores the settings that results depend on. A changed setting is refused until it is accepted."""

import json
from datetime import UTC, datetime

import pytest

from pipelines.home.remembered import (
    HomeUnreadable,
    SettingsChanged,
    accept,
    assert_unchanged,
    home_file,
    read_remembered,
    remember,
)
from pipelines.home.settings import Settings

AT = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path):
    first = Settings(home=tmp_path, timezone="Asia/Shanghai", phone_region="CN", shared_key_limit=5)
    remember(first, "key-1")
    return first


def test_the_settings_of_the_first_run_are_stored_and_pass_again(settings):
    assert read_remembered(settings) == {
        "timezone": "Asia/Shanghai",
        "phone_region": "CN",
        "shared_key_limit": 5,
        "pseudonym_key": "key-1",
    }
    before = home_file(settings).read_bytes()
    remember(settings, "key-1")
    assert home_file(settings).read_bytes() == before


@pytest.mark.parametrize(
    ("setting", "value", "means"),
    [
        ("timezone", "Asia/Dubai", "begins and ends at another time"),
        ("phone_region", "AE", "other records become one customer"),
        ("shared_key_limit", 6, "other records become one customer"),
    ],
)
def test_a_changed_setting_is_refused_with_its_meaning(settings, setting, value, means):
    changed = settings.model_copy(update={setting: value})
    for check in (assert_unchanged, remember):
        with pytest.raises(
            SettingsChanged, match=rf"TIERHOUSE_{setting.upper()} is {value}, .*{means}.*--accept REASON"
        ):
            check(changed, "key-1")
    assert read_remembered(settings)[setting] == getattr(settings, setting)


def test_a_changed_key_is_refused_and_a_missing_key_is_not(settings):
    with pytest.raises(SettingsChanged, match=r"TIERHOUSE_PSEUDONYM_KEY is another key .*every customer_id"):
        assert_unchanged(settings, "key-2")
    assert_unchanged(settings, None)


def test_an_accepted_change_is_stored_with_its_reason(settings):
    dubai = settings.model_copy(update={"timezone": "Asia/Dubai"})
    assert accept(dubai, "key-2", "the office has moved", AT) == {
        "timezone": ("Asia/Shanghai", "Asia/Dubai"),
        "pseudonym_key": ("key-1", "key-2"),
    }
    assert_unchanged(dubai, "key-2")
    assert accept(dubai, "key-2", "again", AT) == {}
    (entry,) = json.loads(home_file(settings).read_text())["changes"]
    assert entry["reason"] == "the office has moved"
    assert entry["changed"]["timezone"] == ["Asia/Shanghai", "Asia/Dubai"]


def test_a_setting_that_home_json_does_not_have_is_added(settings):
    home_file(settings).write_text(json.dumps({"settings": {"timezone": "Asia/Shanghai"}, "changes": []}))
    remember(settings, "key-1")
    assert read_remembered(settings)["phone_region"] == "CN"
    home_file(settings).unlink()
    remember(settings.model_copy(update={"timezone": "Asia/Dubai"}), "key-2")


@pytest.mark.parametrize("content", ["", "[]", "{", '{"settings": 1, "changes": []}', '{"settings": {}}'])
def test_a_damaged_home_json_is_refused(settings, content):
    home_file(settings).write_text(content)
    with pytest.raises(HomeUnreadable, match=r"home\.json: expected the settings"):
        remember(settings, "key-1")
