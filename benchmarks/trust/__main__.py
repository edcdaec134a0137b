"""`make evaluate`: every trust figure with its bar, the worst of several generator seeds, on demo and hard.

A report, not a test: missed bars are printed, and the exit code is 0.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from benchmarks.trust.bars import Figures, Row, worst_of_seeds
from benchmarks.trust.home import measure_home
from pipelines.demo.config import DemoConfig

PRESETS = ("demo", "hard")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--seeds", default=5, show_default=True, type=click.IntRange(1), help="How many generator seeds.")
@click.option("--preset", "presets", multiple=True, type=click.Choice(PRESETS), help="One preset; both if not given.")
@click.option(
    "--days",
    default=30,
    show_default=True,
    type=click.IntRange(0),
    help="Days of levels, personas and grades; 0 skips them.",
)
@click.option("--jobs", default=2, show_default=True, type=click.IntRange(1), help="Homes measured at the same time.")
@click.option(
    "--kept", type=click.Path(path_type=Path), help="File of figures: homes in it are skipped, new ones added."
)
def main(seeds: int, presets: tuple[str, ...], days: int, jobs: int, kept: Path | None) -> None:
    """Print how far the models can be trusted: figure, bar, and whether it is met."""
    wanted = [(name, DemoConfig().seed + number) for number in range(seeds) for name in presets or PRESETS]
    measured = {home: figures for home, figures in _read(kept).items() if home in wanted}
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        futures = {pool.submit(_measure, *home, days): home for home in wanted if home not in measured}
        for future in as_completed(futures):
            measured[futures[future]] = future.result()
            if kept:
                _write(kept, _read(kept) | {futures[future]: future.result()})
    show(worst_of_seeds(measured))


def _measure(preset: str, seed: int, days: int) -> dict[str, float]:
    say = _say_of(f"{preset}, seed {seed}")
    with tempfile.TemporaryDirectory(prefix="tierhouse-trust-") as folder:
        figures = {
            name: float(value) for name, value in measure_home(Path(folder) / "home", preset, seed, days, say).items()
        }
    say(", ".join(f"{name} {value:.4g}" for name, value in figures.items()))
    return figures


def _read(kept: Path | None) -> dict[tuple[str, int], Figures]:
    if kept is None or not kept.exists():
        return {}
    homes = json.loads(kept.read_text(encoding="utf-8"))
    return {(home["preset"], home["seed"]): home["figures"] for home in homes}


def _write(kept: Path, measured: dict[tuple[str, int], Figures]) -> None:
    content = [{"preset": preset, "seed": seed, "figures": of_home} for (preset, seed), of_home in measured.items()]
    content.sort(key=lambda home: (home["preset"], home["seed"]))
    kept.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def show(rows: list[Row]) -> None:
    """Print the table, and the number of bars that are missed or not measured."""
    table = Table(title="Trust: the worst of the seeds, if not stated otherwise", title_justify="left")
    for column in ("preset", "property"):
        table.add_column(column)
    for column in ("seeds", "worst", "bar"):
        table.add_column(column, justify="right")
    table.add_column("")
    for row in rows:
        limit = f"{row.bar.sign} {row.bar.limit[row.preset]:g}"
        if row.values:
            figure, verdict = f"{row.worst:.4g}", "met" if row.is_met else "MISSED"
        else:
            figure, verdict = "", "not measured"
        table.add_row(row.preset, row.bar.what, str(len(row.values)), figure, limit, verdict)
    console = Console(width=100)
    console.print(table)
    measured = [row for row in rows if row.values]
    missed = sum(not row.is_met for row in measured)
    console.print(f"{missed} of {len(measured)} bars missed, {len(rows) - len(measured)} not measured")


def _say_of(where: str) -> Callable[[str], None]:
    started = time.monotonic()

    def say(text: str) -> None:
        click.echo(f"[{time.monotonic() - started:6.0f} s] {where}: {text}")

    return say


if __name__ == "__main__":
    main()
