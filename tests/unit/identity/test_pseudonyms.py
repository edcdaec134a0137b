"""Published ids: stable under a key, unlinkable without it, and never silently under another key."""

import hashlib
import hmac
import stat

import pytest

from pipelines.identity.pseudonyms import PseudonymKeyMissing, load_secret, pseudonym
from pipelines.settings import Settings


def test_a_pseudonym_is_the_hmac_of_the_key():
    assert pseudonym("web:1", b"k" * 16) == hmac.new(b"k" * 16, b"web:1", hashlib.sha256).hexdigest()[:32]
    assert pseudonym("web:1", b"k" * 16) != pseudonym("web:1", b"l" * 16)


def test_a_new_home_gets_a_key_that_only_its_owner_reads(tmp_path):
    settings = Settings(home=tmp_path, pseudonym_key=None)
    secret = load_secret(settings)
    assert load_secret(settings) == secret
    assert stat.S_IMODE((tmp_path / "pseudonym.key").stat().st_mode) == 0o600


def test_the_key_of_the_settings_comes_first(tmp_path):
    assert load_secret(Settings(home=tmp_path, pseudonym_key="a secret of settings")) == b"a secret of settings"
    assert not (tmp_path / "pseudonym.key").exists()


def test_a_home_that_has_published_refuses_a_second_key(tmp_path):
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger" / "0001.parquet").touch()
    with pytest.raises(PseudonymKeyMissing, match=r"pseudonym\.key is gone"):
        load_secret(Settings(home=tmp_path, pseudonym_key=None))
