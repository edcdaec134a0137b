"""Published ids: stable under a key, unlinkable without it."""

import hashlib
import hmac

from pipelines.home.pseudonyms import pseudonym


def test_a_pseudonym_is_the_hmac_of_the_key():
    assert pseudonym("web:1", b"k" * 16) == hmac.new(b"k" * 16, b"web:1", hashlib.sha256).hexdigest()[:32]
    assert pseudonym("web:1", b"k" * 16) != pseudonym("web:1", b"l" * 16)
