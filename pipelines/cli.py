"""The command line. Each command is a few lines over the rooms that do the work."""

from __future__ import annotations

import errno
import gc
import sys
from collections.abc import Callable
from datetime import date, timedelta
from functools import wraps
from typing import Any

import click

from pipelines.click_day import DAY
from pipelines.errors import HomeMissing, RunInterrupted, make_home, plain_error
from pipelines.history.command import accept
from pipelines.home.command import show_settings
from pipelines.home.modes import keep_private
from pipelines.settings import Settings, SettingsError, load_settings
from pipelines.source_commands import check, map_file
from pipelines.ui.command import ui
from pipelines.verify_command import verify

HINTS = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
    errno.EACCES: "check who owns it, or set TIERHOUSE_HOME to a folder that can be written",
    errno.EPERM: "check who owns it, or set TIERHOUSE_HOME to a folder that can be written",
    errno.EROFS: "set TIERHOUSE_HOME to a folder that can be written",
}
"""What helps, by the system's error."""


class _Interrupted(click.ClickException):
    exit_code = 130

    def show(self, file: Any = None) -> None:
        click.echo(self.message, file=file, err=file is None)


class Tierhouse(click.Group):
    """A group whose commands end in one line, not in a stack trace, when something that was foreseen goes wrong."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (click.exceptions.Exit, click.exceptions.Abort, click.ClickException, BrokenPipeError):
            raise
        except (KeyboardInterrupt, RunInterrupted) as stop:
            raise _Interrupted(str(stop) or "Stopped by Ctrl-C.") from None
        except OSError as error:
            if not error.strerror:
                raise click.ClickException(plain_error(error)) from None
            place = f"{error.filename}: " if error.filename else ""
            hint = HINTS.get(error.errno or 0)
            raise click.ClickException(f"{place}{error.strerror}{f': {hint}' if hint else ''}") from error
        except Exception as error:
            raise click.ClickException(plain_error(error)) from None


@click.group(cls=Tierhouse, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="tierhouse", message="%(prog)s %(version)s")
def cli() -> None:
    """Grade the customers of a real-estate business, every day.

    \b
    tierhouse demo                                   a first look: generated data, trained, graded
    TIERHOUSE_HOME=~/graded tierhouse run            grade yesterday from ~/graded/sources/*.yml
    tierhouse ui                                     the same in the Dagster UI

    Everything is written below $TIERHOUSE_HOME (default: data/ in the checkout).
    """


def _with_settings(command: Callable[..., None]) -> Callable[..., None]:
    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        command(load_settings(), *args, **kwargs)

    return wrapped


def _with_home(command: Callable[..., None]) -> Callable[..., None]:
    """For commands that only read a home or change what is in it: they never make one."""

    @wraps(command)
    def wrapped(settings: Settings, *args: Any, **kwargs: Any) -> None:
        if not settings.home.is_dir():
            raise HomeMissing(
                f"there is no home {settings.home} (TIERHOUSE_HOME): `tierhouse demo` or `tierhouse run` makes one"
            )
        command(settings, *args, **kwargs)

    return wrapped


def _as_of(settings: Settings, given: date | None) -> date:
    return given or settings.now().date() - timedelta(days=1)


@cli.command(epilog="Example: tierhouse demo --leads 500")
@click.option("--preset", default="demo", show_default=True, type=click.Choice(["demo", "hard", "large", "drifted"]))
@click.option("--leads", type=click.IntRange(100), help="How many lead records; 20,000, or 1,000,000 of large.")
@click.option("--seed", type=click.IntRange(0), help="Another world by the same rules.")
@click.option("--only-files", is_flag=True, help="Generate and map the raw files, no more.")
@_with_settings
def demo(settings: Settings, preset: str, leads: int | None, seed: int | None, only_files: bool) -> None:
    """Generate raw files, train, grade their last day, show ten customers.

    \b
    hard     the people of the demo, with much more dirt
    large    1,000,000 leads, 10,000,000 interactions, 2,000,000 steps of deals
    drifted  the demo, and 60 more days of another market
    """
    from pipelines.demo.home import make_demo
    from pipelines.demo.presets import preset as preset_of
    from pipelines.progress import PROGRESS
    from pipelines.report import show_customers
    from pipelines.runs import run_job

    make_home(settings.home)
    PROGRESS.doing("generating the raw files")
    days = make_demo(settings, preset_of(preset, leads, seed), PROGRESS.say)
    if only_files:
        return
    run_job(settings, "train", days.train_through)
    run_job(settings, "daily_grading", days.last_day)
    show_customers(settings)


@cli.command(epilog="Example: tierhouse run --as-of 2026-06-30")
@click.option("--as-of", type=DAY, help="The day to grade; yesterday in the business time zone if not given.")
@_with_settings
def run(settings: Settings, as_of: date | None) -> None:
    """Grade one day: ingest what is new, build, check, score, publish."""
    from pipelines.report import show_publication
    from pipelines.runs import run_job

    run_job(settings, "daily_grading", _as_of(settings, as_of))
    show_publication(settings)


@cli.command(epilog="Example: tierhouse train --as-of 2026-05-31")
@click.option("--as-of", type=DAY, help="Learn from what was known by the end of this day; yesterday if not given.")
@_with_settings
def train(settings: Settings, as_of: date | None) -> None:
    """Train a model for each question that the data can answer, judge it on later days, keep it.

    Lists the questions: what was trained, what is missing, and from which day on a model is possible.
    """
    from pipelines.report import show_model
    from pipelines.runs import run_job

    day = _as_of(settings, as_of)
    run_job(settings, "train", day)
    show_model(settings, day)


@cli.command(epilog="Example: tierhouse backfill 2026-06-01 2026-06-29")
@click.argument("first", type=DAY)
@click.argument("last", type=DAY)
@_with_settings
def backfill(settings: Settings, first: date, last: date) -> None:
    """Grade the days from FIRST to LAST as they were known then. What is live does not move to an older day."""
    from pipelines.report import show_publication
    from pipelines.runs import run_job

    run_job(settings, "backfill", first, last)
    show_publication(settings)


@cli.command()
@_with_settings
@_with_home
def status(settings: Settings) -> None:
    """What is loaded, trained, published and live, and how the last runs ended."""
    from pipelines.report import show_status

    show_status(settings)


@cli.command(epilog="Example: tierhouse reject demo-1f0c2a9b77de --reason 'the branch sent last year again'")
@click.argument("batch")
@click.option("--reason", required=True, help="Why, for the next reader.")
@_with_settings
@_with_home
def reject(settings: Settings, batch: str, reason: str) -> None:
    """Set a staged or landed batch aside: no later run reads it. Its files are taken again once they change.

    Rows that a later batch brought again stay, as rows of that batch.
    """
    from pipelines.ingest.landing import reject as reject_batch

    again = reject_batch(settings, batch, reason)
    click.echo(f"{batch} is set aside; the next run grades without it")
    for one in again:
        rows = sum(through.rows for through in one.through if through.batch == batch)
        click.echo(f"{rows:,} of its rows stay: {one.batch} brought them again. Reject it too if they are wrong")


@cli.command(epilog="Example: tierhouse rollback 2026-06-29-1f0c2a9b")
@click.argument("version")
@click.option("--despite-opt-outs", is_flag=True, help="Also where its lists market to who has opted out since.")
@_with_settings
@_with_home
def rollback(settings: Settings, version: str, despite_opt_outs: bool) -> None:
    """Make a kept version live again, until a run publishes its day or a newer one."""
    from pipelines.publish.opted_out_since import assert_nobody_opted_out_since
    from pipelines.publish.switch import roll_back

    if not despite_opt_outs:
        assert_nobody_opted_out_since(settings.published, version)
    roll_back(settings, version)
    click.echo(f"{settings.published / 'current'} is now {version}")


@cli.command(epilog="Example: tierhouse demote dormancy --horizon 90")
@click.argument("target")
@click.option("--horizon", type=int, help="Days ahead; the horizon that grades if not given.")
@_with_settings
@_with_home
def demote(settings: Settings, target: str, horizon: int | None) -> None:
    """Take the champion of TARGET back: the model before it scores from the next run on."""
    from models.targets import TARGETS, target_of
    from pipelines.scoring.signatures import take_back

    days = horizon or (TARGETS[target].horizons[0] if target in TARGETS else 0)
    model = take_back(settings, target_of(target, days).name, days)
    click.echo(f"{model.model_id} scores {target}, {days} days, from the next run on")


cli.add_command(accept)
cli.add_command(check)
cli.add_command(map_file)
cli.add_command(show_settings)
cli.add_command(ui)
cli.add_command(verify)


def main() -> None:
    """Entry point of `tierhouse`."""
    keep_private()
    # What a run makes it keeps: to look for garbage at Python's usual pace took a tenth of its processor time.
    gc.set_threshold(10_000)
    try:
        cli(prog_name="tierhouse")
    except SettingsError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
    finally:
        # Python would go through everything once more before it ends: three seconds.
        gc.freeze()
