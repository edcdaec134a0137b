"""The group of all commands, and how errors are shown."""

from __future__ import annotations

import errno
import gc
from typing import Any

import click

from pipelines.cli.alerts import alerts
from pipelines.cli.doctor import doctor
from pipelines.cli.grading import backfill, demo, run, train
from pipelines.cli.operating import accept, access, demote, export, publish_postgres, reject, report, rollback, status
from pipelines.cli.privacy import audit, erase, retention, rotate_key
from pipelines.cli.settings import show_settings
from pipelines.cli.sources import check, map_file, pull, quarantine
from pipelines.cli.ui import ui
from pipelines.cli.verify import verify
from pipelines.errors import RunInterrupted, TierhouseError, full_error
from pipelines.home.modes import keep_private

HINTS = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
    errno.EACCES: "check who owns it, or set TIERHOUSE_HOME to a folder that can be written",
    errno.EPERM: "check who owns it, or set TIERHOUSE_HOME to a folder that can be written",
    errno.EROFS: "set TIERHOUSE_HOME to a folder that can be written",
}
"""What to do, by error number of the system."""


class _Interrupted(click.ClickException):
    exit_code = 130

    def show(self, file: Any = None) -> None:
        click.echo(self.message, file=file, err=file is None)


class Tierhouse(click.Group):
    """A group that shows a foreseen error in one line, and an unforeseen error with its frames. Both exit with 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.exceptions.Abort, click.ClickException, BrokenPipeError):
            raise
        except (KeyboardInterrupt, RunInterrupted) as stop:
            raise _Interrupted(str(stop) or "Stopped by Ctrl-C.") from None
        except OSError as error:
            if isinstance(error, TierhouseError) or not error.strerror:
                raise click.ClickException(full_error(error)) from None
            place = f"{error.filename}: " if error.filename else ""
            hint = HINTS.get(error.errno or 0)
            raise click.ClickException(f"{place}{error.strerror}{f': {hint}' if hint else ''}") from error
        except Exception as error:
            raise click.ClickException(full_error(error)) from None


@click.group(cls=Tierhouse, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="tierhouse", message="%(prog)s %(version)s")
def cli() -> None:
    """Grade the customers of a real-estate business, every day.

    \b
    tierhouse demo                           try it: generate data, train, grade
    tierhouse map leads.csv -o ~/graded/sources/crm.yml
                                             draft a mapping for your own files
    TIERHOUSE_HOME=~/graded tierhouse check crm
                                             test the mapping without loading
    TIERHOUSE_HOME=~/graded tierhouse run    grade yesterday
    tierhouse ui                             the same in the Dagster UI

    tierhouse writes only below $TIERHOUSE_HOME (default: data/ in the checkout).
    """


for command in (
    accept,
    access,
    alerts,
    audit,
    backfill,
    check,
    demo,
    demote,
    doctor,
    erase,
    export,
    map_file,
    publish_postgres,
    pull,
    quarantine,
    reject,
    report,
    retention,
    rollback,
    rotate_key,
    run,
    show_settings,
    status,
    train,
    ui,
    verify,
):
    cli.add_command(command)


def main() -> None:
    """Entry point of `tierhouse`."""
    keep_private()
    # A run frees little. Garbage collection at Python's default pace takes a tenth of the processor time.
    gc.set_threshold(10_000)
    try:
        cli(prog_name="tierhouse")
    finally:
        # Skips the last garbage collection of Python, which takes three seconds.
        gc.freeze()
