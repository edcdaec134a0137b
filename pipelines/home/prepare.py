"""Checks before a run writes to a home: the home is private, and its settings have not changed."""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from pipelines.errors import TierhouseError
from pipelines.home.key import find_secret, home_fingerprint, load_secret, pseudonym
from pipelines.home.modes import close_home
from pipelines.home.remembered import MEANING, SettingsChanged, assert_unchanged, read_remembered, remember
from pipelines.home.settings import Settings
from pipelines.home.warehouse import connect


class ErasureUnfinished(TierhouseError):
    """An erasure was interrupted after it had begun to change files."""


def check_home(settings: Settings, say: Callable[[str], None]) -> None:
    """Remove the access of other accounts, and compare the settings with those in `home.json`.

    Raises HomeOpen; SettingsChanged; PseudonymKeyMissing and PseudonymKeyRefused; ErasureUnfinished.
    """
    if (settings.erasing / "plan.json").exists():
        raise ErasureUnfinished("an erasure was interrupted: finish it with `tierhouse erase --resume`, and run again")
    if changed := close_home(settings):
        say(changed)
    secret = find_secret(settings)
    assert_unchanged(settings, home_fingerprint(settings))
    if secret and "pseudonym_key" not in read_remembered(settings):
        _assert_ids_made_with(settings, secret)


def take_home(settings: Settings, say: Callable[[str], None]) -> None:
    """Check the home for a run. A new home gets its key and its `home.json`. Raises as `check_home` does."""
    check_home(settings, say)
    load_secret(settings)
    remember(settings, str(home_fingerprint(settings)))


def _assert_ids_made_with(settings: Settings, secret: bytes) -> None:
    """Raise SettingsChanged if the pseudonyms in `restricted.duckdb` come from another key."""
    if not settings.restricted.exists():
        return
    with connect(settings.restricted, settings, read_only=True) as connection:
        try:
            row = connection.execute("SELECT customer_key, customer_id FROM directory LIMIT 1").fetchone()
        except duckdb.CatalogException:
            row = None
    if row and pseudonym(row[0], secret) != row[1]:
        raise SettingsChanged(
            f"{settings.restricted} was made with another key than that of TIERHOUSE_PSEUDONYM_KEY or pseudonym.key: "
            f"{MEANING['pseudonym_key']}. Restore the old key. Or, to change it on purpose: "
            "tierhouse settings --accept REASON"
        )
