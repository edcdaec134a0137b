"""`python -m benchmarks.identity`: how right the customers are, how long they take, and the training of the weights."""

from __future__ import annotations

import resource
import time
from pathlib import Path

import click

from benchmarks.identity.accuracy import Accuracy, accuracy, measure
from benchmarks.identity.train import SEEDS, train
from benchmarks.identity.worlds import files_world, resolve_staged, worlds
from pipelines.demo.config import DemoConfig

JUDGES = tuple(DemoConfig().seed + number for number in range(5))
"""Seeds that judge, those of `make evaluate`. No weight and no threshold was chosen on them."""
BARS = Accuracy(precision=0.995, recall=0.97)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Measure identity on demo worlds, whose true persons are known."""


@main.command("accuracy")
@click.option("--leads", default=8000, show_default=True, help="Leads of a world.")
@click.option("--seed", "seeds", multiple=True, type=int, default=JUDGES, show_default=True)
def accuracy_command(leads: int, seeds: tuple[int, ...]) -> None:
    """Print pairwise precision and recall by seed and preset, and the worst of them."""
    found = []
    for seed in seeds:
        for name, world in worlds(seed, leads):
            found.append(measure(world))
            click.echo(f"{name:9s} seed {seed}: {found[-1]}")
    worst = Accuracy(min(one.precision for one in found), min(one.recall for one in found))
    click.echo(f"worst: precision {worst.precision:.4f} (bar {BARS.precision}), ", nl=False)
    click.echo(f"recall {worst.recall:.4f} (bar {BARS.recall})")


@main.command("speed")
@click.argument("home", type=click.Path(exists=True, file_okay=False, path_type=Path))
def speed_command(home: Path) -> None:
    """Resolve the leads of a demo of many files, such as `tierhouse demo --preset large` writes."""
    with files_world(home) as connection:
        records = connection.execute("SELECT count(*) FROM staging.stg_landing__leads").fetchall()[0][0]
        wall, processor = time.perf_counter(), time.process_time()
        resolve_staged(connection)
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        click.echo(f"{records:,} records: {wall:.1f} s, {processor:.1f} processor seconds, {peak:.2f} GB")
        click.echo(str(accuracy(connection)))


@main.command("train")
def train_command() -> None:
    """Train the stored weights again, on seeds that judge nothing."""
    model = train()
    click.echo(f"trained on seeds {', '.join(map(str, SEEDS))}")
    for comparison in model["comparisons"]:
        levels = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
        ratios = ", ".join(f"{level['m_probability'] / level['u_probability']:.3g}" for level in levels)
        click.echo(f"{comparison['output_column_name']:12s} m/u by level: {ratios}")


if __name__ == "__main__":
    main()
