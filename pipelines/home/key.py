"""The key of a home: made once, kept in the home or in the environment, never changed without a word."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from pipelines.errors import TierhouseError
from pipelines.home.durable import move_into_place
from pipelines.home.remembered import read_remembered
from pipelines.home.settings import KEY_LENGTH, Settings


class PseudonymKeyMissing(TierhouseError):
    """A home that has made ids before lacks the key under which it did."""


class PseudonymKeyRefused(TierhouseError):
    """The key is too short to keep ids apart from what they stand for."""


def fingerprint(secret: bytes) -> str:
    """What tells keys apart and does not show them."""
    return hmac.new(secret, b"tierhouse: fingerprint of the key", hashlib.sha256).hexdigest()[:16]


def key_file(settings: Settings) -> Path:
    return settings.home / "pseudonym.key"


def find_secret(settings: Settings) -> bytes | None:
    """The key from TIERHOUSE_PSEUDONYM_KEY, else from `<home>/pseudonym.key`; None where there is none yet.

    Raises PseudonymKeyRefused for a key that is too short, PseudonymKeyMissing where the home has made ids with a key
    that is not there: all customers would change their ids.
    """
    if settings.pseudonym_key:
        return settings.pseudonym_key.get_secret_value().encode()
    file = key_file(settings)
    if file.exists():
        secret = file.read_bytes()
        if len(secret.strip()) < KEY_LENGTH:
            raise PseudonymKeyRefused(
                f"{file} holds {len(secret.strip())} characters, expected at least {KEY_LENGTH}: put it back from your "
                "backup; if this home has published nothing yet, delete the file and run again"
            )
        return secret
    if "pseudonym_key" in read_remembered(settings) or _has_published(settings):
        raise PseudonymKeyMissing(
            f"{file} is gone, and {settings.home} has published ids made with it: put the file back, or set "
            "TIERHOUSE_PSEUDONYM_KEY to its content. Without it every customer_id changes; to go on so, make a new "
            f"{file.name} and run `tierhouse settings --accept REASON`"
        )
    return None


def load_secret(settings: Settings) -> bytes:
    """The key; a home that has none yet gets one, readable by its owner alone. Raises as `find_secret` does."""
    return find_secret(settings) or _make(key_file(settings))


def _has_published(settings: Settings) -> bool:
    return any(settings.ledger.rglob("*.parquet")) or (settings.published / "current").exists()


def _make(file: Path) -> bytes:
    """A kill leaves no file or the whole key."""
    secret = secrets.token_hex(32).encode()
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f".{file.name}.partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
        handle.write(secret)
    move_into_place(partial, file)
    return secret
