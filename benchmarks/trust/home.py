"""Makes a demo home of a preset and seed by the command line, and measures it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from benchmarks.measure import measure, tierhouse_command
from benchmarks.trust.figures import figures_of
from benchmarks.trust.grades import OUTCOME_DAYS, grade_figures, read_performance
from benchmarks.trust.levels import level_figures, read_levels
from benchmarks.trust.personas import kept_share, read_personas
from pipelines.demo.presets import preset as preset_of
from pipelines.home.settings import Settings

Say = Callable[[str], None]


def measure_home(folder: Path, preset: str, seed: int, days: int, say: Say) -> dict[str, float]:
    """Make the home in `folder` and return its figures.

    With `days`, the figures include changes of levels and personas over that many days, and the value of grades. Grades
    and levels come from models that were trained before these days. Raises ContestantFailed if a command fails.
    """
    settings, config = Settings(home=folder), preset_of(preset, seed=seed).config
    last, leads = config.last_day, str(config.leads)
    _tierhouse(settings, say, "demo", "--preset", preset, "--leads", leads, "--seed", str(seed), "--only-files")
    figures: dict[str, float] = {}
    if days:
        graded_on, first = last - timedelta(days=OUTCOME_DAYS), last - timedelta(days=days)
        _tierhouse(settings, say, "train", "--as-of", str(graded_on))
        _tierhouse(settings, say, "backfill", str(graded_on), str(graded_on))
        _tierhouse(settings, say, "train", "--as-of", str(first))
        _tierhouse(settings, say, "backfill", str(first), str(last))
        levels = read_levels(settings)
        say(f"levels of the engaged alone: {level_figures(levels[levels['is_engaged']])}")
        figures |= level_figures(levels) | {"personas_kept": kept_share(read_personas(settings))}
        figures |= grade_figures(read_performance(settings, graded_on))
    _tierhouse(settings, say, "train", "--as-of", str(last))
    return figures | figures_of(settings, last, say)


def _tierhouse(settings: Settings, say: Say, *arguments: str) -> None:
    command = " ".join(arguments)
    say(f"tierhouse {command} ...")
    measured = measure(
        [tierhouse_command("tierhouse"), *arguments],
        settings.home.with_suffix(".log"),
        {"TIERHOUSE_HOME": str(settings.home)},
    )
    say(f"tierhouse {command}: {measured.seconds:.0f} s, peak {measured.peak_mib:,.0f} MiB")
