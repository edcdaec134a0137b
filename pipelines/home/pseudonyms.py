"""Published ids: an HMAC of the customer key, under a key that stays in the home or in the environment."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

ID_LENGTH = 32


def pseudonym(customer_key: str, secret: bytes) -> str:
    """HMAC-SHA-256 of the key, its first 128 bits in hexadecimal."""
    return hmac.new(secret, customer_key.encode(), hashlib.sha256).hexdigest()[:ID_LENGTH]


def pseudonyms(customer_keys: Iterable[str], secret: bytes) -> list[str]:
    return [pseudonym(key, secret) for key in customer_keys]
