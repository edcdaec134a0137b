"""A process that has imported all that a run imports, and forks for each command of a test.

Importing takes a third of the processor time of a small run. A forked command is a process of its own like any other:
it has its own environment, memory, output and exit code.
"""

from __future__ import annotations

import atexit
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

TIMEOUT_SECONDS = 900


class Forks:
    """Runs `tierhouse` commands one after the other, each in a fork of a warm process."""

    def __init__(self, env: Mapping[str, str]) -> None:
        """`env` holds what the code reads while it is imported, such as the width of the output."""
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.forks"],
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self._server.kill)

    def run(self, command: Sequence[str], env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """The exit code, standard output and standard error of a command; a negative code is a signal."""
        with tempfile.TemporaryDirectory(prefix="tierhouse-fork-") as folder:
            request = {"command": list(command), "env": dict(env), "cwd": str(Path.cwd()), "folder": folder}
            self._server.stdin.write(json.dumps(request) + "\n")
            self._server.stdin.flush()
            answer = self._server.stdout.readline()
            if not answer:
                raise RuntimeError(f"the warm process ended with {self._server.wait()} at {list(command)}")
            out, err = ((Path(folder) / name).read_text(encoding="utf-8") for name in ("out", "err"))
        return subprocess.CompletedProcess(list(command), int(answer), out, err)


def serve() -> None:
    """Answer each request on standard input with the exit code of the command."""

    import pipelines.cli.main
    import pipelines.definitions  # noqa: F401 - imported for the forks

    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if not child:
            _become(request)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _become(request: dict[str, object]) -> None:
    """Be the command from here on: its streams, its environment, its exit code."""
    from pipelines.cli.main import main
    from pipelines.orchestration.progress import PROGRESS

    signal.alarm(TIMEOUT_SECONDS)
    folder = Path(str(request["folder"]))
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - the file is the stream
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(str(request["cwd"]))
    sys.argv = list(request["command"])
    # The thread that reports silences does not survive the fork, and the clock starts with the command.
    PROGRESS.__init__(sys.stderr)
    os._exit(_exit_code(main))


def _exit_code(main: object) -> int:
    try:
        main()
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    # Leaves the server's own handlers alone: they are registered by `Forks`, which this process has not made.
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOBase):
            stream.flush()
    return code


if __name__ == "__main__":
    serve()
