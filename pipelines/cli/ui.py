"""`tierhouse ui`: the Dagster UI on this machine, with the schedules and the drop folder."""

from __future__ import annotations

import os
import socket
import sys

import click

from pipelines.home.settings import PROJECT_ROOT, load_settings


@click.command(epilog="Example: tierhouse ui --port 3001")
@click.option(
    "--port",
    default=3000,
    show_default=True,
    type=click.IntRange(1, 65535),
    help="Port on 127.0.0.1. The UI has no login and is not open to other machines.",
)
def ui(port: int) -> None:
    """Start the Dagster UI, the daily schedule and the drop folder. Ctrl-C stops them."""
    settings = load_settings()
    _assert_free(port)
    from pipelines.cli.runs import open_instance

    open_instance(settings).dispose()
    os.chdir(PROJECT_ROOT)
    workspace = str(PROJECT_ROOT / "workspace.yaml")
    arguments = ["-m", "pipelines.ui", "-w", workspace, "-h", "127.0.0.1", "-p", str(port)]
    os.execv(sys.executable, [sys.executable, *arguments])


def _assert_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise click.ClickException(
                f"port {port} of 127.0.0.1 cannot be used ({error.strerror}): is a UI already open? "
                f"To use another port: tierhouse ui --port {port % 65535 + 1}"
            ) from error
