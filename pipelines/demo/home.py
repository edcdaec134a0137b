"""The demo as a home: its raw files, its truth beside them, its mapping among the sources."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

from pipelines.demo.config import DemoConfig
from pipelines.demo.generate import generate
from pipelines.settings import Settings

MAPPING = Path(__file__).with_name("mapping.yml")


class HomeInUse(RuntimeError):
    """The home holds something that a demo must not be mixed with."""


def make_demo(settings: Settings, leads: int, say: Callable[[str], None]) -> date:
    """Generate the demo's files in the home and map them. Returns the last day.

    Raises HomeInUse where the home has sources of its own, or a demo of another size.
    """
    others = sorted(path.name for path in settings.sources_dir.glob("*.yml") if path.name != "demo.yml")
    if others:
        raise HomeInUse(f"{settings.sources_dir} holds {', '.join(others)}: run the demo with another TIERHOUSE_HOME")
    size = settings.home / "demo" / ".leads"
    if size.exists() and int(size.read_text()) != leads:
        raise HomeInUse(
            f"{settings.home} holds a demo of {int(size.read_text()):,} leads: remove it, or set another TIERHOUSE_HOME"
        )
    summary = generate(DemoConfig(leads=leads), settings.home / "demo", settings.home / "demo_truth", say)
    size.write_text(str(leads))
    settings.sources_dir.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(MAPPING, settings.sources_dir / "demo.yml")
    return summary.last_day
