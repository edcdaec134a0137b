"""The last day of the demo's files. Schedules grade no later day, because every customer would look silent."""

from __future__ import annotations

from datetime import date

from pipelines.home.settings import Settings

LAST_DAY_FILE = ".last_day"
"""The file with that day, in the folder of the demo's raw files."""


def demo_ends_before(settings: Settings, day: date) -> date | None:
    """Return the last day of the demo's files if the home has no other source and `day` is later, else None."""
    file = settings.home / "demo" / LAST_DAY_FILE
    if not file.exists() or [path.stem for path in settings.mapping_files] != ["demo"]:
        return None
    last = date.fromisoformat(file.read_text())
    return last if last < day else None
