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


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:hunter2@db/bi",
        "postgresql://u:hunt@er2@db/bi",
        "postgresql://u:hunt/er2@db/bi",
        "postgresql://u:hunt#er2@db/bi",
        "postgresql://u:hunter2%@db/bi",
        "host=db password=hunter2",
    ],
)
def test_a_database_url_without_certain_parts_is_refused_and_not_shown(monkeypatch, url):
    monkeypatch.setenv("TIERHOUSE_POSTGRES_URL", url)
    with pytest.raises(SettingsError, match=r"TIERHOUSE_POSTGRES_URL: .*percent-encoded") as refused:
        load_settings()
    assert "hunt" not in str(refused.value) and "er2" not in str(refused.value)
    assert refused.value.__cause__ is None and refused.value.__suppress_context__


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:hunter2@db.example.com:5432/bi",
        "postgres://u:hunt%40er2@[::1]:5432/bi?sslmode=require",
        "postgresql://u:hunter2@/bi?host=/run/postgresql",
        "postgresql://db/bi",
    ],
)
def test_a_database_url_is_kept_secret(monkeypatch, url):
    monkeypatch.setenv("TIERHOUSE_POSTGRES_URL", url)
    settings = load_settings()
    assert settings.postgres_url is not None and settings.postgres_url.get_secret_value() == url
    assert "hunt" not in repr(settings)
    monkeypatch.setenv("TIERHOUSE_POSTGRES_URL", "")
    assert load_settings().postgres_url is None


def test_a_wrong_address_of_alerts_is_counted_and_not_shown(monkeypatch):
    monkeypatch.setenv("TIERHOUSE_ALERT_URLS", "wecombot://secret-key secret-token")
    with pytest.raises(SettingsError, match=r"TIERHOUSE_ALERT_URLS: .*not number 2") as refused:
        load_settings()
    assert "secret" not in str(refused.value)
    monkeypatch.setenv("TIERHOUSE_ALERT_URLS", " wecombot://secret-key\n mailto://a@b?to=c,d ")
    assert load_settings().alert_addresses == ["wecombot://secret-key", "mailto://a@b?to=c,d"]
    assert "secret" not in repr(load_settings())
