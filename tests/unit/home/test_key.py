"""The key of a home: complete or absent, never short, never shown, never changed silently."""

import os
import stat

import pytest

from pipelines.home.key import PseudonymKeyMissing, PseudonymKeyRefused, find_secret, fingerprint, load_secret
from pipelines.home.remembered import remember
from pipelines.home.settings import Settings, SettingsError, load_settings


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path, pseudonym_key=None)


def test_a_new_home_gets_a_key_that_only_its_owner_reads(settings):
    before = os.umask(0)
    try:
        secret = load_secret(settings)
    finally:
        os.umask(before)
    assert load_secret(settings) == secret
    assert stat.S_IMODE((settings.home / "pseudonym.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("call", ["fdopen", "fsync", "replace"])
def test_a_kill_while_the_key_is_written_leaves_no_key_or_the_complete_key(settings, monkeypatch, call):
    def killed(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("pathlib.Path.replace" if call == "replace" else f"os.{call}", killed)
        load_secret(settings)
    assert not (settings.home / "pseudonym.key").exists()
    assert len(load_secret(settings)) == 64


def test_the_key_of_the_settings_comes_first(tmp_path):
    assert load_secret(Settings(home=tmp_path, pseudonym_key="a secret of settings")) == b"a secret of settings"
    assert not (tmp_path / "pseudonym.key").exists()


@pytest.mark.parametrize("content", ["", "hunter2", "hunter2" + " " * 20])
def test_a_short_key_file_is_refused_and_not_shown(settings, content):
    (settings.home / "pseudonym.key").write_text(content)
    with pytest.raises(
        PseudonymKeyRefused, match=r"pseudonym\.key holds \d characters, expected at least 16"
    ) as refused:
        load_secret(settings)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("key", ["", "hunter2", "hunter2" + " " * 20])
def test_a_short_key_of_the_environment_is_refused_and_not_shown(monkeypatch, key):
    monkeypatch.setenv("TIERHOUSE_PSEUDONYM_KEY", key)
    with pytest.raises(SettingsError, match=r"TIERHOUSE_PSEUDONYM_KEY: .*at least 16 characters") as refused:
        load_settings()
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None and refused.value.__suppress_context__


def test_a_wrong_other_setting_does_not_show_the_key(monkeypatch):
    monkeypatch.setenv("TIERHOUSE_PSEUDONYM_KEY", "a secret of settings")
    monkeypatch.setenv("TIERHOUSE_THREADS", "many")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert "a secret" not in str(refused.value)
    monkeypatch.delenv("TIERHOUSE_THREADS")
    assert "a secret" not in repr(load_settings())


def test_a_home_that_has_published_refuses_a_second_key(settings):
    (settings.home / "ledger").mkdir()
    (settings.home / "ledger" / "0001.parquet").touch()
    with pytest.raises(PseudonymKeyMissing, match=r"pseudonym\.key is gone"):
        load_secret(settings)


def test_a_home_that_has_run_refuses_a_second_key(settings):
    remember(settings, fingerprint(load_secret(settings)))
    (settings.home / "pseudonym.key").unlink()
    with pytest.raises(PseudonymKeyMissing, match=r"every customer_id changes\. To change the key on purpose"):
        load_secret(settings)


def test_find_secret_creates_no_key(settings):
    assert find_secret(settings) is None
    assert not list(settings.home.iterdir())


def test_a_fingerprint_identifies_a_key_without_revealing_it():
    assert fingerprint(b"k" * 16) == fingerprint(b"k" * 16) != fingerprint(b"l" * 16)
    assert "kkkk" not in fingerprint(b"k" * 16)
