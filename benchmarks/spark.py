"""`python -m benchmarks.spark`: the SQL stages of a day on Spark, with one executor and with more, beside DuckDB."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from benchmarks.large.sample import Cost, sampled, steps_of_last_run
from benchmarks.measure import Line, Measured, measure, show, tierhouse_command
from pipelines.demo.config import DemoConfig
from pipelines.home.settings import PROJECT_ROOT

LEADS = 62_500
EXECUTORS = (1, 2)
BAR = 0.7
"""Wanted efficiency: seconds with one executor ÷ (executors × seconds with so many)."""
STEPS: Mapping[str, str] = {"dbt_core": "core", "dbt_published": "published tables"}
"""Steps of the day whose work is SQL alone, and their names in the table."""
DAY = DemoConfig().last_day


@click.command(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: python -m benchmarks.spark --leads 250000 --executors 1 --executors 2",
)
@click.option("--leads", default=LEADS, show_default=True, help="Leads of the demo that is graded.")
@click.option(
    "--executors", multiple=True, default=EXECUTORS, show_default=True, help="Numbers of executors, one first."
)
@click.option(
    "--home",
    type=click.Path(exists=True, path_type=Path),
    help="Copy this home, whose last day DuckDB has graded. Default: build one.",
)
@click.option(
    "--environment",
    type=click.Path(exists=True, path_type=Path),
    default=PROJECT_ROOT / ".venv-spark",
    help="Environment with PySpark. Default: .venv-spark, which `make spark` installs.",
)
@click.option("--folder", type=click.Path(path_type=Path), help="Folder of the homes and logs. Default: a new one.")
def main(leads: int, executors: Sequence[int], home: Path | None, environment: Path, folder: Path | None) -> None:
    """Print seconds, processor seconds and memory of the SQL stages, and the efficiency of more executors.

    Seconds are wall time: run it on a machine without other work, with a core per executor and one for the driver.
    """
    with tempfile.TemporaryDirectory(prefix="tierhouse-spark-") as temporary:
        folder = folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        home = home or _graded(folder, leads)
        lines = []
        print("measuring duckdb", flush=True)
        of_duckdb = _stages(home, folder, Path(tierhouse_command("tierhouse")), {"TIERHOUSE_ENGINE": "duckdb"})
        lines += [_line(f"{stage}, DuckDB", cost) for stage, cost in of_duckdb.items()]
        by_count: dict[int, dict[str, Cost]] = {}
        for count in executors:
            print(f"measuring Spark with {count} executors", flush=True)
            settings = {"TIERHOUSE_ENGINE": "spark", "TIERHOUSE_THREADS": str(count)}
            by_count[count] = _stages(home, folder, environment / "bin" / "tierhouse", settings)
        first = executors[0]
        for stage in STEPS.values():
            for count, costs in by_count.items():
                gain = by_count[first][stage].seconds / costs[stage].seconds * first / count
                judged = (f"{gain:.2f}", f"{BAR}") if count != first else ()
                lines.append(_line(f"{stage}, Spark, executors: {count}", costs[stage], *judged))
        show(f"SQL stages of a day; ratio: efficiency of more executors; {os.cpu_count()} cores", lines)


def _graded(folder: Path, leads: int) -> Path:
    home = folder / f"home-{leads}"
    if not (home / "published" / "current").exists():
        print(f"building a demo of {leads:,} leads", flush=True)
        command = [tierhouse_command("tierhouse"), "demo", "--preset", "large", "--leads", str(leads)]
        measure([*command, "--last-day-only"], folder / "demo.log", {"TIERHOUSE_HOME": str(home)})
    return home


def _stages(home: Path, folder: Path, tierhouse: Path, settings: Mapping[str, str]) -> dict[str, Cost]:
    """Grade the last day again in a copy of the home. Returns the cost of each SQL stage."""
    copy = folder / "copy"
    shutil.copytree(home, copy, symlinks=True, ignore=shutil.ignore_patterns("training", "spark", "warehouse.duckdb"))
    os.environ.update(settings)
    log = folder / f"{'-'.join(settings.values())}.log"
    _, samples = sampled([str(tierhouse), "run", "--as-of", str(DAY)], log, copy)
    steps = steps_of_last_run(copy)
    shutil.rmtree(copy)
    return {stage: samples.between(*steps[step]) for step, stage in STEPS.items()}


def _line(what: str, cost: Cost, ratio: str = "", bar: str = "") -> Line:
    return Line(what, Measured(cost.seconds, cost.peak_mib, cost.cpu_seconds), ratio, bar)


if __name__ == "__main__":
    main()
