"""Published ids: stable under a key, unlinkable without it."""

import hashlib
import hmac

import duckdb
import pytest

from pipelines.home.key import PSEUDONYM, hmac_parameters, pseudonym


def test_a_pseudonym_is_the_hmac_of_the_key():
    assert pseudonym("web:1", b"k" * 16) == hmac.new(b"k" * 16, b"web:1", hashlib.sha256).hexdigest()[:32]
    assert pseudonym("web:1", b"k" * 16) != pseudonym("web:1", b"l" * 16)


@pytest.mark.parametrize("secret", [b"k" * 16, b"k" * 64, b"\x00\xff" * 50], ids=["short", "block", "long"])
def test_sql_makes_the_same_pseudonym(secret: bytes):
    query = f"SELECT {PSEUDONYM} FROM (VALUES ('web:1'), ('门店:2'), ('')) AS customers (customer_key)"
    found = duckdb.execute(query, hmac_parameters(secret)).fetchall()
    assert found == [(pseudonym(key, secret),) for key in ("web:1", "门店:2", "")]
