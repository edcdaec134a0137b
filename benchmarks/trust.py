"""`make evaluate`: every row of "Trust" with its bar, for the worst of several generator seeds, on demo and hard.

A report, not a test: a missed bar is printed and the exit code is 0.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from benchmarks.trust_bars import Figures, Row, worst_of_seeds
from benchmarks.trust_home import measure_home
from pipelines.demo.config import DemoConfig

PRESETS = ("demo", "hard")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--seeds", default=5, show_default=True, type=click.IntRange(1), help="How many generator seeds.")
@click.option("--preset", "presets", multiple=True, type=click.Choice(PRESETS), help="One of them; both if not given.")
@click.option("--days", default=30, show_default=True, type=click.IntRange(0), help="Of warning levels; 0 leaves them.")
def main(seeds: int, presets: tuple[str, ...], days: int) -> None:
    """Print how far the models can be trusted: figure, bar, and whether it is met."""
    found: dict[tuple[str, int], Figures] = {}
    for preset in presets or PRESETS:
        for number in range(seeds):
            seed = DemoConfig().seed + number
            say = _say_of(f"{preset}, seed {seed}")
            with tempfile.TemporaryDirectory(prefix="tierhouse-trust-") as folder:
                found[preset, seed] = measure_home(Path(folder) / "home", preset, seed, days, say)
            say(", ".join(f"{name} {value:.4g}" for name, value in found[preset, seed].items()))
    show(worst_of_seeds(found))


def show(rows: list[Row]) -> None:
    """Print the table, and how many bars are missed or were not measured."""
    table = Table(title="Trust: the worst of the seeds", title_justify="left")
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


def _say_of(where: str):
    started = time.monotonic()

    def say(text: str) -> None:
        click.echo(f"[{time.monotonic() - started:6.0f} s] {where}: {text}")

    return say


if __name__ == "__main__":
    main()
