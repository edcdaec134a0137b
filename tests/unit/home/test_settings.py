"""Errors of wrong settings name the variable and what was expected."""

import pytest

from pipelines.home.settings import Settings, SettingsError, load_settings


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


@pytest.mark.parametrize(("folder", "found"), [("what?", r"\?"), ("a%20b", "%20")])
def test_a_home_that_sqlite_cannot_open_is_refused(monkeypatch, tmp_path, folder, found):
    monkeypatch.setenv("TIERHOUSE_HOME", str(tmp_path / folder))
    with pytest.raises(SettingsError, match=f"TIERHOUSE_HOME=.*expected a folder without {found}: SQLite"):
        load_settings()


def test_a_home_can_have_the_name_of_a_pattern_or_a_share(monkeypatch, tmp_path):
    home = tmp_path / "100% [1] * source=x"
    monkeypatch.setenv("TIERHOUSE_HOME", str(home))
    assert load_settings().home == home


@pytest.mark.parametrize("address", ["tierhouse.example", "https://tierhouse.example/", "https://a@b", "ftp://a", "*"])
def test_the_address_of_a_proxy_is_scheme_host_and_port(monkeypatch, address):
    monkeypatch.setenv("TIERHOUSE_UI_ORIGIN", address)
    with pytest.raises(SettingsError, match="TIERHOUSE_UI_ORIGIN="):
        load_settings()
    monkeypatch.setenv("TIERHOUSE_UI_ORIGIN", "https://tierhouse.example:8443")
    assert load_settings().ui_origin == "https://tierhouse.example:8443"


def test_mapping_files_end_with_yml_or_yaml(tmp_path):
    (tmp_path / "sources").mkdir()
    for name in ("shop.yaml", "crm.yml", "notes.txt"):
        (tmp_path / "sources" / name).touch()
    assert [path.name for path in Settings(home=tmp_path).mapping_files] == ["crm.yml", "shop.yaml"]
