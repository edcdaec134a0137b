"""A wrong environment is named, with what was expected."""

import pytest

from pipelines.settings import SettingsError, load_settings


def test_a_wrong_value_names_its_variable_and_what_was_expected(monkeypatch):
    monkeypatch.setenv("TIERHOUSE_TIMEZONE", "Peking")
    monkeypatch.setenv("TIERHOUSE_THREADS", "many")
    with pytest.raises(SettingsError, match=r"TIERHOUSE_TIMEZONE='Peking': .*IANA.*TIERHOUSE_THREADS='many'"):
        load_settings()


def test_places_follow_the_home(monkeypatch, tmp_path):
    monkeypatch.setenv("TIERHOUSE_HOME", str(tmp_path))
    settings = load_settings()
    assert settings.sources_dir == tmp_path / "sources"
    assert settings.warehouse.parent == settings.published.parent == tmp_path
