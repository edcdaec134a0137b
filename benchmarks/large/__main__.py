"""`python -m benchmarks.large`: stages at several sizes, the next day after history has doubled, a backfill."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

import click

from benchmarks.large.bare import bare_scores, bare_sql
from benchmarks.large.next_day import BACKFILL_DAYS, backfill, next_day
from benchmarks.large.sample import Cost
from benchmarks.large.stages import WHOLE, measure_command
from benchmarks.large.table import Costs, draw, stage_table
from benchmarks.measure import measure, tierhouse_command
from pipelines.demo.config import DemoConfig
from pipelines.home.settings import PROJECT_ROOT

LEADS = (62_500, 250_000, 1_000_000)
NEXT_DAY_LEADS = 62_500
BACKFILL_LEADS = 8_000
DAY = DemoConfig().last_day
CHART = PROJECT_ROOT / "docs" / "images" / "large.svg"
ONCE, DOUBLED = "once", "doubled"
BARE_SQL, BARE_SCORES = "compiled SQL in bare DuckDB", "scoring alone"


@click.command(context_settings={"help_option_names": ["-h", "--help"]}, epilog="Example: --leads 62500 --leads 250000")
@click.option("--leads", "sizes", multiple=True, default=LEADS, show_default=True, help="Sizes to measure.")
@click.option(
    "--kept", type=click.Path(path_type=Path), help="Keep the figures here; a repeated run measures the rest."
)
@click.option("--folder", type=click.Path(path_type=Path), help="Folder of the homes. Default: one that is removed.")
def main(sizes: tuple[int, ...], kept: Path | None, folder: Path | None) -> None:
    """Print seconds, processor seconds, memory and growth of each stage, and draw them."""
    with tempfile.TemporaryDirectory(prefix="tierhouse-large-") as temporary:
        figures = Figures(kept, folder or Path(temporary))
        trainings = {size: figures.of(f"train {size}", _train) for size in sizes}
        days = {size: figures.of(f"day {size}", _day) for size in sizes}
        _print("Training", trainings)
        _print("The day", days)
        for size in sizes:
            _print_ratio(size, days[size])
        once, twice = (figures.of(f"next-day {NEXT_DAY_LEADS} {past}", _next_day) for past in (ONCE, DOUBLED))
        _print_next_day(once, twice)
        one, many = (figures.of(f"backfill {BACKFILL_LEADS}", _backfill)[name] for name in ("one", "many"))
        print(
            f"\nBackfill of {BACKFILL_DAYS} days: {many.seconds:.1f} s, one day {one.seconds:.1f} s, "
            f"{many.seconds / one.seconds:.1f} × (processor {many.cpu_seconds / one.cpu_seconds:.1f} ×)"
        )
        draw({size: {**trainings[size], **days[size]} for size in sizes}, (WHOLE, BARE_SQL, BARE_SCORES), CHART)
        print(f"\nchart: {CHART}")


class Figures:
    """Measured costs by name, read from and written to a file, if there is one."""

    def __init__(self, kept: Path | None, folder: Path) -> None:
        self.kept, self.folder = kept, folder
        known = json.loads(kept.read_text(encoding="utf-8")) if kept and kept.exists() else {}
        self.costs = {name: {stage: Cost(**cost) for stage, cost in costs.items()} for name, costs in known.items()}

    def of(self, name: str, measured: Callable[[Path, str], dict[str, Cost]]) -> dict[str, Cost]:
        """Return known costs, or measure them and keep them."""
        if name not in self.costs:
            print(f"measuring {name}", flush=True)
            self.costs[name] = measured(self.folder, name)
            if self.kept:
                plain = {
                    key: {stage: asdict(cost) for stage, cost in costs.items()} for key, costs in self.costs.items()
                }
                self.kept.write_text(json.dumps(plain, indent=1), encoding="utf-8")
        return self.costs[name]


def _home(folder: Path, leads: int) -> Path:
    """Return the home of a size, with its raw files."""
    home = folder / f"home-{leads}"
    if not (home / "sources").exists():
        command = [tierhouse_command("tierhouse"), "demo", "--preset", "large", "--leads", str(leads), "--only-files"]
        measure(command, folder / "log.txt", {"TIERHOUSE_HOME": str(home)})
    return home


def _train(folder: Path, name: str) -> dict[str, Cost]:
    leads = int(name.split()[1])
    return measure_command(_home(folder, leads), folder / f"train-{leads}.log", "train", "--as-of", str(DAY))


def _day(folder: Path, name: str) -> dict[str, Cost]:
    """Grade a day whose rows have been loaded by the training; then the same work without Tierhouse."""
    leads = int(name.split()[1])
    home, bare = _home(folder, leads), folder / f"bare-{leads}"
    costs = measure_command(home, folder / f"day-{leads}.log", "run", "--as-of", str(DAY))
    bare.mkdir(exist_ok=True)
    costs |= {BARE_SQL: bare_sql(home, bare), BARE_SCORES: bare_scores(home, bare, DAY)}
    shutil.rmtree(bare)
    return costs


def _next_day(folder: Path, name: str) -> dict[str, Cost]:
    _, leads, past = name.split()
    return next_day(_home(folder, int(leads)), folder / f"next-day-{past}", DAY, doubled=past == DOUBLED)


def _backfill(folder: Path, name: str) -> dict[str, Cost]:
    one, many = backfill(folder / "backfill", int(name.split()[1]), DAY)
    return {"one": one, "many": many}


def _print(title: str, by_size: Mapping[int, Costs]) -> None:
    print(f"\n### {title}\n\n{stage_table(by_size)}")


def _print_ratio(leads: int, costs: Costs) -> None:
    bare = costs[BARE_SQL] + costs[BARE_SCORES]
    seconds, processor = costs[WHOLE].seconds / bare.seconds, costs[WHOLE].cpu_seconds / bare.cpu_seconds
    print(f"{leads:,} leads: whole day {seconds:.2f} × (compiled SQL + scoring), processor {processor:.2f} ×")


def _print_next_day(once: Costs, twice: Costs) -> None:
    print(f"\n### The next day, {NEXT_DAY_LEADS:,} leads, processor seconds\n")
    print("| stage | once | history doubled | ratio |\n|---|---:|---:|---:|")
    for stage in once:
        before, after = once[stage].cpu_seconds, twice[stage].cpu_seconds
        print(f"| {stage} | {before:.1f} | {after:.1f} | {after / max(before, 0.01):.2f} |")


if __name__ == "__main__":
    main()
