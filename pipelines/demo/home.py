"""Creates the demo in a home: raw files, truth and mapping."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipelines.demo.continuation import generate_continued
from pipelines.demo.days import DemoEnds
from pipelines.demo.generate import generate
from pipelines.demo.parts import generate_parts
from pipelines.demo.presets import Preset
from pipelines.errors import TierhouseError
from pipelines.home.days import LAST_DAY_FILE
from pipelines.home.settings import Settings

MAPPING = Path(__file__).with_name("mapping.yml")


class HomeInUse(TierhouseError):
    """The home has other sources or another demo."""


def make_demo(settings: Settings, preset: Preset, say: Callable[[str], None]) -> DemoEnds:
    """Generate the files of a preset and the mapping in a home.

    `say` gets progress messages. Raises HomeInUse if the home has other sources or another demo.
    """
    others = [path.name for path in settings.mapping_files if path.name != "demo.yml"]
    if others:
        raise HomeInUse(
            f"{settings.sources_dir} has other sources ({', '.join(others)}): set TIERHOUSE_HOME to another folder"
        )
    config, raw = preset.config, settings.home / "demo"
    description, note = f"{preset.name}, {config.leads:,} leads, seed {config.seed}", raw / ".preset"
    if note.exists() and note.read_text() != description:
        raise HomeInUse(
            f"{settings.home} has another demo ({note.read_text()}): remove it, or set TIERHOUSE_HOME to another folder"
        )
    generators = {"large": generate_parts, "drifted": generate_continued}
    summary = generators.get(preset.name, generate)(config, raw, settings.home / "demo_truth", say)
    note.write_text(description)
    (raw / LAST_DAY_FILE).write_text(str(summary.last_day))
    settings.sources_dir.mkdir(parents=True, exist_ok=True)
    (settings.sources_dir / "demo.yml").write_text(mapping_of(preset), encoding="utf-8")
    return DemoEnds(config.last_day, summary.last_day)


def mapping_of(preset: Preset) -> str:
    """The demo's mapping with the file names of the preset."""
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
