"""Published ids: an HMAC of the customer key, under a key that stays in the home or in the environment."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable

from pipelines.settings import Settings

ID_LENGTH = 32


class PseudonymKeyMissing(RuntimeError):
    """A home that has published before lacks the key under which it did."""


def pseudonym(customer_key: str, secret: bytes) -> str:
    """HMAC-SHA-256 of the key, its first 128 bits in hexadecimal."""
    return hmac.new(secret, customer_key.encode(), hashlib.sha256).hexdigest()[:ID_LENGTH]


def pseudonyms(customer_keys: Iterable[str], secret: bytes) -> list[str]:
    return [pseudonym(key, secret) for key in customer_keys]


def load_secret(settings: Settings) -> bytes:
    """The key from TIERHOUSE_PSEUDONYM_KEY, else from `<home>/pseudonym.key`.

    A home that has published nothing yet gets a key of its own, readable by its owner alone. A home that has must
    not get a second one: all its customers would change their ids. Raises PseudonymKeyMissing then.
    """
    if settings.pseudonym_key:
        return settings.pseudonym_key.encode()
    file = settings.home / "pseudonym.key"
    if file.exists():
        return file.read_bytes()
    if any(settings.ledger.rglob("*.parquet")) or (settings.published / "current").exists():
        raise PseudonymKeyMissing(
            f"{file} is gone, and {settings.home} has published ids made with it: put the file back, or set "
            "TIERHOUSE_PSEUDONYM_KEY to its content"
        )
    secret = secrets.token_hex(32).encode()
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
        handle.write(secret)
    return secret
