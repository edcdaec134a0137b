"""The key of a home, and the ids made under it. Its file is written once; a change must be accepted."""

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

ID_LENGTH = 32
BLOCK_SIZE = 64
"""Bytes of a block of SHA-256."""
PSEUDONYM = f"left(sha256($outer_key::BLOB || unhex(sha256($inner_key::BLOB || encode(customer_key)))), {ID_LENGTH})"
"""`pseudonym` of the column `customer_key` as SQL, with the parameters of `hmac_parameters`."""


class PseudonymKeyMissing(TierhouseError):
    """The home has published ids, and the key that made them is missing."""


class PseudonymKeyRefused(TierhouseError):
    """The key is too short."""


def fingerprint(secret: bytes) -> str:
    """Return a short digest that identifies the key without revealing it."""
    return hmac.new(secret, b"tierhouse: fingerprint of the key", hashlib.sha256).hexdigest()[:16]


def pseudonym(customer_key: str, secret: bytes) -> str:
    """Return the first 128 bits of HMAC-SHA-256(secret, customer_key) in hexadecimal."""
    return hmac.new(secret, customer_key.encode(), hashlib.sha256).hexdigest()[:ID_LENGTH]


def hmac_parameters(secret: bytes) -> dict[str, bytes]:
    """Return the inner and the outer key of HMAC-SHA-256 (RFC 2104), the parameters of `PSEUDONYM`."""
    key = hashlib.sha256(secret).digest() if len(secret) > BLOCK_SIZE else secret
    block = key.ljust(BLOCK_SIZE, b"\0")
    return {"inner_key": bytes(byte ^ 0x36 for byte in block), "outer_key": bytes(byte ^ 0x5C for byte in block)}


def key_file(settings: Settings) -> Path:
    return settings.home / "pseudonym.key"


def find_secret(settings: Settings) -> bytes | None:
    """Return the key from TIERHOUSE_PSEUDONYM_KEY or `<home>/pseudonym.key`, or None for a new home.

    Raises PseudonymKeyRefused if the key is too short. Raises PseudonymKeyMissing if the home has published ids and its
    key is missing: with a new key the ids of all customers would change.
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
            "TIERHOUSE_PSEUDONYM_KEY to its content. With another key every customer_id changes. To change the key on "
            f"purpose, create a new {file.name} and run `tierhouse settings --accept REASON`"
        )
    return None


def published_secrets(settings: Settings) -> list[bytes]:
    """Return the keys that have made a `customer_id`, oldest first: the key of the home, and those of rotations.

    The last one makes the ids of the next run. Raises as `find_secret` does.
    """
    file = settings.published_keys
    rotated = file.read_bytes().split() if file.exists() else []
    return [load_secret(settings), *rotated]


def published_secret(settings: Settings) -> bytes:
    """Return the key that makes each `customer_id`. Raises as `find_secret` does."""
    return published_secrets(settings)[-1]


def home_fingerprint(settings: Settings) -> str | None:
    """Return the fingerprint of all keys of the home as `home.json` has it; None for a home without a key.

    Raises as `find_secret` does.
    """
    secret = find_secret(settings)
    if secret is None:
        return None
    return fingerprint(b"\n".join(published_secrets(settings)))


def rotate(settings: Settings) -> None:
    """Add a new key for `customer_id`. The key of the home stays: it makes ids that no rotation may change."""
    before = settings.published_keys.read_bytes() if settings.published_keys.exists() else b""
    _write_key(settings.published_keys, before + secrets.token_hex(32).encode() + b"\n")


def load_secret(settings: Settings) -> bytes:
    """Return the key. Create it in a new home, readable by its owner only. Raises as `find_secret` does."""
    return find_secret(settings) or _create_key(key_file(settings))


def _has_published(settings: Settings) -> bool:
    return any(settings.ledger.rglob("*.parquet")) or (settings.published / "current").exists()


def _create_key(file: Path) -> bytes:
    secret = secrets.token_hex(32).encode()
    _write_key(file, secret)
    return secret


def _write_key(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f".{file.name}.partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
        handle.write(content)
    move_into_place(partial, file)
