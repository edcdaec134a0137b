"""What holds before anything is written to a home: it is private, and its settings are those of before."""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from pipelines.home.key import find_secret, fingerprint, load_secret
from pipelines.home.modes import close_home
from pipelines.home.pseudonyms import pseudonym
from pipelines.home.remembered import MEANING, SettingsChanged, assert_unchanged, read_remembered, remember
from pipelines.home.settings import Settings
from pipelines.home.warehouse import connect


def check_home(settings: Settings, say: Callable[[str], None]) -> None:
    """Close the home to other accounts, and compare the settings with those that it remembers.

    Raises HomeOpen; SettingsChanged; PseudonymKeyMissing and PseudonymKeyRefused.
    """
    if changed := close_home(settings):
        say(changed)
    secret = find_secret(settings)
    assert_unchanged(settings, fingerprint(secret) if secret else None)
    if secret and "pseudonym_key" not in read_remembered(settings):
        _assert_made_with(settings, secret)


def take_home(settings: Settings, say: Callable[[str], None]) -> None:
    """As `check_home`, for a run: a new home gets its key, and remembers its settings from now on."""
    check_home(settings, say)
    remember(settings, fingerprint(load_secret(settings)))


def _assert_made_with(settings: Settings, secret: bytes) -> None:
    """In a home that does not remember its key, the pseudonyms of the restricted file show it."""
    if not settings.restricted.exists():
        return
    with connect(settings.restricted, settings, read_only=True) as connection:
        try:
            made = connection.execute("SELECT customer_key, customer_id FROM directory LIMIT 1").fetchone()
        except duckdb.CatalogException:
            made = None
    if made and pseudonym(made[0], secret) != made[1]:
        raise SettingsChanged(
            f"{settings.restricted} was made with another key than TIERHOUSE_PSEUDONYM_KEY or pseudonym.key holds: "
            f"{MEANING['pseudonym_key']}. Put the old key back; or, to change it on purpose: "
            "tierhouse settings --accept REASON"
        )
