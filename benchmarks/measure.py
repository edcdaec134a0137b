"""Measures a contestant as a separate process, and prints the figures."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from pipelines.home.settings import PROJECT_ROOT

MIB_PER_MAXRSS = 1 / 2**20 if sys.platform == "darwin" else 1 / 2**10


class ContestantFailed(RuntimeError):
    """A contestant ended with an error."""


@dataclass(frozen=True)
class Measured:
    """Wall time and processor time in seconds, and the largest resident set in MiB of a process or of its children.

    Processor time is the better figure if other work shares the machine. A part of a process has only wall time.
    """

    seconds: float
    peak_mib: float | None = None
    cpu_seconds: float | None = None


@dataclass(frozen=True)
class Line:
    """One line of the table of a benchmark: contestant, cost, ratio, and the bar of the ratio."""

    what: str
    measured: Measured
    ratio: str = ""
    bar: str = ""


def tierhouse_command(name: str) -> str:
    """Return the path of a console script of this environment, independent of PATH."""
    return str(Path(sys.executable).with_name(name))


def measure(command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> Measured:
    """Run a command in the checkout. Raises ContestantFailed with the end of its output."""
    with log.open("w", encoding="utf-8") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=PROJECT_ROOT, env={**os.environ, **(environment or {})}, stdout=output, stderr=output
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        tail = log.read_text(encoding="utf-8")[-3000:]
        raise ContestantFailed(f"{' '.join(command)} ended with {process.returncode}:\n{tail}")
    return Measured(seconds, usage.ru_maxrss * MIB_PER_MAXRSS, usage.ru_utime + usage.ru_stime)


def middle(runs: Sequence[Measured]) -> Measured:
    """Return the median times of the runs, and the largest memory."""
    cpu = [run.cpu_seconds for run in runs if run.cpu_seconds]
    return Measured(
        median(run.seconds for run in runs),
        max((run.peak_mib for run in runs if run.peak_mib), default=None),
        median(cpu) if cpu else None,
    )


def show(title: str, lines: Sequence[Line]) -> None:
    """Print the table of a benchmark."""
    table = Table(title=title, title_justify="left")
    table.add_column("what")
    for column in ("seconds", "processor", "peak MiB", "ratio", "bar"):
        table.add_column(column, justify="right")
    for line in lines:
        peak, cpu = line.measured.peak_mib, line.measured.cpu_seconds
        figures = (f"{line.measured.seconds:.1f}", f"{cpu:.1f}" if cpu else "", f"{peak:,.0f}" if peak else "")
        table.add_row(line.what, *figures, line.ratio, line.bar)
    # Wide enough for whole lines if the output is no terminal.
    Console(width=100).print(table)
