"""Processor time and memory of a process and its children while it runs, by stage of its Dagster run."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
import psutil

from benchmarks.measure import ContestantFailed
from pipelines.home.settings import PROJECT_ROOT

INTERVAL_SECONDS = 0.2
MIB = 2**20


@dataclass(frozen=True)
class Cost:
    """Wall time and processor time in seconds, and the largest memory in MiB of the process and its children."""

    seconds: float
    cpu_seconds: float
    peak_mib: float

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.seconds + other.seconds, self.cpu_seconds + other.cpu_seconds, max(self.peak_mib, other.peak_mib)
        )


NOTHING = Cost(0.0, 0.0, 0.0)


@dataclass
class Samples:
    """Samples of a process tree: time since the epoch, processor seconds so far, memory in bytes."""

    times: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)

    def between(self, begin: float, end: float) -> Cost:
        """Return the cost of a span of time. A span between two samples has those of the samples around it."""
        first = max((place for place, moment in enumerate(self.times) if moment <= begin), default=0)
        last = min((place for place, moment in enumerate(self.times) if moment >= end), default=len(self.times) - 1)
        cpu = self.cpu_seconds[last] - self.cpu_seconds[first]
        return Cost(end - begin, cpu, max(self.memory[first : last + 1]) / MIB)


def sampled(command: Sequence[str], log: Path, home: Path) -> tuple[Cost, Samples]:
    """Run a command in the checkout for a home. Raises ContestantFailed with the end of its output."""
    samples = Samples()
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            command, cwd=PROJECT_ROOT, env={**os.environ, "TIERHOUSE_HOME": str(home)}, stdout=output, stderr=output
        )
        ended = threading.Event()
        sampler = threading.Thread(target=_sample, args=(process.pid, samples, ended))
        begun = time.time()
        sampler.start()
        code = process.wait()
        seconds = time.time() - begun
        ended.set()
        sampler.join()
    if code:
        tail = log.read_text(encoding="utf-8")[-3000:]
        raise ContestantFailed(f"{' '.join(command)} ended with {code}:\n{tail}")
    return Cost(seconds, samples.cpu_seconds[-1], max(samples.memory) / MIB), samples


def _sample(pid: int, samples: Samples, ended: threading.Event) -> None:
    """Add a sample every `INTERVAL_SECONDS`. Processor time of children that have ended is in that of their parent."""
    while not ended.is_set():
        cpu, memory = 0.0, 0
        for process in _tree(pid):
            try:
                times = process.cpu_times()
                cpu += times.user + times.system + times.children_user + times.children_system
                memory += process.memory_info().rss
            except psutil.Error:
                continue
        if memory:
            samples.times.append(time.time())
            samples.cpu_seconds.append(max([cpu, *samples.cpu_seconds[-1:]]))
            samples.memory.append(memory)
        ended.wait(INTERVAL_SECONDS)


def _tree(pid: int) -> Iterator[psutil.Process]:
    try:
        process = psutil.Process(pid)
        yield process
        yield from process.children(recursive=True)
    except psutil.Error:
        return


def steps_of_last_run(home: Path) -> dict[str, tuple[float, float]]:
    """Return step → begin and end of the last Dagster run of a home, in seconds since the epoch."""
    os.environ["DAGSTER_HOME"] = str(home / "dagster")
    with dg.DagsterInstance.get() as instance:
        run = instance.get_run_records(limit=1)[0].dagster_run
        steps = instance.get_run_step_stats(run.run_id)
    return {step.step_key: (step.start_time, step.end_time) for step in steps if step.start_time and step.end_time}
