"""Child processes end when their parent is killed."""

import subprocess
import sys

import psutil

PARENT = """
import os, sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from time import sleep

from pipelines.home.processes import exit_with_parent

if __name__ == "__main__":
    with ProcessPoolExecutor(2, get_context("spawn"), initializer=exit_with_parent, initargs=(os.getpid(),)) as pool:
        pids = [pool.submit(os.getpid).result() for _ in range(2)]
        busy = pool.submit(sleep, 300)
        print(*pids, flush=True)
        busy.result()
"""


def test_a_worker_ends_when_its_parent_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as parent:
        workers = [psutil.Process(int(pid)) for pid in set(parent.stdout.readline().split())]
        parent.kill()
    assert workers
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert not alive
