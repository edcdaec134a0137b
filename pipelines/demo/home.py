"""The demo as a home: its raw files, its truth beside them, its mapping among the sources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipelines.demo.continuation import generate_continued
from pipelines.demo.generate import generate
from pipelines.demo.parts import generate_parts
from pipelines.demo.presets import Preset
from pipelines.errors import TierhouseError
from pipelines.home.demo_end import LAST_DAY_FILE
from pipelines.home.settings import Settings

MAPPING = Path(__file__).with_name("mapping.yml")


class HomeInUse(TierhouseError):
    """The home holds something that a demo must not be mixed with."""


@dataclass(frozen=True)
class DemoDays:
    """`train_through`: the last day before the market drifts, if it does. `last_day`: of the files."""

    train_through: date
    last_day: date


def make_demo(settings: Settings, preset: Preset, say: Callable[[str], None]) -> DemoDays:
    """Generate the files of a preset in the home and map them.

    Raises HomeInUse where the home has sources of its own, or another demo.
    """
    others = sorted(path.name for path in settings.sources_dir.glob("*.yml") if path.name != "demo.yml")
    if others:
        raise HomeInUse(f"{settings.sources_dir} holds {', '.join(others)}: run the demo with another TIERHOUSE_HOME")
    config, raw = preset.config, settings.home / "demo"
    described, note = f"{preset.name}, {config.leads:,} leads, seed {config.seed}", raw / ".preset"
    if note.exists() and note.read_text() != described:
        raise HomeInUse(
            f"{settings.home} holds another demo ({note.read_text()}): remove it, or set another TIERHOUSE_HOME"
        )
    ways = {"large": generate_parts, "drifted": generate_continued}
    summary = ways.get(preset.name, generate)(config, raw, settings.home / "demo_truth", say)
    note.write_text(described)
    (raw / LAST_DAY_FILE).write_text(str(summary.last_day))
    settings.sources_dir.mkdir(parents=True, exist_ok=True)
    (settings.sources_dir / "demo.yml").write_text(mapping_of(preset), encoding="utf-8")
    return DemoDays(config.last_day, summary.last_day)


def mapping_of(preset: Preset) -> str:
    """The demo's mapping, with the paths of the preset's files."""
    text = MAPPING.read_text(encoding="utf-8")
    for name in (
        "leads.csv",
        "interactions.csv.gz",
        "transactions.csv",
        "agents.csv",
        "properties.parquet",
        "costs.csv",
    ):
        text = text.replace(f"path: {name}\n", f"path: {_path(name, preset.name)}\n")
    return text


def _path(name: str, preset: str) -> str:
    table, kind = name.split(".", 1)
    if preset == "large":
        return "costs.parquet" if table == "costs" else f"{table}-*.parquet"
    return f"{table}*.{kind}" if preset == "drifted" else name
