"""`python -m benchmarks`: all benchmarks; `python -m benchmarks rfm --rows 1000000`: one benchmark, at another size."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from benchmarks import demo, ingest, report, rfm, scoring

BENCHMARKS = {"rfm": rfm.run, "ingest": ingest.run, "demo": demo.run, "scoring": scoring.run, "report": report.run}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, type=click.Choice(list(BENCHMARKS)))
@click.option("--rows", type=click.IntRange(1000), help="Number of rows; each benchmark has its own default.")
def main(names: tuple[str, ...], rows: int | None) -> None:
    """Print the cost of the project beside the plain way of doing the same work."""
    for name in names or BENCHMARKS:
        with tempfile.TemporaryDirectory(prefix=f"tierhouse-{name}-") as folder:
            BENCHMARKS[name](Path(folder), rows)


if __name__ == "__main__":
    main()
