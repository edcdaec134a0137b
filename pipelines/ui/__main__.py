"""`dagster dev` with the guarded webserver: `python -m pipelines.ui` takes the same options."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from subprocess import Popen
from typing import Any

from dagster._cli import dev

UNGUARDED, GUARDED = "dagster_webserver", "pipelines.ui.webserver"

start = dev.open_ipc_subprocess


def start_guarded(parts: Sequence[str], **kwargs: Any) -> Popen[Any]:
    """Start a service of `dagster dev`, with the guarded webserver in place of Dagster's webserver."""
    return start([GUARDED if part == UNGUARDED else part for part in parts], **kwargs)


if __name__ == "__main__":
    # A notice for developers of Dagster projects, not for users of the UI.
    warnings.filterwarnings("ignore", "Function `dev_command` is superseded")
    dev.open_ipc_subprocess = start_guarded
    dev.dev_command()
