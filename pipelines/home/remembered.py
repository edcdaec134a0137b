"""`home.json`: the settings with which the results of a home were made. Another value is refused, not taken up.

Rules, mappings and models have versions of their own; these settings change results and stand in no version.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from pipelines.errors import TierhouseError
from pipelines.home.durable import write_atomically
from pipelines.home.settings import Settings

MEANING = {
    "timezone": "every day begins and ends at another time, so a day that is graded again has other results",
    "phone_region": "phones without a country code become other numbers, so other records become one customer",
    "shared_key_limit": "other phones and e-mails count as an office's, so other records become one customer",
    "pseudonym_key": "every customer_id and case_id changes, and so do the ids of records that have none in their "
    "file: nothing published before can be joined with what is published from now on",
}
"""What a change of each setting does to results."""


class SettingsChanged(TierhouseError):
    """A setting differs from the one with which the home's results were made."""


class HomeUnreadable(TierhouseError):
    """`home.json` is not what tierhouse wrote."""


def home_file(settings: Settings) -> Path:
    return settings.home / "home.json"


def read_remembered(settings: Settings) -> dict[str, object]:
    """Setting → value, of the key its fingerprint; empty in a home without runs. Raises HomeUnreadable."""
    return _read(settings)["settings"]


def present(settings: Settings, key: str | None) -> dict[str, object]:
    """The settings as they are now. `key`: the fingerprint of the key, None where there is no key yet."""
    now = {name: getattr(settings, name) for name in MEANING if name != "pseudonym_key"}
    return now | ({"pseudonym_key": key} if key else {})


def changes(settings: Settings, key: str | None) -> dict[str, tuple[object, object]]:
    """Setting → what the home remembers, and what it is now; only those that differ."""
    remembered, now = read_remembered(settings), present(settings, key)
    return {name: (remembered[name], now[name]) for name in now if remembered.get(name, now[name]) != now[name]}


def assert_unchanged(settings: Settings, key: str | None) -> None:
    """Raises SettingsChanged, which says what each change means and how to make it on purpose."""
    changed = changes(settings, key)
    if not changed:
        return
    told = [
        f"TIERHOUSE_{name.upper()} is another key than the one of this home: {MEANING[name]}"
        if name == "pseudonym_key"
        else f"TIERHOUSE_{name.upper()} is {now}, and this home was made with {before}: {MEANING[name]}"
        for name, (before, now) in changed.items()
    ]
    raise SettingsChanged(
        "; ".join(told) + ". Set it back; or, to change it on purpose: tierhouse settings --accept REASON, "
        "and grade again the days that matter"
    )


def remember(settings: Settings, key: str) -> None:
    """Write down what the home does not remember yet. Raises SettingsChanged where it remembers something else."""
    assert_unchanged(settings, key)
    content = _read(settings)
    known = present(settings, key) | content["settings"]
    if known != content["settings"]:
        _write(settings, {**content, "settings": known})


def accept(settings: Settings, key: str | None, reason: str, at: datetime) -> dict[str, tuple[object, object]]:
    """Remember the present settings instead, and the change with its reason. Returns the changes."""
    changed, content = changes(settings, key), _read(settings)
    known = content["settings"] | present(settings, key)
    if known != content["settings"]:
        entry = {"at": at.isoformat(timespec="seconds"), "reason": reason, "changed": changed}
        _write(settings, {"settings": known, "changes": [*content["changes"], entry]})
    return changed


def _read(settings: Settings) -> dict:
    file = home_file(settings)
    if not file.exists():
        return {"settings": {}, "changes": []}
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(content["settings"], dict) or not isinstance(content["changes"], list):
            raise TypeError
    except (ValueError, KeyError, TypeError) as error:
        raise HomeUnreadable(
            f"{file}: expected the settings that this home remembers, found something else: put it back from your "
            "backup"
        ) from error
    return content


def _write(settings: Settings, content: dict) -> None:
    write_atomically(home_file(settings), (json.dumps(content, indent=2, sort_keys=True) + "\n").encode())
