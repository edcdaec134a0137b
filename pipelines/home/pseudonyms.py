"""Published ids: the HMAC of the customer key under the key of the home."""

from __future__ import annotations

import hashlib
import hmac

ID_LENGTH = 32
BLOCK_SIZE = 64
"""Bytes of a block of SHA-256."""
PSEUDONYM = f"left(sha256($outer_key::BLOB || unhex(sha256($inner_key::BLOB || encode(customer_key)))), {ID_LENGTH})"
"""`pseudonym` of the column `customer_key` as SQL, with the parameters of `hmac_parameters`."""


def pseudonym(customer_key: str, secret: bytes) -> str:
    """Return the first 128 bits of HMAC-SHA-256(secret, customer_key) in hexadecimal."""
    return hmac.new(secret, customer_key.encode(), hashlib.sha256).hexdigest()[:ID_LENGTH]


def hmac_parameters(secret: bytes) -> dict[str, bytes]:
    """Return the inner and the outer key of HMAC-SHA-256 (RFC 2104), the parameters of `PSEUDONYM`."""
    key = hashlib.sha256(secret).digest() if len(secret) > BLOCK_SIZE else secret
    block = key.ljust(BLOCK_SIZE, b"\0")
    return {"inner_key": bytes(byte ^ 0x36 for byte in block), "outer_key": bytes(byte ^ 0x5C for byte in block)}
