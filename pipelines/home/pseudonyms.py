"""Published ids: the HMAC of the customer key under the key of the home."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

ID_LENGTH = 32


def pseudonym(customer_key: str, secret: bytes) -> str:
    """Return the first 128 bits of HMAC-SHA-256(secret, customer_key) in hexadecimal."""
    return hmac.new(secret, customer_key.encode(), hashlib.sha256).hexdigest()[:ID_LENGTH]


def pseudonyms(customer_keys: Iterable[str], secret: bytes) -> list[str]:
    return [pseudonym(key, secret) for key in customer_keys]
