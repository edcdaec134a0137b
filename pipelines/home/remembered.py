"""`home.json`: the settings that the results of a home depend on. A run with other values is refused.

Rules, mappings and models have versions. These settings have none, although they change results.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.errors import TierhouseError
from pipelines.home.durable import write_atomically
from pipelines.home.settings import Settings

MEANING = {
    "timezone": "every day begins and ends at another time, so a day that is graded again has other results",
    "phone_region": "phones without a country code become other numbers, so other records become one customer",
    "shared_key_limit": "other phones and e-mails count as an office's, so other records become one customer",
    "pseudonym_key": "every customer_id and case_id changes, and so do the ids of records that have none in their "
    "file: earlier publications cannot be joined with later ones",
}
"""Setting → what a change of it does to results."""


class SettingsChanged(TierhouseError):
    """A setting differs from the value in `home.json`."""


class HomeUnreadable(TierhouseError):
    """`home.json` is damaged."""


def home_file(settings: Settings) -> Path:
    return settings.home / "home.json"


def read_remembered(settings: Settings) -> dict[str, object]:
    """Return setting → value from `home.json`, with the fingerprint for the key; empty for a new home.

    Raises HomeUnreadable.
    """
    return _read(settings)["settings"]


def current_settings(settings: Settings, key: str | None) -> dict[str, object]:
    """Return setting → current value. `key`: the fingerprint of the key, or None if there is no key yet."""
    now = {name: getattr(settings, name) for name in MEANING if name != "pseudonym_key"}
    return now | ({"pseudonym_key": key} if key else {})


def changes(settings: Settings, key: str | None) -> dict[str, tuple[object, object]]:
    """Return setting → (value in `home.json`, current value) of the settings that differ."""
    remembered, now = read_remembered(settings), current_settings(settings, key)
    return {name: (remembered[name], now[name]) for name in now if remembered.get(name, now[name]) != now[name]}


def assert_unchanged(settings: Settings, key: str | None) -> None:
    """Raise SettingsChanged if a setting differs. The message says what the change means and how to accept it."""
    changed = changes(settings, key)
    if not changed:
        return
    lines = [
        f"TIERHOUSE_{name.upper()} is another key than the one of this home: {MEANING[name]}"
        if name == "pseudonym_key"
        else f"TIERHOUSE_{name.upper()} is {now}, and this home was made with {before}: {MEANING[name]}"
        for name, (before, now) in changed.items()
    ]
    raise SettingsChanged(
        "; ".join(lines) + ". Restore the old value. Or, to change it on purpose: tierhouse settings --accept REASON, "
        "and grade again the days that matter"
    )


def remember(settings: Settings, key: str) -> None:
    """Add settings to `home.json` that it does not have yet. Raises SettingsChanged if a setting differs."""
    assert_unchanged(settings, key)
    content = _read(settings)
    known = current_settings(settings, key) | content["settings"]
    if known != content["settings"]:
        _write(settings, {**content, "settings": known})


def accept(settings: Settings, key: str | None, reason: str, at: datetime) -> dict[str, tuple[object, object]]:
    """Write the current settings, with the changes and their reason. Returns the changes as `changes` does."""
    changed, content = changes(settings, key), _read(settings)
    known = content["settings"] | current_settings(settings, key)
    if known != content["settings"]:
        entry = {"at": at.isoformat(timespec="seconds"), "reason": reason, "changed": changed}
        _write(settings, {"settings": known, "changes": [*content["changes"], entry]})
    return changed


def _read(settings: Settings) -> dict[str, Any]:
    file = home_file(settings)
    if not file.exists():
        return {"settings": {}, "changes": []}
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(content["settings"], dict) or not isinstance(content["changes"], list):
            raise TypeError
    except (ValueError, KeyError, TypeError) as error:
        raise HomeUnreadable(
            f"{file}: expected the settings of this home, got something else: restore the file from your backup"
        ) from error
    return content


def _write(settings: Settings, content: dict[str, Any]) -> None:
    write_atomically(home_file(settings), (json.dumps(content, indent=2, sort_keys=True) + "\n").encode())
